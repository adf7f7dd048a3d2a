// SPDX-License-Identifier: GPL-2.0-only
/*
 * visitor PORT DEED: comes to what --metrics serves on 127.0.0.1, as scrapers do, and as others might.
 *
 *	get METHOD PATH [ACCEPT]	prints the answer, its headers included
 *	ends		sends a request, and no more, and reads up to the end of the connection
 *	slow		says "ready", then sends a byte of a request every 10 ms until it is thrown out
 *	deaf		says "ready" when it has asked for pages and does not read them; until it is thrown out
 *	many NUMBER	says "ready" when it has so many connections, and keeps them until stdin ends
 *	garbage		sends what is no request, many times
 *	huge		sends a header that has no end, until it is thrown out
 *	stats		no visit: says "ready" when the kernel counts what BPF programs run, until stdin ends
 */
#include <linux/bpf.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sockets.h"

#define MOMENT_MS     10
#define PAGES	      200
#define GARBAGE_TIMES 100
#define HUGE_BYTES    (16 << 20)

static uint16_t port;

static int arrive(void)
{
	int fd = make_socket();

	connect_to(fd, port);
	return fd;
}

static void say_ready(void)
{
	puts("ready");
	fflush(stdout);
}

/* False: the connection is gone. */
static bool say(int fd, const char *bytes, size_t size)
{
	return send(fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static void print_answer(int fd)
{
	char buffer[65536];
	ssize_t n;

	while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0)
		fwrite(buffer, 1, (size_t)n, stdout);
}

static void get(const char *method, const char *path, const char *accept)
{
	char request[1024];
	int fd = arrive();

	snprintf(request, sizeof(request),
		 "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: %s\r\n\r\n",
		 method, path, accept);
	must(say(fd, request, strlen(request)), "send");
	print_answer(fd);
}

/* It does not ask for the end of the connection, but has ended its own side. */
static void ends(void)
{
	static const char request[] = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
	int fd = arrive();

	must(say(fd, request, strlen(request)), "send");
	shutdown(fd, SHUT_WR);
	print_answer(fd);
}

/* Is there something to be read within MS, as the end of the connection? */
static bool is_thrown_out(int fd, int ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, ms) > 0;
}

static void slow(void)
{
	static const char start[] = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Patience: ";
	int fd = arrive();

	must(say(fd, start, strlen(start)), "send");
	say_ready();
	while (say(fd, "a", 1) && !is_thrown_out(fd, MOMENT_MS))
		;
}

/* The pages must be more than what the two sockets hold. */
static void deaf(void)
{
	static const char request[] = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
	int fd = make_socket();
	struct pollfd poll_fd = {.fd = fd, .events = POLLRDHUP};

	set(fd, SOL_SOCKET, SO_RCVBUF, 4096);
	connect_to(fd, port);
	for (int i = 0; i < PAGES; i++)
		must(say(fd, request, strlen(request)), "send");
	say_ready();
	while (poll(&poll_fd, 1, -1) < 1)
		;
}

static void wait_for_stdin(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

static void many(unsigned long number)
{
	const struct rlimit room = {number + 64, number + 64};

	must(setrlimit(RLIMIT_NOFILE, &room) == 0, "setrlimit");
	for (unsigned long i = 0; i < number; i++)
		arrive();
	say_ready();
	wait_for_stdin();
}

/* Every other one is a whole request, if none that can be read, and is thrown out. */
static void garbage(void)
{
	static const char end[] = {'\r', '\n', '\r', '\n'};
	char bytes[512];

	for (unsigned int i = 0; i < GARBAGE_TIMES; i++) {
		int fd = arrive();

		for (unsigned int j = 0; j < sizeof(bytes); j++)
			bytes[j] = (char)(i * 31 + j * j);
		if (i % 2)
			memcpy(bytes + sizeof(bytes) - sizeof(end), end, sizeof(end));
		say(fd, bytes, sizeof(bytes));
		while (i % 2 && recv(fd, bytes, sizeof(bytes), 0) > 0)
			;
		close(fd);
	}
}

static void huge(void)
{
	static const char start[] = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Long: ";
	static char bytes[65536];
	int fd = arrive();

	memset(bytes, 'a', sizeof(bytes));
	must(say(fd, start, strlen(start)), "send");
	for (size_t sent = 0; sent < HUGE_BYTES; sent += sizeof(bytes))
		if (!say(fd, bytes, sizeof(bytes)))
			return;
	fputs("visitor: nobody minds\n", stderr);
	exit(EXIT_FAILURE);
}

/* As kernel.bpf_stats_enabled does, for as long as the descriptor is open. */
static void stats(void)
{
	union bpf_attr attr = {.enable_stats.type = BPF_STATS_RUN_TIME};

	must(syscall(SYS_bpf, BPF_ENABLE_STATS, &attr, sizeof(attr)) >= 0, "BPF_ENABLE_STATS");
	say_ready();
	wait_for_stdin();
}

int main(int argc, char **argv)
{
	const char *deed = argc > 2 ? argv[2] : "";

	port = argc > 2 ? (uint16_t)strtoul(argv[1], NULL, 10) : 0;
	if (strcmp(deed, "get") == 0 && argc > 4)
		get(argv[3], argv[4], argc > 5 ? argv[5] : "*/*");
	else if (strcmp(deed, "ends") == 0)
		ends();
	else if (strcmp(deed, "slow") == 0)
		slow();
	else if (strcmp(deed, "deaf") == 0)
		deaf();
	else if (strcmp(deed, "many") == 0 && argc > 3)
		many(strtoul(argv[3], NULL, 10));
	else if (strcmp(deed, "garbage") == 0)
		garbage();
	else if (strcmp(deed, "huge") == 0)
		huge();
	else if (strcmp(deed, "stats") == 0)
		stats();
	else
		return 2;
	return EXIT_SUCCESS;
}
