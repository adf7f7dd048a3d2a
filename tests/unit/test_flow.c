// SPDX-License-Identifier: GPL-2.0-only
#include "watch.h"

#include <string.h>

#include "core/flow.h"

/* Bytes go in here; what comes out is in `watch`, with ticks counted. */
struct pipe {
	struct flow flow;
	struct watch *watch; /* its tracker is not used */
	unsigned int ticks;
	uint64_t last_tick_ns;
	uint64_t seq[4]; /* of the next record, by CPU */
};

static struct pipe p;
static struct make_end client, server;

static void deliver(void *ctx, const struct change *change)
{
	struct pipe *pipe = ctx;

	/* The sinks were told that it is so late before they see the change of an event. */
	if (change->kind != CHANGE_LOST && change->kind != CHANGE_GONE)
		assert_true(pipe->last_tick_ns >= change->ktime_ns);
	watch_deliver(pipe->watch, change);
}

static void tick(void *ctx, uint64_t now_ns)
{
	struct pipe *pipe = ctx;

	pipe->ticks++;
	if (now_ns > pipe->last_tick_ns)
		pipe->last_tick_ns = now_ns;
}

static int start(void **fixture)
{
	const struct flow_sink sink = {deliver, tick, &p};

	(void)fixture;
	memset(&p, 0, sizeof(p));
	p.watch = watch_create(1);
	client = make_client(0xc00, 5000);
	server = make_peer(&client, 0x500);
	return flow_init(&p.flow, 64, &p.watch->filter, &sink);
}

static int stop(void **fixture)
{
	(void)fixture;
	flow_fini(&p.flow);
	watch_destroy(p.watch);
	return 0;
}

/* EVENT as the record of CPU, with the number that it must have there. */
static void feed_on(uint32_t cpu, struct event event)
{
	struct state_record wire;

	event.cpu = cpu;
	event.seq = p.seq[cpu]++;
	wire = make_record(&event);
	flow_record(&p.flow, &wire, sizeof(wire));
}

static void feed(const struct event *events, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		feed_on(0, events[i]);
}

static void feed_life(uint64_t us)
{
	struct event events[MAKE_OPEN_EVENTS + MAKE_CLOSE_EVENTS];

	make_open(events, &client, &server, us);
	make_close(events + MAKE_OPEN_EVENTS, &client, &server, us + 10);
	feed(events, MAKE_OPEN_EVENTS + MAKE_CLOSE_EVENTS);
}

static void feed_tick(uint64_t ktime_ns)
{
	struct wire_hdr wire = {.size = sizeof(wire), .type = WIRE_TICK, .ktime_ns = ktime_ns};

	flow_record(&p.flow, &wire, sizeof(wire));
}

static void feed_totals(uint64_t lost, uint64_t dropped)
{
	struct wire_totals wire = {
		.hdr = {.size = sizeof(wire), .type = WIRE_TOTALS},
		.lost = lost,
		.dropped = dropped,
	};

	flow_record(&p.flow, &wire, sizeof(wire));
}

TEST(records_become_changes)
{
	feed_life(0);
	flow_finish(&p.flow);
	assert_int_equal(watch_count(p.watch, CHANGE_MOVED), 10);
	assert_int_equal(watch_count(p.watch, CHANGE_ENDED), 1);
	assert_int_equal(watch_count(p.watch, CHANGE_LOST), 0);
	assert_int_equal(p.flow.damaged + p.flow.unknown, 0);
}

TEST(changes_wait_for_the_merges_window)
{
	feed_on(0, make_edge(STEP(&client, CLOSE, SYN_SENT, 0)));
	assert_int_equal(p.watch->count, 0);
	assert_int_equal(flow_due_ns(&p.flow), AT(0) + MERGE_WINDOW_NS);
	flow_advance(&p.flow, AT(0) + MERGE_WINDOW_NS - 1);
	assert_int_equal(p.watch->count, 0);
	flow_advance(&p.flow, AT(0) + MERGE_WINDOW_NS);
	assert_int_equal(p.watch->count, 1);
	assert_true(flow_due_ns(&p.flow) == UINT64_MAX);
}

TEST(later_records_push_earlier_ones_out)
{
	feed_on(0, make_edge(STEP(&client, CLOSE, SYN_SENT, 0)));
	feed_on(0, make_edge(STEP(&client, SYN_SENT, ESTABLISHED, 1000)));
	assert_int_equal(p.watch->count, 1);
}

