/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * merge: events of different CPUs, put into the order of their times.
 *
 * An event's time is taken before its place in the ring buffer, so two CPUs may swap: measured, some 80
 * of 1.8 million. The rule:
 *
 *   1. An event is held until MERGE_WINDOW_NS have passed since its time, then given out, oldest first;
 *      events of the same time come out as they came in.
 *   2. Events of one socket never swap: they are made under the socket's lock, so they come in order.
 *   3. An event older than one that was given out already is given out next, and counted as late.
 *      Only the order of lines on a screen depends on it: the tracker compares times, not positions.
 *   4. When the merge is full, its oldest goes out early: an event is never dropped here.
 */
#ifndef CORE_MERGE_H
#define CORE_MERGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"

#define MERGE_WINDOW_NS UINT64_C(200000)

struct merge {
	struct event **order; /* what is held: a ring, oldest at head */
	struct event *pool;
	struct event *
		*spare; /* of the pool, what was used: what was given back last is taken first */
	struct event *room; /* of the pool: for the next one */
	uint32_t pool_used, spare_count;
	uint32_t capacity; /* a power of two */
	uint32_t head;
	uint32_t count;
	uint64_t given_ns; /* time of the newest event given out */
	uint64_t late;
};

/* Makes an empty merge for up to CAPACITY events, a power of two. Returns 0 or -ENOMEM. */
int merge_init(struct merge *merge, uint32_t capacity);
void merge_fini(struct merge *merge);

/* Is there room for one more? If not, merge_pop() with FORCE first. */
bool merge_is_full(const struct merge *merge);

/* Where the next event may be made, so that merge_push() need not copy it. */
struct event *merge_room(const struct merge *merge);

/* Takes EVENT: what stands in merge_room(), or a copy of another. The merge must not be full. */
void merge_push(struct merge *merge, const struct event *event);

/* Gives out the oldest event if it is due at NOW_NS (or FORCE is set), else NULL. It is valid until merge_push(). */
const struct event *merge_pop(struct merge *merge, uint64_t now_ns, bool force);

/* When the oldest event will be due; UINT64_MAX when there is none. */
uint64_t merge_due_ns(const struct merge *merge);

#endif
