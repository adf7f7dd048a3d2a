// SPDX-License-Identifier: GPL-2.0-only
/*
 * The formats: https://prometheus.io/docs/instrumenting/exposition_formats/ for 0.0.4, and
 * https://github.com/OpenObservability/OpenMetrics for 1.0. They differ in the names of families, which in OpenMetrics
 * go without the suffix of their samples, in UNIT and EOF, and in what is escaped in HELP.
 */
#include "render/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/accept.h"
#include "base/utf8.h"
#include "core/state.h"
#include "core/tally.h"

#define NS_PER_S UINT64_C(1000000000)

#define NO_CHARACTER "\xEF\xBF\xBD" /* U+FFFD */

struct page {
	struct text *text;
	enum metrics_form form;
	const struct metrics *metrics;
	const struct tally *tally;
};

struct family {
	const char *name;
	const char *type;
	const char *suffix; /* of its samples, "" for none */
	const char *help;
};

#define COUNTER(name_, help_)	((struct family){"tcpstate_" name_, "counter", "_total", help_})
#define GAUGE(name_, help_)	((struct family){"tcpstate_" name_, "gauge", "", help_})
#define HISTOGRAM(name_, help_) ((struct family){"tcpstate_" name_, "histogram", "", help_})

/* --- lines --------------------------------------------------------------------------------------- */

/* What neither format can say, U+FFFD: bytes that are no UTF-8, and what utf8_is_control() says but a newline. */
static void add_escaped(struct page *page, const char *string, bool quotes)
{
	for (size_t len = strlen(string), n; len; string += n, len -= n) {
		uint32_t code = 0;
		bool known = (n = utf8_decode(string, len, &code)) != 0;

		n = known ? n : 1;
		if (code == '\n')
			text_put(page->text, "\\n", 2);
		else if (!known || utf8_is_control(code))
			text_add(page->text, NO_CHARACTER);
		else if (code == '\\' || (quotes && code == '"'))
			text_addf(page->text, "\\%c", *string);
		else
			text_put(page->text, string, n);
	}
}

static void add_meta(struct page *page, const char *what, const struct family *family)
{
	text_addf(page->text, "# %s %s%s ", what, family->name,
		  page->form == METRICS_OPEN ? "" : family->suffix);
}

static bool has_seconds(const struct family *family)
{
	size_t len = strlen(family->name), unit = strlen("_seconds");

	return len > unit && strcmp(family->name + len - unit, "_seconds") == 0;
}

/* Before 1.0 there was no type for what only carries labels. */
static const char *type_of(const struct page *page, const struct family *family)
{
	return page->form == METRICS_TEXT && strcmp(family->type, "info") == 0 ? "gauge"
									       : family->type;
}

static void add_family(struct page *page, const struct family *family)
{
	add_meta(page, "HELP", family);
	add_escaped(page, family->help, page->form == METRICS_OPEN);
	text_add(page->text, "\n");
	add_meta(page, "TYPE", family);
	text_addf(page->text, "%s\n", type_of(page, family));
	if (page->form != METRICS_OPEN || !has_seconds(family))
		return;
	add_meta(page, "UNIT", family);
	text_add(page->text, "seconds\n");
}

/* A sample is its name and suffix, labels, and a value. */
static void add_name(struct page *page, const struct family *family, const char *suffix)
{
	text_add(page->text, family->name);
	text_add(page->text, suffix);
}

/* The first one has BEFORE "{", the others ",". */
static void add_label(struct page *page, const char *before, const char *name, const char *value)
{
	text_addf(page->text, "%s%s=\"", before, name);
	add_escaped(page, value, true);
	text_add(page->text, "\"");
}

static void add_count(struct page *page, const char *before, uint64_t count)
{
	text_addf(page->text, "%s %" PRIu64 "\n", before, count);
}

static void add_seconds(struct page *page, const char *before, uint64_t s, uint64_t rest_ns)
{
	text_addf(page->text, "%s %" PRIu64 ".%09" PRIu64 "\n", before, s, rest_ns);
}

