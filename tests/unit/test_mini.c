// SPDX-License-Identifier: GPL-2.0-only
/* The lives of minisocks, as the hooks tell them. */
#include "fixture.h"

#include <errno.h>

#define ALL_HOOKS                                                                                  \
	(WIRE_HOOK_TIMEWAIT | WIRE_HOOK_SEGMENTS | WIRE_HOOK_REQUESTS | WIRE_HOOK_SNAPSHOT)

static void restart(uint32_t hooks)
{
	fixture_restart(64);
	watch_hooks(w, hooks);
}

/* The client has closed, the server not: an orphan in FIN_WAIT2. */
static void orphan(void)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &client, FIN_WAIT1, FIN_WAIT2, 12, .orphan = true);
	MINI(w, &client, BORN, FIN_WAIT2, 13, .left_ms = 60000);
	GO(w, &client, FIN_WAIT2, CLOSE, 14, .orphan = true, .fin_time_ms = 60000);
}

/* ... then in TIME_WAIT, as the timer hooks see it. */
static void time_wait(void)
{
	orphan();
	GO(w, &server, CLOSE_WAIT, LAST_ACK, 1000, .shutdown = SHUTDOWN_BOTH);
	MINI(w, &client, STOPPED, TIME_WAIT, 1001, .pid = MAKE_SERVER_PID);
	MINI(w, &client, ARMED, TIME_WAIT, 1002, .left_ms = 60000);
	MINI(w, &client, SEGMENT, TIME_WAIT, 1003, .left_ms = 60000,
	     .segment = HEADER_FIN | HEADER_ACK);
	GO(w, &server, LAST_ACK, CLOSE, 1004, .shutdown = SHUTDOWN_BOTH);
}

static enum verdict_end how_client_ended(void)
{
	const struct change *last = watch_last_mini(w, WIRE_TIME_WAIT, WIRE_CLOSE);

	return verdict_of(last->conn, last->ktime_ns).ends[SIDE_CLIENT];
}

static enum cause_by end_of(uint8_t state)
{
	watch_advance(w, 10000000);
	return watch_last_mini(w, state, WIRE_CLOSE)->cause.by;
}

TEST(the_peers_FIN_moves_an_orphan_to_TIME_WAIT)
{
	const struct change *move;

	time_wait();
	move = watch_last_mini(w, WIRE_FIN_WAIT2, WIRE_TIME_WAIT);
	assert_int_equal(watch_count(w, CHANGE_MINI), 1);
	assert_int_equal(watch_count(w, CHANGE_INFERRED), 0);
	assert_int_equal(move->cause.came, SEGMENT_FIN);
	assert_int_equal(move->cause.keeps_ms, 60000);
	assert_int_equal(move->in_state_ns, 988 * US);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	watch_advance(w, 10000);
	assert_int_equal(watch_count(w, CHANGE_MINI), 1); /* the stop was no end */
}

TEST(a_segment_alone_moves_it_as_well)
{
	orphan();
	MINI(w, &client, SEGMENT, TIME_WAIT, 1003, .left_ms = 60000, .segment = HEADER_FIN);
	watch_last_mini(w, WIRE_FIN_WAIT2, WIRE_TIME_WAIT);
}

TEST(its_time_is_measured_and_the_plan_is_told)
{
	const struct change *end;

	time_wait();
	MINI(w, &client, STOPPED, TIME_WAIT, 61500000);
	MINI(w, &client, EXPIRED, TIME_WAIT, 61500001);
	watch_advance(w, 61600000);
	end = watch_last_mini(w, WIRE_TIME_WAIT, WIRE_CLOSE);
	assert_int_equal(end->cause.by, CAUSE_EXPIRED);
	assert_int_equal(end->in_state_ns, (61500001 - 1002) * US);
	assert_int_equal(end->planned_ms, 60000);
	assert_int_equal(watch_count(w, CHANGE_GONE), 0);
	assert_int_equal(w->tracker.table.lists[LIST_DONE].count, 0);
}

