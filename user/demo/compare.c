// SPDX-License-Identifier: GPL-2.0-only
/* What was seen of a play beside what was to be seen. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "demo/seen.h"

/* One end of one connection. */
struct end_label {
	enum end_kind kind;
	unsigned int number;
};

/* The rows of one end, wanted and seen. */
struct pair {
	const struct expected_row *wanted[SCENARIO_ROWS + 1];
	const struct seen_row *seen[SEEN_ROWS + 1];
	unsigned int wanted_count, seen_count;
	/* common[i][j]: how many rows do the two have in common from the Ith and the Jth on? */
	uint16_t common[SCENARIO_ROWS + 1][SEEN_ROWS + 1];
};

struct comparison {
	const struct expect *expect;
	const struct scenario *scenario;
	const struct circumstances *here;
	struct text *lines;
	unsigned int differences;
	struct end_label labels[SEEN_ENDS]; /* of the ends that were seen */
	struct pair pair;
};

/* --- labels -------------------------------------------------------------------------------------- */

static bool same_label(struct end_label a, struct end_label b)
{
	return a.kind == b.kind && a.number == b.number;
}

static bool covers(const struct expected_end *wanted, struct end_label label)
{
	return wanted->kind == label.kind && wanted->first <= label.number &&
	       label.number <= wanted->last;
}

