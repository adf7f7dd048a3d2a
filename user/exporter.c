// SPDX-License-Identifier: GPL-2.0-only
/* libmicrohttpd without threads: it has an epoll descriptor of its own, which stands in ours beside a timer for clients that
 * take too long. */
#include "exporter.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/log.h"
#include "http.h"
#include "now.h"

#define NS_PER_S UINT64_C(1000000000)

#define PATH	    "/metrics"
#define PAGE_BYTES  (256U << 10) /* it has less than 60 KiB */
#define READ_BYTES  8192U /* for the request of a client */
#define CLIENTS_MAX 64 /* those that are being closed included */
#define CLIENTS	    48
#define OF_ADDRESS  24 /* of these */

/* For the first request; and from one to the next: most scrape each minute, or more often. */
#define FIRST_NS (5 * NS_PER_S)
#define NEXT_NS	 (90 * NS_PER_S)

struct client {
	struct addr addr;
	uint64_t since_ns; /* when it came, or was last answered */
	uint64_t until_ns; /* it is closed, if it was not answered by then */
	int fd; /* libmicrohttpd's; -1: the place is free */
	bool leaving; /* it was shut down */
	bool ended; /* it sends no more */
};

struct exporter {
	struct MHD_Daemon *daemon;
	int epoll_fd, timer_fd;
	exporter_print_fn *print;
	void *ctx;
	struct client clients[CLIENTS_MAX];
	char page[PAGE_BYTES];
};

/* --- clients ------------------------------------------------------------------------------------- */

static struct addr address_of(const struct sockaddr *from)
{
	struct addr addr = {.bytes = {[10] = 0xff, [11] = 0xff}};

	if (from->sa_family == AF_INET6)
		memcpy(addr.bytes, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr,
		       16);
	else
		memcpy(addr.bytes + 12, &((const struct sockaddr_in *)(const void *)from)->sin_addr,
		       4);
	return addr;
}

static bool is_there(const struct client *client)
{
	return client->fd >= 0 && !client->leaving;
}

/* libmicrohttpd sees the end, and closes it. */
static void dismiss(struct client *client)
{
	client->leaving = true;
	shutdown(client->fd, SHUT_RDWR);
}

/* If there are MOST of ADDR (NULL: of all), the one that has been idle longest is dismissed. */
static void make_room(struct exporter *exporter, const struct addr *addr, unsigned int most)
{
	struct client *oldest = NULL;
	unsigned int count = 0;

	for (unsigned int i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &exporter->clients[i];

		if (!is_there(client) || (addr && !addr_equal(&client->addr, addr)))
			continue;
		count++;
		if (!oldest || client->since_ns < oldest->since_ns)
			oldest = client;
	}
	if (oldest && count >= most)
		dismiss(oldest);
}

static struct client *free_place(struct exporter *exporter)
{
	unsigned int i = 0;

	while (i < CLIENTS_MAX - 1 && exporter->clients[i].fd >= 0)
		i++;
	return &exporter->clients[i];
}

static void note_connection(void *ctx, struct MHD_Connection *connection, void **ret_client,
			    enum MHD_ConnectionNotificationCode code)
{
	struct exporter *exporter = ctx;
	uint64_t now = now_ns();
	struct client *client;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		client = *ret_client;
		client->fd = -1;
		return;
	}
	client = free_place(exporter);
	*client = (struct client){
		.addr = address_of(
			http.get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)
				->client_addr),
		.since_ns = now,
		.until_ns = now + FIRST_NS,
		.fd = -1,
	};
	make_room(exporter, &client->addr, OF_ADDRESS);
	make_room(exporter, NULL, CLIENTS);
	client->fd =
		http.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	*ret_client = client;
}

static void note_answered(void *ctx, struct MHD_Connection *connection, void **request,
			  enum MHD_RequestTerminationCode code)
{
	struct client *client =
		http.get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
			->socket_context;

	(void)ctx, (void)request;
	if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK)
		return;
	client->since_ns = now_ns();
	client->until_ns = client->since_ns + NEXT_NS;
}

