// SPDX-License-Identifier: GPL-2.0-only
#include "render/screen.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCREEN_BUFFER_BYTES (256UL * 1024)
#define STUCK_MS	    100

int screen_init(struct screen *screen, int fd, unsigned int columns)
{
	*screen = (struct screen){.fd = fd, .size = SCREEN_BUFFER_BYTES, .columns = columns};
	screen->buffer = malloc(screen->size);
	return screen->buffer ? 0 : -ENOMEM;
}

void screen_fini(struct screen *screen)
{
	free(screen->buffer);
	*screen = (struct screen){.fd = -1};
}

/* The program blocks these and takes them from its loop, which a stuck write keeps it from. */
static bool is_asked_to_end(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) ||
	       sigismember(&pending, SIGHUP);
}

/* Waits for a reader, but not when the program is asked to end meanwhile. */
static void wait_for_reader(struct screen *screen)
{
	struct pollfd out = {.fd = screen->fd, .events = POLLOUT};

	while (poll(&out, 1, STUCK_MS) == 0 && !screen->broken)
		screen->broken = is_asked_to_end();
}

void screen_flush(struct screen *screen)
{
	size_t done = 0;

	while (done < screen->len) {
		size_t piece = screen->len - done < PIPE_BUF ? screen->len - done : PIPE_BUF;
		ssize_t n;

		wait_for_reader(screen);
		if (screen->broken || screen->err)
			break;
		n = write(screen->fd, screen->buffer + done, piece); /* does not block now */

		if (n >= 0)
			done += (size_t)n;
		else if (errno == EPIPE)
			screen->broken = true;
		else if (errno != EINTR && errno != EAGAIN) /* others may have set O_NONBLOCK */
			screen->err = errno;
	}
	screen->len = 0;
}

static void put(struct screen *screen, const char *bytes, size_t len)
{
	if (screen->size - screen->len < len)
		screen_flush(screen);
	if (len > screen->size)
		return;
	memcpy(screen->buffer + screen->len, bytes, len);
	screen->len += len;
}

void screen_line(struct screen *screen, const struct text *line)
{
	put(screen, line->at, line->len);
	put(screen, "\n", 1);
}

void screen_resize(struct screen *screen, unsigned int columns)
{
	screen->columns = columns;
}

/* The rows that the status lines take on a terminal of this width. */
static unsigned int status_rows(const struct screen *screen)
{
	unsigned int rows = 0;

	for (unsigned int i = 0; i < screen->status_lines; i++) {
		size_t columns = screen->status_columns[i];

		rows++;
		if (screen->columns > 0 && columns > 0)
			rows += (unsigned int)((columns - 1) / screen->columns);
	}
	return rows;
}

/* Up to the first of them, then clear to the end of the screen. */
void screen_wipe_status(struct screen *screen)
{
	char sequence[32];

	if (screen->status_lines == 0)
		return;
	snprintf(sequence, sizeof(sequence), "\r\033[%uA\033[J", status_rows(screen));
	put(screen, sequence, strlen(sequence));
	screen->status_lines = 0;
}

void screen_status(struct screen *screen, const struct text *line)
{
	if (screen->status_lines == SCREEN_STATUS_LINES)
		return;
	screen_line(screen, line);
	screen->status_columns[screen->status_lines++] = line->columns;
}
