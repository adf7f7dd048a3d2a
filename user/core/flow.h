/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flow: the whole core as one pipe: bytes in, changes out.
 *
 *	record -> decode -> loss -> merge -> tracker -> change
 *
 * Live and replay feed it alike. Time comes in with flow_advance(); a recording holds these calls as
 * WIRE_TICK records, at the place where they were made, so a replay prints what was printed then.
 */
#ifndef CORE_FLOW_H
#define CORE_FLOW_H

#include "core/loss.h"
#include "core/merge.h"
#include "core/tracker.h"

/* Where changes go. TICK comes before the changes of each event and with each flow_advance(), so that
 * a sink which waits for something can give up waiting. */
struct flow_sink {
	deliver_fn *deliver;
	void (*tick)(void *ctx, uint64_t now_ns);
	void *ctx;
};

struct flow {
	struct merge merge;
	struct loss loss;
	struct tracker tracker;
	struct flow_sink sink;
	uint64_t newest_ns; /* latest time seen on a record or told */
	uint64_t damaged; /* records that were none, or not whole */
	uint64_t unknown; /* records of a type that this version does not know */
	uint64_t dropped; /* of the lost ones: the ring buffer was full (WIRE_TOTALS) */
};

/* FILTER must outlive the flow. Returns 0 or -ENOMEM. */
int flow_init(struct flow *flow, uint32_t capacity, const struct filter *filter,
	      const struct flow_sink *sink);
void flow_fini(struct flow *flow);

/* Takes one record of SIZE bytes, as it came from the kernel or a recording. */
void flow_record(struct flow *flow, const void *record, size_t size);

/* Takes EVENT, for who has decoded the record already. */
void flow_event(struct flow *flow, const struct event *event);

/* It is NOW_NS, and every record made before (but for the merge's window) has been given. */
void flow_advance(struct flow *flow, uint64_t now_ns);

/* When flow_advance() is next needed if nothing happens; UINT64_MAX: never. */
uint64_t flow_due_ns(const struct flow *flow);

/* The trace ends: gives out all that is held, and a verdict for what is still open. */
void flow_finish(struct flow *flow);

/* The counter of PROGRAM on CPU says ATTEMPTS: counts what is missing behind the last record. To be
 * called when no record is under way, before flow_finish(). */
void flow_settle(struct flow *flow, uint32_t cpu, enum wire_program program, uint64_t attempts);

#endif
