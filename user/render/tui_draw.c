// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where everything is:
 *
 *	counts per state
 *	titles: the list's columns; whose ladder it is
 *	list | ladder			one of them alone where both do not fit
 *	---- findings			if there are any
 *	what was said; the filter; how it is sorted; how to get help
 */
#include "render/tui_parts.h"

#include <inttypes.h>
#include <string.h>

#include "core/state.h"

#define NS_PER_S UINT64_C(1000000000)

/* Smaller than this nothing can be read. */
#define ROWS_LEAST    5U
#define COLUMNS_LEAST 24U

/* Of the list beside the ladder, which needs its own; with less than both there is one of them. */
#define LIST_LEAST   25U
#define LIST_MOST    64U
#define LADDER_LEAST 54U

/* In the list: the number, the state, and a wait. */
#define NUMBER_COLUMNS 5
#define STATE_COLUMNS  12
#define REST_FOR_BAR   30U /* behind the state: room for a wait's bar and addresses */
#define REST_FOR_WAIT  16U

struct grid_span tui_line(const struct tui_box *box, unsigned int row)
{
	return (struct grid_span){
		.grid = box->grid,
		.row = box->row + row,
		.column = box->column,
		.end = box->column + box->columns,
	};
}

/* --- the top ------------------------------------------------------------------------------------- */

static void draw_counts(const struct tui *tui, const struct tui_box *box)
{
	/* what is amiss or waits first, as it may not fit */
	static const uint8_t states[] = {
		WIRE_CLOSE_WAIT, WIRE_LAST_ACK, WIRE_CLOSING,  WIRE_FIN_WAIT1,	 WIRE_FIN_WAIT2,
		WIRE_TIME_WAIT,	 WIRE_SYN_SENT, WIRE_SYN_RECV, WIRE_ESTABLISHED, WIRE_LISTEN,
	};
	struct grid_span span = tui_line(box, 0);

	for (size_t i = 0; i < sizeof(states); i++) {
		uint64_t count = tally_now(&tui->tally, states[i]);

		if (!count)
			continue;
		if (span.column > box->column)
			grid_put(&span, MEANING_PLAIN, "  ");
		grid_put(&span, style_state_meaning(states[i]), state_name(states[i]));
		grid_putf(&span, style_state_meaning(states[i]), " %" PRIu64, count);
	}
	if (span.column == box->column)
		grid_put(&span, MEANING_FAINT, "no open connection");
	if (!tui->paused)
		return;
	span.column = box->columns > 8 ? box->columns - 8 : 0;
	span.reverse = true;
	grid_put(&span, MEANING_HEAD, " PAUSED ");
}

/* --- the list ------------------------------------------------------------------------------------ */

/* How long it lasts in all; of one that was there before, what TIME_WAIT has (TCP_TIMEWAIT_LEN, include/net/tcp.h). */
static uint64_t length_of(const struct history_end *end, uint64_t left)
{
	uint64_t usual = 60 * NS_PER_S;

	if (end->since_known)
		return end->until_ns - end->since_ns;
	return left > usual ? left : usual;
}

void tui_add_wait(const struct tui *tui, struct text *text, const struct history_end *end,
		  size_t columns)
{
	const struct glyphs *glyphs = style_glyphs(tui->style);
	uint64_t left = end->until_ns > tui->now_ns ? end->until_ns - tui->now_ns : 0;
	uint64_t length = length_of(end, left);
	size_t full = left < length ? (size_t)((left * columns + length / 2) / length) : columns;

	text_addf(text, "%3" PRIu64 "s ", (left + NS_PER_S - 1) / NS_PER_S);
	text_repeat(text, glyphs->full, full);
	text_repeat(text, glyphs->empty, columns - full);
}

