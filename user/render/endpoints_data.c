// SPDX-License-Identifier: GPL-2.0-only
/*
 * JSON and CSV have the same fields, by one list: in JSON what is not known is null, in CSV it is empty.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/csv.h"
#include "base/json.h"
#include "core/container.h"
#include "core/state.h"
#include "render/endpoints.h"

#define TIME_LEN 40

struct value {
	enum {
		VALUE_NONE,
		VALUE_NUMBER,
		VALUE_BOOL,
		VALUE_STRING,
	} type;
	uint64_t number;
	const char *bytes;
	size_t len;
	char buffer[ADDR_TEXT_LEN]; /* for bytes that are put together */
};

struct subject {
	const struct tally_row *row;
	const struct endpoints_round *round;
	const char *time; /* of the round */
};

/* --- values -------------------------------------------------------------------------------------- */

static void put_number(struct value *value, uint64_t number)
{
	value->type = VALUE_NUMBER;
	value->number = number;
}

static void put_bool(struct value *value, bool is)
{
	value->type = VALUE_BOOL;
	value->number = is;
}

/* NULL: not known. */
static void put_bytes(struct value *value, const char *bytes, size_t len)
{
	value->type = bytes ? VALUE_STRING : VALUE_NONE;
	value->bytes = bytes;
	value->len = len;
}

static void put_word(struct value *value, const char *word)
{
	put_bytes(value, word, word ? strlen(word) : 0);
}

static void put_addr(struct value *value, const struct addr *addr)
{
	addr_format(addr, value->buffer);
	put_word(value, value->buffer);
}

static void put_hex(struct value *value, uint64_t number)
{
	if (!number)
		return;
	snprintf(value->buffer, sizeof(value->buffer), "%llx", (unsigned long long)number);
	put_word(value, value->buffer);
}

static void put_pid(struct value *value, const struct owner *owner)
{
	if (owner->source != OWNER_UNKNOWN)
		put_number(value, owner->pid);
}

static void put_comm(struct value *value, const struct owner *owner)
{
	if (owner->source != OWNER_UNKNOWN)
		put_bytes(value, owner->comm, strnlen(owner->comm, sizeof(owner->comm)));
}

static const char *cgroup_of(const struct subject *of)
{
	const struct owner *owner = &of->row->owner;
	const char *path = NULL;

	if (owner->source != OWNER_UNKNOWN && owner->cgroup)
		path = names_find(&of->round->names->cgroups, owner->cgroup);
	return path && path[0] ? path : NULL;
}

/* --- fields -------------------------------------------------------------------------------------- */

#define FIELD(name) static void name(struct value *value, const struct subject *of)

FIELD(read_time)
{
	put_word(value, of->time);
}

FIELD(read_round)
{
	put_number(value, of->round->number);
}

FIELD(read_change)
{
	put_word(value, tally_change_name((enum tally_change)of->row->change));
}

FIELD(read_from)
{
	if (of->row->change == TALLY_MOVED)
		put_word(value, state_name(of->row->from));
}

FIELD(read_from_kind)
{
	if (of->row->change == TALLY_MOVED)
		put_word(value, tally_kind_name((enum tally_kind)of->row->from_kind));
}

FIELD(read_state)
{
	put_word(value, state_name(of->row->state));
}

FIELD(read_kind)
{
	put_word(value, tally_kind_name((enum tally_kind)of->row->kind));
}

FIELD(read_laddr)
{
	put_addr(value, &of->row->local.addr);
}

FIELD(read_lport)
{
	put_number(value, of->row->local.port);
}

FIELD(read_raddr)
{
	put_addr(value, &of->row->remote.addr);
}

FIELD(read_rport)
{
	put_number(value, of->row->remote.port);
}

FIELD(read_netns)
{
	put_number(value, of->row->netns);
}

FIELD(read_cookie)
{
	put_hex(value, of->row->cookie);
}

FIELD(read_pid)
{
	put_pid(value, &of->row->owner);
}

