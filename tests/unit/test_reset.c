// SPDX-License-Identifier: GPL-2.0-only
/* What a RST that goes out tells of the edge that it belongs to, and what waits for it. */
#include "fixture.h"

#include <errno.h>

#define WAITED_US 20000

static int start_resets(void **fixture)
{
	int err = fixture_start_minis(fixture);

	watch_hooks(w, WIRE_HOOK_TIMEWAIT | WIRE_HOOK_SEGMENTS | WIRE_HOOK_RESETS);
	return err;
}

static void reset(const struct make_end *end, enum wire_reset_reason reason, bool answers,
		  uint64_t us)
{
	struct event event = make_reset(end, reason, answers, us);

	watch_event(w, &event);
}

static void stray(const struct make_end *end, enum wire_reset_reason reason, uint64_t us)
{
	struct event event = make_stray(end, reason, us);

	watch_event(w, &event);
}

/* The client's FIN_WAIT1 ends by ECONNRESET: a RST came, or data did. */
static void undecided_end(uint64_t us)
{
	GO(w, &client, CLOSE, SYN_SENT, us, .no_local_port = true);
	GO(w, &client, SYN_SENT, ESTABLISHED, us + 1);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, us + 2, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT1, CLOSE, us + 3, .shutdown = SHUTDOWN_BOTH, .err = ECONNRESET);
}

static const struct cause *cause_of_end(void)
{
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	assert_int_equal(watch_last(w)->change.kind, CHANGE_ENDED);
	return &w->seen[w->count - 2].change.cause;
}

TEST(a_RST_that_answers_was_for_data_after_close)
{
	undecided_end(0);
	assert_int_equal(watch_count(w, CHANGE_MOVED), 3);
	reset(&client, WIRE_RESET_NONE, true, 4);
	assert_int_equal(cause_of_end()->by, CAUSE_DATA);
	assert_int_equal(cause_of_end()->sent, SEGMENT_RST);
	assert_int_equal(fixture_verdict().how, HOW_RESET);
	assert_int_equal(fixture_verdict().reset_by, SIDE_CLIENT);
	assert_int_equal(fixture_verdict().cause.by, CAUSE_DATA);
	assert_int_equal(fixture_verdict().ends[SIDE_CLIENT], END_RST_SENT);
}

TEST(without_a_RST_of_ours_one_came)
{
	undecided_end(0);
	watch_advance(w, WAITED_US);
	assert_int_equal(cause_of_end()->by, CAUSE_PEER);
	assert_int_equal(cause_of_end()->came, SEGMENT_RST);
	assert_int_equal(fixture_verdict().reset_by, SIDE_SERVER);
	assert_int_equal(fixture_verdict().ends[SIDE_CLIENT], END_RST_RECEIVED);
}

TEST(the_end_of_the_trace_waits_for_no_RST)
{
	undecided_end(0);
	tracker_finish(&w->tracker, AT(5));
	assert_int_equal(cause_of_end()->came, SEGMENT_RST);
}

TEST(where_records_were_lost_it_stays_undecided)
{
	undecided_end(0);
	tracker_lost(&w->tracker, 1, AT(5));
	watch_advance(w, WAITED_US);
	assert_int_equal(cause_of_end()->by, CAUSE_RESET);
	assert_int_equal(fixture_verdict().ends[SIDE_CLIENT], END_RST);
}

TEST(where_RSTs_are_not_seen_nothing_waits)
{
	watch_hooks(w, 0);
	undecided_end(0);
	assert_int_equal(cause_of_end()->by, CAUSE_RESET);
}

TEST(what_is_decided_does_not_wait)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, CLOSE, 10, .shutdown = SHUTDOWN_BOTH, .unread = 99);
	GO(w, &client, ESTABLISHED, CLOSE, 11, .err = ECONNRESET);
	assert_int_equal(fixture_verdict().how, HOW_RESET);
	assert_int_equal(fixture_verdict().cause.why, WHY_UNREAD);
	assert_int_equal(fixture_verdict().cause.unread, 99);
}

