// SPDX-License-Identifier: GPL-2.0-only
/*
 * The narrow form fits 80 columns, which the full width of nine columns does not. So its columns are
 * elastic: what is longer than its column borrows from the blanks that follow, and when a line is still
 * too long, the process name is shortened, as the PID beside it says the same. An address, a port or a
 * state is never cut.
 */
#include "render/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/host.h"
#include "core/state.h"
#include "render/advice.h"
#include "render/bind_words.h"
#include "render/words.h"

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)

#define NARROW_COLUMNS 80
#define NARROW_COMM    8

/* What no tracepoint reports: a minisock that the kernel keeps of a closed socket. */
#define MINISOCK_ARROW "~>"

struct table_sink {
	struct sink sink;
	struct screen *screen;
	const struct style *style;
	bool header_done;
};

/* The cells of a line, as strings; the same for the header. */
struct cells {
	char time[24], sk[24], pid[12], uid[12], how[12], netns[12];
	char local[ADDR_TEXT_LEN], lport[8], remote[ADDR_TEXT_LEN], rport[8];
	char edge[40], ms[24];
	char comm[WIRE_COMM_LEN * 4 + 1];
};

static void cell_number(char *cell, size_t size, uint64_t number)
{
	struct text text;

	text_init(&text, cell, size);
	text_number(&text, number);
}

static void cell_words(char *cell, size_t size, const char *words)
{
	struct text text;

	text_init(&text, cell, size);
	text_plain(&text, words);
}

#define NUMBER(cell, number) cell_number(cell, sizeof(cell), number)
#define WORDS(cell, words)   cell_words(cell, sizeof(cell), words)

/* Digits where they count: a lifetime of minutes needs no microseconds. */
static void cell_ms(struct cells *cells, uint64_t ns)
{
	uint64_t parts = ns < 10 * NS_PER_MS	? 1000
			 : ns < 100 * NS_PER_MS ? 100
			 : ns < NS_PER_S	? 10
						: 1;
	uint64_t unit_ns = NS_PER_MS / parts;
	uint64_t units = (ns + unit_ns / 2) / unit_ns;
	struct text text;

	text_init(&text, cells->ms, sizeof(cells->ms));
	text_number(&text, units / parts);
	if (parts > 1)
		text_plain(&text, ".");
	for (uint64_t part = parts / 10; part; part /= 10)
		text_number(&text, units / part % 10);
}

static void cell_owner(struct cells *cells, const struct owner *owner, size_t comm_columns)
{
	struct text comm;

	text_init(&comm, cells->comm, sizeof(cells->comm));
	if (owner->source == OWNER_UNKNOWN) {
		WORDS(cells->pid, "-");
		text_add(&comm, "-");
		return;
	}
	NUMBER(cells->pid, owner->pid);
	text_escape(&comm, owner->comm, sizeof(owner->comm), comm_columns);
	if (comm.len == 0)
		text_add(&comm, "?"); /* a process may have no name, a column must have a word */
}

static void cell_how(struct cells *cells, const struct owner *owner)
{
	const char *code = owner_source_code(owner->source);

	if (owner->uid_known)
		NUMBER(cells->uid, owner->uid);
	else
		WORDS(cells->uid, "-");
	WORDS(cells->how, code ? code : "-");
}

static void cell_edge(struct cells *cells, uint8_t from, const char *arrow, uint8_t to)
{
	struct text edge;

	text_init(&edge, cells->edge, sizeof(cells->edge));
	text_plain(&edge, state_name(from));
	text_pad(&edge, 12);
	text_plain(&edge, arrow);
	text_plain(&edge, " ");
	text_plain(&edge, state_name(to));
}

static void cell_time(struct cells *cells, const struct style *style, const struct change *change)
{
	struct text time;

	text_init(&time, cells->time, sizeof(cells->time));
	if (style->time_form != TIME_OF_CONN)
		style_time(style, &time, change->ktime_ns, 0);
}

/* "sk:1a2b" as `ss -e` prints it, or the address where there is no cookie. */
static void cell_sk(struct cells *cells, const struct endpoint *end)
{
	if (!end->cookie && end->requested && end->state != WIRE_CLOSE)
		snprintf(cells->sk, sizeof(cells->sk), "-"); /* it is given to the child */
	else if (end->cookie)
		snprintf(cells->sk, sizeof(cells->sk), "sk:%" PRIx64, end->cookie);
	else
		snprintf(cells->sk, sizeof(cells->sk), "%" PRIx64, end->sk);
}

/* Those that are shown with --wide alone. */
static void fill_wide_cells(struct cells *cells, const struct endpoint *end)
{
	cell_sk(cells, end);
	cell_how(cells, &end->owner);
	NUMBER(cells->netns, host_netns(end->netns));
}

static void fill_cells(struct cells *cells, const struct style *style, const struct change *change)
{
	const struct endpoint *end = change->end;

	cell_time(cells, style, change);
	if (style->wide)
		fill_wide_cells(cells, end);
	cell_owner(cells, &end->owner, sizeof(cells->comm));
	addr_format(&end->local.addr, cells->local);
	addr_format(&end->remote.addr, cells->remote);
	NUMBER(cells->lport, end->local.port);
	NUMBER(cells->rport, end->remote.port);
	cell_edge(cells, change->from, change_is_of_minisock(change) ? MINISOCK_ARROW : "->",
		  change->to);
	if (change->in_state_known)
		cell_ms(cells, change->in_state_ns);
	else
		WORDS(cells->ms, "-");
}

/* Appends a cell; the next one starts at screen column NEXT, or behind a blank if that is later. */
static void put_cell(struct text *line, const char *cell, size_t next)
{
	text_plain(line, cell);
	text_plain(line, " ");
	text_pad(line, next);
}

