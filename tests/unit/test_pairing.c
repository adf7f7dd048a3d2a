// SPDX-License-Identifier: GPL-2.0-only
#include "fixture.h"

/* The end that lives at the address of MADE now, and the one it is paired with. */
static const struct endpoint *end_of(const struct make_end *made)
{
	const struct endpoint *end = table_at(&w->tracker.table, made->sk);

	assert_non_null(end);
	return end;
}

static bool are_paired(const struct make_end *a, const struct make_end *b)
{
	return conn_peer(end_of(a)) == end_of(b) && conn_peer(end_of(b)) == end_of(a);
}

static bool is_alone(const struct make_end *a)
{
	return !conn_peer(end_of(a));
}

static void check_sides(void)
{
	assert_true(are_paired(&client, &server));
	assert_int_equal(end_of(&client)->side, SIDE_CLIENT);
	assert_int_equal(end_of(&server)->side, SIDE_SERVER);
	assert_true(end_of(&client)->conn->sides_known);
}

TEST(crossed_numbers_pair_the_ends)
{
	watch_open(w, &client, &server, 0);
	check_sides();
	assert_false(end_of(&client)->conn->likely);
	assert_int_equal(watch_count(w, CHANGE_PAIRED), 0); /* only one was shown before */
}

TEST(crossed_numbers_pair_across_namespaces)
{
	server.netns = 77;
	watch_open(w, &client, &server, 0);
	check_sides();
	assert_false(end_of(&client)->conn->likely);
}

/* 10.0.0.1:5000 -> 1.1.1.1:80 comes out as 9.9.9.9:40000 -> 192.168.0.1:8080. */
TEST(crossed_numbers_pair_through_NAT)
{
	client.local = make_at("10.0.0.1", 5000);
	client.remote = make_at("1.1.1.1", 80);
	server.local = make_at("192.168.0.1", 8080);
	server.remote = make_at("9.9.9.9", 40000);
	server.netns = 77;
	watch_open(w, &client, &server, 0);
	check_sides();
	assert_false(end_of(&client)->conn->likely);
	watch_close(w, &server, &client, 100);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	assert_int_equal(watch_find(w, CHANGE_ENDED, 0)->verdict.first, FIRST_SERVER);
}

TEST(two_pairs_of_namespaces_with_the_same_addresses_are_two_connections)
{
	struct make_end client2 = make_client(0xd00, 5000), server2 = make_peer(&client2, 0x600);
	struct event first[MAKE_OPEN_EVENTS], second[MAKE_OPEN_EVENTS];

	client.netns = 11;
	server.netns = 12;
	client2.netns = 21;
	server2.netns = 22;
	make_open(first, &client, &server, 0);
	make_open(second, &client2, &server2, 0);
	for (unsigned int i = 0; i < MAKE_OPEN_EVENTS; i++) {
		watch_event(w, &first[i]);
		watch_event(w, &second[i]);
	}
	check_sides();
	assert_true(are_paired(&client2, &server2));
	assert_true(end_of(&client)->conn != end_of(&client2)->conn);
	assert_false(end_of(&client)->conn->likely || end_of(&client2)->conn->likely);
}

TEST(addresses_alone_pair_what_was_open_before_and_say_likely)
{
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 0, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(watch_count(w, CHANGE_PAIRED), 0);
	GO(w, &server, ESTABLISHED, CLOSE_WAIT, 1);
	assert_true(are_paired(&client, &server));
	assert_true(end_of(&client)->conn->likely);
	assert_int_equal(end_of(&client)->side, SIDE_CLIENT); /* the lower port is the server's */
	assert_false(end_of(&client)->conn->sides_known);
	assert_int_equal(watch_count(w, CHANGE_MOVED), 2);
	assert_int_equal(watch_last(w)->conn.id, 1);
}

/* A half-closed connection that was open before the start: the first that is seen of one end is its last. */
TEST(an_end_first_seen_at_its_close_is_paired_with_the_open_one)
{
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 0, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, FIN_WAIT2, CLOSE, 1, .peer_fin = true);
	GO(w, &client, LAST_ACK, CLOSE, 2, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	assert_true(watch_find(w, CHANGE_ENDED, 0)->conn.likely);
}

TEST(addresses_alone_do_not_pair_across_namespaces)
{
	server.netns = 77;
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 0, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, ESTABLISHED, CLOSE_WAIT, 1);
	assert_true(is_alone(&client) && is_alone(&server));
}

/* The server's end was open before the start; the client's handshake was seen: half a proof. */
TEST(one_handshake_and_the_addresses_are_likely)
{
	GO(w, &server, ESTABLISHED, CLOSE_WAIT, 0);
	GO(w, &client, SYN_SENT, ESTABLISHED, 1);
	assert_true(are_paired(&client, &server));
	assert_true(end_of(&client)->conn->likely);
	assert_true(end_of(&client)->conn->sides_known); /* it was seen in SYN_SENT */
	assert_int_equal(end_of(&client)->side, SIDE_CLIENT);
}