/* The other end's changes wait as well, so that they stay in order. */
TEST(all_of_the_connection_waits_in_order)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT1, CLOSE, 11, .shutdown = SHUTDOWN_BOTH, .err = ECONNRESET);
	GO(w, &server, ESTABLISHED, CLOSE, 12, .err = ECONNRESET);
	assert_int_equal(watch_count(w, CHANGE_MOVED), 5);
	reset(&client, WIRE_RESET_DATA, true, 13);
	assert_int_equal(watch_count(w, CHANGE_MOVED), 7);
	assert_int_equal(watch_find(w, CHANGE_MOVED, 5)->change.cause.by, CAUSE_DATA);
	assert_int_equal(watch_find(w, CHANGE_MOVED, 6)->change.end->side, SIDE_SERVER);
	assert_int_equal(fixture_verdict().reset_by, SIDE_CLIENT);
}

/* Whose RST it was, the other end says. */
TEST(the_peers_own_RST_decides_at_once)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, ESTABLISHED, CLOSE, 11, .shutdown = SHUTDOWN_BOTH, .linger_0 = true);
	GO(w, &client, FIN_WAIT1, CLOSE, 12, .shutdown = SHUTDOWN_BOTH, .err = ECONNRESET);
	assert_int_equal(fixture_verdict().reset_by, SIDE_SERVER);
	assert_int_equal(fixture_verdict().cause.why, WHY_LINGER);
}

/* tcp_rcv_state_process() leaves no error where the ACK of the FIN carries the data. */
TEST(data_with_the_ACK_of_the_FIN_is_no_minisock_that_was_not_made)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &server, FIN_WAIT1, FIN_WAIT2, 12, .orphan = true);
	GO(w, &server, FIN_WAIT2, CLOSE, 13, .orphan = true, .fin_time_ms = 60000);
	reset(&server, WIRE_RESET_DATA, true, 14);
	assert_int_equal(watch_last(w)->change.cause.by, CAUSE_DATA);
	GO(w, &client, CLOSE_WAIT, CLOSE, 15, .err = EPIPE);
	assert_int_equal(fixture_verdict().reset_by, SIDE_SERVER);
	assert_int_equal(fixture_verdict().cause.by, CAUSE_DATA);
}

TEST(without_a_RST_no_minisock_was_made)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, FIN_WAIT1, FIN_WAIT2, 12, .orphan = true);
	GO(w, &server, FIN_WAIT2, CLOSE, 13, .orphan = true, .fin_time_ms = 60000);
	watch_advance(w, WAITED_US);
	assert_int_equal(watch_last(w)->change.cause.by, CAUSE_REFUSED);
}

TEST(an_abort_that_the_socket_does_not_explain_is_explained_by_the_RST)
{
	static const struct {
		enum wire_reset_reason reason;
		enum reset_why why;
	} reasons[] = {
		{WIRE_RESET_UNREAD, WHY_UNREAD}, {WIRE_RESET_LINGER, WHY_LINGER2},
		{WIRE_RESET_MEMORY, WHY_MEMORY}, {WIRE_RESET_STATE, WHY_NONE},
		{WIRE_RESET_NONE, WHY_NONE},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		struct make_end end = make_client(0x1000 * (i + 1), (uint16_t)(6000 + i));

		GO(w, &end, CLOSE, SYN_SENT, 10 * i, .no_local_port = true);
		GO(w, &end, SYN_SENT, ESTABLISHED, 10 * i + 1);
		GO(w, &end, ESTABLISHED, CLOSE, 10 * i + 2, .shutdown = SHUTDOWN_BOTH,
		   .released = true, .call = WIRE_CALL_CLOSE);
		assert_int_equal(watch_count(w, CHANGE_ENDED), i);
		reset(&end, reasons[i].reason, false, 10 * i + 3);
		assert_int_equal(watch_count(w, CHANGE_ENDED), i + 1);
		assert_int_equal(watch_last(w)->verdict.cause.why, reasons[i].why);
		assert_int_equal(watch_last(w)->verdict.cause.by, CAUSE_CLOSE);
	}
}

TEST(a_RST_of_another_life_decides_nothing)
{
	struct make_end other = client;

	undecided_end(0);
	other.cookie++;
	reset(&other, WIRE_RESET_DATA, true, 4);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 0);
	other.sk = 0x999;
	reset(&other, WIRE_RESET_DATA, true, 4);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 0);
	watch_advance(w, WAITED_US);
	assert_int_equal(cause_of_end()->by, CAUSE_PEER);
}

/* --- RSTs before the edge -------------------------------------------------------------------------- */

