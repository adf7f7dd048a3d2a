// SPDX-License-Identifier: GPL-2.0-only
#include "echo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/number.h"
#include "base/stdio.h"
#include "base/usage.h"

#define HOST_SIZE (ECHO_NAME_SIZE - 24)

void echo_init(const char *program)
{
	log_init(program, false);
	signal(SIGPIPE, SIG_IGN);
	stdio_fill();
}

uint16_t echo_port(const char *word)
{
	char quoted[USAGE_QUOTE_SIZE];
	uint16_t port = 0;

	if (number_parse_port(word, &port) != 0)
		usage_fail("PORT is %s, which is no port: write a number from 1 to 65535",
			   usage_quote(word, quoted));
	return port;
}

/* getaddrinfo() knows no brackets. */
static void host_copy(const char *host, char *buffer, size_t size)
{
	size_t len = strlen(host);

	if (len > 2 && host[0] == '[' && host[len - 1] == ']')
		snprintf(buffer, size, "%.*s", (int)(len - 2), host + 1);
	else
		snprintf(buffer, size, "%s", host);
}

int echo_resolve(const char *host, uint16_t port, int flags, struct addrinfo **ret_list)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
	char bare[NI_MAXHOST], service[8], quoted[USAGE_QUOTE_SIZE];
	int err;

	host_copy(host, bare, sizeof(bare));
	snprintf(service, sizeof(service), "%u", port);
	err = getaddrinfo(bare, service, &hints, ret_list);
	if (!err)
		return 0;
	log_error("cannot find the address of %s: %s", usage_quote(host, quoted),
		  err == EAI_SYSTEM ? strerror(errno) : gai_strerror(err));
	return -1;
}

const char *echo_name(const struct sockaddr *address, socklen_t len, char *buffer)
{
	const char *format = address->sa_family == AF_INET6 ? "[%s] port %s" : "%s port %s";
	char host[HOST_SIZE], service[8];

	if (getnameinfo(address, len, host, sizeof(host), service, sizeof(service),
			NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		snprintf(buffer, ECHO_NAME_SIZE, format, host, service);
	else
		snprintf(buffer, ECHO_NAME_SIZE, "an unnamed address");
	return buffer;
}

bool echo_must_retry(int err)
{
	return err == EAGAIN || err == EWOULDBLOCK || err == EINTR;
}

/* Returns 0 or an errno. */
static int socket_connect(int fd, const struct addrinfo *address)
{
	struct pollfd done = {.fd = fd, .events = POLLOUT};
	socklen_t len = sizeof(int);
	int err = 0;

	if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
		return 0;
	if (errno != EINTR)
		return errno;
	/* An interrupted connect() goes on by itself and must not be called again. */
	while (poll(&done, 1, -1) < 0)
		if (errno != EINTR)
			return errno;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0 ? err : errno;
}

/* Returns a connected socket or -errno. */
static int socket_open(const struct addrinfo *address)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	err = socket_connect(fd, address);
	if (!err && fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		err = errno;
	if (!err)
		return fd;
	close(fd);
	return -err;
}

int echo_connect(const char *host, uint16_t port)
{
	char name[ECHO_NAME_SIZE] = "";
	struct addrinfo *list;
	int fd = -1;

	if (echo_resolve(host, port, 0, &list) != 0)
		return -1;
	for (struct addrinfo *at = list; at && fd < 0; at = at->ai_next) {
		echo_name(at->ai_addr, at->ai_addrlen, name);
		fd = socket_open(at);
	}
	freeaddrinfo(list);
	if (fd >= 0)
		return fd;
	log_error("cannot connect to %s: %s", name, strerror(-fd));
	return -1;
}