static void add_labelled(struct page *page, const struct family *family, const char *name,
			 const char *value, uint64_t count)
{
	add_name(page, family, family->suffix);
	add_label(page, "{", name, value);
	add_count(page, "}", count);
}

static void add_single(struct page *page, struct family family, uint64_t count)
{
	add_family(page, &family);
	add_name(page, &family, family.suffix);
	add_count(page, "", count);
}

/* --- what can occur ------------------------------------------------------------------------------ */

/* As `snapshot` has it. */
static const char *kind_of(uint8_t state, bool minisock)
{
	return !minisock ? "full" : state == WIRE_NEW_SYN_RECV ? "request" : "minisock";
}

static bool can_be(uint8_t state, bool minisock)
{
	if (minisock)
		return state == WIRE_NEW_SYN_RECV || state == WIRE_FIN_WAIT2 ||
		       state == WIRE_TIME_WAIT;
	return state != WIRE_CLOSE && state != WIRE_NEW_SYN_RECV && state != WIRE_TIME_WAIT;
}

static bool can_move(uint8_t from, uint8_t to, bool minisock)
{
	if (!minisock)
		return edge_find(from, to);
	if (!can_be(from, true))
		return (from == WIRE_LISTEN && to == WIRE_NEW_SYN_RECV) ||
		       (from == WIRE_CLOSING && to == WIRE_TIME_WAIT);
	return from == to || to == WIRE_CLOSE || (from == WIRE_FIN_WAIT2 && to == WIRE_TIME_WAIT);
}

/* --- edges and states ---------------------------------------------------------------------------- */

static void add_edge(struct page *page, const struct family *family, uint8_t from, uint8_t to,
		     bool minisock)
{
	const struct tally_edge *edge =
		minisock ? &page->tally->minis[from][to] : &page->tally->edges[from][to];

	if (!edge->count && !can_move(from, to, minisock))
		return;
	add_name(page, family, family->suffix);
	add_label(page, "{", "from", state_name(from));
	add_label(page, ",", "to", state_name(to));
	add_label(page, ",", "kind", kind_of(from == WIRE_NEW_SYN_RECV ? from : to, minisock));
	add_count(page, "}", edge->count);
}

static void add_edges(struct page *page)
{
	const struct family family =
		COUNTER("transitions",
			"Transitions from state to state; kind is full for a socket, request for a "
			"half-done handshake, minisock for an orphan in FIN_WAIT2 or a TIME_WAIT.");

	add_family(page, &family);
	for (int minisock = 0; minisock < 2; minisock++)
		for (unsigned int from = 1; from < WIRE_STATE_COUNT; from++)
			for (unsigned int to = 1; to < WIRE_STATE_COUNT; to++)
				add_edge(page, &family, (uint8_t)from, (uint8_t)to, minisock);
}

static const struct tally_stay *stay_at(const struct page *page, uint8_t state, bool minisock)
{
	return minisock ? &page->tally->minisocks[state] : &page->tally->sockets[state];
}

static void add_state_labels(struct page *page, uint8_t state, bool minisock)
{
	add_label(page, "{", "state", state_name(state));
	add_label(page, ",", "kind", kind_of(state, minisock));
}

static void add_now(struct page *page, const struct family *family, uint8_t state, bool minisock)
{
	add_name(page, family, "");
	add_state_labels(page, state, minisock);
	add_count(page, "}", stay_at(page, state, minisock)->now);
}

static void add_bucket(struct page *page, const struct family *family, uint8_t state, bool minisock,
		       const char *bound, uint64_t count)
{
	add_name(page, family, "_bucket");
	add_state_labels(page, state, minisock);
	add_label(page, ",", "le", bound);
	add_count(page, "}", count);
}

