// SPDX-License-Identifier: GPL-2.0-only
#include "render/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "core/verdict.h"
#include "render/advice.h"

#define NS_PER_S     UINT64_C(1000000000)
#define BARS_LEAST   2
#define BARS_MOST    48
#define WAITS_MAX    256
#define STATUS_BYTES 4096

/* A planned end may be missed by as much before we no longer believe that we shall hear of it. */
#define LATE_NS (5 * NS_PER_S)

/* The rule, and the most that any line takes: what a terminal made smaller would not break. */
#define RULE_COLUMNS 79

/* Ends that wait alike: in the same state, at the same side, for the same server. */
struct wait {
	struct addr_port server;
	uint8_t state, side;
	uint64_t count;
	uint64_t start_ns, until_ns; /* of the one that ends last */
	struct addr_port local, remote; /* of the one that began last */
};

struct status {
	const struct style *style;
	const struct tally *tally;
	struct wait waits[WAITS_MAX]; /* in the order in which they began */
	unsigned int wait_count;
	uint64_t waits_untold; /* ends beyond these, until they end */
	uint8_t levels[FINDING_CODES]; /* of those that were told */
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
	status->changed = true;
	return status;
}

void status_destroy(struct status *status)
{
	free(status);
}

/* --- who waits ----------------------------------------------------------------------------------- */

static struct wait *find_wait(struct status *status, const struct endpoint *end, uint8_t state)
{
	const struct addr_port *server = end->side == SIDE_SERVER ? &end->local : &end->remote;

	for (unsigned int i = 0; i < status->wait_count; i++) {
		struct wait *wait = &status->waits[i];

		if (wait->state == state && wait->side == end->side &&
		    addr_port_equal(&wait->server, server))
			return wait;
	}
	return NULL;
}

static void forget_wait(struct status *status, struct wait *wait)
{
	size_t behind = (size_t)(status->waits + --status->wait_count - wait);

	memmove(wait, wait + 1, behind * sizeof(*wait));
}

static void end_wait(struct status *status, const struct change *change)
{
	struct wait *wait = find_wait(status, change->end, change->from);

	if (wait && --wait->count == 0)
		forget_wait(status, wait);
	else if (!wait && status->waits_untold)
		status->waits_untold--;
}

static void begin_wait(struct status *status, const struct change *change)
{
	const struct endpoint *end = change->end;
	struct wait *wait = find_wait(status, end, change->cause.keeps);
	uint64_t until_ns = change->ktime_ns + (uint64_t)change->cause.keeps_ms * 1000000;

	if (!wait && status->wait_count == WAITS_MAX) {
		status->waits_untold++;
		return;
	}
	if (!wait) {
		wait = &status->waits[status->wait_count++];
		*wait = (struct wait){
			.server = end->side == SIDE_SERVER ? end->local : end->remote,
			.state = change->cause.keeps,
			.side = end->side,
		};
	}
	wait->count++;
	wait->local = end->local;
	wait->remote = end->remote;
	if (until_ns < wait->until_ns)
		return;
	wait->start_ns = change->ktime_ns;
	wait->until_ns = until_ns;
}

/* Was it a minisock, which is no longer in FROM, or waits anew? */
static bool is_left(const struct change *change)
{
	return (change->kind == CHANGE_MINI || change->kind == CHANGE_INFERRED ||
		change->kind == CHANGE_GONE) &&
	       !change->first && (change->to != change->from || change->cause.keeps) &&
	       (change->from == WIRE_FIN_WAIT2 || change->from == WIRE_TIME_WAIT);
}

void status_change(struct status *status, const struct change *change)
{
	status->changed = true;
	if (change->kind == CHANGE_FINDING)
		status->levels[change->finding->code] = (uint8_t)change->finding->level;
	if (!change->end)
		return;
	if (is_left(change))
		end_wait(status, change);
	if (change->cause.keeps)
		begin_wait(status, change);
}

/* Whose end we have not heard of. */
static void forget_late(struct status *status, uint64_t now_ns)
{
	for (unsigned int i = status->wait_count; i-- > 0;)
		if (status->waits[i].until_ns + LATE_NS < now_ns)
			forget_wait(status, &status->waits[i]);
}

static uint64_t seconds_left(const struct wait *wait, uint64_t now_ns)
{
	uint64_t left_ns = wait->until_ns > now_ns ? wait->until_ns - now_ns : 0;

	return (left_ns + NS_PER_S - 1) / NS_PER_S;
}