/* The record that said ESTABLISHED was lost; the next ones show the addresses. */
TEST(a_handshake_that_was_missed_is_made_up_for_by_the_addresses)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	GO(w, &server, LISTEN, SYN_RECV, 1, .no_remote = true, .no_cookie = true);
	GO(w, &server, SYN_RECV, ESTABLISHED, 2);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 3);
	check_sides();
	assert_true(end_of(&client)->conn->likely);
}

/* The end that was seen decides, though the ports say otherwise. */
TEST(whose_side_was_seen_decides_for_both)
{
	client.local.port = 10;
	server.remote.port = 10;
	GO(w, &server, ESTABLISHED, CLOSE_WAIT, 0); /* guessed: 80 is above 10, so the client */
	assert_int_equal(end_of(&server)->side, SIDE_CLIENT);
	GO(w, &client, SYN_SENT, ESTABLISHED, 1);
	check_sides();
}

TEST(handshakes_that_do_not_cross_are_strangers)
{
	server.rcv_nxt++;
	watch_open(w, &client, &server, 0);
	assert_true(is_alone(&client) && is_alone(&server));
}

/* An end whose handshake was seen, and one that opens with its addresses and other numbers. */
TEST(strangers_are_not_paired_while_one_is_still_opening)
{
	GO(w, &server, SYN_RECV, ESTABLISHED, 0);
	client.snd_una++;
	GO(w, &client, CLOSE, SYN_SENT, 10); /* its port is bound, so its addresses are complete */
	GO(w, &client, SYN_SENT, ESTABLISHED, 11);
	assert_true(is_alone(&client) && is_alone(&server));
}

TEST(strangers_are_not_paired_while_the_other_is_still_opening)
{
	GO(w, &client, CLOSE, SYN_SENT, 0);
	server.rcv_nxt++;
	GO(w, &server, LISTEN, SYN_RECV, 1, .no_cookie = true);
	GO(w, &server, SYN_RECV, ESTABLISHED, 2);
	GO(w, &client, SYN_SENT, ESTABLISHED, 3);
	assert_true(is_alone(&client) && is_alone(&server));
}

TEST(a_self_connect_is_not_paired_with_itself)
{
	struct make_end self =
		make_end(0x800, make_at("127.0.0.1", 5000), make_at("127.0.0.1", 5000));

	self.snd_una = self.rcv_nxt = 4711;
	GO(w, &self, CLOSE, SYN_SENT, 0);
	GO(w, &self, SYN_SENT, SYN_RECV, 1);
	GO(w, &self, SYN_RECV, ESTABLISHED, 2);
	assert_true(is_alone(&self));
	GO(w, &self, ESTABLISHED, FIN_WAIT1, 3, .shutdown = SHUTDOWN_BOTH);
	GO(w, &self, FIN_WAIT1, CLOSING, 4);
	GO(w, &self, CLOSING, CLOSE, 5);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	assert_int_equal(watch_find(w, CHANGE_ENDED, 0)->verdict.first, FIRST_BOTH);
}

/* Records of two CPUs may come swapped, by more than the merge can put right. */
TEST(a_server_seen_before_its_client_is_the_same_connection)
{
	struct event events[MAKE_OPEN_EVENTS];
	static const unsigned int order[] = {2, 3, 0, 1};

	make_open(events, &client, &server, 0);
	for (unsigned int i = 0; i < 4; i++)
		watch_event(w, &events[order[i]]);
	check_sides();
	assert_false(end_of(&client)->conn->likely);
	assert_int_equal(end_of(&client)->conn->start_ns, AT(0));
	watch_close(w, &client, &server, 100);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	/* two were shown that turned out to be one: said once */
	assert_int_equal(watch_count(w, CHANGE_PAIRED), 1);
}

TEST(every_order_of_two_CPUs_gives_one_connection)
{
	static const unsigned int orders[][4] = {{0, 1, 2, 3}, {0, 2, 1, 3}, {0, 2, 3, 1},
						 {2, 0, 1, 3}, {2, 0, 3, 1}, {2, 3, 0, 1}};

	for (unsigned int k = 0; k < 6; k++) {
		struct make_end c = make_client(0x1000 + k, (uint16_t)(6000 + k));
		struct make_end s = make_peer(&c, 0x2000 + k);
		struct event events[MAKE_OPEN_EVENTS];

		make_open(events, &c, &s, k * 1000);
		for (unsigned int i = 0; i < 4; i++)
			watch_event(w, &events[orders[k][i]]);
		assert_true(are_paired(&c, &s));
		assert_false(end_of(&c)->conn->likely);
		watch_close(w, &c, &s, k * 1000 + 100);
		assert_int_equal(watch_count(w, CHANGE_ENDED), k + 1);
	}
}

