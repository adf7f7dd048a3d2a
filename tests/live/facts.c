// SPDX-License-Identifier: GPL-2.0-only
/*
 * facts PORT DEED: a connection to itself on 127.0.0.1, and one deed with it. Each deed is one fact that the kernel
 * side is to tell; tests/live/facts.sh says which. Status 0: done, 77: it cannot be done here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
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

#define CANNOT 77

struct connection {
	int listener;
	int client;
	int server;
};

static void die(const char *what)
{
	fprintf(stderr, "facts: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void must(bool done, const char *what)
{
	if (!done)
		die(what);
}

static void set(int fd, int level, int option, int value)
{
	must(setsockopt(fd, level, option, &value, sizeof(value)) == 0, "setsockopt");
}

static int make_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

	must(fd >= 0, "socket");
	return fd;
}

static struct sockaddr_in address_of(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons(port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int listen_on(uint16_t port, int backlog)
{
	struct sockaddr_in address = address_of(port);
	int fd = make_socket();

	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	must(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
	must(listen(fd, backlog) == 0, "listen");
	return fd;
}

static void connect_to(int fd, uint16_t port)
{
	struct sockaddr_in address = address_of(port);

	must(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);

	must(getsockname(fd, (struct sockaddr *)&address, &size) == 0, "getsockname");
	return ntohs(address.sin_port);
}

static struct connection make_connection(uint16_t port)
{
	struct connection made = {.listener = listen_on(port, 8), .client = make_socket()};

	connect_to(made.client, port);
	made.server = accept(made.listener, NULL, NULL);
	must(made.server >= 0, "accept");
	return made;
}

/* N bytes go from one end to the other; READER has read them at its return. */
static void carry(int from, int to, size_t n)
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
static void wait_for(int fd, size_t n)
{
	char bytes[4096];

	must(recv(fd, bytes, n, MSG_PEEK | MSG_WAITALL) == (ssize_t)n, "recv");
}

