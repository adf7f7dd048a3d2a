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
#define RISE_BYTES	    16UL /* before the bytes in the buffer */

/* What a write may take without being stuck: a pipe this, if poll() says that it takes any; a terminal what one drawing comes to. */
#define PIPE_BYTES     PIPE_BUF
#define TERMINAL_BYTES (16UL * 1024)

int screen_init(struct screen *screen, int fd)
{
	*screen = (struct screen){.fd = fd, .size = SCREEN_BUFFER_BYTES};
	screen->buffer = malloc(RISE_BYTES + screen->size);
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

/* The way up is not told before what is written there, as the terminal may be another one until then. */
static void leave_status(struct screen *screen)
{
	if (!screen->over)
		return;
	screen->rise = status_rows(screen);
	screen->status_lines = 0;
	screen->over = false;
}

static void write_out(struct screen *screen, const char *bytes, size_t len)
{
	const size_t most = screen->rows ? TERMINAL_BYTES : PIPE_BYTES;

	while (len > 0 && !screen->broken && !screen->err) {
		ssize_t n;

		wait_for_reader(screen);
		if (screen->broken)
			return;
		n = write(screen->fd, bytes, len < most ? len : most); /* does not block now */
		if (n >= 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (errno == EPIPE) {
			screen->broken = true;
		} else if (errno != EINTR && errno != EAGAIN) { /* others may have set O_NONBLOCK */
			screen->err = errno;
		}
	}
}

/* With the way up in front of it, in the same write. */
void screen_flush(struct screen *screen)
{
	char way[RISE_BYTES] = "";
	size_t n;

	leave_status(screen);
	if (screen->rise)
		snprintf(way, sizeof(way), "\r\033[%uA", screen->rise);
	n = strlen(way);
	memcpy(screen->buffer + RISE_BYTES - n, way, n);
	write_out(screen, screen->buffer + RISE_BYTES - n, screen->len + n);
	screen->len = screen->rise = 0;
}

static void put(struct screen *screen, const char *bytes, size_t len)
{
	if (screen->size - screen->len < len)
		screen_flush(screen);
	if (len > screen->size)
		return;
	memcpy(screen->buffer + RISE_BYTES + screen->len, bytes, len);
	screen->len += len;
}

/* The rest of a row of the terminal, where something else may have stood. */
static void clear_rest(struct screen *screen, const struct text *line)
{
	bool full = screen->columns && line->columns && line->columns % screen->columns == 0;

	if (!full) /* there the cursor stands on the last character, and would clear that */
		put(screen, "\033[K", 3);
}

void screen_line(struct screen *screen, const struct text *line)
{
	put(screen, line->at, line->len);
	if (screen->above)
		clear_rest(screen, line);
	put(screen, "\n", 1);
}

void screen_resize(struct screen *screen, unsigned int rows, unsigned int columns)
{
	screen->rows = rows;
	screen->columns = columns;
}

void screen_rewind_status(struct screen *screen)
{
	if (screen->status_lines)
		screen->over = screen->above = true;
}

void screen_status(struct screen *screen, const struct text *line)
{
	leave_status(screen);
	if (screen->status_lines == SCREEN_STATUS_LINES || screen->status_lines + 2 >= screen->rows)
		return;
	screen_line(screen, line);
	screen->status_columns[screen->status_lines++] = line->columns;
}

/* The cursor stands below them: only what is below it is no longer wanted. */
void screen_end_status(struct screen *screen)
{
	if (screen->above)
		put(screen, "\033[J", 3);
	screen->above = false;
}

void screen_wipe_status(struct screen *screen)
{
	screen_rewind_status(screen);
	screen_end_status(screen);
}

void screen_forget_status(struct screen *screen)
{
	screen->status_lines = screen->rise = 0;
	screen->over = false;
}
