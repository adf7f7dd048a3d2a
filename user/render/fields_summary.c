// SPDX-License-Identifier: GPL-2.0-only
/* The last line: totals, and what --summary counts. */
#include "core/tally.h"
#include "render/fields.h"

static const struct tally *tally_of(const struct line *line)
{
	return line->totals->tally;
}

/* --- edges ---------------------------------------------------------------------------------------- */

static void set_edge(struct value *value, struct line *line)
{
	struct tally_edge_at at;

	if (!tally_nth_edge(tally_of(line), line->index, &at))
		return;
	line->from = at.from;
	line->to = at.to;
	line->minisock = at.minisock;
	field_object(value, true);
}

static const struct tally_edge *edge_of(const struct line *line)
{
	const struct tally *tally = tally_of(line);

	return line->minisock ? &tally->minis[line->from][line->to]
			      : &tally->edges[line->from][line->to];
}

/* --- stays ---------------------------------------------------------------------------------------- */

static void set_stay(struct value *value, struct line *line)
{
	struct tally_stay_at at;

	if (!tally_nth_stay(tally_of(line), line->index, &at))
		return;
	line->from = at.state;
	line->minisock = at.minisock;
	field_object(value, true);
}

static const struct tally_stay *stay_of(const struct line *line)
{
	const struct tally *tally = tally_of(line);

	return line->minisock ? &tally->minisocks[line->from] : &tally->sockets[line->from];
}

static void set_quantile(struct value *value, const struct line *line, unsigned int per_mille)
{
	const struct histogram *time = &stay_of(line)->time;

	if (time->count)
		field_number(value, histogram_quantile(time, per_mille));
}

/* --- verdicts, processes, findings --------------------------------------------------------------- */

static const uint64_t *firsts_of(const struct line *line)
{
	return tally_of(line)->verdicts[line->index];
}

static void set_verdict(struct value *value, const struct line *line)
{
	field_object(value, line->index < HOW_COUNT);
}

static uint64_t all_of(const uint64_t *firsts)
{
	uint64_t all = 0;

	for (int first = 0; first <= FIRST_BOTH; first++)
		all += firsts[first];
	return all;
}

/* NULL: there are no more. */
static const struct top_entry *find_entry(const struct line *line)
{
	const struct top_entry *list[TOP_LINES];
	unsigned int n = top_list(&tally_of(line)->top, TOP_LINES, list);

	return line->index < n ? list[line->index] : NULL;
}

/* Of a line that there is. */
static const struct top_entry *entry_of(const struct line *line)
{
	static const struct top_entry nobody;
	const struct top_entry *entry = find_entry(line);

	return entry ? entry : &nobody;
}

static void set_pids(struct value *value, const struct top_entry *entry)
{
	if (entry->known && entry->pid_count <= TOP_PIDS)
		field_number(value, entry->pid_count);
}

/* From 1: 0 is no finding. */
static enum finding_code code_of(const struct line *line)
{
	return (enum finding_code)(line->index + 1);
}

/* clang-format off */
#define EDGE(X, of) \
	X(of, from, NAME(state_codes), ALWAYS, fields_state(value, line->from), "State that was left.") \
	X(of, to, NAME(state_codes), ALWAYS, fields_state(value, line->to), "State that was come to.") \
	X(of, minisock, BOOL, ALWAYS, field_bool(value, line->minisock), \
	  "It was a minisock; else a full socket, as the state tracepoint shows it.") \
	X(of, count, NUMBER, ALWAYS, field_number(value, edge_of(line)->count), "How often.") \
	X(of, apart, NUMBER, ALWAYS, field_number(value, edge_of(line)->apart), \
	  "Of these: of a socket, they do not fit what went before; of a minisock, they were inferred from the other end.")
FIELD_LIST(edge, EDGE)

#define STAY(X, of) \
	X(of, state, NAME(state_codes), ALWAYS, fields_state(value, line->from), "The state.") \
	X(of, minisock, BOOL, ALWAYS, field_bool(value, line->minisock), "It is a minisock's.") \
	X(of, timed, NUMBER, ALWAYS, field_number(value, stay_of(line)->time.count), \
	  "Stays whose beginning and end are known: these make the times.") \
	X(of, p50_ns, NUMBER, OR_NULL, set_quantile(value, line, 500), \
	  "Half of them took at most so many nanoseconds, right to 1.6 %.") \
	X(of, p90_ns, NUMBER, OR_NULL, set_quantile(value, line, 900), "Likewise 90 %.") \
	X(of, p99_ns, NUMBER, OR_NULL, set_quantile(value, line, 990), "Likewise 99 %.") \
	X(of, max_ns, NUMBER, OR_NULL, set_quantile(value, line, 1000), "The longest; exact.") \
	X(of, untimed, NUMBER, ALWAYS, field_number(value, stay_of(line)->untimed), \
	  "Others that are over: they began before the trace, or something was missed.") \
	X(of, now, NUMBER, ALWAYS, field_number(value, stay_of(line)->now), "Those that had not ended.")
FIELD_LIST(stay, STAY)

