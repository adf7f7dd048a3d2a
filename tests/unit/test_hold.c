// SPDX-License-Identifier: GPL-2.0-only
/* The rules about what lasts, but for CLOSE_WAIT: each provoked, and what comes near to it. */
#include "fixture.h"

static void learn_limits(uint16_t port_last, uint8_t tw_reuse)
{
	struct event event = {.type = WIRE_LIMITS,
			      .ktime_ns = AT(0),
			      .limits = {.netns = MAKE_NETNS,
					 .port_first = 40000,
					 .port_last = port_last,
					 .fin_timeout_ms = 60000,
					 .tw_reuse = tw_reuse}};

	watch_event(w, &event);
}

/* --- FIN_WAIT2 -------------------------------------------------------------------------------- */

TEST(an_orphan_is_told_when_half_its_time_is_over)
{
	fixture_leave_in_close_wait(0);
	watch_advance(w, 13 + 30 * SECOND + MOMENT - 1);
	CHECK_TOLD(0, FIN_WAIT2_ORPHAN);
	watch_advance(w, 13 + 30 * SECOND + MOMENT);
	CHECK_TOLD(1, FIN_WAIT2_ORPHAN);
	assert_int_equal(TOLD(FIN_WAIT2_ORPHAN, 0)->level, LEVEL_NOTE);
	assert_int_equal(TOLD(FIN_WAIT2_ORPHAN, 0)->limit_ms, 60000);
	assert_int_equal(TOLD(FIN_WAIT2_ORPHAN, 0)->owner.pid, MAKE_SERVER_PID);
	assert_true(TOLD(FIN_WAIT2_ORPHAN, 0)->server);
}

TEST(an_orphan_whose_peer_closes_is_not_told)
{
	fixture_leave_in_close_wait(0);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 29 * SECOND, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, LAST_ACK, CLOSE, 29 * SECOND + 1);
	watch_advance(w, 200 * SECOND);
	CHECK_TOLD(0, FIN_WAIT2_ORPHAN);
}

TEST(a_short_limit_does_not_make_a_peer_late)
{
	learn_limits(40000, 0);
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &server, FIN_WAIT1, FIN_WAIT2, 12, .nobody = true, .orphan = true);
	GO(w, &server, FIN_WAIT2, CLOSE, 13, .nobody = true, .orphan = true, .fin_time_ms = 6000);
	watch_advance(w, 10 + 5 * SECOND + MOMENT - 1);
	CHECK_TOLD(0, FIN_WAIT2_ORPHAN);
	watch_advance(w, 10 + 5 * SECOND + MOMENT);
	CHECK_TOLD(1, FIN_WAIT2_ORPHAN);
	assert_true(TOLD(FIN_WAIT2_ORPHAN, 0)->by_option);
	assert_false(TOLD(FIN_WAIT2_ORPHAN, 0)->by_sysctl);
}

static void half_close(void)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_SEND);
	GO(w, &server, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &client, FIN_WAIT1, FIN_WAIT2, 12, .nobody = true);
}

TEST(a_half_close_that_lasts_is_told)
{
	half_close();
	watch_advance(w, 12 + 60 * SECOND + MOMENT - 1);
	CHECK_TOLD(0, HALF_CLOSE);
	watch_advance(w, 12 + 60 * SECOND + MOMENT);
	CHECK_TOLD(1, HALF_CLOSE);
	CHECK_TOLD(0, FIN_WAIT2_ORPHAN);
	assert_int_equal(TOLD(HALF_CLOSE, 0)->owner.pid, MAKE_CLIENT_PID);
	watch_advance(w, 200 * SECOND);
	CHECK_TOLD(2, HALF_CLOSE);
}

TEST(a_half_close_that_becomes_an_orphan_is_none)
{
	half_close();
	GO(w, &client, FIN_WAIT2, FIN_WAIT2, 50 * SECOND, .orphan = true,
	   .shutdown = SHUTDOWN_BOTH);
	watch_advance(w, 200 * SECOND);
	CHECK_TOLD(0, HALF_CLOSE);
}

