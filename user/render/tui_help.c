// SPDX-License-Identifier: GPL-2.0-only
#include "render/tui_parts.h"

static const char *const keys[][2] = {
	{"Up Down, k j", "the connection above, below"},
	{"PgUp PgDn, ^B ^F", "a page up, down"},
	{"Home End, g G", "the first, the last; the first is followed"},
	{"Enter", "its ladder in full width; again, or Esc: back"},
	{"Tab", "the keys above move the list, the ladder, the findings"},
	{"Left Right, h l", "... the list, the ladder"},
	{"s S", "sorted by state, number, wait left, age, address; turned"},
	{"/", "filter: text in addresses, ports, owners, states; Esc: none"},
	{"p, Space", "pause: the screen holds still; what comes is read"},
	{"w", "write a picture: tcpstate-trace-conn-N.svg in this directory"},
	{"?", "this, and back"},
	{"q", "quit"},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static const struct {
	enum meaning meaning;
	const char *means;
} colours[] = {
	{MEANING_OPEN, "data can flow"},
	{MEANING_WAIT, "waits for the peer, or for time"},
	{MEANING_BAD, "a RST, a timeout, something lost"},
	{MEANING_FAINT, "over, or not seen here"},
};

#define COLOURS (sizeof(colours) / sizeof(colours[0]))

void tui_draw_help(struct tui *tui, const struct tui_box *box)
{
	unsigned int lines = KEYS + 1 + COLOURS;

	tui->help_rows = lines > box->rows ? lines - box->rows + 1 : 1;
	for (unsigned int row = 0; row < box->rows; row++) {
		struct grid_span span = tui_line(box, row);
		unsigned int line = row + tui->help_top;

		grid_put(&span, MEANING_PLAIN, " ");
		if (line < KEYS) {
			grid_put(&span, MEANING_HEAD, keys[line][0]);
			grid_pad(&span, box->column + 19);
			grid_put(&span, MEANING_PLAIN, keys[line][1]);
		} else if (line > KEYS && line < lines) {
			grid_put(&span, colours[line - KEYS - 1].meaning,
				 colours[line - KEYS - 1].means);
		}
	}
}
