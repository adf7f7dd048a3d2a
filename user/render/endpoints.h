/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * endpoints: the verb `snapshot` in its three forms: how many endpoints are in each state, then each of them.
 */
#ifndef RENDER_ENDPOINTS_H
#define RENDER_ENDPOINTS_H

#include "core/names.h"
#include "core/roll.h"
#include "render/line.h"
#include "render/screen.h"
#include "render/style.h"

struct endpoints_round {
	const struct roll *now; /* sorted */
	const struct roll_counts *before; /* of the round before; NULL: there is none */
	const struct owner_names *names;
	uint64_t number; /* of the round, from 1 */
	bool watched; /* there are, or may be, more than one */
	bool whole; /* no endpoint was left out, or lost on its way */
};

/* All of them each time, what has changed marked. */
void endpoints_table(struct screen *screen, const struct style *style,
		     const struct endpoints_round *round);

/* For machines: a line with the counts, then one for each endpoint; in the rounds behind the first for those alone
 * that have changed. SINK is of json_create() or csv_create_for_snapshot(). */
void endpoints_lines(struct line_sink *sink, const struct endpoints_round *round);

#endif
