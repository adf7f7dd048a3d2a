/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * seen: what was seen of a play; between expect.c, which fills it, and compare.c alone.
 */
#ifndef DEMO_SEEN_H
#define DEMO_SEEN_H

#include "core/finding.h"
#include "demo/expect.h"
#include "render/advice.h"

#define SEEN_ENDS	640 /* of 300 connections, and more */
#define SEEN_ROWS	6400
#define SEEN_VERDICTS	320
#define SEEN_FINDINGS	16
#define SEEN_WORDS_SIZE 256

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
	char words[SEEN_WORDS_SIZE];
};

struct seen_verdict {
	uint64_t conn;
	char words[SEEN_WORDS_SIZE];
};

struct seen_finding {
	enum finding_code code;
	char words[ADVICE_TEXT_LEN];
};

struct expect {
	struct sink sink; /* first: see sink.h */
	const struct style *style;
	struct seen_end ends[SEEN_ENDS];
	struct seen_row rows[SEEN_ROWS];
	struct seen_verdict verdicts[SEEN_VERDICTS];
	struct seen_finding findings[SEEN_FINDINGS];
	unsigned int end_count, row_count, verdict_count, finding_count;
	bool overflowed;
	uint64_t lost;
};

#endif
