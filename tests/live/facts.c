// SPDX-License-Identifier: GPL-2.0-only
/*
 * facts PORT DEED: a connection to itself on 127.0.0.1, and one deed with it. Each deed is one fact that the kernel
 * side is to tell; tests/live/facts.sh says which. Status 0: done, 77: it cannot be done here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "facts.h"

uint16_t port_of(int fd)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);

	must(getsockname(fd, (struct sockaddr *)&address, &size) == 0, "getsockname");
	return ntohs(address.sin_port);
}

struct connection make_connection(uint16_t port)
{
	struct connection made = {.listener = listen_on(port, 8), .client = make_socket()};

	connect_to(made.client, port);
	made.server = accept(made.listener, NULL, NULL);
	must(made.server >= 0, "accept");
	return made;
}

/* N bytes go from one end to the other; READER has read them at its return. */
void carry(int from, int to, size_t n)
{
	char bytes[4096] = "";
	size_t left = n;
	ssize_t got;

	while (left) {
		size_t some = left < sizeof(bytes) ? left : sizeof(bytes);

		must(send(from, bytes, some, 0) == (ssize_t)some, "send");
		left -= some;
		while (some) {
			got = recv(to, bytes, some, 0);
			must(got > 0, "recv");
			some -= (size_t)got;
		}
	}
}

/* Until N bytes wait to be read. */
void wait_for(int fd, size_t n)
{
	char bytes[4096];

	must(recv(fd, bytes, n, MSG_PEEK | MSG_WAITALL) == (ssize_t)n, "recv");
}

/* ---- calls ---------------------------------------------------------------------------------------- */

static void do_close(struct connection *c)
{
	close(c->client);
}

static void do_shutdown(struct connection *c)
{
	shutdown(c->client, SHUT_WR);
}

static void do_shutdown_both(struct connection *c)
{
	shutdown(c->client, SHUT_RDWR);
}

static void do_dup(struct connection *c)
{
	must(dup3(STDERR_FILENO, c->client, O_CLOEXEC) >= 0, "dup3");
}

static void do_close_range(struct connection *c)
{
	if (syscall(SYS_close_range, c->client, c->client, 0) != 0)
		exit(CANNOT);
}

static void do_exec(struct connection *c)
{
	must(fcntl(c->client, F_SETFD, FD_CLOEXEC) == 0, "fcntl");
	execl("/proc/self/exe", "facts", (char *)NULL);
	die("exec");
}

static void do_exit(struct connection *c)
{
	(void)c;
	_exit(EXIT_SUCCESS);
}

/* The last of two holders. */
static void do_close_twice(struct connection *c)
{
	int other = dup(c->client);

	close(c->client);
	shutdown(other, SHUT_RDWR);
	close(other);
}

static void do_disconnect(struct connection *c)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};

	must(connect(c->client, &none, sizeof(none)) == 0, "connect");
}

#if defined(__x86_64__)
/* As a 32-bit program calls: numbers of its own, and no pointer beyond 4 GB. */
static long call_i386(long number, long first, long second)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "a"(number), "b"(first), "c"(second) : "memory");
	return ret;
}

static void do_close_i386(struct connection *c)
{
	if (call_i386(6, c->client, 0) != 0) /* close */
		exit(CANNOT);
}

static void do_shutdown_i386(struct connection *c)
{
	unsigned int *arguments = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	must(arguments != MAP_FAILED, "mmap");
	arguments[0] = (unsigned int)c->client;
	arguments[1] = SHUT_WR;
	if (call_i386(102, 13, (long)arguments) != 0) /* socketcall, SYS_SHUTDOWN */
		exit(CANNOT);
}
#else
static void do_close_i386(struct connection *c)
{
	(void)c;
	exit(CANNOT);
}

static void do_shutdown_i386(struct connection *c)
{
	(void)c;
	exit(CANNOT);
}
#endif

static void do_mptcp(struct connection *c)
{
	struct sockaddr_in address = address_of(port_of(c->listener));
	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);

	if (fd < 0)
		exit(CANNOT);
	must(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
}

/* ---- io_uring ------------------------------------------------------------------------------------- */

static void do_uring_close(struct connection *c)
{
	if (submit((struct io_uring_sqe){.opcode = IORING_OP_CLOSE, .fd = c->client}) != 0)
		exit(CANNOT);
}