/* --- a FIN that is not acknowledged ----------------------------------------------------------- */

static void send_last_fin(const struct counts *counts)
{
	fixture_leave_in_close_wait(0);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 20, .shutdown = SHUTDOWN_BOTH, .counts = counts);
}

TEST(a_FIN_that_is_sent_again_and_again_is_told)
{
	send_last_fin(NULL);
	watch_resend(w, &client, WIRE_LAST_ACK, 1, 8, SECOND);
	watch_advance(w, 2 * SECOND);
	CHECK_TOLD(0, LAST_ACK_STUCK);
	watch_resend(w, &client, WIRE_LAST_ACK, 2, 8, 3 * SECOND);
	watch_advance(w, 4 * SECOND);
	watch_resend(w, &client, WIRE_LAST_ACK, 3, 8, 7 * SECOND);
	watch_advance(w, 30 * SECOND);
	CHECK_TOLD(1, LAST_ACK_STUCK);
	assert_int_equal(TOLD(LAST_ACK_STUCK, 0)->resent, 2);
	assert_int_equal(TOLD(LAST_ACK_STUCK, 0)->retries, 8);
	assert_int_equal(TOLD(LAST_ACK_STUCK, 0)->owner.pid, MAKE_CLIENT_PID);
}

TEST(a_FIN_that_may_be_sent_once_more_only_is_told_then)
{
	send_last_fin(NULL);
	watch_resend(w, &client, WIRE_LAST_ACK, 1, 0, SECOND / 2); /* not told how often */
	watch_advance(w, SECOND);
	CHECK_TOLD(0, LAST_ACK_STUCK);
	watch_resend(w, &client, WIRE_LAST_ACK, 1, 1, SECOND);
	watch_advance(w, 2 * SECOND);
	CHECK_TOLD(1, LAST_ACK_STUCK);
}

TEST(a_resend_in_another_state_or_of_another_socket_is_none_of_it)
{
	struct make_end other = client;

	send_last_fin(NULL);
	watch_resend(w, &client, WIRE_FIN_WAIT1, 2, 8, SECOND);
	other.cookie++;
	watch_resend(w, &other, WIRE_LAST_ACK, 2, 8, SECOND);
	watch_advance(w, 2 * SECOND);
	CHECK_TOLD(0, LAST_ACK_STUCK);
}

/* Whether the peer reads since then is not known. */
TEST(a_FIN_behind_data_is_no_more_than_a_note)
{
	const struct counts counts = {.unsent = 5000, .unacked = 300, .snd_wnd = 300};

	send_last_fin(&counts);
	watch_advance(w, 20 + 60 * SECOND + MOMENT - 1);
	CHECK_TOLD(0, LAST_ACK_STUCK);
	watch_advance(w, 20 + 60 * SECOND + MOMENT);
	CHECK_TOLD(1, LAST_ACK_STUCK);
	assert_int_equal(TOLD(LAST_ACK_STUCK, 0)->level, LEVEL_NOTE);
	assert_int_equal(TOLD(LAST_ACK_STUCK, 0)->unsent, 5000);
	assert_true(TOLD(LAST_ACK_STUCK, 0)->window_full);
}

TEST(a_FIN_that_was_behind_data_and_is_sent_again_is_stuck)
{
	const struct counts counts = {.unsent = 5000, .unacked = 300, .snd_wnd = 300};

	send_last_fin(&counts);
	watch_resend(w, &client, WIRE_LAST_ACK, 2, 8, 3 * SECOND);
	watch_advance(w, 4 * SECOND);
	CHECK_TOLD(1, LAST_ACK_STUCK);
	assert_int_equal(TOLD(LAST_ACK_STUCK, 0)->level, LEVEL_WARNING);
}