#define CLOSES(X, of) \
	X(of, verdict, NAME(verdict_codes), ALWAYS, \
	  field_words(value, verdict_code((enum verdict_how)line->index)), "See VERDICTS in the manual.") \
	X(of, count, NUMBER, ALWAYS, field_number(value, all_of(firsts_of(line))), "Connections.") \
	X(of, client_first, NUMBER, ALWAYS, field_number(value, firsts_of(line)[FIRST_CLIENT]), \
	  "Of these: the client closed first.") \
	X(of, server_first, NUMBER, ALWAYS, field_number(value, firsts_of(line)[FIRST_SERVER]), \
	  "... the server.") \
	X(of, both_first, NUMBER, ALWAYS, field_number(value, firsts_of(line)[FIRST_BOTH]), \
	  "... both at once.") \
	X(of, nobody_first, NUMBER, ALWAYS, field_number(value, firsts_of(line)[FIRST_NOBODY]), \
	  "... nobody.")
FIELD_LIST(closes, CLOSES)

#define PROCESS(X, of) \
	X(of, comm, STRING, OR_NULL, \
	  if (entry_of(line)->known) field_bytes(value, entry_of(line)->comm, sizeof(entry_of(line)->comm)), \
	  "Name of the processes; null: all ends whose owner is not known.") \
	X(of, pids, NUMBER, OR_NULL, set_pids(value, entry_of(line)), \
	  "So many processes had this name; null: more than 16.") \
	X(of, ends, NUMBER, ALWAYS, field_number(value, entry_of(line)->ends), \
	  "Ends of connections; one within this host has two.") \
	X(of, clients, NUMBER, ALWAYS, field_number(value, entry_of(line)->client), \
	  "Of these: the client's.") \
	X(of, first, NUMBER, ALWAYS, field_number(value, entry_of(line)->first), \
	  "... closed first, or both did at once.") \
	X(of, rst_sent, NUMBER, ALWAYS, field_number(value, entry_of(line)->rst_sent), \
	  "... closed by a RST that they sent.") \
	X(of, rst_received, NUMBER, ALWAYS, field_number(value, entry_of(line)->rst_received), \
	  "... by one that they got.") \
	X(of, open, NUMBER, ALWAYS, field_number(value, entry_of(line)->open), "... not closed.") \
	X(of, missed, NUMBER, ALWAYS, field_number(value, entry_of(line)->missed), \
	  "At most so many ends more; 0 unless there are more than 512 names.")
FIELD_LIST(process, PROCESS)

#define FOUND(X, of) \
	X(of, code, NAME(finding_codes), ALWAYS, field_words(value, finding_name(code_of(line))), \
	  "See FINDINGS in the manual.") \
	X(of, cases, NUMBER, ALWAYS, field_number(value, tally_of(line)->cases[code_of(line)]), \
	  "Connections, or events, that it was about when it was last told.") \
	X(of, told, NUMBER, ALWAYS, field_number(value, tally_of(line)->told[code_of(line)]), \
	  "How often it was told.")
FIELD_LIST(found, FOUND)

#define COUNTED(X, of) \
	X(of, edges, LIST(edge_fields), ALWAYS, set_edge(value, line), \
	  "Those that occurred, in the order of a connection's life.") \
	X(of, states, LIST(stay_fields), ALWAYS, set_stay(value, line), \
	  "How long ends were in them. SYN_RECV begins with the SYN where NEW_SYN_RECV is seen, and includes it.") \
	X(of, verdicts, LIST(closes_fields), ALWAYS, set_verdict(value, line), "How connections closed.") \
	X(of, processes, LIST(process_fields), ALWAYS, field_object(value, find_entry(line)), \
	  "The ten names with the most ends of connections.") \
	X(of, findings, LIST(found_fields), ALWAYS, field_object(value, code_of(line) < FINDING_CODES), \
	  "What was found.") \
	X(of, binds_failed, NUMBER, ALWAYS, field_number(value, tally_of(line)->binds), \
	  "How often a bind() or listen() failed.") \
	X(of, no_ports, NUMBER, ALWAYS, field_number(value, tally_of(line)->no_ports), \
	  "How often a connect() found no local port.")
FIELD_LIST(counted, COUNTED)

#define SUMMARY(X, of) \
	HEAD_ROWS(X, of) \
	X(of, transitions, NUMBER, ALWAYS, field_number(value, line->totals->transitions), \
	  "Transitions told that the state tracepoint showed: not those of minisocks, nor what was found.") \
	X(of, connections, NUMBER, ALWAYS, field_number(value, line->totals->connections), \
	  "Connections told that have ended.") \
	X(of, events, NUMBER, ALWAYS, field_number(value, line->totals->events), \
	  "Transitions that came, told or not.") \
	X(of, lost, NUMBER, ALWAYS, field_number(value, line->totals->lost), "Records that never came.") \
	X(of, dropped, NUMBER, ALWAYS, field_number(value, line->totals->dropped), \
	  "Of these: as the ring buffer was full.") \
	X(of, evicted, NUMBER, ALWAYS, field_number(value, line->totals->evicted), \
	  "Open connections that were given up, as the table was full.") \
	X(of, damaged, NUMBER, ALWAYS, field_number(value, line->totals->damaged), "Damaged records, left out.") \
	X(of, unknown, NUMBER, ALWAYS, field_number(value, line->totals->unknown), \
	  "Records of types that this version does not know, left out.") \
	X(of, late, NUMBER, ALWAYS, field_number(value, line->totals->late), \
	  "Records that came too late to be put in order.") \
	X(of, duplicates, NUMBER, ALWAYS, field_number(value, line->totals->duplicates), \
	  "Transitions that were told twice by the kernel side, and shown once.") \
	X(of, counted, OBJECT(counted_fields), OR_NULL, field_object(value, tally_of(line)), \
	  "What --summary counts.")
FIELD_LIST_SHARED(summary, SUMMARY)
/* clang-format on */
