// SPDX-License-Identifier: GPL-2.0-only
#include "judge.h"

#include "../unit/make.h"
#include "../unit/sound.h"
#include "core/state.h"
#include "core/verdict.h"

#define CONNS 65536

enum kind {
	NEVER_SHOWN,
	OVER_BEFORE, /* only minisocks were left of it when it was found */
	CONNECTION,
	LISTENER,
	JOINED, /* to another one */
};

struct judged {
	uint8_t kind; /* when it was last heard of */
	uint8_t verdicts; /* so many */
};

struct judge *judge_create(void)
{
	struct judge *judge = test_calloc(1, sizeof(*judge));

	judge->conns = test_calloc(CONNS, sizeof(*judge->conns));
	return judge;
}

void judge_destroy(struct judge *judge)
{
	test_free(judge->conns);
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

/* Is it about what is left of a connection that closed? */
static bool is_afterwards(const struct change *change)
{
	switch (change->kind) {
	case CHANGE_FOUND:
		return change->cause.keeps;
	case CHANGE_NOTED:
		return change->from == WIRE_CLOSE;
	case CHANGE_MINI:
	case CHANGE_INFERRED:
	case CHANGE_GONE:
		return change->to != WIRE_NEW_SYN_RECV || change->from == change->to;
	case CHANGE_OWNER:
	case CHANGE_PAIRED:
		return true;
	default:
		return false;
	}
}

static enum kind kind_of(const struct judge *judge, const struct change *change)
{
	bool joins = change->kind == CHANGE_PAIRED && change->joined;

	if (conn_is_listener(change->conn))
		return LISTENER;
	if (joins && judge->conns[change->joined].kind == CONNECTION)
		return CONNECTION;
	if (judge->conns[change->conn->id].kind <= OVER_BEFORE && is_afterwards(change))
		return OVER_BEFORE;
	return CONNECTION;
}

static void check_conn(struct judge *judge, const struct change *change)
{
	struct judged *judged = &judge->conns[change->conn->id];

	assert_true(change->in_state_ns <= judge->now_ns - AT(0));
	assert_true(change->quiet_ns <= judge->now_ns - AT(0));
	assert_in_range(change->conn->id, 1, CONNS - 1);
	sound_conn(change->conn);
	if (change->end)
		assert_ptr_equal(change->conn->ends[change->end->side], change->end);
	if (change->kind == CHANGE_FOUND && change->to != WIRE_NEW_SYN_RECV)
		assert_int_equal(change_is_of_minisock(change), change->cause.keeps != 0);
	if (change->kind == CHANGE_MOVED)
		assert_non_null(edge_find(change->from, change->to));
	assert_int_not_equal(judged->kind, JOINED);
	judged->kind = (uint8_t)kind_of(judge, change);
	if (change->kind == CHANGE_ENDED) {
		assert_int_equal(judged->kind, CONNECTION);
		assert_int_equal(++judged->verdicts, 1);
	}
	if (change->kind == CHANGE_PAIRED && change->joined)
		judge->conns[change->joined].kind = JOINED;
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

static void count_end(const struct endpoint *end, uint64_t sockets[], uint64_t minisocks[])
{
	if (!end || !end->counted)
		return;
	if (end->keeps)
		minisocks[end->keeps]++;
	else if (end->state == WIRE_NEW_SYN_RECV)
		minisocks[end->state]++;
	else
		sockets[end->state]++;
}

/* False: changes of CONN are held back. */
static bool count_conn(const struct conn *conn, uint64_t sockets[], uint64_t minisocks[])
{
	if (conn->selection != SELECTION_SHOWN)
		return true;
	for (int side = 0; side < 2; side++)
		count_end(conn->ends[side], sockets, minisocks);
	return !conn->held;
}

bool judge_gauges(const struct judge *judge, const struct tracker *tracker)
{
	uint64_t sockets[WIRE_STATE_COUNT] = {0}, minisocks[WIRE_STATE_COUNT] = {0};

	for (enum conn_list list = 0; list < LISTS; list++)
		for (const struct conn *conn = tracker->table.lists[list].oldest; conn;
		     conn = conn->newer)
			if (!count_conn(conn, sockets, minisocks))
				return false;
	for (unsigned int state = 1; state < WIRE_STATE_COUNT; state++) {
		if (state == WIRE_CLOSE) /* nobody is asked about it */
			continue;
		assert_int_equal(judge->tally.sockets[state].now, sockets[state]);
		assert_int_equal(judge->tally.minisocks[state].now, minisocks[state]);
	}
	return true;
}

void judge_finish(const struct judge *judge)
{
	uint64_t verdicts = 0;

	for (uint64_t id = 1; id < CONNS; id++) {
		if (judge->conns[id].kind == CONNECTION)
			assert_int_equal(judge->conns[id].verdicts, 1);
		verdicts += judge->conns[id].verdicts;
	}
	assert_int_equal(verdicts, judge->tally.connections);
}