TEST(an_orphan_whose_time_is_over)
{
	orphan();
	MINI(w, &client, EXPIRED, FIN_WAIT2, 60000000);
	assert_int_equal((watch_advance(w, 60100000),
			  watch_last_mini(w, WIRE_FIN_WAIT2, WIRE_CLOSE)->cause.by),
			 CAUSE_EXPIRED);
}

TEST(a_FIN_that_comes_again_begins_it_anew)
{
	time_wait();
	MINI(w, &client, SEGMENT, TIME_WAIT, 300000, .left_ms = 60000, .segment = HEADER_FIN);
	MINI(w, &client, SEGMENT, TIME_WAIT, 700000, .left_ms = 60000, .segment = HEADER_FIN);
	assert_int_equal(watch_last_mini(w, WIRE_TIME_WAIT, WIRE_TIME_WAIT)->again, 2);
	assert_int_equal(watch_last_mini(w, WIRE_TIME_WAIT, WIRE_TIME_WAIT)->cause.by, CAUSE_AGAIN);
	watch_advance(w, 64000000 + 200000); /* not before the new end */
	assert_int_equal(watch_count(w, CHANGE_GONE), 0);
}

TEST(a_RST_ends_it_whichever_hook_comes_first)
{
	for (int order = 0; order < 2; order++) {
		restart(ALL_HOOKS & ~WIRE_HOOK_REQUESTS);
		time_wait();
		if (order == 0)
			MINI(w, &client, SEGMENT, TIME_WAIT, 2000, .segment = HEADER_PSH);
		MINI(w, &client, STOPPED, TIME_WAIT, 300000, .pid = 1);
		MINI(w, &client, SEGMENT, TIME_WAIT, 300001, .segment = HEADER_RST);
		assert_int_equal(end_of(WIRE_TIME_WAIT), CAUSE_PEER);
		assert_int_equal(watch_last_mini(w, WIRE_TIME_WAIT, WIRE_CLOSE)->cause.came,
				 SEGMENT_RST);
	}
}

TEST(a_RST_that_it_survives_is_told)
{
	time_wait();
	MINI(w, &client, SEGMENT, TIME_WAIT, 300000, .left_ms = 59700, .segment = HEADER_RST);
	assert_int_equal(watch_last_mini(w, WIRE_TIME_WAIT, WIRE_TIME_WAIT)->cause.by,
			 CAUSE_IGNORED);
}

TEST(data_after_close_ends_it_whichever_hook_comes_first)
{
	for (int order = 0; order < 2; order++) {
		restart(ALL_HOOKS);
		orphan();
		if (order == 0)
			MINI(w, &client, SEGMENT, FIN_WAIT2, 300000, .left_ms = 59700,
			     .segment = HEADER_PSH | HEADER_ACK);
		MINI(w, &client, STOPPED, FIN_WAIT2, 300001, .pid = MAKE_SERVER_PID);
		if (order == 1)
			MINI(w, &client, SEGMENT, FIN_WAIT2, 300002,
			     .segment = HEADER_PSH | HEADER_ACK);
		assert_int_equal(end_of(WIRE_FIN_WAIT2), CAUSE_DATA);
		assert_int_equal(watch_last_mini(w, WIRE_FIN_WAIT2, WIRE_CLOSE)->cause.sent,
				 SEGMENT_RST);
	}
}

/* The next connection of the same addresses, by a SYN that a minisock lets through. */
TEST(a_new_SYN_takes_its_place)
{
	time_wait();
	watch_hooks(w, ALL_HOOKS);
	MINI(w, &client, STOPPED, TIME_WAIT, 300000, .pid = 1);
	MINI(w, &client, BORN, NEW_SYN_RECV, 300002, .left_ms = 1000, .mini = 0x77);
	assert_int_equal(end_of(WIRE_TIME_WAIT), CAUSE_SYN);
	assert_int_equal(how_client_ended(), END_REUSED);
}

