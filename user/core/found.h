/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * found: what was there when the trace began; within the core only.
 *
 * The hooks are attached before the snapshot is taken, and each of its records has the time at which its
 * socket was looked at: so a socket whose edge or birth came before is known already, and one that is new is
 * in the state that its next edge leaves.
 */
#ifndef CORE_FOUND_H
#define CORE_FOUND_H

#include "core/tracker.h"

/* Takes an event of type WIRE_FOUND. */
void found_socket(struct tracker *tracker, const struct event *event);

/* Takes an event of type WIRE_MINI that says WIRE_MINI_FOUND. */
void found_mini(struct tracker *tracker, const struct event *event);

/* Takes an event of type WIRE_HOLDER. */
void found_holder(struct tracker *tracker, const struct event *event);

/* All holders were told: a child that has none was not accepted, as far as is known. */
void found_all_holders(struct tracker *tracker);

#endif
