// SPDX-License-Identifier: GPL-2.0-only
/* Who closed first, and how: each verdict from the edges that a kernel makes, by a tracker. */
#include "fixture.h"

#include <errno.h>

static struct verdict verdict(void)
{
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	return watch_find(w, CHANGE_ENDED, 0)->verdict;
}

static void check(enum verdict_first first, enum verdict_how how)
{
	struct verdict v = verdict();

	assert_int_equal(v.first, first);
	assert_int_equal(v.how, how);
}

static void open_client_only(void)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	GO(w, &client, SYN_SENT, ESTABLISHED, 1);
}

static void open_server_only(void)
{
	GO(w, &server, LISTEN, SYN_RECV, 0, .no_remote = true, .no_cookie = true);
	GO(w, &server, SYN_RECV, ESTABLISHED, 1);
}

/* --- FINs ------------------------------------------------------------------------------------------ */

TEST(the_client_closed_first)
{
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	check(FIRST_CLIENT, HOW_FIN_BOTH);
	assert_int_equal(verdict().lifetime_ns, 15 * US);
}

TEST(the_server_closed_first)
{
	watch_open(w, &client, &server, 0);
	watch_close(w, &server, &client, 10);
	check(FIRST_SERVER, HOW_FIN_BOTH);
}

/* FIN and ACK in one segment: FIN_WAIT2 and TIME_WAIT within microseconds. */
TEST(a_FIN_with_the_ACK_does_not_hide_who_was_first)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 12, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, FIN_WAIT1, FIN_WAIT2, 13);
	GO(w, &server, FIN_WAIT2, CLOSE, 14, .peer_fin = true, .orphan = true);
	GO(w, &client, LAST_ACK, CLOSE, 15, .shutdown = SHUTDOWN_BOTH);
	check(FIRST_SERVER, HOW_FIN_BOTH);
}

static void both_close(void)
{
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 11, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT1, CLOSING, 12);
	GO(w, &server, FIN_WAIT1, CLOSING, 13);
	GO(w, &client, CLOSING, CLOSE, 14);
	GO(w, &server, CLOSING, CLOSE, 15);
}

TEST(both_closed_at_once)
{
	watch_open(w, &client, &server, 0);
	both_close();
	check(FIRST_BOTH, HOW_FIN_BOTH);
}

/* The FINs crossed, though one end saw the ACK of its own before the other's FIN. */
TEST(FINs_that_cross_are_at_once_even_without_CLOSING_at_both_ends)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 11, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT1, CLOSING, 12);
	GO(w, &server, FIN_WAIT1, FIN_WAIT2, 13);
	GO(w, &server, FIN_WAIT2, CLOSE, 14, .peer_fin = true);
	GO(w, &client, CLOSING, CLOSE, 15);
	check(FIRST_BOTH, HOW_FIN_BOTH);
}

TEST(one_end_in_CLOSING_says_that_both_closed_at_once)
{
	open_client_only();
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT1, CLOSING, 12);
	GO(w, &client, CLOSING, CLOSE, 14);
	check(FIRST_BOTH, HOW_FIN_BOTH);
}

TEST(one_end_alone_says_that_it_closed_first)
{
	open_client_only();
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT1, FIN_WAIT2, 11);
	GO(w, &client, FIN_WAIT2, CLOSE, 12, .peer_fin = true);
	check(FIRST_CLIENT, HOW_FIN_BOTH);
}

TEST(one_end_alone_says_that_the_far_end_closed_first)
{
	open_server_only();
	GO(w, &server, ESTABLISHED, CLOSE_WAIT, 10);
	GO(w, &server, CLOSE_WAIT, LAST_ACK, 11, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, LAST_ACK, CLOSE, 12, .shutdown = SHUTDOWN_BOTH);
	check(FIRST_CLIENT, HOW_FIN_BOTH);
}

/* What the far end does is not seen any more: no tracepoint shows a minisock. */
TEST(an_orphan_alone_has_one_FIN)
{
	open_server_only();
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, FIN_WAIT1, FIN_WAIT2, 11, .orphan = true);
	GO(w, &server, FIN_WAIT2, CLOSE, 12, .orphan = true, .fin_time_ms = 60000);
	check(FIRST_SERVER, HOW_FIN_HALF);
}