TEST(a_connect_reuses_its_address)
{
	struct make_end again = make_client(0xd00, 5000);

	time_wait();
	GO(w, &again, CLOSE, SYN_SENT, 300000, .no_local_port = true);
	MINI(w, &client, STOPPED, TIME_WAIT, 300003, .pid = MAKE_CLIENT_PID);
	watch_advance(w, 400000);
	assert_int_equal(watch_last_mini(w, WIRE_TIME_WAIT, WIRE_CLOSE)->cause.by, CAUSE_REUSED);
	assert_int_equal(watch_last_mini(w, WIRE_TIME_WAIT, WIRE_CLOSE)->cause.actor.pid,
			 MAKE_CLIENT_PID);
}

TEST(what_else_stops_it_is_told_by_who_ran)
{
	static const struct {
		uint32_t pid;
		bool kthread;
		enum cause_by by;
	} cases[] = {
		{77, false, CAUSE_DESTROYED},
		{7, true, CAUSE_NETNS},
		{0, false, CAUSE_UNKNOWN},
	};

	for (unsigned int i = 0; i < 3; i++) {
		restart(ALL_HOOKS & ~WIRE_HOOK_REQUESTS);
		time_wait();
		MINI(w, &client, STOPPED, TIME_WAIT, 300000, .pid = cases[i].pid,
		     .kthread = cases[i].kthread);
		assert_int_equal(end_of(WIRE_TIME_WAIT), cases[i].by);
	}
}

/* No data end a TIME_WAIT, and the FIN that began it even less. */
TEST(what_stops_it_at_once_is_not_its_FIN)
{
	time_wait();
	MINI(w, &client, STOPPED, TIME_WAIT, 1500, .pid = MAKE_SERVER_PID);
	assert_int_equal(end_of(WIRE_TIME_WAIT), CAUSE_DESTROYED);
}

TEST(what_stopped_a_moment_before_the_finish_is_told)
{
	time_wait();
	MINI(w, &client, STOPPED, TIME_WAIT, 5000, .pid = MAKE_SERVER_PID);
	tracker_finish(&w->tracker, AT(5001));
	assert_int_equal(watch_last_mini(w, WIRE_TIME_WAIT, WIRE_CLOSE)->cause.by, CAUSE_DESTROYED);
}

TEST(no_birth_means_that_nothing_is_kept)
{
	const struct seen *verdict;

	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &client, FIN_WAIT1, FIN_WAIT2, 12, .orphan = true);
	GO(w, &client, FIN_WAIT2, CLOSE, 14, .orphan = true, .fin_time_ms = 60000);
	assert_int_equal(watch_last(w)->change.cause.by, CAUSE_REFUSED);
	assert_int_equal(watch_last(w)->change.cause.keeps, WIRE_NO_STATE);
	GO(w, &server, CLOSE_WAIT, LAST_ACK, 1000, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, LAST_ACK, CLOSE, 1004, .err = ECONNRESET);
	verdict = watch_find(w, CHANGE_ENDED, 0);
	assert_non_null(verdict);
	assert_int_equal(w->tracker.table.lists[LIST_DONE].count, 0);
}

/* Something was lost: it may have been the birth. */
TEST(after_a_loss_silence_proves_nothing)
{
	watch_open(w, &client, &server, 0);
	tracker_lost(&w->tracker, 1, AT(5));
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT1, FIN_WAIT2, 12, .orphan = true);
	GO(w, &client, FIN_WAIT2, CLOSE, 14, .orphan = true, .fin_time_ms = 60000);
	assert_int_equal(watch_last(w)->change.cause.keeps, WIRE_FIN_WAIT2);
}

/* The socket's address is another's at once: the minisock is not found by it any more. */
TEST(a_new_socket_at_the_old_address_does_not_end_it)
{
	struct make_end other = make_client(0xc00, 6000);

	time_wait();
	GO(w, &other, CLOSE, SYN_SENT, 2000, .no_local_port = true);
	assert_int_equal(watch_count(w, CHANGE_GONE), 0);
	MINI(w, &client, EXPIRED, TIME_WAIT, 61000000);
	watch_advance(w, 61100000);
	watch_last_mini(w, WIRE_TIME_WAIT, WIRE_CLOSE);
}

