// SPDX-License-Identifier: GPL-2.0-only
#include "render/lanes.h"

#include <string.h>

#include "render/rows.h"

/* Geometry, in screen columns. A lane holds the longest state name and two blanks, or one where there is no room. */
#define STATE_COLUMNS	    11UL
#define LANE_COLUMNS	    (STATE_COLUMNS + 2)
#define ARROW_COLUMNS_LEAST 13
#define NOTE_COLUMNS_LEAST  24

void lanes_measure(struct lanes *lanes)
{
	size_t time = lanes->style->time_form == TIME_OF_DAY ? 13 : 14, lane = LANE_COLUMNS;
	size_t arrow = LANES_ARROW_COLUMNS, columns = lanes->style->columns;

	if (time + 2 * lane + arrow > columns)
		arrow = ARROW_COLUMNS_LEAST;
	lanes->time_above = time + lane + arrow + 1 + STATE_COLUMNS > columns;
	if (lanes->time_above) {
		time = 1;
		lane = STATE_COLUMNS + 1;
	}
	lanes->client = time;
	lanes->arrow = lanes->client + lane;
	lanes->server = lanes->arrow + arrow + 1;
	lanes->note = lanes->server + LANE_COLUMNS;
	lanes->end = columns;
	lanes->note_beside = lanes->note + NOTE_COLUMNS_LEAST <= lanes->end;
}

void lanes_line(const struct lanes *lanes, const struct text *line)
{
	lanes->out.line(lanes->out.ctx, line);
}

void lanes_wrap(const struct lanes *lanes, struct text *line, size_t at, enum meaning meaning,
		const char *words)
{
	char piece[ROWS_TEXT_LEN + 256];

	do {
		size_t room = lanes->end > at + 1 ? lanes->end - at : 1;
		size_t n = text_fit(words, room);

		memcpy(piece, words, n);
		piece[n] = '\0';
		text_pad(line, at);
		style_add(lanes->style, line, meaning, piece);
		lanes_line(lanes, line);
		text_reset(line);
		words += n;
		words += strspn(words, " ");
	} while (*words);
}
