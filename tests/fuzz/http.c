// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a client sends to --metrics: it is answered in whole, or the connection is closed, and nothing of it comes back. The
 * same bytes are a header Accept as well.
 */
#include "fuzz.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/accept.h"
#include "exporter.h"

#define PAGE	 "a 1\n"
#define LIMIT_MS 2000

int __wrap_socket(int family, int type, int protocol);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t len);
int __real_bind(int fd, const struct sockaddr *address, socklen_t len);
int __real_socket(int family, int type, int protocol);

static struct exporter *exporter;
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static socklen_t address_len = sizeof(address);
static char answers[1 << 20];

/* Thousands of TCP connections a second would use up the ports, each in a TIME_WAIT. */
int __wrap_socket(int family, int type, int protocol)
{
	(void)family;
	return __real_socket(AF_UNIX, type, protocol);
}

/* To any name, as it is told to in no bytes. */
int __wrap_bind(int fd, const struct sockaddr *wanted, socklen_t len)
{
	(void)wanted, (void)len;
	return __real_bind(fd, (const struct sockaddr *)&(sa_family_t){AF_UNIX},
			   sizeof(sa_family_t));
}

static void print(void *ctx, enum metrics_form form, struct text *page)
{
	(void)ctx;
	fuzz_check(form == METRICS_TEXT || form == METRICS_OPEN);
	text_add(page, PAGE);
}

/* The exporter's is the one socket that listens. */
static void find_address(void)
{
	socklen_t size = sizeof(int);

	for (int fd = 0, listens = 0; fd < 64; fd++) {
		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) || !listens)
			continue;
		if (getsockname(fd, (struct sockaddr *)&address, &address_len))
			abort();
		return;
	}
	abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct addr_port at;
	bool has_address;

	(void)argc, (void)argv;
	if (addr_parse_port("127.0.0.1:1", &at, &has_address))
		abort();
	if (exporter_open(&at, &exporter))
		abort();
	exporter_serve(exporter, print, NULL);
	find_address();
	return 0;
}

static int call(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, NULL, 0) ||
	    connect(fd, (const struct sockaddr *)&address, address_len))
		abort();
	return fd;
}

/* Serves until the connection is closed. Returns the bytes of all answers. */
static size_t hear(int client)
{
	struct pollfd fds[] = {{.fd = client, .events = POLLIN},
			       {.fd = exporter_fd(exporter), .events = POLLIN}};
	size_t len = 0;

	for (;;) {
		ssize_t n = 1;

		fuzz_check(poll(fds, 2, LIMIT_MS) > 0);
		if (fds[1].revents)
			exporter_wake(exporter);
		if (fds[0].revents)
			n = recv(client, answers + len, sizeof(answers) - 1 - len, 0);
		if (fds[0].revents && n <= 0)
			return len;
		len += fds[0].revents ? (size_t)n : 0;
		fuzz_check(len < sizeof(answers) - 1);
	}
}

/* One answer behind the other, each with its status. */
static void check_answers(size_t len)
{
	fuzz_check(len == 0 || strncmp(answers, "HTTP/1.", 7) == 0);
	for (size_t i = 0; i < len; i++)
		fuzz_check(answers[i] == '\r' || answers[i] == '\n' ||
			   (answers[i] >= ' ' && answers[i] <= '~'));
}

static void check_accept(const uint8_t *bytes, size_t size)
{
	char *accept = strndup((const char *)bytes, size);

	fuzz_check(accept_weight(accept, "text/plain", "0.0.4") <= 1000);
	fuzz_check(metrics_form_wanted(accept) <= METRICS_OPEN);
	free(accept);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	int client = call();

	if (send(client, bytes, size, MSG_NOSIGNAL) != (ssize_t)size)
		abort();
	shutdown(client, SHUT_WR);
	check_answers(hear(client));
	close(client);
	while (poll(&(struct pollfd){.fd = exporter_fd(exporter), .events = POLLIN}, 1, 0) > 0)
		exporter_wake(exporter);
	check_accept(bytes, size);
	return 0;
}