/* A name that is cut ends in "+". */
static void put_comm(struct text *line, const char *comm, size_t columns)
{
	if (strlen(comm) <= columns)
		text_plain(line, comm);
	else
		text_addf(line, "%.*s+", (int)columns - 1, comm);
}

static void narrow_line(const struct style *style, struct text *line, const struct cells *cells,
			size_t comm_columns)
{
	size_t start = style->time_form == TIME_OF_CONN ? 0 : 13;

	text_reset(line);
	if (start)
		put_cell(line, cells->time, start);
	put_cell(line, cells->pid, start += 7);
	put_comm(line, cells->comm, comm_columns);
	start += comm_columns + 1;
	put_cell(line, "", start);
	put_cell(line, cells->local, start + 10);
	put_cell(line, cells->lport, start + 16);
	put_cell(line, cells->remote, start + 26);
	put_cell(line, cells->rport, start + 32);
	put_cell(line, cells->edge, start + 59);
	text_plain(line, cells->ms);
}

static void wide_line(const struct style *style, struct text *line, const struct cells *cells)
{
	size_t start = style->time_form == TIME_OF_CONN ? 0 : 13;

	text_reset(line);
	if (start)
		put_cell(line, cells->time, start);
	put_cell(line, cells->sk, start + 17);
	put_cell(line, cells->pid, start + 25);
	put_cell(line, cells->comm, start + 42);
	put_cell(line, cells->uid, start + 49);
	put_cell(line, cells->how, start + 60);
	put_cell(line, cells->netns, start + 71);
	put_cell(line, cells->local, start + 111);
	put_cell(line, cells->lport, start + 117);
	put_cell(line, cells->remote, start + 157);
	put_cell(line, cells->rport, start + 163);
	put_cell(line, cells->edge, start + 190);
	text_plain(line, cells->ms);
}

static void print_cells(struct table_sink *table, const struct cells *cells)
{
	size_t limit = NARROW_COLUMNS + (table->style->time_form == TIME_OF_CONN ? 0 : 13);
	size_t comm = NARROW_COMM;
	char buffer[512];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	if (table->style->wide)
		wide_line(table->style, &line, cells);
	else
		narrow_line(table->style, &line, cells, comm);
	while (!table->style->wide && line.columns > limit && comm > 1)
		narrow_line(table->style, &line, cells, --comm);
	screen_line(table->screen, &line);
}

static void print_minisock(struct table_sink *table, struct cells *cells,
			   const struct change *change)
{
	cell_edge(cells, change->from, MINISOCK_ARROW, change->cause.keeps);
	WORDS(cells->ms, "-");
	print_cells(table, cells);
}

static void print_header(struct table_sink *table)
{
	static const struct cells names = {
		.time = "TIME",
		.sk = "SK",
		.pid = "PID",
		.comm = "COMM",
		.uid = "UID",
		.how = "HOW",
		.netns = "NETNS",
		.local = "LADDR",
		.lport = "LPORT",
		.remote = "RADDR",
		.rport = "RPORT",
		.edge = "OLDSTATE    -> NEWSTATE",
		.ms = "MS",
	};

	if (table->style->header && !table->header_done)
		print_cells(table, &names);
	table->header_done = true;
}

static void print_lost(struct table_sink *table, const struct change *change)
{
	char buffer[80];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	text_addf(&line, "# lost %" PRIu64 " events", change->lost);
	screen_line(table->screen, &line);
}

static void print_clock(struct table_sink *table, const struct change *change)
{
	char buffer[WORDS_CLOCK_LEN + 8];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	text_add(&line, "# ");
	words_clock(&line, change->clock);
	screen_line(table->screen, &line);
}

/* A line that is no transition begins with a sign that no column begins with. */
static void print_remark(void *ctx, const char *words)
{
	const struct table_sink *table = ctx;
	char buffer[640];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	text_addf(&line, "! %s", words);
	screen_line(table->screen, &line);
}

static void print_finding(struct table_sink *table, const struct change *change)
{
	char buffer[ADVICE_TEXT_LEN + 32];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	text_add(&line, "! ");
	if (table->style->time_form != TIME_OF_CONN) {
		style_time(table->style, &line, change->ktime_ns, 0);
		text_add(&line, " ");
	}
	advice_finding(&line, change->finding);
	screen_line(table->screen, &line);
}

static void table_change(struct sink *sink, const struct change *change)
{
	struct table_sink *table = (struct table_sink *)sink;
	struct cells cells;

	switch (change->kind) {
	case CHANGE_MOVED:
	case CHANGE_NOTED:
	case CHANGE_JUMPED:
	case CHANGE_MINI:
	case CHANGE_INFERRED:
	case CHANGE_FOUND:
		print_header(table);
		fill_cells(&cells, table->style, change);
		print_cells(table, &cells);
		if (change_leaves_minisock(change))
			print_minisock(table, &cells, change);
		return;
	case CHANGE_LOST:
		print_lost(table, change);
		return;
	case CHANGE_BIND:
	case CHANGE_NO_PORT:
		print_header(table);
		bind_words_change(change, print_remark, table);
		return;
	case CHANGE_FINDING:
		print_finding(table, change);
		return;
	case CHANGE_CLOCK:
		print_clock(table, change);
		return;
	case CHANGE_OWNER:
	case CHANGE_PAIRED:
	case CHANGE_ENDED:
	case CHANGE_GONE:
		return;
	}
}

static void table_destroy(struct sink *sink)
{
	free(sink);
}

struct sink *table_create(struct screen *screen, const struct style *style)
{
	struct table_sink *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->sink.change = table_change;
	table->sink.destroy = table_destroy;
	table->screen = screen;
	table->style = style;
	return &table->sink;
}
