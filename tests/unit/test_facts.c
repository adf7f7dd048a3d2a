// SPDX-License-Identifier: GPL-2.0-only
/* Which call, which timeout, why a RST: what the facts beside the states tell. */
#include "fixture.h"

#include <errno.h>

/* --- which call ------------------------------------------------------------------------------------ */

TEST(close_and_shutdown_are_told_apart_by_the_descriptor)
{
	static const struct {
		enum wire_call call;
		bool released;
		enum cause_by by;
	} calls[] = {
		{WIRE_CALL_CLOSE, true, CAUSE_CLOSE},
		{WIRE_CALL_CLOSE_RANGE, true, CAUSE_CLOSE},
		{WIRE_CALL_DUP, true, CAUSE_CLOSE},
		{WIRE_CALL_IO_URING, true, CAUSE_CLOSE},
		{WIRE_CALL_NONE, true, CAUSE_CLOSE},
		{WIRE_CALL_EXEC, true, CAUSE_EXEC},
		{WIRE_CALL_OTHER, true, CAUSE_DEFERRED}, /* a recv() of another thread held it */
		{WIRE_CALL_SHUTDOWN, true, CAUSE_DEFERRED},
		{WIRE_CALL_SHUTDOWN, false, CAUSE_SHUTDOWN_BOTH},
		{WIRE_CALL_IO_URING, false, CAUSE_SHUTDOWN_BOTH},
		{WIRE_CALL_CLOSE, false, CAUSE_CLOSE},
		{WIRE_CALL_NONE, false, CAUSE_CLOSED},
		{WIRE_CALL_OTHER, false, CAUSE_CLOSED},
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		struct cause cause = CAUSE(ESTABLISHED, FIN_WAIT1, 0, .shutdown = SHUTDOWN_BOTH,
					   .call = calls[i].call, .released = calls[i].released);

		assert_int_equal(cause.by, calls[i].by);
		fixture_check_owner(&cause);
		assert_int_equal(cause.actor.call, calls[i].call);
	}
}

TEST(a_shutdown_after_the_peers_FIN_does_not_tell_of_what)
{
	struct cause cause = CAUSE(CLOSE_WAIT, LAST_ACK, 0, .shutdown = SHUTDOWN_BOTH,
				   .call = WIRE_CALL_SHUTDOWN);

	assert_int_equal(cause.by, CAUSE_SHUT);
	cause = CAUSE(LISTEN, CLOSE, 0, .call = WIRE_CALL_SHUTDOWN);
	assert_int_equal(cause.by, CAUSE_SHUT);
	cause = CAUSE(SYN_SENT, CLOSE, 0, .call = WIRE_CALL_SHUTDOWN);
	assert_int_equal(cause.by, CAUSE_SHUT);
	cause = CAUSE(ESTABLISHED, FIN_WAIT1, 0, .shutdown = SHUTDOWN_SEND,
		      .call = WIRE_CALL_SHUTDOWN);
	assert_int_equal(cause.by, CAUSE_SHUTDOWN);
}

/* Its threads belong to the process, but before 5.12 are kernel threads. */
TEST(a_worker_of_io_uring_is_no_deferred_close)
{
	struct cause cause = CAUSE(ESTABLISHED, FIN_WAIT1, 0, .shutdown = SHUTDOWN_BOTH,
				   .io_worker = true, .released = true);

	assert_int_equal(cause.by, CAUSE_CLOSE);
	fixture_check_owner(&cause);
	cause = CAUSE(ESTABLISHED, FIN_WAIT1, 0, .shutdown = SHUTDOWN_SEND, .io_worker = true);
	assert_int_equal(cause.by, CAUSE_SHUTDOWN);
	cause = CAUSE(ESTABLISHED, FIN_WAIT1, 0, .shutdown = SHUTDOWN_BOTH, .io_worker = true,
		      .kthread = true, .released = true);
	assert_int_equal(cause.by, CAUSE_CLOSE);
	assert_false(cause.kernel);
	fixture_check_nobody(&cause);
}

