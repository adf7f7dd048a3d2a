// SPDX-License-Identifier: GPL-2.0-only
/*
 * storm PORT N: makes N connections to a listener of its own on PORT, one after the other, each closed
 * by the client first: ten transitions each, and two of the listener. Prints how many it made.
 *
 * One thread: on the loopback a handshake is over when connect() returns. Each destination of 127/8 has
 * its own set of ports, so that what is in TIME_WAIT does not use them up.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_PER_ADDRESS 16384 /* of the 28 232 ports that there are by default */

static struct sockaddr_in address_of(uint32_t host, uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(host),
	};
}

static int listen_on(uint16_t port)
{
	struct sockaddr_in address = address_of(INADDR_ANY, port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(fd, SOMAXCONN) != 0)
		return -1;
	return fd;
}

/* Returns 0, or -1 with errno. */
static int connect_once(int listener, const struct sockaddr_in *address)
{
	int client = socket(AF_INET, SOCK_STREAM, 0), server;

	if (client < 0)
		return -1;
	if (connect(client, (const struct sockaddr *)address, sizeof(*address)) != 0) {
		close(client);
		return -1;
	}
	server = accept(listener, NULL, NULL);
	close(client);
	if (server < 0)
		return -1;
	return close(server);
}

int main(int argc, char **argv)
{
	long port = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
	long n = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	long done;
	int listener;

	if (port < 1 || port > 65535 || n < 1) {
		fputs("storm PORT N\n", stderr);
		return 2;
	}
	listener = listen_on((uint16_t)port);
	if (listener < 0) {
		perror("storm: cannot listen");
		return EXIT_FAILURE;
	}
	for (done = 0; done < n; done++) {
		uint32_t host = INADDR_LOOPBACK + (uint32_t)(done / CONNECTIONS_PER_ADDRESS);
		struct sockaddr_in address = address_of(host, (uint16_t)port);

		if (connect_once(listener, &address) != 0) {
			perror("storm: cannot connect");
			break;
		}
	}
	close(listener);
	printf("%ld\n", done);
	return done == n ? EXIT_SUCCESS : EXIT_FAILURE;
}
