// SPDX-License-Identifier: GPL-2.0-only
/*
 * echo-server: sends back what its clients send, any number of them at once.
 *
 * One thread, one epoll loop. A client is read only when all that was read before has been
 * written, so each holds at most one chunk and a slow one slows nobody else.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "base/usage.h"
#include "echo.h"

#define PROGRAM	      "echo-server"
#define LISTENERS_MAX 16
#define EVENTS_MAX    64
#define ACCEPTS_MAX   64
#define RETRY_MS      1000

/* Above any character: these options have no short form. */
enum {
	OPTION_REUSE_ADDRESS = 256,
	OPTION_ONCE,
	OPTION_BIND,
};

struct options {
	bool reuse_address;
	bool once;
	const char *bind;
	const char *port_word;
	uint16_t port;
};

/* What epoll gives back. */
struct endpoint {
	int fd;
	bool listens;
};

/* START..END of the bytes are read and not yet written. */
struct client {
	struct endpoint endpoint;
	char name[ECHO_NAME_SIZE];
	size_t start, end;
	char bytes[ECHO_CHUNK];
};

/* PAUSED: out of descriptors or memory, nobody is accepted. ABSENT is an address that this machine
 * does not have, and why. */
struct server {
	const struct options *options;
	int epoll_fd;
	struct endpoint listeners[LISTENERS_MAX];
	size_t n_listeners;
	size_t n_clients;
	bool paused;
	bool pause_told;
	char absent[ECHO_NAME_SIZE];
	int absent_err;
};

/*
 * One line on stdout. Serving comes first: a reader of stdout that is gone or does not read loses
 * lines and stops nothing.
 */
static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
	char line[LISTENERS_MAX * ECHO_NAME_SIZE];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (n < 0)
		return;
	n = (int)strlen(line);
	line[n++] = '\n';
	if (poll(&out, 1, 0) == 1 && write(STDOUT_FILENO, line, (size_t)n) < 0)
		return;
}

static int server_watch(struct server *server, int op, struct endpoint *endpoint, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = endpoint};

	return epoll_ctl(server->epoll_fd, op, endpoint->fd, &event);
}

/* Returns a listening socket or -errno. */
static int listener_open(const struct addrinfo *address, bool reuse_address)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1, err = 0;

	if (fd < 0)
		return -errno;
	if (address->ai_family == AF_INET6)
		err = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (!err && reuse_address)
		err = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!err)
		err = bind(fd, address->ai_addr, address->ai_addrlen);
	if (!err)
		err = listen(fd, SOMAXCONN);
	if (!err)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/*
 * Listens on one address. One that this machine does not have is only remembered: the others may
 * do. Returns 0; -1 after having said why.
 */
static int server_add_listener(struct server *server, const struct addrinfo *address)
{
	struct endpoint *listener = &server->listeners[server->n_listeners];
	char name[ECHO_NAME_SIZE];
	int fd = listener_open(address, server->options->reuse_address);

	echo_name(address->ai_addr, address->ai_addrlen, name);
	if (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL) {
		memcpy(server->absent, name, sizeof(name));
		server->absent_err = -fd;
		return 0;
	}
	if (fd < 0) {
		log_error("cannot bind %s: %s", name, strerror(-fd));
		return -1;
	}
	*listener = (struct endpoint){.fd = fd, .listens = true};
	server->n_listeners++;
	if (server_watch(server, EPOLL_CTL_ADD, listener, EPOLLIN) == 0)
		return 0;
	log_error("cannot wait for clients of %s: %s", name, strerror(errno));
	return -1;
}

/* A name may give the same address twice, and the second bind would meet the first. */
static bool address_repeats(const struct addrinfo *list, const struct addrinfo *address)
{
	for (; list != address; list = list->ai_next)
		if (list->ai_addrlen == address->ai_addrlen &&
		    memcmp(list->ai_addr, address->ai_addr, list->ai_addrlen) == 0)
			return true;
	return false;
}

static int server_listen_on(struct server *server, const char *host)
{
	struct addrinfo *list;
	int err = echo_resolve(host, server->options->port, AI_PASSIVE, &list);

	if (err)
		return err;
	for (struct addrinfo *at = list; at && !err; at = at->ai_next)
		if (!address_repeats(list, at) && server->n_listeners < LISTENERS_MAX)
			err = server_add_listener(server, at);
	freeaddrinfo(list);
	return err;
}

