// SPDX-License-Identifier: GPL-2.0-only
#include "render/tui_parts.h"

#include <stdio.h>
#include <string.h>

#include "render/advice.h"
#include "render/lanes.h"

/* Lines that go into a box from TOP on, as long as there is room. */
struct filling {
	const struct tui_box *box; /* its grid may be NULL */
	unsigned int top, lines;
	bool whole; /* all were wanted and had room */
};

static void put_line(void *ctx, const struct text *line)
{
	struct filling *filling = ctx;
	unsigned int number = filling->lines++;
	struct grid_span span;

	if (number < filling->top)
		return;
	if (number - filling->top >= filling->box->rows) {
		filling->whole = false;
		return;
	}
	if (!filling->box->grid)
		return;
	span = tui_line(filling->box, number - filling->top);
	grid_put(&span, MEANING_PLAIN, line->at);
}

/* When it was said, as seconds since the trace began where lanes have those of a connection. */
static void add_time(const struct style *style, struct text *line, uint64_t ktime_ns)
{
	struct style of_trace = *style;
	char buffer[64];
	struct text text;

	if (of_trace.time_form == TIME_OF_CONN)
		of_trace.time_form = TIME_OF_TRACE;
	text_init(&text, buffer, sizeof(buffer));
	style_time(&of_trace, &text, ktime_ns, 0);
	style_add(style, line, MEANING_FAINT, buffer + strspn(buffer, " "));
	text_add(line, " ");
}

/* Its first line says what is, those behind it what that means. */
static void put_remark(const struct lanes *lanes, const struct history_remark *remark, bool wholly)
{
	const char *words = remark->words;
	enum meaning meaning = remark->meaning;
	char buffer[1024], piece[ADVICE_TEXT_LEN];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	add_time(lanes->style, &line, remark->ktime_ns);
	do {
		size_t n = strcspn(words, "\n");

		snprintf(piece, sizeof(piece), "%.*s", (int)n, words);
		lanes_wrap(lanes, &line, line.columns ? line.columns : 2, meaning, piece);
		words += n + (words[n] == '\n');
		meaning = MEANING_PLAIN;
	} while (wholly && *words);
}

static void fill(const struct tui *tui, struct filling *filling)
{
	struct style style = *tui->style;
	const struct lanes lanes = {.out = {put_line, filling},
				    .style = &style,
				    .end = filling->box->columns};
	const struct history_remark *remark;

	style.marks = true;
	for (unsigned int back = 0; filling->whole; back++) {
		remark = history_remark(tui->history, back);
		if (!remark)
			break;
		if (!tui->paused || remark->ktime_ns <= tui->now_ns)
			put_remark(&lanes, remark, tui->focus == TUI_FINDINGS);
	}
}

unsigned int tui_draw_findings(struct tui *tui, const struct tui_box *box)
{
	unsigned int top = tui->focus == TUI_FINDINGS ? tui->findings_top : 0, last;
	struct filling filling = {.box = box, .top = top, .whole = true};

	fill(tui, &filling);
	last = filling.lines > box->rows ? filling.lines - box->rows : 0;
	if (filling.whole && top > last) { /* a key went beyond their end */
		tui->findings_top = last;
		filling = (struct filling){.box = box, .top = last, .whole = true};
		fill(tui, &filling);
	}
	tui->findings_rows = box->rows;
	tui->findings_end = filling.whole;
	filling.lines -= filling.top < filling.lines ? filling.top : filling.lines;
	return filling.lines < box->rows ? filling.lines : box->rows;
}
