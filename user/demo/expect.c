// SPDX-License-Identifier: GPL-2.0-only
#include "demo/expect.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "render/advice.h"
#include "render/words.h"

#define ENDS_MAX     32
#define ROWS_MAX     256
#define VERDICTS_MAX 16
#define FINDINGS_MAX 16
#define WORDS_SIZE   256

/* One end that was seen. It is known by its place in memory while it lives. */
struct seen_end {
	const struct endpoint *endpoint;
	uint64_t conn; /* its number in the trace */
	enum end_kind kind;
};

struct seen_row {
	unsigned int end; /* index into ends */
	uint8_t from, to;
	bool minisock;
	char words[WORDS_SIZE];
};

struct seen_verdict {
	uint64_t conn;
	char words[WORDS_SIZE];
};

struct seen_finding {
	enum finding_code code;
	char words[ADVICE_TEXT_LEN];
};

struct expect {
	struct sink sink; /* first: see sink.h */
	const struct style *style;
	struct seen_end ends[ENDS_MAX];
	struct seen_row rows[ROWS_MAX];
	struct seen_verdict verdicts[VERDICTS_MAX];
	struct seen_finding findings[FINDINGS_MAX];
	unsigned int end_count, row_count, verdict_count, finding_count;
	bool overflowed;
	uint64_t lost;
};

/* --- what is seen -------------------------------------------------------------------------------- */

static struct seen_end *find_end(struct expect *expect, const struct endpoint *endpoint)
{
	for (unsigned int i = expect->end_count; i-- > 0;)
		if (expect->ends[i].endpoint == endpoint)
			return &expect->ends[i];
	return NULL;
}

/* Which connection an end belongs to, and on which side, may turn out late. */
static void update_end(struct seen_end *end, const struct endpoint *endpoint,
		       const struct conn *conn)
{
	end->endpoint = endpoint;
	end->conn = conn->id;
	end->kind = conn_is_listener(conn)	    ? END_LISTENER
		    : endpoint->side == SIDE_CLIENT ? END_CLIENT
						    : END_SERVER;
}

static void update_conn(struct expect *expect, const struct conn *conn)
{
	for (int side = 0; side < 2; side++) {
		struct seen_end *end = conn->ends[side] ? find_end(expect, conn->ends[side]) : NULL;

		if (end)
			update_end(end, conn->ends[side], conn);
	}
}

/* The end that CHANGE is about: a new one if it is shown for the first time. NULL: there is no room. */
static struct seen_end *end_of(struct expect *expect, const struct change *change)
{
	struct seen_end *end = change->first ? NULL : find_end(expect, change->end);

	if (!end && expect->end_count < ENDS_MAX)
		end = &expect->ends[expect->end_count++];
	if (end)
		update_end(end, change->end, change->conn);
	return end;
}

static void add_row(struct expect *expect, const struct seen_end *end, const struct change *change,
		    uint8_t to, bool minisock)
{
	struct seen_row *row = &expect->rows[expect->row_count];
	struct text words;

	if (!end || expect->row_count == ROWS_MAX) {
		expect->overflowed = true;
		return;
	}
	*row = (struct seen_row){.end = (unsigned int)(end - expect->ends),
				 .from = change->from,
				 .to = to,
				 .minisock = minisock};
	text_init(&words, row->words, sizeof(row->words));
	words_note(&words, change);
	expect->row_count++;
}

/* The rows are those of the table: what becomes of a minisock is one of its own, with "~>". All that is
 * known of minisocks becomes rows here. */
static void add_rows(struct expect *expect, const struct change *change)
{
	const struct seen_end *end = end_of(expect, change);
	bool minisock = change->kind == CHANGE_INFERRED || change->kind == CHANGE_MINI;

	add_row(expect, end, change, change->to, minisock);
	if (change->to == WIRE_CLOSE && change->cause.keeps)
		add_row(expect, end, change, change->cause.keeps, true);
}

static void add_verdict(struct expect *expect, const struct change *change)
{
	struct seen_verdict *verdict = &expect->verdicts[expect->verdict_count];
	struct text words;

	update_conn(expect, change->conn);
	if (expect->verdict_count == VERDICTS_MAX) {
		expect->overflowed = true;
		return;
	}
	verdict->conn = change->conn->id;
	text_init(&words, verdict->words, sizeof(verdict->words));
	words_verdict(expect->style, &words, change->conn, change->ktime_ns);
	expect->verdict_count++;
}