/* "listening on A, B and C" */
static void server_say_listening(const struct server *server)
{
	char line[LISTENERS_MAX * ECHO_NAME_SIZE / 2], name[ECHO_NAME_SIZE];
	struct text text;

	text_init(&text, line, sizeof(line));
	for (size_t i = 0; i < server->n_listeners; i++) {
		struct sockaddr_storage address = {0};
		socklen_t len = sizeof(address);

		if (i > 0)
			text_add(&text, i + 1 < server->n_listeners ? ", " : " and ");
		getsockname(server->listeners[i].fd, (struct sockaddr *)&address, &len);
		text_add(&text, echo_name((struct sockaddr *)&address, len, name));
	}
	say(PROGRAM ": listening on %s", line);
}

/*
 * Two sockets for the two families: one for both would show IPv4 clients as ::ffff:127.0.0.1.
 * Returns 0; -1 after having said why.
 */
static int server_listen(struct server *server)
{
	int err;

	if (server->options->bind) {
		err = server_listen_on(server, server->options->bind);
	} else {
		err = server_listen_on(server, "0.0.0.0");
		if (!err)
			err = server_listen_on(server, "::");
	}
	if (err)
		return err;
	if (server->n_listeners > 0)
		return 0;
	log_error("cannot bind %s: %s", server->absent, strerror(server->absent_err));
	return -1;
}

static void server_close_listeners(struct server *server)
{
	for (size_t i = 0; i < server->n_listeners; i++) {
		close(server->listeners[i].fd);
		server->listeners[i].fd = -1;
	}
	server->n_listeners = 0;
}

/* Off while there is nothing to accept with: the waiting clients would wake epoll for ever. */
static void server_pause(struct server *server, bool paused)
{
	server->paused = paused;
	for (size_t i = 0; i < server->n_listeners; i++)
		server_watch(server, EPOLL_CTL_MOD, &server->listeners[i], paused ? 0 : EPOLLIN);
}

static void server_starve(struct server *server, int err)
{
	if (!server->pause_told)
		log_error("cannot accept another client: %s; going on with the %zu there are",
			  strerror(err), server->n_clients);
	server->pause_told = true;
	server_pause(server, true);
}

/* Takes FD over. Returns 0 or an errno. */
static int server_add_client(struct server *server, int fd, const char *name)
{
	struct client *client = malloc(sizeof(*client));

	if (client) {
		client->endpoint = (struct endpoint){.fd = fd};
		client->start = client->end = 0;
		snprintf(client->name, sizeof(client->name), "%s", name);
		if (server_watch(server, EPOLL_CTL_ADD, &client->endpoint, EPOLLIN) == 0) {
			server->n_clients++;
			say(PROGRAM ": client %s connected", name);
			return 0;
		}
	}
	free(client);
	close(fd);
	return ENOMEM;
}

