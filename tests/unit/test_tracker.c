// SPDX-License-Identifier: GPL-2.0-only
#include "fixture.h"

#include <errno.h>

static const struct change *change_at(unsigned int i)
{
	assert_true(i < w->count);
	return &w->seen[i].change;
}

static const struct seen *verdict_at(unsigned int nth)
{
	const struct seen *seen = watch_find(w, CHANGE_ENDED, nth);

	assert_non_null(seen);
	return seen;
}

/* --- the life of a connection ---------------------------------------------------------------------- */

TEST(a_whole_life_is_one_connection_with_both_ends_and_one_verdict)
{
	const struct seen *end;

	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 1000);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	assert_int_equal(watch_count(w, CHANGE_MOVED), 10);
	assert_int_equal(watch_count(w, CHANGE_JUMPED), 0);
	assert_int_equal(w->tracker.edges, 10);
	end = verdict_at(0);
	assert_true(end->conn.ends[SIDE_CLIENT] && end->conn.ends[SIDE_SERVER]);
	assert_int_equal(end->ends[SIDE_CLIENT].sk, client.sk);
	assert_int_equal(end->ends[SIDE_SERVER].sk, server.sk);
	assert_int_equal(end->verdict.how, HOW_FIN_BOTH);
	assert_int_equal(end->verdict.first, FIRST_CLIENT);
	assert_int_equal(end->verdict.lifetime_ns, 1005 * US);
	assert_false(end->conn.likely || end->conn.uncertain);
	assert_true(end->conn.sides_known);
	for (unsigned int i = 0; i < w->count; i++)
		assert_int_equal(w->seen[i].conn.id, end->conn.id);
}

/* In the order in which the kernel made them, though the child's first edge had to wait. */
TEST(changes_come_in_order_of_time)
{
	static const uint8_t states[][2] = {
		{WIRE_CLOSE, WIRE_SYN_SENT},
		{WIRE_SYN_SENT, WIRE_ESTABLISHED},
		{WIRE_LISTEN, WIRE_SYN_RECV},
		{WIRE_SYN_RECV, WIRE_ESTABLISHED},
	};

	watch_open(w, &client, &server, 0);
	assert_int_equal(w->count, 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(change_at(i)->from, states[i][0]);
		assert_int_equal(change_at(i)->to, states[i][1]);
		assert_int_equal(change_at(i)->ktime_ns, AT(i));
	}
}

TEST(the_first_change_of_each_end_says_so)
{
	watch_open(w, &client, &server, 0);
	assert_true(change_at(0)->first);
	assert_false(change_at(1)->first);
	assert_true(change_at(2)->first);
	assert_false(change_at(3)->first);
}

TEST(times_in_a_state_and_without_an_event_are_told)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 1000, .shutdown = SHUTDOWN_BOTH);
	assert_false(change_at(0)->in_state_known);
	assert_true(change_at(1)->in_state_known);
	assert_int_equal(change_at(1)->in_state_ns, 1 * US);
	assert_int_equal(change_at(4)->in_state_ns, 999 * US);
	assert_int_equal(change_at(4)->quiet_ns, 997 * US);
}

TEST(the_clients_port_is_learnt_after_SYN_SENT)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	assert_int_equal(watch_last(w)->ends[SIDE_CLIENT].local.port, 0);
	GO(w, &client, SYN_SENT, ESTABLISHED, 1);
	assert_int_equal(watch_last(w)->ends[SIDE_CLIENT].local.port, 5000);
	assert_int_equal(watch_last(w)->conn.id, w->seen[0].conn.id);
}

TEST(a_far_end_stays_an_address)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	GO(w, &client, SYN_SENT, ESTABLISHED, 1);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 100);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 200, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, LAST_ACK, CLOSE, 201, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	assert_null(verdict_at(0)->conn.ends[SIDE_SERVER]);
	assert_int_equal(verdict_at(0)->ends[SIDE_CLIENT].remote.port, 80);
	assert_int_equal(verdict_at(0)->verdict.first, FIRST_SERVER);
	assert_int_equal(verdict_at(0)->verdict.how, HOW_FIN_BOTH);
	assert_int_equal(w->tracker.table.lists[LIST_LIVE].count, 0);
}

