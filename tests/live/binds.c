// SPDX-License-Identifier: GPL-2.0-only
/*
 * binds: is what core/blocker.h says of two sockets on one port what this kernel does? Makes sockets in every
 * state with every address, option and owner that the rule tells apart, binds another beside each, and says how
 * often the two agree, and where they do not. To be run as root in a network namespace of its own.
 *
 * binds hold PORT ADDRESS: binds a socket there, says "bound", and holds it until stdin ends.
 * binds listen PORT: binds two with SO_REUSEADDR, and ends with 0 if only the first may listen().
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/blocker.h"

#define OTHER_UID  65534
#define FIRST_PORT 2000 /* below those that the kernel gives to clients */

struct place {
	const char *name;
	int family;
	const char *addr;
	bool v6_only;
	const char *reach; /* where a client finds a listener there */
};

static const struct place places[] = {
	{"0.0.0.0", AF_INET, "0.0.0.0", false, "127.0.0.1"},
	{"127.0.0.1", AF_INET, "127.0.0.1", false, "127.0.0.1"},
	{"127.0.0.2", AF_INET, "127.0.0.2", false, "127.0.0.2"},
	{"[::]", AF_INET6, "::", false, "::1"},
	{"[::] by IPv4", AF_INET6, "::", false, "127.0.0.1"},
	{"[::] IPv6 only", AF_INET6, "::", true, "::1"},
	{"[::1]", AF_INET6, "::1", false, "::1"},
	{"[::ffff:127.0.0.1]", AF_INET6, "::ffff:127.0.0.1", false, "127.0.0.1"},
};

#define PLACES (sizeof(places) / sizeof(places[0]))

/* What becomes of a socket before another wants its port. */
enum fate {
	FATE_BOUND,
	FATE_LISTEN,
	FATE_ESTABLISHED,
	FATE_FIN_WAIT2,
	FATE_TIME_WAIT,
	FATES
};

static const char *const fate_names[] = {"bound", "LISTEN", "ESTABLISHED", "FIN_WAIT2",
					 "TIME_WAIT"};

/* An option each: a bit. */
enum {
	REUSE_ADDR = 1,
	REUSE_PORT = 2,
	OTHERS = 4, /* made by another user */
	KINDS = 8,
};

/* A socket that has a port, with the descriptors that keep it as it is. */
struct scene {
	struct claim claim;
	uint16_t port;
	int fds[3];
};

static void give_up(const char *what)
{
	fprintf(stderr, "binds: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static socklen_t make_address(int family, const char *addr, uint16_t port,
			      struct sockaddr_storage *address)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;

	memset(address, 0, sizeof(*address));
	address->ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		v4->sin_port = htons(port);
		inet_pton(AF_INET, addr, &v4->sin_addr);
		return sizeof(*v4);
	}
	v6->sin6_port = htons(port);
	inet_pton(AF_INET6, addr, &v6->sin6_addr);
	return sizeof(*v6);
}

static struct addr addr_of(const struct sockaddr_storage *address)
{
	struct addr addr = {{[10] = 0xff, [11] = 0xff}};

	if (address->ss_family == AF_INET)
		memcpy(addr.bytes + 12, &((const struct sockaddr_in *)address)->sin_addr, 4);
	else
		memcpy(addr.bytes, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
	return addr;
}

static int make_socket(const struct place *place, int kind)
{
	int on = 1, fd;

	setfsuid(kind & OTHERS ? OTHER_UID : 0);
	fd = socket(place->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setfsuid(0);
	if (fd < 0)
		give_up("socket()");
	if ((kind & REUSE_ADDR && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on))) ||
	    (kind & REUSE_PORT && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on))) ||
	    (place->family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){place->v6_only}, sizeof(int))))
		give_up("setsockopt()");
	return fd;
}

/* A socket that is bound to an address of IPv6 is for IPv6 alone. */
static struct claim make_claim(const struct place *place, int kind)
{
	struct sockaddr_storage address;
	struct claim claim = {
		.uid = kind & OTHERS ? OTHER_UID : 0,
		.family = (uint8_t)place->family,
		.reuse_addr = kind & REUSE_ADDR,
		.reuse_port = kind & REUSE_PORT,
		.v6_only = place->v6_only,
	};

