// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel keeps of a closed socket, which no tracepoint shows. */
#include "fixture.h"

#include <errno.h>

static const struct seen *verdict_at(unsigned int nth)
{
	const struct seen *seen = watch_find(w, CHANGE_ENDED, nth);

	assert_non_null(seen);
	return seen;
}

/* A close() by the client, its FIN acknowledged: the server has not closed yet. */
static void half_close(uint32_t fin_time_ms)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &client, FIN_WAIT1, FIN_WAIT2, 12, .orphan = true);
	GO(w, &client, FIN_WAIT2, CLOSE, 13, .orphan = true, .fin_time_ms = fin_time_ms);
}

TEST(an_orphan_in_FIN_WAIT2_keeps_a_minisock)
{
	half_close(60000);
	assert_int_equal(watch_last(w)->change.cause.keeps, WIRE_FIN_WAIT2);
	assert_int_equal(watch_last(w)->ends[SIDE_CLIENT].keeps, WIRE_FIN_WAIT2);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 0);
}

TEST(the_peers_last_ACK_proves_TIME_WAIT)
{
	const struct seen *inferred;

	half_close(60000);
	GO(w, &server, CLOSE_WAIT, LAST_ACK, 100, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, LAST_ACK, CLOSE, 101, .shutdown = SHUTDOWN_BOTH);
	inferred = watch_find(w, CHANGE_INFERRED, 0);
	assert_non_null(inferred);
	assert_int_equal(inferred->change.end->side, SIDE_CLIENT);
	assert_int_equal(inferred->change.from, WIRE_FIN_WAIT2);
	assert_int_equal(inferred->change.to, WIRE_TIME_WAIT);
	assert_true(inferred->change.in_state_known);
	assert_int_equal(inferred->change.in_state_ns, 88 * US);
	assert_int_equal(verdict_at(0)->ends[SIDE_CLIENT].keeps, WIRE_TIME_WAIT);
	assert_int_equal(verdict_at(0)->verdict.how, HOW_FIN_BOTH);
	/* 60 s anew, and not what was left of the orphan's time */
	assert_int_equal(tracker_due_ns(&w->tracker), AT(101) + 60 * S + TRACKER_WAIT_SLACK_NS);
}

TEST(a_minisock_is_gone_after_its_planned_end_and_the_slack)
{
	uint64_t due_ns;

	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	due_ns = tracker_due_ns(&w->tracker);
	assert_int_equal(due_ns, AT(15) + 60 * S + TRACKER_WAIT_SLACK_NS);
	tracker_advance(&w->tracker, due_ns - 1);
	assert_int_equal(watch_count(w, CHANGE_GONE), 0);
	tracker_advance(&w->tracker, due_ns);
	assert_int_equal(watch_count(w, CHANGE_GONE), 1);
	assert_int_equal(watch_last(w)->change.kind, CHANGE_GONE);
	assert_int_equal(watch_last(w)->change.from, WIRE_TIME_WAIT);
	assert_int_equal(watch_last(w)->change.end->side, SIDE_CLIENT);
	assert_true(tracker_due_ns(&w->tracker) == UINT64_MAX);
	assert_int_equal(w->tracker.table.lists[LIST_DONE].count, 0);
}

TEST(an_orphans_time_is_over_while_the_peer_lives)
{
	w->tracker.findings.off = true; /* it would be looked at before */
	half_close(3000);
	assert_int_equal(tracker_due_ns(&w->tracker), AT(13) + 3 * S + TRACKER_WAIT_SLACK_NS);
	tracker_advance(&w->tracker, AT(13) + 3 * S + TRACKER_WAIT_SLACK_NS);
	assert_int_equal(watch_last(w)->change.kind, CHANGE_GONE);
	assert_int_equal(watch_last(w)->change.from, WIRE_FIN_WAIT2);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 0);
	GO(w, &server, CLOSE_WAIT, LAST_ACK, 9000000, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, LAST_ACK, CLOSE, 9000001, .err = ECONNRESET);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	assert_int_equal(watch_count(w, CHANGE_INFERRED), 0);
	assert_int_equal(watch_count(w, CHANGE_GONE), 1);
}