TEST(records_of_two_CPUs_are_put_in_order)
{
	struct event events[MAKE_OPEN_EVENTS];

	make_open(events, &client, &server, 0);
	feed_on(1, events[2]);
	feed_on(1, events[3]);
	feed_on(0, events[0]);
	feed_on(0, events[1]);
	flow_finish(&p.flow);
	assert_int_equal(watch_count(p.watch, CHANGE_MOVED), 4);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(p.watch->seen[i].change.ktime_ns, AT(i));
	assert_int_equal(watch_count(p.watch, CHANGE_PAIRED), 0);
}

TEST(a_tick_is_a_record_like_others)
{
	feed_on(0, make_edge(STEP(&client, CLOSE, SYN_SENT, 0)));
	feed_tick(AT(1000));
	assert_int_equal(p.watch->count, 1);
	assert_int_equal(p.last_tick_ns, AT(1000));
}

TEST(time_ends_minisocks)
{
	feed_life(0);
	feed_tick(AT(1000));
	assert_int_equal(watch_count(p.watch, CHANGE_GONE), 0);
	assert_int_equal(flow_due_ns(&p.flow), AT(15) + 60 * S + TRACKER_WAIT_SLACK_NS);
	feed_tick(flow_due_ns(&p.flow));
	assert_int_equal(watch_count(p.watch, CHANGE_GONE), 1);
	assert_true(flow_due_ns(&p.flow) == UINT64_MAX);
}

/* Time passes with events as well as with ticks. */
TEST(an_event_long_after_ends_minisocks_first)
{
	struct make_end late = make_client(0xd00, 6000);

	feed_life(0);
	feed_on(0, make_edge(STEP(&late, CLOSE, SYN_SENT, 100000000)));
	flow_finish(&p.flow);
	assert_int_equal(watch_count(p.watch, CHANGE_GONE), 1);
	assert_int_equal(p.watch->seen[p.watch->count - 3].change.kind, CHANGE_GONE);
}

TEST(damaged_records_are_counted_and_change_nothing)
{
	struct event event = make_edge(STEP(&client, CLOSE, SYN_SENT, 0));
	struct state_record wire = make_record(&event);

	flow_record(&p.flow, &wire, sizeof(wire) - 1);
	wire.state.from = 13;
	flow_record(&p.flow, &wire, sizeof(wire));
	flow_record(&p.flow, "", 0);
	assert_int_equal(p.flow.damaged, 3);
	assert_int_equal(p.flow.unknown, 0);
	flow_finish(&p.flow);
	assert_int_equal(p.watch->count, 0);
	assert_int_equal(loss_came(&p.flow.loss, 0), 0);
}

TEST(unknown_records_are_counted_apart)
{
	struct wire_hdr wire = {.size = sizeof(wire), .type = 99};

	flow_record(&p.flow, &wire, sizeof(wire));
	assert_int_equal(p.flow.damaged, 0);
	assert_int_equal(p.flow.unknown, 1);
}

TEST(a_gap_is_told_with_the_next_record_and_makes_open_connections_uncertain)
{
	struct event events[MAKE_CLOSE_EVENTS];

	make_open(events, &client, &server, 0);
	feed(events, MAKE_OPEN_EVENTS);
	feed_tick(AT(1000));
	p.seq[0] += 3;
	make_close(events, &client, &server, 2000);
	feed(events, 2);
	assert_int_equal(watch_count(p.watch, CHANGE_LOST), 1);
	assert_int_equal(watch_find(p.watch, CHANGE_LOST, 0)->change.lost, 3);
	feed(events + 2, MAKE_CLOSE_EVENTS - 2);
	flow_finish(&p.flow);
	assert_int_equal(p.flow.loss.total, 3);
	assert_true(watch_find(p.watch, CHANGE_ENDED, 0)->conn.uncertain);
}

TEST(what_is_missing_at_the_end_is_told_before_the_last_verdicts)
{
	struct event events[MAKE_OPEN_EVENTS];

	make_open(events, &client, &server, 0);
	feed(events, MAKE_OPEN_EVENTS);
	flow_settle(&p.flow, 0, WIRE_BY_TRACE, 4);
	flow_settle(&p.flow, 1, WIRE_BY_TRACE, 0);
	assert_int_equal(watch_count(p.watch, CHANGE_LOST), 0);
	flow_settle(&p.flow, 0, WIRE_BY_TRACE, 6);
	flow_finish(&p.flow);
	assert_int_equal(watch_count(p.watch, CHANGE_LOST), 1);
	assert_int_equal(watch_last(p.watch)->change.kind, CHANGE_ENDED);
	assert_true(watch_last(p.watch)->conn.uncertain);
}

