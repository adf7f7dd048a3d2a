// SPDX-License-Identifier: GPL-2.0-only
#include "render/fields.h"

#include <inttypes.h>
#include <string.h>

#include "core/container.h"
#include "render/words.h"

/* --- names ---------------------------------------------------------------------------------------- */

#define CODE(name, code)	 (code),
#define STATE_CODE(number, name) #name,

const char *const state_codes[] = {WIRE_STATES(STATE_CODE) NULL};
const char *const side_codes[] = {"client", "server", NULL};
const char *const cause_codes[] = {CAUSES(CODE) NULL};
const char *const why_codes[] = {RESET_WHYS(CODE) NULL};
const char *const source_codes[] = {OWNER_SOURCES_KNOWN(CODE) NULL};
const char *const segment_codes[] = {"SYN", "SYN,ACK", "ACK", "FIN", "RST", NULL};
const char *const call_codes[] = {"other",  "connect",	      "send",  "bind",	      "listen",
				  "accept", "shutdown",	      "close", "close_range", "dup",
				  "exec",   "io_uring_enter", NULL};

static const char *const end_codes[] = {"client", "server", "listener", NULL};

#define SEEN_EDGE     "edge"
#define SEEN_JUMPED   "jumped"
#define SEEN_MINISOCK "minisock"
#define SEEN_INFERRED "inferred"
#define SEEN_FOUND    "found"
#define SEEN_KEPT     "kept"
static const char *const seen_codes[] = {SEEN_EDGE,	SEEN_JUMPED, SEEN_MINISOCK, SEEN_KEPT,
					 SEEN_INFERRED, SEEN_FOUND,  NULL};

_Static_assert(sizeof(call_codes) / sizeof(*call_codes) == WIRE_CALLS, "a call has no name");

/* --- values ---------------------------------------------------------------------------------------- */

void fields_time(struct value *value, struct line *line)
{
	if (line->ktime_ns)
		stamp_add(line->stamp, line->text, line->ktime_ns);
	field_text(value, line);
}

void fields_state(struct value *value, uint8_t state)
{
	if (state != WIRE_NO_STATE)
		field_words(value, state_name(state));
}

void fields_side(struct value *value, enum side side)
{
	field_words(value, side_codes[side]);
}

void fields_sk(struct value *value, struct line *line)
{
	if (line->end->cookie)
		text_addf(line->text, "%" PRIx64, line->end->cookie);
	field_text(value, line);
}

static const char *cgroup_of(const struct line *line)
{
	if (!fields_is_owned(line) || !line->names)
		return NULL;
	return names_find(&line->names->cgroups, line->owner->cgroup);
}

/* "" was looked for in vain. */
static void set_name(struct value *value, const char *name)
{
	if (name && name[0])
		field_bytes(value, name, WIRE_NAME_LEN);
}

void fields_cgroup(struct value *value, const struct line *line)
{
	set_name(value, cgroup_of(line));
}

void fields_container(struct value *value, const struct line *line)
{
	const char *path = cgroup_of(line), *container = NULL;
	size_t len;

	if (path)
		container = container_find(path, &len);
	if (container)
		field_bytes(value, container, len);
}

void fields_cmdline(struct value *value, const struct line *line)
{
	if (fields_is_owned(line) && line->names)
		set_name(value, names_find(&line->names->cmdlines,
					   owner_cmdline_id(line->owner->pid, line->owner->comm)));
}

void fields_signal(struct value *value, struct line *line, uint8_t signal)
{
	if (signal)
		words_signal(line->text, signal);
	field_text(value, line);
}

void fields_errno(struct value *value, struct line *line, uint16_t err)
{
	if (err)
		words_errno(line->text, err);
	field_text(value, line);
}

void fields_at(struct value *value, struct line *line, const struct addr_port *at)
{
	line->at = at;
	field_object(value, true);
}

void fields_party(struct value *value, struct line *line, enum side side)
{
	line->end = line->conn->ends[side];
	if (line->end)
		line->owner = &line->end->owner;
	field_object(value, line->end);
}

/* Without a port, no address was chosen, unless it is a special one. */
static void set_addr(struct value *value, struct line *line)
{
	char addr[ADDR_TEXT_LEN];

	if (line->at->port || !addr_is_any(&line->at->addr)) {
		addr_format(&line->at->addr, addr);
		text_add(line->text, addr);
	}
	field_text(value, line);
}

