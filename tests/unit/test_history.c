// SPDX-License-Identifier: GPL-2.0-only
/* What is kept of connections for who draws them later, and what gives way when there is no room. */
#include "fixture.h"

#include <string.h>

#include "render/history.h"

#define ROOM 4

static const struct style style = {.columns = 100};
static struct filter filter;
static struct tracker tracker;
static struct history *history;
static unsigned int drawn, forgotten;
static uint64_t last_drawn_ns;

static void deliver(void *ctx, const struct change *change)
{
	struct sink *sink = ctx;

	sink->change(sink, change);
}

static int start(void **fixture)
{
	(void)fixture;
	fixture_make_ends();
	drawn = forgotten = 0;
	last_drawn_ns = 0;
	history = history_create(&style, ROOM);
	if (!history || tracker_init(&tracker, 64, &filter, deliver, history_sink(history)))
		return -1;
	tracker.findings.off = true;
	return 0;
}

static int stop(void **fixture)
{
	(void)fixture;
	tracker_fini(&tracker);
	history_destroy(history);
	return 0;
}

static void feed(const struct event *events, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		history_sink(history)->tick(history_sink(history), events[i].ktime_ns);
		tracker_event(&tracker, &events[i]);
	}
}

static void open_number(unsigned int number, uint64_t us)
{
	struct make_end client_end = make_client(0x1000 * (number + 1), (uint16_t)(5000 + number));
	struct make_end server_end = make_peer(&client_end, 0x1000 * (number + 1) + 0x800);
	struct event events[MAKE_OPEN_EVENTS];

	make_open(events, &client_end, &server_end, us);
	feed(events, MAKE_OPEN_EVENTS);
}

static void close_first(uint64_t us)
{
	struct event events[MAKE_CLOSE_EVENTS];

	make_close(events, &client, &server, us);
	feed(events, MAKE_CLOSE_EVENTS);
}

static void open_first(void)
{
	struct event events[MAKE_OPEN_EVENTS];

	make_open(events, &client, &server, 0);
	feed(events, MAKE_OPEN_EVENTS);
}

static void finish(void)
{
	history_sink(history)->finish(history_sink(history));
}

static void draw(void *ctx, const struct row *row, const struct heading *heading)
{
	assert_int_equal(heading->conn_id, *(uint64_t *)ctx);
	assert_true(row->ktime_ns >= last_drawn_ns);
	last_drawn_ns = row->ktime_ns;
	drawn++;
}

static void forget(void *ctx, struct history_conn *conn)
{
	assert_ptr_equal(ctx, &forgotten);
	assert_int_equal(history_find(history, conn->heading.conn_id), conn);
	forgotten++;
}

TEST(rows_come_out_as_they_went_in)
{
	uint64_t id = 1;

	open_first();
	close_first(10);
	finish();
	assert_int_equal(history_count(history), 1);
	history_draw(history_find(history, id), draw, &id);
	assert_int_equal(drawn, 3 + 5); /* the handshake, two FINs, two ACKs, the verdict */
	assert_null(history_find(history, 2));
}

TEST(where_each_end_stands_is_known_before_its_row_is)
{
	struct history_conn *conn;

	open_first();
	conn = history_newest(history, false);
	assert_int_equal(conn->ends[SIDE_CLIENT].state, WIRE_ESTABLISHED);
	assert_int_equal(conn->ends[SIDE_CLIENT].since_ns, AT(1));
	assert_int_equal(conn->ends[SIDE_SERVER].state, WIRE_ESTABLISHED);
	assert_true(conn->heading.present[SIDE_SERVER]);
	assert_false(conn->over);
	assert_null(history_newest(history, true));
	close_first(10);
	assert_ptr_equal(history_newest(history, true), conn);
	assert_null(history_newest(history, false));
}