TEST(a_RST_kills_the_peers_minisock)
{
	half_close(60000);
	GO(w, &server, CLOSE_WAIT, CLOSE, 100, .err = EPIPE);
	assert_int_equal(watch_count(w, CHANGE_GONE), 1);
	assert_int_equal(watch_find(w, CHANGE_GONE, 0)->change.end->side, SIDE_CLIENT);
	assert_int_equal(watch_count(w, CHANGE_INFERRED), 0);
	assert_true(tracker_due_ns(&w->tracker) == UINT64_MAX);
	assert_int_equal(w->tracker.table.lists[LIST_DONE].count, 0);
}

TEST(an_abort_kills_the_peers_minisock)
{
	half_close(60000);
	GO(w, &server, CLOSE_WAIT, CLOSE, 100, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(watch_count(w, CHANGE_GONE), 1);
	assert_int_equal(w->tracker.table.lists[LIST_DONE].count, 0);
}

/* Nothing came from the peer: its FIN may never have reached the minisock. */
TEST(a_peer_that_times_out_proves_nothing)
{
	half_close(60000);
	GO(w, &server, CLOSE_WAIT, CLOSE, 100, .err = ETIMEDOUT);
	assert_int_equal(watch_count(w, CHANGE_INFERRED), 0);
	assert_int_equal(watch_count(w, CHANGE_GONE), 0);
	assert_int_equal(verdict_at(0)->ends[SIDE_CLIENT].keeps, WIRE_FIN_WAIT2);
}

TEST(a_simultaneous_close_leaves_two_TIME_WAITs)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 11, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT1, CLOSING, 12);
	GO(w, &server, FIN_WAIT1, CLOSING, 13);
	GO(w, &client, CLOSING, CLOSE, 14);
	GO(w, &server, CLOSING, CLOSE, 2000000); /* less than the slack later */
	assert_int_equal(verdict_at(0)->verdict.first, FIRST_BOTH);
	tracker_advance(&w->tracker, AT(14) + 60 * S + TRACKER_WAIT_SLACK_NS);
	assert_int_equal(watch_count(w, CHANGE_GONE), 1);
	assert_int_equal(w->tracker.table.lists[LIST_DONE].count, 1);
	tracker_advance(&w->tracker, AT(2000000) + 60 * S + TRACKER_WAIT_SLACK_NS);
	assert_int_equal(watch_count(w, CHANGE_GONE), 2);
	assert_int_equal(w->tracker.table.lists[LIST_DONE].count, 0);
}

TEST(a_half_close_has_its_TIME_WAIT_from_its_own_FIN_WAIT2)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_SEND);
	GO(w, &server, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &client, FIN_WAIT1, FIN_WAIT2, 12);
	GO(w, &server, CLOSE_WAIT, LAST_ACK, 100, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT2, CLOSE, 101, .peer_fin = true, .fin_time_ms = 60000);
	GO(w, &server, LAST_ACK, CLOSE, 102, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(watch_count(w, CHANGE_INFERRED), 0);
	assert_int_equal(verdict_at(0)->ends[SIDE_CLIENT].keeps, WIRE_TIME_WAIT);
	assert_int_equal(endpoint_wait_ns(&verdict_at(0)->ends[SIDE_CLIENT], WIRE_FIN_WAIT2),
			 89 * US);
	assert_int_equal(tracker_due_ns(&w->tracker), AT(101) + 60 * S + TRACKER_WAIT_SLACK_NS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(an_orphan_in_FIN_WAIT2_keeps_a_minisock),
		TEST_OF(the_peers_last_ACK_proves_TIME_WAIT),
		TEST_OF(a_minisock_is_gone_after_its_planned_end_and_the_slack),
		TEST_OF(an_orphans_time_is_over_while_the_peer_lives),
		TEST_OF(a_RST_kills_the_peers_minisock),
		TEST_OF(an_abort_kills_the_peers_minisock),
		TEST_OF(a_peer_that_times_out_proves_nothing),
		TEST_OF(a_simultaneous_close_leaves_two_TIME_WAITs),
		TEST_OF(a_half_close_has_its_TIME_WAIT_from_its_own_FIN_WAIT2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
