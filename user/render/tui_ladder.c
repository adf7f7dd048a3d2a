// SPDX-License-Identifier: GPL-2.0-only
#include "render/tui_parts.h"

#include <inttypes.h>

#include "core/state.h"
#include "render/page.h"

/* A ladder without notes beside it (render/lanes.c), the time at its left, and the blanks left of a verdict. */
#define LADDER_COLUMNS	54U
#define TIME_COLUMNS	13U
#define VERDICT_COLUMNS 5U

#define BAR_COLUMNS 18

/* Lines of a ladder on their way into a box. */
struct scroll {
	const struct tui_box *box; /* NULL: they are only counted */
	unsigned int top, lines;
	unsigned int skip;
};

struct ladder_drawing {
	struct tui *tui;
	struct page page;
	struct style style;
	struct scroll *scroll;
	unsigned int columns, skip; /* of the box; of most lines */
	const struct history_conn *conn;
	unsigned int rows;
};

static void put_line(void *ctx, const struct text *line)
{
	struct scroll *scroll = ctx;
	unsigned int number = scroll->lines++;
	struct grid_span span;

	if (!scroll->box || number < scroll->top || number - scroll->top >= scroll->box->rows)
		return;
	span = tui_line(scroll->box, number - scroll->top);
	span.skip = scroll->skip;
	grid_put(&span, MEANING_PLAIN, line->at);
}

/* Where rows of the middle were not kept. */
static void say_left_out(const struct ladder_drawing *drawing)
{
	const struct lanes *lanes = &drawing->page.lanes;
	char buffer[128], words[64];
	struct text line, said;

	text_init(&line, buffer, sizeof(buffer));
	text_init(&said, words, sizeof(words));
	text_addf(&said, "%s %u rows are left out", style_glyphs(lanes->style)->gap,
		  drawing->conn->left_out);
	text_pad(&line, lanes->client);
	style_add(lanes->style, &line, MEANING_FAINT, words);
	lanes_line(lanes, &line);
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* What is too narrow for all of it goes without its left margin. */
static void leave_out_margin(struct ladder_drawing *drawing, unsigned int columns)
{
	drawing->scroll->skip = least(columns, drawing->skip);
	drawing->style.columns = drawing->columns + drawing->scroll->skip;
}

static void draw_row(void *ctx, const struct row *row, const struct heading *heading)
{
	struct ladder_drawing *drawing = ctx;

	if (drawing->rows++ == HISTORY_FIRST && drawing->conn->left_out)
		say_left_out(drawing);
	leave_out_margin(drawing, row->kind == ROW_VERDICT ? VERDICT_COLUMNS : TIME_COLUMNS);
	if (!drawing->tui->paused || row->ktime_ns <= drawing->tui->now_ns)
		page_row(&drawing->page, row, heading);
}

/* What runs now, below what has happened. */
static void draw_waits(struct ladder_drawing *drawing)
{
	const struct lanes *lanes = &drawing->page.lanes;
	const struct tui_item *item = drawing->conn->mark;
	char buffer[256];
	struct text line;

	for (int side = 0; item && side < 2; side++) {
		const struct history_end *end = &item->ends[side];

		if (end->until_ns <= drawing->tui->now_ns)
			continue;
		text_init(&line, buffer, sizeof(buffer));
		text_pad(&line, lanes->client);
		text_add(&line, side == SIDE_CLIENT ? "client " : "server ");
		style_add(lanes->style, &line, style_state_meaning(end->state),
			  state_name(end->state));
		text_add(&line, " ");
		tui_add_wait(drawing->tui, &line, end, BAR_COLUMNS);
		lanes_line(lanes, &line);
	}
}

static void draw_all(struct tui *tui, const struct history_conn *conn, unsigned int columns,
		     struct scroll *scroll)
{
	struct ladder_drawing drawing = {
		.tui = tui,
		.style = *tui->style,
		.scroll = scroll,
		.columns = columns,
		.skip = columns < LADDER_COLUMNS ? LADDER_COLUMNS - columns : 0,
		.conn = conn,
	};

	drawing.style.marks = true;
	page_init(&drawing.page, &drawing.style, (struct line_out){put_line, scroll});
	history_draw(conn, draw_row, &drawing);
	leave_out_margin(&drawing, TIME_COLUMNS);
	lanes_measure(&drawing.page.lanes);
	draw_waits(&drawing);
}

/* First its lines are counted, as its end may be what is to be shown. */
void tui_draw_ladder(struct tui *tui, const struct tui_box *box)
{
	const struct history_conn *conn = history_find(tui->history, tui->chosen);
	struct scroll counted = {0}, drawn = {.box = box};
	unsigned int last;

	if (!conn || !conn->mark)
		return;
	draw_all(tui, conn, box->columns, &counted);
	last = counted.lines > box->rows ? counted.lines - box->rows : 0;
	if (tui->ladder_follows || tui->ladder_top > last)
		tui->ladder_top = last;
	tui->ladder_lines = counted.lines;
	tui->ladder_rows = box->rows;
	drawn.top = tui->ladder_top;
	draw_all(tui, conn, box->columns, &drawn);
}