/* The child is nobody's until its handshake is complete: it may turn out to be this client's end. */
TEST(a_child_is_not_shown_before_its_handshake_is_complete)
{
	GO(w, &server, LISTEN, SYN_RECV, 0, .no_remote = true, .no_cookie = true);
	assert_int_equal(w->count, 0);
	GO(w, &server, SYN_RECV, ESTABLISHED, 1);
	assert_int_equal(w->count, 2);
	assert_true(change_at(0)->conn->sides_known);
}

TEST(a_child_whose_handshake_fails_has_a_verdict)
{
	GO(w, &server, LISTEN, SYN_RECV, 0, .no_remote = true, .no_cookie = true);
	GO(w, &server, SYN_RECV, CLOSE, 1, .err = ECONNRESET);
	assert_int_equal(watch_count(w, CHANGE_MOVED), 2);
	assert_int_equal(verdict_at(0)->verdict.how, HOW_RESET);
}

/* --- sockets --------------------------------------------------------------------------------------- */

TEST(a_birth_at_a_used_address_is_a_new_socket)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, CLOSE, SYN_SENT, 100, .no_local_port = true);
	assert_int_equal(watch_last(w)->change.kind, CHANGE_MOVED);
	assert_int_not_equal(watch_last(w)->conn.id, w->seen[0].conn.id);
	assert_false(watch_last(w)->ends[SIDE_CLIENT].uncertain);
	assert_int_equal(watch_last(w)->ends[SIDE_CLIENT].local.port, 0);
}

TEST(a_reused_address_is_a_new_socket_by_its_cookie)
{
	struct make_end young = client;

	young.cookie = client.cookie + 16;
	watch_open(w, &client, &server, 0);
	GO(w, &young, ESTABLISHED, CLOSE_WAIT, 100);
	assert_int_equal(watch_last(w)->change.kind, CHANGE_MOVED);
	assert_int_not_equal(watch_last(w)->conn.id, w->seen[0].conn.id);
	assert_false(watch_last(w)->change.in_state_known);
}

TEST(a_reused_address_is_a_new_socket_by_its_addresses)
{
	struct make_end young = make_client(client.sk, 6000);

	client.cookie = server.cookie = young.cookie = 0;
	watch_open(w, &client, &server, 0);
	GO(w, &young, ESTABLISHED, CLOSE_WAIT, 100);
	assert_int_equal(watch_last(w)->change.kind, CHANGE_MOVED);
	assert_int_not_equal(watch_last(w)->conn.id, w->seen[0].conn.id);
	assert_int_equal(watch_last(w)->ends[watch_last(w)->change.end->side].local.port, 6000);
}

TEST(a_reused_address_is_a_new_socket_by_its_namespace)
{
	struct make_end young = client;

	client.cookie = server.cookie = young.cookie = 0;
	young.netns++;
	watch_open(w, &client, &server, 0);
	GO(w, &young, ESTABLISHED, CLOSE_WAIT, 100);
	assert_int_not_equal(watch_last(w)->conn.id, w->seen[0].conn.id);
}

/* The end of the old socket was missed: it is over, and that is said. */
TEST(a_socket_whose_address_was_reused_is_over)
{
	GO(w, &client, CLOSE, SYN_SENT, 0);
	GO(w, &client, SYN_SENT, ESTABLISHED, 1);
	GO(w, &client, CLOSE, SYN_SENT, 100);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	assert_int_equal(verdict_at(0)->verdict.how, HOW_UNSEEN);
	assert_true(verdict_at(0)->ends[SIDE_CLIENT].uncertain);
	assert_int_equal(w->tracker.table.lists[LIST_LIVE].count, 1);
}