/* Returns 0 or an errno, EAGAIN when nobody waits. */
static int server_accept_one(struct server *server, int listener_fd)
{
	struct sockaddr_storage address = {0};
	struct sockaddr *generic = (struct sockaddr *)&address;
	socklen_t len = sizeof(address);
	char name[ECHO_NAME_SIZE];
	int fd = accept4(listener_fd, generic, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return errno;
	return server_add_client(server, fd, echo_name(generic, len, name));
}

/* The client went before it was accepted: accept(2) hands its errors on. */
static bool accept_goes_on(int err)
{
	return err == 0 || err == EINTR || err == ECONNABORTED || err == EPROTO ||
	       err == ENETDOWN || err == EHOSTUNREACH || err == ENETUNREACH || err == EPERM;
}

/* accept4() is out of descriptors before it looks whether anybody waits. */
static bool somebody_waits(int listener_fd)
{
	struct pollfd listener = {.fd = listener_fd, .events = POLLIN};

	return poll(&listener, 1, 0) == 1;
}

static void server_accept(struct server *server, const struct endpoint *listener)
{
	int err = 0;

	for (int i = 0; i < ACCEPTS_MAX && accept_goes_on(err); i++) {
		err = server_accept_one(server, listener->fd);
		if (err == 0 && server->options->once) {
			server_close_listeners(server);
			return;
		}
	}
	if (accept_goes_on(err))
		return;
	if (err == EAGAIN || !somebody_waits(listener->fd))
		server->pause_told = false;
	else
		server_starve(server, err);
}

static void server_drop(struct server *server, struct client *client, const char *why)
{
	say(PROGRAM ": client %s gone: %s", client->name, why);
	close(client->endpoint.fd);
	free(client);
	server->n_clients--;
	if (server->paused)
		server_pause(server, false);
}

/* Returns why the client is to be dropped, or NULL. */
static const char *client_read(struct client *client)
{
	ssize_t n = recv(client->endpoint.fd, client->bytes, sizeof(client->bytes), 0);

	if (n == 0)
		return "closed by client";
	if (n < 0)
		return echo_must_retry(errno) ? NULL : strerror(errno);
	client->start = 0;
	client->end = (size_t)n;
	return NULL;
}

static const char *client_write(struct client *client)
{
	while (client->start < client->end) {
		ssize_t n = send(client->endpoint.fd, client->bytes + client->start,
				 client->end - client->start, 0);

		if (n < 0)
			return echo_must_retry(errno) ? NULL : strerror(errno);
		client->start += (size_t)n;
	}
	return NULL;
}

/* Reads only when all is written, so the end of what a client sends is the end of its echo too. */
static void server_serve(struct server *server, struct client *client)
{
	bool was_writing = client->start < client->end;
	const char *why = was_writing ? NULL : client_read(client);
	bool is_writing;

	if (!why)
		why = client_write(client);
	is_writing = client->start < client->end;
	if (!why && is_writing != was_writing &&
	    server_watch(server, EPOLL_CTL_MOD, &client->endpoint,
			 is_writing ? EPOLLOUT : EPOLLIN) != 0)
		why = strerror(errno);
	if (why)
		server_drop(server, client, why);
}

/* A listener may have been closed by the event before (--once). */
static void server_event(struct server *server, struct endpoint *endpoint)
{
	if (!endpoint->listens)
		server_serve(server, (struct client *)(void *)endpoint);
	else if (endpoint->fd >= 0)
		server_accept(server, endpoint);
}

/* Ends after the client of --once has gone. Returns 0; -1 after having said why. */
static int server_run(struct server *server)
{
	struct epoll_event events[EVENTS_MAX];

	while (server->n_listeners > 0 || server->n_clients > 0) {
		int n = epoll_wait(server->epoll_fd, events, EVENTS_MAX,
				   server->paused ? RETRY_MS : -1);

		if (n < 0 && errno != EINTR) {
			log_error("cannot wait for clients: %s", strerror(errno));
			return -1;
		}
		if (n == 0 && server->paused)
			server_pause(server, false);
		for (int i = 0; i < n; i++)
			server_event(server, events[i].data.ptr);
	}
	return 0;
}

static void options_check(struct options *options)
{
	if (!options->port_word)
		usage_fail("PORT is missing: " PROGRAM " 19999");
	options->port = echo_port(options->port_word);
}

static error_t options_parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	char quoted[USAGE_QUOTE_SIZE];

	if (usage_key(key, state, PROGRAM) == 0)
		return 0;
	switch (key) {
	case OPTION_REUSE_ADDRESS:
		options->reuse_address = true;
		return 0;
	case OPTION_ONCE:
		options->once = true;
		return 0;
	case OPTION_BIND:
		if (!*arg)
			usage_fail("--bind has an empty ADDR: --bind 127.0.0.1");
		options->bind = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (options->port_word)
			usage_fail("unexpected argument %s after PORT: there is only one PORT",
				   usage_quote(arg, quoted));
		options->port_word = arg;
		return 0;
	case ARGP_KEY_END:
		options_check(options);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void options_read(struct options *options, int argc, char **argv)
{
	static const struct argp_option table[] = {
		{"reuse-addr", OPTION_REUSE_ADDRESS, NULL, 0,
		 "Set SO_REUSEADDR before binding (off unless asked)", 0},
		{"once", OPTION_ONCE, NULL, 0, "Serve one client, then exit", 0},
		{"bind", OPTION_BIND, "ADDR", 0, "Listen on this address or name only", 0},
		USAGE_OPTIONS,
		{0},
	};
	static const struct argp argp = {
		.options = table,
		.parser = options_parse,
		.args_doc = "PORT",
		.doc = "Sends back what its clients send, over IPv4 and IPv6."
		       "\v"
		       "Examples:\n"
		       "  echo-server 19999\n"
		       "  echo-server --reuse-addr 19999\n"
		       "  echo-server --once --bind ::1 19999",
	};

	usage_parse(&argp, argc, argv, options);
}

int main(int argc, char **argv)
{
	struct options options = {0};
	struct server server = {.options = &options};
	int err = -1;

	echo_init(PROGRAM);
	options_read(&options, argc, argv);
	server.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (server.epoll_fd < 0) {
		log_error("cannot set up epoll: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	if (server_listen(&server) == 0) {
		server_say_listening(&server);
		err = server_run(&server);
	}
	server_close_listeners(&server);
	close(server.epoll_fd);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