static void set_segment(struct value *value, enum segment segment)
{
	field_words(value, segment_name(segment));
}

/* Of a minisock's end, who ran says something only where a call of his made it. */
static uint32_t pid_of(const struct cause *cause)
{
	bool did = cause->by_owner || cause->by == CAUSE_REUSED || cause->by == CAUSE_LISTENER;

	return did ? cause->actor.pid : 0;
}

static void set_call(struct value *value, const struct cause *cause)
{
	if (pid_of(cause) && cause->actor.call)
		field_words(value, call_codes[cause->actor.call - 1]);
}

static void set_why(struct value *value, const struct cause *cause)
{
	if (cause->why)
		field_words(value, cause_why_code(cause->why));
}

/* --- shared objects -------------------------------------------------------------------------------- */

/* clang-format off */
#define AT(X, of) \
	X(of, addr, STRING, OR_NULL, set_addr(value, line), "IPv4 or IPv6 address; null: not chosen, or none.") \
	X(of, port, NUMBER, OR_NULL, field_positive(value, line->at->port), "TCP port; null: not chosen, or none.")
FIELD_LIST_SHARED(at, AT)

#define CAUSE(X, of) \
	X(of, code, NAME(cause_codes), ALWAYS, field_words(value, cause_code(line->cause->by)), \
	  "What made it, see CAUSES in the manual.") \
	X(of, pid, NUMBER, OR_NULL, field_positive(value, pid_of(line->cause)), "Process that did it.") \
	X(of, comm, STRING, OR_NULL, \
	  if (pid_of(line->cause)) field_bytes(value, line->cause->actor.comm, WIRE_COMM_LEN), \
	  "Name of that process.") \
	X(of, call, NAME(call_codes), OR_NULL, set_call(value, line->cause), "System call that it was in.") \
	X(of, signal, STRING, OR_NULL, if (line->cause->by == CAUSE_SIGNAL) fields_signal(value, line, line->cause->actor.signal), \
	  "Signal that killed it.") \
	X(of, came, NAME(segment_codes), OR_NULL, set_segment(value, line->cause->came), \
	  "Segment that came, without which it cannot be.") \
	X(of, sent, NAME(segment_codes), OR_NULL, set_segment(value, line->cause->sent), \
	  "Segment that was sent with it.") \
	X(of, error, STRING, OR_NULL, fields_errno(value, line, line->cause->err), "Error of the socket.") \
	X(of, why, NAME(why_codes), OR_NULL, set_why(value, line->cause), \
	  "Why a RST was sent, see REASONS OF A RST in the manual.") \
	X(of, unread, NUMBER, OR_NULL, field_positive(value, line->cause->unread), \
	  "Bytes that nobody had read, where that is why.") \
	X(of, times, NUMBER, OR_NULL, field_positive(value, line->cause->count), \
	  "Of a timeout: how often it was sent again, or a probe sent.")
FIELD_LIST_SHARED(cause, CAUSE)

#define PARTY(X, of) \
	END_ROWS(X, of) \
	OWNER_ROWS(X, of)
FIELD_LIST_SHARED(party, PARTY)
/* clang-format on */

/* --- lines ------------------------------------------------------------------------------------------ */

static void set_end(struct value *value, const struct line *line)
{
	if (conn_is_listener(line->conn))
		field_words(value, end_codes[2]);
	else if (line->conn->sides_known)
		field_words(value, end_codes[line->end->side]);
}

/* Else it is the second line of a change: of the minisock that is left. */
static bool is_of_change(const struct line *line)
{
	return line->to == line->change->to;
}

static void set_seen(struct value *value, const struct line *line)
{
	static const char *const codes[] = {
		[CHANGE_MOVED] = SEEN_EDGE,	   [CHANGE_NOTED] = SEEN_EDGE,
		[CHANGE_JUMPED] = SEEN_JUMPED,	   [CHANGE_MINI] = SEEN_MINISOCK,
		[CHANGE_INFERRED] = SEEN_INFERRED, [CHANGE_FOUND] = SEEN_FOUND,
	};

	field_words(value, is_of_change(line) ? codes[line->change->kind] : SEEN_KEPT);
}

static void set_planned(struct value *value, const struct line *line)
{
	const struct change *change = line->change;

	if (line->to == WIRE_CLOSE)
		field_positive(value, change->planned_ms);
	else if (line->minisock && change->kind != CHANGE_FOUND)
		field_positive(value, change->cause.keeps_ms);
}

