/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * history: the connections of a run, where each stands, and its rows, kept for who draws them later: the
 * picture and the full-screen view. What is kept is bounded: the connection that has been over for longest
 * gives way to a new one, else the one that was quiet for longest; of very many rows the middle is left out.
 *
 *	struct history *history = history_create(&style, 1000);
 *	history_sink(history)->change(...)		each change, and so on, as of any sink
 *	for (conn = history_newest(history, false); conn; conn = conn->older) ...
 *	history_draw(conn, draw, ctx);			its rows, as rows.h would have drawn them
 */
#ifndef RENDER_HISTORY_H
#define RENDER_HISTORY_H

#include "render/rows.h"
#include "render/sink.h"
#include "render/style.h"

#define HISTORY_ROWS	256 /* of one connection; of these the first ... */
#define HISTORY_FIRST	64 /* ... are kept, and the last */
#define HISTORY_REMARKS 256

struct history_row;

/* Where one end of a connection stands. */
struct history_end {
	uint64_t since_ns; /* valid if `since_known` */
	uint64_t until_ns; /* planned end of its minisock; 0: it has none */
	uint8_t state; /* as people should be shown it; NO_STATE: it is not on this host */
	bool since_known;
	bool uncertain; /* edges were missed */
};

struct history_conn {
	struct history_conn *older,
		*newer; /* of those that are open, or of those that are over: by last_ns */
	struct history_conn *next; /* of the index by number */
	struct history_row *first, *last;
	struct heading heading;
	struct history_end ends[2]; /* by enum side */
	uint64_t last_ns; /* of its last change */
	unsigned int rows, left_out;
	bool over; /* its verdict was given; a minisock may still be there */
	void *mark; /* of who draws it; NULL at first */
};

/* What was said that is of no one connection: a finding, a bind() that failed, lost events. */
struct history_remark {
	uint64_t ktime_ns;
	enum meaning meaning;
	char *words; /* lines, divided by newlines; those behind the first explain it */
};

struct history;

/* Room for CONNS connections; STYLE, for the words of verdicts, must outlive it. NULL: no memory. */
struct history *history_create(const struct style *style, unsigned int conns);
void history_destroy(struct history *history);

/* To be told of every change, and of time passing, as any sink; its `destroy` is history_destroy(). */
struct sink *history_sink(struct history *history);

/* FORGET is called with CTX before a connection is given up, or becomes part of another. */
void history_on_forget(struct history *history,
		       void (*forget)(void *ctx, struct history_conn *conn), void *ctx);

/* The one with the last change of those that are open, or OVER; go on with ->older. NULL: none. */
struct history_conn *history_newest(const struct history *history, bool over);

/* The connection with the number CONN_ID; NULL: there is none, or none any more. */
struct history_conn *history_find(const struct history *history, uint64_t conn_id);

/* How many are kept, and how many had to give way so far. */
unsigned int history_count(const struct history *history);
uint64_t history_given_up(const struct history *history);

/* 0, or -ENOMEM: some of it could not be kept. */
int history_err(const struct history *history);

/* Grows with everything that could look different now. */
uint64_t history_version(const struct history *history);

/* Gives the rows of CONN to DRAW, in their order. */
void history_draw(const struct history_conn *conn, draw_row_fn *draw, void *ctx);

/* The BACKth remark, 0: the last. NULL: there is none. */
const struct history_remark *history_remark(const struct history *history, unsigned int back);

/* Puts all connections that are kept, but for listeners, into LIST, the lowest number first; NULL: they are counted alone. Returns
 * how many there are. */
unsigned int history_list(const struct history *history, const struct history_conn **list);

#endif