/* --- what the state itself proves, where the edges before it were not seen ------------------------- */

TEST(an_end_found_in_CLOSE_WAIT_was_closed_by_the_peer_first)
{
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 11, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, LAST_ACK, CLOSE, 12, .shutdown = SHUTDOWN_BOTH);
	check(FIRST_SERVER, HOW_FIN_BOTH);
}

TEST(an_end_found_in_LAST_ACK_was_closed_by_the_peer_first)
{
	GO(w, &client, LAST_ACK, CLOSE, 12, .shutdown = SHUTDOWN_BOTH);
	check(FIRST_SERVER, HOW_FIN_BOTH);
}

TEST(an_end_found_in_FIN_WAIT1_closed_first)
{
	GO(w, &client, FIN_WAIT1, FIN_WAIT2, 11);
	GO(w, &client, FIN_WAIT2, CLOSE, 12, .peer_fin = true);
	check(FIRST_CLIENT, HOW_FIN_BOTH);
}

TEST(an_end_found_in_FIN_WAIT2_closed_first)
{
	GO(w, &client, FIN_WAIT2, CLOSE, 12, .peer_fin = true);
	check(FIRST_CLIENT, HOW_FIN_BOTH);
}

TEST(an_end_found_in_CLOSING_closed_at_once_with_its_peer)
{
	GO(w, &client, CLOSING, CLOSE, 12);
	check(FIRST_BOTH, HOW_FIN_BOTH);
}

TEST(a_jump_into_CLOSE_WAIT_hides_the_peers_FIN_from_nobody)
{
	open_client_only();
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 11, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, LAST_ACK, CLOSE, 12, .shutdown = SHUTDOWN_BOTH);
	check(FIRST_SERVER, HOW_FIN_BOTH);
}

/* The leak that a trace is started for: the peer's FIN came long before. */
TEST(ends_found_in_CLOSE_WAIT_and_FIN_WAIT2_know_who_was_first)
{
	GO(w, &server, FIN_WAIT2, FIN_WAIT2, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 11, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, FIN_WAIT2, CLOSE, 12, .peer_fin = true);
	GO(w, &client, LAST_ACK, CLOSE, 13, .shutdown = SHUTDOWN_BOTH);
	check(FIRST_SERVER, HOW_FIN_BOTH);
}

/* --- RSTs ------------------------------------------------------------------------------------------ */

TEST(an_abort_is_a_reset_by_who_made_it)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, CLOSE, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, ESTABLISHED, CLOSE, 11, .err = ECONNRESET);
	check(FIRST_SERVER, HOW_RESET);
	assert_int_equal(verdict().reset_by, SIDE_SERVER);
}

TEST(an_abort_alone_is_a_reset_by_that_end)
{
	open_client_only();
	GO(w, &client, ESTABLISHED, CLOSE, 10, .shutdown = SHUTDOWN_BOTH);
	check(FIRST_CLIENT, HOW_RESET);
	assert_int_equal(verdict().reset_by, SIDE_CLIENT);
}

TEST(a_RST_that_came_is_the_far_ends)
{
	open_client_only();
	GO(w, &client, ESTABLISHED, CLOSE, 10, .err = ECONNRESET);
	check(FIRST_SERVER, HOW_RESET);
	assert_int_equal(verdict().reset_by, SIDE_SERVER);
}

/* Neither had the other's segment when it sent its own. */
TEST(of_a_FIN_and_a_RST_that_cross_the_earlier_counts)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, ESTABLISHED, CLOSE, 11, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT1, CLOSE, 12, .err = ECONNRESET);
	check(FIRST_CLIENT, HOW_RESET);
	assert_int_equal(verdict().reset_by, SIDE_SERVER);
}

TEST(of_a_RST_and_a_FIN_that_cross_the_earlier_counts)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, CLOSE, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 11, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT1, CLOSE, 12, .err = ECONNRESET);
	check(FIRST_SERVER, HOW_RESET);
	assert_int_equal(verdict().reset_by, SIDE_SERVER);
}