/* Connections are known by their clients' ports here; numbers go to whatever is heard first of one. */
static uint16_t port_of(const struct history_conn *conn)
{
	return conn ? conn->heading.at[SIDE_CLIENT].port : 0;
}

static bool is_kept(uint16_t port)
{
	for (int over = 0; over < 2; over++)
		for (struct history_conn *conn = history_newest(history, over); conn;
		     conn = conn->older)
			if (port_of(conn) == port)
				return true;
	return false;
}

TEST(what_has_changed_last_comes_first)
{
	open_first();
	open_number(1, 100);
	assert_int_equal(port_of(history_newest(history, false)), 5001);
	feed((struct event[]){make_edge(
		     STEP(&client, ESTABLISHED, FIN_WAIT1, 200, .shutdown = SHUTDOWN_BOTH))},
	     1);
	assert_int_equal(port_of(history_newest(history, false)), client.local.port);
	assert_int_equal(port_of(history_newest(history, false)->older), 5001);
}

TEST(what_is_over_gives_way_before_what_is_quiet)
{
	open_number(1, 0);
	open_number(2, 100);
	open_number(3, 200);
	open_first();
	close_first(400);
	history_on_forget(history, forget, &forgotten);
	open_number(4, 500);
	assert_false(is_kept(client.local.port));
	assert_true(is_kept(5001));
	open_number(5, 600);
	assert_false(is_kept(5001));
	assert_int_equal(history_count(history), ROOM);
	assert_int_equal(history_given_up(history), 2);
	assert_true(forgotten >= 2); /* and what became part of another */
}

TEST(of_very_many_rows_the_middle_is_left_out)
{
	uint64_t id = 1;

	open_first();
	for (uint64_t i = 0; i < HISTORY_ROWS; i++)
		feed((struct event[]){make_edge(
			     STEP(&client, ESTABLISHED, ESTABLISHED, 10000 * (i + 1)))},
		     1);
	finish();
	assert_int_equal(history_find(history, id)->rows, HISTORY_ROWS);
	assert_int_equal(history_find(history, id)->left_out, 3);
	history_draw(history_find(history, id), draw, &id);
	assert_int_equal(drawn, HISTORY_ROWS);
	assert_int_equal(last_drawn_ns, AT(10000 * HISTORY_ROWS));
}

TEST(what_a_part_has_left_out_the_whole_has)
{
	feed((struct event[]){make_edge(STEP(&client, CLOSE, SYN_SENT, 0, .no_local_port = true))},
	     1);
	for (uint64_t i = 0; i < HISTORY_ROWS + 20; i++)
		feed((struct event[]){make_edge(
			     STEP(&server, ESTABLISHED, ESTABLISHED, 10000 * (i + 1)))},
		     1);
	assert_true(history_find(history, 2)->left_out >= 10);
	feed((struct event[]){make_edge(STEP(&client, SYN_SENT, ESTABLISHED, 100000000))}, 1);
	finish();
	assert_null(history_find(history, 2));
	assert_int_equal(history_find(history, 1)->rows, HISTORY_ROWS);
	assert_true(history_find(history, 1)->left_out >= 20);
}

TEST(losses_are_remarks)
{
	open_first();
	tracker_lost(&tracker, 3, AT(50));
	finish();
	assert_string_equal(history_remark(history, 0)->words, "3 events were lost before this");
	assert_null(history_remark(history, 1));
}

#define HISTORY_TEST_OF(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HISTORY_TEST_OF(rows_come_out_as_they_went_in),
		HISTORY_TEST_OF(where_each_end_stands_is_known_before_its_row_is),
		HISTORY_TEST_OF(what_has_changed_last_comes_first),
		HISTORY_TEST_OF(what_is_over_gives_way_before_what_is_quiet),
		HISTORY_TEST_OF(of_very_many_rows_the_middle_is_left_out),
		HISTORY_TEST_OF(what_a_part_has_left_out_the_whole_has),
		HISTORY_TEST_OF(losses_are_remarks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
