// SPDX-License-Identifier: GPL-2.0-only
/* Sections, each with a head, of lines that fit 80 columns unless numbers have more than eight digits. */
#include "render/summary.h"

#include <inttypes.h>

#include "core/state.h"
#include "core/tally.h"

#define NS_PER_S     UINT64_C(1000000000)
#define COMM_COLUMNS 16
#define LINE_BYTES   512

struct summary {
	struct screen *screen;
	const struct style *style;
	const struct totals *totals;
	const struct tally *tally;
};

static void print_blank(const struct summary *summary)
{
	char buffer[1];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	screen_line(summary->screen, &line);
}

static void print_words(const struct summary *summary, enum meaning meaning, const char *words)
{
	char buffer[LINE_BYTES];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	style_add(summary->style, &line, meaning, words);
	screen_line(summary->screen, &line);
}

static void print_head(const struct summary *summary, const char *head)
{
	print_blank(summary);
	print_words(summary, MEANING_HEAD, head);
}

/* A dash where there is nothing to count, so that what there is stands out. */
static void add_count(struct text *line, int columns, uint64_t count)
{
	if (count)
		text_addf(line, "%*" PRIu64, columns, count);
	else
		text_addf(line, "%*s", columns, "-");
}

/* --- in all -------------------------------------------------------------------------------------- */

static void print_totals(const struct summary *summary)
{
	const struct tally *tally = summary->tally;
	uint64_t length_ns = tally->last_ns - tally->first_ns;
	char buffer[LINE_BYTES];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	text_addf(&line, "%" PRIu64 " of %" PRIu64 " connections closed; ",
		  tally->connections - tally->open, tally->connections);
	text_addf(&line, "%" PRIu64 " transitions in ", tally->transitions);
	style_duration(&line, length_ns);
	if (length_ns >= NS_PER_S)
		text_addf(&line, " (%.0f/s)",
			  (double)tally->transitions * (double)NS_PER_S / (double)length_ns);
	screen_line(summary->screen, &line);
}

static void print_trouble(const struct summary *summary, uint64_t count, const char *what)
{
	char words[LINE_BYTES];
	struct text text;

	if (!count)
		return;
	text_init(&text, words, sizeof(words));
	text_addf(&text, "%" PRIu64 " %s", count, what);
	print_words(summary, MEANING_BAD, words);
}

static void print_troubles(const struct summary *summary)
{
	const struct totals *totals = summary->totals;
	const struct tally *tally = summary->tally;

	if (!totals->lost)
		print_words(summary, MEANING_PLAIN, "no event was lost");
	print_trouble(summary, totals->lost, "events were lost: all counts are at least as high");
	print_trouble(summary, totals->evicted,
		      "connections were given up as the table was full: see --max-connections");
	print_trouble(summary, tally->binds, "times bind() or listen() failed");
	print_trouble(summary, tally->no_ports, "times connect() found no port");
}

/* --- edges --------------------------------------------------------------------------------------- */

static void print_edge(const struct summary *summary, const struct tally_edge_at *at)
{
	char buffer[LINE_BYTES];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	text_addf(&line, "%-12s %s ", state_name(at->from), at->minisock ? "~>" : "->");
	style_add(summary->style, &line, style_state_meaning(at->to), state_name(at->to));
	text_pad(&line, 28);
	text_addf(&line, "%10" PRIu64, at->edge->count);
	if (at->edge->apart)
		text_addf(&line, "  %" PRIu64 " of them %s", at->edge->apart,
			  at->minisock ? "inferred from the other end"
				       : "do not fit what went before");
	screen_line(summary->screen, &line);
}

static void print_edges(const struct summary *summary)
{
	struct tally_edge_at at;

	print_head(summary, "EDGE                             COUNT");
	for (unsigned int i = 0; tally_nth_edge(summary->tally, i, &at); i++)
		print_edge(summary, &at);
}

/* --- time in states ------------------------------------------------------------------------------ */

static void add_duration(struct text *line, uint64_t ns)
{
	char buffer[32];
	struct text duration;

	text_init(&duration, buffer, sizeof(buffer));
	style_duration(&duration, ns);
	text_addf(line, " %10s", buffer);
}

static void add_times(struct text *line, const struct histogram *time)
{
	if (!time->count) {
		text_addf(line, " %10s %10s %10s %10s", "-", "-", "-", "-");
		return;
	}
	add_duration(line, histogram_quantile(time, 500));
	add_duration(line, histogram_quantile(time, 900));
	add_duration(line, histogram_quantile(time, 990));
	add_duration(line, time->longest_ns);
}

static void print_stay(const struct summary *summary, const struct tally_stay_at *at)
{
	char buffer[LINE_BYTES];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	text_add(&line, at->minisock ? "~" : "");
	style_add(summary->style, &line, style_state_meaning(at->state), state_name(at->state));
	text_pad(&line, 13);
	add_count(&line, 8, at->stay->time.count);
	add_times(&line, &at->stay->time);
	add_count(&line, 8, at->stay->untimed);
	add_count(&line, 7, at->stay->now);
	screen_line(summary->screen, &line);
}

static void print_stays(const struct summary *summary)
{
	struct tally_stay_at at;

	print_head(summary, "STATE           TIMED        P50        P90        P99        MAX "
			    "UNTIMED    NOW");
	for (unsigned int i = 0; tally_nth_stay(summary->tally, i, &at); i++)
		print_stay(summary, &at);
}

