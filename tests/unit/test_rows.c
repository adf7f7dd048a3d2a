// SPDX-License-Identifier: GPL-2.0-only
/* How changes become the rows of a ladder. Changes come from a tracker, rows go into `drawn`. */
#include "make.h"

#include <errno.h>
#include <string.h>

#include "render/rows.h"
#include "render/style.h"

#define DRAWN_MAX 20000

struct drawn {
	struct row row;
	struct heading heading;
};

static const struct style style = {.columns = 100};
static struct drawn *drawn;
static unsigned int drawn_count;
static struct rows *rows;
static struct tracker tracker;
static struct filter filter;
static struct make_end client, server;

static void draw(void *ctx, const struct row *row, const struct heading *heading)
{
	assert_ptr_equal(ctx, &drawn);
	assert_true(drawn_count < DRAWN_MAX);
	assert_int_equal(heading == NULL, row->kind == ROW_LOST || row->kind == ROW_FINDING);
	drawn[drawn_count].row = *row;
	drawn[drawn_count].heading = heading ? *heading : (struct heading){0};
	drawn_count++;
}

static void deliver(void *ctx, const struct change *change)
{
	rows_change(ctx, change);
}

static int start(void **fixture)
{
	(void)fixture;
	memset(&filter, 0, sizeof(filter));
	drawn = test_calloc(DRAWN_MAX, sizeof(*drawn));
	drawn_count = 0;
	rows = rows_create(&style, draw, &drawn);
	client = make_client(0xc00, 5000);
	server = make_peer(&client, 0x500);
	if (!rows || tracker_init(&tracker, 8192, &filter, deliver, rows))
		return -1;
	tracker.findings.off = true; /* but for the one test that is about them */
	return 0;
}

static int stop(void **fixture)
{
	(void)fixture;
	rows_destroy(rows);
	tracker_fini(&tracker);
	test_free(drawn);
	return 0;
}

static void go(const struct make_step *step)
{
	struct event event = make_edge(step);

	rows_tick(rows, event.ktime_ns);
	tracker_event(&tracker, &event);
}

#define ROW(...) go(STEP(__VA_ARGS__))

static void go_all(const struct event *events, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		rows_tick(rows, events[i].ktime_ns);
		tracker_event(&tracker, &events[i]);
	}
}

static void open_both(uint64_t us)
{
	struct event events[MAKE_OPEN_EVENTS];

	make_open(events, &client, &server, us);
	go_all(events, MAKE_OPEN_EVENTS);
}

/* Both ends are there, and the rows of the handshake are out of the way. */
static void begin_open(void)
{
	open_both(0);
	rows_finish(rows);
	drawn_count = 0;
}

static const struct row *row_at(unsigned int i)
{
	assert_true(i < drawn_count);
	return &drawn[i].row;
}

static unsigned int count_of(enum segment segment)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < drawn_count; i++)
		count += row_at(i)->segment == segment;
	return count;
}

/* An arrow from SENDER with these states at either side, nothing passed through. */
static void check_row(unsigned int i, enum segment segment, enum side sender, uint8_t at_client,
		      uint8_t at_server)
{
	const struct row *row = row_at(i);

	assert_int_equal(row->kind, ROW_STEP);
	assert_int_equal(row->segment, segment);
	if (segment)
		assert_int_equal(row->sender, sender);
	assert_int_equal(row->cells[SIDE_CLIENT].state, at_client);
	assert_int_equal(row->cells[SIDE_SERVER].state, at_server);
}

