/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * expect: a sink that keeps what was seen of a scenario, and compares it with what was to be seen.
 *
 * Rows are compared for each end of each connection, in their order; the order between ends differs from run
 * to run and says nothing. Connections are numbered in the order of their first rows.
 */
#ifndef DEMO_EXPECT_H
#define DEMO_EXPECT_H

#include "base/text.h"
#include "demo/edges.h"
#include "demo/scenario.h"
#include "render/sink.h"
#include "render/style.h"

struct expect;

/* NULL: no memory. STYLE must outlive it; it is that of the verdict's words. */
struct expect *expect_create(const struct style *style);
void expect_destroy(struct expect *expect);

/* To be told of every change. It stays EXPECT's. */
struct sink *expect_sink(struct expect *expect);

/*
 * Compares with what SCENARIO says for HERE. Adds a line for each difference to
 * RET_LINES: "- LABEL  FROM -> TO" for a row that was not seen, "+ ..." for one that was not expected, and so
 * for verdicts. Returns the number of differences.
 */
unsigned int expect_compare(const struct expect *expect, const struct scenario *scenario,
			    const struct circumstances *here, struct text *ret_lines);

/* Adds the edges that were seen to WALK. */
void expect_walk(const struct expect *expect, struct walk *walk);

#endif
