/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * counters: what the programs in the kernel counted, against what has come through the ring.
 *
 * They go on counting where the ring is lent, so they are compared as of one moment. CPU by CPU: what came later
 * from one does not stand for what is still on its way from another.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include "core/flow.h"
#include "source/ring.h"

struct counters_cpu {
	struct wire_counters taken;
	uint64_t dropped_before; /* counters_begin() */
};

struct counters {
	unsigned int cpus;
	struct counters_cpu *by_cpu;
};

/* Returns 0 or -ENOMEM. */
int counters_init(struct counters *counters, const struct ring *ring);
void counters_fini(struct counters *counters);

/* With a ring that others had before: what they have seen and lost is not FLOW's, nor what is in RING. */
void counters_begin(struct counters *counters, struct flow *flow, struct ring *ring);

/* As they are now. To be followed by a read of RING: what they count is in it then, or about to be. */
void counters_take(struct counters *counters, const struct ring *ring);

/* How many of FLOW's attempts have found the ring buffer full until now. */
uint64_t counters_dropped(const struct counters *counters, const struct ring *ring);

/* Has all come that was attempted when they were taken, and not dropped? */
bool counters_all_came(const struct counters *counters, const struct flow *flow);

/* Tells FLOW what is missing of what they counted when they were taken, and says what passed by. */
void counters_settle(const struct counters *counters, struct flow *flow);

#endif