/* What keeps a server's port comes first, then what many wait for, then what is over soonest. */
static bool comes_before(const struct wait *a, const struct wait *b, uint64_t now_ns)
{
	if (a->side != b->side)
		return a->side == SIDE_SERVER;
	if ((a->count > 1) != (b->count > 1))
		return a->count > 1;
	return seconds_left(a, now_ns) < seconds_left(b, now_ns);
}

/* --- what is drawn ------------------------------------------------------------------------------- */

/* One drawing: lines that do not wrap, and leave the last column free. */
struct drawing {
	struct status *status;
	const struct style *style;
	struct screen *screen;
	uint64_t now_ns;
	size_t columns;
	struct text line;
	char buffer[STATUS_BYTES];
};

static void end_line(struct drawing *drawing)
{
	screen_status(drawing->screen, &drawing->line);
	text_reset(&drawing->line);
}

/* Adds how often there is WHAT, on a line of its own where it does not fit any more. */
static void add_count(struct drawing *drawing, enum meaning meaning, const char *mark,
		      const char *what, uint64_t count)
{
	struct text *line = &drawing->line;
	char words[64];

	snprintf(words, sizeof(words), "%s%s %" PRIu64, mark, what, count);
	if (line->columns && line->columns + 2 + strlen(words) > drawing->columns)
		end_line(drawing);
	text_add(line, line->columns ? "  " : "");
	style_add(drawing->style, line, meaning, words);
}

/* A line that is less than others. */
static void draw_faint(struct drawing *drawing, const char *words)
{
	style_add(drawing->style, &drawing->line, MEANING_FAINT, words);
	end_line(drawing);
}

/* A rule between what has happened and what is, with how connections have ended on it. */
static void draw_rule(struct drawing *drawing)
{
	const struct tally *tally = drawing->status->tally;
	size_t columns = drawing->columns < RULE_COLUMNS ? drawing->columns : RULE_COLUMNS;
	struct text *line = &drawing->line, strokes;
	char buffer[STATUS_BYTES];

	for (unsigned int how = HOW_HALF_OPEN; how < HOW_COUNT; how++) {
		uint64_t count = 0;

		for (unsigned int first = 0; first <= FIRST_BOTH; first++)
			count += tally->verdicts[how][first];
		if (count)
			add_count(drawing, how == HOW_FIN_BOTH ? MEANING_FAINT : MEANING_BAD, "",
				  verdict_code((enum verdict_how)how), count);
	}
	text_add(line, line->columns ? " " : "");
	text_init(&strokes, buffer, sizeof(buffer));
	text_repeat(&strokes, style_glyphs(drawing->style)->line,
		    columns > line->columns ? columns - line->columns : 0);
	style_add(drawing->style, line, MEANING_FAINT, buffer);
	end_line(drawing);
}

/* What was found and what failed, which may have scrolled away. */
static void draw_troubles(struct drawing *drawing)
{
	const struct tally *tally = drawing->status->tally;

	for (int level = LEVEL_TROUBLE; level >= LEVEL_NOTE; level--)
		for (unsigned int code = 0; code < FINDING_CODES; code++)
			if (tally->told[code] && drawing->status->levels[code] == level)
				add_count(drawing, advice_meaning((enum finding_level)level), "! ",
					  finding_name((enum finding_code)code),
					  tally->cases[code]);
	if (tally->binds)
		add_count(drawing, MEANING_BAD, "! ", "bind() failed", tally->binds);
	if (tally->no_ports)
		add_count(drawing, MEANING_BAD, "! ", "no local port", tally->no_ports);
	if (drawing->line.columns)
		end_line(drawing);
}

static void draw_counts(struct drawing *drawing)
{
	for (unsigned int state = 1; state < WIRE_STATE_COUNT; state++) {
		uint64_t count = tally_now(drawing->status->tally, (uint8_t)state);

		if (count)
			add_count(drawing, style_state_meaning((uint8_t)state), "",
				  state_name(state), count);
	}
	if (drawing->line.columns)
		end_line(drawing);
	else
		draw_faint(drawing, "no open connection");
}

