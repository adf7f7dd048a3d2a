// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each column is as wide as what stands in it, so all rows are looked at twice: an address is never cut, and a line
 * no longer than it must be.
 */
#include "render/endpoints.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/container.h"
#include "core/state.h"

#define MINISOCK_ARROW "~>"

enum column {
	COLUMN_MARK,
	COLUMN_STATE,
	COLUMN_LOCAL,
	COLUMN_REMOTE,
	COLUMN_OWNER,
	COLUMN_LEFT,
	COLUMN_AGE,
	COLUMN_PEER,
	COLUMN_KIND, /* from here on with -w */
	COLUMN_NETNS,
	COLUMN_SK,
	COLUMN_UID,
	COLUMN_HOW,
	COLUMN_CONTAINER,
	COLUMN_CGROUP,
	COLUMNS
};

/* A process's name, each byte of it escaped, with its number; or an address with its port. */
#define CELL_LEN (WIRE_COMM_LEN * 4 + 16)

struct cells {
	char at[COLUMNS][CELL_LEN];
	char cgroup[WIRE_NAME_LEN * 4]; /* the last column has no width */
};

struct columns {
	bool shown[COLUMNS];
	size_t width[COLUMNS];
};

/* --- how many ------------------------------------------------------------------------------------ */

static void add_difference(struct text *line, uint64_t now, uint64_t before)
{
	if (now > before)
		text_addf(line, " (+%" PRIu64 ")", now - before);
	else if (now < before)
		text_addf(line, " (-%" PRIu64 ")", before - now);
}

static void print_count(struct screen *screen, const char *what, uint64_t now, uint64_t before,
			const char *kind)
{
	char buffer[80];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	text_addf(&line, "%-13s %6" PRIu64, what, now);
	add_difference(&line, now, before);
	if (kind) {
		text_add(&line, "  ");
		text_pad(&line, 30);
		text_add(&line, kind);
	}
	screen_line(screen, &line);
}

static void print_counts(struct screen *screen, const struct style *style,
			 const struct endpoints_round *round)
{
	const struct roll_counts *now = &round->now->counts;
	const struct roll_counts *before = round->before ? round->before : now;
	char buffer[80];
	struct text line;
	uint8_t state;

	text_init(&line, buffer, sizeof(buffer));
	text_addf(&line, "%-13s %6s", "STATE", "COUNT");
	text_pad(&line, 30);
	text_add(&line, "KIND");
	if (style->header)
		screen_line(screen, &line);
	for (unsigned int i = 0; (state = roll_state(i)) != WIRE_NO_STATE; i++)
		for (enum roll_kind kind = 0; kind < ROLL_KINDS; kind++)
			if (now->of[state][kind] || before->of[state][kind])
				print_count(screen, state_name(state), now->of[state][kind],
					    before->of[state][kind], roll_kind_name(kind));
	print_count(screen, "total", roll_total(now), roll_total(before), NULL);
}

/* --- each ---------------------------------------------------------------------------------------- */

static void set(char *cell, const char *word)
{
	snprintf(cell, CELL_LEN, "%s", word);
}

static void set_process(char *cell, const struct owner *owner, const char *nobody)
{
	struct text text;

	text_init(&text, cell, CELL_LEN);
	if (owner->source == OWNER_UNKNOWN) {
		text_add(&text, nobody);
		return;
	}
	text_escape(&text, owner->comm, sizeof(owner->comm), SIZE_MAX);
	text_addf(&text, "[%" PRIu32 "]", owner->pid);
}

static const char *nobody(const struct roll_row *row)
{
	if (row->owner.kernel)
		return "kernel";
	return row->orphan ? "orphan" : "-";
}

static void set_state(char *cell, const struct roll_row *row)
{
	const char *arrow = row->kind == ROLL_MINISOCK ? MINISOCK_ARROW : "->";

	if (row->change == ROLL_MOVED)
		snprintf(cell, CELL_LEN, "%s %s %s", state_name(row->from), arrow,
			 state_name(row->state));
	else
		set(cell, state_name(row->state));
}

