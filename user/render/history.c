// SPDX-License-Identifier: GPL-2.0-only
#include "render/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/advice.h"
#include "render/bind_words.h"
#include "render/words.h"

#define JOINS 64

struct history_row {
	struct history_row *next;
	struct row row;
	char note[];
};

/* By when their last change was; OLDEST gives way first. */
struct line_of {
	struct history_conn *oldest, *newest;
};

/* A connection that became part of another: rows of it may still be on their way. */
struct join {
	uint64_t from, to;
};

struct history {
	struct sink sink;
	struct rows *rows;
	struct history_conn **index; /* by number */
	struct line_of open, over;
	struct history_remark remarks[HISTORY_REMARKS]; /* a ring */
	uint64_t remark_count;
	struct join joins[JOINS]; /* a ring */
	unsigned int join_next;
	unsigned int count, capacity;
	uint64_t given_up, version;
	int err;
	void (*forget)(void *ctx, struct history_conn *conn);
	void *forget_ctx;
};

/* --- connections --------------------------------------------------------------------------------- */

static struct history_conn **index_link(const struct history *history, uint64_t conn_id)
{
	struct history_conn **link = &history->index[conn_id % history->capacity];

	while (*link && (*link)->heading.conn_id != conn_id)
		link = &(*link)->next;
	return link;
}

struct history_conn *history_find(const struct history *history, uint64_t conn_id)
{
	return *index_link(history, conn_id);
}

static struct line_of *line_of(struct history *history, const struct history_conn *conn)
{
	return conn->over ? &history->over : &history->open;
}

static void leave_line(struct history *history, struct history_conn *conn)
{
	struct line_of *line = line_of(history, conn);

	*(conn->newer ? &conn->newer->older : &line->newest) = conn->older;
	*(conn->older ? &conn->older->newer : &line->oldest) = conn->newer;
	conn->older = conn->newer = NULL;
}

static void join_line(struct history *history, struct history_conn *conn)
{
	struct line_of *line = line_of(history, conn);

	conn->older = line->newest;
	*(line->newest ? &line->newest->newer : &line->oldest) = conn;
	line->newest = conn;
}

static void free_conn(struct history_conn *conn)
{
	for (struct history_row *row = conn->first, *next; row; row = next) {
		next = row->next;
		free(row);
	}
	free(conn);
}

static void forget(struct history *history, struct history_conn *conn)
{
	if (history->forget)
		history->forget(history->forget_ctx, conn);
	*index_link(history, conn->heading.conn_id) = conn->next;
	leave_line(history, conn);
	free_conn(conn);
	history->count--;
}

static void make_room(struct history *history)
{
	if (history->count < history->capacity)
		return;
	history->given_up++;
	forget(history, history->over.oldest ? history->over.oldest : history->open.oldest);
}

/* NULL: no memory. */
static struct history_conn *add_conn(struct history *history, uint64_t conn_id)
{
	struct history_conn *conn, **link;

	make_room(history);
	conn = calloc(1, sizeof(*conn));
	if (!conn) {
		history->err = -ENOMEM;
		return NULL;
	}
	conn->heading.conn_id = conn_id;
	link = &history->index[conn_id % history->capacity];
	conn->next = *link;
	*link = conn;
	join_line(history, conn);
	history->count++;
	return conn;
}

/* --- rows ---------------------------------------------------------------------------------------- */

static void leave_out(struct history_conn *conn)
{
	struct history_row *row = conn->first, *middle = NULL;

	if (conn->rows <= HISTORY_ROWS)
		return;
	for (unsigned int i = 1; row && i < HISTORY_FIRST; i++)
		row = row->next;
	if (row)
		middle = row->next;
	if (!middle)
		return;
	row->next = middle->next;
	free(middle);
	conn->rows--;
	conn->left_out++;
}

/* Behind all that are not later. */
static void add_row(struct history_conn *conn, struct history_row *row)
{
	struct history_row **link = &conn->first;

	if (conn->last && conn->last->row.ktime_ns <= row->row.ktime_ns)
		link = &conn->last->next;
	while (*link && (*link)->row.ktime_ns <= row->row.ktime_ns)
		link = &(*link)->next;
	row->next = *link;
	*link = row;
	if (!row->next)
		conn->last = row;
	conn->rows++;
	leave_out(conn);
}

static struct history_row *copy_row(const struct row *row)
{
	size_t size = strlen(row->note) + 1;
	struct history_row *copy = malloc(sizeof(*copy) + size);