TEST(a_socket_of_the_kernels_own_is_nobodys)
{
	struct cause cause = CAUSE(CLOSE, SYN_SENT, 0, .kernel = true);

	assert_int_equal(cause.by, CAUSE_CONNECT);
	assert_true(cause.kernel);
	fixture_check_nobody(&cause);
	cause = CAUSE(ESTABLISHED, FIN_WAIT1, 0, .shutdown = SHUTDOWN_BOTH, .kernel = true);
	assert_int_equal(cause.by, CAUSE_KERNEL_SOCKET);
	fixture_check_nobody(&cause);
}

TEST(a_32_bit_call_is_said_to_be_one)
{
	struct cause cause = CAUSE(ESTABLISHED, FIN_WAIT1, 0, .shutdown = SHUTDOWN_BOTH,
				   .call = WIRE_CALL_CLOSE, .released = true, .compat = true);

	assert_int_equal(cause.by, CAUSE_CLOSE);
	assert_true(cause.actor.compat);
}

/* --- timeouts -------------------------------------------------------------------------------------- */

TEST(a_timeout_says_which_one_and_how_often)
{
	static const struct counts waiting = {.unsent = 100}, flying = {.unacked = 100},
				   open = {.unacked = 100, .snd_wnd = 65536};
	static const struct {
		struct make_step step;
		enum cause_by by;
		uint8_t count;
		enum segment sent;
	} timeouts[] = {
		{{.from = WIRE_SYN_SENT, .retransmits = 2}, CAUSE_SYN_TIMEOUT, 2, 0},
		{{.from = WIRE_SYN_RECV, .retransmits = 5}, CAUSE_TIMEOUT, 5, 0},
		{{.from = WIRE_SYN_SENT, .user_timeout = true}, CAUSE_SYN_TIMEOUT, 0, 0},
		{{.from = WIRE_ESTABLISHED, .retransmits = 15, .counts = &open},
		 CAUSE_RETRANSMISSION,
		 15,
		 0},
		{{.from = WIRE_ESTABLISHED, .retransmits = 3, .keepalive = true},
		 CAUSE_RETRANSMISSION,
		 3,
		 0},
		{{.from = WIRE_LAST_ACK, .retransmits = 8, .orphan = true},
		 CAUSE_ORPHAN_RETRIES,
		 8,
		 0},
		{{.from = WIRE_FIN_WAIT1, .probes = 8, .orphan = true, .counts = &waiting},
		 CAUSE_ORPHAN_RETRIES,
		 8,
		 0},
		{{.from = WIRE_ESTABLISHED, .retransmits = 2, .user_timeout = true},
		 CAUSE_USER_TIMEOUT,
		 2,
		 0},
		{{.from = WIRE_FIN_WAIT1, .retransmits = 2, .user_timeout = true, .orphan = true},
		 CAUSE_USER_TIMEOUT,
		 2,
		 0},
		{{.from = WIRE_ESTABLISHED, .probes = 15, .counts = &waiting}, CAUSE_WINDOW, 15, 0},
		{{.from = WIRE_ESTABLISHED, .probes = 15, .keepalive = true, .counts = &waiting},
		 CAUSE_WINDOW,
		 15,
		 0},
		{{.from = WIRE_ESTABLISHED, .counts = &flying}, CAUSE_WINDOW, 0, 0},
		{{.from = WIRE_ESTABLISHED, .probes = 9, .keepalive = true},
		 CAUSE_KEEPALIVE,
		 9,
		 SEGMENT_RST},
		{{.from = WIRE_ESTABLISHED, .probes = 2, .keepalive = true, .user_timeout = true},
		 CAUSE_USER_TIMEOUT,
		 2,
		 SEGMENT_RST},
		{{.from = WIRE_ESTABLISHED}, CAUSE_TIMEOUT, 0, 0},
	};

	for (size_t i = 0; i < sizeof(timeouts) / sizeof(*timeouts); i++) {
		struct make_step step = timeouts[i].step;
		struct cause cause;

		step.to = WIRE_CLOSE;
		step.err = ETIMEDOUT;
		cause = fixture_cause(&step);
		assert_int_equal(cause.by, timeouts[i].by);
		assert_int_equal(cause.count, timeouts[i].count);
		assert_int_equal(cause.sent, timeouts[i].sent);
		assert_int_equal(cause.orphan, timeouts[i].step.orphan);
		fixture_check_nobody(&cause);
	}
}

