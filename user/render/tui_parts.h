/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tui_parts: what the parts of the full-screen view share: within tui*.c only.
 */
#ifndef RENDER_TUI_PARTS_H
#define RENDER_TUI_PARTS_H

#include "core/tally.h"
#include "render/order.h"
#include "render/tui.h"

#define TUI_FILTER_LEN 64
#define TUI_SAID_LEN   256

/* What connections are sorted by. */
enum tui_order {
	TUI_BY_STATE, /* what is amiss or waits comes first */
	TUI_BY_NUMBER,
	TUI_BY_LEFT,
	TUI_BY_AGE,
	TUI_BY_ADDRESS,
	TUI_ORDERS
};

/* Where keys that move go to. */
enum tui_focus {
	TUI_LIST,
	TUI_LADDER,
	TUI_FINDINGS,
};

/* A connection in the list, as it was when it was last looked at: not while the view is paused. */
struct tui_item {
	struct order_node node; /* first */
	struct history_conn *conn;
	struct tui_item *newer, *older; /* of those that have changed since */
	bool changed; /* it is one of them */
	uint64_t id; /* 0: it was not looked at yet */
	uint64_t start_ns, last_ns;
	struct addr_port at[2]; /* by enum side */
	struct history_end ends[2];
	bool listener;
};

struct tui {
	struct sink sink;
	const struct style *style;
	struct history *history;
	struct tally tally;

	struct order order;
	struct tui_item *changed; /* the newest of them */
	enum tui_order by;
	bool reversed;
	char filter[TUI_FILTER_LEN];
	bool typing; /* the filter */

	uint64_t chosen; /* number of a connection, 0: none */
	uint32_t place; /* where it was, from the top */
	uint32_t top; /* the first that is shown */
	bool follows; /* nobody has chosen: the first one is */
	unsigned int list_rows; /* for connections when it was last drawn */

	enum tui_focus focus;
	bool full; /* the ladder has the whole width */
	unsigned int ladder_top, ladder_lines, ladder_rows;
	bool ladder_follows; /* shows its end */
	unsigned int findings_top, findings_rows;
	bool findings_end; /* their last line is shown */
	bool help;
	unsigned int help_top, help_rows;

	char said[TUI_SAID_LEN];
	enum meaning said_meaning;

	uint64_t now_ns; /* that is shown */
	uint64_t drawn_ns; /* when it was drawn */
	uint64_t drawn_version; /* of the history */
	bool paused, fresh, moving; /* FRESH: draw at once; MOVING: a bar runs */
};

/* A part of the grid. */
struct tui_box {
	struct grid *grid;
	unsigned int row, column, rows, columns;
};

/* --- tui_list.c: which connections there are, in which order, and which is chosen ----------------------------- */

/* CONN is new or has changed; is about to be given up. */
void tui_list_change(struct tui *tui, struct history_conn *conn);
void tui_list_forget(void *tui, struct history_conn *conn);

/* Takes up what has changed, unless paused; the chosen one is one of the list's afterwards. */
void tui_list_update(struct tui *tui);

/* All of it anew: it is sorted otherwise, or filtered otherwise. */
void tui_list_sort(struct tui *tui);

/* Chooses the one at PLACE, from the top, or the last. */
void tui_list_choose(struct tui *tui, uint32_t place);

/* The one at PLACE, NULL: there is none. */
const struct tui_item *tui_list_at(const struct tui *tui, uint32_t place);

/* The state of ITEM that is looked at first, and the planned end that comes first, 0: none. */
uint8_t tui_item_state(const struct tui_item *item);
const struct history_end *tui_item_wait(const struct tui_item *item, uint64_t now_ns);

const char *tui_order_name(enum tui_order by);

/* --- tui_draw.c, tui_ladder.c, tui_findings.c: what is shown ---------------------------------------------- */

/* A line of BOX, the ROWth. */
struct grid_span tui_line(const struct tui_box *box, unsigned int row);

/* Draws the list into BOX. */
void tui_draw_list(struct tui *tui, const struct tui_box *box);

/* Draws the chosen one's ladder into BOX. */
void tui_draw_ladder(struct tui *tui, const struct tui_box *box);

/* Draws findings into BOX, the newest first, with what they mean if they have the focus. Returns the lines it took. Without
 * a grid nothing is drawn. */
unsigned int tui_draw_findings(struct tui *tui, const struct tui_box *box);

/* Draws what the keys do. */
void tui_draw_help(struct tui *tui, const struct tui_box *box);

/* Appends "43s" and a bar of COLUMNS for END, which has a planned end. */
void tui_add_wait(const struct tui *tui, struct text *text, const struct history_end *end,
		  size_t columns);

#endif
