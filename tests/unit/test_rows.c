// SPDX-License-Identifier: GPL-2.0-only
/* Which segments changes are drawn as, and which of them are one row. */
#include "drawn.h"

#include <errno.h>
#include <string.h>

TEST(a_handshake_is_three_arrows)
{
	drawn_open(0);
	rows_finish(rows);
	assert_int_equal(drawn_count, 3);
	CHECK(0, SYN, CLIENT, SYN_SENT, NO_STATE);
	CHECK(1, SYN_ACK, SERVER, ESTABLISHED, NO_STATE);
	CHECK(2, ACK, CLIENT, NO_STATE, ESTABLISHED);
	assert_int_equal(drawn_row(0)->ktime_ns, AT(0));
	assert_int_equal(drawn_row(2)->ktime_ns, AT(2));
}

TEST(the_child_passes_through_SYN_RECV)
{
	drawn_open(0);
	rows_finish(rows);
	assert_int_equal(drawn_row(2)->cells[SIDE_SERVER].through, WIRE_SYN_RECV);
	assert_int_equal(drawn_row(1)->cells[SIDE_CLIENT].through, WIRE_NO_STATE);
}

TEST(a_FIN_and_what_it_makes_of_the_other_end_are_one_row)
{
	drawn_begin_open();
	ROW(&server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	ROW(&client, ESTABLISHED, CLOSE_WAIT, 11);
	rows_finish(rows);
	assert_int_equal(drawn_count, 1);
	CHECK(0, FIN, SERVER, CLOSE_WAIT, FIN_WAIT1);
	assert_int_equal(drawn_row(0)->ktime_ns, AT(10));
	assert_false(drawn_row(0)->with_ack);
	assert_non_null(strstr(drawn_row(0)->note, "closed by server[200]"));
}

TEST(a_whole_close_is_two_FINs_and_two_ACKs)
{
	struct event events[MAKE_CLOSE_EVENTS];

	drawn_begin_open();
	make_close(events, &client, &server, 10);
	drawn_events(events, MAKE_CLOSE_EVENTS);
	rows_finish(rows);
	assert_int_equal(drawn_count, 5);
	CHECK(0, FIN, CLIENT, FIN_WAIT1, CLOSE_WAIT);
	CHECK(1, ACK, SERVER, FIN_WAIT2, NO_STATE);
	CHECK(2, FIN, SERVER, TIME_WAIT, LAST_ACK);
	CHECK(3, ACK, CLIENT, NO_STATE, CLOSE);
	assert_int_equal(drawn_row(4)->kind, ROW_VERDICT);
	assert_true(drawn_row(2)->cells[SIDE_CLIENT].inferred);
	assert_false(drawn_row(2)->cells[SIDE_SERVER].inferred);
	assert_false(drawn_row(2)->with_ack);
}

/* What the kernel keeps of an orphan is said beside the step that made it one: no row of its own. */
TEST(an_orphan_is_a_note)
{
	drawn_begin_open();
	ROW(&server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	ROW(&client, ESTABLISHED, CLOSE_WAIT, 11);
	ROW(&server, FIN_WAIT1, FIN_WAIT2, 12, .nobody = true);
	ROW(&server, FIN_WAIT2, CLOSE, 13, .nobody = true, .orphan = true, .fin_time_ms = 3000);
	rows_finish(rows);
	assert_int_equal(drawn_count, 2);
	CHECK(1, ACK, CLIENT, NO_STATE, FIN_WAIT2);
	assert_int_equal(drawn_row(1)->cells[SIDE_SERVER].through, WIRE_NO_STATE);
	assert_int_equal(drawn_row(1)->cells[SIDE_SERVER].ktime_ns, AT(12));
	assert_string_equal(drawn_row(1)->note, "orphan: up to 3 s for the peer's FIN");
}

TEST(an_orphan_whose_step_is_drawn_already_has_a_row_without_an_arrow)
{
	drawn_begin_open();
	ROW(&server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	ROW(&server, FIN_WAIT1, FIN_WAIT2, 12, .nobody = true);
	ROW(&server, FIN_WAIT2, CLOSE, 3000000, .nobody = true, .orphan = true,
	    .fin_time_ms = 60000);
	rows_finish(rows);
	assert_int_equal(drawn_count, 3);
	CHECK(2, NONE, SERVER, NO_STATE, FIN_WAIT2);
	assert_non_null(strstr(drawn_row(2)->note, "orphan"));
}

/* Orderly; the client closes before it acknowledges. */
static void close_server_first(void)
{
	ROW(&server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	ROW(&client, ESTABLISHED, CLOSE_WAIT, 11);
	ROW(&client, CLOSE_WAIT, LAST_ACK, 12, .shutdown = SHUTDOWN_BOTH);
	ROW(&server, FIN_WAIT1, FIN_WAIT2, 13, .nobody = true);
	ROW(&server, FIN_WAIT2, CLOSE, 14, .nobody = true, .peer_fin = true, .orphan = true);
	ROW(&client, LAST_ACK, CLOSE, 15, .shutdown = SHUTDOWN_BOTH);
	rows_finish(rows);
}

TEST(a_FIN_that_carries_the_ACK_is_one_row)
{
	drawn_begin_open();
	close_server_first();
	assert_int_equal(drawn_count, 4);
	CHECK(0, FIN, SERVER, CLOSE_WAIT, FIN_WAIT1);
	CHECK(1, FIN, CLIENT, LAST_ACK, TIME_WAIT);
	assert_true(drawn_row(1)->with_ack);
	assert_int_equal(drawn_row(1)->cells[SIDE_SERVER].through, WIRE_FIN_WAIT2);
	assert_non_null(strstr(drawn_row(1)->note, "TIME_WAIT 60 s"));
	CHECK(2, ACK, SERVER, CLOSE, NO_STATE);
	assert_int_equal(drawn_row(3)->kind, ROW_VERDICT);
}

TEST(FINs_that_cross_are_two_arrows)
{
	drawn_begin_open();
	ROW(&client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	ROW(&server, ESTABLISHED, FIN_WAIT1, 11, .shutdown = SHUTDOWN_BOTH);
	ROW(&client, FIN_WAIT1, CLOSING, 12);
	ROW(&server, FIN_WAIT1, CLOSING, 13);
	ROW(&client, CLOSING, CLOSE, 14);
	ROW(&server, CLOSING, CLOSE, 15);
	rows_finish(rows);
	assert_int_equal(drawn_count, 5);
	CHECK(0, FIN, CLIENT, FIN_WAIT1, CLOSING);
	CHECK(1, FIN, SERVER, CLOSING, FIN_WAIT1);
	CHECK(2, ACK, SERVER, TIME_WAIT, NO_STATE);
	CHECK(3, ACK, CLIENT, NO_STATE, TIME_WAIT);
}

TEST(a_finding_is_a_row_of_its_own_behind_the_verdict)
{
	tracker.findings.off = false;
	drawn_begin_open();
	close_server_first();
	assert_int_equal(drawn_count, 5);
	assert_int_equal(drawn_row(3)->kind, ROW_VERDICT);
	assert_int_equal(drawn_row(4)->kind, ROW_FINDING);
	assert_int_equal(drawn_row(4)->finding->code, FINDING_TIME_WAIT_SERVER);
}

TEST(an_abort_and_the_reset_end_are_one_row)
{
	drawn_begin_open();
	ROW(&client, ESTABLISHED, CLOSE, 10, .shutdown = SHUTDOWN_BOTH);
	ROW(&server, ESTABLISHED, CLOSE, 11, .err = ECONNRESET);
	rows_finish(rows);
	assert_int_equal(drawn_count, 2);
	CHECK(0, RST, CLIENT, CLOSE, CLOSE);
	assert_non_null(strstr(drawn_row(0)->note, "aborted by client[100]"));
	assert_int_equal(drawn_row(1)->kind, ROW_VERDICT);
}

/* tcp_abort() sends its RST before it sets the state, so on one host the peer's edge comes first. */
TEST(a_RST_that_was_seen_to_come_before_it_was_seen_to_go_is_one_row)
{
	drawn_begin_open();
	ROW(&server, ESTABLISHED, CLOSE, 10, .err = ECONNRESET);
	ROW(&client, ESTABLISHED, CLOSE, 11, .err = ECONNABORTED);
	rows_finish(rows);
	assert_int_equal(drawn_count, 2);
	CHECK(0, RST, CLIENT, CLOSE, CLOSE);
}

TEST(a_refusal_is_a_SYN_and_a_RST)
{
	ROW(&client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	ROW(&client, SYN_SENT, CLOSE, 1, .err = ECONNREFUSED);
	rows_finish(rows);
	assert_int_equal(drawn_count, 3);
	CHECK(0, SYN, CLIENT, SYN_SENT, NO_STATE);
	CHECK(1, RST, SERVER, CLOSE, NO_STATE);
}

TEST(a_simultaneous_open_is_two_SYNs_and_their_answers)
{
	ROW(&client, CLOSE, SYN_SENT, 0);
	ROW(&server, CLOSE, SYN_SENT, 1);
	ROW(&client, SYN_SENT, SYN_RECV, 2);
	ROW(&server, SYN_SENT, SYN_RECV, 3);
	rows_finish(rows);
	assert_int_equal(drawn_segments(SEGMENT_SYN_ACK), 2);
	assert_int_equal(drawn_segments(SEGMENT_SYN), 2);
	CHECK(0, SYN, CLIENT, SYN_SENT, SYN_RECV);
}

TEST(what_happens_without_a_segment_has_no_arrow)
{
	struct make_end listener = make_listener(0x700, make_at("0.0.0.0", 80));

	ROW(&listener, CLOSE, LISTEN, 0);
	ROW(&listener, LISTEN, CLOSE, 10, .shutdown = SHUTDOWN_BOTH);
	rows_finish(rows);
	assert_int_equal(drawn_count, 2);
	CHECK(0, NONE, SERVER, NO_STATE, LISTEN);
	CHECK(1, NONE, SERVER, NO_STATE, CLOSE);
	assert_true(drawn[0].heading.listener);
	assert_true(drawn[0].heading.present[SIDE_SERVER]);
	assert_false(drawn[0].heading.present[SIDE_CLIENT]);
}

/* An ACK is not put at the head of an arrow that it does not belong to. */
TEST(an_arrow_is_taken_once)
{
	drawn_begin_open();
	ROW(&client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	ROW(&server, ESTABLISHED, CLOSE_WAIT, 11);
	ROW(&client, FIN_WAIT1, FIN_WAIT2, 12, .nobody = true);
	ROW(&server, CLOSE_WAIT, LAST_ACK, 13, .shutdown = SHUTDOWN_BOTH);
	ROW(&client, FIN_WAIT2, CLOSE, 14, .nobody = true, .peer_fin = true);
	ROW(&server, LAST_ACK, CLOSE, 15, .shutdown = SHUTDOWN_BOTH);
	rows_finish(rows);
	assert_int_equal(drawn_count, 5);
	CHECK(1, ACK, SERVER, FIN_WAIT2, NO_STATE);
	CHECK(2, FIN, SERVER, TIME_WAIT, LAST_ACK);
	assert_false(drawn_row(2)->with_ack);
	CHECK(3, ACK, CLIENT, NO_STATE, CLOSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROWS_TEST_OF(a_handshake_is_three_arrows),
		ROWS_TEST_OF(the_child_passes_through_SYN_RECV),
		ROWS_TEST_OF(a_FIN_and_what_it_makes_of_the_other_end_are_one_row),
		ROWS_TEST_OF(a_whole_close_is_two_FINs_and_two_ACKs),
		ROWS_TEST_OF(an_orphan_is_a_note),
		ROWS_TEST_OF(an_orphan_whose_step_is_drawn_already_has_a_row_without_an_arrow),
		ROWS_TEST_OF(a_FIN_that_carries_the_ACK_is_one_row),
		ROWS_TEST_OF(FINs_that_cross_are_two_arrows),
		ROWS_TEST_OF(a_finding_is_a_row_of_its_own_behind_the_verdict),
		ROWS_TEST_OF(an_abort_and_the_reset_end_are_one_row),
		ROWS_TEST_OF(a_RST_that_was_seen_to_come_before_it_was_seen_to_go_is_one_row),
		ROWS_TEST_OF(a_refusal_is_a_SYN_and_a_RST),
		ROWS_TEST_OF(a_simultaneous_open_is_two_SYNs_and_their_answers),
		ROWS_TEST_OF(what_happens_without_a_segment_has_no_arrow),
		ROWS_TEST_OF(an_arrow_is_taken_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
