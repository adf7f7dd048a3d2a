/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * grid: a screen of cells, between who draws and what shows it: a terminal, or a test.
 *
 * Whatever is put into it is clipped, so that who draws need not know where it ends.
 */
#ifndef RENDER_GRID_H
#define RENDER_GRID_H

#include "render/style.h"

/* A character in UTF-8, and NUL. */
#define GRID_BYTES 5

struct grid_cell {
	char bytes[GRID_BYTES]; /* "": the right half of the character before it */
	uint8_t meaning; /* enum meaning */
	bool reverse;
};

struct grid {
	struct grid_cell *cells; /* row by row */
	unsigned int rows, columns;
};

/* A part of it: text is put at ROW, from COLUMN up to END, which is not part of it. */
struct grid_span {
	struct grid *grid;
	unsigned int row, column, end;
	unsigned int skip; /* columns that are left out first */
	bool reverse;
};

/* Of blanks. Returns 0 or -ENOMEM. */
int grid_init(struct grid *grid, unsigned int rows, unsigned int columns);
void grid_fini(struct grid *grid);

/* Blanks again. */
void grid_clear(struct grid *grid);

/* The cell at ROW and COLUMN, which must be there. */
const struct grid_cell *grid_at(const struct grid *grid, unsigned int row, unsigned int column);

/* Puts STRING, in which style_add() may have left marks, and goes on behind it; what is without marks means MEANING. A
 * character that takes no column is shown as '?'. */
void grid_put(struct grid_span *span, enum meaning meaning, const char *string);

/* The same with what printf would print, which is short. */
void grid_putf(struct grid_span *span, enum meaning meaning, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts blanks up to COLUMN, or the end. */
void grid_pad(struct grid_span *span, unsigned int column);

#endif