static void set_note(struct value *value, const struct line *line)
{
	if (is_of_change(line))
		words_note(line->text, line->change);
	field_text(value, line);
}

static int64_t ahead_of(const struct line *line)
{
	return line->change->clock->offset.ahead_ns;
}

static bool is_uncertain(const struct line *line)
{
	return line->conn->uncertain || line->end->uncertain;
}

/* clang-format off */
#define TRANSITION(X, of) \
	HEAD_ROWS(X, of) \
	CONN_ROWS(X, of) \
	X(of, side, NAME(end_codes), OR_NULL, set_end(value, line), \
	  "Which end of it; null where it was not seen who is client.") \
	END_ROWS(X, of) \
	X(of, from, NAME(state_codes), OR_NULL, fields_state(value, line->from), \
	  "State that it left; null: it was there at the start.") \
	X(of, to, NAME(state_codes), ALWAYS, fields_state(value, line->to), \
	  "State that it went to. The same as `from` where something happened to it that is no move.") \
	X(of, in_state_ns, NUMBER, OR_NULL, \
	  if (line->change->in_state_known && is_of_change(line)) \
		  field_number(value, line->change->in_state_ns), \
	  "How long it was in `from`.") \
	X(of, seen, NAME(seen_codes), ALWAYS, set_seen(value, line), \
	  "edge: the state tracepoint told it; jumped: likewise, but it does not follow from what was known; minisock: a" \
	  " hook for minisocks did; kept: what the kernel keeps of the socket whose way to CLOSE the line before tells;" \
	  " inferred: the other end proves it; found: it was there at the start.") \
	X(of, minisock, BOOL, ALWAYS, field_bool(value, line->minisock), \
	  "It is a minisock that moved, what the table shows as ~>: of a closed socket, or before it is ESTABLISHED.") \
	X(of, was, NAME(state_codes), OR_NULL, \
	  if (line->change->kind == CHANGE_JUMPED) fields_state(value, line->change->was), \
	  "Of what jumped: the state that it was believed to be in.") \
	X(of, cause, OBJECT(cause_fields), OR_NULL, field_object(value, line->from != WIRE_NO_STATE), \
	  "What made it; null: it was there at the start.") \
	X(of, words, STRING, OR_NULL, set_note(value, line), "What the ladder says of it.") \
	X(of, planned_ms, NUMBER, OR_NULL, set_planned(value, line), \
	  "How long the kernel means to keep the minisock; of one that ended, meant to.") \
	X(of, left_ms, NUMBER, OR_NULL, \
	  if (line->change->kind == CHANGE_FOUND) field_positive(value, line->change->cause.keeps_ms), \
	  "Of a minisock that was there at the start: how long it is to be kept from now on.") \
	X(of, full_ms, NUMBER, OR_NULL, field_positive(value, line->change->cause.full_ms), \
	  "Of an orphan in FIN_WAIT2: how long it stays a full socket, before it becomes a minisock.") \
	X(of, again, NUMBER, OR_NULL, \
	  if (line->change->kind == CHANGE_MINI) field_number(value, line->change->again), \
	  "Of a minisock: how often TIME_WAIT began anew, or the SYN,ACK was sent again.") \
	OWNER_ROWS(X, of) \
	X(of, uncertain, BOOL, ALWAYS, field_bool(value, is_uncertain(line)), \
	  "Records of this connection were lost or missed.")
FIELD_LIST_SHARED(transition, TRANSITION)

#define PARTY_ROWS(X, of) \
	X(of, sides_known, BOOL, ALWAYS, field_bool(value, line->conn->sides_known), \
	  "Who is client was seen; else it is a guess.") \
	X(of, client, OBJECT(party_fields), OR_NULL, fields_party(value, line, SIDE_CLIENT), \
	  "The client's end; null: it is elsewhere, or was not seen.") \
	X(of, server, OBJECT(party_fields), OR_NULL, fields_party(value, line, SIDE_SERVER), \
	  "The server's end, likewise.")

#define OWNER(X, of) HEAD_ROWS(X, of) CONN_ROWS(X, of) PARTY_ROWS(X, of)
FIELD_LIST_SHARED(owner, OWNER)

