// SPDX-License-Identifier: GPL-2.0-only
/*
 * storm PORT N [HELD [RATE [CLOSE [SOURCES]]]]: makes N connections to a listener of its own on PORT, one after the other, each
 * closed by the client first: ten transitions each, and two of the listener. Prints how many it made. HELD of
 * them are open at any time but the beginning and the end: the oldest is closed when a new one is made (by
 * default at once). No more than RATE are made in a second (by default as many as can be), for who must not be
 * overrun. Where there is but one CPU, it leaves a tracer the time to start.
 *
 * CLOSE: which end closes first, "client" or "server", or resets the connection, "client-resets" or
 * "server-resets": that makes six transitions; or "mix": each of these in turn. The clients have SOURCES addresses.
 *
 * One thread: on the loopback a handshake is over when connect() returns. Each destination of 127/8 has
 * its own set of ports, so that what is in TIME_WAIT does not use them up.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HELD_MAX		500 /* a process may have 1024 descriptors by default */
#define CONNECTIONS_PER_ADDRESS 16384 /* of the 28 232 ports that there are by default */
#define NS_PER_S		1000000000L
#define SOURCES_MAX		250

static const char *const ways[] = {"client", "server", "client-resets", "server-resets", "mix"};

enum way {
	CLIENT,
	SERVER,
	CLIENT_RESETS,
	SERVER_RESETS,
	MIX,
	WAYS,
};

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
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(fd, SOMAXCONN) != 0)
		return -1;
	return fd;
}

struct connection {
	int client, server;
	enum way way;
};

/* Which port the source has is found by connect(), among those that it does not use for this destination. */
static int connect_from(int client, const struct sockaddr_in *source,
			const struct sockaddr_in *address)
{
	int one = 1;

	if (source->sin_addr.s_addr &&
	    (setsockopt(client, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one)) != 0 ||
	     bind(client, (const struct sockaddr *)source, sizeof(*source)) != 0))
		return -1;
	return connect(client, (const struct sockaddr *)address, sizeof(*address));
}

/* SOURCE: INADDR_ANY: the kernel's choice. Returns 0, or -1 with errno. */
static int connection_open(int listener, const struct sockaddr_in *source,
			   const struct sockaddr_in *address, struct connection *ret_connection)
{
	int client = socket(AF_INET, SOCK_STREAM, 0), server;

	if (client < 0)
		return -1;
	server = connect_from(client, source, address);
	if (server == 0)
		server = accept(listener, NULL, NULL);
	if (server < 0) {
		close(client);
		return -1;
	}
	ret_connection->client = client;
	ret_connection->server = server;
	return 0;
}

static void connection_close(const struct connection *connection)
{
	const bool server_first = connection->way == SERVER || connection->way == SERVER_RESETS;
	const int first = server_first ? connection->server : connection->client;
	const struct linger at_once = {.l_onoff = 1};

	if (connection->way == CLIENT_RESETS || connection->way == SERVER_RESETS)
		setsockopt(first, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(first);
	close(server_first ? connection->client : connection->server);
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

struct plan {
	uint16_t port;
	long n, held, rate, sources;
	enum way way;
};

static int open_one(int listener, const struct plan *plan, long number,
		    struct connection *ret_connection)
{
	uint32_t host = INADDR_LOOPBACK + (uint32_t)(number / CONNECTIONS_PER_ADDRESS);
	struct sockaddr_in address = address_of(host, plan->port);
	uint32_t from = INADDR_LOOPBACK + (uint32_t)(number % plan->sources);
	struct sockaddr_in source = address_of(plan->sources > 1 ? from : INADDR_ANY, 0);

	ret_connection->way = plan->way == MIX ? (enum way)(number % MIX) : plan->way;
	return connection_open(listener, &source, &address, ret_connection);
}

/* Returns how many were made. */
static long storm(int listener, const struct plan *plan)
{
	struct timespec due;
	struct connection connections[HELD_MAX];
	long done;

	clock_gettime(CLOCK_MONOTONIC, &due);
	for (done = 0; done < plan->n; done++) {
		struct connection *connection = &connections[done % plan->held];

		if (plan->rate)
			keep_rate(&due, plan->rate);
		if (done >= plan->held)
			connection_close(connection);
		if (open_one(listener, plan, done, connection) != 0) {
			perror("storm: cannot connect");
			break;
		}
	}
	for (long left = done < plan->held ? 0 : done - plan->held; left < done; left++)
		connection_close(&connections[left % plan->held]);
	return done;
}

static long number_at(int argc, char **argv, int position, long otherwise)
{
	return position < argc ? strtol(argv[position], NULL, 10) : otherwise;
}

/* WAYS where it is none. */
static enum way way_of(const char *word)
{
	enum way way = CLIENT;

	while (way < WAYS && strcmp(word, ways[way]) != 0)
		way++;
	return way;
}

static bool is_wrong(const struct plan *plan)
{
	return plan->port < 1 || plan->n < 1 || plan->held < 1 || plan->held > HELD_MAX ||
	       plan->rate < 0 || plan->way == WAYS || plan->sources < 1 ||
	       plan->sources > SOURCES_MAX;
}

int main(int argc, char **argv)
{
	const struct plan plan = {
		.port = (uint16_t)number_at(argc, argv, 1, 0),
		.n = number_at(argc, argv, 2, 0),
		.held = number_at(argc, argv, 3, 1),
		.rate = number_at(argc, argv, 4, 0),
		.way = argc > 5 ? way_of(argv[5]) : CLIENT,
		.sources = number_at(argc, argv, 6, 1),
	};
	long done;
	int listener;

	if (is_wrong(&plan)) {
		fputs("storm PORT N [HELD [RATE [CLOSE [SOURCES]]]]\n", stderr);
		return 2;
	}
	if (sysconf(_SC_NPROCESSORS_ONLN) == 1 && setpriority(PRIO_PROCESS, 0, 19) != 0)
		perror("storm: setpriority");
	listener = listen_on(plan.port);
	if (listener < 0) {
		perror("storm: cannot listen");
		return EXIT_FAILURE;
	}
	done = storm(listener, &plan);
	close(listener);
	printf("%ld\n", done);
	return done == plan.n ? EXIT_SUCCESS : EXIT_FAILURE;
}