/* To a tenth: the kernel's timers are no better. */
static void set_seconds(char *cell, const char *sign, uint64_t ns)
{
	snprintf(cell, CELL_LEN, "%s%.1fs", sign, (double)ns / 1e9);
}

static void set_times(struct cells *cells, const struct roll_row *row, uint64_t now_ns)
{
	set(cells->at[COLUMN_LEFT], "-");
	set(cells->at[COLUMN_AGE], "-");
	if (row->change == ROLL_GONE)
		return;
	if (row->until_ns)
		set_seconds(cells->at[COLUMN_LEFT], "",
			    row->until_ns > now_ns ? row->until_ns - now_ns : 0);
	if (row->seen_ns < now_ns)
		set_seconds(cells->at[COLUMN_AGE], ">", now_ns - row->seen_ns);
}

static void set_cgroup(struct cells *cells, const struct owner *owner,
		       const struct owner_names *names)
{
	bool known = owner->source != OWNER_UNKNOWN && owner->cgroup;
	const char *path = known ? names_find(&names->cgroups, owner->cgroup) : NULL;
	const char *container;
	struct text text;
	size_t len;

	set(cells->at[COLUMN_CONTAINER], "-");
	text_init(&text, cells->cgroup, sizeof(cells->cgroup));
	if (!path || !path[0]) {
		text_add(&text, "-");
		return;
	}
	text_escape(&text, path, strlen(path), SIZE_MAX);
	container = container_find(path, &len);
	if (!container)
		return;
	text_init(&text, cells->at[COLUMN_CONTAINER], CELL_LEN);
	text_escape(&text, container, len, CELL_LEN - 1);
}

static void set_wide(struct cells *cells, const struct roll_row *row)
{
	const char *how = owner_source_name(row->owner.source);

	set(cells->at[COLUMN_KIND], roll_kind_name((enum roll_kind)row->kind));
	snprintf(cells->at[COLUMN_NETNS], CELL_LEN, "%" PRIu32, row->netns);
	if (row->cookie)
		snprintf(cells->at[COLUMN_SK], CELL_LEN, "sk:%" PRIx64, row->cookie);
	else
		set(cells->at[COLUMN_SK], "-");
	if (row->owner.uid_known)
		snprintf(cells->at[COLUMN_UID], CELL_LEN, "%" PRIu32, row->owner.uid);
	else
		set(cells->at[COLUMN_UID], "-");
	set(cells->at[COLUMN_HOW], how);
}

static void fill_cells(struct cells *cells, const struct roll_row *row,
		       const struct endpoints_round *round, bool wide)
{
	static const char *const marks[] =
		{[ROLL_SAME] = "", [ROLL_NEW] = "+", [ROLL_MOVED] = "*", [ROLL_GONE] = "-"};

	set(cells->at[COLUMN_MARK], marks[row->change]);
	set_state(cells->at[COLUMN_STATE], row);
	addr_port_format(&row->local, cells->at[COLUMN_LOCAL]);
	addr_port_format(&row->remote, cells->at[COLUMN_REMOTE]);
	set_process(cells->at[COLUMN_OWNER], &row->owner, nobody(row));
	set_times(cells, row, round->now->now_ns);
	if (row->peer_state)
		set_process(cells->at[COLUMN_PEER], &row->peer_owner, "here");
	else
		set(cells->at[COLUMN_PEER], "-");
	if (!wide)
		return;
	set_wide(cells, row);
	set_cgroup(cells, &row->owner, round->names);
}

static const struct cells names = {
	.at = {[COLUMN_STATE] = "STATE",
	       [COLUMN_LOCAL] = "LOCAL",
	       [COLUMN_REMOTE] = "REMOTE",
	       [COLUMN_OWNER] = "OWNER",
	       [COLUMN_LEFT] = "LEFT",
	       [COLUMN_AGE] = "AGE",
	       [COLUMN_PEER] = "PEER",
	       [COLUMN_KIND] = "KIND",
	       [COLUMN_NETNS] = "NETNS",
	       [COLUMN_SK] = "SK",
	       [COLUMN_UID] = "UID",
	       [COLUMN_HOW] = "HOW",
	       [COLUMN_CONTAINER] = "CONTAINER"},
	.cgroup = "CGROUP",
};