/* Less than a segment: RFC 9293, section 3.8.6.2.1. */
TEST(a_window_too_small_to_send_is_full)
{
	const struct counts counts = {.unsent = 5000, .snd_wnd = 100};

	send_last_fin(&counts);
	watch_advance(w, 61 * SECOND);
	assert_true(TOLD(LAST_ACK_STUCK, 0)->window_full);
}

TEST(a_window_with_room_is_not_full)
{
	const struct counts counts = {.unsent = 5000, .unacked = 300, .snd_wnd = 1000};

	send_last_fin(&counts);
	watch_advance(w, 61 * SECOND);
	assert_false(TOLD(LAST_ACK_STUCK, 0)->window_full);
}

TEST(a_first_FIN_may_be_stuck_as_well)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	watch_resend(w, &client, WIRE_FIN_WAIT1, 2, 8, SECOND);
	watch_advance(w, 2 * SECOND);
	CHECK_TOLD(1, FIN_WAIT1_STUCK);
}

TEST(a_SYN_that_was_sent_again_is_no_FIN)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	watch_resend(w, &client, WIRE_SYN_SENT, 2, 6, 3 * SECOND);
	GO(w, &client, SYN_SENT, ESTABLISHED, 3 * SECOND + 1);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 4 * SECOND, .shutdown = SHUTDOWN_BOTH);
	watch_advance(w, 9 * SECOND);
	CHECK_TOLD(0, FIN_WAIT1_STUCK);
}

TEST(a_FIN_that_arrives_in_the_end_is_not_told)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	watch_resend(w, &client, WIRE_FIN_WAIT1, 1, 8, SECOND);
	GO(w, &client, FIN_WAIT1, FIN_WAIT2, SECOND + 1, .nobody = true, .orphan = true);
	watch_resend(w, &client, WIRE_FIN_WAIT1, 2, 8, SECOND + 2);
	watch_advance(w, 5 * SECOND);
	CHECK_TOLD(0, FIN_WAIT1_STUCK);
}

/* --- TIME_WAIT -------------------------------------------------------------------------------- */

/* So many connections to one server, closed by CLIENTS first or by the server. */
static void close_many(unsigned int count, bool by_client)
{
	static unsigned int number;

	for (unsigned int i = 0; i < count; i++) {
		make_nth(i, MAKE_CLIENT_PID, &client, &server);
		client.sk += 0x100000 * (uint64_t)++number;
		server.sk += 0x100000 * (uint64_t)number;
		watch_open(w, &client, &server, i * 100);
		watch_close(w, by_client ? &client : &server, by_client ? &server : &client,
			    i * 100 + 10);
	}
}

TEST(ports_in_TIME_WAIT_are_told_from_a_quarter_on)
{
	learn_limits(40015, 0);
	close_many(3, true);
	CHECK_TOLD(0, TIME_WAIT_PORTS);
	close_many(16, true);
	CHECK_TOLD(3, TIME_WAIT_PORTS);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 0)->count, 4);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 0)->ports, 16);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 0)->level, LEVEL_NOTE);
	assert_false(TOLD(TIME_WAIT_PORTS, 0)->reuse);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 1)->count, 8);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 1)->level, LEVEL_WARNING);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 2)->count, 16);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 2)->level, LEVEL_TROUBLE);
}

TEST(ports_that_can_be_used_again_are_no_trouble)
{
	learn_limits(40003, 2); /* on loopback alone, where this is */
	close_many(4, true);
	CHECK_TOLD(3, TIME_WAIT_PORTS);
	assert_true(TOLD(TIME_WAIT_PORTS, 2)->reuse);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 2)->level, LEVEL_NOTE);
}

TEST(off_loopback_tcp_tw_reuse_2_does_not_help)
{
	learn_limits(40000, 2);
	client = make_end(0xc00, make_at("192.0.2.1", 40000), make_at("192.0.2.2", 80));
	server = make_peer(&client, 0x500);
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	CHECK_TOLD(1, TIME_WAIT_PORTS);
	assert_false(TOLD(TIME_WAIT_PORTS, 0)->reuse);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 0)->level, LEVEL_TROUBLE);
}

