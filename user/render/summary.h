/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * summary: what a trace came to (core/tally.h), for people: each edge, the time spent in each state, how connections
 * closed, whose they were, what was found and what was lost. For machines it is in render/fields_summary.c.
 */
#ifndef RENDER_SUMMARY_H
#define RENDER_SUMMARY_H

#include "render/screen.h"
#include "render/sink.h"
#include "render/style.h"

/* TOTALS has a tally. BESIDE: something else stands above it. */
void summary_print(struct screen *screen, const struct style *style, const struct totals *totals,
		   bool beside);

#endif