/* "12s", "3m", "5h": since it was first heard of. */
static void add_age(const struct tui *tui, struct text *text, const struct tui_item *item)
{
	uint64_t age = tui->now_ns > item->start_ns ? (tui->now_ns - item->start_ns) / NS_PER_S : 0;

	if (age < 600)
		text_addf(text, "%3" PRIu64 "s", age);
	else if (age < 36000)
		text_addf(text, "%3" PRIu64 "m", age / 60);
	else
		text_addf(text, "%3" PRIu64 "h", age / 3600);
}

/* Both ends in full, as far as there is room; else what tells connections of one server apart. */
static void add_addresses(const struct tui *tui, struct text *text, const struct tui_item *item,
			  size_t columns)
{
	const char *arrow = style_glyphs(tui->style)->arrow;
	char client[ADDR_PORT_TEXT_LEN], server[ADDR_PORT_TEXT_LEN];
	const char *port;

	addr_port_format(&item->at[SIDE_CLIENT], client);
	addr_port_format(&item->at[SIDE_SERVER], server);
	port = strrchr(server, ':');
	if (item->listener) {
		text_add(text, strlen(server) <= columns ? server : port);
		return;
	}
	if (strlen(client) + strlen(server) + 4 <= columns)
		text_addf(text, "%s %s %s", client, arrow, server);
	else if (strlen(server) + 10 <= columns)
		text_addf(text, "%s %s %s", strrchr(client, ':'), arrow, server);
	else if (columns >= 15)
		text_addf(text, "%s %s %s", strrchr(client, ':'), arrow, port);
	else
		text_add(text, strrchr(client, ':'));
}

static size_t bar_columns(unsigned int rest)
{
	return rest >= REST_FOR_BAR ? 6 : rest >= REST_FOR_WAIT ? 3 : 2;
}

/* Behind the state; where it is narrow there is the wait, or else the address. */
static void put_rest(struct tui *tui, struct grid_span *span, const struct tui_item *item)
{
	const struct history_end *wait = tui_item_wait(item, tui->now_ns);
	unsigned int rest = span->end > span->column ? span->end - span->column : 0;
	unsigned int addresses = span->column + 5 + (unsigned int)bar_columns(rest) + 1;
	char buffer[256];
	struct text text;

	text_init(&text, buffer, sizeof(buffer));
	if (tui->by == TUI_BY_AGE)
		add_age(tui, &text, item);
	else if (wait)
		tui_add_wait(tui, &text, wait, bar_columns(rest));
	tui->moving |= text.len > 0;
	grid_put(span, wait ? MEANING_WAIT : MEANING_PLAIN, buffer);
	if (rest < REST_FOR_WAIT && text.len)
		return;
	if (rest >= REST_FOR_WAIT)
		grid_pad(span, addresses);
	text_reset(&text);
	add_addresses(tui, &text, item, span->end - span->column);
	grid_put(span, MEANING_PLAIN, buffer);
}

static void draw_item(struct tui *tui, struct grid_span span, const struct tui_item *item)
{
	uint8_t state = tui_item_state(item);
	unsigned int begins = span.column;

	span.reverse = item->id == tui->chosen;
	grid_putf(&span, MEANING_PLAIN, "%*" PRIu64 " ", NUMBER_COLUMNS, item->id);
	grid_put(&span, style_state_meaning(state), state ? state_name(state) : "?");
	grid_pad(&span, begins + NUMBER_COLUMNS + 1 + STATE_COLUMNS);
	put_rest(tui, &span, item);
	grid_pad(&span, span.end);
}

static void draw_list_title(const struct tui *tui, struct grid_span span)
{
	unsigned int rest = span.end - span.column - NUMBER_COLUMNS - STATE_COLUMNS - 1;
	unsigned int begins = span.column;
	unsigned int wait = begins + NUMBER_COLUMNS + 1 + STATE_COLUMNS;
	enum meaning meaning = tui->focus == TUI_LIST ? MEANING_HEAD : MEANING_FAINT;

	grid_put(&span, meaning, "    # STATE");
	grid_pad(&span, wait);
	grid_put(&span, meaning, tui->by == TUI_BY_AGE ? " AGE" : "WAIT");
	if (rest < REST_FOR_WAIT)
		return;
	grid_pad(&span, wait + 5 + (unsigned int)bar_columns(rest) + 1);
	grid_putf(&span, meaning, "CLIENT %s SERVER", style_glyphs(tui->style)->arrow);
}