/* One address, again and again: 1000 connections were seen on 4 of them. */
TEST(an_address_may_be_reused_a_thousand_times)
{
	for (uint16_t i = 0; i < 300; i++) {
		struct make_end c = make_client(0xc00, (uint16_t)(5000 + i));
		struct make_end s = make_peer(&c, 0x500);

		c.cookie += i;
		s.cookie += i;
		watch_open(w, &c, &s, i * 1000U);
		watch_close(w, &c, &s, i * 1000U + 100);
	}
	assert_int_equal(watch_count(w, CHANGE_ENDED), 300);
	assert_int_equal(watch_count(w, CHANGE_JUMPED), 0);
	for (unsigned int i = 0; i < 300; i++) {
		assert_int_equal(verdict_at(i)->verdict.how, HOW_FIN_BOTH);
		assert_int_equal(verdict_at(i)->ends[SIDE_CLIENT].local.port, 5000 + i);
		assert_int_equal(verdict_at(i)->verdict.lifetime_ns, 105 * US);
	}
}

/* A full socket in CLOSE is born again or stays there: an edge from elsewhere is another socket's, even
 * on a kernel without cookies and with the same addresses. */
TEST(an_edge_of_a_closed_end_is_another_sockets)
{
	client.cookie = server.cookie = 0;
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 100);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 1000, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(watch_last(w)->change.kind, CHANGE_MOVED);
	assert_int_not_equal(watch_last(w)->conn.id, w->seen[0].conn.id);
	assert_int_equal(watch_last(w)->ends[SIDE_CLIENT].keeps, WIRE_NO_STATE);
}

/* No kernel makes such an edge; a recording may hold it. A verdict must not be given twice. */
TEST(an_edge_out_of_CLOSE_is_another_sockets)
{
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 100);
	GO(w, &client, CLOSE, ESTABLISHED, 1000);
	assert_int_equal(watch_last(w)->change.kind, CHANGE_JUMPED);
	assert_int_not_equal(watch_last(w)->conn.id, w->seen[0].conn.id);
}

TEST(missed_edges_make_a_jump_that_is_believed)
{
	const struct change *jump;

	GO(w, &client, CLOSE, SYN_SENT, 0);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 1);
	jump = &watch_last(w)->change;
	assert_int_equal(jump->kind, CHANGE_JUMPED);
	assert_int_equal(jump->was, WIRE_SYN_SENT);
	assert_int_equal(jump->from, WIRE_ESTABLISHED);
	assert_int_equal(jump->to, WIRE_CLOSE_WAIT);
	assert_false(jump->in_state_known);
	assert_int_equal(jump->end->state, WIRE_CLOSE_WAIT);
	assert_true(jump->end->uncertain);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 2, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(watch_last(w)->change.kind, CHANGE_MOVED);
}

TEST(an_edge_that_nobody_knows_is_told)
{
	GO(w, &client, SYN_SENT, LAST_ACK, 0);
	assert_int_equal(watch_last(w)->change.kind, CHANGE_JUMPED);
	assert_int_equal(watch_last(w)->change.was, WIRE_SYN_SENT);
	assert_int_equal(watch_last(w)->ends[SIDE_CLIENT].state, WIRE_LAST_ACK);
}

TEST(a_socket_found_open_has_no_invented_past)
{
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(watch_last(w)->change.kind, CHANGE_MOVED);
	assert_false(watch_last(w)->change.in_state_known);
	assert_int_equal(watch_last(w)->change.in_state_ns, 0);
	assert_false(watch_last(w)->conn.sides_known);
}

TEST(a_close_of_what_is_closed_begins_nothing)
{
	GO(w, &client, CLOSE, CLOSE, 0);
	assert_int_equal(w->count, 0);
	assert_int_equal(w->tracker.table.last_id, 0);
}

TEST(the_witness_adds_what_was_missed_and_repeats_nothing)
{
	GO(w, &client, CLOSE, SYN_SENT, 0);
	GO(w, &client, CLOSE, SYN_SENT, 1, .program = WIRE_BY_WITNESS);
	GO(w, &client, SYN_SENT, ESTABLISHED, 2, .program = WIRE_BY_WITNESS);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 3);
	assert_int_equal(watch_count(w, CHANGE_MOVED), 3);
	assert_int_equal(w->tracker.duplicates, 1);
	assert_int_equal(watch_count(w, CHANGE_JUMPED), 0);
}

