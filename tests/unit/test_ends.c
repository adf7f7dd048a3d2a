// SPDX-License-Identifier: GPL-2.0-only
/* How each end ended, and the connection in numbers. */
#include "fixture.h"

#include <errno.h>

/* --- each end -------------------------------------------------------------------------------------- */

static void check_ends(enum verdict_end of_client, enum verdict_end of_server)
{
	assert_int_equal(fixture_verdict().ends[SIDE_CLIENT], of_client);
	assert_int_equal(fixture_verdict().ends[SIDE_SERVER], of_server);
}

TEST(ends_that_close_in_order_end_by_FIN)
{
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	check_ends(END_FIN, END_FIN);
}

/* In order, as far as that end went: the other's FIN has yet to come. */
TEST(an_orphan_is_half_closed_until_the_other_FIN_comes)
{
	fixture_open_server();
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, FIN_WAIT1, FIN_WAIT2, 11, .orphan = true);
	GO(w, &server, FIN_WAIT2, CLOSE, 12, .orphan = true, .fin_time_ms = 60000);
	check_ends(END_ELSEWHERE, END_HALF_CLOSED);
}

TEST(a_RST_has_a_sender_and_a_receiver)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, CLOSE, 10, .shutdown = SHUTDOWN_BOTH, .linger_0 = true);
	GO(w, &client, ESTABLISHED, CLOSE, 11, .err = ECONNRESET);
	check_ends(END_RST_RECEIVED, END_RST_SENT);
	assert_int_equal(fixture_verdict().cause.why, WHY_LINGER);
}

TEST(an_ICMP_error_ends_a_connection_by_a_timeout)
{
	fixture_open_client();
	GO(w, &client, ESTABLISHED, CLOSE, 10, .err = EHOSTUNREACH, .retransmits = 15);
	assert_int_equal(fixture_verdict().how, HOW_TIMEOUT);
	assert_int_equal(fixture_verdict().cause.err, EHOSTUNREACH);
	check_ends(END_TIMEOUT, END_ELSEWHERE);
}

/* close() makes an orphan of a socket of its own at once, but none of a subflow of MPTCP. */
TEST(a_subflow_that_was_closed_has_no_descriptor)
{
	fixture_open_client();
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .released = true, .call = WIRE_CALL_CLOSE,
	   .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT1, FIN_WAIT2, 11);
	GO(w, &client, FIN_WAIT2, CLOSE, 12, .peer_fin = true);
	assert_int_equal(watch_find(w, CHANGE_MOVED, 4)->change.cause.keeps, WIRE_TIME_WAIT);
	assert_false(watch_find(w, CHANGE_MOVED, 4)->change.cause.held);
}

/* --- in numbers ------------------------------------------------------------------------------------ */

TEST(each_way_is_counted_by_its_sender)
{
	static const struct counts of_client = {.bytes_sent = 5,
						.bytes_received = 8,
						.segs_out = 6,
						.segs_in = 4,
						.retrans = 1,
						.srtt_us = 40};
	static const struct counts of_server = {.bytes_sent = 7, .segs_out = 5};

	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH, .counts = &of_server);
	GO(w, &server, ESTABLISHED, CLOSE_WAIT, 11, .counts = &of_server);
	GO(w, &client, FIN_WAIT1, FIN_WAIT2, 12);
	GO(w, &server, CLOSE_WAIT, LAST_ACK, 13, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT2, CLOSE, 14, .peer_fin = true, .counts = &of_client);
	GO(w, &server, LAST_ACK, CLOSE, 15);
	assert_true(fixture_verdict().ways[SIDE_CLIENT].known);
	assert_int_equal(fixture_verdict().ways[SIDE_CLIENT].bytes, 5);
	assert_int_equal(fixture_verdict().ways[SIDE_CLIENT].segments, 6);
	assert_int_equal(fixture_verdict().ways[SIDE_CLIENT].retrans, 1);
	assert_int_equal(fixture_verdict().ways[SIDE_SERVER].bytes, 7);
	assert_int_equal(fixture_verdict().ways[SIDE_SERVER].segments, 5);
	assert_int_equal(fixture_verdict().srtt_us, 40);
}

TEST(the_way_of_a_far_sender_is_counted_by_the_receiver)
{
	static const struct counts counts = {.bytes_sent = 5,
					     .bytes_received = 8,
					     .segs_out = 6,
					     .segs_in = 4};

	fixture_open_client();
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 10);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 11, .shutdown = SHUTDOWN_BOTH, .counts = &counts);
	GO(w, &client, LAST_ACK, CLOSE, 12);
	assert_int_equal(fixture_verdict().ways[SIDE_CLIENT].bytes, 5);
	assert_int_equal(fixture_verdict().ways[SIDE_SERVER].bytes, 8);
	assert_int_equal(fixture_verdict().ways[SIDE_SERVER].segments, 4);
}

TEST(what_was_not_counted_is_not_known)
{
	fixture_open_client();
	GO(w, &client, ESTABLISHED, CLOSE, 10, .err = ECONNRESET);
	assert_false(fixture_verdict().ways[SIDE_CLIENT].known);
	assert_false(fixture_verdict().ways[SIDE_SERVER].known);
}

TEST(each_verdict_has_a_code_of_its_own)
{
	for (int i = 0; i < HOW_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(verdict_code((enum verdict_how)i),
						verdict_code((enum verdict_how)j));
	for (int i = 0; i < END_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(verdict_end_code((enum verdict_end)i),
						verdict_end_code((enum verdict_end)j));
	assert_string_equal(verdict_first_code(FIRST_BOTH), "both");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(ends_that_close_in_order_end_by_FIN),
		TEST_OF(an_orphan_is_half_closed_until_the_other_FIN_comes),
		TEST_OF(a_RST_has_a_sender_and_a_receiver),
		TEST_OF(an_ICMP_error_ends_a_connection_by_a_timeout),
		TEST_OF(a_subflow_that_was_closed_has_no_descriptor),
		TEST_OF(each_way_is_counted_by_its_sender),
		TEST_OF(the_way_of_a_far_sender_is_counted_by_the_receiver),
		TEST_OF(what_was_not_counted_is_not_known),
		TEST_OF(each_verdict_has_a_code_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