/* The chosen one stays in sight. */
static void scroll_list(struct tui *tui, unsigned int rows)
{
	uint32_t count = order_count(&tui->order);

	if (tui->place < tui->top)
		tui->top = tui->place;
	if (rows && tui->place >= tui->top + rows)
		tui->top = tui->place - rows + 1;
	if (tui->top + rows > count)
		tui->top = count > rows ? count - rows : 0;
	tui->list_rows = rows;
}

void tui_draw_list(struct tui *tui, const struct tui_box *box)
{
	struct grid_span span;

	scroll_list(tui, box->rows);
	for (unsigned int row = 0; row < box->rows; row++) {
		const struct tui_item *item = tui_list_at(tui, tui->top + row);

		if (!item)
			break;
		draw_item(tui, tui_line(box, row), item);
	}
	if (order_count(&tui->order))
		return;
	span = tui_line(box, 0);
	grid_put(&span, MEANING_FAINT, tui->filter[0] ? "none matches" : "none yet");
}

/* --- the ladder's title -------------------------------------------------------------------------- */

static void draw_ladder_title(const struct tui *tui, struct grid_span span)
{
	const struct tui_item *item = tui_list_at(tui, tui->place);
	bool focus = tui->full || tui->focus == TUI_LADDER;

	if (!item)
		return;
	grid_putf(&span, focus ? MEANING_HEAD : MEANING_FAINT, "%s %" PRIu64,
		  item->listener ? "LISTENER" : "CONNECTION", item->id);
	if (tui->ladder_lines > tui->ladder_rows)
		grid_putf(&span, MEANING_FAINT, ", lines %u-%u of %u", tui->ladder_top + 1,
			  tui->ladder_top + tui->ladder_rows, tui->ladder_lines);
}

/* --- the bottom ---------------------------------------------------------------------------------- */

static void draw_filter(const struct tui *tui, struct grid_span *span)
{
	grid_put(span, MEANING_HEAD, tui->typing ? "/" : "filter: ");
	grid_put(span, MEANING_PLAIN, tui->filter);
	if (tui->typing) {
		span->reverse = true;
		grid_put(span, MEANING_PLAIN, " ");
		span->reverse = false;
	}
	grid_put(span, MEANING_PLAIN, "  ");
}

static void draw_bottom(const struct tui *tui, const struct tui_box *box)
{
	struct grid_span span = tui_line(box, box->rows - 1);
	uint32_t count = order_count(&tui->order);

	if (tui->said[0]) {
		grid_put(&span, tui->said_meaning, tui->said);
		return;
	}
	if (tui->typing || tui->filter[0])
		draw_filter(tui, &span);
	grid_putf(&span, MEANING_PLAIN, "%u of %u", count ? tui->place + 1 : 0, count);
	grid_put(&span, MEANING_FAINT, ", by ");
	grid_put(&span, MEANING_PLAIN, tui_order_name(tui->by));
	grid_put(&span, MEANING_FAINT, tui->reversed ? ", turned" : "");
	grid_put(&span, MEANING_FAINT, "   ");
	grid_put(&span, MEANING_HEAD, "?");
	grid_put(&span, MEANING_FAINT, " help  ");
	grid_put(&span, MEANING_HEAD, "q");
	grid_put(&span, MEANING_FAINT, " quit");
}

/* --- all of it ----------------------------------------------------------------------------------- */

static unsigned int list_columns(unsigned int columns)
{
	unsigned int list = columns * 2 / 5;

	if (columns < LIST_LEAST + 1 + LADDER_LEAST)
		return columns;
	if (columns - list - 1 < LADDER_LEAST)
		list = columns - 1 - LADDER_LEAST;
	return list < LIST_MOST ? list : LIST_MOST;
}

