// SPDX-License-Identifier: GPL-2.0-only
#include "render/status.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"

#define NS_PER_S     UINT64_C(1000000000)
#define BARS_LEAST   2
#define BARS_MOST    (SCREEN_STATUS_LINES - 3)
#define WAITS_MAX    1024
#define BAR_COLUMNS  20
#define STATUS_BYTES 4096

/* A wait with a known end. */
struct wait {
	uint64_t conn_id;
	uint64_t start_ns;
	uint64_t until_ns;
	struct addr_port local, remote;
	uint8_t side;
	uint8_t state;
};

struct status {
	const struct style *style;
	const struct tally *tally;
	struct wait waits[WAITS_MAX]; /* earliest start first; more are counted only */
	unsigned int wait_count;
	uint64_t waits_untold; /* those beyond WAITS_MAX, until they end */
	uint64_t drawn_second; /* of the last drawing: bars move once a second */
	bool changed;
};

struct status *status_create(const struct style *style, const struct tally *tally)
{
	struct status *status = calloc(1, sizeof(*status));

	if (!status)
		return NULL;
	status->style = style;
	status->tally = tally;
	return status;
}

void status_destroy(struct status *status)
{
	free(status);
}

/* Status lines must not wrap, and leave the last column free. */
static size_t status_columns(const struct status *status)
{
	return status->style->screen_columns > 1 ? status->style->screen_columns - 1 : 1;
}

/* Bars have a third of the screen: the ladder is what people came for. */
static unsigned int bars_shown(const struct status *status)
{
	unsigned int bars = status->style->screen_rows / 3;

	return bars < BARS_LEAST ? BARS_LEAST : bars > BARS_MOST ? BARS_MOST : bars;
}

static void end_wait(struct status *status, const struct change *change)
{
	for (unsigned int i = 0; i < status->wait_count; i++) {
		struct wait *wait = &status->waits[i];

		if (wait->conn_id != change->conn->id || wait->side != change->end->side)
			continue;
		status->wait_count--;
		memmove(wait, wait + 1, (status->wait_count - i) * sizeof(*wait));
		return;
	}
	if (status->waits_untold && (change->kind == CHANGE_GONE || change->kind == CHANGE_MINI))
		status->waits_untold--;
}

static void begin_wait(struct status *status, const struct change *change)
{
	const struct endpoint *end = change->end;

	if (status->wait_count == WAITS_MAX) {
		status->waits_untold++;
		return;
	}
	status->waits[status->wait_count++] = (struct wait){
		.conn_id = change->conn->id,
		.start_ns = change->ktime_ns,
		.until_ns = change->ktime_ns + (uint64_t)change->cause.keeps_ms * 1000000,
		.local = end->local,
		.remote = end->remote,
		.side = end->side,
		.state = change->cause.keeps,
	};
}

void status_change(struct status *status, const struct change *change)
{
	if (!change->end)
		return;
	status->changed = true;
	end_wait(status, change);
	if (change->cause.keeps)
		begin_wait(status, change);
}

uint64_t status_due_ns(const struct status *status)
{
	if (status->wait_count == 0)
		return UINT64_MAX;
	return (status->drawn_second + 1) * NS_PER_S;
}

static bool is_running(const struct wait *wait, uint64_t now_ns)
{
	return wait->until_ns > now_ns;
}

static void add_counts(const struct status *status, struct text *line)
{
	bool any = false;
	char count_text[32];

	for (unsigned int state = 1; state < WIRE_STATE_COUNT; state++) {
		uint64_t count = tally_now(status->tally, (uint8_t)state);
		struct text count_line;

		if (!count)
			continue;
		text_init(&count_line, count_text, sizeof(count_text));
		text_addf(&count_line, "%s %" PRIu64, state_name(state), count);
		if (line->columns + count_line.columns + 2 > status_columns(status))
			break;
		text_add(line, any ? "  " : "");
		style_add(status->style, line, style_state_meaning((uint8_t)state), count_text);
		any = true;
	}
	if (!any)
		style_add(status->style, line, MEANING_FAINT, "no open connection");
}

static void add_bar(const struct status *status, struct text *line, const struct wait *wait,
		    uint64_t now_ns)
{
	const struct glyphs *glyphs = style_glyphs(status->style);
	uint64_t length = wait->until_ns - wait->start_ns;
	uint64_t left = is_running(wait, now_ns) ? wait->until_ns - now_ns : 0;
	size_t full = length ? (size_t)(left * BAR_COLUMNS / length) : 0;
	char local[ADDR_PORT_TEXT_LEN], remote[ADDR_PORT_TEXT_LEN];
	size_t columns;

	addr_port_format(&wait->local, local);
	addr_port_format(&wait->remote, remote);
	style_add(status->style, line, style_state_meaning(wait->state), state_name(wait->state));
	text_addf(line, " %3" PRIu64 " s ", (left + NS_PER_S - 1) / NS_PER_S);
	if (line->columns + BAR_COLUMNS > status_columns(status))
		return;
	text_repeat(line, glyphs->full, full);
	text_repeat(line, glyphs->empty, BAR_COLUMNS - full);
	columns = line->columns + strlen(local) + strlen(remote) + 6;
	if (columns <= status_columns(status))
		text_addf(line, "  %s %s %s", local, glyphs->arrow, remote);
}

static void draw_line(const struct status *status, struct screen *screen, const struct wait *wait,
		      uint64_t now_ns)
{
	char buffer[STATUS_BYTES];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	if (wait)
		add_bar(status, &line, wait, now_ns);
	else
		add_counts(status, &line);
	screen_status(screen, &line);
}

/* A rule between what has happened and what is. */
static void draw_rule(const struct status *status, struct screen *screen)
{
	char buffer[STATUS_BYTES], rule[STATUS_BYTES];
	struct text line, strokes;

	text_init(&line, buffer, sizeof(buffer));
	text_init(&strokes, rule, sizeof(rule));
	text_repeat(&strokes, style_glyphs(status->style)->line, status_columns(status));
	style_add(status->style, &line, MEANING_FAINT, rule);
	screen_status(screen, &line);
}

static void draw_more(const struct status *status, struct screen *screen)
{
	char buffer[128], words[64];
	struct text line, more;

	text_init(&line, buffer, sizeof(buffer));
	text_init(&more, words, sizeof(words));
	text_addf(&more, "and %" PRIu64 " more that wait",
		  status->wait_count + status->waits_untold - bars_shown(status));
	style_add(status->style, &line, MEANING_FAINT, words);
	screen_status(screen, &line);
}

void status_draw(struct status *status, struct screen *screen, uint64_t now_ns)
{
	uint64_t second = now_ns / NS_PER_S;
	bool moved = status->wait_count && second != status->drawn_second;

	if (screen->status_lines && !status->changed && !moved)
		return;
	screen_wipe_status(screen);
	draw_rule(status, screen);
	draw_line(status, screen, NULL, now_ns);
	for (unsigned int i = 0; i < status->wait_count && i < bars_shown(status); i++)
		draw_line(status, screen, &status->waits[i], now_ns);
	if (status->wait_count > bars_shown(status))
		draw_more(status, screen);
	status->drawn_second = second;
	status->changed = false;
}
