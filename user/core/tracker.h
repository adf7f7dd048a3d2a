/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tracker: events in, changes out.
 *
 *	tracker_event() -> whose socket? (table) -> conn_apply() -> the other end? (pairing)
 *	                -> wanted? (filter; changes are held until that is known) -> deliver
 *
 * No clock, no I/O, and memory in large pieces (core/slab.h), not by the event: the same events give the same changes.
 */
#ifndef CORE_TRACKER_H
#define CORE_TRACKER_H

#include "core/change.h"
#include "core/due.h"
#include "core/filter.h"
#include "core/names.h"
#include "core/findings.h"
#include "core/pids.h"
#include "core/table.h"

/* The kernel ends a 60 s wait after 60 to 62 s (timer wheel, measured on 5.10 to 7.3); so long after the
 * planned end it is certain to be over. */
#define TRACKER_WAIT_SLACK_NS UINT64_C(4000000000)

#define TRACKER_RECENT_ENDS 1024

typedef void deliver_fn(void *ctx, const struct change *change);

struct held_change {
	struct held_change *next;
	struct change change;
};

/* A last edge of a socket or minisock that is gone from the table, to know by when it is told again: by the
 * witness, or by the snapshot. */
struct recent_end {
	uint64_t address;
	uint64_t ktime_ns;
	uint8_t from;
	uint8_t to;
};

/* A timewait minisock whose full socket has not gone to CLOSE yet: it will at once, on the same CPU. */
struct birth {
	uint64_t mini;
	uint64_t cookie;
	struct addr_port local, remote;
	uint64_t until_ns; /* planned end */
	uint32_t netns;
	uint32_t left_ms;
	uint8_t state;
};

#define TRACKER_BIRTHS 256

/* A connect() that has just begun. It may take the place of a minisock. */
struct connecting {
	uint64_t ktime_ns;
	struct addr_port remote;
	uint32_t netns;
	uint32_t pid;
};

#define TRACKER_CONNECTING 64
#define TRACKER_PORTLESS   64

#define TRACKER_IN_USE 16

/* A RST that no connection sent: for a segment to a port, or a connection, that nobody has; or a listener's. */
struct stray {
	uint64_t ktime_ns;
	struct addr_port local, remote;
	uint32_t netns;
	enum reset_why why;
};

#define TRACKER_STRAYS 64

struct tracker {
	struct table table;
	struct due due;
	const struct filter *filter;
	deliver_fn *deliver;
	void *ctx;
	struct slabs held; /* struct held_change */
	uint32_t held_capacity;
	struct recent_end recent[TRACKER_RECENT_ENDS]; /* by address */
	struct birth births[TRACKER_BIRTHS]; /* the oldest first */
	uint32_t birth_count;
	struct connecting connecting[TRACKER_CONNECTING]; /* a ring */
	uint32_t connecting_next;
	/* the addresses of clients whose port is not known, and of some who have one by now; the newest come last */
	uint64_t portless[TRACKER_PORTLESS];
	uint32_t portless_count;
	struct in_use in_use[TRACKER_IN_USE]; /* binds that failed, to know their repeats by */
	struct stray strays[TRACKER_STRAYS]; /* a ring */
	uint32_t stray_next;
	uint32_t hooks; /* enum wire_hook: where they are, silence tells something */
	struct owner_names names;
	struct findings findings;
	struct pids command_pids; /* of `-- COMMAND` */
	uint32_t command_pid; /* ... itself, 0: none */
	uint32_t command_open; /* sockets of theirs that are not in CLOSE */
	uint64_t lost_ns; /* when records were last found to be lost */
	uint64_t shown; /* connections */
	uint64_t edges; /* applied */
	uint64_t duplicates; /* of the witness, recognised */
	uint64_t evicted; /* shown, open connections given up as the table was full */
	bool gave_up; /* some connection, shown or not: what is first seen later may be older than it seems */
};

/*
 * For up to CAPACITY connections. FILTER must outlive the tracker. DELIVER is called with CTX for
 * each change of a wanted connection, in order. Returns 0 or -ENOMEM.
 */
int tracker_init(struct tracker *tracker, uint32_t capacity, const struct filter *filter,
		 deliver_fn *deliver, void *ctx);
void tracker_fini(struct tracker *tracker);

/* PID, a thread group, is `-- COMMAND`: its descendants will be followed. */
void tracker_follow(struct tracker *tracker, uint32_t pid);

/* Takes an event of any type but WIRE_TICK, WIRE_ELSEWHERE, WIRE_BEFORE and WIRE_TOTALS, which mean nothing here. */
void tracker_event(struct tracker *tracker, const struct event *event);

/* LOST more records are known never to have come. */
void tracker_lost(struct tracker *tracker, uint64_t lost, uint64_t now_ns);

/* Lets time pass: minisocks whose planned end is over are given up. */
void tracker_advance(struct tracker *tracker, uint64_t now_ns);

/* How often there was no memory for what should have been kept: something is missing then. */
uint64_t tracker_starved(const struct tracker *tracker);

/* When tracker_advance() will next have something to do; UINT64_MAX: never. */
uint64_t tracker_due_ns(const struct tracker *tracker);

/* True while the kernel keeps a minisock of a socket of the command's. Looks at all connections. */
bool tracker_command_waits(const struct tracker *tracker);

/* The trace ends: a verdict for each connection that is still open. */
void tracker_finish(struct tracker *tracker, uint64_t now_ns);

#endif