/* 0.0001, 1.0: at least one digit behind the point, as OpenMetrics wants it, and no more than are needed. */
static void bound_name(uint64_t ns, char *name, size_t size)
{
	size_t len;

	snprintf(name, size, "%" PRIu64 ".%09" PRIu64, ns / NS_PER_S, ns % NS_PER_S);
	len = strlen(name);
	while (name[len - 1] == '0' && name[len - 2] != '.')
		name[--len] = '\0';
}

static void add_times(struct page *page, const struct family *family, uint8_t state, bool minisock)
{
	const struct tally_stay *stay = stay_at(page, state, minisock);
	uint64_t count = 0;
	char bound[32];

	for (unsigned int i = 0; i < TALLY_BOUNDS; i++) {
		count += stay->within[i];
		bound_name(tally_bounds_ns[i], bound, sizeof(bound));
		add_bucket(page, family, state, minisock, bound, count);
	}
	add_bucket(page, family, state, minisock, "+Inf", stay->time.count);
	add_name(page, family, "_sum");
	add_state_labels(page, state, minisock);
	add_seconds(page, "}", stay->time.sum_s, stay->time.sum_rest_ns);
	add_name(page, family, "_count");
	add_state_labels(page, state, minisock);
	add_count(page, "}", stay->time.count);
}

static void add_states(struct page *page, struct family family,
		       void (*add)(struct page *page, const struct family *family, uint8_t state,
				   bool minisock))
{
	add_family(page, &family);
	for (int minisock = 0; minisock < 2; minisock++)
		for (unsigned int state = 1; state < WIRE_STATE_COUNT; state++)
			if (can_be((uint8_t)state, minisock))
				add(page, &family, (uint8_t)state, minisock);
}

/* --- verdicts and findings ----------------------------------------------------------------------- */

static void add_verdicts(struct page *page)
{
	const struct family family = COUNTER("closes", "Connections that came to an end, by how "
						       "(see VERDICTS in the manual), and by who "
						       "closed first.");

	add_family(page, &family);
	for (enum verdict_how how = 0; how < HOW_COUNT; how++)
		for (enum verdict_first first = 0; first <= FIRST_BOTH; first++) {
			add_name(page, &family, family.suffix);
			add_label(page, "{", "verdict", verdict_code(how));
			add_label(page, ",", "first", verdict_first_code(first));
			add_count(page, "}", page->tally->verdicts[how][first]);
		}
}

static void add_findings(struct page *page, struct family family, const uint64_t *counts)
{
	add_family(page, &family);
	for (enum finding_code code = FINDING_NONE + 1; code < FINDING_CODES; code++)
		add_labelled(page, &family, "finding", finding_name(code), counts[code]);
}

static void add_failures(struct page *page)
{
	add_findings(page,
		     COUNTER("findings",
			     "How often each finding was told (see FINDINGS in the manual)."),
		     page->tally->told);
	add_findings(page,
		     COUNTER("finding_cases",
			     "Connections or events that findings were about when last told."),
		     page->tally->cases);
	add_single(page,
		   COUNTER("bind_failures",
			   "bind() or listen() that failed, as the address was in use."),
		   page->tally->binds);
	add_single(page, COUNTER("port_failures", "connect() that found no local port."),
		   page->tally->no_ports);
}

/* --- the tracer itself --------------------------------------------------------------------------- */

static void add_records(struct page *page)
{
	const struct totals *totals = page->metrics->totals;

	add_single(page,
		   COUNTER("events",
			   "Transitions of sockets that were taken in, shown or filtered out."),
		   totals->events);
	add_single(page,
		   COUNTER("lost_events",
			   "Events that never came; known at the next one of that CPU."),
		   totals->lost);
	add_single(page,
		   COUNTER("dropped_events",
			   "Events that found the ring buffer full; these are lost."),
		   totals->dropped);
	add_single(page, COUNTER("late_events", "Events that came too late to be put in order."),
		   totals->late);
	add_single(page,
		   COUNTER("damaged_records",
			   "Records that were left out: not whole, or of an unknown type."),
		   totals->damaged + totals->unknown);
	add_single(page,
		   COUNTER("evicted_connections",
			   "Open connections given up, as the table was full (--max-connections)."),
		   totals->evicted);
}

