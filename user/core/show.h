/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * show: from the tracker to the sinks. A change waits here until it is known whether its connection is
 * wanted; within the core only.
 */
#ifndef CORE_SHOW_H
#define CORE_SHOW_H

#include "core/tracker.h"

/* Delivers CHANGE, completed, or holds it until CONN is wanted and decided (dropping it if there is no room to hold it), or
 * drops it. */
void show_change(struct tracker *tracker, struct conn *conn, struct change *change);

/* Asks the filter about CONN again, if it is not decided; delivers or drops what is held. */
void show_decide(struct tracker *tracker, struct conn *conn);

/* How END went to CLOSE turned out to have another cause, END->end: what is held of that is corrected. */
void show_correct(struct conn *conn, const struct endpoint *end);

/* FROM is about to be joined to INTO: what is held for it becomes INTO's. To be followed by
 * show_decide(), once INTO has its other end. */
void show_join(struct conn *into, struct conn *from);

/* The one end of FROM, a child, turns out to be END, the request that it came from: what is held of it goes
 * to END's connection. */
void show_hand_over(struct tracker *tracker, struct conn *from, const struct endpoint *end);

/* Gives back what is held for CONN, which is about to be freed. */
void show_forget(struct tracker *tracker, struct conn *conn);

#endif