/* Who waits for whom: "server 127.0.0.1:80 -> 3 clients". */
static void add_ends(const struct drawing *drawing, struct text *words, const struct wait *wait)
{
	const char *arrow = style_glyphs(drawing->style)->arrow;
	char local[ADDR_PORT_TEXT_LEN], remote[ADDR_PORT_TEXT_LEN];

	addr_port_format(&wait->local, local);
	addr_port_format(&wait->remote, remote);
	if (wait->count == 1)
		text_addf(words, "%s %s %s %s", wait->side == SIDE_SERVER ? "server" : "client",
			  local, arrow, remote);
	else if (wait->side == SIDE_SERVER)
		text_addf(words, "server %s %s %" PRIu64 " clients", local, arrow, wait->count);
	else
		text_addf(words, "%" PRIu64 " clients %s %s", wait->count, arrow, remote);
}

static void draw_bar(struct drawing *drawing, const struct wait *wait)
{
	const struct glyphs *glyphs = style_glyphs(drawing->style);
	const size_t room = drawing->columns < 99 ? 10 : 20;
	uint64_t left = seconds_left(wait, drawing->now_ns);
	uint64_t length = (wait->until_ns - wait->start_ns) / NS_PER_S;
	size_t full = length && left < length ? (size_t)(left * room / length) : room;
	struct text *line = &drawing->line, words;
	char buffer[2 * ADDR_PORT_TEXT_LEN + 32];

	text_init(&words, buffer, sizeof(buffer));
	add_ends(drawing, &words, wait);
	style_add(drawing->style, line, style_state_meaning(wait->state), state_name(wait->state));
	text_addf(line, " %3" PRIu64 " s ", left);
	text_repeat(line, glyphs->full, full);
	text_repeat(line, glyphs->empty, room - full);
	if (line->columns + 2 + words.columns <= drawing->columns)
		text_addf(line, "  %s", buffer);
	end_line(drawing);
}

/* Bars have a third of the screen: the ladder is what people came for. */
static unsigned int bars_shown(const struct status *status)
{
	unsigned int bars = status->style->screen_rows / 3;

	return bars < BARS_LEAST ? BARS_LEAST : bars > BARS_MOST ? BARS_MOST : bars;
}

/* The first of those that are not DRAWN yet; NULL: there is none. */
static const struct wait *next_wait(const struct status *status, const bool *drawn, uint64_t now_ns)
{
	const struct wait *next = NULL;

	for (unsigned int i = 0; i < status->wait_count; i++)
		if (!drawn[i] && (!next || comes_before(&status->waits[i], next, now_ns)))
			next = &status->waits[i];
	return next;
}

static void draw_bars(struct drawing *drawing)
{
	const struct status *status = drawing->status;
	bool drawn[WAITS_MAX] = {false};
	uint64_t more = status->waits_untold;
	const struct wait *wait;
	char words[64];

	for (unsigned int bars = bars_shown(status); bars > 0; bars--) {
		wait = next_wait(status, drawn, drawing->now_ns);
		if (!wait)
			break;
		drawn[wait - status->waits] = true;
		draw_bar(drawing, wait);
	}
	for (unsigned int i = 0; i < status->wait_count; i++)
		more += drawn[i] ? 0 : status->waits[i].count;
	if (!more)
		return;
	snprintf(words, sizeof(words), "and %" PRIu64 " more that wait", more);
	draw_faint(drawing, words);
}

void status_hidden(struct status *status)
{
	status->changed = true;
}

bool status_is_stale(const struct status *status)
{
	return status->changed;
}

uint64_t status_due_ns(const struct status *status)
{
	if (status->wait_count == 0)
		return UINT64_MAX;
	return (status->drawn_second + 1) * NS_PER_S;
}

void status_draw(struct status *status, struct screen *screen, uint64_t now_ns)
{
	uint64_t second = now_ns / NS_PER_S;
	bool moved = status->wait_count && second != status->drawn_second;
	struct drawing drawing = {.status = status,
				  .style = status->style,
				  .screen = screen,
				  .now_ns = now_ns};

	if (screen->status_lines && !screen->over && !status->changed && !moved)
		return;
	drawing.columns = status->style->screen_columns > 1 ? status->style->screen_columns - 1 : 1;
	text_init(&drawing.line, drawing.buffer, sizeof(drawing.buffer));
	forget_late(status, now_ns);
	screen_rewind_status(screen);
	draw_rule(&drawing);
	draw_troubles(&drawing);
	draw_counts(&drawing);
	draw_bars(&drawing);
	screen_end_status(screen);
	status->drawn_second = second;
	status->changed = false;
}
