/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tally: changes, counted: each edge, how long ends were in each state, how connections closed, whose they were
 * and what was found. Its size is fixed, and a change costs some additions.
 */
#ifndef CORE_TALLY_H
#define CORE_TALLY_H

#include "core/change.h"
#include "core/histogram.h"
#include "core/top.h"
#include "core/verdict.h"

struct tally_edge {
	uint64_t count;
	uint64_t
		apart; /* of these: of a socket, it does not fit what went before (JUMPED); of a minisock, it was not
			 * seen but proved by the other end (INFERRED) */
};

/* Round bounds of times, which the histogram's buckets do not have. Behind 65 s a TIME_WAIT is over: it takes up to 62. */
#define TALLY_BOUNDS 12
extern const uint64_t tally_bounds_ns[TALLY_BOUNDS];

/* The time of those alone whose beginning and end are known. SYN_RECV begins with the SYN where the half-done handshake
 * is seen, and so includes NEW_SYN_RECV. */
struct tally_stay {
	struct histogram time;
	uint64_t within[TALLY_BOUNDS]; /* of these: up to this bound, and above the one before */
	uint64_t untimed; /* others that are over: begun before the trace, or around a gap */
	uint64_t now; /* are there still */
};

/* Empty when all is 0. */
struct tally {
	struct tally_edge edges[WIRE_STATE_COUNT]
			       [WIRE_STATE_COUNT]; /* of sockets, NOTED ones included */
	struct tally_edge minis[WIRE_STATE_COUNT]
			       [WIRE_STATE_COUNT]; /* of minisocks; born of a socket in CLOSE: from
								      * what that was in */
	struct tally_stay sockets[WIRE_STATE_COUNT]; /* stays of sockets ... */
	struct tally_stay
		minisocks[WIRE_STATE_COUNT]; /* ... and of minisocks, NEW_SYN_RECV among them */
	uint64_t verdicts[HOW_COUNT]
			 [FIRST_BOTH + 1]; /* of each connection, at its end or the trace's */
	uint64_t transitions; /* of sockets */
	uint64_t connections; /* of which there is a verdict */
	uint64_t open; /* of these: not closed */
	uint64_t binds, no_ports; /* bind() or listen() that failed; connect() without a port */
	uint64_t told[FINDING_CODES]; /* how often */
	uint64_t cases
		[FINDING_CODES]; /* ... and of how many connections or events, when they were last told */
	uint64_t first_ns, last_ns; /* of all changes, 0: none */
	struct top top;
};

void tally_change(struct tally *tally, const struct change *change);

/* How many ends are in STATE now, sockets and minisocks; half-done handshakes are in SYN_RECV, as the RFC has it, and nobody
 * is in NEW_SYN_RECV, or in CLOSE. */
uint64_t tally_now(const struct tally *tally, uint8_t state);

/* One that occurred. */
struct tally_edge_at {
	const struct tally_edge *edge;
	uint8_t from, to;
	bool minisock;
};

struct tally_stay_at {
	const struct tally_stay *stay;
	uint8_t state;
	bool minisock;
};

/* The NTH, from 0, in the order in which a connection goes through the states; sockets' edges before minisocks'. False:
 * there are not so many. */
bool tally_nth_edge(const struct tally *tally, unsigned int nth, struct tally_edge_at *ret_edge);
bool tally_nth_stay(const struct tally *tally, unsigned int nth, struct tally_stay_at *ret_stay);

#endif
