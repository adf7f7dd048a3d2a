/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * judge: hears what a tracker says of any events, and knows what must be true of it whatever has come. The test fails
 * where it is not.
 */
#ifndef TESTS_JUDGE_H
#define TESTS_JUDGE_H

#include "core/change.h"
#include "core/tally.h"
#include "core/tracker.h"

struct judged;

struct judge {
	uint64_t now_ns; /* of the latest event: set by who gives them */
	struct judged *conns; /* by connection number */
	uint64_t heard; /* changes */
	uint64_t digest; /* of all of them: the same for the same changes in the same order */
	struct tally tally;
};

struct judge *judge_create(void);
void judge_destroy(struct judge *judge);

/* A deliver_fn for a struct judge. */
void judge_change(void *ctx, const struct change *change);

/* What was counted from the changes is what is in TRACKER's table; not with a filter by states, and not while changes of a
 * connection that is shown are held back. Returns whether that could be seen. */
bool judge_gauges(const struct judge *judge, const struct tracker *tracker);

/* Behind tracker_finish(): each connection that was shown has had one verdict; a listener, or one that was joined to another,
 * needs none. */
void judge_finish(const struct judge *judge);

#endif