/* No lock keeps the snapshot from finding what has just gone. */
TEST(a_TIME_WAIT_that_ended_a_moment_ago_is_not_found)
{
	time_wait();
	MINI(w, &client, EXPIRED, TIME_WAIT, 61000000);
	watch_advance(w, 61002000);
	MINI(w, &client, FOUND, TIME_WAIT, 61003000, .left_ms = 0);
	watch_advance(w, 61200000);
	assert_int_equal(watch_count(w, CHANGE_FOUND), 0);
}

/* --- requests ------------------------------------------------------------------------------------ */

static void syn_comes(void)
{
	watch_hooks(w, ALL_HOOKS);
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	MINI(w, &server, BORN, NEW_SYN_RECV, 50, .left_ms = 1000);
}

/* Its child is known by its addresses at once (6.18), or only when it is open. */
TEST(a_request_and_its_child_are_one_end)
{
	for (int late = 0; late < 2; late++) {
		const struct seen *request, *open;

		fixture_restart(64);
		syn_comes();
		GO(w, &client, SYN_SENT, ESTABLISHED, 100);
		GO(w, &server, LISTEN, SYN_RECV, 120, .nobody = true, .no_remote = late);
		MINI(w, &server, STOPPED, NEW_SYN_RECV, 121, .pid = MAKE_CLIENT_PID);
		GO(w, &server, SYN_RECV, ESTABLISHED, 122, .nobody = true);
		request = watch_find(w, CHANGE_MINI, 0);
		open = watch_last(w);
		assert_non_null(request);
		assert_int_equal(request->change.to, WIRE_NEW_SYN_RECV);
		assert_int_equal(request->change.cause.came, SEGMENT_SYN);
		assert_int_equal(open->change.to, WIRE_ESTABLISHED);
		assert_int_equal(open->change.in_state_ns, 72 * US);
		assert_int_equal(open->conn.id, request->conn.id);
		assert_true(open->conn.ends[SIDE_CLIENT] && open->conn.ends[SIDE_SERVER]);
		assert_false(open->conn.likely);
		assert_int_equal(watch_count(w, CHANGE_JUMPED), 0);
		assert_int_equal(watch_count(w, CHANGE_MOVED), 4);
		assert_true(watch_find(w, CHANGE_MOVED, 2)->change.repeats);
		watch_advance(w, 10000);
		assert_int_equal(watch_count(w, CHANGE_MINI), 1);
		watch_close(w, &client, &server, 20000);
		assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
		watch_check(w);
	}
}

TEST(a_request_of_a_client_elsewhere_is_shown_while_it_waits)
{
	watch_hooks(w, ALL_HOOKS);
	MINI(w, &server, BORN, NEW_SYN_RECV, 50, .left_ms = 1000);
	assert_int_equal(w->count, 0);
	watch_advance(w, 3000);
	assert_int_equal(w->count, 1);
	MINI(w, &server, EXPIRED, NEW_SYN_RECV, 1000000);
	MINI(w, &server, RESENT, NEW_SYN_RECV, 1000001);
	MINI(w, &server, ARMED, NEW_SYN_RECV, 1000002, .left_ms = 2000);
	watch_advance(w, 1100000);
	assert_int_equal(watch_last_mini(w, WIRE_NEW_SYN_RECV, WIRE_NEW_SYN_RECV)->again, 1);
	MINI(w, &server, EXPIRED, NEW_SYN_RECV, 3000000);
	watch_advance(w, 3100000);
	assert_int_equal(watch_last_mini(w, WIRE_NEW_SYN_RECV, WIRE_CLOSE)->cause.by,
			 CAUSE_TIMEOUT);
	assert_int_equal(watch_find(w, CHANGE_ENDED, 0)->verdict.how, HOW_TIMEOUT);
}