static void add_finding(struct expect *expect, const struct change *change)
{
	struct seen_finding *finding = &expect->findings[expect->finding_count];
	struct text words;

	if (expect->finding_count == FINDINGS_MAX) {
		expect->overflowed = true;
		return;
	}
	finding->code = change->finding->code;
	text_init(&words, finding->words, sizeof(finding->words));
	advice_finding(&words, change->finding);
	expect->finding_count++;
}

static void take_change(struct sink *sink, const struct change *change)
{
	struct expect *expect = (struct expect *)sink;

	switch (change->kind) {
	case CHANGE_MOVED:
	case CHANGE_NOTED:
	case CHANGE_JUMPED:
	case CHANGE_MINI:
	case CHANGE_INFERRED:
	case CHANGE_FOUND:
		add_rows(expect, change);
		return;
	case CHANGE_PAIRED:
		update_conn(expect, change->conn);
		return;
	case CHANGE_ENDED:
		add_verdict(expect, change);
		return;
	case CHANGE_LOST:
		expect->lost += change->lost;
		return;
	case CHANGE_FINDING:
		add_finding(expect, change);
		return;
	case CHANGE_OWNER:
	case CHANGE_GONE:
	case CHANGE_BIND:
	case CHANGE_NO_PORT:
		return;
	}
}

struct expect *expect_create(const struct style *style)
{
	struct expect *expect = calloc(1, sizeof(*expect));

	if (!expect)
		return NULL;
	expect->sink.change = take_change;
	expect->style = style;
	return expect;
}

void expect_destroy(struct expect *expect)
{
	free(expect);
}

struct sink *expect_sink(struct expect *expect)
{
	return &expect->sink;
}

/* What becomes a minisock has not ended: its row is the next one then. */
static bool is_kept(const struct expect *expect, unsigned int index)
{
	const struct seen_row *row = &expect->rows[index], *next = row + 1;

	return index + 1 < expect->row_count && row->to == WIRE_CLOSE && !row->minisock &&
	       next->minisock && next->end == row->end && next->from == row->from;
}

void expect_walk(const struct expect *expect, struct walk *walk)
{
	for (unsigned int i = 0; i < expect->row_count; i++) {
		const struct seen_row *row = &expect->rows[i];

		if (!is_kept(expect, i))
			edges_walk(walk, row->from, row->to, row->minisock);
	}
}

/* --- labels -------------------------------------------------------------------------------------- */

static bool same_label(struct end_label a, struct end_label b)
{
	return a.kind == b.kind && a.number == b.number;
}

/* The how-manieth of its kind is the connection of the end, listeners apart? */
static struct end_label label_of(const struct expect *expect, unsigned int index)
{
	const struct seen_end *end = &expect->ends[index];
	bool listener = end->kind == END_LISTENER;
	unsigned int number = 1;

	for (unsigned int i = 0; i < expect->end_count && expect->ends[i].conn != end->conn; i++) {
		bool counted = (expect->ends[i].kind == END_LISTENER) == listener;

		for (unsigned int j = 0; j < i && counted; j++)
			counted = expect->ends[j].conn != expect->ends[i].conn;
		number += counted;
	}
	return (struct end_label){end->kind, number};
}

static void add_label(struct text *text, struct end_label label)
{
	static const char *const kinds[] =
		{[END_CLIENT] = "client", [END_SERVER] = "server", [END_LISTENER] = "listener"};

	text_add(text, kinds[label.kind]);
	if (label.number > 1)
		text_addf(text, "/%u", label.number);
}

/* --- the comparison ------------------------------------------------------------------------------ */

/* The rows of one end, wanted and seen. */
struct pair {
	const struct expected_row *wanted[SCENARIO_ROWS + 1];
	const struct seen_row *seen[ROWS_MAX + 1];
	unsigned int wanted_count, seen_count;
	/* common[i][j]: how many rows do the two have in common from the Ith and the Jth on? */
	uint16_t common[SCENARIO_ROWS + 1][ROWS_MAX + 1];
};

static bool row_fits(const struct expected_row *wanted, const struct seen_row *seen)
{
	return wanted->from == seen->from && wanted->to == seen->to &&
	       wanted->minisock == seen->minisock &&
	       (!wanted->words || strstr(seen->words, wanted->words));
}

