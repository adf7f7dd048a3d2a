/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ending: the end of a minisock, and why; within the core only.
 *
 * A timer that is stopped tells neither that this is the end nor why. The reason follows at once (the
 * segment, the timer's new start, the new connection), or stands just before: so an end is told
 * ENDING_WAITS_NS later, with the time at which it was, or as soon as a segment leaves no doubt.
 */
#ifndef CORE_ENDING_H
#define CORE_ENDING_H

#include "core/tracker.h"

/* Microseconds would do, but for a CPU that is taken away in between. */
#define ENDING_WAITS_NS UINT64_C(10000000)

/* What belongs together is made within microseconds, in one call of the kernel. */
#define SAME_CALL_NS UINT64_C(1000000)

/* Flags of the TCP header: RFC 9293, section 3.1. */
#define HEADER_FIN 0x01
#define HEADER_SYN 0x02
#define HEADER_RST 0x04
#define HEADER_ACK 0x10

/* EVENT is a connect(): to be known by, should it reuse the address of a minisock. */
void ending_note_connect(struct tracker *tracker, const struct event *event);

/* The timer of END's minisock has ended, as EVENT tells. */
void ending_take(struct tracker *tracker, struct endpoint *end, const struct event *event,
		 enum mini_ending ending);

/* END's minisock took its last segment, and its timer has ended: tells the end if that is no accident. */
void ending_tell_if_sure(struct tracker *tracker, struct endpoint *end);

/* END's minisock has ended, and nothing more will tell why: its end is told. To be followed by settle(). */
void ending_tell(struct tracker *tracker, struct endpoint *end);

/* CONN is due at NOW_NS: endings that are sure by now are told. */
void ending_advance(struct tracker *tracker, struct conn *conn, uint64_t now_ns);

#endif