/* How many connections have come before? Listeners are counted apart. */
static void number_ends(struct comparison *comparison)
{
	const struct expect *expect = comparison->expect;
	unsigned int listeners = 0, connections = 0;

	for (unsigned int i = 0; i < expect->end_count; i++) {
		const struct seen_end *end = &expect->ends[i];
		unsigned int number = 0;

		for (unsigned int j = 0; j < i && !number; j++)
			if (expect->ends[j].conn == end->conn)
				number = comparison->labels[j].number;
		if (!number)
			number = end->kind == END_LISTENER ? ++listeners : ++connections;
		comparison->labels[i] = (struct end_label){end->kind, number};
	}
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

/* WANTED may be "this | that". */
static bool words_fit(const char *wanted, const char *seen)
{
	static const char divider[] = " | ";

	while (wanted) {
		const char *next = strstr(wanted, divider);
		size_t len = next ? (size_t)(next - wanted) : strlen(wanted);

		if (memmem(seen, strlen(seen), wanted, len))
			return true;
		wanted = next ? next + sizeof(divider) - 1 : NULL;
	}
	return false;
}

static bool row_fits(const struct expected_row *wanted, const struct seen_row *seen)
{
	return wanted->from == seen->from && wanted->to == seen->to &&
	       wanted->minisock == seen->minisock &&
	       (!wanted->words || words_fit(wanted->words, seen->words));
}

static void fill_pair(struct comparison *comparison, struct end_label label)
{
	const struct scenario *scenario = comparison->scenario;
	const struct expect *expect = comparison->expect;
	struct pair *pair = &comparison->pair;

	pair->wanted_count = pair->seen_count = 0;
	for (unsigned int i = 0; i < scenario->row_count; i++) {
		const struct expected_row *row = &scenario->rows[i];

		if (covers(&scenario->ends[row->end], label) &&
		    when_holds(&row->when, comparison->here))
			pair->wanted[pair->wanted_count++] = row;
	}
	for (unsigned int i = 0; i < expect->row_count; i++)
		if (same_label(comparison->labels[expect->rows[i].end], label))
			pair->seen[pair->seen_count++] = &expect->rows[i];
}

static void find_common(struct pair *pair)
{
	for (unsigned int i = 0; i <= pair->wanted_count; i++)
		pair->common[i][pair->seen_count] = 0;
	for (unsigned int j = 0; j <= pair->seen_count; j++)
		pair->common[pair->wanted_count][j] = 0;
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

static void compare_pair(struct comparison *comparison, struct end_label label)
{
	const struct pair *pair = &comparison->pair;
	unsigned int i = 0, j = 0;

	while (i < pair->wanted_count || j < pair->seen_count) {
		const struct expected_row *wanted = pair->wanted[i];
		const struct seen_row *seen = pair->seen[j];

		if (i < pair->wanted_count && j < pair->seen_count && row_fits(wanted, seen)) {
			i++;
			j++;
			continue;
		}
		if (j == pair->seen_count ||
		    (i < pair->wanted_count && pair->common[i + 1][j] >= pair->common[i][j + 1])) {
			i++;
			if (wanted->optional)
				continue;
			add_line(comparison->lines, '-', label, wanted->from, wanted->to,
				 wanted->minisock, wanted->words);
		} else {
			add_line(comparison->lines, '+', label, seen->from, seen->to,
				 seen->minisock, seen->words);
			j++;
		}
		comparison->differences++;
	}
}

static void compare_end(struct comparison *comparison, struct end_label label)
{
	fill_pair(comparison, label);
	find_common(&comparison->pair);
	compare_pair(comparison, label);
}

/* A scenario that says nothing of listeners does not care. */
static bool is_compared(const struct scenario *scenario, struct end_label label)
{
	for (unsigned int i = 0; i < scenario->end_count; i++)
		if (scenario->ends[i].kind == END_LISTENER)
			return true;
	return label.kind != END_LISTENER;
}

/* Is it an end of the first COUNT that are written down? */
static bool is_wanted(const struct scenario *scenario, unsigned int count, struct end_label label)
{
	for (unsigned int i = 0; i < count; i++)
		if (covers(&scenario->ends[i], label))
			return true;
	return false;
}

static bool was_seen_before(const struct comparison *comparison, unsigned int index)
{
	for (unsigned int i = 0; i < index; i++)
		if (same_label(comparison->labels[i], comparison->labels[index]))
			return true;
	return false;
}

/* Every end that was expected, and then every one that was only seen, once each. */
static void compare_rows(struct comparison *comparison)
{
	const struct scenario *scenario = comparison->scenario;

	for (unsigned int i = 0; i < scenario->end_count; i++) {
		const struct expected_end *end = &scenario->ends[i];

		for (unsigned int number = end->first; number <= end->last; number++) {
			struct end_label label = {end->kind, number};

			if (!is_wanted(scenario, i, label))
				compare_end(comparison, label);
		}
	}
	for (unsigned int i = 0; i < comparison->expect->end_count; i++) {
		struct end_label label = comparison->labels[i];

		if (is_compared(scenario, label) &&
		    !is_wanted(scenario, scenario->end_count, label) &&
		    !was_seen_before(comparison, i))
			compare_end(comparison, label);
	}
}

/* --- verdicts ------------------------------------------------------------------------------------ */

/* What was said of the NUMBERth connection; "" for nothing. */
static const char *verdict_of_number(const struct comparison *comparison, unsigned int number)
{
	const struct expect *expect = comparison->expect;

	for (unsigned int i = 0; i < expect->end_count; i++) {
		struct end_label label = comparison->labels[i];

		if (label.kind == END_LISTENER || label.number != number)
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
	char part[SEEN_WORDS_SIZE];

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

static void compare_verdict(struct comparison *comparison, const char *wanted, unsigned int number)
{
	const char *words = verdict_of_number(comparison, number);

	if (has_parts(words, wanted))
		return;
	text_addf(comparison->lines, "- verdict/%u %s\n+ verdict/%u %s\n", number, wanted, number,
		  words);
	comparison->differences += 2;
}

static void compare_verdicts(struct comparison *comparison)
{
	for (unsigned int i = 0; i < comparison->scenario->verdict_count; i++) {
		const struct expected_verdict *verdict = &comparison->scenario->verdicts[i];

		if (!when_holds(&verdict->when, comparison->here))
			continue;
		for (unsigned int number = verdict->first; number <= verdict->last; number++)
			compare_verdict(comparison, verdict->words, number);
	}
}

/* --- findings ------------------------------------------------------------------------------------ */

/* The first that fits and is not TAKEN yet; SEEN_FINDINGS: none. */
static unsigned int find_finding(const struct expect *expect, const struct expected_finding *wanted,
				 const bool *taken)
{
	for (unsigned int i = 0; i < expect->finding_count; i++)
		if (!taken[i] && expect->findings[i].code == wanted->code &&
		    (!wanted->words || strstr(expect->findings[i].words, wanted->words)))
			return i;
	return SEEN_FINDINGS;
}

/* In any order; what is not expected is a difference, for nothing is to be found without reason. */
static void compare_findings(struct comparison *comparison)
{
	const struct scenario *scenario = comparison->scenario;
	const struct expect *expect = comparison->expect;
	bool taken[SEEN_FINDINGS + 1] = {0};

	for (unsigned int i = 0; i < scenario->finding_count; i++) {
		const struct expected_finding *wanted = &scenario->findings[i];
		unsigned int found;

		if (!when_holds(&wanted->when, comparison->here))
			continue;
		found = find_finding(expect, wanted, taken);
		taken[found] = true;
		if (found < SEEN_FINDINGS || wanted->optional)
			continue;
		text_addf(comparison->lines, "- finding %s%s%s\n",
			  finding_name((enum finding_code)wanted->code), wanted->words ? " : " : "",
			  wanted->words ? wanted->words : "");
		comparison->differences++;
	}
	for (unsigned int i = 0; i < expect->finding_count; i++) {
		if (taken[i])
			continue;
		text_addf(comparison->lines, "+ finding %s\n", expect->findings[i].words);
		comparison->differences++;
	}
}

static void compare_luck(struct comparison *comparison)
{
	const struct expect *expect = comparison->expect;

	if (expect->lost) {
		text_addf(comparison->lines, "+ %" PRIu64 " events were lost\n", expect->lost);
		comparison->differences++;
	}
	if (expect->overflowed) {
		text_add(comparison->lines,
			 "+ more ends, rows or verdicts than there is room for\n");
		comparison->differences++;
	}
}

unsigned int expect_compare(const struct expect *expect, const struct scenario *scenario,
			    const struct circumstances *here, struct text *ret_lines)
{
	struct comparison *comparison = calloc(1, sizeof(*comparison));
	unsigned int differences;

	if (!comparison) {
		text_add(ret_lines, "+ no memory to compare\n");
		return 1;
	}
	comparison->expect = expect;
	comparison->scenario = scenario;
	comparison->here = here;
	comparison->lines = ret_lines;
	number_ends(comparison);
	compare_rows(comparison);
	compare_verdicts(comparison);
	compare_findings(comparison);
	compare_luck(comparison);
	differences = comparison->differences;
	free(comparison);
	return differences;
}
