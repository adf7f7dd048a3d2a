/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * claim: a process comes to own an endpoint, and what follows from it: the filters that act on owners are asked
 * again, the sinks are told. Within the core only.
 *
 * A child belongs to its listener's owner until somebody else is seen to have it. Where a filter would take it for
 * that, it waits for its accept() for a while first: a worker's connections are not its master's.
 */
#ifndef CORE_CLAIM_H
#define CORE_CLAIM_H

#include "core/tracker.h"

/* Takes an event of type WIRE_OWNER. */
void claim_event(struct tracker *tracker, const struct event *event);

/* CHILD, of which no owner is known, belongs to its listener's. Returns true when that is known. */
bool claim_inherit(struct tracker *tracker, struct endpoint *child, uint64_t now_ns);

/* END may have another owner. To be followed by show_decide(). */
void claim_note(const struct tracker *tracker, struct endpoint *end);

/* END has another owner, of whom no edge tells. */
void claim_tell(struct tracker *tracker, struct endpoint *end, uint64_t now_ns);

/* It is NOW_NS: those of CONN's ends that waited long enough for their accept() wait no longer. UINT64_MAX: both. */
void claim_advance(struct conn *conn, uint64_t now_ns);

#endif