#define PAIRED(X, of) \
	HEAD_ROWS(X, of) \
	CONN_ROWS(X, of) \
	X(of, joined, NUMBER, ALWAYS, field_number(value, line->change->joined), \
	  "Number of the connection that is part of this one now: what was told of that is about this one.") \
	X(of, likely, BOOL, ALWAYS, field_bool(value, line->conn->likely), \
	  "Their addresses alone say that they belong together.") \
	PARTY_ROWS(X, of)
FIELD_LIST_SHARED(paired, PAIRED)

#define GONE(X, of) \
	HEAD_ROWS(X, of) \
	CONN_ROWS(X, of) \
	X(of, side, NAME(end_codes), OR_NULL, set_end(value, line), "Which end of it.") \
	END_ROWS(X, of) \
	X(of, from, NAME(state_codes), OR_NULL, fields_state(value, line->from), "State that it was last known in.") \
	X(of, evicted, BOOL, ALWAYS, field_bool(value, line->conn->evicted), \
	  "It is no longer watched, as the table is full; else its planned time is over, and its end was not seen.")
FIELD_LIST_SHARED(gone, GONE)

#define LOST(X, of) \
	HEAD_ROWS(X, of) \
	X(of, lost, NUMBER, ALWAYS, field_number(value, line->change->lost), \
	  "So many records never came. What they may have touched is marked uncertain.")
FIELD_LIST_SHARED(lost, LOST)

#define CLOCK(X, of) \
	HEAD_ROWS(X, of) \
	X(of, host, STRING, OR_NULL, field_bytes(value, line->change->clock->second, WIRE_NAME_LEN), "Name of the other host.") \
	X(of, first, STRING, OR_NULL, field_bytes(value, line->change->clock->first, WIRE_NAME_LEN), \
	  "Name of the first host, by whose clock all times are.") \
	X(of, number, NUMBER, ALWAYS, field_number(value, line->change->clock->number), \
	  "What stands under `host` in other lines for this one.") \
	X(of, ahead_ns, NUMBER, OR_NULL, if (ahead_of(line) >= 0) field_number(value, (uint64_t)ahead_of(line)), \
	  "How far it is ahead.") \
	X(of, behind_ns, NUMBER, OR_NULL, if (ahead_of(line) < 0) field_number(value, -(uint64_t)ahead_of(line)), \
	  "How far it is behind.") \
	X(of, uncertainty_ns, NUMBER, ALWAYS, field_number(value, line->change->clock->offset.uncertainty_ns), \
	  "It may be so much more or less.") \
	X(of, contradiction_ns, NUMBER, OR_NULL, \
	  field_positive(value, line->change->clock->offset.contradiction_ns), \
	  "By so much the bounds contradict each other: the clocks do not run equally fast.") \
	X(of, connections, NUMBER, ALWAYS, field_number(value, line->change->clock->offset.connections), \
	  "Connections that both have seen, by which this is known.")
FIELD_LIST_SHARED(clock, CLOCK)
/* clang-format on */

const struct line_kind_info field_kinds[LINE_KINDS] = {
	[LINE_TRANSITION] = {"transition",
			     "An end of a connection, or a listener, changed its state.",
			     transition_fields},
	[LINE_CONNECTION] = {"connection", "The verdict: a connection has ended, or the trace has.",
			     connection_fields},
	[LINE_FINDING] = {"finding", "A rule applies: something is worth knowing.", finding_fields},
	[LINE_OWNER] = {"owner", "An end has another owner, or he is known better.", owner_fields},
	[LINE_PAIRED] = {"paired", "Two connections turned out to be the two ends of one.",
			 paired_fields},
	[LINE_GONE] = {"gone", "An end is no longer watched.", gone_fields},
	[LINE_BIND_FAILED] = {"bind_failed", "A bind() or listen() found its port in use.",
			      bind_failed_fields},
	[LINE_NO_PORT] = {"no_port", "A connect() found no local port.", no_port_fields},
	[LINE_LOST] = {"lost", "Records were lost.", lost_fields},
	[LINE_CLOCK] = {"clock",
			"A replay of several hosts: how far the clock of another one is from that "
			"of the first.",
			clock_fields},
	[LINE_SUMMARY] = {"summary", "The trace has ended; the last line.", summary_fields},
	[LINE_SNAPSHOT] = {"snapshot", "Of the verb snapshot: how many endpoints there are.",
			   snapshot_fields},
	[LINE_ENDPOINT] = {"endpoint",
			   "One of them; with --watch, in the rounds behind the first, one that "
			   "has changed.",
			   endpoint_fields},
};
