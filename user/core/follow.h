/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * follow: the sockets of `-- COMMAND`, which the trace waits for; within the core only.
 */
#ifndef CORE_FOLLOW_H
#define CORE_FOLLOW_H

#include "core/tracker.h"

/* CAUSE made END move: is it of the command's then? */
void follow_note(const struct tracker *tracker, struct endpoint *end, const struct cause *cause);

/* CONN has changed: its open sockets of the command's are waited for. */
void follow_await(struct tracker *tracker, const struct conn *conn);

/* END is in CLOSE, or given up. */
void follow_release(struct tracker *tracker, struct endpoint *end);

#endif