/* The orphan's minisock was gone: a FIN first, then a RST for the other's. */
TEST(a_RST_after_a_FIN_leaves_the_first_to_the_FIN)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 10, .exiting = true, .signaled = true);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &server, FIN_WAIT1, FIN_WAIT2, 12, .orphan = true);
	GO(w, &server, FIN_WAIT2, CLOSE, 13, .orphan = true, .fin_time_ms = 3000);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 4500000, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, LAST_ACK, CLOSE, 4500001, .err = ECONNRESET);
	check(FIRST_SERVER, HOW_RESET);
	assert_int_equal(verdict().reset_by, SIDE_SERVER);
}

TEST(data_to_an_orphan_is_reset_by_it)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &server, FIN_WAIT1, FIN_WAIT2, 12, .orphan = true);
	GO(w, &server, FIN_WAIT2, CLOSE, 13, .orphan = true, .fin_time_ms = 3000);
	GO(w, &client, CLOSE_WAIT, CLOSE, 100, .err = EPIPE);
	check(FIRST_SERVER, HOW_RESET);
	assert_int_equal(verdict().reset_by, SIDE_SERVER);
}

TEST(a_RST_for_a_SYN_is_a_refusal)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	GO(w, &client, SYN_SENT, CLOSE, 1, .err = ECONNREFUSED);
	assert_int_equal(verdict().how, HOW_REFUSED);
}

TEST(an_abort_from_outside_is_told_as_such)
{
	open_client_only();
	GO(w, &client, ESTABLISHED, CLOSE, 10, .err = ECONNABORTED);
	assert_int_equal(verdict().how, HOW_ABORTED);
}

TEST(an_abort_from_outside_is_told_whatever_the_peer_says)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, CLOSE, 10, .err = ECONNABORTED);
	GO(w, &client, ESTABLISHED, CLOSE, 11, .err = ECONNRESET);
	assert_int_equal(verdict().how, HOW_ABORTED);
}

/* --- what came to nothing -------------------------------------------------------------------------- */

TEST(silence_is_a_timeout_and_nobodys_close)
{
	open_client_only();
	GO(w, &client, ESTABLISHED, CLOSE, 10, .err = ETIMEDOUT);
	check(FIRST_NOBODY, HOW_TIMEOUT);
}

TEST(a_FIN_that_nobody_answers_is_a_timeout_after_who_sent_it)
{
	open_client_only();
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT1, CLOSE, 11, .err = ETIMEDOUT);
	check(FIRST_CLIENT, HOW_TIMEOUT);
}

TEST(a_SYN_that_nobody_answers_is_a_timeout)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	GO(w, &client, SYN_SENT, CLOSE, 1, .err = ETIMEDOUT);
	check(FIRST_NOBODY, HOW_TIMEOUT);
}

TEST(an_ICMP_error_fails_with_its_errno)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	GO(w, &client, SYN_SENT, CLOSE, 1, .err = EHOSTUNREACH);
	check(FIRST_NOBODY, HOW_FAILED);
	assert_int_equal(verdict().err, EHOSTUNREACH);
}

TEST(a_connect_that_is_given_up_fails_without_an_errno)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	GO(w, &client, SYN_SENT, CLOSE, 1, .shutdown = SHUTDOWN_BOTH);
	check(FIRST_NOBODY, HOW_FAILED);
	assert_int_equal(verdict().err, 0);
}

TEST(a_connect_without_a_port_fails)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	GO(w, &client, SYN_SENT, CLOSE, 1, .no_local_port = true);
	check(FIRST_NOBODY, HOW_FAILED);
}

TEST(an_end_that_was_missed_is_said_to_be)
{
	open_client_only();
	GO(w, &client, CLOSE, SYN_SENT, 10, .no_local_port = true);
	check(FIRST_NOBODY, HOW_UNSEEN);
}

