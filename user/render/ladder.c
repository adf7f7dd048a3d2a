// SPDX-License-Identifier: GPL-2.0-only
#include "render/ladder.h"

#include <stdlib.h>

#include "render/page.h"

struct ladder {
	struct sink sink;
	struct screen *screen;
	struct page page;
	struct rows *rows;
};

static void print_line(void *ctx, const struct text *line)
{
	screen_line(ctx, line);
}

static void ladder_draw(void *ctx, const struct row *row, const struct heading *heading)
{
	struct ladder *ladder = ctx;

	screen_wipe_status(ladder->screen);
	page_row(&ladder->page, row, heading);
}

static void ladder_change(struct sink *sink, const struct change *change)
{
	struct ladder *ladder = (struct ladder *)sink;

	if (change->kind == CHANGE_BIND || change->kind == CHANGE_NO_PORT) {
		rows_tick(ladder->rows, change->ktime_ns + ROWS_HOLD_NS); /* what came before it */
		screen_wipe_status(ladder->screen);
		page_port(&ladder->page, change);
	} else if (change->kind == CHANGE_CLOCK) {
		page_clock(&ladder->page, change);
	} else {
		rows_change(ladder->rows, change);
	}
}

static void ladder_tick(struct sink *sink, uint64_t now_ns)
{
	rows_tick(((struct ladder *)sink)->rows, now_ns);
}

static uint64_t ladder_due_ns(const struct sink *sink)
{
	return rows_due_ns(((const struct ladder *)sink)->rows);
}

static void ladder_finish(struct sink *sink)
{
	rows_finish(((struct ladder *)sink)->rows);
}

static void ladder_destroy(struct sink *sink)
{
	struct ladder *ladder = (struct ladder *)sink;

	rows_destroy(ladder->rows);
	free(ladder);
}

struct sink *ladder_create(struct screen *screen, const struct style *style)
{
	struct ladder *ladder = calloc(1, sizeof(*ladder));

	if (!ladder)
		return NULL;
	ladder->rows = rows_create(style, ladder_draw, ladder);
	if (!ladder->rows) {
		free(ladder);
		return NULL;
	}
	ladder->sink = (struct sink){
		.change = ladder_change,
		.tick = ladder_tick,
		.due_ns = ladder_due_ns,
		.finish = ladder_finish,
		.destroy = ladder_destroy,
	};
	ladder->screen = screen;
	page_init(&ladder->page, style, (struct line_out){print_line, screen});
	return &ladder->sink;
}