FIELD(read_comm)
{
	put_comm(value, &of->row->owner);
}

FIELD(read_uid)
{
	if (of->row->owner.uid_known)
		put_number(value, of->row->owner.uid);
}

FIELD(read_how)
{
	if (of->row->owner.source != OWNER_UNKNOWN)
		put_word(value, owner_source_name(of->row->owner.source));
}

FIELD(read_cgroup)
{
	put_word(value, cgroup_of(of));
}

FIELD(read_container)
{
	const char *path = cgroup_of(of);
	size_t len = 0;
	const char *container = path ? container_find(path, &len) : NULL;

	put_bytes(value, container, len);
}

/* Of the others it is not to be told: a minisock has none by its nature. */
FIELD(read_orphan)
{
	if (of->row->kind == TALLY_FULL)
		put_bool(value, of->row->orphan);
}

FIELD(read_left)
{
	uint64_t now_ns = of->round->now->now_ns;

	if (of->row->until_ns && of->row->change != TALLY_GONE)
		put_number(value, of->row->until_ns > now_ns ? of->row->until_ns - now_ns : 0);
}

FIELD(read_seen)
{
	put_number(value, of->round->now->now_ns - of->row->seen_ns);
}

FIELD(read_peer_state)
{
	if (of->row->peer_state)
		put_word(value, state_name(of->row->peer_state));
}

FIELD(read_peer_netns)
{
	if (of->row->peer_state)
		put_number(value, of->row->peer_netns);
}

FIELD(read_peer_pid)
{
	if (of->row->peer_state)
		put_pid(value, &of->row->peer_owner);
}

FIELD(read_peer_comm)
{
	if (of->row->peer_state)
		put_comm(value, &of->row->peer_owner);
}

