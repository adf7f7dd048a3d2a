// SPDX-License-Identifier: GPL-2.0-only
/* How rows wait for one another, and under which heading each is drawn. */
#include "drawn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* --- waiting --------------------------------------------------------------------------------------- */

TEST(a_row_waits_for_its_other_end_and_no_longer)
{
	drawn_begin_open();
	ROW(&client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(rows_due_ns(rows), AT(10) + ROWS_HOLD_NS);
	rows_tick(rows, AT(10) + ROWS_HOLD_NS - 1);
	assert_int_equal(drawn_count, 0);
	rows_tick(rows, AT(10) + ROWS_HOLD_NS);
	assert_int_equal(drawn_count, 1);
	CHECK(0, FIN, CLIENT, FIN_WAIT1, NO_STATE);
	assert_true(rows_due_ns(rows) == UINT64_MAX);
}

TEST(an_end_that_comes_too_late_has_a_row_of_its_own)
{
	drawn_begin_open();
	ROW(&client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	ROW(&server, ESTABLISHED, CLOSE_WAIT, 10 + ROWS_HOLD_NS / US);
	rows_finish(rows);
	assert_int_equal(drawn_count, 2);
	CHECK(0, FIN, CLIENT, FIN_WAIT1, NO_STATE);
	CHECK(1, FIN, CLIENT, NO_STATE, CLOSE_WAIT);
}

TEST(nothing_waits_at_the_end_of_time)
{
	rows_tick(rows, UINT64_MAX);
	assert_int_equal(drawn_count, 0);
	assert_true(rows_due_ns(rows) == UINT64_MAX);
}

TEST(quiet_time_before_a_row_is_told)
{
	drawn_begin_open();
	ROW(&client, ESTABLISHED, FIN_WAIT1, 4000003, .shutdown = SHUTDOWN_BOTH);
	ROW(&server, ESTABLISHED, CLOSE_WAIT, 4000004);
	rows_finish(rows);
	assert_int_equal(drawn_row(0)->quiet_ns, 4 * S);
}

/* --- several connections --------------------------------------------------------------------------- */

TEST(interleaved_connections_do_not_mix)
{
	struct make_end client2 = make_client(0xd00, 6000), server2 = make_peer(&client2, 0x600);
	struct event first[MAKE_OPEN_EVENTS], second[MAKE_OPEN_EVENTS];

	make_open(first, &client, &server, 0);
	make_open(second, &client2, &server2, 0);
	for (unsigned int i = 0; i < MAKE_OPEN_EVENTS; i++) {
		drawn_events(&first[i], 1);
		drawn_events(&second[i], 1);
	}
	ROW(&client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	ROW(&client2, ESTABLISHED, FIN_WAIT1, 11, .shutdown = SHUTDOWN_BOTH);
	ROW(&server2, ESTABLISHED, CLOSE_WAIT, 12);
	ROW(&server, ESTABLISHED, CLOSE_WAIT, 13);
	rows_finish(rows);
	assert_int_equal(drawn_count, 8);
	CHECK(6, FIN, CLIENT, FIN_WAIT1, CLOSE_WAIT);
	CHECK(7, FIN, CLIENT, FIN_WAIT1, CLOSE_WAIT);
	assert_int_equal(drawn[6].heading.at[SIDE_CLIENT].port, 5000);
	assert_int_equal(drawn[7].heading.at[SIDE_CLIENT].port, 6000);
	for (unsigned int i = 0; i < drawn_count; i++)
		assert_int_equal(drawn[i].heading.conn_id,
				 drawn[i].heading.at[SIDE_CLIENT].port == 5000 ? 1 : 2);
}

TEST(rows_come_in_order_of_time_and_the_verdict_last)
{
	struct event events[MAKE_CLOSE_EVENTS];
	uint64_t last_ns = 0;

	drawn_open(0);
	make_close(events, &client, &server, 10);
	drawn_events(events, MAKE_CLOSE_EVENTS);
	rows_finish(rows);
	for (unsigned int i = 0; i < drawn_count; i++) {
		assert_true(drawn_row(i)->ktime_ns >= last_ns);
		last_ns = drawn_row(i)->ktime_ns;
		assert_int_equal(drawn_row(i)->kind == ROW_VERDICT, i + 1 == drawn_count);
	}
	assert_non_null(strstr(drawn_row(drawn_count - 1)->note, "closed by client first"));
	assert_non_null(strstr(drawn_row(drawn_count - 1)->note, "FIN both ways"));
}

TEST(a_verdict_outlives_its_connection)
{
	ROW(&client, CLOSE, SYN_SENT, 0);
	ROW(&client, SYN_SENT, CLOSE, 1, .err = ETIMEDOUT);
	assert_int_equal(tracker.table.lists[LIST_LIVE].count, 0);
	rows_finish(rows);
	assert_int_equal(drawn_count, 3);
	assert_int_equal(drawn[2].heading.at[SIDE_CLIENT].port, 5000);
	assert_string_equal(drawn_row(2)->note, "timed out: SYN sent 1 time - lasted 1 us");
}

TEST(losses_belong_to_no_connection)
{
	drawn_begin_open();
	tracker_lost(&tracker, 7, AT(20));
	rows_finish(rows);
	assert_int_equal(drawn_count, 1);
	assert_int_equal(drawn_row(0)->kind, ROW_LOST);
	assert_non_null(strstr(drawn_row(0)->note, "7 events"));
}

static struct make_end far_client(unsigned int i)
{
	return make_end(0x100000 + i * 64, make_at("10.0.0.1", (uint16_t)(1000 + i)),
			make_at("10.9.9.9", 80));
}

/* Each row must still stand under its own heading: connection I has port 1000 + I and number I + 1. */
static void check_headings(void)
{
	for (unsigned int i = 0; i < drawn_count; i++)
		assert_int_equal(drawn[i].heading.at[SIDE_CLIENT].port,
				 999 + drawn[i].heading.conn_id);
}

TEST(more_connections_than_scenes_are_drawn_early)
{
	for (unsigned int i = 0; i < 3000; i++) {
		struct make_end end = far_client(i);

		ROW(&end, CLOSE, SYN_SENT, 0);
	}
	assert_in_range(drawn_count, 3000 - 1024,
			3000 - 1000); /* and no more of them than need be */
	rows_finish(rows);
	assert_int_equal(drawn_count, 3000);
	check_headings();
}

/* All that can wait does, and the oldest row is the only one of its connection when that goes on. */
TEST(more_rows_than_can_wait_are_drawn_early_under_their_own_heading)
{
	for (unsigned int i = 0; i < 1000; i++) {
		struct make_end end = far_client(i);

		ROW(&end, CLOSE, SYN_SENT, 0);
	}
	for (unsigned int k = 0; k < 5; k++)
		for (unsigned int i = 1; i < 1000; i++) {
			struct make_end end = far_client(i);

			if (k * 999 + i + 999 == 4096) {
				struct make_end lone = far_client(0);

				ROW(&lone, SYN_SENT, ESTABLISHED, 1);
				ROW(&lone, ESTABLISHED, CLOSE_WAIT, 1);
			}
			ROW(&end, FIN_WAIT2, FIN_WAIT2, 1);
		}
	for (unsigned int i = 1000; i < 1100; i++) {
		struct make_end end = far_client(i);

		ROW(&end, CLOSE, SYN_SENT, 2);
	}
	rows_finish(rows);
	assert_int_equal(drawn_count, 1000 + 5 * 999 + 2 + 100);
	check_headings();
	assert_int_equal(drawn_segments(SEGMENT_SYN), 1100); /* each once */
	assert_int_equal(drawn_segments(SEGMENT_SYN_ACK), 1);
	for (unsigned int i = 0; i < drawn_count; i++)
		if (drawn_row(i)->segment == SEGMENT_SYN_ACK) /* the lone one's: no other has one */
			assert_int_equal(drawn[i].heading.conn_id, 1);
}

static struct event name_of(enum wire_type type, uint64_t id, const char *text)
{
	struct event event = {.type = type, .ktime_ns = AT(0), .name.id = id};

	snprintf(event.name.text, sizeof(event.name.text), "%s", text);
	return event;
}

/* Whoever reads it by the time it is drawn. */
TEST(the_heading_names_who_owns_it_now)
{
	const struct event names[] = {
		name_of(WIRE_CGROUP, 70, "/a"),
		name_of(WIRE_CMDLINE, owner_cmdline_id(300, "worker"), "worker -v"),
	};
	struct event claim = make_owner(&server, WIRE_OWNER_ACCEPT, 300, "worker", 10);

	claim.owner.actor.cgroup = 70;
	drawn_events(names, 2);
	drawn_open(0);
	drawn_events(&claim, 1);
	rows_finish(rows);
	assert_int_equal(drawn_count, 3);
	assert_int_equal(drawn[0].heading.owners[SIDE_SERVER].pid, 300);
	assert_string_equal(drawn[0].heading.cgroups[SIDE_SERVER], "/a");
	assert_string_equal(drawn[0].heading.cmdlines[SIDE_SERVER], "worker -v");
	assert_string_equal(drawn[0].heading.cgroups[SIDE_CLIENT], "");
	assert_string_equal(drawn[0].heading.cmdlines[SIDE_CLIENT], "");
}

TEST(the_two_ends_are_named)
{
	server.netns = 77;
	drawn_open(0);
	rows_finish(rows);
	assert_int_equal(drawn[2].heading.at[SIDE_CLIENT].port, 5000);
	assert_int_equal(drawn[2].heading.at[SIDE_SERVER].port, 80);
	assert_int_equal(drawn[2].heading.netns[SIDE_SERVER], 77);
	assert_int_equal(drawn[2].heading.netns[SIDE_CLIENT], MAKE_NETNS);
	assert_int_equal(drawn[2].heading.owners[SIDE_CLIENT].pid, MAKE_CLIENT_PID);
	assert_true(drawn[2].heading.present[SIDE_CLIENT] && drawn[2].heading.present[SIDE_SERVER]);
	assert_int_equal(drawn[2].heading.start_ns, AT(0));
}

TEST(a_far_end_is_named_by_its_address)
{
	ROW(&client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	rows_finish(rows);
	assert_false(drawn[0].heading.present[SIDE_SERVER]);
	assert_int_equal(drawn[0].heading.at[SIDE_SERVER].port, 80);
	assert_int_equal(drawn[0].heading.at[SIDE_CLIENT].port, 0);
}

TEST(a_jump_is_said)
{
	ROW(&client, CLOSE, SYN_SENT, 0);
	ROW(&client, ESTABLISHED, CLOSE_WAIT, 1);
	rows_finish(rows);
	assert_non_null(strstr(drawn_row(1)->note, "missed"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROWS_TEST_OF(a_row_waits_for_its_other_end_and_no_longer),
		ROWS_TEST_OF(an_end_that_comes_too_late_has_a_row_of_its_own),
		ROWS_TEST_OF(nothing_waits_at_the_end_of_time),
		ROWS_TEST_OF(quiet_time_before_a_row_is_told),
		ROWS_TEST_OF(interleaved_connections_do_not_mix),
		ROWS_TEST_OF(rows_come_in_order_of_time_and_the_verdict_last),
		ROWS_TEST_OF(a_verdict_outlives_its_connection),
		ROWS_TEST_OF(losses_belong_to_no_connection),
		ROWS_TEST_OF(more_connections_than_scenes_are_drawn_early),
		ROWS_TEST_OF(more_rows_than_can_wait_are_drawn_early_under_their_own_heading),
		ROWS_TEST_OF(the_heading_names_who_owns_it_now),
		ROWS_TEST_OF(the_two_ends_are_named),
		ROWS_TEST_OF(a_far_end_is_named_by_its_address),
		ROWS_TEST_OF(a_jump_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