TEST(one_missed_end_of_two_is_said_to_be)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, CLOSE, SYN_SENT, 10, .no_local_port = true);
	GO(w, &server, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &server, CLOSE_WAIT, LAST_ACK, 12, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, LAST_ACK, CLOSE, 13, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(verdict().how, HOW_UNSEEN);
}

/* --- still open ------------------------------------------------------------------------------------ */

TEST(an_open_connection_is_open)
{
	watch_open(w, &client, &server, 0);
	tracker_finish(&w->tracker, AT(100));
	check(FIRST_NOBODY, HOW_OPEN);
	assert_int_equal(verdict().lifetime_ns, 100 * US);
}

TEST(a_half_closed_connection_is_open_and_says_who_was_first)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_SEND);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 11);
	tracker_finish(&w->tracker, AT(100));
	check(FIRST_SERVER, HOW_OPEN);
}

TEST(a_lifetime_is_never_negative)
{
	struct endpoint end = {.state = WIRE_ESTABLISHED, .side = SIDE_CLIENT};
	struct conn conn = {.ends = {&end, NULL}, .start_ns = 100};

	end.conn = &conn;
	assert_int_equal(verdict_of(&conn, 50).lifetime_ns, 0);
	assert_int_equal(verdict_of(&conn, 150).lifetime_ns, 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(the_client_closed_first),
		TEST_OF(the_server_closed_first),
		TEST_OF(a_FIN_with_the_ACK_does_not_hide_who_was_first),
		TEST_OF(both_closed_at_once),
		TEST_OF(FINs_that_cross_are_at_once_even_without_CLOSING_at_both_ends),
		TEST_OF(one_end_in_CLOSING_says_that_both_closed_at_once),
		TEST_OF(one_end_alone_says_that_it_closed_first),
		TEST_OF(one_end_alone_says_that_the_far_end_closed_first),
		TEST_OF(an_orphan_alone_has_one_FIN),
		TEST_OF(an_end_found_in_CLOSE_WAIT_was_closed_by_the_peer_first),
		TEST_OF(an_end_found_in_LAST_ACK_was_closed_by_the_peer_first),
		TEST_OF(an_end_found_in_FIN_WAIT1_closed_first),
		TEST_OF(an_end_found_in_FIN_WAIT2_closed_first),
		TEST_OF(an_end_found_in_CLOSING_closed_at_once_with_its_peer),
		TEST_OF(a_jump_into_CLOSE_WAIT_hides_the_peers_FIN_from_nobody),
		TEST_OF(ends_found_in_CLOSE_WAIT_and_FIN_WAIT2_know_who_was_first),
		TEST_OF(an_abort_is_a_reset_by_who_made_it),
		TEST_OF(an_abort_alone_is_a_reset_by_that_end),
		TEST_OF(a_RST_that_came_is_the_far_ends),
		TEST_OF(of_a_FIN_and_a_RST_that_cross_the_earlier_counts),
		TEST_OF(of_a_RST_and_a_FIN_that_cross_the_earlier_counts),
		TEST_OF(a_RST_after_a_FIN_leaves_the_first_to_the_FIN),
		TEST_OF(data_to_an_orphan_is_reset_by_it),
		TEST_OF(a_RST_for_a_SYN_is_a_refusal),
		TEST_OF(an_abort_from_outside_is_told_as_such),
		TEST_OF(an_abort_from_outside_is_told_whatever_the_peer_says),
		TEST_OF(silence_is_a_timeout_and_nobodys_close),
		TEST_OF(a_FIN_that_nobody_answers_is_a_timeout_after_who_sent_it),
		TEST_OF(a_SYN_that_nobody_answers_is_a_timeout),
		TEST_OF(an_ICMP_error_fails_with_its_errno),
		TEST_OF(a_connect_that_is_given_up_fails_without_an_errno),
		TEST_OF(a_connect_without_a_port_fails),
		TEST_OF(an_end_that_was_missed_is_said_to_be),
		TEST_OF(one_missed_end_of_two_is_said_to_be),
		TEST_OF(an_open_connection_is_open),
		TEST_OF(a_half_closed_connection_is_open_and_says_who_was_first),
		TEST_OF(a_lifetime_is_never_negative),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
