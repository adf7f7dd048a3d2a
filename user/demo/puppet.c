// SPDX-License-Identifier: GPL-2.0-only
#include "demo/puppet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "demo/diag.h"
#include "demo/mail.h"
#include "demo/tap.h"

struct puppet {
	const struct scenario *scenario;
	const int *mail; /* see puppet_run() */
	int listener, connection, tap; /* -1: none */
	int others[DEED_CONNECTIONS]; /* made together with the connection */
	unsigned int other_count;
	bool reuse_addr, reuse_port; /* for sockets to come */
	int protocol; /* of the next socket */
	uint16_t bound; /* port of the socket that does not listen yet, 0: none */
	uint16_t local, remote; /* of the last connection */
	unsigned int connections; /* so many it had last */
};

/* Calls return an errno, 0 if they succeeded. */
static int failed(int result)
{
	return result < 0 ? errno : 0;
}

/* --- sockets ------------------------------------------------------------------------------------- */

static socklen_t address_of(const struct scenario *scenario, uint16_t port,
			    struct sockaddr_storage *ret_address)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};

	if (inet_pton(AF_INET6, scenario->address, &six.sin6_addr) == 1) {
		memcpy(ret_address, &six, sizeof(six));
		return sizeof(six);
	}
	inet_pton(AF_INET, scenario->address, &four.sin_addr);
	memcpy(ret_address, &four, sizeof(four));
	return sizeof(four);
}

/* The socket that is not connected yet, made when it is first asked for. */
static int get_socket(struct puppet *puppet)
{
	int family = strchr(puppet->scenario->address, ':') ? AF_INET6 : AF_INET;
	const int yes = 1;
	int err = 0;

	if (puppet->connection >= 0)
		return 0;
	puppet->bound = 0;
	puppet->connection = socket(family, SOCK_STREAM | SOCK_CLOEXEC, puppet->protocol);
	if (puppet->connection < 0)
		return errno;
	if (puppet->reuse_addr)
		err = failed(setsockopt(puppet->connection, SOL_SOCKET, SO_REUSEADDR, &yes,
					sizeof(yes)));
	if (puppet->reuse_port && !err)
		err = failed(setsockopt(puppet->connection, SOL_SOCKET, SO_REUSEPORT, &yes,
					sizeof(yes)));
	return err;
}

static int set_option(struct puppet *puppet, int level, int name, const void *value, socklen_t len)
{
	int err = get_socket(puppet);

	return err ? err : failed(setsockopt(puppet->connection, level, name, value, len));
}

static int set_number(struct puppet *puppet, int level, int name, int64_t number)
{
	int value = (int)number;

	return set_option(puppet, level, name, &value, sizeof(value));
}

static int do_bind(struct puppet *puppet, uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t len = address_of(puppet->scenario, port, &address);
	int err = get_socket(puppet);

	if (!err)
		err = failed(bind(puppet->connection, (struct sockaddr *)&address, len));
	if (!err)
		puppet->bound = port;
	return err;
}

static int do_listen(struct puppet *puppet, const struct deed_args *args)
{
	int err = get_socket(puppet);

	if (!err && !puppet->bound)
		err = do_bind(puppet, PUPPET_PORT);
	if (!err)
		err = failed(listen(puppet->connection, args->count ? (int)args->numbers[0] : 16));
	if (err)
		return err;
	puppet->listener = puppet->connection;
	puppet->connection = -1;
	puppet->local = puppet->bound;
	puppet->remote = 0;
	puppet->connections = 1;
	return 0;
}

static uint16_t port_to_connect(const struct deed_args *args)
{
	return args->count ? (uint16_t)args->numbers[0] : PUPPET_PORT;
}

static int do_connect(struct puppet *puppet, uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t len = address_of(puppet->scenario, port, &address);
	int err = get_socket(puppet);

	return err ? err : failed(connect(puppet->connection, (struct sockaddr *)&address, len));
}

