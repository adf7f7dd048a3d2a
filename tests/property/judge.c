// SPDX-License-Identifier: GPL-2.0-only
#include "judge.h"

#include "../unit/make.h"
#include "../unit/sound.h"
#include "core/state.h"
#include "core/verdict.h"

#define CONNS 65536

struct judge *judge_create(void)
{
	struct judge *judge = test_calloc(1, sizeof(*judge));

	judge->verdicts = test_calloc(CONNS, sizeof(*judge->verdicts));
	return judge;
}

void judge_destroy(struct judge *judge)
{
	test_free(judge->verdicts);
	test_free(judge);
}

static void check_in_use(const struct in_use *in_use)
{
	uint32_t blockers = 0;

	for (uint32_t i = 0; i < in_use->listed; i++) {
		blockers += in_use->users[i].blocks;
		assert_true(i == 0 || in_use->users[i - 1].blocks || !in_use->users[i].blocks);
	}
	assert_true(in_use->listed <= in_use->count && in_use->blockers[0] <= in_use->count);
	assert_true(blockers == in_use->blockers[0] || in_use->listed == INUSE_LISTED);
	assert_true(in_use->lasting <= in_use->blockers[0]);
}

/* FNV-1a, by numbers. */
static void digest(struct judge *judge, uint64_t number)
{
	judge->digest = (judge->digest ^ number) * UINT64_C(0x100000001b3);
}

static void check_conn(struct judge *judge, const struct change *change)
{
	assert_true(change->in_state_ns <= judge->now_ns - AT(0));
	assert_true(change->quiet_ns <= judge->now_ns - AT(0));
	assert_in_range(change->conn->id, 1, CONNS - 1);
	sound_conn(change->conn);
	if (change->end)
		assert_ptr_equal(change->conn->ends[change->end->side], change->end);
	if (change->kind == CHANGE_MOVED)
		assert_non_null(edge_find(change->from, change->to));
	if (change->kind == CHANGE_ENDED)
		assert_int_equal(++judge->verdicts[change->conn->id], 1);
	verdict_of(change->conn, change->ktime_ns);
	digest(judge, change->conn->id);
}

void judge_change(void *ctx, const struct change *change)
{
	struct judge *judge = ctx;

	judge->heard++;
	digest(judge, change->kind);
	digest(judge, change->ktime_ns);
	tally_change(&judge->tally, change);
	switch (change->kind) {
	case CHANGE_BIND:
		check_in_use(change->in_use);
		/* fallthrough */
	case CHANGE_LOST:
	case CHANGE_FINDING:
	case CHANGE_NO_PORT:
		assert_null(change->conn);
		return;
	default:
		digest(judge, (uint64_t)change->from << 8 | change->to);
		check_conn(judge, change);
	}
}

void judge_finish(const struct judge *judge)
{
	uint64_t verdicts = 0;

	for (uint64_t id = 1; id < CONNS; id++)
		verdicts += judge->verdicts[id];
	assert_int_equal(verdicts, judge->tally.connections);
}