static void add_tracked(struct page *page)
{
	const struct metrics_tracked *tracked = &page->metrics->tracked;
	const struct family family =
		GAUGE("tracked_connections", "Connections in the table: held until it is known "
					     "whether the filters want them, live, or done, "
					     "which give way first.");

	add_family(page, &family);
	add_labelled(page, &family, "list", "held", tracked->held);
	add_labelled(page, &family, "list", "live", tracked->live);
	add_labelled(page, &family, "list", "done", tracked->done);
	add_single(page,
		   GAUGE("tracked_connections_limit", "Room in that table (--max-connections)."),
		   tracked->capacity);
}

static void add_programs(struct page *page)
{
	const struct metrics *metrics = page->metrics;
	const struct family runs =
		COUNTER("bpf_runs", "Runs of each BPF program; counted by the kernel only while "
				    "sysctl kernel.bpf_stats_enabled is 1.");
	const struct family times =
		COUNTER("bpf_run_seconds", "Time that each BPF program ran, likewise.");
	const struct family missed =
		COUNTER("bpf_recursion_misses", "Runs that the kernel left out, as the program ran "
						"on that CPU already (5.12 and newer).");

	add_family(page, &runs);
	for (unsigned int i = 0; i < metrics->program_count; i++)
		add_labelled(page, &runs, "program", metrics->programs[i].name,
			     metrics->programs[i].runs);
	add_family(page, &times);
	for (unsigned int i = 0; i < metrics->program_count; i++) {
		add_name(page, &times, times.suffix);
		add_label(page, "{", "program", metrics->programs[i].name);
		add_seconds(page, "}", metrics->programs[i].run_ns / NS_PER_S,
			    metrics->programs[i].run_ns % NS_PER_S);
	}
	add_family(page, &missed);
	for (unsigned int i = 0; i < metrics->program_count; i++)
		add_labelled(page, &missed, "program", metrics->programs[i].name,
			     metrics->programs[i].missed);
}

static void add_build(struct page *page)
{
	const struct family family =
		{"tcpstate_build", "info", "_info",
		 "Version of tcpstate-trace, and by which hooks it sees minisocks."};

	add_family(page, &family);
	add_name(page, &family, family.suffix);
	add_label(page, "{", "version", page->metrics->version);
	add_label(page, ",", "hooks", page->metrics->hooks);
	add_count(page, "}", 1);
}

void metrics_print(const struct metrics *metrics, enum metrics_form form, struct text *text)
{
	struct page page = {text, form, metrics, metrics->totals->tally};

	add_edges(&page);
	add_states(&page,
		   GAUGE("endpoints", "Ends of connections in each state now, by kind as above."),
		   add_now);
	add_states(&page,
		   HISTOGRAM("state_seconds",
			     "How long ends were in the state that they left; of those alone whose "
			     "beginning was seen."),
		   add_times);
	add_verdicts(&page);
	add_failures(&page);
	add_records(&page);
	add_tracked(&page);
	add_programs(&page);
	add_build(&page);
	if (form == METRICS_OPEN)
		text_add(text, "# EOF\n");
}

/* --- which form ---------------------------------------------------------------------------------- */

#define OPEN_TYPE    "application/openmetrics-text"
#define OPEN_VERSION "1.0.0"
#define TEXT_TYPE    "text/plain"
#define TEXT_VERSION "0.0.4"

enum metrics_form metrics_form_wanted(const char *accept)
{
	return accept_weight(accept, OPEN_TYPE, OPEN_VERSION) >
			       accept_weight(accept, TEXT_TYPE, TEXT_VERSION)
		       ? METRICS_OPEN
		       : METRICS_TEXT;
}

const char *metrics_content_type(enum metrics_form form)
{
	return form == METRICS_OPEN ? OPEN_TYPE "; version=" OPEN_VERSION "; charset=utf-8"
				    : TEXT_TYPE "; version=" TEXT_VERSION "; charset=utf-8";
}
