/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * counters: what the programs in the kernel counted, against what has come through the ring.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include "core/flow.h"
#include "source/ring.h"

/* With a ring that others had before: what they have seen and lost is not FLOW's, nor what is in RING. */
void counters_begin(struct flow *flow, struct ring *ring);

/* All that was attempted and not dropped has come when the last program has run out. */
bool counters_all_came(const struct flow *flow, const struct ring *ring);

/* Tells FLOW what is missing behind the last record, and says what passed by. */
void counters_settle(struct flow *flow, const struct ring *ring);

#endif
