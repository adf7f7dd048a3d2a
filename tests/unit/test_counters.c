// SPDX-License-Identifier: GPL-2.0-only
#include "watch.h"

#include "counters.h"

#define CPUS 2

/* Stands for the one of source/ring.c: what its counters say, and nothing to read. */
struct ring {
	struct wire_counters counters[CPUS];
};

unsigned int ring_cpus(const struct ring *ring)
{
	(void)ring;
	return CPUS;
}

const volatile struct wire_counters *ring_counters(const struct ring *ring, unsigned int cpu)
{
	return &ring->counters[cpu];
}

void ring_drain(struct ring *ring)
{
	(void)ring;
}

static struct ring ring;
static struct flow flow;
static struct watch *watch;
static struct counters counters;

static int start(void **fixture)
{
	struct flow_sink sink = {.deliver = watch_deliver};

	(void)fixture;
	ring = (struct ring){0};
	sink.ctx = watch = watch_create(1);
	assert_int_equal(counters_init(&counters, &ring), 0);
	return flow_init(&flow, 64, &watch->filter, &sink);
}

static int stop(void **fixture)
{
	(void)fixture;
	flow_fini(&flow);
	counters_fini(&counters);
	watch_destroy(watch);
	return 0;
}

/* One more was attempted on CPU. */
static void attempt(unsigned int cpu)
{
	ring.counters[cpu].attempts[WIRE_BY_TRACE]++;
}

static void come(unsigned int cpu, uint64_t seq)
{
	struct event event = {.program = WIRE_BY_TRACE, .cpu = cpu, .seq = seq};

	loss_note(&flow.loss, &event);
}

TEST(what_was_attempted_since_is_not_waited_for_and_not_lost)
{
	attempt(0);
	counters_take(&counters, &ring);
	attempt(0);
	assert_false(counters_all_came(&counters, &flow));
	come(0, 0);
	assert_true(counters_all_came(&counters, &flow));
	counters_settle(&counters, &flow);
	assert_int_equal(flow.loss.total, 0);
}

TEST(what_came_of_another_CPU_since_does_not_stand_for_it)
{
	attempt(1);
	counters_take(&counters, &ring);
	attempt(0);
	come(0, 0);
	assert_false(counters_all_came(&counters, &flow));
	counters_settle(&counters, &flow);
	assert_int_equal(flow.loss.total, 1);
}

TEST(what_was_dropped_is_not_waited_for)
{
	attempt(0);
	ring.counters[0].dropped = 1;
	counters_take(&counters, &ring);
	assert_true(counters_all_came(&counters, &flow));
	counters_settle(&counters, &flow);
	assert_int_equal(flow.loss.total, 1);
	assert_int_equal(flow.dropped, 1);
}

TEST(what_others_saw_and_lost_before_does_not_count)
{
	for (int i = 0; i < 3; i++)
		attempt(0);
	ring.counters[0].dropped = 2;
	counters_begin(&counters, &flow, &ring);
	attempt(0);
	counters_take(&counters, &ring);
	assert_false(counters_all_came(&counters, &flow));
	come(0, 3);
	assert_true(counters_all_came(&counters, &flow));
	counters_settle(&counters, &flow);
	assert_int_equal(flow.loss.total, 0);
	assert_int_equal(flow.dropped, 0);
}

#define COUNTERS_TEST_OF(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		COUNTERS_TEST_OF(what_was_attempted_since_is_not_waited_for_and_not_lost),
		COUNTERS_TEST_OF(what_came_of_another_CPU_since_does_not_stand_for_it),
		COUNTERS_TEST_OF(what_was_dropped_is_not_waited_for),
		COUNTERS_TEST_OF(what_others_saw_and_lost_before_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