/* With IP_RECVERR an ICMP error waits in sk_err while the connection goes on. */
TEST(an_ICMP_error_of_long_ago_spoils_no_clean_close)
{
	struct cause cause = CAUSE(LAST_ACK, CLOSE, 0, .err = EHOSTUNREACH, .orphan = true,
				   .shutdown = SHUTDOWN_BOTH);

	assert_int_equal(cause.by, CAUSE_PEER);
	assert_int_equal(cause.came, SEGMENT_ACK);
	cause = CAUSE(FIN_WAIT2, CLOSE, 0, .err = ECONNREFUSED, .peer_fin = true);
	assert_int_equal(cause.by, CAUSE_PEER);
	assert_int_equal(cause.keeps, WIRE_TIME_WAIT);
	cause = CAUSE(SYN_SENT, CLOSE, 0, .err = EHOSTUNREACH);
	assert_int_equal(cause.by, CAUSE_ERROR);
	cause = CAUSE(SYN_SENT, CLOSE, 0, .err = ECONNREFUSED);
	assert_int_equal(cause.by, CAUSE_PEER);
	assert_int_equal(cause.came, SEGMENT_RST);
}

/* --- why a RST ------------------------------------------------------------------------------------- */

TEST(an_abort_says_why)
{
	struct cause cause = CAUSE(ESTABLISHED, CLOSE, 0, .shutdown = SHUTDOWN_BOTH,
				   .released = true, .unread = 99, .linger_0 = true);

	assert_int_equal(cause.by, CAUSE_CLOSE);
	assert_int_equal(cause.why, WHY_UNREAD);
	assert_int_equal(cause.unread, 99);
	assert_false(cause.undecided);
	cause = CAUSE(CLOSE_WAIT, CLOSE, 0, .shutdown = SHUTDOWN_BOTH, .released = true,
		      .linger_0 = true);
	assert_int_equal(cause.why, WHY_LINGER);
	assert_false(cause.undecided);
	cause = CAUSE(FIN_WAIT2, CLOSE, 0, .shutdown = SHUTDOWN_BOTH, .orphan = true);
	assert_int_equal(cause.why, WHY_LINGER2);
	cause = CAUSE(FIN_WAIT1, CLOSE, 0, .shutdown = SHUTDOWN_BOTH, .orphan = true,
		      .nobody = true);
	assert_int_equal(cause.by, CAUSE_ORPHAN);
	assert_int_equal(cause.why, WHY_MEMORY);
	cause = CAUSE(ESTABLISHED, CLOSE, 0, .shutdown = SHUTDOWN_BOTH, .released = true);
	assert_int_equal(cause.why, WHY_NONE);
	assert_true(cause.undecided);
}

TEST(exit_with_unread_data_says_both)
{
	struct cause cause =
		CAUSE(ESTABLISHED, CLOSE, 0, .shutdown = SHUTDOWN_BOTH, .released = true,
		      .unread = 5, .exiting = true, .signaled = true, .signal = 9);

	assert_int_equal(cause.by, CAUSE_SIGNAL);
	assert_int_equal(cause.why, WHY_UNREAD);
}

/* In LAST_ACK, an ACK comes to a socket that is held, or to an orphan: not in close(). */
TEST(unread_data_aborts_after_a_half_close_as_well)
{
	struct cause cause =
		CAUSE(LAST_ACK, CLOSE, 0, .shutdown = SHUTDOWN_BOTH, .released = true, .unread = 5);

	assert_int_equal(cause.by, CAUSE_CLOSE);
	assert_int_equal(cause.sent, SEGMENT_RST);
	assert_int_equal(cause.came, SEGMENT_NONE);
	cause = CAUSE(CLOSING, CLOSE, 0, .shutdown = SHUTDOWN_BOTH, .released = true,
		      .linger_0 = true);
	assert_int_equal(cause.sent, SEGMENT_NONE);
	assert_int_equal(cause.keeps, WIRE_NO_STATE);
}

