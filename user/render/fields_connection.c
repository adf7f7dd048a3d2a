// SPDX-License-Identifier: GPL-2.0-only
#include "render/fields.h"
#include "render/words.h"

/* --- an end ----------------------------------------------------------------------------------------- */

/* What waits_ns of an end is told of: the states that one can wait in. */
#define WAIT_ROW(X, of, state)                                                                     \
	X(of, state, NUMBER, OR_NULL,                                                              \
	  field_positive(value, endpoint_wait_ns(line->end, WIRE_##state)),                        \
	  "Nanoseconds that it was in " #state "; null: never, or not known.")

/* clang-format off */
#define WAITS(X, of) \
	WAIT_ROW(X, of, SYN_SENT) \
	WAIT_ROW(X, of, SYN_RECV) \
	WAIT_ROW(X, of, ESTABLISHED) \
	WAIT_ROW(X, of, FIN_WAIT1) \
	WAIT_ROW(X, of, FIN_WAIT2) \
	WAIT_ROW(X, of, TIME_WAIT) \
	WAIT_ROW(X, of, CLOSE_WAIT) \
	WAIT_ROW(X, of, LAST_ACK) \
	WAIT_ROW(X, of, CLOSING)
/* clang-format on */
FIELD_LIST(waits, WAITS)

/* Where the end is elsewhere, the other end knows it by these. */
static const struct addr_port *local_of(const struct line *line)
{
	return line->end ? &line->end->local : &line->conn->ends[!line->side]->remote;
}

static const struct addr_port *remote_of(const struct line *line)
{
	return line->end ? &line->end->remote : &line->conn->ends[!line->side]->local;
}

static void set_side(struct value *value, struct line *line, enum side side)
{
	static const struct owner nobody;

	line->side = side;
	line->end = line->conn->ends[side];
	line->owner = line->end ? &line->end->owner : &nobody;
	field_object(value, true);
}

static void set_closer(struct value *value, struct line *line)
{
	if (!line->end || !past_of(line->end)->gave_up_ns)
		return;
	line->owner = &past_of(line->end)->closer;
	field_object(value, true);
}

static const struct verdict_way *way_of(const struct line *line)
{
	return &line->verdict->ways[line->side];
}

static void set_retrans(struct value *value, const struct line *line)
{
	if (line->end && way_of(line)->known)
		field_number(value, way_of(line)->retrans);
}

/* Of what is over, `planned_ms` tells. */
static void set_in_state(struct value *value, const struct line *line)
{
	const struct endpoint *end = line->end;

	if (end && end->state != WIRE_CLOSE && end->since_known && line->ktime_ns >= end->since_ns)
		field_number(value, line->ktime_ns - end->since_ns);
}

/* clang-format off */
#define CLOSER(X, of) \
	X(of, mono_ns, NUMBER, ALWAYS, field_number(value, past_of(line->end)->gave_up_ns), \
	  "When it sent its FIN or RST: CLOCK_MONOTONIC in nanoseconds.") \
	X(of, code, NAME(cause_codes), ALWAYS, field_words(value, cause_code(past_of(line->end)->gave_up_by)), \
	  "What made it, see CAUSES in the manual.") \
	X(of, signal, STRING, OR_NULL, \
	  if (past_of(line->end)->gave_up_by == CAUSE_SIGNAL) fields_signal(value, line, past_of(line->end)->gave_up_signal), \
	  "Signal that killed it.") \
	X(of, pid, NUMBER, OR_NULL, if (fields_is_owned(line)) field_number(value, line->owner->pid), \
	  "Process that closed.") \
	X(of, comm, STRING, OR_NULL, \
	  if (fields_is_owned(line)) field_bytes(value, line->owner->comm, WIRE_COMM_LEN), \
	  "Name of that process.")
FIELD_LIST(closer, CLOSER)

#define ENDED(X, of) \
	X(of, ended, NAME(ended_codes), ALWAYS, \
	  field_words(value, verdict_end_code(line->verdict->ends[line->side])), \
	  "How it ended, see HOW AN END ENDED in the manual. elsewhere: it is not on this host, or was not seen.") \
	X(of, state, NAME(state_codes), OR_NULL, \
	  if (line->end) fields_state(value, endpoint_shown_state(line->end)), \
	  "State that it is in; of a closed socket the minisock's that the kernel keeps.") \
	X(of, in_state_ns, NUMBER, OR_NULL, set_in_state(value, line), "Of an open one: how long so far.") \
	X(of, planned_ms, NUMBER, OR_NULL, if (line->end) field_positive(value, past_of(line->end)->end.keeps_ms), \
	  "How long the kernel means to keep a minisock of it.") \
	X(of, netns, NUMBER, OR_NULL, if (line->end) field_number(value, host_netns(line->end->netns)), \
	  "Network namespace: its inode number.") \
	X(of, sk, STRING, OR_NULL, if (line->end) fields_sk(value, line), \
	  "Cookie of the socket in hexadecimal, as ss -e prints it behind sk:.") \
	X(of, local, OBJECT(at_fields), ALWAYS, fields_at(value, line, local_of(line)), \
	  "Its own address; of an end elsewhere as the other end knows it.") \
	X(of, remote, OBJECT(at_fields), ALWAYS, fields_at(value, line, remote_of(line)), \
	  "Address of its peer, likewise.") \
	OWNER_ROWS(X, of) \
	X(of, closed_by, OBJECT(closer_fields), OR_NULL, set_closer(value, line), \
	  "What made it send its FIN or RST; null: it has sent none.") \
	X(of, sent_bytes, NUMBER, OR_NULL, if (way_of(line)->known) field_number(value, way_of(line)->bytes), \
	  "Bytes that it sent, without what was sent again; of an end elsewhere those that came.") \
	X(of, sent_segments, NUMBER, OR_NULL, \
	  if (way_of(line)->known) field_number(value, way_of(line)->segments), \
	  "Segments that it sent, likewise.") \
	X(of, retrans, NUMBER, OR_NULL, set_retrans(value, line), "Segments that it sent again.") \
	X(of, waits_ns, OBJECT(waits_fields), OR_NULL, field_object(value, line->end), \
	  "How long it was in each state, a minisock's FIN_WAIT2 included.")
/* clang-format on */

#define CODE(name, code) (code),
static const char *const ended_codes[] = {VERDICT_ENDS(CODE) NULL};
static const char *const first_codes[] = {VERDICT_FIRSTS(CODE) NULL};
const char *const verdict_codes[] = {VERDICTS(CODE) NULL};

FIELD_LIST(ended, ENDED)

/* --- the connection --------------------------------------------------------------------------------- */

static void set_reason(struct value *value, struct line *line)
{
	line->cause = &line->verdict->cause;
	field_object(value, line->verdict->caused);
}

static void set_reset_by(struct value *value, const struct line *line)
{
	if (line->verdict->reset_by_known)
		fields_side(value, line->verdict->reset_by);
}

static bool is_uncertain(const struct conn *conn)
{
	for (int side = 0; side < 2; side++)
		if (conn->ends[side] && conn->ends[side]->uncertain)
			return true;
	return conn->uncertain;
}

static void set_words(struct value *value, const struct line *line)
{
	static const struct style style = {.utf8 = true};

	words_verdict(&style, line->text, line->conn, line->ktime_ns);
	field_text(value, line);
}

static unsigned int count_ends(const struct conn *conn)
{
	return conn->ends[SIDE_CLIENT] && conn->ends[SIDE_SERVER] ? 2 : 1;
}

/* clang-format off */
#define CONNECTION(X, of) \
	HEAD_ROWS(X, of) \
	CONN_ROWS(X, of) \
	X(of, over, BOOL, ALWAYS, field_bool(value, conn_is_over(line->conn)), \
	  "Each end that is on this host has closed; else the trace ended, or it is no longer watched.") \
	X(of, verdict, NAME(verdict_codes), ALWAYS, field_words(value, verdict_code(line->verdict->how)), \
	  "How it ended, see VERDICTS in the manual.") \
	X(of, first, NAME(first_codes), ALWAYS, field_words(value, verdict_first_code(line->verdict->first)), \
	  "Who closed first, see WHO CLOSED FIRST in the manual.") \
	X(of, reset_by, NAME(side_codes), OR_NULL, set_reset_by(value, line), "Who sent the RST that ended it.") \
	X(of, reason, OBJECT(cause_fields), OR_NULL, set_reason(value, line), \
	  "What decided the verdict, where it was one thing.") \
	X(of, words, STRING, OR_NULL, set_words(value, line), "What the ladder says of it.") \
	X(of, start_mono_ns, NUMBER, ALWAYS, field_number(value, line->conn->start_ns), \
	  "When it was first seen: CLOCK_MONOTONIC in nanoseconds.") \
	X(of, lifetime_ns, NUMBER, ALWAYS, field_number(value, line->verdict->lifetime_ns), \
	  "How long it lasted from then on, TIME_WAIT not included.") \
	X(of, rtt_us, NUMBER, OR_NULL, field_positive(value, line->verdict->srtt_us), \
	  "Smoothed round trip time.") \
	X(of, ends, NUMBER, ALWAYS, field_number(value, count_ends(line->conn)), \
	  "How many of its ends were seen on this host: 1 or 2.") \
	X(of, sides_known, BOOL, ALWAYS, field_bool(value, line->conn->sides_known), \
	  "Who is client was seen; else it is a guess.") \
	X(of, likely, BOOL, ALWAYS, field_bool(value, line->conn->likely), \
	  "Their addresses alone say that the two ends belong together.") \
	X(of, uncertain, BOOL, ALWAYS, field_bool(value, is_uncertain(line->conn)), \
	  "Records of it were lost or missed.") \
	X(of, evicted, BOOL, ALWAYS, field_bool(value, line->conn->evicted), \
	  "It is no longer watched, as the table is full.") \
	X(of, client, OBJECT(ended_fields), ALWAYS, set_side(value, line, SIDE_CLIENT), "The client's end.") \
	X(of, server, OBJECT(ended_fields), ALWAYS, set_side(value, line, SIDE_SERVER), "The server's end.")
FIELD_LIST_SHARED(connection, CONNECTION)
/* clang-format on */