/* As connect(), but what the handshake comes to is not waited for. */
static int do_begin_connect(struct puppet *puppet, uint16_t port)
{
	int err = get_socket(puppet), flags;

	if (err)
		return err;
	flags = fcntl(puppet->connection, F_GETFL);
	fcntl(puppet->connection, F_SETFL, flags | O_NONBLOCK);
	err = do_connect(puppet, port);
	fcntl(puppet->connection, F_SETFL, flags);
	puppet->local = 0; /* whatever it has */
	puppet->remote = port;
	puppet->connections = 1;
	return err == EINPROGRESS ? 0 : err;
}

/* The same by TCP Fast Open (RFC 7413): the SYN has data. Less than a segment of them. */
static int do_fast_open(struct puppet *puppet, int64_t bytes)
{
	static const char data[1024];
	struct sockaddr_storage address;
	socklen_t len = address_of(puppet->scenario, PUPPET_PORT, &address);
	int err = get_socket(puppet);
	ssize_t n;

	if (err)
		return err;
	if (bytes > (int64_t)sizeof(data))
		return EMSGSIZE;
	n = sendto(puppet->connection, data, (size_t)bytes,
		   MSG_FASTOPEN | MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address, len);
	puppet->local = 0;
	puppet->remote = PUPPET_PORT;
	puppet->connections = 1;
	if (n < 0) /* EINPROGRESS: the kernel has sent a SYN without them */
		return errno;
	return n == bytes ? 0 : EMSGSIZE;
}

static int do_accept(struct puppet *puppet, uint16_t port)
{
	(void)port; /* its listener's */
	if (puppet->connection >= 0)
		return EISCONN;
	puppet->connection = accept4(puppet->listener, NULL, NULL, SOCK_CLOEXEC);
	return failed(puppet->connection);
}

/* By ONCE, for each of them; the last one stays at hand for what else is done. */
static int make_connections(struct puppet *puppet, int64_t left,
			    int (*once)(struct puppet *puppet, uint16_t port))
{
	int err =
		puppet->other_count + left > DEED_CONNECTIONS ? EMFILE : once(puppet, PUPPET_PORT);

	while (!err && --left) {
		puppet->others[puppet->other_count++] = puppet->connection;
		puppet->connection = -1;
		err = once(puppet, PUPPET_PORT);
	}
	return err;
}

static int do_disconnect(struct puppet *puppet)
{
	const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};

	return failed(connect(puppet->connection, &nowhere, sizeof(nowhere)));
}

static int do_close(int *fd)
{
	int result = close(*fd);

	*fd = -1;
	return failed(result);
}

/* Each of them, first come, first closed. */
static int close_connections(struct puppet *puppet)
{
	int err = 0;

	for (unsigned int i = 0; i < puppet->other_count && !err; i++)
		err = do_close(&puppet->others[i]);
	puppet->other_count = 0;
	return err ? err : do_close(&puppet->connection);
}

/* The descriptors stay open. */
static int do_forget(struct puppet *puppet)
{
	puppet->connection = -1;
	puppet->other_count = 0;
	return 0;
}

static int do_take(struct puppet *puppet)
{
	if (puppet->connection >= 0)
		return EISCONN;
	puppet->connection = mail_take(puppet->mail[1]);
	return failed(puppet->connection);
}

/* --- data ---------------------------------------------------------------------------------------- */

static int do_send(struct puppet *puppet, int64_t bytes)
{
	static const char data[4096];

	while (bytes > 0) {
		size_t some = bytes < (int64_t)sizeof(data) ? (size_t)bytes : sizeof(data);
		ssize_t n = send(puppet->connection, data, some, MSG_NOSIGNAL);

		if (n < 0)
			return errno;
		bytes -= n;
	}
	return 0;
}

/* An end of the stream before the last of the BYTES is none: what is sent is known. */
static int do_recv(struct puppet *puppet, int64_t bytes)
{
	char data[4096];

	while (bytes > 0) {
		size_t some = bytes < (int64_t)sizeof(data) ? (size_t)bytes : sizeof(data);
		ssize_t n = recv(puppet->connection, data, some, 0);

		if (n <= 0)
			return n < 0 ? errno : ENODATA;
		bytes -= n;
	}
	return 0;
}

