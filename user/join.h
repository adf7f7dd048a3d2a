/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * join: what several hosts have recorded at the same time, as one stream of events by the first one's clock.
 */
#ifndef JOIN_H
#define JOIN_H

#include "core/clock.h"
#include "core/host.h"
#include "reel.h"

struct join_host {
	struct reel *reel;
	struct clock_offset offset; /* of its clock, to that of the first one */
	const struct join_host
		*by; /* the host that it was compared with; NULL: it is the first one */
	struct event next; /* valid when `has_next` */
	bool has_next;
	uint32_t hooks; /* enum wire_hook: what it could see */
	uint64_t lost, dropped; /* by its totals */
};

struct join {
	struct join_host hosts[HOSTS_MAX];
	unsigned int count;
	uint64_t damaged, unknown; /* records that were none */
	int err; /* of a reel, 0: none */
};

/*
 * Reads COUNT reels, and of those from the second on joins with the first whoever has connections with one that is
 * joined, up to HOSTS_MAX in all. RET_JOINED has a place for each reel. Returns 0 or -errno; all are rewound.
 */
int join_create(struct reel *reels, unsigned int count, struct join *ret_join, bool *ret_joined);

/* The next event, or false at the end: behind it come the totals of all, as one event. */
bool join_next(struct join *join, struct event *ret_event);

#endif