TEST(ports_that_connect_does_not_choose_are_not_counted)
{
	learn_limits(40001, 0);
	client = make_client(0xc00, 30000);
	server = make_peer(&client, 0x500);
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	CHECK_TOLD(0, TIME_WAIT_PORTS);
}

TEST(of_an_unknown_port_range_nothing_is_said)
{
	close_many(10, true);
	assert_int_equal(watch_count(w, CHANGE_FINDING), 0);
}

/* A server's port may lie in the range as well. */
TEST(an_end_that_may_be_the_server_s_is_not_counted)
{
	learn_limits(40000, 0);
	client = make_client(0xc00, 40000);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT1, FIN_WAIT2, 11, .nobody = true, .orphan = true);
	GO(w, &client, FIN_WAIT2, CLOSE, 12, .nobody = true, .peer_fin = true, .orphan = true);
	assert_int_equal(watch_last(w)->change.kind, CHANGE_ENDED);
	assert_int_equal(watch_last(w)->ends[SIDE_CLIENT].keeps, WIRE_TIME_WAIT);
	CHECK_TOLD(0, TIME_WAIT_PORTS);
}

TEST(ports_whose_time_is_over_are_not_counted)
{
	learn_limits(40007, 0);
	make_nth(0, MAKE_CLIENT_PID, &client, &server);
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	CHECK_TOLD(0, TIME_WAIT_PORTS);
	watch_advance(w, 100 * SECOND);
	make_nth(1, MAKE_CLIENT_PID, &client, &server);
	watch_open(w, &client, &server, 100 * SECOND);
	watch_close(w, &client, &server, 100 * SECOND + 10);
	CHECK_TOLD(0, TIME_WAIT_PORTS);
}

TEST(a_server_that_closes_first_is_told_once)
{
	fixture_restart(8192);
	w->filter.states = 1U << WIRE_LISTEN; /* or there is much to see */
	close_many(999, false);
	CHECK_TOLD(1, TIME_WAIT_SERVER);
	assert_int_equal(TOLD(TIME_WAIT_SERVER, 0)->level, LEVEL_NOTE);
	assert_int_equal(TOLD(TIME_WAIT_SERVER, 0)->count, 1);
	assert_int_equal(TOLD(TIME_WAIT_SERVER, 0)->owner.pid, MAKE_SERVER_PID);
	close_many(2, false);
	CHECK_TOLD(2, TIME_WAIT_SERVER);
	assert_int_equal(TOLD(TIME_WAIT_SERVER, 1)->level, LEVEL_WARNING);
	assert_int_equal(TOLD(TIME_WAIT_SERVER, 1)->count, 1000);
}

TEST(the_verdict_comes_first)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &server, FIN_WAIT1, FIN_WAIT2, 12, .nobody = true);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 13, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, FIN_WAIT2, CLOSE, 14, .nobody = true, .peer_fin = true, .orphan = true);
	CHECK_TOLD(0, TIME_WAIT_SERVER);
	GO(w, &client, LAST_ACK, CLOSE, 15, .shutdown = SHUTDOWN_BOTH);
	CHECK_TOLD(1, TIME_WAIT_SERVER);
	assert_int_equal(watch_last(w)->change.kind, CHANGE_FINDING);
}

TEST(a_server_that_closes_at_once_with_its_client_is_not_first)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 11, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT1, CLOSING, 12, .nobody = true);
	GO(w, &server, FIN_WAIT1, CLOSING, 13, .nobody = true);
	GO(w, &client, CLOSING, CLOSE, 14, .nobody = true, .orphan = true);
	GO(w, &server, CLOSING, CLOSE, 15, .nobody = true, .orphan = true);
	assert_int_equal(watch_last(w)->change.kind, CHANGE_ENDED);
}