#define CHECK(i, segment, sender, at_client, at_server)                                            \
	check_row(i, SEGMENT_##segment, SIDE_##sender, WIRE_##at_client, WIRE_##at_server)

/* --- segments -------------------------------------------------------------------------------------- */

TEST(a_handshake_is_three_arrows)
{
	open_both(0);
	rows_finish(rows);
	assert_int_equal(drawn_count, 3);
	CHECK(0, SYN, CLIENT, SYN_SENT, NO_STATE);
	CHECK(1, SYN_ACK, SERVER, ESTABLISHED, NO_STATE);
	CHECK(2, ACK, CLIENT, NO_STATE, ESTABLISHED);
	assert_int_equal(row_at(0)->ktime_ns, AT(0));
	assert_int_equal(row_at(2)->ktime_ns, AT(2));
}

TEST(the_child_passes_through_SYN_RECV)
{
	open_both(0);
	rows_finish(rows);
	assert_int_equal(row_at(2)->cells[SIDE_SERVER].through, WIRE_SYN_RECV);
	assert_int_equal(row_at(1)->cells[SIDE_CLIENT].through, WIRE_NO_STATE);
}

TEST(a_FIN_and_what_it_makes_of_the_other_end_are_one_row)
{
	begin_open();
	ROW(&server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	ROW(&client, ESTABLISHED, CLOSE_WAIT, 11);
	rows_finish(rows);
	assert_int_equal(drawn_count, 1);
	CHECK(0, FIN, SERVER, CLOSE_WAIT, FIN_WAIT1);
	assert_int_equal(row_at(0)->ktime_ns, AT(10));
	assert_false(row_at(0)->with_ack);
	assert_non_null(strstr(row_at(0)->note, "closed by server[200]"));
}

TEST(a_whole_close_is_two_FINs_and_two_ACKs)
{
	struct event events[MAKE_CLOSE_EVENTS];

	begin_open();
	make_close(events, &client, &server, 10);
	go_all(events, MAKE_CLOSE_EVENTS);
	rows_finish(rows);
	assert_int_equal(drawn_count, 5);
	CHECK(0, FIN, CLIENT, FIN_WAIT1, CLOSE_WAIT);
	CHECK(1, ACK, SERVER, FIN_WAIT2, NO_STATE);
	CHECK(2, FIN, SERVER, TIME_WAIT, LAST_ACK);
	CHECK(3, ACK, CLIENT, NO_STATE, CLOSE);
	assert_int_equal(row_at(4)->kind, ROW_VERDICT);
	assert_true(row_at(2)->cells[SIDE_CLIENT].inferred);
	assert_false(row_at(2)->cells[SIDE_SERVER].inferred);
	assert_false(row_at(2)->with_ack);
}

/* What the kernel keeps of an orphan is said beside the step that made it one: no row of its own. */
TEST(an_orphan_is_a_note)
{
	begin_open();
	ROW(&server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	ROW(&client, ESTABLISHED, CLOSE_WAIT, 11);
	ROW(&server, FIN_WAIT1, FIN_WAIT2, 12, .nobody = true);
	ROW(&server, FIN_WAIT2, CLOSE, 13, .nobody = true, .orphan = true, .fin_time_ms = 3000);
	rows_finish(rows);
	assert_int_equal(drawn_count, 2);
	CHECK(1, ACK, CLIENT, NO_STATE, FIN_WAIT2);
	assert_int_equal(row_at(1)->cells[SIDE_SERVER].through, WIRE_NO_STATE);
	assert_string_equal(row_at(1)->note, "orphan: up to 3 s for the peer's FIN");
}

TEST(an_orphan_whose_step_is_drawn_already_has_a_row_without_an_arrow)
{
	begin_open();
	ROW(&server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	ROW(&server, FIN_WAIT1, FIN_WAIT2, 12, .nobody = true);
	ROW(&server, FIN_WAIT2, CLOSE, 3000000, .nobody = true, .orphan = true,
	    .fin_time_ms = 60000);
	rows_finish(rows);
	assert_int_equal(drawn_count, 3);
	CHECK(2, NONE, SERVER, NO_STATE, FIN_WAIT2);
	assert_non_null(strstr(row_at(2)->note, "orphan"));
}

TEST(a_FIN_that_carries_the_ACK_is_one_row)
{
	begin_open();
	ROW(&server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	ROW(&client, ESTABLISHED, CLOSE_WAIT, 11);
	ROW(&client, CLOSE_WAIT, LAST_ACK, 12, .shutdown = SHUTDOWN_BOTH);
	ROW(&server, FIN_WAIT1, FIN_WAIT2, 13, .nobody = true);
	ROW(&server, FIN_WAIT2, CLOSE, 14, .nobody = true, .peer_fin = true, .orphan = true);
	ROW(&client, LAST_ACK, CLOSE, 15, .shutdown = SHUTDOWN_BOTH);
	rows_finish(rows);
	assert_int_equal(drawn_count, 4);
	CHECK(0, FIN, SERVER, CLOSE_WAIT, FIN_WAIT1);
	CHECK(1, FIN, CLIENT, LAST_ACK, TIME_WAIT);
	assert_true(row_at(1)->with_ack);
	assert_int_equal(row_at(1)->cells[SIDE_SERVER].through, WIRE_FIN_WAIT2);
	assert_non_null(strstr(row_at(1)->note, "TIME_WAIT 60 s"));
	CHECK(2, ACK, SERVER, CLOSE, NO_STATE);
	assert_int_equal(row_at(3)->kind, ROW_VERDICT);
}

TEST(FINs_that_cross_are_two_arrows)
{
	begin_open();
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
	begin_open();
	ROW(&server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	ROW(&client, ESTABLISHED, CLOSE_WAIT, 11);
	ROW(&client, CLOSE_WAIT, LAST_ACK, 12, .shutdown = SHUTDOWN_BOTH);
	ROW(&server, FIN_WAIT1, FIN_WAIT2, 13, .nobody = true);
	ROW(&server, FIN_WAIT2, CLOSE, 14, .nobody = true, .peer_fin = true, .orphan = true);
	ROW(&client, LAST_ACK, CLOSE, 15, .shutdown = SHUTDOWN_BOTH);
	rows_finish(rows);
	assert_int_equal(drawn_count, 5);
	assert_int_equal(row_at(3)->kind, ROW_VERDICT);
	assert_int_equal(row_at(4)->kind, ROW_FINDING);
	assert_int_equal(row_at(4)->finding.code, FINDING_TIME_WAIT_SERVER);
}

TEST(an_abort_and_the_reset_end_are_one_row)
{
	begin_open();
	ROW(&client, ESTABLISHED, CLOSE, 10, .shutdown = SHUTDOWN_BOTH);
	ROW(&server, ESTABLISHED, CLOSE, 11, .err = ECONNRESET);
	rows_finish(rows);
	assert_int_equal(drawn_count, 2);
	CHECK(0, RST, CLIENT, CLOSE, CLOSE);
	assert_non_null(strstr(row_at(0)->note, "aborted by client[100]"));
	assert_int_equal(row_at(1)->kind, ROW_VERDICT);
}

/* tcp_abort() sends its RST before it sets the state, so on one host the peer's edge comes first. */
TEST(a_RST_that_was_seen_to_come_before_it_was_seen_to_go_is_one_row)
{
	begin_open();
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
	assert_int_equal(count_of(SEGMENT_SYN_ACK), 2);
	assert_int_equal(count_of(SEGMENT_SYN), 2);
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
	begin_open();
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
	assert_false(row_at(2)->with_ack);
	CHECK(3, ACK, CLIENT, NO_STATE, CLOSE);
}

/* --- waiting --------------------------------------------------------------------------------------- */

TEST(a_row_waits_for_its_other_end_and_no_longer)
{
	begin_open();
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
	begin_open();
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
	begin_open();
	ROW(&client, ESTABLISHED, FIN_WAIT1, 4000003, .shutdown = SHUTDOWN_BOTH);
	ROW(&server, ESTABLISHED, CLOSE_WAIT, 4000004);
	rows_finish(rows);
	assert_int_equal(row_at(0)->quiet_ns, 4 * S);
}

/* --- several connections --------------------------------------------------------------------------- */

TEST(interleaved_connections_do_not_mix)
{
	struct make_end client2 = make_client(0xd00, 6000), server2 = make_peer(&client2, 0x600);
	struct event first[MAKE_OPEN_EVENTS], second[MAKE_OPEN_EVENTS];

	make_open(first, &client, &server, 0);
	make_open(second, &client2, &server2, 0);
	for (unsigned int i = 0; i < MAKE_OPEN_EVENTS; i++) {
		go_all(&first[i], 1);
		go_all(&second[i], 1);
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

	open_both(0);
	make_close(events, &client, &server, 10);
	go_all(events, MAKE_CLOSE_EVENTS);
	rows_finish(rows);
	for (unsigned int i = 0; i < drawn_count; i++) {
		assert_true(row_at(i)->ktime_ns >= last_ns);
		last_ns = row_at(i)->ktime_ns;
		assert_int_equal(row_at(i)->kind == ROW_VERDICT, i + 1 == drawn_count);
	}
	assert_non_null(strstr(row_at(drawn_count - 1)->note, "closed by client first"));
	assert_non_null(strstr(row_at(drawn_count - 1)->note, "FIN both ways"));
}

TEST(a_verdict_outlives_its_connection)
{
	ROW(&client, CLOSE, SYN_SENT, 0);
	ROW(&client, SYN_SENT, CLOSE, 1, .err = ETIMEDOUT);
	assert_int_equal(tracker.table.lists[LIST_LIVE].count, 0);
	rows_finish(rows);
	assert_int_equal(drawn_count, 3);
	assert_int_equal(drawn[2].heading.at[SIDE_CLIENT].port, 5000);
	assert_string_equal(row_at(2)->note, "timed out");
}

TEST(losses_belong_to_no_connection)
{
	begin_open();
	tracker_lost(&tracker, 7, AT(20));
	rows_finish(rows);
	assert_int_equal(drawn_count, 1);
	assert_int_equal(row_at(0)->kind, ROW_LOST);
	assert_non_null(strstr(row_at(0)->note, "7 events"));
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
	assert_int_equal(count_of(SEGMENT_SYN), 1100); /* each once */
	assert_int_equal(count_of(SEGMENT_SYN_ACK), 1);
	for (unsigned int i = 0; i < drawn_count; i++)
		if (row_at(i)->segment == SEGMENT_SYN_ACK) /* the lone one's: no other has one */
			assert_int_equal(drawn[i].heading.conn_id, 1);
}

TEST(the_two_ends_are_named)
{
	server.netns = 77;
	open_both(0);
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
	assert_non_null(strstr(row_at(1)->note, "missed"));
}

#define TEST_OF(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(a_handshake_is_three_arrows),
		TEST_OF(the_child_passes_through_SYN_RECV),
		TEST_OF(a_FIN_and_what_it_makes_of_the_other_end_are_one_row),
		TEST_OF(a_whole_close_is_two_FINs_and_two_ACKs),
		TEST_OF(an_orphan_is_a_note),
		TEST_OF(an_orphan_whose_step_is_drawn_already_has_a_row_without_an_arrow),
		TEST_OF(a_FIN_that_carries_the_ACK_is_one_row),
		TEST_OF(FINs_that_cross_are_two_arrows),
		TEST_OF(a_finding_is_a_row_of_its_own_behind_the_verdict),
		TEST_OF(an_abort_and_the_reset_end_are_one_row),
		TEST_OF(a_RST_that_was_seen_to_come_before_it_was_seen_to_go_is_one_row),
		TEST_OF(a_refusal_is_a_SYN_and_a_RST),
		TEST_OF(a_simultaneous_open_is_two_SYNs_and_their_answers),
		TEST_OF(what_happens_without_a_segment_has_no_arrow),
		TEST_OF(an_arrow_is_taken_once),
		TEST_OF(a_row_waits_for_its_other_end_and_no_longer),
		TEST_OF(an_end_that_comes_too_late_has_a_row_of_its_own),
		TEST_OF(nothing_waits_at_the_end_of_time),
		TEST_OF(quiet_time_before_a_row_is_told),
		TEST_OF(interleaved_connections_do_not_mix),
		TEST_OF(rows_come_in_order_of_time_and_the_verdict_last),
		TEST_OF(a_verdict_outlives_its_connection),
		TEST_OF(losses_belong_to_no_connection),
		TEST_OF(more_connections_than_scenes_are_drawn_early),
		TEST_OF(more_rows_than_can_wait_are_drawn_early_under_their_own_heading),
		TEST_OF(the_two_ends_are_named),
		TEST_OF(a_far_end_is_named_by_its_address),
		TEST_OF(a_jump_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
