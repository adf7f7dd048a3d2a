// SPDX-License-Identifier: GPL-2.0-only
/* What of the tracker's changes is shown: filters, changes that wait, the cap. */
#include "fixture.h"

#include <errno.h>

static void want(struct port_set *set, const char *ports)
{
	const char *word;
	int len;

	assert_int_equal(port_set_add(set, ports, &word, &len), 0);
}

/* --- held until it is decided ---------------------------------------------------------------------- */

TEST(the_clients_early_changes_wait_for_the_server_with_the_local_port)
{
	struct event events[MAKE_OPEN_EVENTS];

	want(&w->filter.local, "80");
	make_open(events, &client, &server, 0);
	for (unsigned int i = 0; i < 3; i++)
		watch_event(w, &events[i]);
	assert_int_equal(w->count, 0);
	watch_event(w, &events[3]);
	assert_int_equal(w->count, 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(w->seen[i].change.kind, CHANGE_MOVED);
		assert_int_equal(w->seen[i].change.ktime_ns, AT(i));
		assert_int_equal(w->seen[i].conn.id, 1);
	}
	assert_true(w->seen[0].change.first);
	assert_true(w->seen[2].change.first);
}

TEST(a_client_whose_server_never_appears_is_not_shown)
{
	want(&w->filter.local, "80");
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	GO(w, &client, SYN_SENT, ESTABLISHED, 1);
	GO(w, &client, ESTABLISHED, CLOSE, 2, .err = ECONNRESET);
	tracker_finish(&w->tracker, AT(10));
	assert_int_equal(w->count, 0);
	assert_int_equal(w->tracker.table.lists[LIST_HELD].count, 0);
}

TEST(what_is_not_wanted_is_dropped_whole)
{
	want(&w->filter.either, "81");
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	tracker_advance(&w->tracker, UINT64_MAX - 1);
	assert_int_equal(w->count, 0);
}

TEST(a_client_port_that_was_not_chosen_yet_decides_later)
{
	want(&w->filter.either, "5000");
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	assert_int_equal(w->count, 0);
	GO(w, &client, SYN_SENT, ESTABLISHED, 1);
	assert_int_equal(w->count, 2);
	assert_int_equal(w->seen[0].change.to, WIRE_SYN_SENT);
}

TEST(a_child_that_another_process_closes_is_his)
{
	struct make_end listener = make_listener(0x700, make_at("0.0.0.0", 80));

	w->filter.pids[w->filter.pid_count++] = 201;
	GO(w, &listener, CLOSE, LISTEN, 0);
	watch_open(w, &client, &server, 10);
	assert_int_equal(w->count, 0);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 20, .pid = 201, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(w->count, 5);
	assert_int_equal(watch_last(w)->ends[SIDE_SERVER].owner.pid, 201);
}

TEST(the_end_in_another_namespace_brings_its_peer_in)
{
	server.netns = 77;
	w->filter.netns = 77;
	watch_open(w, &client, &server, 0);
	assert_int_equal(w->count, 4);
	assert_int_equal(w->seen[0].change.end->side, SIDE_CLIENT);
}

/* Through NAT the client's addresses did not let it hope for a server at port 8080: what it did before
 * they were joined is gone. */
TEST(an_end_that_was_dropped_comes_back_with_its_peer)
{
	client.remote = make_at("1.1.1.1", 80);
	server.local = make_at("192.168.0.1", 8080);
	want(&w->filter.local, "8080");
	w->filter.pids[w->filter.pid_count++] = MAKE_SERVER_PID;
	watch_open(w, &client, &server, 0);
	assert_int_equal(w->tracker.table.lists[LIST_HELD].oldest->selection, SELECTION_HELD);
	assert_int_equal(w->count, 0);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 20, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(w->count, 3);
	assert_int_equal(w->seen[0].change.from, WIRE_LISTEN);
}