/* The last edge is repeated when nothing of the connection is left in the table. */
TEST(the_witness_does_not_raise_the_dead)
{
	GO(w, &client, CLOSE, SYN_SENT, 0);
	GO(w, &client, SYN_SENT, CLOSE, 1, .err = ECONNREFUSED);
	GO(w, &client, SYN_SENT, CLOSE, 2, .err = ECONNREFUSED, .program = WIRE_BY_WITNESS);
	assert_int_equal(w->tracker.duplicates, 1);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	assert_int_equal(w->tracker.table.last_id, 1);
}

/* Two sockets in a hurry at one address, whose births were lost: the same edge twice, by one program. */
TEST(only_the_witness_repeats_the_last_edge_of_the_dead)
{
	struct make_end young = make_client(client.sk, 6000);

	GO(w, &client, SYN_SENT, CLOSE, 1, .err = ECONNREFUSED);
	GO(w, &young, SYN_SENT, CLOSE, 2, .err = ECONNREFUSED);
	assert_int_equal(w->tracker.duplicates, 0);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 2);
}

/* --- listeners ------------------------------------------------------------------------------------- */

static struct make_end listen_at(const char *addr)
{
	struct make_end listener = make_listener(0x700, make_at(addr, 80));

	GO(w, &listener, CLOSE, LISTEN, 0);
	return listener;
}

TEST(a_listener_has_an_owner_and_no_verdict)
{
	struct make_end listener = listen_at("0.0.0.0");

	assert_true(conn_is_listener(&watch_last(w)->conn));
	assert_int_equal(watch_last(w)->ends[SIDE_SERVER].owner.source, OWNER_LISTEN);
	assert_int_equal(watch_last(w)->ends[SIDE_SERVER].owner.pid, MAKE_SERVER_PID);
	GO(w, &listener, LISTEN, CLOSE, 10, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(watch_count(w, CHANGE_MOVED), 2);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 0);
	assert_int_equal(w->tracker.table.lists[LIST_LIVE].count, 0);
}

TEST(a_listener_that_stays_open_has_no_verdict_at_the_end)
{
	listen_at("0.0.0.0");
	tracker_finish(&w->tracker, AT(100));
	assert_int_equal(watch_count(w, CHANGE_ENDED), 0);
}

TEST(a_child_has_its_listeners_owner)
{
	listen_at("0.0.0.0");
	watch_open(w, &client, &server, 10);
	assert_int_equal(watch_last(w)->ends[SIDE_SERVER].owner.pid, MAKE_SERVER_PID);
	assert_int_equal(watch_last(w)->ends[SIDE_SERVER].owner.source, OWNER_LISTENER);
	assert_string_equal(watch_last(w)->ends[SIDE_SERVER].owner.comm, "server");
}

TEST(a_child_of_an_unseen_listener_has_no_owner)
{
	watch_open(w, &client, &server, 10);
	assert_int_equal(watch_last(w)->ends[SIDE_SERVER].owner.source, OWNER_UNKNOWN);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 20, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(watch_last(w)->ends[SIDE_SERVER].owner.source, OWNER_CLOSE);
	assert_int_equal(watch_last(w)->ends[SIDE_SERVER].owner.pid, MAKE_SERVER_PID);
}

TEST(a_listener_elsewhere_gives_no_owner)
{
	struct make_end listener = make_listener(0x700, make_at("0.0.0.0", 80));

	listener.netns++;
	GO(w, &listener, CLOSE, LISTEN, 0);
	watch_open(w, &client, &server, 10);
	assert_int_equal(watch_last(w)->ends[SIDE_SERVER].owner.source, OWNER_UNKNOWN);
}

/* --- the end of the trace -------------------------------------------------------------------------- */

