/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reset: RSTs that go out, and what they tell of the edges that they belong to; within the core only.
 *
 * Of an abort, the RST's record comes behind that of the edge; of `ss -K` and keepalive, before it. An edge whose
 * cause is not decided without its RST makes its connection wait for that: what is to be shown of it is held, up to
 * ENDING_WAITS_NS. No other edge waits, nor does any where RSTs are not seen.
 */
#ifndef CORE_RESET_H
#define CORE_RESET_H

#include "core/tracker.h"

/* EVENT, an overflow: why a RST of that listener goes out. */
void reset_overflow(struct tracker *tracker, const struct event *event);

/* EVENT is a RST. */
void reset_take(struct tracker *tracker, const struct event *event);

/* EVENT, END's edge, has CAUSE: completes that by the RSTs that went out before it. */
void reset_complete(const struct tracker *tracker, const struct endpoint *end,
		    const struct event *event, struct cause *cause);

/* END has just made an edge of CAUSE. To be followed by settle(). */
void reset_await(struct tracker *tracker, struct endpoint *end, const struct cause *cause,
		 uint64_t now_ns);

/* CONN is due at NOW_NS: what is undecided long enough is told as it is. To be followed by settle(). */
void reset_advance(struct tracker *tracker, struct conn *conn, uint64_t now_ns);

#endif