static void fill_pair(struct pair *pair, const struct expect *expect,
		      const struct scenario *scenario, uint32_t kernel, struct end_label label)
{
	pair->wanted_count = pair->seen_count = 0;
	for (unsigned int i = 0; i < scenario->row_count; i++) {
		const struct expected_row *row = &scenario->rows[i];

		if (same_label(scenario->ends[row->end], label) &&
		    kernels_hold(&row->kernels, kernel))
			pair->wanted[pair->wanted_count++] = row;
	}
	for (unsigned int i = 0; i < expect->row_count; i++)
		if (same_label(label_of(expect, expect->rows[i].end), label))
			pair->seen[pair->seen_count++] = &expect->rows[i];
}

static void find_common(struct pair *pair)
{
	memset(pair->common, 0, sizeof(pair->common));
	for (unsigned int i = pair->wanted_count; i-- > 0;)
		for (unsigned int j = pair->seen_count; j-- > 0;) {
			uint16_t skip_wanted = pair->common[i + 1][j];
			uint16_t skip_seen = pair->common[i][j + 1];

			if (row_fits(pair->wanted[i], pair->seen[j]))
				pair->common[i][j] = (uint16_t)(pair->common[i + 1][j + 1] + 1);
			else
				pair->common[i][j] =
					skip_wanted > skip_seen ? skip_wanted : skip_seen;
		}
}

static void add_line(struct text *lines, char sign, struct end_label label, uint8_t from,
		     uint8_t to, bool minisock, const char *words)
{
	text_addf(lines, "%c ", sign);
	add_label(lines, label);
	text_addf(lines, " %s %s %s", state_name(from), minisock ? "~>" : "->", state_name(to));
	text_addf(lines, "%s%s\n", words && *words ? " : " : "", words ? words : "");
}

static unsigned int compare_pair(const struct pair *pair, struct end_label label,
				 struct text *lines)
{
	unsigned int i = 0, j = 0, differences = 0;

	while (i < pair->wanted_count || j < pair->seen_count) {
		const struct expected_row *wanted = pair->wanted[i];
		const struct seen_row *seen = pair->seen[j];

		if (i < pair->wanted_count && j < pair->seen_count && row_fits(wanted, seen)) {
			i++;
			j++;
			continue;
		}
		differences++;
		if (j == pair->seen_count ||
		    (i < pair->wanted_count && pair->common[i + 1][j] >= pair->common[i][j + 1])) {
			add_line(lines, '-', label, wanted->from, wanted->to, wanted->minisock,
				 wanted->words);
			i++;
		} else {
			add_line(lines, '+', label, seen->from, seen->to, seen->minisock,
				 seen->words);
			j++;
		}
	}
	return differences;
}

/* A scenario that says nothing of listeners does not care. */
static bool is_compared(const struct scenario *scenario, struct end_label label)
{
	for (unsigned int i = 0; i < scenario->end_count; i++)
		if (scenario->ends[i].kind == END_LISTENER)
			return true;
	return label.kind != END_LISTENER;
}

/* Every end that was expected, and then every one that was only seen, once each. */
static unsigned int collect_labels(const struct expect *expect, const struct scenario *scenario,
				   struct end_label *ret_labels)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < scenario->end_count + expect->end_count; i++) {
		struct end_label label = i < scenario->end_count
						 ? scenario->ends[i]
						 : label_of(expect, i - scenario->end_count);
		bool known = !is_compared(scenario, label);

		for (unsigned int j = 0; j < count && !known; j++)
			known = same_label(ret_labels[j], label);
		if (!known)
			ret_labels[count++] = label;
	}
	return count;
}

static unsigned int compare_rows(const struct expect *expect, const struct scenario *scenario,
				 uint32_t kernel, struct text *lines)
{
	struct end_label labels[SCENARIO_ENDS + ENDS_MAX];
	unsigned int count = collect_labels(expect, scenario, labels), differences = 0;
	struct pair *pair = calloc(1, sizeof(*pair));

	if (!pair) {
		text_add(lines, "+ no memory to compare\n");
		return 1;
	}
	for (unsigned int i = 0; i < count; i++) {
		fill_pair(pair, expect, scenario, kernel, labels[i]);
		find_common(pair);
		differences += compare_pair(pair, labels[i], lines);
	}
	free(pair);
	return differences;
}