TEST(a_client_that_closes_first_is_as_it_should_be)
{
	learn_limits(60999, 0);
	close_many(20, true);
	watch_advance(w, 200 * SECOND);
	assert_int_equal(watch_count(w, CHANGE_FINDING), 0);
}

/* --- SYN -------------------------------------------------------------------------------------- */

TEST(a_SYN_that_nobody_answers_is_told)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	watch_resend(w, &client, WIRE_SYN_SENT, 1, 6, SECOND);
	watch_advance(w, 2 * SECOND);
	CHECK_TOLD(0, SYN_UNANSWERED);
	watch_resend(w, &client, WIRE_SYN_SENT, 2, 6, 3 * SECOND);
	watch_advance(w, 4 * SECOND);
	CHECK_TOLD(1, SYN_UNANSWERED);
	assert_int_equal(TOLD(SYN_UNANSWERED, 0)->level, LEVEL_TROUBLE);
	assert_int_equal(TOLD(SYN_UNANSWERED, 0)->resent, 2);
	assert_int_equal(TOLD(SYN_UNANSWERED, 0)->retries, 6);
	watch_resend(w, &client, WIRE_SYN_SENT, 3, 6, 7 * SECOND);
	watch_advance(w, 60 * SECOND);
	CHECK_TOLD(1, SYN_UNANSWERED);
}

TEST(a_SYN_that_is_answered_late_is_not_told)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	watch_resend(w, &client, WIRE_SYN_SENT, 1, 6, SECOND);
	GO(w, &client, SYN_SENT, ESTABLISHED, SECOND + 5);
	watch_advance(w, 60 * SECOND);
	CHECK_TOLD(0, SYN_UNANSWERED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(an_orphan_is_told_when_half_its_time_is_over),
		TEST_OF(an_orphan_whose_peer_closes_is_not_told),
		TEST_OF(a_short_limit_does_not_make_a_peer_late),
		TEST_OF(a_half_close_that_lasts_is_told),
		TEST_OF(a_half_close_that_becomes_an_orphan_is_none),
		TEST_OF(a_FIN_that_is_sent_again_and_again_is_told),
		TEST_OF(a_FIN_that_may_be_sent_once_more_only_is_told_then),
		TEST_OF(a_resend_in_another_state_or_of_another_socket_is_none_of_it),
		TEST_OF(a_FIN_behind_data_is_no_more_than_a_note),
		TEST_OF(a_FIN_that_was_behind_data_and_is_sent_again_is_stuck),
		TEST_OF(a_window_too_small_to_send_is_full),
		TEST_OF(a_window_with_room_is_not_full),
		TEST_OF(a_first_FIN_may_be_stuck_as_well),
		TEST_OF(a_SYN_that_was_sent_again_is_no_FIN),
		TEST_OF(a_FIN_that_arrives_in_the_end_is_not_told),
		TEST_OF(ports_in_TIME_WAIT_are_told_from_a_quarter_on),
		TEST_OF(ports_that_can_be_used_again_are_no_trouble),
		TEST_OF(off_loopback_tcp_tw_reuse_2_does_not_help),
		TEST_OF(ports_that_connect_does_not_choose_are_not_counted),
		TEST_OF(of_an_unknown_port_range_nothing_is_said),
		TEST_OF(an_end_that_may_be_the_server_s_is_not_counted),
		TEST_OF(ports_whose_time_is_over_are_not_counted),
		TEST_OF(a_server_that_closes_first_is_told_once),
		TEST_OF(the_verdict_comes_first),
		TEST_OF(a_server_that_closes_at_once_with_its_client_is_not_first),
		TEST_OF(a_client_that_closes_first_is_as_it_should_be),
		TEST_OF(a_SYN_that_nobody_answers_is_told),
		TEST_OF(a_SYN_that_is_answered_late_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