/* Returns when the next one's time is up. */
static uint64_t dismiss_slow(struct exporter *exporter, uint64_t now)
{
	uint64_t due_ns = UINT64_MAX;

	for (unsigned int i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &exporter->clients[i];

		if (!is_there(client))
			continue;
		if (client->until_ns <= now)
			dismiss(client);
		else if (client->until_ns < due_ns)
			due_ns = client->until_ns;
	}
	return due_ns;
}

/* An end that came with a request is nothing new to libmicrohttpd's epoll, which is edge-triggered, and it reads no further:
 * it is told once more. */
static void tell_ends(struct exporter *exporter)
{
	char byte;

	for (unsigned int i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &exporter->clients[i];

		if (!is_there(client) || client->ended)
			continue;
		client->ended = recv(client->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
		if (client->ended)
			shutdown(client->fd, SHUT_RD);
	}
}

/* --- answers ------------------------------------------------------------------------------------- */

/* Takes RESPONSE, which may be NULL: no memory. */
static enum MHD_Result give(struct MHD_Connection *connection, unsigned int status,
			    struct MHD_Response *response, const char *name, const char *value)
{
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	result = http.add_response_header(response, name, value);
	if (result == MHD_YES)
		result = http.queue_response(connection, status, response);
	http.destroy_response(response);
	return result;
}

static enum MHD_Result give_words(struct MHD_Connection *connection, unsigned int status,
				  const char *words, const char *name, const char *value)
{
	return give(connection, status,
		    http.create_response_from_buffer(strlen(words), (void *)words,
						     MHD_RESPMEM_PERSISTENT),
		    name, value);
}

static enum MHD_Result give_page(struct exporter *exporter, struct MHD_Connection *connection)
{
	enum metrics_form form = metrics_form_wanted(
		http.lookup_connection_value(connection, MHD_HEADER_KIND, "Accept"));
	struct text page;

	text_init(&page, exporter->page, sizeof(exporter->page));
	exporter->print(exporter->ctx, form, &page);
	return give(connection, MHD_HTTP_OK,
		    http.create_response_from_buffer(page.len, page.at, MHD_RESPMEM_MUST_COPY),
		    MHD_HTTP_HEADER_CONTENT_TYPE, metrics_content_type(form));
}

/* Called with the headers, and then again; what is answered at once ends the connection. */
static enum MHD_Result answer(void *ctx, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_bytes, void **request)
{
	(void)version, (void)upload, (void)upload_bytes;
	if (strcmp(url, PATH) != 0)
		return give_words(connection, MHD_HTTP_NOT_FOUND, "There is /metrics alone.\n",
				  MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain");
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return give_words(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
				  "It can be read alone.\n", MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (*request)
		return give_page(ctx, connection);
	*request = ctx;
	return MHD_YES;
}

/* --- the loop ------------------------------------------------------------------------------------ */

int exporter_fd(const struct exporter *exporter)
{
	return exporter->epoll_fd;
}

/* libmicrohttpd may have more to do at once: then the timer makes the loop come again. */
void exporter_wake(void *ctx)
{
	struct exporter *exporter = ctx;
	struct itimerspec when = {0};
	uint64_t expirations, due_ns;
	MHD_UNSIGNED_LONG_LONG ms;

	if (read(exporter->timer_fd, &expirations, sizeof(expirations)) < 0 && errno != EAGAIN)
		return;
	dismiss_slow(exporter, now_ns());
	http.run(exporter->daemon);
	tell_ends(exporter);
	due_ns = dismiss_slow(exporter, now_ns());
	if (http.get_timeout(exporter->daemon, &ms) == MHD_YES && now_ns() + ms * 1000000 < due_ns)
		due_ns = now_ns() + ms * 1000000;
	if (due_ns != UINT64_MAX) {
		when.it_value.tv_sec = (time_t)(due_ns / NS_PER_S);
		when.it_value.tv_nsec = (long)(due_ns % NS_PER_S);
	}
	timerfd_settime(exporter->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

void exporter_serve(struct exporter *exporter, exporter_print_fn *print, void *ctx)
{
	exporter->print = print;
	exporter->ctx = ctx;
}

/* --- before and after ---------------------------------------------------------------------------- */

static socklen_t socket_address(const struct addr_port *at, struct sockaddr_storage *ret_address)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(at->port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(at->port)};

	memcpy(&in.sin_addr, at->addr.bytes + 12, 4);
	memcpy(&in6.sin6_addr, at->addr.bytes, 16);
	if (addr_is_v4(&at->addr))
		memcpy(ret_address, &in, sizeof(in));
	else
		memcpy(ret_address, &in6, sizeof(in6));
	return addr_is_v4(&at->addr) ? sizeof(in) : sizeof(in6);
}

/* Returns a descriptor or -errno. */
static int listen_at(const struct addr_port *at)
{
	struct sockaddr_storage address = {0};
	socklen_t length = socket_address(at, &address);
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) == 0 &&
	    bind(fd, (const struct sockaddr *)&address, length) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static void say_why_not(const struct addr_port *at, int err)
{
	char text[ADDR_PORT_TEXT_LEN];

	addr_port_format(at, text);
	if (err == -EADDRINUSE)
		log_error("--metrics: %s is in use: see tcpstate-trace why %s, or write another "
			  "port",
			  text, text);
	else if (err == -EADDRNOTAVAIL)
		log_error("--metrics: %s is at no address of this host: write one of its own, or "
			  "the port alone",
			  text);
	else if (err == -ELIBACC)
		log_error("--metrics: libmicrohttpd is missing: install it, as by apt-get install "
			  "libmicrohttpd12");
	else
		log_error("--metrics: cannot listen at %s: %s", text, strerror(-err));
}

static int start_daemon(struct exporter *exporter, int listen_fd)
{
	exporter->daemon =
		http.start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, answer, exporter,
				  MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_CONNECTION_LIMIT,
				  CLIENTS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
				  (size_t)READ_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1,
				  MHD_OPTION_NOTIFY_CONNECTION, note_connection, exporter,
				  MHD_OPTION_NOTIFY_COMPLETED, note_answered, exporter,
				  MHD_OPTION_END);
	if (exporter->daemon)
		return 0;
	close(listen_fd);
	return -ENOMEM;
}

static int watch(struct exporter *exporter, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	return epoll_ctl(exporter->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int prepare(struct exporter *exporter, int listen_fd)
{
	int err = start_daemon(exporter, listen_fd);

	if (err)
		return err;
	exporter->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	exporter->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (exporter->epoll_fd < 0 || exporter->timer_fd < 0)
		return -errno;
	err = watch(exporter, exporter->timer_fd);
	return err ? err
		   : watch(exporter,
			   http.get_daemon_info(exporter->daemon, MHD_DAEMON_INFO_EPOLL_FD)
				   ->epoll_fd);
}

int exporter_open(const struct addr_port *at, struct exporter **ret_exporter)
{
	struct exporter *exporter = calloc(1, sizeof(*exporter));
	int err = exporter ? http_load() : -ENOMEM, fd = err ? err : listen_at(at);

	if (fd >= 0) {
		exporter->epoll_fd = exporter->timer_fd = -1;
		for (unsigned int i = 0; i < CLIENTS_MAX; i++)
			exporter->clients[i].fd = -1;
		err = prepare(exporter, fd);
		if (!err) {
			*ret_exporter = exporter;
			return 0;
		}
		exporter_close(exporter);
	} else {
		err = fd;
		free(exporter);
	}
	say_why_not(at, err);
	return err;
}

void exporter_close(struct exporter *exporter)
{
	if (!exporter)
		return;
	if (exporter->daemon)
		http.stop_daemon(exporter->daemon);
	close(exporter->timer_fd);
	close(exporter->epoll_fd);
	free(exporter);
}
