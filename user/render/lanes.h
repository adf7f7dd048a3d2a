/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lanes: where the columns of a ladder are, and lines that keep within them.
 */
#ifndef RENDER_LANES_H
#define RENDER_LANES_H

#include "render/style.h"

/* The longest arrow. */
#define LANES_ARROW_COLUMNS 22UL

/* What a name from outside may take at most, in columns. */
#define LANES_NAME_COLUMNS 160UL

/* Where lines go; LINE is valid during the call. */
struct line_out {
	void (*line)(void *ctx, const struct text *line);
	void *ctx;
};

struct lanes {
	struct line_out out;
	const struct style *style;
	size_t client; /* where each lane begins */
	size_t arrow;
	size_t server;
	size_t note;
	size_t end; /* the width asked for */
	bool note_beside; /* else the note goes below */
	bool time_above; /* ... and the time has a line of its own */
};

/* For the width that the style has now: the terminal may have been resized. */
void lanes_measure(struct lanes *lanes);

/* Prints LINE as it is. */
void lanes_line(const struct lanes *lanes, const struct text *line);

/* Appends WORDS from column AT on, as many lines as it takes; LINE is printed and left empty. */
void lanes_wrap(const struct lanes *lanes, struct text *line, size_t at, enum meaning meaning,
		const char *words);

#endif