	if (!copy)
		return NULL;
	copy->row = *row;
	memcpy(copy->note, row->note, size);
	copy->row.note = copy->note;
	return copy;
}

void history_draw(const struct history_conn *conn, draw_row_fn *draw, void *ctx)
{
	for (const struct history_row *row = conn->first; row; row = row->next)
		draw(ctx, &row->row, &conn->heading);
}

/* --- remarks ------------------------------------------------------------------------------------- */

static void add_remark(struct history *history, uint64_t ktime_ns, enum meaning meaning,
		       const char *words)
{
	struct history_remark *remark = &history->remarks[history->remark_count % HISTORY_REMARKS];
	char *copy = strdup(words);

	if (!copy) {
		history->err = -ENOMEM;
		return;
	}
	free(remark->words);
	remark->ktime_ns = ktime_ns;
	remark->meaning = meaning;
	remark->words = copy;
	history->remark_count++;
}

const struct history_remark *history_remark(const struct history *history, unsigned int back)
{
	if (back >= history->remark_count || back >= HISTORY_REMARKS)
		return NULL;
	return &history->remarks[(history->remark_count - 1 - back) % HISTORY_REMARKS];
}

static void add_finding(struct history *history, const struct row *row)
{
	char words[2 * ADVICE_TEXT_LEN], more[ADVICE_TEXT_LEN];
	struct text said, advice;

	text_init(&said, words, sizeof(words));
	text_init(&advice, more, sizeof(more));
	advice_finding(&said, row->finding);
	advice_add(&advice, row->finding);
	if (advice.len)
		text_addf(&said, "\n%s", more);
	add_remark(history, row->ktime_ns, advice_meaning(row->finding->level), words);
}

static void add_port_line(void *ctx, const char *words)
{
	struct text *said = ctx;

	text_addf(said, "%s%s", said->len ? "\n" : "", words);
}

static void add_port(struct history *history, const struct change *change)
{
	char words[4 * ADVICE_TEXT_LEN];
	struct text said;

	text_init(&said, words, sizeof(words));
	bind_words_change(change, add_port_line, &said);
	add_remark(history, change->ktime_ns, MEANING_BAD, words);
}

static void add_clock(struct history *history, const struct change *change)
{
	char words[WORDS_CLOCK_LEN];
	struct text said;

	text_init(&said, words, sizeof(words));
	words_clock(&said, change->clock);
	add_remark(history, change->ktime_ns,
		   change->clock->offset.contradiction_ns ? MEANING_BAD : MEANING_PLAIN, words);
}

/* --- changes ------------------------------------------------------------------------------------- */

static uint64_t after_joins(const struct history *history, uint64_t conn_id)
{
	for (unsigned int i = 0; i < JOINS; i++)
		if (history->joins[i].from == conn_id)
			return history->joins[i].to;
	return conn_id;
}

/* Rows come when their other ends had time to come. */
static void take_row(void *ctx, const struct row *row, const struct heading *heading)
{
	struct history *history = ctx;
	struct history_conn *conn;
	struct history_row *copy;

	history->version++;
	if (row->kind == ROW_FINDING) {
		add_finding(history, row);
		return;
	}
	if (row->kind == ROW_LOST) {
		add_remark(history, row->ktime_ns, MEANING_BAD, row->note);
		return;
	}
	conn = history_find(history, after_joins(history, heading->conn_id));
	if (!conn)
		return;
	copy = copy_row(row);
	if (copy)
		add_row(conn, copy);
	else
		history->err = -ENOMEM;
}

static void update_end(struct history_end *end, const struct endpoint *endpoint)
{
	if (!endpoint)
		return;
	*end = (struct history_end){
		.since_ns = endpoint->since_ns,
		.until_ns = endpoint->keeps ? endpoint->keeps_until_ns : 0,
		.state = endpoint_shown_state(endpoint),
		.since_known = endpoint->since_known,
		.uncertain = endpoint->uncertain,
	};
}

static void update_conn(struct history *history, struct history_conn *conn,
			const struct change *change)
{
	rows_update_heading(&conn->heading, change);
	for (int side = 0; side < 2; side++)
		update_end(&conn->ends[side], change->conn->ends[side]);
	leave_line(history, conn);
	conn->last_ns = change->ktime_ns;
	conn->over |= change->kind == CHANGE_ENDED;
	join_line(history, conn);
}

