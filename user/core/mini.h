/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mini: the lives of minisocks, before and after the full socket's; within the core only.
 *
 * A timewait minisock is born just before its full socket goes to CLOSE (tcp_time_wait()), on the same CPU;
 * so its birth waits in a ring for that edge, and an edge that should leave one and finds no birth has left
 * none. From then on the endpoint is found by the minisock's address.
 *
 * A request socket is an endpoint in NEW_SYN_RECV, found by the request's address, until its child is
 * seen: then the endpoint is the child's.
 */
#ifndef CORE_MINI_H
#define CORE_MINI_H

#include "core/tracker.h"

/* Takes an event of type WIRE_MINI. */
void mini_event(struct tracker *tracker, const struct event *event);

/* EVENT takes END along an edge. If to CLOSE, CAUSE so far guesses what is kept; now it tells what is. Returns
 * the address of the minisock that takes the place, 0: none, or not known. */
uint64_t mini_take_place(struct tracker *tracker, struct endpoint *end, const struct event *event,
			 struct cause *cause);

/* END has gone along an edge: does that prove what became of its peer's minisock, where no hook shows it? */
void mini_infer(struct tracker *tracker, const struct endpoint *end, const struct cause *cause,
		const struct event *event);

/* END is at EVENT. If it is a child that has its addresses now: the endpoint to go on with, its request's if it
 * had one, which frees END; else END itself. */
struct endpoint *mini_grow_up(struct tracker *tracker, struct endpoint *end,
			      const struct event *event);

#endif
