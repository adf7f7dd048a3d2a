// SPDX-License-Identifier: GPL-2.0-only
/*
 * storm PORT N [HELD [RATE]]: makes N connections to a listener of its own on PORT, one after the other, each
 * closed by the client first: ten transitions each, and two of the listener. Prints how many it made. HELD of
 * them are open at any time but the beginning and the end: the oldest is closed when a new one is made (by
 * default at once). No more than RATE are made in a second (by default as many as can be), for who must not be
 * overrun. Where there is but one CPU, it leaves a tracer the time to start.
 *
 * One thread: on the loopback a handshake is over when connect() returns. Each destination of 127/8 has
 * its own set of ports, so that what is in TIME_WAIT does not use them up.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HELD_MAX		500 /* a process may have 1024 descriptors by default */
#define CONNECTIONS_PER_ADDRESS 16384 /* of the 28 232 ports that there are by default */
#define NS_PER_S		1000000000L

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

struct connection {
	int client, server;
};

/* Returns 0, or -1 with errno. */
static int connection_open(int listener, const struct sockaddr_in *address,
			   struct connection *ret_connection)
{
	int client = socket(AF_INET, SOCK_STREAM, 0), server;

	if (client < 0)
		return -1;
	server = connect(client, (const struct sockaddr *)address, sizeof(*address));
	if (server == 0)
		server = accept(listener, NULL, NULL);
	if (server < 0) {
		close(client);
		return -1;
	}
	*ret_connection = (struct connection){client, server};
	return 0;
}

static void connection_close(const struct connection *connection)
{
	close(connection->client);
	close(connection->server);
}

/* Until *DUE, and the next one is due 1/RATE seconds later; what came late is not made up for. */
static void keep_rate(struct timespec *due, long rate)
{
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, due, NULL);
	clock_gettime(CLOCK_MONOTONIC, due);
	due->tv_nsec += NS_PER_S / rate;
	due->tv_sec += due->tv_nsec / NS_PER_S;
	due->tv_nsec %= NS_PER_S;
}

/* Returns how many were made. */
static long storm(int listener, uint16_t port, long n, long held, long rate)
{
	struct timespec due;
	struct connection connections[HELD_MAX];
	long done;

	clock_gettime(CLOCK_MONOTONIC, &due);
	for (done = 0; done < n; done++) {
		uint32_t host = INADDR_LOOPBACK + (uint32_t)(done / CONNECTIONS_PER_ADDRESS);
		struct sockaddr_in address = address_of(host, port);

		if (rate)
			keep_rate(&due, rate);
		if (done >= held)
			connection_close(&connections[done % held]);
		if (connection_open(listener, &address, &connections[done % held]) != 0) {
			perror("storm: cannot connect");
			break;
		}
	}
	for (long left = done < held ? 0 : done - held; left < done; left++)
		connection_close(&connections[left % held]);
	return done;
}

static long number_at(int argc, char **argv, int position, long otherwise)
{
	return position < argc ? strtol(argv[position], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	long port = number_at(argc, argv, 1, 0), n = number_at(argc, argv, 2, 0);
	long held = number_at(argc, argv, 3, 1), rate = number_at(argc, argv, 4, 0);
	long done;
	int listener;

	if (port < 1 || port > 65535 || n < 1 || held < 1 || held > HELD_MAX || rate < 0) {
		fputs("storm PORT N [HELD [RATE]]\n", stderr);
		return 2;
	}
	if (sysconf(_SC_NPROCESSORS_ONLN) == 1 && setpriority(PRIO_PROCESS, 0, 19) != 0)
		perror("storm: setpriority");
	listener = listen_on((uint16_t)port);
	if (listener < 0) {
		perror("storm: cannot listen");
		return EXIT_FAILURE;
	}
	done = storm(listener, (uint16_t)port, n, held, rate);
	close(listener);
	printf("%ld\n", done);
	return done == n ? EXIT_SUCCESS : EXIT_FAILURE;
}
