// SPDX-License-Identifier: GPL-2.0-only
#include "fixture.h"

#include <errno.h>

TEST(connect_and_listen_are_calls_of_the_owner)
{
	struct cause cause = CAUSE(CLOSE, SYN_SENT, 0);

	assert_int_equal(cause.by, CAUSE_CONNECT);
	assert_int_equal(cause.sent, SEGMENT_SYN);
	fixture_check_owner(&cause);
	cause = CAUSE(CLOSE, LISTEN, 0);
	assert_int_equal(cause.by, CAUSE_LISTEN);
	assert_int_equal(cause.sent, SEGMENT_NONE);
	fixture_check_owner(&cause);
}

TEST(an_actor_who_was_not_told_owns_nothing)
{
	struct cause cause = CAUSE(CLOSE, SYN_SENT, 0, .nobody = true);

	assert_int_equal(cause.by, CAUSE_CONNECT);
	fixture_check_nobody(&cause);
}

/* Whoever the softirq interrupted: no owner, whatever he is. */
TEST(the_actor_of_a_segments_edge_is_of_no_interest)
{
	static const struct {
		uint8_t from, to;
		enum segment came;
	} edges[] = {
		{WIRE_LISTEN, WIRE_SYN_RECV, SEGMENT_ACK},
		{WIRE_SYN_RECV, WIRE_ESTABLISHED, SEGMENT_ACK},
		{WIRE_SYN_SENT, WIRE_ESTABLISHED, SEGMENT_SYN_ACK},
		{WIRE_SYN_SENT, WIRE_SYN_RECV, SEGMENT_SYN},
		{WIRE_ESTABLISHED, WIRE_CLOSE_WAIT, SEGMENT_FIN},
		{WIRE_SYN_RECV, WIRE_CLOSE_WAIT, SEGMENT_FIN},
		{WIRE_FIN_WAIT1, WIRE_FIN_WAIT2, SEGMENT_ACK},
		{WIRE_FIN_WAIT1, WIRE_CLOSING, SEGMENT_FIN},
	};

	for (size_t i = 0; i < sizeof(edges) / sizeof(*edges); i++) {
		struct make_step step = {.from = edges[i].from,
					 .to = edges[i].to,
					 .exiting = true,
					 .signaled = true};
		struct cause cause = fixture_cause(&step);

		assert_int_equal(cause.by, CAUSE_PEER);
		assert_int_equal(cause.came, edges[i].came);
		fixture_check_nobody(&cause);
	}
}

