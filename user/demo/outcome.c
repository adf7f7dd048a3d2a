// SPDX-License-Identifier: GPL-2.0-only
/* What must be seen of a scenario, as it is written down. */
#include <errno.h>
#include <string.h>

#include "base/number.h"
#include "core/finding.h"
#include "core/state.h"
#include "demo/reader.h"

/* Reads TEXT, LEN bytes of it. */
static bool read_number(const char *text, size_t len, unsigned int *ret_number)
{
	uint64_t number;

	if (number_parse(text, len, 1, DEED_CONNECTIONS, &number))
		return false;
	*ret_number = (unsigned int)number;
	return true;
}

/* Cuts the "/2" of "client/2" off, or the "/1-300" of "client/1-300"; without one it is the first. */
static bool take_numbers(char *word, unsigned int *ret_first, unsigned int *ret_last)
{
	char *slash = strchr(word, '/'), *dash;

	*ret_first = *ret_last = 1;
	if (!slash)
		return true;
	*slash++ = '\0';
	dash = strchr(slash, '-');
	if (!read_number(slash, dash ? (size_t)(dash - slash) : strlen(slash), ret_first))
		return false;
	*ret_last = *ret_first;
	return !dash ||
	       (read_number(dash + 1, strlen(dash + 1), ret_last) && *ret_first < *ret_last);
}

int outcome_read_expect(struct reader *reader, char *rest)
{
	static const char *const kinds[] =
		{[END_CLIENT] = "client", [END_SERVER] = "server", [END_LISTENER] = "listener"};
	struct scenario *scenario = reader->scenario;
	char *word = deed_word(&rest);
	struct expected_end end;
	bool numbered = word && take_numbers(word, &end.first, &end.last);

	if (scenario->end_count == SCENARIO_ENDS)
		return reader_too_many(reader, "ends");
	for (unsigned int kind = 0; numbered && kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
		if (strcmp(kinds[kind], word) != 0)
			continue;
		end.kind = (enum end_kind)kind;
		scenario->ends[scenario->end_count++] = end;
		reader->in_end = true;
		return 0;
	}
	return reader_complain(reader, "expect", word,
			       "write client, server, listener, or client/2, client/1-300 and "
			       "so on");
}

/* With a question mark the row may be missing. */
static bool read_arrow(const char *word, struct expected_row *row)
{
	row->minisock = word && word[0] == '~';
	row->optional = word && strlen(word) == 3;
	return word && (word[0] == '~' || word[0] == '-') && word[1] == '>' &&
	       (!word[2] || strcmp(word + 2, "?") == 0);
}

/* "FROM -> TO : words", of which FROM is read. */
int outcome_read_row(struct reader *reader, uint8_t from, char *rest)
{
	struct scenario *scenario = reader->scenario;
	struct expected_row row = {.from = from};
	char *arrow = deed_word(&rest), *to = deed_word(&rest), *colon = deed_word(&rest);

	if (!reader->in_end)
		return reader_complain(reader, "a row of", state_name(from),
				       "write `expect client` above it");
	if (scenario->row_count == SCENARIO_ROWS)
		return reader_too_many(reader, "rows");
	if (!read_arrow(arrow, &row) || !to || state_parse(to, strlen(to), &row.to) ||
	    (colon && strcmp(colon, ":") != 0))
		return reader_complain(reader, "a row of", state_name(from),
				       "write it as: FIN_WAIT1 -> FIN_WAIT2 : words");
	row.when = reader_take_when(reader);
	row.end = scenario->end_count - 1;
	rest = reader_trim(rest);
	row.words = colon && *rest ? rest : NULL;
	scenario->rows[scenario->row_count++] = row;
	return 0;
}

int outcome_read_verdict(struct reader *reader, char *word, char *rest)
{
	struct scenario *scenario = reader->scenario;
	struct expected_verdict verdict;
	bool numbered = take_numbers(word, &verdict.first, &verdict.last);

	rest = reader_trim(rest);
	if (!numbered || !*rest)
		return reader_complain(reader, "verdict", NULL,
				       "write it as: verdict closed by client first; FIN both "
				       "ways");
	if (scenario->verdict_count == SCENARIO_VERDICTS)
		return reader_too_many(reader, "verdicts");
	verdict.when = reader_take_when(reader);
	verdict.words = rest;
	scenario->verdicts[scenario->verdict_count++] = verdict;
	return 0;
}

static int read_finding(struct reader *reader, char *rest, bool optional)
{
	struct scenario *scenario = reader->scenario;
	char *name = deed_word(&rest), *colon = deed_word(&rest);
	struct expected_finding *finding = &scenario->findings[scenario->finding_count];

	if (scenario->finding_count == SCENARIO_FINDINGS)
		return reader_too_many(reader, "findings");
	for (enum finding_code code = FINDING_NONE + 1; name && code < FINDING_CODES; code++) {
		if (strcmp(finding_name(code), name) != 0 || (colon && strcmp(colon, ":") != 0))
			continue;
		rest = reader_trim(rest);
		*finding = (struct expected_finding){.when = reader_take_when(reader),
						     .code = code,
						     .optional = optional,
						     .words = *rest ? rest : NULL};
		scenario->finding_count++;
		return 0;
	}
	return reader_complain(reader, "finding", name,
			       "write its code, and part of what it says: finding rst-unread : 100 "
			       "bytes");
}

int outcome_read_finding(struct reader *reader, char *rest)
{
	return read_finding(reader, rest, false);
}

int outcome_read_may_find(struct reader *reader, char *rest)
{
	return read_finding(reader, rest, true);
}