/* --- closes -------------------------------------------------------------------------------------- */

static enum meaning meaning_of(enum verdict_how how)
{
	switch (how) {
	case HOW_FIN_BOTH:
		return MEANING_PLAIN;
	case HOW_OPEN:
		return MEANING_OPEN;
	case HOW_HALF_OPEN:
	case HOW_FIN_HALF:
		return MEANING_WAIT;
	case HOW_RESET:
	case HOW_REFUSED:
	case HOW_TIMEOUT:
	case HOW_ABORTED:
	case HOW_FAILED:
	case HOW_UNSEEN:
	case HOW_COUNT:
		break;
	}
	return MEANING_BAD;
}

static void print_verdict(const struct summary *summary, enum verdict_how how)
{
	const uint64_t *firsts = summary->tally->verdicts[how];
	uint64_t all = 0;
	char buffer[LINE_BYTES];
	struct text line;

	for (int first = 0; first <= FIRST_BOTH; first++)
		all += firsts[first];
	if (!all)
		return;
	text_init(&line, buffer, sizeof(buffer));
	style_add(summary->style, &line, meaning_of(how), verdict_code(how));
	text_pad(&line, 13);
	add_count(&line, 8, all);
	add_count(&line, 16, firsts[FIRST_CLIENT]);
	add_count(&line, 10, firsts[FIRST_SERVER]);
	add_count(&line, 10, firsts[FIRST_BOTH]);
	add_count(&line, 10, firsts[FIRST_NOBODY]);
	screen_line(summary->screen, &line);
}

static void print_verdicts(const struct summary *summary)
{
	print_head(summary, "VERDICT           ALL  FIRST: CLIENT    SERVER      BOTH    NOBODY");
	for (int how = 0; how < HOW_COUNT; how++)
		print_verdict(summary, (enum verdict_how)how);
}

/* --- processes ----------------------------------------------------------------------------------- */

static void add_name(struct text *line, const struct top_entry *entry)
{
	if (!entry->known)
		text_add(line, "-");
	else if (entry->comm[0])
		text_escape(line, entry->comm, sizeof(entry->comm), COMM_COLUMNS);
	else
		text_add(line, "?"); /* a process may have no name */
	text_pad(line, COMM_COLUMNS);
}

static void add_pids(struct text *line, const struct top_entry *entry)
{
	if (entry->pid_count > TOP_PIDS)
		text_addf(line, "%8s", "many");
	else
		add_count(line, 8, entry->pid_count);
}

static void print_process(const struct summary *summary, const struct top_entry *entry)
{
	char buffer[LINE_BYTES];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	add_name(&line, entry);
	add_pids(&line, entry);
	add_count(&line, 9, entry->ends);
	add_count(&line, 9, entry->client);
	add_count(&line, 9, entry->first);
	add_count(&line, 9, entry->rst_sent);
	add_count(&line, 9, entry->rst_received);
	add_count(&line, 9, entry->open);
	screen_line(summary->screen, &line);
}

static uint64_t most_missed(const struct top_entry *const *list, unsigned int n)
{
	uint64_t most = 0;

	for (unsigned int i = 0; i < n; i++)
		most = list[i]->missed > most ? list[i]->missed : most;
	return most;
}

static void print_processes(const struct summary *summary)
{
	const struct top_entry *list[TOP_LINES];
	unsigned int n = top_list(&summary->tally->top, TOP_LINES, list);
	char words[LINE_BYTES];
	struct text text;

	print_head(summary, "PROCESS             PIDS     ENDS  CLIENTS    FIRST   RST OUT   RST "
			    "IN     OPEN");
	for (unsigned int i = 0; i < n; i++)
		print_process(summary, list[i]);
	if (!summary->tally->top.replaced)
		return;
	text_init(&text, words, sizeof(words));
	text_addf(&text, "more than %d names: up to %" PRIu64 " ends of a line above are missed",
		  TOP_NAMES, most_missed(list, n));
	print_words(summary, MEANING_FAINT, words);
}

/* --- findings ------------------------------------------------------------------------------------ */

static void print_findings(const struct summary *summary)
{
	const struct tally *tally = summary->tally;
	bool any = false;

	for (int code = 0; code < FINDING_CODES; code++) {
		char buffer[LINE_BYTES];
		struct text line;

		if (!tally->told[code])
			continue;
		if (!any)
			print_head(summary, "FINDING                   CASES  TIMES TOLD");
		any = true;
		text_init(&line, buffer, sizeof(buffer));
		text_addf(&line, "%-20s %10" PRIu64 "  %10" PRIu64,
			  finding_name((enum finding_code)code), tally->cases[code],
			  tally->told[code]);
		screen_line(summary->screen, &line);
	}
}

/* --- all of it ----------------------------------------------------------------------------------- */

void summary_print(struct screen *screen, const struct style *style, const struct totals *totals,
		   bool beside)
{
	const struct summary summary = {screen, style, totals, totals->tally};

	screen_wipe_status(screen);
	if (beside)
		print_blank(&summary);
	print_totals(&summary);
	print_troubles(&summary);
	print_edges(&summary);
	print_stays(&summary);
	print_verdicts(&summary);
	print_processes(&summary);
	print_findings(&summary);
}