	make_address(place->family, place->addr, 0, &address);
	claim.local = addr_of(&address);
	if (!addr_is_any(&claim.local) && !addr_is_v4(&claim.local))
		claim.v6_only = true;
	return claim;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void connect_to(struct scene *scene, const struct place *place)
{
	struct sockaddr_storage address;
	int family = strchr(place->reach, ':') ? AF_INET6 : AF_INET;
	socklen_t len = make_address(family, place->reach, scene->port, &address);

	scene->fds[1] = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (scene->fds[1] < 0 || connect(scene->fds[1], (struct sockaddr *)&address, len))
		give_up("connect()");
	scene->fds[2] = accept4(scene->fds[0], NULL, NULL, SOCK_CLOEXEC);
	len = sizeof(address);
	if (scene->fds[2] < 0 || getsockname(scene->fds[2], (struct sockaddr *)&address, &len))
		give_up("accept()");
	scene->claim.local = addr_of(&address);
	scene->claim.uid = 0; /* whoever accepts it has made it */
	close_one(&scene->fds[0]);
}

static void meet(struct scene *scene, const struct place *place, enum fate fate)
{
	if (fate == FATE_BOUND)
		return;
	if (listen(scene->fds[0], 8))
		give_up("listen()");
	scene->claim.listens = fate == FATE_LISTEN;
	if (fate == FATE_LISTEN)
		return;
	connect_to(scene, place);
	if (fate == FATE_ESTABLISHED)
		return;
	close_one(&scene->fds[2]);
	scene->claim.minisock = true;
	if (fate == FATE_TIME_WAIT)
		close_one(&scene->fds[1]);
}

static struct scene make_scene(const struct place *place, int kind, enum fate fate, uint16_t port)
{
	struct scene scene = {make_claim(place, kind), port, {-1, -1, -1}};
	struct sockaddr_storage address;
	socklen_t len = make_address(place->family, place->addr, port, &address);

	scene.fds[0] = make_socket(place, kind);
	if (bind(scene.fds[0], (struct sockaddr *)&address, len))
		give_up("bind() to a port of our own");
	meet(&scene, place, fate);
	return scene;
}

/* 1: bind() fails, 0: it succeeds. */
static int ask_kernel(const struct place *place, int kind, uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t len = make_address(place->family, place->addr, port, &address);
	int fd = make_socket(place, kind), fails;

	fails = bind(fd, (struct sockaddr *)&address, len) != 0;
	if (fails && errno != EADDRINUSE)
		give_up("bind()");
	close(fd);
	return fails;
}

static const char *kind_name(int kind)
{
	static const char *const names[] =
		{"",	     " REUSEADDR",	   " REUSEPORT",	 " both",
		 " other's", " other's REUSEADDR", " other's REUSEPORT", " other's both"};

	return names[kind];
}

static unsigned int agreed, disagreed;

static void compare(const struct scene *scene, const char *name)
{
	for (size_t p = 0; p < PLACES; p++) {
		for (int kind = 0; kind < OTHERS; kind++) {
			struct claim wants = make_claim(&places[p], kind);
			int fails = ask_kernel(&places[p], kind, scene->port);

			if (fails == blocker_stands(&wants, &scene->claim)) {
				agreed++;
				continue;
			}
			disagreed++;
			printf("%s; then bind %s%s: the kernel says %s\n", name, places[p].name,
			       kind_name(kind), fails ? "EADDRINUSE" : "yes");
		}
	}
}

static int bind_to(const char *addr, const char *port, int kind)
{
	const struct place place = {addr, strchr(addr, ':') ? AF_INET6 : AF_INET, addr, false,
				    NULL};
	struct sockaddr_storage address;
	socklen_t len =
		make_address(place.family, addr, (uint16_t)strtol(port, NULL, 10), &address);
	int fd = make_socket(&place, kind);

	if (bind(fd, (struct sockaddr *)&address, len))
		give_up("bind()");
	return fd;
}

static int listen_late(const char *port)
{
	int first = bind_to("127.0.0.1", port, REUSE_ADDR);
	int second = bind_to("127.0.0.1", port, REUSE_ADDR);

	if (listen(first, 1))
		give_up("listen()");
	return listen(second, 1) && errno == EADDRINUSE ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int hold(const char *port, const char *addr)
{
	char byte;

	bind_to(addr, port, 0);
	puts("bound");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	uint16_t port = FIRST_PORT;
	char name[128];

	if (argc == 4 && strcmp(argv[1], "hold") == 0)
		return hold(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "listen") == 0)
		return listen_late(argv[2]);

	for (size_t p = 0; p < PLACES; p++) {
		for (int kind = 0; kind < KINDS; kind++) {
			for (enum fate fate = FATE_BOUND; fate < FATES; fate++) {
				struct scene scene = make_scene(&places[p], kind, fate, port++);

				snprintf(name, sizeof(name), "%s %s%s", fate_names[fate],
					 places[p].name, kind_name(kind));
				compare(&scene, name);
				for (int i = 0; i < 3; i++)
					close_one(&scene.fds[i]);
			}
		}
	}
	printf("%u agree, %u do not\n", agreed, disagreed);
	return disagreed ? EXIT_FAILURE : EXIT_SUCCESS;
}
