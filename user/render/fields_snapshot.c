// SPDX-License-Identifier: GPL-2.0-only
/* What `snapshot` tells: the counts of a round, and each endpoint. */
#include <inttypes.h>

#include "core/roll.h"
#include "render/endpoints.h"
#include "render/fields.h"

static const char *const kind_codes[] = {"full", "request", "minisock", NULL};
static const char *const change_codes[] = {"new", "moved", "gone", NULL};

/* --- counts ---------------------------------------------------------------------------------------- */

/* The states in the order of life, of each the kinds that there are. */
static void set_count(struct value *value, struct line *line)
{
	const struct roll_counts *counts = &line->round->now->counts;
	unsigned int left = line->index;

	for (unsigned int i = 0; (line->to = roll_state(i)) != WIRE_NO_STATE; i++)
		for (line->kept_as = 0; line->kept_as < ROLL_KINDS; line->kept_as++)
			if (counts->of[line->to][line->kept_as] && left-- == 0) {
				field_object(value, true);
				return;
			}
}

static uint64_t count_of(const struct line *line)
{
	return line->round->now->counts.of[line->to][line->kept_as];
}

/* clang-format off */
#define COUNT(X, of) \
	X(of, state, NAME(state_codes), ALWAYS, fields_state(value, line->to), "State.") \
	X(of, kind, NAME(kind_codes), ALWAYS, field_words(value, kind_codes[line->kept_as]), \
	  "full: a socket; request: of a handshake that is half done; minisock: what the kernel keeps of a closed" \
	  " socket.") \
	X(of, count, NUMBER, ALWAYS, field_number(value, count_of(line)), "So many endpoints.")
FIELD_LIST(count, COUNT)

#define ROUND_ROW(X, of) \
	X(of, round, NUMBER, ALWAYS, field_number(value, line->round->number), \
	  "Number of the round, from 1; with --watch there are several.")

#define SNAPSHOT(X, of) \
	HEAD_ROWS(X, of) \
	ROUND_ROW(X, of) \
	X(of, whole, BOOL, ALWAYS, field_bool(value, line->round->whole), \
	  "No endpoint was left out, as there was no room for it, or lost on its way.") \
	X(of, total, NUMBER, ALWAYS, field_number(value, roll_total(&line->round->now->counts)), \
	  "So many endpoints there are.") \
	X(of, counts, LIST(count_fields), ALWAYS, set_count(value, line), "How many in each state.")
FIELD_LIST_SHARED(snapshot, SNAPSHOT)
/* clang-format on */

/* --- endpoints --------------------------------------------------------------------------------------- */

static void set_left(struct value *value, const struct line *line)
{
	uint64_t until_ns = line->row->until_ns;

	if (until_ns && line->row->change != ROLL_GONE)
		field_number(value, until_ns > line->ktime_ns ? until_ns - line->ktime_ns : 0);
}

static void set_cookie(struct value *value, const struct line *line)
{
	if (line->row->cookie)
		text_addf(line->text, "%" PRIx64, line->row->cookie);
	field_text(value, line);
}

static void set_peer(struct value *value, struct line *line)
{
	line->owner = &line->row->peer_owner;
	field_object(value, line->row->peer_state);
}

/* clang-format off */
#define PEER(X, of) \
	X(of, state, NAME(state_codes), ALWAYS, fields_state(value, line->row->peer_state), "Its state.") \
	X(of, netns, NUMBER, ALWAYS, field_number(value, line->row->peer_netns), \
	  "Network namespace: its inode number.") \
	PROCESS_ROWS(X, of)
FIELD_LIST(peer, PEER)

#define ENDPOINT(X, of) \
	HEAD_ROWS(X, of) \
	ROUND_ROW(X, of) \
	X(of, change, NAME(change_codes), OR_NULL, \
	  field_words(value, roll_change_name((enum roll_change)line->row->change)), \
	  "What has become of it since the round before; null: this is the first round.") \
	X(of, from, NAME(state_codes), OR_NULL, \
	  if (line->row->change == ROLL_MOVED) fields_state(value, line->row->from), \
	  "Of one that moved: its state in the round before.") \
	X(of, from_kind, NAME(kind_codes), OR_NULL, \
	  if (line->row->change == ROLL_MOVED) field_words(value, kind_codes[line->row->from_kind]), \
	  "Of one that moved: what it was in the round before.") \
	X(of, state, NAME(state_codes), ALWAYS, fields_state(value, line->row->state), \
	  "State that it is in; of one that is gone: that it was in.") \
	X(of, kind, NAME(kind_codes), ALWAYS, field_words(value, kind_codes[line->row->kind]), \
	  "full: a socket; request: of a handshake that is half done; minisock: what the kernel keeps of a closed" \
	  " socket.") \
	X(of, netns, NUMBER, ALWAYS, field_number(value, line->row->netns), \
	  "Network namespace: its inode number.") \
	X(of, sk, STRING, OR_NULL, set_cookie(value, line), \
	  "Cookie of the socket in hexadecimal, as ss -e prints it behind sk:.") \
	X(of, local, OBJECT(at_fields), ALWAYS, fields_at(value, line, &line->row->local), \
	  "Its own address.") \
	X(of, remote, OBJECT(at_fields), ALWAYS, fields_at(value, line, &line->row->remote), \
	  "Address of its peer.") \
	OWNER_ROWS(X, of) \
	X(of, orphan, BOOL, OR_NULL, \
	  if (line->row->kind == ROLL_FULL) field_bool(value, line->row->orphan), \
	  "No process has it open any more, and the kernel ends it; null: it is no full socket.") \
	X(of, left_ns, NUMBER, OR_NULL, set_left(value, line), \
	  "How long until the timer of a minisock or request is due; null: it is a full socket, or gone.") \
	X(of, seen_ns, NUMBER, ALWAYS, field_number(value, line->ktime_ns - line->row->seen_ns), \
	  "Since when it is known to be there: the first round that had it. The kernel does not keep its birth.") \
	X(of, peer, OBJECT(peer_fields), OR_NULL, set_peer(value, line), \
	  "Its other end; null: it is elsewhere, or is not known to be on this host.")
FIELD_LIST_SHARED(endpoint, ENDPOINT)
/* clang-format on */

/* --- lines ------------------------------------------------------------------------------------------- */

/* Behind the first round those alone that have changed. */
static bool is_told(const struct endpoints_round *round, const struct roll_row *row)
{
	return round->number == 1 || row->change != ROLL_SAME;
}

void endpoints_lines(struct line_sink *sink, const struct endpoints_round *round)
{
	struct line line = {.kind = LINE_SNAPSHOT,
			    .ktime_ns = round->now->now_ns,
			    .stamp = &sink->stamp,
			    .text = &sink->text,
			    .names = round->names,
			    .round = round};

	sink->put(sink, &line);
	line.kind = LINE_ENDPOINT;
	for (size_t i = 0; i < round->now->count; i++) {
		line.row = &round->now->rows[i];
		line.owner = &line.row->owner;
		if (is_told(round, line.row))
			sink->put(sink, &line);
	}
}
