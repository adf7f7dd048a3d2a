/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * look: who has the port that a bind() could not have may be in no table of sockets. So behind each WIRE_BIND the
 * open files of all processes are looked through, but not more often than ten times a second.
 */
#ifndef LOOK_H
#define LOOK_H

#include "core/event.h"
#include "source/ring.h"

struct look {
	uint64_t due_ns; /* UINT64_MAX: there is no need */
	uint64_t done_ns; /* when it was done last */
	uint32_t port; /* or RING_ALL_PORTS */
};

#define LOOK_NONE ((struct look){.due_ns = UINT64_MAX})

/* Takes each event: of a bind() that failed it makes a look due. */
void look_note(struct look *look, const struct event *event);

/* Looks, which ends at NOW_NS or later: the records go to TAKE with CTX. What it means for those that wait is for the
 * caller to say (WIRE_HOOKS). */
void look_take(struct look *look, struct ring *ring, take_record_fn *take, void *ctx,
	       uint64_t now_ns);

#endif