/* Where the client's port is bound, its addresses may pair it with the server's end before its numbers. */
TEST(numbers_that_cross_make_a_guess_certain)
{
	GO(w, &client, CLOSE, SYN_SENT, 0);
	GO(w, &server, LISTEN, SYN_RECV, 1, .no_cookie = true);
	GO(w, &server, SYN_RECV, ESTABLISHED, 2);
	GO(w, &client, SYN_SENT, ESTABLISHED, 3);
	check_sides();
	assert_false(end_of(&client)->conn->likely);
}

TEST(a_simultaneous_open_is_one_connection)
{
	GO(w, &client, CLOSE, SYN_SENT, 0);
	GO(w, &server, CLOSE, SYN_SENT, 1);
	GO(w, &client, SYN_SENT, SYN_RECV, 2);
	GO(w, &server, SYN_SENT, SYN_RECV, 3);
	GO(w, &client, SYN_RECV, ESTABLISHED, 4);
	GO(w, &server, SYN_RECV, ESTABLISHED, 5);
	assert_true(are_paired(&client, &server));
	assert_false(end_of(&client)->conn->likely);
	assert_int_equal(watch_count(w, CHANGE_JUMPED), 0);
	watch_close(w, &client, &server, 100);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
}

/* The port of a simultaneous open across namespaces: the addresses say nothing, the numbers do. */
TEST(a_simultaneous_open_across_namespaces_is_one_connection)
{
	server.netns = 77;
	GO(w, &client, CLOSE, SYN_SENT, 0);
	GO(w, &server, CLOSE, SYN_SENT, 1);
	assert_true(is_alone(&client) && is_alone(&server));
	GO(w, &client, SYN_SENT, SYN_RECV, 2);
	GO(w, &server, SYN_SENT, SYN_RECV, 3);
	GO(w, &client, SYN_RECV, ESTABLISHED, 4);
	GO(w, &server, SYN_RECV, ESTABLISHED, 5);
	assert_true(are_paired(&client, &server));
	assert_int_equal(watch_count(w, CHANGE_PAIRED), 1);
}

TEST(a_closed_end_is_not_paired_with_a_new_one)
{
	struct make_end again = client, again_server = server;

	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	again.sk += 64;
	again.cookie += 64;
	again_server.sk += 64;
	again_server.cookie += 64;
	again.snd_una = again_server.rcv_nxt = 99;
	watch_open(w, &again, &again_server, 100);
	assert_true(are_paired(&again, &again_server));
	assert_int_not_equal(end_of(&again)->conn->id, end_of(&client)->conn->id);
}

TEST(a_third_end_with_the_same_numbers_stays_alone)
{
	struct make_end third = server;

	third.sk += 64;
	third.cookie += 64;
	watch_open(w, &client, &server, 0);
	GO(w, &third, LISTEN, SYN_RECV, 10, .no_remote = true, .no_cookie = true);
	GO(w, &third, SYN_RECV, ESTABLISHED, 11);
	check_sides();
	assert_true(is_alone(&third));
}

TEST(a_listener_is_never_an_end)
{
	struct make_end listener = make_listener(0x700, make_at("127.0.0.1", 80));

	GO(w, &listener, CLOSE, LISTEN, 0);
	watch_open(w, &client, &server, 10);
	check_sides();
	assert_true(is_alone(&listener));
}

/* It comes as late as ksoftirqd likes; but what was not there in a second is sent again, from a port that is known. */
TEST(a_request_is_the_clients_whose_port_is_unknown)
{
	static const struct {
		uint64_t late;
		bool is_his;
	} comes[] = {{40 * 1000, true}, {900 * 1000, true}, {1100 * 1000, false}};

	for (size_t i = 0; i < sizeof(comes) / sizeof(comes[0]); i++) {
		fixture_restart(64);
		watch_hooks(w, WIRE_HOOK_REQUESTS);
		GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
		MINI(w, &server, BORN, NEW_SYN_RECV, comes[i].late, .left_ms = 1000);
		watch_advance(w, 3 * 1000 * 1000);
		assert_int_equal(watch_last(w)->conn.ends[SIDE_CLIENT] != NULL, comes[i].is_his);
	}
}