TEST(a_FIN_says_by_which_call)
{
	struct cause cause = CAUSE(ESTABLISHED, FIN_WAIT1, 0, .shutdown = SHUTDOWN_BOTH);

	assert_int_equal(cause.by, CAUSE_CLOSED);
	assert_int_equal(cause.sent, SEGMENT_FIN);
	fixture_check_owner(&cause);
	cause = CAUSE(ESTABLISHED, FIN_WAIT1, 0, .shutdown = SHUTDOWN_SEND);
	assert_int_equal(cause.by, CAUSE_SHUTDOWN);
	assert_int_equal(cause.sent, SEGMENT_FIN);
	/* In CLOSE_WAIT it is always 3: the peer's FIN has set the other half. */
	cause = CAUSE(CLOSE_WAIT, LAST_ACK, 0, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(cause.by, CAUSE_CLOSED);
	assert_int_equal(cause.sent, SEGMENT_FIN);
	fixture_check_owner(&cause);
}

TEST(the_kernel_closes_for_a_process_that_ends)
{
	struct cause cause =
		CAUSE(ESTABLISHED, FIN_WAIT1, 0, .shutdown = SHUTDOWN_BOTH, .exiting = true);

	assert_int_equal(cause.by, CAUSE_EXIT);
	fixture_check_owner(&cause);
	cause = CAUSE(CLOSE_WAIT, LAST_ACK, 0, .exiting = true, .signaled = true, .signal = 9);
	assert_int_equal(cause.by, CAUSE_SIGNAL);
	assert_int_equal(cause.actor.signal, 9);
	fixture_check_owner(&cause);
}

/* A deferred close: the thread is not the owner. */
TEST(a_kernel_thread_owns_nothing)
{
	struct cause cause = CAUSE(ESTABLISHED, FIN_WAIT1, 0, .kthread = true);

	assert_int_equal(cause.by, CAUSE_KERNEL);
	fixture_check_nobody(&cause);
	cause = CAUSE(LISTEN, CLOSE, 0, .kthread = true);
	assert_int_equal(cause.by, CAUSE_KERNEL);
	fixture_check_nobody(&cause);
}

TEST(errors_say_how_it_went_to_CLOSE)
{
	static const struct {
		uint16_t err;
		enum cause_by by;
		enum segment came, sent;
		uint8_t retransmits;
	} errors[] = {
		{ECONNRESET, CAUSE_PEER, SEGMENT_RST, SEGMENT_NONE, 0},
		{EPIPE, CAUSE_PEER, SEGMENT_RST, SEGMENT_NONE, 0},
		{ETIMEDOUT, CAUSE_TIMEOUT, SEGMENT_NONE, SEGMENT_NONE, 0},
		{ECONNABORTED, CAUSE_ABORT, SEGMENT_NONE, SEGMENT_RST, 0},
		{EHOSTUNREACH, CAUSE_ERROR, SEGMENT_NONE, SEGMENT_NONE, 3},
		{ENETUNREACH, CAUSE_ERROR, SEGMENT_NONE, SEGMENT_NONE, 15},
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		struct cause cause = CAUSE(ESTABLISHED, CLOSE, 0, .err = errors[i].err,
					   .retransmits = errors[i].retransmits);

		assert_int_equal(cause.by, errors[i].by);
		assert_int_equal(cause.came, errors[i].came);
		assert_int_equal(cause.sent, errors[i].sent);
		assert_int_equal(cause.err, errors[i].err);
		assert_int_equal(cause.keeps, WIRE_NO_STATE);
		fixture_check_nobody(&cause);
	}
}

TEST(an_error_keeps_no_minisock)
{
	struct cause cause =
		CAUSE(FIN_WAIT2, CLOSE, 0, .err = ECONNRESET, .orphan = true, .fin_time_ms = 60000);

	assert_int_equal(cause.came, SEGMENT_RST);
	assert_int_equal(cause.keeps, WIRE_NO_STATE);
	cause = CAUSE(LAST_ACK, CLOSE, 0, .err = ECONNRESET);
	assert_int_equal(cause.came, SEGMENT_RST);
}

/* There is nobody yet to send a RST to. */
TEST(an_abort_of_a_connect_sends_no_RST)
{
	struct cause cause = CAUSE(SYN_SENT, CLOSE, 0, .err = ECONNABORTED);

	assert_int_equal(cause.by, CAUSE_ABORT);
	assert_int_equal(cause.sent, SEGMENT_NONE);
}

/* tcp_disconnect() does not touch sk_shutdown. */
TEST(an_edge_to_CLOSE_without_an_error_is_an_abort)
{
	struct cause cause = CAUSE(ESTABLISHED, CLOSE, 0, .shutdown = SHUTDOWN_BOTH);

	assert_int_equal(cause.by, CAUSE_CLOSED);
	assert_int_equal(cause.sent, SEGMENT_RST);
	fixture_check_owner(&cause);
	cause = CAUSE(ESTABLISHED, CLOSE, 0);
	assert_int_equal(cause.by, CAUSE_DISCONNECT);
	assert_int_equal(cause.sent, SEGMENT_RST);
	cause = CAUSE(CLOSE_WAIT, CLOSE, 0, .shutdown = SHUTDOWN_BOTH, .exiting = true,
		      .signaled = true, .signal = 15);
	assert_int_equal(cause.by, CAUSE_SIGNAL);
	assert_int_equal(cause.sent, SEGMENT_RST);
}

TEST(the_last_ACK_is_the_peers)
{
	struct cause cause = CAUSE(LAST_ACK, CLOSE, 0, .shutdown = SHUTDOWN_BOTH);

	assert_int_equal(cause.by, CAUSE_PEER);
	assert_int_equal(cause.came, SEGMENT_ACK);
	assert_int_equal(cause.keeps, WIRE_NO_STATE);
	fixture_check_nobody(&cause);
}

TEST(CLOSING_ends_in_TIME_WAIT)
{
	struct cause cause = CAUSE(CLOSING, CLOSE, 0, .shutdown = SHUTDOWN_BOTH);

	assert_int_equal(cause.came, SEGMENT_ACK);
	assert_int_equal(cause.keeps, WIRE_TIME_WAIT);
	assert_int_equal(cause.keeps_ms, 60000);
}

TEST(FIN_WAIT2_ends_in_TIME_WAIT_when_the_peers_FIN_came)
{
	struct cause cause =
		CAUSE(FIN_WAIT2, CLOSE, 0, .peer_fin = true, .orphan = true, .fin_time_ms = 60000);

	assert_int_equal(cause.by, CAUSE_PEER);
	assert_int_equal(cause.came, SEGMENT_FIN);
	assert_int_equal(cause.sent, SEGMENT_ACK);
	assert_int_equal(cause.keeps, WIRE_TIME_WAIT);
	assert_int_equal(cause.keeps_ms, 60000);
	fixture_check_nobody(&cause);
}

/* In the commonest case of all no tracepoint ever shows the TIME_WAIT. */
TEST(FIN_WAIT2_of_an_orphan_lives_on_as_FIN_WAIT2)
{
	struct cause cause = CAUSE(FIN_WAIT2, CLOSE, 0, .orphan = true, .fin_time_ms = 3000,
				   .shutdown = SHUTDOWN_BOTH);

	assert_int_equal(cause.came, SEGMENT_NONE);
	assert_int_equal(cause.sent, SEGMENT_NONE);
	assert_int_equal(cause.keeps, WIRE_FIN_WAIT2);
	assert_int_equal(cause.keeps_ms, 3000);
	fixture_check_nobody(&cause);
}

/* With tcp_fin_timeout at 63 s the orphan stays a full socket for 3 s; what tcp_keepalive_timer() leaves to
 * the minisock is what is above the 60 s of TIME_WAIT: 3 s again (measured). */
TEST(FIN_WAIT2_of_an_orphan_beyond_60_s_lives_on_for_the_rest)
{
	struct cause cause = CAUSE(FIN_WAIT2, CLOSE, 0, .orphan = true, .fin_time_ms = 63000,
				   .shutdown = SHUTDOWN_BOTH, .nobody = true);

	assert_int_equal(cause.keeps, WIRE_FIN_WAIT2);
	assert_int_equal(cause.keeps_ms, 3000);
	cause = CAUSE(FIN_WAIT2, CLOSE, 0, .orphan = true, .fin_time_ms = 60000, .nobody = true);
	assert_int_equal(cause.keeps_ms, 60000);
}

/* TCP_LINGER2 of -1. */
TEST(FIN_WAIT2_of_an_orphan_that_would_not_wait_is_aborted)
{
	struct cause cause = CAUSE(FIN_WAIT2, CLOSE, 0, .orphan = true, .shutdown = SHUTDOWN_BOTH);

	assert_int_equal(cause.by, CAUSE_CLOSED);
	assert_int_equal(cause.sent, SEGMENT_RST);
	assert_int_equal(cause.keeps, WIRE_NO_STATE);
}

TEST(FIN_WAIT2_that_somebody_holds_was_disconnected)
{
	struct cause cause =
		CAUSE(FIN_WAIT2, CLOSE, 0, .shutdown = SHUTDOWN_SEND, .fin_time_ms = 60000);

	assert_int_equal(cause.by, CAUSE_DISCONNECT);
	assert_int_equal(cause.sent, SEGMENT_RST);
	assert_int_equal(cause.keeps, WIRE_NO_STATE);
}

/* connect(AF_UNSPEC), with the peer's FIN there: neither an ACK nor a second FIN came, and nothing is kept. */
TEST(what_is_disconnected_after_the_peers_FIN_keeps_no_TIME_WAIT)
{
	static const uint8_t states[] = {WIRE_LAST_ACK, WIRE_CLOSING, WIRE_FIN_WAIT2};

	for (size_t i = 0; i < sizeof(states); i++) {
		struct cause cause = fixture_cause(&(struct make_step){.from = states[i],
								       .to = WIRE_CLOSE,
								       .shutdown = SHUTDOWN_BOTH,
								       .peer_fin = true,
								       .unread = 5,
								       .call = WIRE_CALL_CONNECT});

		assert_int_equal(cause.by, CAUSE_DISCONNECT);
		assert_int_equal(cause.why, WHY_NONE);
		assert_int_equal(cause.came, SEGMENT_NONE);
		assert_int_equal(cause.keeps, WIRE_NO_STATE);
		fixture_check_owner(&cause);
	}
}

/* close() of a socket that was shut down for writing before. */
TEST(FIN_WAIT2_to_itself_is_a_close)
{
	struct cause cause = CAUSE(FIN_WAIT2, FIN_WAIT2, 0, .shutdown = SHUTDOWN_BOTH);

	assert_int_equal(cause.by, CAUSE_CLOSED);
	assert_int_equal(cause.sent, SEGMENT_NONE);
	assert_int_equal(cause.keeps, WIRE_NO_STATE);
	fixture_check_owner(&cause);
}

TEST(a_connect_may_be_given_up_or_get_nowhere)
{
	struct cause cause = CAUSE(SYN_SENT, CLOSE, 0, .shutdown = SHUTDOWN_BOTH);

	assert_int_equal(cause.by, CAUSE_CLOSED);
	assert_int_equal(cause.sent, SEGMENT_NONE);
	fixture_check_owner(&cause);
	cause = CAUSE(SYN_SENT, CLOSE, 0, .no_local_port = true);
	assert_int_equal(cause.by, CAUSE_NO_ROUTE);
	cause = CAUSE(SYN_SENT, CLOSE, 0, .err = ETIMEDOUT);
	assert_int_equal(cause.by, CAUSE_SYN_TIMEOUT);
}

TEST(closing_a_listener_sends_nothing)
{
	struct cause cause = CAUSE(LISTEN, CLOSE, 0, .shutdown = SHUTDOWN_BOTH);

	assert_int_equal(cause.by, CAUSE_CLOSED);
	assert_int_equal(cause.sent, SEGMENT_NONE);
	fixture_check_owner(&cause);
}

TEST(what_is_closed_already_sends_nothing)
{
	struct cause cause = CAUSE(CLOSE, CLOSE, 0);

	assert_int_equal(cause.came, SEGMENT_NONE);
	assert_int_equal(cause.sent, SEGMENT_NONE);
	fixture_check_nobody(&cause);
}

/* Nothing is known of an edge that is none: no segment, no owner. */
TEST(an_unknown_edge_says_nothing)
{
	struct cause cause = CAUSE(LISTEN, ESTABLISHED, 0, .exiting = true);

	assert_int_equal(cause.by, CAUSE_PEER);
	assert_int_equal(cause.came, SEGMENT_NONE);
	assert_int_equal(cause.sent, SEGMENT_NONE);
	fixture_check_nobody(&cause);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connect_and_listen_are_calls_of_the_owner),
		cmocka_unit_test(an_actor_who_was_not_told_owns_nothing),
		cmocka_unit_test(the_actor_of_a_segments_edge_is_of_no_interest),
		cmocka_unit_test(a_FIN_says_by_which_call),
		cmocka_unit_test(the_kernel_closes_for_a_process_that_ends),
		cmocka_unit_test(a_kernel_thread_owns_nothing),
		cmocka_unit_test(errors_say_how_it_went_to_CLOSE),
		cmocka_unit_test(an_error_keeps_no_minisock),
		cmocka_unit_test(an_abort_of_a_connect_sends_no_RST),
		cmocka_unit_test(an_edge_to_CLOSE_without_an_error_is_an_abort),
		cmocka_unit_test(the_last_ACK_is_the_peers),
		cmocka_unit_test(CLOSING_ends_in_TIME_WAIT),
		cmocka_unit_test(FIN_WAIT2_ends_in_TIME_WAIT_when_the_peers_FIN_came),
		cmocka_unit_test(FIN_WAIT2_of_an_orphan_lives_on_as_FIN_WAIT2),
		cmocka_unit_test(FIN_WAIT2_of_an_orphan_beyond_60_s_lives_on_for_the_rest),
		cmocka_unit_test(FIN_WAIT2_of_an_orphan_that_would_not_wait_is_aborted),
		cmocka_unit_test(FIN_WAIT2_that_somebody_holds_was_disconnected),
		cmocka_unit_test(what_is_disconnected_after_the_peers_FIN_keeps_no_TIME_WAIT),
		cmocka_unit_test(FIN_WAIT2_to_itself_is_a_close),
		cmocka_unit_test(a_connect_may_be_given_up_or_get_nowhere),
		cmocka_unit_test(closing_a_listener_sends_nothing),
		cmocka_unit_test(what_is_closed_already_sends_nothing),
		cmocka_unit_test(an_unknown_edge_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