/* The kernel lets the request's timer run out. */
TEST(a_request_may_be_followed_by_another_at_its_address_at_once)
{
	struct make_end next = server;

	next.remote.port++;
	watch_hooks(w, ALL_HOOKS);
	MINI(w, &server, BORN, NEW_SYN_RECV, 0, .left_ms = 1000);
	MINI(w, &server, STOPPED, NEW_SYN_RECV, 20, .pid = MAKE_CLIENT_PID);
	MINI(w, &server, SEGMENT, NEW_SYN_RECV, 21, .segment = HEADER_RST);
	MINI(w, &next, BORN, NEW_SYN_RECV, 100, .left_ms = 1000);
	assert_int_equal(watch_last_mini(w, WIRE_NEW_SYN_RECV, WIRE_CLOSE)->cause.came,
			 SEGMENT_RST);
}

/* It touches nothing; the peer's FIN comes right behind it. */
TEST(an_ACK_to_an_orphan_ends_nothing)
{
	orphan();
	MINI(w, &client, SEGMENT, FIN_WAIT2, 1000, .left_ms = 59900, .segment = HEADER_ACK);
	MINI(w, &client, STOPPED, TIME_WAIT, 1100, .pid = MAKE_SERVER_PID);
	MINI(w, &client, ARMED, TIME_WAIT, 1101, .left_ms = 60000);
	MINI(w, &client, SEGMENT, TIME_WAIT, 1102, .left_ms = 60000, .segment = HEADER_FIN);
	watch_last_mini(w, WIRE_FIN_WAIT2, WIRE_TIME_WAIT);
	assert_int_equal(watch_count(w, CHANGE_MINI), 1);
}

/* Its end was lost: it is not waited for for ever. */
TEST(a_request_whose_end_is_lost_is_given_up)
{
	watch_hooks(w, ALL_HOOKS);
	MINI(w, &server, BORN, NEW_SYN_RECV, 0, .left_ms = 1000);
	watch_advance(w, 10000000);
	assert_int_equal(watch_find(w, CHANGE_ENDED, 0)->verdict.how, HOW_UNSEEN);
	assert_int_equal(watch_count(w, CHANGE_GONE), 1); /* or it would be counted for ever */
}

TEST(a_request_ends_with_its_listener)
{
	struct make_end listener = make_listener(0x700, make_at("0.0.0.0", 80));

	watch_hooks(w, ALL_HOOKS);
	GO(w, &listener, CLOSE, LISTEN, 0);
	MINI(w, &server, BORN, NEW_SYN_RECV, 50, .left_ms = 1000);
	GO(w, &listener, LISTEN, CLOSE, 100, .shutdown = SHUTDOWN_BOTH);
	MINI(w, &server, EXPIRED, NEW_SYN_RECV, 1000000);
	assert_int_equal(end_of(WIRE_NEW_SYN_RECV), CAUSE_LISTENER);
}

/* SO_REUSEPORT: the address has a listener still, of another process. */
TEST(a_request_ends_with_its_listener_though_another_is_there)
{
	struct make_end listener = make_listener(0x700, make_at("0.0.0.0", 80));
	struct make_end other = make_listener(0x740, make_at("0.0.0.0", 80));

	watch_hooks(w, ALL_HOOKS);
	GO(w, &listener, CLOSE, LISTEN, 0);
	MINI(w, &server, BORN, NEW_SYN_RECV, 50, .left_ms = 1000);
	other.pid = MAKE_SERVER_PID + 1;
	GO(w, &other, CLOSE, LISTEN, 60);
	GO(w, &listener, LISTEN, CLOSE, 100, .shutdown = SHUTDOWN_BOTH);
	MINI(w, &server, EXPIRED, NEW_SYN_RECV, 1000000);
	assert_int_equal(end_of(WIRE_NEW_SYN_RECV), CAUSE_LISTENER);
}

