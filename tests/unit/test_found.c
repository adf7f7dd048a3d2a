// SPDX-License-Identifier: GPL-2.0-only
/* What was there before the trace, as the snapshot tells it. */
#include "fixture.h"

static void find_socket(const struct make_end *end, uint8_t state, uint64_t us)
{
	struct event event =
		make_edge(&(struct make_step){.end = end, .to = state, .us = us, .nobody = true});

	event.type = WIRE_FOUND;
	watch_event(w, &event);
}

static void find_holder(const struct make_end *end, uint64_t us)
{
	struct event event = {.type = WIRE_HOLDER,
			      .ktime_ns = AT(us),
			      .holder = {end->sk, {.pid = end->pid, .comm = "holder"}}};

	watch_event(w, &event);
}

static void end_snapshot(void)
{
	watch_hooks(w, w->tracker.hooks | WIRE_HOOK_SNAPSHOT);
}

TEST(what_was_open_is_shown_with_its_owners_and_goes_on)
{
	find_socket(&client, WIRE_ESTABLISHED, 0);
	find_socket(&server, WIRE_ESTABLISHED, 1);
	find_holder(&client, 10);
	find_holder(&server, 11);
	end_snapshot();
	assert_int_equal(watch_count(w, CHANGE_FOUND), 2);
	assert_int_equal(w->seen[0].ends[SIDE_CLIENT].owner.pid, MAKE_CLIENT_PID);
	assert_int_equal(w->seen[0].ends[SIDE_SERVER].owner.pid, MAKE_SERVER_PID);
	assert_false(w->seen[0].conn.likely);
	watch_close(w, &client, &server, 300000);
	assert_int_equal(watch_count(w, CHANGE_JUMPED), 0);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
}

TEST(what_is_found_waits_for_the_end_of_the_snapshot)
{
	find_socket(&client, WIRE_ESTABLISHED, 0);
	watch_advance(w, 5000000); /* there are many sockets to look at */
	assert_int_equal(watch_count(w, CHANGE_FOUND), 0);
	find_holder(&client, 5000001);
	end_snapshot();
	assert_int_equal(watch_count(w, CHANGE_FOUND), 1);
	assert_int_equal(w->seen[0].ends[SIDE_CLIENT].owner.pid, MAKE_CLIENT_PID);
}

TEST(an_orphan_is_known_as_one)
{
	struct event event = make_edge(STEP(&client, CLOSE, FIN_WAIT1, 0, .orphan = true));

	event.type = WIRE_FOUND;
	event.edge.from = WIRE_NO_STATE;
	watch_event(w, &event);
	end_snapshot();
	assert_true(w->tracker.table.lists[LIST_LIVE].oldest->ends[SIDE_CLIENT]->past->held.orphan);
}

TEST(what_moved_before_it_was_found_is_not_doubled)
{
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 0, .shutdown = SHUTDOWN_BOTH);
	find_socket(&client, WIRE_FIN_WAIT1, 1);
	find_socket(&client, WIRE_FIN_WAIT1, 2);
	end_snapshot();
	assert_int_equal(watch_count(w, CHANGE_FOUND), 0);
	assert_int_equal(w->tracker.table.conns.items, 1);
}

TEST(a_TIME_WAIT_that_was_there_has_its_time_left)
{
	MINI(w, &client, FOUND, TIME_WAIT, 0, .left_ms = 41000);
	end_snapshot();
	assert_int_equal(watch_count(w, CHANGE_FOUND), 1);
	assert_int_equal(w->seen[0].change.cause.keeps_ms, 41000);
	assert_int_equal(w->seen[0].change.to, WIRE_TIME_WAIT);
	MINI(w, &client, EXPIRED, TIME_WAIT, 41500000);
	watch_advance(w, 42000000);
	assert_false(watch_last_mini(w, WIRE_TIME_WAIT, WIRE_CLOSE)->in_state_known);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 0);
}

TEST(an_orphan_that_was_there_is_the_other_end_of_its_peer)
{
	MINI(w, &client, FOUND, FIN_WAIT2, 0, .left_ms = 41000);
	find_socket(&server, WIRE_CLOSE_WAIT, 1);
	end_snapshot();
	assert_int_equal(watch_count(w, CHANGE_FOUND), 2);
	assert_int_equal(w->seen[0].conn.id, w->seen[1].conn.id);
	GO(w, &server, CLOSE_WAIT, LAST_ACK, 300000, .shutdown = SHUTDOWN_BOTH);
	MINI(w, &client, SEGMENT, TIME_WAIT, 300001, .left_ms = 60000, .segment = HEADER_FIN);
	GO(w, &server, LAST_ACK, CLOSE, 300002, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(watch_find(w, CHANGE_ENDED, 0)->verdict.first, FIRST_CLIENT);
	assert_int_equal(watch_find(w, CHANGE_ENDED, 0)->verdict.how, HOW_FIN_BOTH);
}

/* One that is there already, and one that is born before its listener is found. */
TEST(a_child_without_a_holder_is_its_listeners)
{
	struct make_end listener = make_listener(0x700, make_at("0.0.0.0", 80));
	struct make_end born = make_peer(&(struct make_end){.local = make_at("127.0.0.1", 6000),
							    .remote = server.local,
							    .netns = server.netns},
					 0x800);

	GO(w, &born, LISTEN, SYN_RECV, 0, .no_cookie = true);
	GO(w, &born, SYN_RECV, ESTABLISHED, 1);
	find_socket(&listener, WIRE_LISTEN, 10);
	find_socket(&client, WIRE_ESTABLISHED, 11);
	find_socket(&server, WIRE_ESTABLISHED, 12);
	find_holder(&listener, 20);
	find_holder(&client, 21);
	assert_int_equal(watch_count(w, CHANGE_FOUND), 0);
	watch_hooks(w, WIRE_HOOK_SNAPSHOT);
	assert_int_equal(watch_count(w, CHANGE_FOUND), 3);
	assert_int_equal(watch_last(w)->ends[SIDE_CLIENT].owner.source, OWNER_SNAPSHOT);
	assert_int_equal(watch_last(w)->ends[SIDE_SERVER].owner.source, OWNER_LISTENER);
	assert_int_equal(watch_last(w)->ends[SIDE_SERVER].owner.pid, MAKE_SERVER_PID);
	assert_int_equal(table_at(&w->tracker.table, born.sk)->owner.source, OWNER_LISTENER);
}

TEST(an_end_that_closes_belongs_to_nobody_who_listens)
{
	struct make_end listener = make_listener(0x700, make_at("0.0.0.0", 80));

	find_socket(&listener, WIRE_LISTEN, 0);
	find_socket(&server, WIRE_LAST_ACK, 1); /* an orphan, or it would have a holder */
	find_holder(&listener, 2);
	watch_hooks(w, WIRE_HOOK_SNAPSHOT);
	assert_int_equal(table_at(&w->tracker.table, server.sk)->owner.source, OWNER_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MINI_TEST_OF(what_was_open_is_shown_with_its_owners_and_goes_on),
		TEST_OF(what_is_found_waits_for_the_end_of_the_snapshot),
		MINI_TEST_OF(an_orphan_is_known_as_one),
		MINI_TEST_OF(what_moved_before_it_was_found_is_not_doubled),
		MINI_TEST_OF(a_TIME_WAIT_that_was_there_has_its_time_left),
		TEST_OF(a_child_without_a_holder_is_its_listeners),
		TEST_OF(an_end_that_closes_belongs_to_nobody_who_listens),
		MINI_TEST_OF(an_orphan_that_was_there_is_the_other_end_of_its_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
