/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inuse: who has a port, and what of that stands in the way of a bind(); and what has used up the ports that
 * connect() chooses from.
 *
 * Two sources tell who has a port. The table knows the sockets that were seen to move or were found, with their
 * history. A socket that is only bound has neither; it is found through its holder when the user side looks at
 * the port (WIRE_FOUND in CLOSE, WIRE_HOLDER). WIRE_HOOKS says that the look is over: then it is told.
 *
 * A process may try again and again. That is counted, and told only when the count has doubled.
 */
#ifndef CORE_INUSE_H
#define CORE_INUSE_H

#include "core/blocker.h"
#include "core/conn.h"

#define INUSE_LISTED 8

/* The options that might let a bind() succeed, as bits: all combinations are tried. */
#define INUSE_REUSE_ADDR 1U
#define INUSE_REUSE_PORT 2U
#define INUSE_OPTIONS	 4U /* combinations */

/* A socket that has the port. */
struct port_user {
	struct claim claim;
	struct addr_port remote; /* port 0: no peer */
	struct owner owner; /* who has it, or had it before he gave it up */
	uint64_t sk;
	uint64_t until_ns; /* planned end of its minisock; 0: time alone does not end it */
	uint8_t state; /* as shown; CLOSE: it is only bound */
	uint8_t gave_up_by; /* enum cause_by */
	uint8_t signal; /* CAUSE_SIGNAL: which */
	bool gave_up; /* gave_up_by is known */
	bool blocks;
};

struct in_use {
	struct bind_event wants; /* err 0: nobody has tried, it is only asked */
	uint64_t ktime_ns; /* of the failure that was looked into */
	uint64_t last_ns; /* of the last one like it */
	uint32_t times; /* it has failed; 0: never, this place is free */
	uint32_t told_times; /* ... when it was told last */
	bool waits; /* for a look at who is only bound */
	bool looked; /* there was one */
	struct port_user users[INUSE_LISTED]; /* those that matter most first */
	uint32_t listed;
	uint32_t count; /* of users, listed or not */
	uint32_t blockers[INUSE_OPTIONS]; /* if these options were set, besides those that are */
	uint32_t lasting; /* blockers that time alone does not end */
	uint32_t no_reuse_addr; /* blockers that lack SO_REUSEADDR */
	uint32_t listeners; /* blockers in LISTEN */
	uint32_t fin_wait2; /* blockers that may still go to TIME_WAIT */
	uint64_t until_ns; /* when the last of the others ends */
};

/* What was used up when a connect() found no local port: EADDRNOTAVAIL. */
struct used_up {
	struct addr_port remote;
	uint16_t
		local_port; /* that it was bound to: such a connection is there already; 0: it was to be chosen */
	struct owner owner; /* who called connect() */
	struct limits limits; /* port_last 0: not known */
	uint64_t ktime_ns;
	uint32_t there; /* local ports of the range that are connected there */
	uint32_t in_state[WIRE_STATE_COUNT]; /* of these, by state as shown */
	uint64_t first_ns; /* when the first TIME_WAIT of these ends; 0: there is none */
};

/* Adds USER, once, and judges whether it stands in the way. */
void inuse_add(struct in_use *in_use, const struct port_user *user);

struct tracker;

/* Takes events of type WIRE_BIND, WIRE_FOUND and WIRE_HOLDER; those that are none of its business change nothing. */
void inuse_event(struct tracker *tracker, const struct event *event);

/* A look that began at BEGAN_NS is over: what waited for it is told. */
void inuse_looked(struct tracker *tracker, uint64_t began_ns);

/* There will be no more looks: what waits for one is told, as far as it is known. */
void inuse_finish(struct tracker *tracker);

/* END, whose connection is shown, has just gone along EVENT's edge: if this is a connect() that failed for want of a
 * local port, tells why. */
void inuse_used_up(struct tracker *tracker, const struct endpoint *end, const struct event *event);

#endif