static void draw_rule(const struct tui *tui, const struct tui_box *box, const char *title)
{
	struct grid_span span = tui_line(box, 0);
	const char *line = style_glyphs(tui->style)->line;

	grid_put(&span, MEANING_FAINT, line);
	grid_put(&span, MEANING_FAINT, line);
	grid_put(&span, MEANING_FAINT, " ");
	grid_put(&span, tui->focus == TUI_FINDINGS ? MEANING_HEAD : MEANING_FAINT, title);
	grid_put(&span, MEANING_FAINT, " ");
	while (span.column < span.end)
		grid_put(&span, MEANING_FAINT, line);
}

/* At the foot of BOX, which is that much smaller then. */
static void draw_findings(struct tui *tui, struct tui_box *box)
{
	unsigned int most = tui->focus == TUI_FINDINGS ? box->rows / 2 : box->rows / 4;
	unsigned int rule = most > 2;
	struct tui_box part = *box;

	if (!history_remark(tui->history, 0))
		return;
	part.rows = most - rule;
	part.grid = NULL;
	part.rows = tui_draw_findings(tui, &part);
	part.grid = box->grid;
	box->rows -= part.rows + rule;
	part.row = box->row + box->rows;
	if (rule)
		draw_rule(tui, &part, "findings, the newest first");
	part.row += rule;
	tui_draw_findings(tui, &part);
}

static void draw_separator(const struct tui *tui, const struct tui_box *box, unsigned int column)
{
	for (unsigned int row = 0; row <= box->rows; row++) {
		struct grid_span span = {.grid = box->grid,
					 .row = box->row + row - 1,
					 .column = column,
					 .end = column + 1};

		grid_put(&span, MEANING_FAINT, tui->style->utf8 ? "│" : "|");
	}
}

/* BOX is below the line of titles. */
static void draw_panes(struct tui *tui, const struct tui_box *box)
{
	unsigned int width = list_columns(box->columns);
	bool alone = tui->full || width == box->columns;
	struct tui_box list = *box, ladder = *box, title = {box->grid, box->row - 1, 0, 1, width};

	list.columns = width;
	if (!tui->full) {
		draw_list_title(tui, tui_line(&title, 0));
		tui_draw_list(tui, &list);
	}
	if (alone && !tui->full)
		return;
	if (!alone) {
		draw_separator(tui, box, width);
		ladder.column = width + 1;
		ladder.columns = box->columns - ladder.column;
	}
	tui_draw_ladder(tui, &ladder);
	title.column = ladder.column;
	title.columns = ladder.columns;
	draw_ladder_title(tui, tui_line(&title, 0));
}

static void draw_body(struct tui *tui, struct tui_box *box)
{
	if (tui->help) {
		tui_draw_help(tui, box);
		return;
	}
	draw_findings(tui, box);
	box->row++;
	box->rows--;
	draw_panes(tui, box);
}

void tui_draw(struct tui *tui, struct grid *grid, uint64_t now_ns)
{
	struct tui_box whole = {grid, 0, 0, grid->rows, grid->columns}, body = whole;
	struct grid_span span = tui_line(&whole, 0);

	tui->drawn_ns = now_ns;
	if (!tui->paused)
		tui->now_ns = now_ns;
	tui->drawn_version = history_version(tui->history);
	tui->fresh = tui->moving = false;
	grid_clear(grid);
	if (grid->rows < ROWS_LEAST || grid->columns < COLUMNS_LEAST) {
		grid_put(&span, MEANING_PLAIN, "too small");
		return;
	}
	tui_list_update(tui);
	body.row = 1;
	body.rows -= 2;
	draw_body(tui, &body);
	draw_counts(tui, &whole);
	draw_bottom(tui, &whole);
}