/* --- verdicts ------------------------------------------------------------------------------------ */

/* What was said of the NUMBERth connection; "" for nothing. */
static const char *verdict_of_number(const struct expect *expect, unsigned int number)
{
	for (unsigned int i = 0; i < expect->end_count; i++) {
		if (expect->ends[i].kind == END_LISTENER || label_of(expect, i).number != number)
			continue;
		for (unsigned int j = 0; j < expect->verdict_count; j++)
			if (expect->verdicts[j].conn == expect->ends[i].conn)
				return expect->verdicts[j].words;
	}
	return "";
}

/* Is each of the PARTS, which semicolons divide, in WORDS? */
static bool has_parts(const char *words, const char *parts)
{
	char part[WORDS_SIZE];

	while (*parts) {
		size_t len = strcspn(parts, ";"), trimmed = len;

		while (trimmed && parts[trimmed - 1] == ' ')
			trimmed--;
		if (trimmed >= sizeof(part))
			return false;
		memcpy(part, parts, trimmed);
		part[trimmed] = '\0';
		if (!strstr(words, part))
			return false;
		parts += len;
		parts += strspn(parts, "; ");
	}
	return true;
}

static unsigned int compare_verdicts(const struct expect *expect, const struct scenario *scenario,
				     uint32_t kernel, struct text *lines)
{
	unsigned int differences = 0;

	for (unsigned int i = 0; i < scenario->verdict_count; i++) {
		const struct expected_verdict *verdict = &scenario->verdicts[i];
		const char *words = verdict_of_number(expect, verdict->number);

		if (!kernels_hold(&verdict->kernels, kernel) || has_parts(words, verdict->words))
			continue;
		text_addf(lines, "- verdict/%u %s\n+ verdict/%u %s\n", verdict->number,
			  verdict->words, verdict->number, words);
		differences += 2;
	}
	return differences;
}

/* --- findings ------------------------------------------------------------------------------------ */

/* The first that fits and is not TAKEN yet; FINDINGS_MAX: none. */
static unsigned int find_finding(const struct expect *expect, const struct expected_finding *wanted,
				 const bool *taken)
{
	for (unsigned int i = 0; i < expect->finding_count; i++)
		if (!taken[i] && expect->findings[i].code == wanted->code &&
		    (!wanted->words || strstr(expect->findings[i].words, wanted->words)))
			return i;
	return FINDINGS_MAX;
}

/* In any order; what is not expected is a difference, for nothing is to be found without reason. */
static unsigned int compare_findings(const struct expect *expect, const struct scenario *scenario,
				     uint32_t kernel, struct text *lines)
{
	bool taken[FINDINGS_MAX + 1] = {0};
	unsigned int differences = 0;

	for (unsigned int i = 0; i < scenario->finding_count; i++) {
		const struct expected_finding *wanted = &scenario->findings[i];
		unsigned int found;

		if (!kernels_hold(&wanted->kernels, kernel))
			continue;
		found = find_finding(expect, wanted, taken);
		taken[found] = true;
		if (found < FINDINGS_MAX || wanted->optional)
			continue;
		text_addf(lines, "- finding %s%s%s\n",
			  finding_name((enum finding_code)wanted->code), wanted->words ? " : " : "",
			  wanted->words ? wanted->words : "");
		differences++;
	}
	for (unsigned int i = 0; i < expect->finding_count; i++) {
		if (taken[i])
			continue;
		text_addf(lines, "+ finding %s\n", expect->findings[i].words);
		differences++;
	}
	return differences;
}

unsigned int expect_compare(const struct expect *expect, const struct scenario *scenario,
			    uint32_t kernel, struct text *ret_lines)
{
	unsigned int differences = compare_rows(expect, scenario, kernel, ret_lines) +
				   compare_verdicts(expect, scenario, kernel, ret_lines) +
				   compare_findings(expect, scenario, kernel, ret_lines);

	if (expect->lost) {
		text_addf(ret_lines, "+ %" PRIu64 " events were lost\n", expect->lost);
		differences++;
	}
	if (expect->overflowed) {
		text_add(ret_lines, "+ more ends, rows or verdicts than there is room for\n");
		differences++;
	}
	return differences;
}