/* Of two, it is the one's who has just called; but nobody's if both may have sent it. */
TEST(a_request_is_the_clients_who_has_just_called)
{
	static const struct {
		uint64_t first, second;
		bool is_seconds;
	} called[] = {{0, 790, true}, {0, 100, false}, {780, 790, false}};

	for (size_t i = 0; i < sizeof(called) / sizeof(called[0]); i++) {
		struct make_end before = make_client(0xb0, 5001);
		const struct endpoint *end;

		fixture_restart(64);
		watch_hooks(w, WIRE_HOOK_REQUESTS);
		GO(w, &before, CLOSE, SYN_SENT, 1000 * called[i].first, .no_local_port = true);
		GO(w, &client, CLOSE, SYN_SENT, 1000 * called[i].second, .no_local_port = true);
		MINI(w, &server, BORN, NEW_SYN_RECV, 800 * 1000, .left_ms = 1000);
		end = table_at(&w->tracker.table, client.sk);
		assert_int_equal(conn_peer(end) != NULL, called[i].is_seconds);
		assert_null(conn_peer(table_at(&w->tracker.table, before.sk)));
	}
}

TEST(a_request_is_the_clients_who_tries_again)
{
	watch_hooks(w, WIRE_HOOK_REQUESTS);
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	GO(w, &client, SYN_SENT, CLOSE, 10, .no_local_port = true);
	GO(w, &client, CLOSE, SYN_SENT, 20, .no_local_port = true);
	MINI(w, &server, BORN, NEW_SYN_RECV, 30, .left_ms = 1000);
	assert_non_null(conn_peer(table_at(&w->tracker.table, client.sk)));
}

TEST(a_request_is_of_nobody_whose_port_is_known)
{
	struct make_end before = make_client(0xb0, 5001);

	watch_hooks(w, WIRE_HOOK_REQUESTS);
	GO(w, &before, CLOSE, SYN_SENT, 0, .no_local_port = true);
	GO(w, &client, CLOSE, SYN_SENT, 10, .no_local_port = true);
	GO(w, &before, SYN_SENT, ESTABLISHED, 20);
	MINI(w, &server, BORN, NEW_SYN_RECV, 30, .left_ms = 1000);
	assert_non_null(conn_peer(table_at(&w->tracker.table, client.sk)));
}

/* More than are kept wait at once: the newest are known. */
TEST(a_request_is_found_its_client_beside_many_others)
{
	struct make_end other = make_client(0x10000, 0);

	fixture_restart(256);
	watch_hooks(w, WIRE_HOOK_REQUESTS);
	other.remote.port = 81;
	for (uint32_t i = 0; i < 3 * TRACKER_PORTLESS - 1; i++) {
		other.sk += 64;
		GO(w, &other, CLOSE, SYN_SENT, i, .no_local_port = true);
	}
	GO(w, &client, CLOSE, SYN_SENT, 1000, .no_local_port = true);
	other.sk += 64;
	GO(w, &other, CLOSE, SYN_SENT, 1001, .no_local_port = true);
	MINI(w, &server, BORN, NEW_SYN_RECV, 1002, .left_ms = 1000);
	assert_non_null(conn_peer(table_at(&w->tracker.table, client.sk)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(crossed_numbers_pair_the_ends),
		TEST_OF(crossed_numbers_pair_across_namespaces),
		TEST_OF(crossed_numbers_pair_through_NAT),
		TEST_OF(two_pairs_of_namespaces_with_the_same_addresses_are_two_connections),
		TEST_OF(addresses_alone_pair_what_was_open_before_and_say_likely),
		TEST_OF(an_end_first_seen_at_its_close_is_paired_with_the_open_one),
		TEST_OF(addresses_alone_do_not_pair_across_namespaces),
		TEST_OF(one_handshake_and_the_addresses_are_likely),
		TEST_OF(a_handshake_that_was_missed_is_made_up_for_by_the_addresses),
		TEST_OF(whose_side_was_seen_decides_for_both),
		TEST_OF(handshakes_that_do_not_cross_are_strangers),
		TEST_OF(strangers_are_not_paired_while_one_is_still_opening),
		TEST_OF(strangers_are_not_paired_while_the_other_is_still_opening),
		TEST_OF(a_self_connect_is_not_paired_with_itself),
		TEST_OF(a_server_seen_before_its_client_is_the_same_connection),
		TEST_OF(every_order_of_two_CPUs_gives_one_connection),
		TEST_OF(numbers_that_cross_make_a_guess_certain),
		TEST_OF(a_simultaneous_open_is_one_connection),
		TEST_OF(a_simultaneous_open_across_namespaces_is_one_connection),
		TEST_OF(a_closed_end_is_not_paired_with_a_new_one),
		TEST_OF(a_third_end_with_the_same_numbers_stays_alone),
		TEST_OF(a_listener_is_never_an_end),
		MINI_TEST_OF(a_request_is_the_clients_whose_port_is_unknown),
		MINI_TEST_OF(a_request_is_the_clients_who_has_just_called),
		MINI_TEST_OF(a_request_is_the_clients_who_tries_again),
		MINI_TEST_OF(a_request_is_of_nobody_whose_port_is_known),
		MINI_TEST_OF(a_request_is_found_its_client_beside_many_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
