/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hold: the rules about what lasts: an end that is held in a state for too long, and TIME_WAITs, of which
 * there may be many; within the core only.
 *
 * Which rule an end falls under, and from when on, follows from how the end is. So settle() asks after every
 * change, and again when that time has come. The ends that fall under a rule belong to a subject, which knows
 * how many they are; it is told a moment later, for what has one reason comes at once.
 */
#ifndef CORE_HOLD_H
#define CORE_HOLD_H

#include "core/tracker.h"

/* END went along EDGE: what the rules go by. */
void hold_note(struct tracker *tracker, struct endpoint *end, const struct edge_event *edge);

/* Its SYN or FIN was sent again, as EVENT tells. */
void hold_resent(struct tracker *tracker, const struct event *event);

/* CONN has changed, or one of its ends is to be looked at. */
void hold_update(struct tracker *tracker, struct conn *conn, uint64_t now_ns);

/* CONN is about to be freed. */
void hold_forget(struct conn *conn);

/* The trace ends: tells what was to be told a moment later. */
void hold_finish(struct tracker *tracker, uint64_t now_ns);

#endif