TEST(a_RST_before_a_timeout_was_sent_by_it)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	GO(w, &client, SYN_SENT, ESTABLISHED, 1);
	reset(&client, WIRE_RESET_KEEPALIVE, false, 9);
	GO(w, &client, ESTABLISHED, CLOSE, 10, .err = ETIMEDOUT);
	assert_int_equal(cause_of_end()->by, CAUSE_TIMEOUT);
	assert_int_equal(cause_of_end()->sent, SEGMENT_RST);
}

TEST(a_RST_of_long_ago_was_not)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	GO(w, &client, SYN_SENT, ESTABLISHED, 1);
	reset(&client, WIRE_RESET_KEEPALIVE, false, 9);
	GO(w, &client, ESTABLISHED, CLOSE, 5000, .err = ETIMEDOUT);
	assert_int_equal(cause_of_end()->sent, SEGMENT_NONE);
}

TEST(a_refusal_says_that_nobody_listens)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	stray(&client, WIRE_RESET_NO_SOCKET, 1);
	GO(w, &client, SYN_SENT, CLOSE, 2, .err = ECONNREFUSED);
	assert_int_equal(fixture_verdict().how, HOW_REFUSED);
	assert_int_equal(fixture_verdict().cause.why, WHY_NO_SOCKET);
	assert_int_equal(fixture_verdict().ends[SIDE_CLIENT], END_REFUSED);
}

TEST(a_RST_for_another_pair_of_addresses_says_nothing)
{
	struct make_end other = make_client(0x77, 5001);

	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	stray(&other, WIRE_RESET_NO_SOCKET, 1);
	GO(w, &client, SYN_SENT, CLOSE, 2, .err = ECONNREFUSED);
	assert_int_equal(fixture_verdict().cause.why, WHY_NONE);
}

static enum reset_why why_refused_by_netns(uint32_t netns)
{
	struct event event = make_stray(&client, WIRE_RESET_NO_SOCKET, 1);

	event.reset.netns = netns;
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	watch_event(w, &event);
	GO(w, &client, SYN_SENT, CLOSE, 2, .err = ECONNREFUSED);
	return fixture_verdict().cause.why;
}

TEST(a_RST_of_another_namespace_may_come_from_another_address)
{
	client.remote.addr.bytes[15]++;
	assert_int_equal(why_refused_by_netns(MAKE_NETNS + 1), WHY_NO_SOCKET);
}

TEST(a_RST_in_another_namespace_to_its_own_address_says_nothing)
{
	client.remote.addr = client.local.addr;
	assert_int_equal(why_refused_by_netns(MAKE_NETNS + 1), WHY_NONE);
}

static void open_and_be_reset_by_a_listener(uint64_t us)
{
	struct event event = make_stray(&client, WIRE_RESET_INVALID, us + 2);

	event.reset.sk = 0x777;
	event.reset.state = WIRE_LISTEN;
	GO(w, &client, CLOSE, SYN_SENT, us, .no_local_port = true);
	GO(w, &client, SYN_SENT, ESTABLISHED, us + 1);
	watch_event(w, &event);
	GO(w, &client, ESTABLISHED, CLOSE, us + 3, .err = ECONNRESET);
}

TEST(a_listeners_RST_is_for_no_invalid_segment)
{
	open_and_be_reset_by_a_listener(0);
	assert_int_equal(fixture_verdict().cause.why, WHY_LISTENER);
}

TEST(a_listeners_RST_with_a_full_queue_is_an_overflow)
{
	struct make_end listener = make_listener(0x777, client.remote);
	struct event event = {.type = WIRE_OVERFLOW,
			      .program = WIRE_BY_OVERFLOW,
			      .ktime_ns = AT(1)};

	GO(w, &listener, CLOSE, LISTEN, 0);
	event.overflow.sk = listener.sk;
	event.overflow.times = 1;
	watch_event(w, &event);
	open_and_be_reset_by_a_listener(10);
	assert_int_equal(watch_last(w)->verdict.cause.why, WHY_QUEUE_FULL);
}

TEST(a_late_FIN_is_answered_by_nobody)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	GO(w, &client, SYN_SENT, ESTABLISHED, 1);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 2, .shutdown = SHUTDOWN_BOTH);
	stray(&client, WIRE_RESET_NO_SOCKET, 3);
	GO(w, &client, FIN_WAIT1, CLOSE, 4, .shutdown = SHUTDOWN_BOTH, .err = ECONNRESET);
	assert_int_equal(cause_of_end()->by, CAUSE_PEER);
	assert_int_equal(cause_of_end()->why, WHY_NO_SOCKET);
}