/* Each had changes that waited, by turns. */
TEST(what_waited_at_two_ends_comes_in_order_of_time)
{
	server.netns = 77;
	w->filter.pids[w->filter.pid_count++] = MAKE_CLIENT_PID;
	GO(w, &client, CLOSE, SYN_SENT, 0, .nobody = true);
	GO(w, &server, CLOSE, SYN_SENT, 1, .nobody = true);
	GO(w, &client, SYN_SENT, SYN_RECV, 2);
	GO(w, &server, SYN_SENT, SYN_RECV, 3);
	GO(w, &client, SYN_RECV, ESTABLISHED, 4);
	GO(w, &server, SYN_RECV, ESTABLISHED, 5);
	assert_int_equal(w->count, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 6, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(w->count, 7);
	for (unsigned int i = 0; i < 7; i++)
		assert_int_equal(w->seen[i].change.ktime_ns, AT(i));
}

/* --- the bound on what is held --------------------------------------------------------------------- */

/* More undecided connections, each with a change that waits, than changes can be held. */
static void fill_held(unsigned int conns, uint64_t first_us)
{
	for (unsigned int i = 0; i < conns; i++) {
		struct make_end end = make_client(0x10000 + i * 64, (uint16_t)(10000 + i));

		for (unsigned int k = 0; k < 10; k++)
			GO(w, &end, FIN_WAIT2, FIN_WAIT2, first_us + 20000 * k, .pid = 999,
			   .kthread = true);
	}
}

TEST(changes_that_wait_are_bounded)
{
	want(&w->filter.local, "80");
	fill_held(1000, 0);
	assert_true(w->tracker.held.items <= w->tracker.held_capacity);
	assert_true(w->tracker.table.lists[LIST_HELD].count <= 64 / 4 + 1);
	assert_int_equal(w->count, 0);
}

TEST(what_waited_gives_its_room_back)
{
	want(&w->filter.local, "80");
	for (uint16_t i = 0; i < 500; i++) {
		struct make_end c = make_client(0xc00, (uint16_t)(5000 + i));
		struct make_end s = make_peer(&c, 0x500);

		c.cookie += i;
		s.cookie += i;
		watch_open(w, &c, &s, i * 100U);
		GO(w, &c, ESTABLISHED, CLOSE, i * 100U + 10, .shutdown = SHUTDOWN_BOTH);
		GO(w, &s, ESTABLISHED, CLOSE, i * 100U + 11, .err = ECONNRESET);
	}
	assert_int_equal(watch_count(w, CHANGE_MOVED), 3000);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 500);
}

/* Its own change is decided at once: that others wait must not cost it. */
TEST(a_wanted_connection_loses_nothing_when_others_fill_what_can_be_held)
{
	want(&w->filter.local, "80");
	fill_held(10, 0);
	assert_int_equal(w->tracker.held.items, w->tracker.held_capacity);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 900000, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(w->count, 1);
	assert_int_equal(w->seen[0].change.to, WIRE_FIN_WAIT1);
}

/* --- the cap --------------------------------------------------------------------------------------- */

static struct make_end far_client(unsigned int i)
{
	return make_end(0x100000 + i * 64, make_at("10.0.0.1", (uint16_t)(20000 + i)),
			make_at("10.9.9.9", 80));
}

static void open_far(unsigned int i, uint64_t us)
{
	struct make_end end = far_client(i);

	GO(w, &end, CLOSE, SYN_SENT, us);
	GO(w, &end, SYN_SENT, ESTABLISHED, us + 1);
}

static bool is_there(unsigned int i)
{
	return table_at(&w->tracker.table, far_client(i).sk);
}

TEST(the_cap_holds)
{
	for (unsigned int i = 0; i < 1000; i++)
		open_far(i, i * 10);
	assert_int_equal(w->tracker.table.lists[LIST_LIVE].count, 64);
	assert_int_equal(w->tracker.evicted, 1000 - 64);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1000 - 64);
}

TEST(the_idle_one_goes_with_a_verdict_that_says_so)
{
	const struct seen *gone;

	for (unsigned int i = 0; i < 64; i++)
		open_far(i, i * 10);
	for (unsigned int i = 0; i < 64; i++) /* all but the sixth are active again */
		if (i != 5) {
			struct make_end end = far_client(i);

			GO(w, &end, ESTABLISHED, CLOSE_WAIT, 2000 + i);
		}
	open_far(100, 3000);
	assert_false(is_there(5));
	assert_true(is_there(0) && is_there(63) && is_there(100));
	gone = watch_find(w, CHANGE_ENDED, 0);
	assert_int_equal(gone->ends[SIDE_CLIENT].local.port, 20005);
	assert_int_equal(gone->verdict.how, HOW_OPEN);
	assert_true(gone->conn.evicted);
	assert_int_equal(watch_find(w, CHANGE_GONE, 0)->ends[SIDE_CLIENT].local.port, 20005);
	assert_int_equal(w->tracker.evicted, 1);
}

TEST(the_finished_go_before_the_live)
{
	for (unsigned int i = 0; i < 62;
	     i++) /* a child takes a place of its own until it is joined */
		open_far(i, i * 10);
	watch_open(w, &client, &server, 5000);
	watch_close(w, &client, &server, 5010);
	open_far(99, 5500);
	assert_int_equal(w->tracker.table.lists[LIST_DONE].count, 1);
	open_far(100, 6000);
	assert_int_equal(w->tracker.table.lists[LIST_DONE].count, 0);
	assert_true(is_there(0));
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1); /* its own, at its end */
	assert_int_equal(watch_count(w, CHANGE_GONE), 1); /* the minisock is counted no more */
	assert_int_equal(watch_find(w, CHANGE_GONE, 0)->change.from, WIRE_TIME_WAIT);
	open_far(101, 6010);
	assert_false(is_there(0));
}