static void wait_for_child(pid_t child)
{
	int status;

	must(child > 0 && waitpid(child, &status, 0) == child, "waitpid");
	must(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child");
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

/* Submits one entry, by io_uring_enter() itself or, if it must, by a worker; returns its result. */
static int submit(struct io_uring_sqe sqe)
{
	struct io_uring_params params = {0};
	int ring = (int)syscall(SYS_io_uring_setup, 4, &params);
	size_t bytes = params.sq_off.array + params.sq_entries * sizeof(unsigned int);
	char *sq, *cq;
	struct io_uring_sqe *sqes;

	if (ring < 0)
		exit(CANNOT);
	sq = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	cq = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
		  PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_CQ_RING);
	sqes = mmap(NULL, params.sq_entries * sizeof(sqe), PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		    IORING_OFF_SQES);
	must(sq != MAP_FAILED && cq != MAP_FAILED && sqes != MAP_FAILED, "mmap");
	sqes[0] = sqe;
	*(unsigned int *)(void *)(sq + params.sq_off.array) = 0;
	__atomic_store_n((unsigned int *)(void *)(sq + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	must(syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1,
	     "io_uring_enter");
	return ((struct io_uring_cqe *)(void *)(cq + params.cq_off.cqes))->res;
}

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

static void pass_fd(int over, int fd)
{
	struct iovec iov = {.iov_base = "x", .iov_len = 1};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	must(sendmsg(over, &message, 0) == 1, "sendmsg");
}

static int take_fd(int over)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	int fd;

	must(recvmsg(over, &message, 0) == 1, "recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
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

/* ---- what is counted ------------------------------------------------------------------------------ */

/* Until the peer's FIN has come. */
static void wait_for_end(int fd)
{
	char byte;

	must(recv(fd, &byte, 1, 0) == 0, "recv");
}

static void do_count(struct connection *c)
{
	carry(c->client, c->server, 50000);
	carry(c->server, c->client, 3000);
	close(c->client);
	wait_for_end(c->server);
	close(c->server);
}

/* More than the peer, who reads nothing, has room for. */
static void do_fill(struct connection *c)
{
	static char bytes[65536];

	while (send(c->client, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
	close(c->client);
}

/* ---- sent again ----------------------------------------------------------------------------------- */

/* What comes to FD is lost. */
static void deafen(int fd)
{
	struct sock_filter drop = {BPF_RET | BPF_K, 0, 0, 0};
	struct sock_fprog program = {1, &drop};

	must(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0,
	     "deafen");
}

static struct tcp_info info_of(int fd)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);

	must(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0, "TCP_INFO");
	return info;
}

/* Until its timer has sent so often. */
static void wait_for_resends(int fd, unsigned int times)
{
	while (info_of(fd).tcpi_retransmits < times)
		usleep(10000);
}

static int begin_connect(uint16_t port)
{
	struct sockaddr_in address = address_of(port);
	int fd = make_socket();

	must(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "fcntl");
	must(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || errno == EINPROGRESS,
	     "connect");
	return fd;
}

static void do_resend_syn(struct connection *c)
{
	int fd;

	deafen(c->listener);
	fd = begin_connect(port_of(c->listener));
	wait_for_resends(fd, 1);
}

static void do_resend_fin(struct connection *c)
{
	deafen(c->server);
	shutdown(c->client, SHUT_WR);
	wait_for_resends(c->client, 2);
}

/* ---- RSTs ----------------------------------------------------------------------------------------- */

static void do_nobody(struct connection *c)
{
	struct sockaddr_in address = address_of(port_of(c->listener));
	int fd = make_socket();

	close(c->listener);
	must(connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 &&
		     errno == ECONNREFUSED,
	     "connect");
}

/* What comes back kills the connection. */
static void do_send_late(struct connection *c)
{
	char byte;

	close(c->client);
	wait_for_end(c->server);
	must(send(c->server, "late", 4, 0) == 4, "send");
	must(recv(c->server, &byte, 1, 0) <= 0, "recv");
}

static void do_keepalive(struct connection *c)
{
	char byte;

	set(c->client, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(c->client, IPPROTO_TCP, TCP_KEEPINTVL, 1);
	set(c->client, IPPROTO_TCP, TCP_KEEPCNT, 1);
	set(c->client, IPPROTO_TCP, TCP_KEEPIDLE, 1);
	deafen(c->client);
	must(recv(c->client, &byte, 1, 0) < 0 && errno == ETIMEDOUT, "recv");
}

/* ---- no room -------------------------------------------------------------------------------------- */

/* A queue for one is full when a SYN comes. */
static void do_overflow(struct connection *c)
{
	uint16_t port = port_of(c->listener);

	must(listen(c->listener, 0) == 0, "listen");
	connect_to(make_socket(), port);
	for (int i = 0; i < 5; i++)
		begin_connect(port);
}

/* A SYN,ACK is not heard, and when it comes again the queue is full. */
static void do_overflow_later(struct connection *c)
{
	struct sockaddr_in address = address_of(port_of(c->listener));
	int fd = make_socket();

	must(listen(c->listener, 0) == 0, "listen");
	deafen(fd);
	must(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "fcntl");
	connect(fd, (struct sockaddr *)&address, sizeof(address));
	connect_to(make_socket(), port_of(c->listener));
	wait_for_resends(fd, 1);
}

/* ---- all ------------------------------------------------------------------------------------------ */

static const struct deed {
	const char *name;
	void (*act)(struct connection *connection);
} deeds[] = {
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
	{"count", do_count},
	{"fill", do_fill},
	{"resend-syn", do_resend_syn},
	{"resend-fin", do_resend_fin},
	{"nobody", do_nobody},
	{"send-late", do_send_late},
	{"keepalive", do_keepalive},
	{"overflow", do_overflow},
	{"overflow-later", do_overflow_later},
};

int main(int argc, char **argv)
{
	long port = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
	struct connection connection;

	if (argc == 1) /* of do_exec(): the end */
		return EXIT_SUCCESS;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]) && port; i++) {
		if (strcmp(deeds[i].name, argv[2]) != 0)
			continue;
		connection = make_connection((uint16_t)port);
		deeds[i].act(&connection);
		return EXIT_SUCCESS;
	}
	fputs("facts PORT DEED\n", stderr);
	return 2;
}