TEST(a_full_table_gives_up_what_waits_with_all_that_is_held)
{
	const struct seen *ended;

	undecided_end(0);
	for (unsigned int i = 0; i < 70; i++) {
		struct make_end end = make_client(0x10000 + 0x1000 * i, (uint16_t)(7000 + i));

		GO(w, &end, CLOSE, SYN_SENT, 100 + i, .no_local_port = true);
		GO(w, &end, SYN_SENT, ESTABLISHED, 100 + i);
	}
	ended = watch_find(w, CHANGE_ENDED, 0);
	assert_non_null(ended);
	assert_int_equal(ended->verdict.how, HOW_RESET);
	assert_int_equal(ended[-1].change.from, WIRE_FIN_WAIT1);
}

/* An abort answers nothing. */
TEST(a_RST_of_its_own_accord_was_not_for_data)
{
	undecided_end(0);
	reset(&client, WIRE_RESET_STATE, false, 4);
	assert_int_equal(cause_of_end()->by, CAUSE_RESET);
}

TEST(what_waits_takes_no_longer_for_it)
{
	undecided_end(0);
	watch_advance(w, WAITED_US);
	assert_int_equal(watch_last(w)->change.ktime_ns, AT(3));
	assert_int_equal(fixture_verdict().lifetime_ns, 3 * US);
}

TEST(what_waits_is_not_lost_where_there_is_no_room_for_it)
{
	enum {
		MANY = 200
	};

	fixture_restart(256);
	watch_hooks(w, WIRE_HOOK_TIMEWAIT | WIRE_HOOK_SEGMENTS | WIRE_HOOK_RESETS);
	for (unsigned int i = 0; i < MANY; i++) {
		client = make_client(0x1000 * (i + 1), (uint16_t)(6000 + i));
		undecided_end(10 * i);
	}
	watch_advance(w, WAITED_US);
	assert_int_equal(watch_count(w, CHANGE_ENDED), MANY);
	assert_int_equal(watch_count(w, CHANGE_MOVED), 4 * MANY);
}

#define RESET_TEST_OF(name) cmocka_unit_test_setup_teardown(name, start_resets, fixture_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RESET_TEST_OF(a_RST_that_answers_was_for_data_after_close),
		RESET_TEST_OF(without_a_RST_of_ours_one_came),
		RESET_TEST_OF(the_end_of_the_trace_waits_for_no_RST),
		RESET_TEST_OF(where_records_were_lost_it_stays_undecided),
		RESET_TEST_OF(where_RSTs_are_not_seen_nothing_waits),
		RESET_TEST_OF(what_is_decided_does_not_wait),
		RESET_TEST_OF(all_of_the_connection_waits_in_order),
		RESET_TEST_OF(the_peers_own_RST_decides_at_once),
		RESET_TEST_OF(data_with_the_ACK_of_the_FIN_is_no_minisock_that_was_not_made),
		RESET_TEST_OF(without_a_RST_no_minisock_was_made),
		RESET_TEST_OF(an_abort_that_the_socket_does_not_explain_is_explained_by_the_RST),
		RESET_TEST_OF(a_RST_of_another_life_decides_nothing),
		RESET_TEST_OF(a_RST_before_a_timeout_was_sent_by_it),
		RESET_TEST_OF(a_RST_of_long_ago_was_not),
		RESET_TEST_OF(a_refusal_says_that_nobody_listens),
		RESET_TEST_OF(a_RST_for_another_pair_of_addresses_says_nothing),
		RESET_TEST_OF(a_RST_of_another_namespace_may_come_from_another_address),
		RESET_TEST_OF(a_RST_in_another_namespace_to_its_own_address_says_nothing),
		RESET_TEST_OF(a_listeners_RST_is_for_no_invalid_segment),
		RESET_TEST_OF(a_listeners_RST_with_a_full_queue_is_an_overflow),
		RESET_TEST_OF(a_late_FIN_is_answered_by_nobody),
		RESET_TEST_OF(a_RST_of_its_own_accord_was_not_for_data),
		RESET_TEST_OF(what_waits_takes_no_longer_for_it),
		RESET_TEST_OF(what_waits_is_not_lost_where_there_is_no_room_for_it),
		RESET_TEST_OF(a_full_table_gives_up_what_waits_with_all_that_is_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
