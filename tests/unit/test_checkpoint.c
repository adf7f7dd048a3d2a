// SPDX-License-Identifier: GPL-2.0-only
#include "watch.h"

#include "core/checkpoint.h"

/* A flow that has seen a run from its beginning, and one that begins with the checkpoint. */
static struct flow flow, later;
static struct watch *watch, *watch_later;
static struct make_end client, server, listener;
static uint64_t seq;

static void no_tick(void *ctx, uint64_t now_ns)
{
	(void)ctx;
	(void)now_ns;
}

static int start(void **fixture)
{
	struct flow_sink sink = {watch_deliver, no_tick, NULL};

	(void)fixture;
	seq = 0;
	listener = make_listener(0x70, make_at("127.0.0.1", 80));
	client = make_client(0xc00, 5000);
	server = make_peer(&client, 0x500);
	sink.ctx = watch = watch_create(1);
	assert_int_equal(flow_init(&flow, 64, &watch->filter, &sink), 0);
	sink.ctx = watch_later = watch_create(1);
	return flow_init(&later, 64, &watch_later->filter, &sink);
}

static int stop(void **fixture)
{
	(void)fixture;
	flow_fini(&flow);
	flow_fini(&later);
	watch_destroy(watch);
	watch_destroy(watch_later);
	return 0;
}

static void feed(struct flow *into, struct event event)
{
	event.program = WIRE_BY_TRACE;
	event.seq = seq++;
	flow_event(into, &event);
	flow_advance(into, event.ktime_ns + S);
}

static void open_connection(void)
{
	struct event events[MAKE_OPEN_EVENTS];

	feed(&flow, make_edge(STEP(&listener, CLOSE, LISTEN, 1)));
	make_open(events, &client, &server, 10);
	for (int i = 0; i < MAKE_OPEN_EVENTS; i++)
		feed(&flow, events[i]);
	feed(&flow, make_owner(&server, WIRE_OWNER_READ, 777, "worker", 20));
}

static void take(void *ctx, const void *record, size_t size)
{
	flow_record(ctx, record, size);
}

static const struct endpoint *end_of(const struct flow *of, const struct make_end *end)
{
	const struct endpoint *found = table_at(&of->tracker.table, end->sk);

	assert_non_null(found);
	return found;
}

TEST(what_is_open_stays_with_its_owner)
{
	open_connection();
	checkpoint_take(&flow, AT(10000000), take, &later);
	assert_int_equal(later.damaged + later.unknown, 0);
	assert_int_equal(end_of(&later, &client)->state, WIRE_ESTABLISHED);
	assert_int_equal(end_of(&later, &client)->owner.pid, MAKE_CLIENT_PID);
	assert_int_equal(end_of(&later, &server)->owner.pid, 777);
	assert_string_equal(end_of(&later, &server)->owner.comm, "worker");
	assert_int_equal(end_of(&later, &listener)->state, WIRE_LISTEN);
	assert_ptr_equal(conn_peer(end_of(&later, &server)), end_of(&later, &client));
	assert_int_equal(end_of(&later, &server)->side, SIDE_SERVER);
}

TEST(what_was_before_is_not_lost_and_what_is_lost_behind_is)
{
	struct event close = make_edge(STEP(&client, ESTABLISHED, FIN_WAIT1, 11000000));

	open_connection();
	checkpoint_take(&flow, AT(10000000), take, &later);
	feed(&later, close);
	assert_int_equal(later.loss.total, 0);
	seq += 3;
	feed(&later, make_edge(STEP(&client, FIN_WAIT1, FIN_WAIT2, 12000000)));
	feed(&later, make_edge(STEP(&server, CLOSE_WAIT, LAST_ACK, 13000000)));
	assert_int_equal(later.loss.total, 3);
}

TEST(names_and_limits_come_along)
{
	struct event name = {.type = WIRE_CGROUP, .name = {.id = 5, .text = "/some.slice"}};
	struct event limits = {.type = WIRE_LIMITS,
			       .ktime_ns = AT(1),
			       .limits = {.netns = MAKE_NETNS,
					  .port_first = 40000,
					  .port_last = 40999}};

	flow_event(&flow, &name);
	feed(&flow, limits);
	checkpoint_take(&flow, AT(10000000), take, &later);
	assert_string_equal(names_find(&later.tracker.names.cgroups, 5), "/some.slice");
	assert_int_equal(limits_find(&later.tracker.findings.limits, MAKE_NETNS)->port_first,
			 40000);
}

TEST(the_command_is_followed_on)
{
	tracker_follow(&flow.tracker, 100);
	feed(&flow, make_process(WIRE_FORK, 100, 101, 1));
	feed(&flow, make_process(WIRE_EXIT, 100, 0, 2));
	tracker_follow(&later.tracker, 100);
	checkpoint_take(&flow, AT(10000000), take, &later);
	assert_true(pids_has(&later.tracker.command_pids, 101));
}

#define CHECKPOINT_TEST_OF(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHECKPOINT_TEST_OF(what_is_open_stays_with_its_owner),
		CHECKPOINT_TEST_OF(what_was_before_is_not_lost_and_what_is_lost_behind_is),
		CHECKPOINT_TEST_OF(names_and_limits_come_along),
		CHECKPOINT_TEST_OF(the_command_is_followed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
