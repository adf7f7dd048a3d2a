/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * screen: stdout. Lines gather here and go out in one write. On a terminal status lines stand below them: what comes
 * next is written over these, in the same write, and nothing is cleared before it is written over, so nothing flickers.
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
	unsigned int rows, columns; /* of the terminal, 0: none */
	bool over; /* what comes next goes over the status lines on the terminal */
	bool above; /* ... or came there, and more of them may be left below it */
	unsigned int
		rise; /* rows up before what is in the buffer, from below former status lines */
	unsigned int status_lines; /* on the terminal now */
	size_t status_columns
		[SCREEN_STATUS_LINES]; /* of each of them: a narrower terminal breaks them */
};

/* Returns 0 or -ENOMEM. FD stays the caller's. */
int screen_init(struct screen *screen, int fd);

/* There is a terminal at FD, and it has this size now. */
void screen_resize(struct screen *screen, unsigned int rows, unsigned int columns);
void screen_fini(struct screen *screen);

/* Adds a line; the newline is added here. */
void screen_line(struct screen *screen, const struct text *line);

/* Writes what has gathered. */
void screen_flush(struct screen *screen);

/* Goes back to the first status line, to write over them; to be called before screen_line() when there are any. */
void screen_rewind_status(struct screen *screen);

/* Adds a status line, if there is room for it: two rows of the terminal are not theirs. It stays until it is written over. */
void screen_status(struct screen *screen, const struct text *line);

/* Clears what is left of former status lines: behind the last line of each drawing. */
void screen_end_status(struct screen *screen);

/* Takes the status lines away. */
void screen_wipe_status(struct screen *screen);

/* Somebody else has written to the terminal: the status lines are no longer where they were, and stay. */
void screen_forget_status(struct screen *screen);

#endif