TEST(a_request_is_given_up_where_its_listener_is_not_the_only_one)
{
	struct make_end listener = make_listener(0x700, make_at("0.0.0.0", 80));
	struct make_end other = make_listener(0x740, make_at("0.0.0.0", 80));

	watch_hooks(w, ALL_HOOKS);
	GO(w, &listener, CLOSE, LISTEN, 0);
	MINI(w, &server, BORN, NEW_SYN_RECV, 50, .left_ms = 1000);
	other.pid = MAKE_SERVER_PID + 1;
	GO(w, &other, CLOSE, LISTEN, 60);
	MINI(w, &server, EXPIRED, NEW_SYN_RECV, 1000000);
	assert_int_equal(end_of(WIRE_NEW_SYN_RECV), CAUSE_TIMEOUT);
}

TEST(a_child_without_a_request_is_a_SYN_cookie)
{
	watch_hooks(w, ALL_HOOKS);
	watch_open(w, &client, &server, 0);
	assert_int_equal(watch_last(w)->change.cause.by, CAUSE_COOKIE);
}

/* Of TCP Fast Open it is the SYN's, which the edge does not tell. */
TEST(what_a_child_without_a_request_was_made_by_is_not_told)
{
	GO(w, &server, LISTEN, SYN_RECV, 0);
	GO(w, &server, SYN_RECV, CLOSE, 1, .err = ECONNRESET);
	assert_int_equal(watch_find(w, CHANGE_MOVED, 0)->change.cause.came, SEGMENT_ACK);
	watch_hooks(w, ALL_HOOKS);
	GO(w, &server, LISTEN, SYN_RECV, 2);
	GO(w, &server, SYN_RECV, FIN_WAIT1, 3, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(watch_find(w, CHANGE_MOVED, 2)->change.to, WIRE_SYN_RECV);
	assert_int_equal(watch_find(w, CHANGE_MOVED, 2)->change.cause.came, SEGMENT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MINI_TEST_OF(the_peers_FIN_moves_an_orphan_to_TIME_WAIT),
		MINI_TEST_OF(a_segment_alone_moves_it_as_well),
		MINI_TEST_OF(its_time_is_measured_and_the_plan_is_told),
		MINI_TEST_OF(an_orphan_whose_time_is_over),
		MINI_TEST_OF(a_FIN_that_comes_again_begins_it_anew),
		MINI_TEST_OF(a_RST_ends_it_whichever_hook_comes_first),
		MINI_TEST_OF(a_RST_that_it_survives_is_told),
		MINI_TEST_OF(data_after_close_ends_it_whichever_hook_comes_first),
		MINI_TEST_OF(a_new_SYN_takes_its_place),
		MINI_TEST_OF(a_connect_reuses_its_address),
		MINI_TEST_OF(what_else_stops_it_is_told_by_who_ran),
		MINI_TEST_OF(what_stops_it_at_once_is_not_its_FIN),
		MINI_TEST_OF(what_stopped_a_moment_before_the_finish_is_told),
		MINI_TEST_OF(no_birth_means_that_nothing_is_kept),
		MINI_TEST_OF(after_a_loss_silence_proves_nothing),
		MINI_TEST_OF(a_new_socket_at_the_old_address_does_not_end_it),
		MINI_TEST_OF(a_TIME_WAIT_that_ended_a_moment_ago_is_not_found),
		MINI_TEST_OF(a_request_and_its_child_are_one_end),
		MINI_TEST_OF(a_request_of_a_client_elsewhere_is_shown_while_it_waits),
		MINI_TEST_OF(a_request_may_be_followed_by_another_at_its_address_at_once),
		MINI_TEST_OF(an_ACK_to_an_orphan_ends_nothing),
		MINI_TEST_OF(a_request_whose_end_is_lost_is_given_up),
		MINI_TEST_OF(a_request_ends_with_its_listener),
		MINI_TEST_OF(a_request_ends_with_its_listener_though_another_is_there),
		MINI_TEST_OF(a_request_is_given_up_where_its_listener_is_not_the_only_one),
		MINI_TEST_OF(a_child_without_a_request_is_a_SYN_cookie),
		MINI_TEST_OF(what_a_child_without_a_request_was_made_by_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
