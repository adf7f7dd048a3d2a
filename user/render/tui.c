// SPDX-License-Identifier: GPL-2.0-only
#include "render/tui_parts.h"

#include <stdlib.h>
#include <string.h>

#define FRAME_NS  UINT64_C(50000000)
#define SECOND_NS UINT64_C(1000000000)

/* --- changes ------------------------------------------------------------------------------------- */

static void tui_change(struct sink *sink, const struct change *change)
{
	struct tui *tui = (struct tui *)sink;
	struct sink *history = history_sink(tui->history);
	struct history_conn *conn;

	history->change(history, change);
	tally_change(&tui->tally, change);
	if (!change->conn)
		return;
	if (change->kind == CHANGE_PAIRED && change->joined == tui->chosen)
		tui->chosen = change->conn->id;
	conn = history_find(tui->history, change->conn->id);
	if (conn)
		tui_list_change(tui, conn);
}

static void tui_tick(struct sink *sink, uint64_t now_ns)
{
	struct sink *history = history_sink(((struct tui *)sink)->history);

	history->tick(history, now_ns);
}

static uint64_t tui_sink_due_ns(const struct sink *sink)
{
	const struct sink *history = history_sink(((const struct tui *)sink)->history);

	return history->due_ns(history);
}

static void tui_finish(struct sink *sink)
{
	struct sink *history = history_sink(((struct tui *)sink)->history);

	history->finish(history);
}

static void tui_sink_destroy(struct sink *sink)
{
	tui_destroy((struct tui *)sink);
}

struct sink *tui_sink(struct tui *tui)
{
	return &tui->sink;
}

/* --- its life ------------------------------------------------------------------------------------ */

struct tui *tui_create(const struct style *style, unsigned int conns)
{
	struct tui *tui = calloc(1, sizeof(*tui));

	if (!tui)
		return NULL;
	tui->history = history_create(style, conns);
	if (!tui->history) {
		free(tui);
		return NULL;
	}
	history_on_forget(tui->history, tui_list_forget, tui);
	tui->sink = (struct sink){
		.change = tui_change,
		.tick = tui_tick,
		.due_ns = tui_sink_due_ns,
		.finish = tui_finish,
		.destroy = tui_sink_destroy,
	};
	tui->style = style;
	tui->follows = tui->ladder_follows = tui->fresh = true;
	return tui;
}

void tui_destroy(struct tui *tui)
{
	if (!tui)
		return;
	for (int over = 0; over < 2; over++)
		for (struct history_conn *conn = history_newest(tui->history, over); conn;
		     conn = conn->older)
			free(conn->mark);
	history_destroy(tui->history);
	free(tui);
}

uint64_t tui_chosen(const struct tui *tui)
{
	return tui->chosen;
}

const struct history *tui_history(const struct tui *tui)
{
	return tui->history;
}

void tui_say(struct tui *tui, enum meaning meaning, const char *words)
{
	struct text said;

	text_init(&said, tui->said, sizeof(tui->said));
	text_add(&said, words);
	tui->said_meaning = meaning;
	tui->fresh = true;
}

uint64_t tui_due_ns(const struct tui *tui)
{
	if (tui->fresh)
		return 0;
	if (tui->paused)
		return UINT64_MAX;
	if (history_version(tui->history) != tui->drawn_version)
		return tui->drawn_ns + FRAME_NS;
	return tui->moving ? (tui->drawn_ns / SECOND_NS + 1) * SECOND_NS : UINT64_MAX;
}

/* --- keys that move ------------------------------------------------------------------------------ */

/* How far KEY goes from AT where there are COUNT, of which ROWS are shown. */
static uint32_t moved(uint32_t key, uint32_t at, uint32_t count, uint32_t rows)
{
	uint32_t page = rows > 2 ? rows - 1 : 1, last = count ? count - 1 : 0;

	switch (key) {
	case TUI_KEY_UP:
		return at ? at - 1 : 0;
	case TUI_KEY_PAGE_UP:
		return at > page ? at - page : 0;
	case TUI_KEY_HOME:
		return 0;
	case TUI_KEY_DOWN:
		return at < last ? at + 1 : last;
	case TUI_KEY_PAGE_DOWN:
		return at + page < last ? at + page : last;
	case TUI_KEY_END:
		return last;
	}
	return at;
}

static void move_in_list(struct tui *tui, uint32_t key)
{
	tui_list_update(tui);
	tui->follows = key == TUI_KEY_HOME;
	tui_list_choose(tui, moved(key, tui->place, order_count(&tui->order), tui->list_rows));
}

static void move_in_ladder(struct tui *tui, uint32_t key)
{
	unsigned int tops =
		tui->ladder_lines > tui->ladder_rows ? tui->ladder_lines - tui->ladder_rows + 1 : 1;

	tui->ladder_top = moved(key, tui->ladder_top, tops, tui->ladder_rows);
	tui->ladder_follows = tui->ladder_top + 1 == tops;
}

