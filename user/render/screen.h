/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * screen: stdout. Lines gather here and go out in one write; on a terminal the status lines below them
 * are wiped before and drawn again after, in the same write, so nothing flickers.
 */
#ifndef RENDER_SCREEN_H
#define RENDER_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

#define SCREEN_STATUS_LINES 64

struct screen {
	int fd;
	char *buffer;
	size_t len;
	size_t size;
	bool broken; /* nobody reads any more (EPIPE) */
	int err; /* errno of any other failed write, 0: none */
	unsigned int columns; /* of the terminal, 0: none */
	unsigned int status_lines; /* on the terminal now */
	size_t status_columns
		[SCREEN_STATUS_LINES]; /* of each of them: a narrower terminal breaks them */
};

/* COLUMNS: of the terminal at FD, 0 if it is none. Returns 0 or -ENOMEM. FD stays the caller's. */
int screen_init(struct screen *screen, int fd, unsigned int columns);

/* The terminal has another width. */
void screen_resize(struct screen *screen, unsigned int columns);
void screen_fini(struct screen *screen);

/* Adds a line; the newline is added here. */
void screen_line(struct screen *screen, const struct text *line);

/* Writes what has gathered. */
void screen_flush(struct screen *screen);

/* Wipes the status lines; to be called before screen_line() when there are any. */
void screen_wipe_status(struct screen *screen);

/* Adds a status line, up to SCREEN_STATUS_LINES of them. It stays until it is wiped. */
void screen_status(struct screen *screen, const struct text *line);

#endif