TEST(what_is_open_at_the_end_has_a_verdict_that_says_so)
{
	watch_open(w, &client, &server, 0);
	tracker_finish(&w->tracker, AT(500));
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	assert_int_equal(verdict_at(0)->verdict.how, HOW_OPEN);
	assert_int_equal(verdict_at(0)->verdict.first, FIRST_NOBODY);
	assert_int_equal(verdict_at(0)->verdict.lifetime_ns, 500 * US);
}

TEST(what_has_a_verdict_has_no_second_one_at_the_end)
{
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	tracker_finish(&w->tracker, AT(500));
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
}

/* --- losses ---------------------------------------------------------------------------------------- */

TEST(a_loss_is_told_and_marks_what_was_open)
{
	struct make_end late = make_client(0xd00, 6000), its_peer = make_peer(&late, 0x600);

	watch_open(w, &client, &server, 0);
	tracker_lost(&w->tracker, 3, AT(50));
	assert_int_equal(watch_last(w)->change.kind, CHANGE_LOST);
	assert_int_equal(watch_last(w)->change.lost, 3);
	assert_null(watch_last(w)->change.conn);
	watch_open(w, &late, &its_peer, 60);
	watch_close(w, &client, &server, 100);
	watch_close(w, &late, &its_peer, 200);
	assert_true(verdict_at(0)->conn.uncertain);
	assert_false(verdict_at(1)->conn.uncertain);
}

TEST(a_loss_does_not_touch_what_was_judged_before)
{
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	tracker_lost(&w->tracker, 1, AT(50));
	assert_false(verdict_at(0)->conn.uncertain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(a_whole_life_is_one_connection_with_both_ends_and_one_verdict),
		TEST_OF(changes_come_in_order_of_time),
		TEST_OF(the_first_change_of_each_end_says_so),
		TEST_OF(times_in_a_state_and_without_an_event_are_told),
		TEST_OF(the_clients_port_is_learnt_after_SYN_SENT),
		TEST_OF(a_far_end_stays_an_address),
		TEST_OF(a_child_is_not_shown_before_its_handshake_is_complete),
		TEST_OF(a_child_whose_handshake_fails_has_a_verdict),
		TEST_OF(a_birth_at_a_used_address_is_a_new_socket),
		TEST_OF(a_reused_address_is_a_new_socket_by_its_cookie),
		TEST_OF(a_reused_address_is_a_new_socket_by_its_addresses),
		TEST_OF(a_reused_address_is_a_new_socket_by_its_namespace),
		TEST_OF(a_socket_whose_address_was_reused_is_over),
		TEST_OF(an_address_may_be_reused_a_thousand_times),
		TEST_OF(an_edge_of_a_closed_end_is_another_sockets),
		TEST_OF(an_edge_out_of_CLOSE_is_another_sockets),
		TEST_OF(missed_edges_make_a_jump_that_is_believed),
		TEST_OF(an_edge_that_nobody_knows_is_told),
		TEST_OF(a_socket_found_open_has_no_invented_past),
		TEST_OF(a_close_of_what_is_closed_begins_nothing),
		TEST_OF(the_witness_adds_what_was_missed_and_repeats_nothing),
		TEST_OF(the_witness_does_not_raise_the_dead),
		TEST_OF(only_the_witness_repeats_the_last_edge_of_the_dead),
		TEST_OF(a_listener_has_an_owner_and_no_verdict),
		TEST_OF(a_listener_that_stays_open_has_no_verdict_at_the_end),
		TEST_OF(a_child_has_its_listeners_owner),
		TEST_OF(a_child_of_an_unseen_listener_has_no_owner),
		TEST_OF(a_listener_elsewhere_gives_no_owner),
		TEST_OF(what_is_open_at_the_end_has_a_verdict_that_says_so),
		TEST_OF(what_has_a_verdict_has_no_second_one_at_the_end),
		TEST_OF(a_loss_is_told_and_marks_what_was_open),
		TEST_OF(a_loss_does_not_touch_what_was_judged_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
