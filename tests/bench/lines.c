// SPDX-License-Identifier: GPL-2.0-only
/*
 * lines PORT [COUNT FIRST]: reads what a tool prints, and counts the lines that tell a transition (" -> ") of PORT; and
 * those of a summary, and the events that it says it has lost in lines "Lost N events". At the end it prints a line of JSON:
 *
 *	{"delivered": N, "lost": N, "latencies_us": [N, ...]}
 *
 * COUNT times, every 10 ms from the first of these lines on, it makes a listener on a port from FIRST on, and closes it. How long the line of that came
 * after it is its latency; a line that did not come within a second has none.
 */
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PROBES_MAX   1000
#define INTERVAL_NS  10000000L
#define PATIENCE_NS  1000000000L
#define BUFFER_BYTES (1U << 18)

struct probes {
	int count, made, first;
	bool told[PROBES_MAX];
	long made_ns[PROBES_MAX], told_ns[PROBES_MAX];
};

static struct probes probes;
static char port_word[16];
static long delivered, lost;

static long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

/* One transition, and the second one when it is closed. */
static void make_probe(void)
{
	int number = probes.made++;
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((in_port_t)(probes.first + number)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		perror("lines: cannot bind");
	probes.made_ns[number] = now_ns();
	listen(fd, 1);
	close(fd);
}

static void take_probe(const char *line, long now)
{
	const char *address = strstr(line, "127.0.0.1 ");
	long number = address ? strtol(strchr(address, ' '), NULL, 10) - probes.first : -1;

	if (number < 0 || number >= probes.made || probes.told[number])
		return;
	probes.told[number] = true;
	probes.told_ns[number] = now;
}

static void take_line(const char *line, long now)
{
	long number;

	if (sscanf(line, "Lost %ld events", &number) == 1)
		lost += number;
	if (sscanf(line, "%*d of %*d connections closed; %ld transitions", &number) == 1)
		delivered += number;
	if (!strstr(line, " -> "))
		return;
	if (strstr(line, port_word))
		delivered++;
	else if (probes.count)
		take_probe(line, now);
}

/* Takes the whole lines off the BUFFER of LEN bytes. Returns how many bytes are left at its beginning. */
static size_t take_lines(char *buffer, size_t len)
{
	char *line = buffer, *end;
	long now = now_ns();

	while ((end = memchr(line, '\n', len - (size_t)(line - buffer))) != NULL) {
		*end = '\0';
		take_line(line, now);
		line = end + 1;
	}
	len -= (size_t)(line - buffer);
	memmove(buffer, line, len);
	return len == BUFFER_BYTES ? 0 : len;
}

static int wait_ms(long due_ns)
{
	long left = due_ns - now_ns();

	if (!delivered || probes.made == probes.count)
		return -1;
	return left > 0 ? (int)(left / 1000000) + 1 : 0;
}

static void read_all(void)
{
	static char buffer[BUFFER_BYTES];
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	long due_ns = now_ns() + INTERVAL_NS;
	size_t len = 0;

	for (;;) {
		ssize_t n = 1;

		if (poll(&in, 1, wait_ms(due_ns)) > 0) {
			n = read(STDIN_FILENO, buffer + len, sizeof(buffer) - len);
			len = n > 0 ? take_lines(buffer, len + (size_t)n) : len;
		}
		if (n <= 0)
			return;
		if (delivered && probes.made < probes.count && now_ns() >= due_ns) {
			make_probe();
			due_ns = now_ns() + INTERVAL_NS;
		}
	}
}

static void print_latencies(void)
{
	const char *separator = "";

	for (int number = 0; number < probes.made; number++) {
		long took_ns = probes.told_ns[number] - probes.made_ns[number];

		if (!probes.told[number] || took_ns > PATIENCE_NS)
			continue;
		printf("%s%ld", separator, took_ns / 1000);
		separator = ", ";
	}
}

int main(int argc, char **argv)
{
	if (argc != 2 && argc != 4) {
		fputs("lines PORT [COUNT FIRST]\n", stderr);
		return 2;
	}
	snprintf(port_word, sizeof(port_word), " %s ", argv[1]);
	if (argc == 4) {
		probes.count = atoi(argv[2]) < PROBES_MAX ? atoi(argv[2]) : PROBES_MAX;
		probes.first = atoi(argv[3]);
	}
	read_all();
	printf("{\"delivered\": %ld, \"lost\": %ld, \"latencies_us\": [", delivered, lost);
	print_latencies();
	puts("]}");
	return EXIT_SUCCESS;
}
