// SPDX-License-Identifier: GPL-2.0-only
#include "demo/expect.h"

#include <stdlib.h>

#include "demo/seen.h"
#include "render/words.h"

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

	if (!end && expect->end_count < SEEN_ENDS)
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

	if (!end || expect->row_count == SEEN_ROWS) {
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
	if (expect->verdict_count == SEEN_VERDICTS) {
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

	if (expect->finding_count == SEEN_FINDINGS) {
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
	case CHANGE_CLOCK:
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
