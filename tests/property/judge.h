/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * judge: hears what a tracker says of any events, and knows what must be true of it whatever has come. The test fails
 * where it is not.
 */
#ifndef TESTS_JUDGE_H
#define TESTS_JUDGE_H

#include "core/change.h"
#include "core/tally.h"

struct judge {
	uint64_t now_ns; /* of the latest event: set by who gives them */
	uint8_t *verdicts; /* by connection number: how many there were */
	uint64_t heard; /* changes */
	uint64_t digest; /* of all of them: the same for the same changes in the same order */
	struct tally tally;
};

struct judge *judge_create(void);
void judge_destroy(struct judge *judge);

/* A deliver_fn for a struct judge. */
void judge_change(void *ctx, const struct change *change);

/* Behind tracker_finish(): each connection that was shown has had its verdict. */
void judge_finish(const struct judge *judge);

#endif