static const struct {
	const char *name;
	void (*read)(struct value *value, const struct subject *of);
} fields[] = {
	{"time", read_time},
	{"round", read_round},
	{"change", read_change},
	{"from_state", read_from},
	{"from_kind", read_from_kind},
	{"state", read_state},
	{"kind", read_kind},
	{"laddr", read_laddr},
	{"lport", read_lport},
	{"raddr", read_raddr},
	{"rport", read_rport},
	{"netns", read_netns},
	{"cookie", read_cookie},
	{"pid", read_pid},
	{"comm", read_comm},
	{"uid", read_uid},
	{"how", read_how},
	{"cgroup", read_cgroup},
	{"container", read_container},
	{"orphan", read_orphan},
	{"left_ns", read_left},
	{"seen_ns", read_seen},
	{"peer_state", read_peer_state},
	{"peer_netns", read_peer_netns},
	{"peer_pid", read_peer_pid},
	{"peer_comm", read_peer_comm},
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* --- lines --------------------------------------------------------------------------------------- */

/* Each byte of a name may become six. */
#define LINE_LEN 8192

/* RFC 3339, with nanoseconds. */
static void format_time(const struct style *style, uint64_t ktime_ns, char *text)
{
	uint64_t ns = style->realtime_ns + (ktime_ns - style->trace_start_ns);
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm = {0};
	size_t len;

	gmtime_r(&seconds, &tm);
	len = strftime(text, TIME_LEN, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, TIME_LEN - len, ".%09uZ", (unsigned int)(ns % 1000000000));
}

/* Behind the first round those alone that have changed. */
static bool is_told(const struct endpoints_round *round, const struct tally_row *row)
{
	return round->number == 1 || row->change != TALLY_SAME;
}

static void put_json(struct text *line, const char *name, const struct value *value)
{
	switch (value->type) {
	case VALUE_NONE:
		json_put_null(line, name);
		return;
	case VALUE_NUMBER:
		json_put_number(line, name, value->number);
		return;
	case VALUE_BOOL:
		json_put_bool(line, name, value->number);
		return;
	case VALUE_STRING:
		json_put_string(line, name, value->bytes, value->len);
		return;
	}
}

static void begin_object(struct text *line, const char *type)
{
	text_reset(line);
	json_open(line, NULL, '{');
	json_put_number(line, "v", 1);
	json_put_string(line, "type", type, strlen(type));
}

static void put_counts(struct text *line, const struct tally_counts *counts)
{
	uint8_t state;

	json_open(line, "counts", '[');
	for (unsigned int i = 0; (state = tally_state(i)) != WIRE_NO_STATE; i++)
		for (enum tally_kind kind = 0; kind < TALLY_KINDS; kind++) {
			const char *name = state_name(state), *of = tally_kind_name(kind);

			if (!counts->of[state][kind])
				continue;
			json_open(line, NULL, '{');
			json_put_string(line, "state", name, strlen(name));
			json_put_string(line, "kind", of, strlen(of));
			json_put_number(line, "count", counts->of[state][kind]);
			json_close(line, '}');
		}
	json_close(line, ']');
}

static void print_counts(struct screen *screen, const struct subject *of, struct text *line)
{
	const struct endpoints_round *round = of->round;

	begin_object(line, "snapshot");
	json_put_string(line, "time", of->time, strlen(of->time));
	json_put_number(line, "round", round->number);
	json_put_bool(line, "whole", round->whole);
	json_put_number(line, "total", tally_total(&round->now->counts));
	put_counts(line, &round->now->counts);
	json_close(line, '}');
	screen_line(screen, line);
}

static void print_object(struct screen *screen, const struct subject *of, struct text *line)
{
	begin_object(line, "endpoint");
	for (size_t i = 0; i < FIELDS; i++) {
		struct value value = {.type = VALUE_NONE};

		fields[i].read(&value, of);
		put_json(line, fields[i].name, &value);
	}
	json_close(line, '}');
	screen_line(screen, line);
}

static void put_cell(struct text *line, const struct value *value)
{
	if (value->type == VALUE_NUMBER)
		text_number(line, value->number);
	else if (value->type == VALUE_BOOL)
		text_add(line, value->number ? "true" : "false");
	else if (value->type == VALUE_STRING)
		csv_string(line, value->bytes, value->len);
}

static void print_cells(struct screen *screen, const struct subject *of, struct text *line)
{
	text_reset(line);
	for (size_t i = 0; i < FIELDS; i++) {
		struct value value = {.type = VALUE_NONE};

		fields[i].read(&value, of);
		if (i)
			csv_next(line);
		put_cell(line, &value);
	}
	csv_end(line);
	screen_line(screen, line);
}

static void print_names(struct screen *screen, struct text *line)
{
	text_reset(line);
	for (size_t i = 0; i < FIELDS; i++) {
		if (i)
			csv_next(line);
		text_add(line, fields[i].name);
	}
	csv_end(line);
	screen_line(screen, line);
}

static void print_each(struct screen *screen, struct subject *of, struct text *line,
		       void (*print)(struct screen *, const struct subject *, struct text *))
{
	const struct tally *now = of->round->now;

	for (size_t i = 0; i < now->count; i++) {
		of->row = &now->rows[i];
		if (is_told(of->round, of->row))
			print(screen, of, line);
	}
}

void endpoints_json(struct screen *screen, const struct style *style,
		    const struct endpoints_round *round)
{
	char buffer[LINE_LEN], time[TIME_LEN];
	struct subject of = {.round = round, .time = time};
	struct text line;

	format_time(style, round->now->now_ns, time);
	text_init(&line, buffer, sizeof(buffer));
	print_counts(screen, &of, &line);
	print_each(screen, &of, &line, print_object);
}

void endpoints_csv(struct screen *screen, const struct style *style,
		   const struct endpoints_round *round)
{
	char buffer[LINE_LEN], time[TIME_LEN];
	struct subject of = {.round = round, .time = time};
	struct text line;

	format_time(style, round->now->now_ns, time);
	text_init(&line, buffer, sizeof(buffer));
	if (round->number == 1 && style->header)
		print_names(screen, &line);
	print_each(screen, &of, &line, print_cells);
}
