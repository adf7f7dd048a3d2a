// SPDX-License-Identifier: GPL-2.0-only
/*
 * trouble: deeds of facts.c that end in RSTs, in what is sent again, or before a full queue; and what is counted.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "facts.h"

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

const struct deed trouble[] = {
	{"count", do_count},
	{"fill", do_fill},
	{"resend-syn", do_resend_syn},
	{"resend-fin", do_resend_fin},
	{"nobody", do_nobody},
	{"send-late", do_send_late},
	{"keepalive", do_keepalive},
	{"overflow", do_overflow},
	{"overflow-later", do_overflow_later},
	{0},
};