/* From 5.11 on, and by a worker, as it may block. */
static void do_uring_shutdown(struct connection *c)
{
	if (submit((struct io_uring_sqe){.opcode = IORING_OP_SHUTDOWN,
					 .fd = c->client,
					 .len = SHUT_RDWR}) != 0)
		exit(CANNOT);
}

/* ---- what a socket has ---------------------------------------------------------------------------- */

static void do_unread(struct connection *c)
{
	must(send(c->server, "12345", 5, 0) == 5, "send");
	wait_for(c->client, 5);
	close(c->client);
}

/* A FIN is no byte, read or not. */
static void do_read_all(struct connection *c)
{
	char bytes[8];

	carry(c->server, c->client, 5);
	shutdown(c->server, SHUT_WR);
	must(recv(c->client, bytes, sizeof(bytes), 0) == 0, "recv");
	close(c->client);
}

static void do_linger(struct connection *c)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};

	must(setsockopt(c->client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) == 0, "linger");
	close(c->client);
}

static void do_options(struct connection *c)
{
	set(c->client, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(c->client, IPPROTO_TCP, TCP_USER_TIMEOUT, 5000);
	set(c->client, SOL_SOCKET, SO_REUSEPORT, 1);
	close(c->client);
}

/* A listener on [::] of IPv6 alone; the connection is not of interest. */
static void do_v6only(struct connection *c)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6,
				   .sin6_port = htons(port_of(c->listener))};
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	close(c->listener);
	set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	must(bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0 && listen(fd, 8) == 0, "listen");
}

/* ---- who reads ------------------------------------------------------------------------------------ */

static void do_read(struct connection *c)
{
	carry(c->client, c->server, 5);
	carry(c->client, c->server, 5);
	carry(c->server, c->client, 5);
}

static void read_in_child(struct connection *c)
{
	pid_t child = fork();

	if (child == 0) {
		carry(c->client, c->server, 5);
		carry(c->client, c->server, 5);
		_exit(EXIT_SUCCESS);
	}
	wait_for_child(child);
}

static void do_fork(struct connection *c)
{
	read_in_child(c);
}

static void do_fork_often(struct connection *c)
{
	for (int i = 0; i < 20; i++)
		read_in_child(c);
}

/* To a process that is older than the connection. */
static void do_pass(struct connection *c)
{
	uint16_t port = port_of(c->listener);
	int pair[2], served;
	pid_t child;

	close(c->client);
	close(c->server);
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
	child = fork();
	if (child == 0) {
		served = take_fd(pair[1]);
		_exit(read(served, (char[8]){0}, 5) == 5 ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	c->client = make_socket();
	connect_to(c->client, port);
	c->server = accept(c->listener, NULL, NULL);
	must(send(c->client, "12345", 5, 0) == 5, "send");
	pass_fd(pair[0], c->server);
	wait_for_child(child);
}

/* ---- all ------------------------------------------------------------------------------------------ */

static const struct deed deeds[] = {
	{"close", do_close},
	{"shutdown", do_shutdown},
	{"shutdown-both", do_shutdown_both},
	{"dup", do_dup},
	{"close-range", do_close_range},
	{"exec", do_exec},
	{"exit", do_exit},
	{"close-twice", do_close_twice},
	{"disconnect", do_disconnect},
	{"mptcp", do_mptcp},
	{"close-i386", do_close_i386},
	{"shutdown-i386", do_shutdown_i386},
	{"uring-close", do_uring_close},
	{"uring-shutdown", do_uring_shutdown},
	{"unread", do_unread},
	{"read-all", do_read_all},
	{"linger", do_linger},
	{"options", do_options},
	{"v6only", do_v6only},
	{"read", do_read},
	{"fork", do_fork},
	{"fork-often", do_fork_often},
	{"pass", do_pass},
	{0},
};

static const struct deed *find_deed(const struct deed *in, const char *name)
{
	while (in->name && strcmp(in->name, name) != 0)
		in++;
	return in->name ? in : NULL;
}

int main(int argc, char **argv)
{
	long port = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
	const struct deed *deed = NULL;
	struct connection connection;

	if (argc == 1) /* of do_exec(): the end */
		return EXIT_SUCCESS;
	if (port > 0 && port < 65536)
		deed = find_deed(deeds, argv[2]);
	if (port > 0 && port < 65536 && !deed)
		deed = find_deed(trouble, argv[2]);
	if (!deed) {
		fputs("facts PORT DEED\n", stderr);
		return 2;
	}
	connection = make_connection((uint16_t)port);
	deed->act(&connection);
	return EXIT_SUCCESS;
}
