/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock: how far the clocks of two hosts are apart, by the connections between them.
 *
 * A segment arrives after it was sent. So what one host does before it sends one comes before what the other
 * does when it has it, and the difference of their clocks' readings bounds the difference of the clocks from
 * one side; a segment the other way bounds it from the other side. Of a connection that both have seen there are
 * up to seven such pairs, in its handshakes (the marks below). All bounds of all connections together leave the
 * least room there is; in the middle of it is the estimate, and half its width is how wrong that may be.
 *
 * The clocks are taken to run equally fast. Where they do not, the bounds come to contradict each other.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include "core/event.h"

/* What an end does between two segments; what is in one line comes in this order, on one host and the other. */
enum clock_mark {
	CLOCK_CALLED, /* the client is in SYN_SENT: its SYN goes out behind that */
	CLOCK_REQUESTED, /* the server has the SYN, and sends its SYN,ACK behind that */
	CLOCK_MET, /* the client has the SYN,ACK, and sends its ACK behind that */
	CLOCK_SERVED, /* the server has the ACK */
	CLOCK_FIN_SENT, /* either: its FIN goes out behind that */
	CLOCK_FIN_CAME, /* ... the other has it, and sends its ACK behind that */
	CLOCK_FIN_ACKED, /* ... and that has come */
	CLOCK_MARKS
};

/* What was seen on one host. */
struct clock;

/* Of two hosts. */
struct clock_offset {
	int64_t ahead_ns; /* the second one's clock is so far ahead of the first one's */
	uint64_t uncertainty_ns; /* ... or so much more, or less */
	uint64_t contradiction_ns; /* by so much the bounds cross, 0: they do not */
	uint64_t connections; /* that both have seen */
};

/* ... with their names, which may be any bytes. */
struct host_clock {
	const char *first, *second;
	unsigned int number; /* of the second one, by host_of() */
	struct clock_offset offset;
};

/* NULL: no memory. */
struct clock *clock_create(void);
void clock_destroy(struct clock *clock);

/* Takes note of EVENT, up to a fixed number of connections: the first ones. */
void clock_note(struct clock *clock, const struct event *event);

/* Returns 0; -ENOENT when the two have no handshake in common, or all bounds are from one side. */
int clock_compare(const struct clock *first, const struct clock *second,
		  struct clock_offset *ret_offset);

#endif
