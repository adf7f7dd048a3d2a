// SPDX-License-Identifier: GPL-2.0-only
#include "render/ladder.h"

#include <stdlib.h>

#include "render/crowd.h"
#include "render/page.h"

struct ladder {
	struct sink sink;
	struct screen *screen;
	struct page page;
	struct rows *rows;
	struct crowd *crowd; /* NULL: all is drawn */
};

static void print_line(void *ctx, const struct text *line)
{
	struct ladder *ladder = ctx;

	screen_line(ladder->screen, line);
	if (ladder->crowd)
		crowd_line(ladder->crowd);
}

static void ladder_draw(void *ctx, const struct row *row, const struct heading *heading)
{
	struct ladder *ladder = ctx;

	if (ladder->crowd && !crowd_draws(ladder->crowd, row, heading))
		return;
	screen_rewind_status(ladder->screen);
	page_row(&ladder->page, row, heading);
}

static void tell_crowd(struct ladder *ladder, uint64_t now_ns)
{
	char buffer[256];
	struct text words;

	if (!ladder->crowd || crowd_due_ns(ladder->crowd) > now_ns)
		return;
	text_init(&words, buffer, sizeof(buffer));
	crowd_tell(ladder->crowd, &words);
	screen_rewind_status(ladder->screen);
	page_words(&ladder->page, MEANING_FAINT, buffer);
}

static void ladder_change(struct sink *sink, const struct change *change)
{
	struct ladder *ladder = (struct ladder *)sink;

	if (change->kind == CHANGE_BIND || change->kind == CHANGE_NO_PORT) {
		rows_tick(ladder->rows, change->ktime_ns + ROWS_HOLD_NS); /* what came before it */
		screen_rewind_status(ladder->screen);
		page_port(&ladder->page, change);
	} else if (change->kind == CHANGE_CLOCK) {
		page_clock(&ladder->page, change);
	} else {
		rows_change(ladder->rows, change);
	}
}

static void ladder_tick(struct sink *sink, uint64_t now_ns)
{
	struct ladder *ladder = (struct ladder *)sink;

	rows_tick(ladder->rows, now_ns);
	tell_crowd(ladder, now_ns);
}

static uint64_t ladder_due_ns(const struct sink *sink)
{
	const struct ladder *ladder = (const struct ladder *)sink;
	uint64_t rows_ns = rows_due_ns(ladder->rows);
	uint64_t crowd_ns = ladder->crowd ? crowd_due_ns(ladder->crowd) : UINT64_MAX;

	return rows_ns < crowd_ns ? rows_ns : crowd_ns;
}

static void ladder_finish(struct sink *sink)
{
	struct ladder *ladder = (struct ladder *)sink;

	rows_finish(ladder->rows);
	tell_crowd(ladder, UINT64_MAX - 1);
}

static void ladder_destroy(struct sink *sink)
{
	struct ladder *ladder = (struct ladder *)sink;

	rows_destroy(ladder->rows);
	free(ladder->crowd);
	free(ladder);
}

struct sink *ladder_create(struct screen *screen, const struct style *style, bool all)
{
	struct ladder *ladder = calloc(1, sizeof(*ladder));

	if (!ladder)
		return NULL;
	ladder->rows = rows_create(style, ladder_draw, ladder);
	ladder->crowd = all ? NULL : malloc(sizeof(*ladder->crowd));
	if (!ladder->rows || (!all && !ladder->crowd)) {
		if (ladder->rows)
			rows_destroy(ladder->rows);
		free(ladder->crowd);
		free(ladder);
		return NULL;
	}
	if (ladder->crowd)
		crowd_init(ladder->crowd, style);
	ladder->sink = (struct sink){
		.change = ladder_change,
		.tick = ladder_tick,
		.due_ns = ladder_due_ns,
		.finish = ladder_finish,
		.destroy = ladder_destroy,
	};
	ladder->screen = screen;
	page_init(&ladder->page, style, (struct line_out){print_line, ladder});
	return &ladder->sink;
}
