// SPDX-License-Identifier: GPL-2.0-only
#include "render/grid.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static const struct grid_cell blank = {.bytes = " "};

void grid_clear(struct grid *grid)
{
	for (unsigned int i = 0; i < grid->rows * grid->columns; i++)
		grid->cells[i] = blank;
}

int grid_init(struct grid *grid, unsigned int rows, unsigned int columns)
{
	*grid = (struct grid){.rows = rows, .columns = columns};
	grid->cells = calloc((size_t)rows * columns + 1, sizeof(*grid->cells));
	if (!grid->cells)
		return -ENOMEM;
	grid_clear(grid);
	return 0;
}

void grid_fini(struct grid *grid)
{
	free(grid->cells);
	*grid = (struct grid){0};
}

const struct grid_cell *grid_at(const struct grid *grid, unsigned int row, unsigned int column)
{
	return &grid->cells[row * grid->columns + column];
}

/* What is on the grid of a span. */
static unsigned int end_of(const struct grid_span *span)
{
	if (span->row >= span->grid->rows)
		return 0;
	return span->end < span->grid->columns ? span->end : span->grid->columns;
}

/* A wide character that would stand half outside is left out, with all behind it. */
static void put_character(struct grid_span *span, enum meaning meaning, const char *bytes, size_t n,
			  unsigned int columns)
{
	struct grid_cell *cell;

	if (span->skip) {
		span->skip -= columns < span->skip ? columns : span->skip;
		return;
	}
	if (span->column + columns > end_of(span)) {
		span->column = span->end > span->column ? span->end : span->column;
		return;
	}
	cell = &span->grid->cells[span->row * span->grid->columns + span->column];
	for (unsigned int i = 0; i < columns; i++)
		cell[i] = (struct grid_cell){.meaning = (uint8_t)meaning, .reverse = span->reverse};
	memcpy(cell->bytes, bytes, n);
	span->column += columns;
}

void grid_put(struct grid_span *span, enum meaning meaning, const char *string)
{
	enum meaning now = meaning;
	size_t len = strlen(string), n;
	uint32_t code = 0;

	for (; len && span->column < span->end; string += n, len -= n) {
		unsigned int columns;

		n = utf8_decode(string, len, &code);
		columns = n ? utf8_columns(code) : 0;
		if (n && code >= STYLE_MARK && code <= STYLE_MARK + MEANING_HEAD)
			now = code == STYLE_MARK ? meaning : (enum meaning)(code - STYLE_MARK);
		else
			put_character(span, now, columns ? string : "?", columns ? n : 1,
				      columns ? columns : 1);
		n = n ? n : 1;
	}
}

void grid_putf(struct grid_span *span, enum meaning meaning, const char *format, ...)
{
	char buffer[256];
	va_list args;

	va_start(args, format);
	vsnprintf(buffer, sizeof(buffer), format, args);
	va_end(args);
	grid_put(span, meaning, buffer);
}

void grid_pad(struct grid_span *span, unsigned int column)
{
	while (span->column < column && span->column < end_of(span))
		put_character(span, MEANING_PLAIN, " ", 1, 1);
}