TEST(a_listener_closed_over_a_child_is_told_from_a_disconnect)
{
	struct cause cause = CAUSE(ESTABLISHED, CLOSE, 0, .call = WIRE_CALL_CLOSE);

	assert_int_equal(cause.by, CAUSE_LISTENER);
	assert_int_equal(cause.sent, SEGMENT_RST);
	assert_false(cause.by_owner);
	assert_int_equal(cause.actor.pid, MAKE_CLIENT_PID);
	cause = CAUSE(CLOSE_WAIT, CLOSE, 0, .shutdown = 1, .exiting = true);
	assert_int_equal(cause.by, CAUSE_LISTENER);
	cause = CAUSE(ESTABLISHED, CLOSE, 0, .call = WIRE_CALL_CONNECT);
	assert_int_equal(cause.by, CAUSE_DISCONNECT);
	fixture_check_owner(&cause);
}

/* As in accept(), which another thread has closed the listener under. */
TEST(a_listener_may_go_in_any_call)
{
	struct cause cause = CAUSE(ESTABLISHED, CLOSE, 0, .call = WIRE_CALL_ACCEPT);

	assert_int_equal(cause.by, CAUSE_LISTENER);
	cause = CAUSE(ESTABLISHED, CLOSE, 0, .call = WIRE_CALL_OTHER);
	assert_int_equal(cause.by, CAUSE_LISTENER);
	cause = CAUSE(ESTABLISHED, CLOSE, 0, .call = WIRE_CALL_IO_URING);
	assert_int_equal(cause.by, CAUSE_LISTENER);
	cause = CAUSE(CLOSE_WAIT, CLOSE, 0, .shutdown = 1, .io_worker = true);
	assert_int_equal(cause.by, CAUSE_LISTENER);
}

/* A child that nobody has has no struct socket, and has sent no FIN. */
TEST(what_somebody_had_was_accepted)
{
	struct cause cause =
		CAUSE(FIN_WAIT2, CLOSE, 0, .call = WIRE_CALL_OTHER, .shutdown = SHUTDOWN_SEND);

	assert_int_equal(cause.by, CAUSE_DISCONNECT);
	cause = CAUSE(ESTABLISHED, CLOSE, 0, .call = WIRE_CALL_ACCEPT, .released = true);
	assert_int_equal(cause.by, CAUSE_DEFERRED);
	cause = CAUSE(ESTABLISHED, CLOSE, 0, .call = WIRE_CALL_OTHER, .kernel = true);
	assert_int_equal(cause.by, CAUSE_KERNEL_SOCKET);
}

/* tcp_abort() of a listener, in sendmsg() to sock_diag. */
TEST(a_listener_destroyed_from_outside_was_not_closed)
{
	struct cause cause = CAUSE(LISTEN, CLOSE, 0, .call = WIRE_CALL_SEND);

	assert_int_equal(cause.by, CAUSE_ABORT);
	assert_false(cause.by_owner);
}

/* --- codes ----------------------------------------------------------------------------------------- */

TEST(each_cause_has_a_code_of_its_own)
{
	for (int i = 0; i < CAUSE_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(cause_code((enum cause_by)i),
						cause_code((enum cause_by)j));
	for (int i = 0; i < WHY_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(cause_why_code((enum reset_why)i),
						cause_why_code((enum reset_why)j));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(close_and_shutdown_are_told_apart_by_the_descriptor),
		cmocka_unit_test(a_shutdown_after_the_peers_FIN_does_not_tell_of_what),
		cmocka_unit_test(a_worker_of_io_uring_is_no_deferred_close),
		cmocka_unit_test(a_socket_of_the_kernels_own_is_nobodys),
		cmocka_unit_test(a_32_bit_call_is_said_to_be_one),
		cmocka_unit_test(a_timeout_says_which_one_and_how_often),
		cmocka_unit_test(an_ICMP_error_of_long_ago_spoils_no_clean_close),
		cmocka_unit_test(an_abort_says_why),
		cmocka_unit_test(exit_with_unread_data_says_both),
		cmocka_unit_test(unread_data_aborts_after_a_half_close_as_well),
		cmocka_unit_test(a_listener_closed_over_a_child_is_told_from_a_disconnect),
		cmocka_unit_test(a_listener_may_go_in_any_call),
		cmocka_unit_test(what_somebody_had_was_accepted),
		cmocka_unit_test(a_listener_destroyed_from_outside_was_not_closed),
		cmocka_unit_test(each_cause_has_a_code_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
