/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mishap: the rules about what happens: a RST through unread data, a TIME_WAIT cut short, a listener
 * without room; within the core only. They are told the first time, and whenever there are twice as many.
 */
#ifndef CORE_MISHAP_H
#define CORE_MISHAP_H

#include "core/tracker.h"

/* CHANGE, of a connection that is shown, has been told. */
void mishap_change(struct tracker *tracker, const struct change *change);

/* EVENT (WIRE_OVERFLOW): a listener had no room. */
void mishap_overflow(struct tracker *tracker, const struct event *event);

#endif