TEST(recorded_totals_tell_what_the_numbers_could_not)
{
	feed_life(0);
	feed_totals(5, 2);
	assert_int_equal(watch_count(p.watch, CHANGE_LOST), 1);
	assert_int_equal(watch_find(p.watch, CHANGE_LOST, 0)->change.lost, 5);
	assert_int_equal(p.flow.loss.total, 5);
	assert_int_equal(p.flow.dropped, 2);
}

TEST(recorded_totals_do_not_count_twice)
{
	struct event events[MAKE_OPEN_EVENTS];

	make_open(events, &client, &server, 0);
	p.seq[0] = 3;
	feed(events, MAKE_OPEN_EVENTS);
	assert_int_equal(p.flow.loss.total, 3);
	feed_totals(3, 3);
	feed_totals(2, 2);
	assert_int_equal(watch_count(p.watch, CHANGE_LOST), 1);
	feed_totals(4, 4);
	assert_int_equal(watch_count(p.watch, CHANGE_LOST), 2);
	assert_int_equal(watch_find(p.watch, CHANGE_LOST, 1)->change.lost, 1);
}

/* More than the merge holds, all within its window: the oldest go out early, and none is lost. */
TEST(more_records_than_can_wait_go_out_early)
{
	struct make_end end = make_client(0xc00, 5000);

	p.watch->filter.ipv6_only = true; /* not shown, so that no room is needed for them */
	for (unsigned int i = 0; i < 70000; i++)
		feed_on(0, make_edge(STEP(&end, FIN_WAIT2, FIN_WAIT2, 0)));
	assert_int_equal(p.flow.tracker.edges, 70000 - 65536);
	flow_finish(&p.flow);
	assert_int_equal(p.flow.tracker.edges, 70000);
	assert_int_equal(p.flow.merge.late, 0);
}

/* The same records give the same changes, whenever time is told in between. */
TEST(ticks_in_between_do_not_change_what_comes_out)
{
	struct event events[MAKE_OPEN_EVENTS + MAKE_CLOSE_EVENTS];

	make_open(events, &client, &server, 0);
	make_close(events + MAKE_OPEN_EVENTS, &client, &server, 10);
	for (unsigned int i = 0; i < MAKE_OPEN_EVENTS + MAKE_CLOSE_EVENTS; i++) {
		feed_on(0, events[i]);
		feed_tick(events[i].ktime_ns + i * 50 * US);
	}
	flow_finish(&p.flow);
	assert_int_equal(watch_count(p.watch, CHANGE_MOVED), 10);
	assert_int_equal(watch_count(p.watch, CHANGE_ENDED), 1);
	assert_int_equal(watch_find(p.watch, CHANGE_ENDED, 0)->verdict.how, HOW_FIN_BOTH);
}

/* A recording may hold any time. */
TEST(the_end_of_time_does_no_harm)
{
	struct event event = make_edge(STEP(&client, FIN_WAIT2, CLOSE, 0, .peer_fin = true));

	event.ktime_ns = UINT64_MAX;
	feed_on(0, event);
	event.edge.sk++;
	event.ktime_ns = UINT64_MAX - 60 * S - TRACKER_WAIT_SLACK_NS;
	feed_on(0, event);
	feed_tick(UINT64_MAX);
	feed_tick(0);
	flow_finish(&p.flow);
	assert_int_equal(watch_count(p.watch, CHANGE_ENDED), 2);
}

#define TEST_OF(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(records_become_changes),
		TEST_OF(changes_wait_for_the_merges_window),
		TEST_OF(later_records_push_earlier_ones_out),
		TEST_OF(records_of_two_CPUs_are_put_in_order),
		TEST_OF(a_tick_is_a_record_like_others),
		TEST_OF(time_ends_minisocks),
		TEST_OF(an_event_long_after_ends_minisocks_first),
		TEST_OF(damaged_records_are_counted_and_change_nothing),
		TEST_OF(unknown_records_are_counted_apart),
		TEST_OF(a_gap_is_told_with_the_next_record_and_makes_open_connections_uncertain),
		TEST_OF(what_is_missing_at_the_end_is_told_before_the_last_verdicts),
		TEST_OF(recorded_totals_tell_what_the_numbers_could_not),
		TEST_OF(recorded_totals_do_not_count_twice),
		TEST_OF(more_records_than_can_wait_go_out_early),
		TEST_OF(ticks_in_between_do_not_change_what_comes_out),
		TEST_OF(the_end_of_time_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