/* How many lines there are is not known: where their end is shown, it goes no further. */
static void move_in_findings(struct tui *tui, uint32_t key)
{
	bool down = key == TUI_KEY_DOWN || key == TUI_KEY_PAGE_DOWN || key == TUI_KEY_END;

	if (!down || !tui->findings_end)
		tui->findings_top =
			moved(key, tui->findings_top, UINT32_MAX / 2, tui->findings_rows);
}

static void move(struct tui *tui, uint32_t key)
{
	if (tui->help)
		tui->help_top = moved(key, tui->help_top, tui->help_rows, 1);
	else if (tui->full || tui->focus == TUI_LADDER)
		move_in_ladder(tui, key);
	else if (tui->focus == TUI_FINDINGS)
		move_in_findings(tui, key);
	else
		move_in_list(tui, key);
}

/* --- keys that change what is shown -------------------------------------------------------------- */

static void set_filter(struct tui *tui, const char *filter)
{
	struct text text;

	text_init(&text, tui->filter, sizeof(tui->filter));
	text_add(&text, filter);
	tui_list_sort(tui);
}

/* Returns false where KEY is none of typing. */
static bool type(struct tui *tui, uint32_t key)
{
	size_t len = strlen(tui->filter);
	char filter[TUI_FILTER_LEN + 1];

	memcpy(filter, tui->filter, len + 1);
	if (key == TUI_KEY_BACKSPACE && len) {
		filter[len - 1] = '\0';
	} else if (key == TUI_KEY_BACKSPACE) {
		tui->typing = false;
	} else if (key >= ' ' && key < 0x7f) {
		filter[len] = (char)key;
		filter[len + 1] = '\0';
		if (len + 1 == TUI_FILTER_LEN)
			return true;
	} else if (key == TUI_KEY_ENTER) {
		tui->typing = false;
		return true;
	} else {
		return false;
	}
	set_filter(tui, filter);
	return true;
}

/* Out of what one is in, the last first. */
static void leave(struct tui *tui)
{
	tui->typing = false;
	if (tui->help)
		tui->help = false;
	else if (tui->full)
		tui->full = false;
	else if (tui->filter[0])
		set_filter(tui, "");
	else
		tui->focus = TUI_LIST;
}

static void next_focus(struct tui *tui)
{
	tui->findings_top = 0;
	if (tui->focus == TUI_LIST)
		tui->focus = TUI_LADDER;
	else if (tui->focus == TUI_LADDER && history_remark(tui->history, 0))
		tui->focus = TUI_FINDINGS;
	else
		tui->focus = TUI_LIST;
}

static void sort_by_next(struct tui *tui)
{
	tui->by = (enum tui_order)((tui->by + 1) % TUI_ORDERS);
	tui_list_sort(tui);
}

/* Letters that stand for keys which not every keyboard has. */
static uint32_t key_meant(uint32_t key)
{
	static const struct {
		char letter;
		uint32_t key;
	} meant[] = {
		{'k', TUI_KEY_UP},	{'j', TUI_KEY_DOWN},	  {'h', TUI_KEY_LEFT},
		{'l', TUI_KEY_RIGHT},	{'g', TUI_KEY_HOME},	  {'G', TUI_KEY_END},
		{2, TUI_KEY_PAGE_UP},	{6, TUI_KEY_PAGE_DOWN}, /* ^B, ^F */
		{'\n', TUI_KEY_ENTER},	{'\r', TUI_KEY_ENTER},	  {27, TUI_KEY_ESCAPE},
		{8, TUI_KEY_BACKSPACE}, {127, TUI_KEY_BACKSPACE},
	};

	for (size_t i = 0; i < sizeof(meant) / sizeof(meant[0]); i++)
		if (key == (unsigned char)meant[i].letter)
			return meant[i].key;
	return key;
}

static enum tui_wish obey(struct tui *tui, uint32_t key)
{
	switch (key) {
	case 'q':
		return TUI_WISH_QUIT;
	case 'w':
		return TUI_WISH_SAVE;
	case '?':
		tui->help = !tui->help;
		tui->help_top = 0;
		break;
	case 'p':
	case ' ':
		tui_list_update(tui);
		tui->paused = !tui->paused;
		break;
	case 's':
		sort_by_next(tui);
		break;
	case 'S':
		tui->reversed = !tui->reversed;
		break;
	case '/':
		tui->typing = true;
		tui->help = tui->full = false;
		break;
	case '\t':
		next_focus(tui);
		break;
	case TUI_KEY_ENTER:
		tui->full = !tui->full && tui->chosen;
		break;
	case TUI_KEY_ESCAPE:
		leave(tui);
		break;
	case TUI_KEY_LEFT:
	case TUI_KEY_RIGHT:
		tui->focus = key == TUI_KEY_LEFT ? TUI_LIST : TUI_LADDER;
		break;
	default:
		move(tui, key);
	}
	return TUI_WISH_NONE;
}

enum tui_wish tui_press(struct tui *tui, uint32_t key)
{
	tui->said[0] = '\0';
	tui->fresh = true;
	if (!tui->typing || key < ' ' || key == 127)
		key = key_meant(key);
	if (tui->typing && type(tui, key))
		return TUI_WISH_NONE;
	return obey(tui, key);
}