/* --- options ------------------------------------------------------------------------------------- */

static int set_filter(struct puppet *puppet, struct sock_filter *filter, unsigned short len)
{
	const struct sock_fprog program = {.len = len, .filter = filter};

	return set_option(puppet, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/* A filter that admits nothing: whatever comes is lost, for this socket alone. */
static int do_deaf(struct puppet *puppet)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);

	return set_filter(puppet, &drop, 1);
}

/* A filter sees a segment from its TCP header on; the flags are in byte 13. */
static int do_hear_syn(struct puppet *puppet)
{
	struct sock_filter only_syn[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TH_FIN | TH_SYN | TH_RST | TH_ACK),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TH_SYN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return set_filter(puppet, only_syn, sizeof(only_syn) / sizeof(only_syn[0]));
}

static int do_linger(struct puppet *puppet, int64_t seconds)
{
	const struct linger linger = {.l_onoff = 1, .l_linger = (int)seconds};

	return set_option(puppet, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static int do_keepalive(struct puppet *puppet, const int64_t *numbers)
{
	int err = set_number(puppet, IPPROTO_TCP, TCP_KEEPIDLE, numbers[0]);

	if (!err)
		err = set_number(puppet, IPPROTO_TCP, TCP_KEEPINTVL, numbers[1]);
	if (!err)
		err = set_number(puppet, IPPROTO_TCP, TCP_KEEPCNT, numbers[2]);
	return err ? err : set_number(puppet, SOL_SOCKET, SO_KEEPALIVE, 1);
}

/* --- from outside -------------------------------------------------------------------------------- */

/* The connection, or the minisock that is left of it. Both ends have the scenario's address. */
static int do_destroy(const struct puppet *puppet)
{
	struct sockaddr_storage local = {0}, remote = {0};

	address_of(puppet->scenario, puppet->local, &local);
	address_of(puppet->scenario, puppet->remote, &remote);
	return -diag_destroy(&local, &remote);
}

static int do_overhear(struct puppet *puppet)
{
	puppet->tap = tap_open();
	return puppet->tap < 0 ? -puppet->tap : 0;
}

/* --- orders -------------------------------------------------------------------------------------- */

static int set_some_option(struct puppet *puppet, const struct act *act)
{
	const int64_t *numbers = act->args.numbers;

	switch (act->deed) {
	case DEED_REUSE_ADDR:
		puppet->reuse_addr = true;
		return 0;
	case DEED_REUSE_PORT:
		puppet->reuse_port = true;
		return 0;
	case DEED_MPTCP:
		puppet->protocol = IPPROTO_MPTCP;
		return 0;
	case DEED_LINGER:
		return do_linger(puppet, numbers[0]);
	case DEED_LINGER2:
		return set_number(puppet, IPPROTO_TCP, TCP_LINGER2, numbers[0]);
	case DEED_KEEPALIVE:
		return do_keepalive(puppet, numbers);
	case DEED_USER_TIMEOUT:
		return set_number(puppet, IPPROTO_TCP, TCP_USER_TIMEOUT, numbers[0]);
	case DEED_DEAF:
		return do_deaf(puppet);
	case DEED_HEARS:
		return set_number(puppet, SOL_SOCKET, SO_DETACH_FILTER, 0);
	case DEED_HEARS_SYN:
		return do_hear_syn(puppet);
	default:
		return ENOSYS; /* the conductor's own */
	}
}

static int act_out(struct puppet *puppet, const struct act *act)
{
	const struct deed_args *args = &act->args;

	switch (act->deed) {
	case DEED_BIND:
		return do_bind(puppet, (uint16_t)args->numbers[0]);
	case DEED_LISTEN:
		return do_listen(puppet, args);
	case DEED_CONNECT:
		return do_connect(puppet, port_to_connect(args));
	case DEED_CONNECTS:
		return make_connections(puppet, args->numbers[0], do_connect);
	case DEED_BEGIN_CONNECT:
		return do_begin_connect(puppet, port_to_connect(args));
	case DEED_FAST_OPEN:
		return do_fast_open(puppet, args->numbers[0]);
	case DEED_ACCEPT:
		return do_accept(puppet, 0);
	case DEED_ACCEPTS:
		return make_connections(puppet, args->numbers[0], do_accept);
	case DEED_SEND:
		return do_send(puppet, args->numbers[0]);
	case DEED_RECV:
		return do_recv(puppet, args->numbers[0]);
	case DEED_SHUTDOWN:
		return failed(shutdown(puppet->connection,
				       args->count ? (int)args->numbers[0] : SHUT_WR));
	case DEED_CLOSE:
		return close_connections(puppet);
	case DEED_FORGETS:
		return do_forget(puppet);
	case DEED_PASSES:
		return failed(mail_pass(puppet->mail[0], puppet->connection));
	case DEED_TAKES:
		return do_take(puppet);
	case DEED_CLOSE_LISTENER:
		return do_close(&puppet->listener);
	case DEED_DISCONNECT:
		return do_disconnect(puppet);
	case DEED_DESTROY:
		return do_destroy(puppet);
	case DEED_OVERHEARS:
		return do_overhear(puppet);
	case DEED_REPEATS_FIN:
		return -tap_repeat_fin(puppet->tap);
	case DEED_REPEATS_SYN:
		return -tap_repeat_syn(puppet->tap, (uint16_t)args->numbers[0]);
	case DEED_UNREACHABLE:
		return -tap_unreachable(puppet->tap, (uint8_t)args->numbers[0]);
	case DEED_EXIT:
		_exit(0);
	default:
		return set_some_option(puppet, act);
	}
}

static uint16_t port_of(const struct sockaddr_storage *address)
{
	uint16_t port; /* at the same place in both families */

	memcpy(&port, (const char *)address + offsetof(struct sockaddr_in, sin_port), sizeof(port));
	return ntohs(port);
}

/* Returns false, and leaves them alone, when FD is not connected. */
static bool get_ports(int fd, uint16_t *ret_local, uint16_t *ret_remote)
{
	struct sockaddr_storage local, remote;
	socklen_t local_len = sizeof(local), remote_len = sizeof(remote);

	if (getpeername(fd, (struct sockaddr *)&remote, &remote_len) ||
	    getsockname(fd, (struct sockaddr *)&local, &local_len))
		return false;
	*ret_local = port_of(&local);
	*ret_remote = port_of(&remote);
	return true;
}

/* They are remembered when the socket is closed: the kernel may keep a minisock of it. */
static void note_ports(struct puppet *puppet)
{
	uint16_t local, remote;

	if (!get_ports(puppet->connection, &puppet->local, &puppet->remote))
		return;
	puppet->connections = puppet->other_count + 1;
	if (!puppet->other_count || !get_ports(puppet->others[0], &local, &remote))
		return;
	/* of many, the one that they share */
	if (local != puppet->local)
		puppet->local = 0;
	if (remote != puppet->remote)
		puppet->remote = 0;
}

void puppet_run(const struct scenario *scenario, unsigned int role, int fd, const int *mail)
{
	struct puppet puppet = {.scenario = scenario,
				.mail = mail,
				.listener = -1,
				.connection = -1,
				.tap = -1,
				.connections = 1};
	struct puppet_answer answer;
	uint32_t act;

	prctl(PR_SET_NAME, scenario->roles[role].name);
	while (recv(fd, &act, sizeof(act), 0) == sizeof(act)) {
		answer.err = act_out(&puppet, &scenario->acts[act]);
		note_ports(&puppet);
		answer.local = puppet.local;
		answer.remote = puppet.remote;
		answer.connections = puppet.connections;
		if (send(fd, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}