TEST(those_that_nobody_waits_for_go_first)
{
	want(&w->filter.remote, "80");
	for (unsigned int i = 0; i < 62; i++)
		open_far(i, i * 10);
	watch_open(w, &client, &server, 5000);
	watch_close(w, &client, &server, 5010);
	assert_int_equal(w->tracker.table.lists[LIST_DONE].count, 1);
	server = make_end(0x900, make_at("10.0.0.1", 7777), make_at("10.0.0.2", 8888));
	GO(w, &server, ESTABLISHED, CLOSE_WAIT, 5500);
	assert_int_equal(w->tracker.table.lists[LIST_HELD].count, 1);
	open_far(100, 6000);
	assert_null(table_at(&w->tracker.table, 0x900));
	assert_int_equal(w->tracker.table.lists[LIST_DONE].count, 1);
	assert_int_equal(w->tracker.evicted, 0);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
}

/* A client waits for its other end, as -L asks for that alone; it is in the midst of its handshake. */
TEST(what_may_be_wanted_yet_goes_after_the_finished)
{
	want(&w->filter.local, "80");
	for (unsigned int i = 0; i < 80; i++) {
		client = make_client(0x10000 + i * 0x100, (uint16_t)(20000 + i));
		server = make_peer(&client, 0x90000 + i * 0x100);
		watch_open(w, &client, &server, i * 1000);
		watch_close(w, &client, &server, i * 1000 + 500);
	}
	assert_int_equal(watch_count(w, CHANGE_ENDED), 80);
	assert_int_equal(watch_count(w, CHANGE_MOVED), 80 * (MAKE_OPEN_EVENTS + MAKE_CLOSE_EVENTS));
	assert_int_equal(w->tracker.evicted, 0);
}

TEST(a_table_of_one_still_works)
{
	fixture_restart(1);
	for (unsigned int i = 0; i < 20; i++)
		open_far(i, i * 10);
	assert_int_equal(w->tracker.evicted, 19);
	assert_true(is_there(19));
}

/* --- --state --------------------------------------------------------------------------------------- */

TEST(only_changes_of_the_wanted_states_are_shown)
{
	w->filter.states = 1U << WIRE_CLOSE_WAIT;
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	assert_int_equal(watch_count(w, CHANGE_MOVED), 2);
	assert_int_equal(w->seen[0].change.to, WIRE_CLOSE_WAIT);
	assert_true(w->seen[0].change.first); /* of this end that the sinks see */
	assert_int_equal(w->seen[1].change.from, WIRE_CLOSE_WAIT);
	assert_false(w->seen[1].change.first);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
}

TEST(a_state_that_only_the_minisock_has_is_wanted_too)
{
	w->filter.states = 1U << WIRE_TIME_WAIT;
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	assert_int_equal(watch_count(w, CHANGE_MOVED), 0);
	assert_int_equal(watch_count(w, CHANGE_INFERRED), 1);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	tracker_advance(&w->tracker, AT(100000000));
	assert_int_equal(watch_count(w, CHANGE_GONE), 1);
}

/* The chain of states is followed all the same, so times are right; the rest would be noise. */
TEST(a_connection_without_a_wanted_state_is_not_mentioned)
{
	w->filter.states = 1U << WIRE_CLOSING;
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	tracker_advance(&w->tracker, AT(100000000));
	assert_int_equal(w->count, 0);
	assert_int_equal(w->tracker.edges, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(the_clients_early_changes_wait_for_the_server_with_the_local_port),
		TEST_OF(a_client_whose_server_never_appears_is_not_shown),
		TEST_OF(what_is_not_wanted_is_dropped_whole),
		TEST_OF(a_client_port_that_was_not_chosen_yet_decides_later),
		TEST_OF(a_child_that_another_process_closes_is_his),
		TEST_OF(the_end_in_another_namespace_brings_its_peer_in),
		TEST_OF(an_end_that_was_dropped_comes_back_with_its_peer),
		TEST_OF(what_waited_at_two_ends_comes_in_order_of_time),
		TEST_OF(changes_that_wait_are_bounded),
		TEST_OF(what_waited_gives_its_room_back),
		TEST_OF(a_wanted_connection_loses_nothing_when_others_fill_what_can_be_held),
		TEST_OF(the_cap_holds),
		TEST_OF(the_idle_one_goes_with_a_verdict_that_says_so),
		TEST_OF(the_finished_go_before_the_live),
		TEST_OF(those_that_nobody_waits_for_go_first),
		TEST_OF(what_may_be_wanted_yet_goes_after_the_finished),
		TEST_OF(a_table_of_one_still_works),
		TEST_OF(only_changes_of_the_wanted_states_are_shown),
		TEST_OF(a_state_that_only_the_minisock_has_is_wanted_too),
		TEST_OF(a_connection_without_a_wanted_state_is_not_mentioned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