/* Its rows are CONN's now. */
static void join_conns(struct history *history, struct history_conn *conn, uint64_t joined)
{
	struct history_conn *part = history_find(history, joined);

	history->joins[history->join_next++ % JOINS] = (struct join){joined, conn->heading.conn_id};
	if (!part || part == conn)
		return;
	for (struct history_row *row = part->first, *next; row; row = next) {
		next = row->next;
		add_row(conn, row);
	}
	conn->left_out += part->left_out;
	part->first = NULL;
	forget(history, part);
}

static void take_conn(struct history *history, const struct change *change)
{
	struct history_conn *conn = history_find(history, change->conn->id);

	if (!conn)
		conn = add_conn(history, change->conn->id);
	if (!conn)
		return;
	update_conn(history, conn, change);
	if (change->kind == CHANGE_PAIRED)
		join_conns(history, conn, change->joined);
}

static void history_change(struct sink *sink, const struct change *change)
{
	struct history *history = (struct history *)sink;

	history->version++;
	if (change->kind == CHANGE_BIND || change->kind == CHANGE_NO_PORT) {
		add_port(history, change);
		return;
	}
	if (change->kind == CHANGE_CLOCK) {
		add_clock(history, change);
		return;
	}
	if (change->conn)
		take_conn(history, change);
	rows_change(history->rows, change);
}

/* --- the sink ------------------------------------------------------------------------------------ */

static void history_tick(struct sink *sink, uint64_t now_ns)
{
	rows_tick(((struct history *)sink)->rows, now_ns);
}

static uint64_t history_due_ns(const struct sink *sink)
{
	return rows_due_ns(((const struct history *)sink)->rows);
}

static void history_finish(struct sink *sink)
{
	rows_finish(((struct history *)sink)->rows);
}

static void history_sink_destroy(struct sink *sink)
{
	history_destroy((struct history *)sink);
}

struct sink *history_sink(struct history *history)
{
	return &history->sink;
}

struct history *history_create(const struct style *style, unsigned int conns)
{
	struct history *history = calloc(1, sizeof(*history));

	if (!history)
		return NULL;
	history->sink = (struct sink){
		.change = history_change,
		.tick = history_tick,
		.due_ns = history_due_ns,
		.finish = history_finish,
		.destroy = history_sink_destroy,
	};
	history->capacity = conns;
	history->index = calloc(conns, sizeof(struct history_conn *));
	history->rows = rows_create(style, take_row, history);
	if (history->index && history->rows)
		return history;
	history_destroy(history);
	return NULL;
}

static void free_line(const struct line_of *line)
{
	for (struct history_conn *conn = line->newest, *next; conn; conn = next) {
		next = conn->older;
		free_conn(conn);
	}
}

void history_destroy(struct history *history)
{
	if (!history)
		return;
	free_line(&history->open);
	free_line(&history->over);
	for (unsigned int i = 0; i < HISTORY_REMARKS; i++)
		free(history->remarks[i].words);
	if (history->rows)
		rows_destroy(history->rows);
	free(history->index);
	free(history);
}

void history_on_forget(struct history *history,
		       void (*forget_fn)(void *ctx, struct history_conn *conn), void *ctx)
{
	history->forget = forget_fn;
	history->forget_ctx = ctx;
}

struct history_conn *history_newest(const struct history *history, bool over)
{
	return over ? history->over.newest : history->open.newest;
}

unsigned int history_count(const struct history *history)
{
	return history->count;
}

uint64_t history_given_up(const struct history *history)
{
	return history->given_up;
}

int history_err(const struct history *history)
{
	return history->err;
}

uint64_t history_version(const struct history *history)
{
	return history->version;
}

/* --- a list of them ------------------------------------------------------------------------------ */

static int by_number(const void *a, const void *b)
{
	const struct history_conn *const *x = a, *const *y = b;

	return ((*x)->heading.conn_id > (*y)->heading.conn_id) -
	       ((*x)->heading.conn_id < (*y)->heading.conn_id);
}

unsigned int history_list(const struct history *history, const struct history_conn **list)
{
	unsigned int count = 0;

	for (int over = 0; over < 2; over++)
		for (const struct history_conn *conn = history_newest(history, over); conn;
		     conn = conn->older)
			if (!conn->heading.listener) {
				if (list)
					list[count] = conn;
				count++;
			}
	if (list)
		qsort(list, count, sizeof(const struct history_conn *), by_number);
	return count;
}