static void widen(struct columns *columns, const struct cells *cells)
{
	for (int i = 0; i < COLUMN_CGROUP; i++) {
		size_t len = strlen(cells->at[i]);

		if (len > columns->width[i])
			columns->width[i] = len;
	}
}

static void choose_columns(struct columns *columns, const struct style *style,
			   const struct endpoints_round *round)
{
	struct cells cells;

	*columns = (struct columns){.width[COLUMN_MARK] = 1};
	for (int i = 0; i < COLUMNS; i++)
		columns->shown[i] = i < COLUMN_KIND || style->wide;
	columns->shown[COLUMN_MARK] = columns->shown[COLUMN_AGE] = round->watched;
	widen(columns, &names);
	for (size_t i = 0; i < round->now->count; i++) {
		fill_cells(&cells, &round->now->rows[i], round, style->wide);
		widen(columns, &cells);
	}
}

static void make_line(struct text *line, const struct columns *columns, const struct cells *cells)
{
	size_t start = 0;

	text_reset(line);
	for (int i = 0; i < COLUMN_CGROUP; i++) {
		if (!columns->shown[i])
			continue;
		text_pad(line, start);
		text_add(line, cells->at[i]);
		start += columns->width[i] + (i == COLUMN_MARK ? 1 : 2);
	}
	if (columns->shown[COLUMN_CGROUP]) {
		text_pad(line, start);
		text_add(line, cells->cgroup);
	}
}

static void print_line(struct screen *screen, const struct style *style, const struct text *line,
		       enum meaning meaning)
{
	char buffer[3072];
	struct text coloured;

	text_init(&coloured, buffer, sizeof(buffer));
	style_add(style, &coloured, meaning, line->at);
	screen_line(screen, &coloured);
}

static void print_rows(struct screen *screen, const struct style *style,
		       const struct endpoints_round *round)
{
	static const enum meaning meanings[] = {[ROLL_SAME] = MEANING_PLAIN,
						[ROLL_NEW] = MEANING_OPEN,
						[ROLL_MOVED] = MEANING_WAIT,
						[ROLL_GONE] = MEANING_FAINT};
	struct columns columns;
	struct cells cells;
	char buffer[2560];
	struct text line;

	choose_columns(&columns, style, round);
	text_init(&line, buffer, sizeof(buffer));
	make_line(&line, &columns, &names);
	if (style->header)
		print_line(screen, style, &line, MEANING_HEAD);
	for (size_t i = 0; i < round->now->count; i++) {
		const struct roll_row *row = &round->now->rows[i];

		fill_cells(&cells, row, round, style->wide);
		make_line(&line, &columns, &cells);
		print_line(screen, style, &line, meanings[row->change]);
	}
}

/* --- a round ------------------------------------------------------------------------------------- */

static void print_empty(struct screen *screen)
{
	struct text line;
	char buffer[1];

	text_init(&line, buffer, sizeof(buffer));
	screen_line(screen, &line);
}

/* Of what is watched the time matters: that of day, unless another one is asked for. */
static void print_time(struct screen *screen, const struct style *style, uint64_t now_ns)
{
	struct style timely = *style;
	struct text line;
	char buffer[64];

	if (timely.time_form == TIME_OF_CONN)
		timely.time_form = TIME_OF_DAY;
	text_init(&line, buffer, sizeof(buffer));
	text_add(&line, "# ");
	style_time(&timely, &line, now_ns, 0);
	screen_line(screen, &line);
}

void endpoints_table(struct screen *screen, const struct style *style,
		     const struct endpoints_round *round)
{
	if (round->number > 1)
		print_empty(screen);
	if (round->watched)
		print_time(screen, style, round->now->now_ns);
	print_counts(screen, style, round);
	print_empty(screen);
	print_rows(screen, style, round);
}
