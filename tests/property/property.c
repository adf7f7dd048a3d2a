// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sequences of events that no kernel makes, and those of kernels that lose, repeat and swap: whatever
 * comes, some things hold. SEED in the environment gives another seed than the fixed one.
 */
#include "../unit/make.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/flow.h"
#include "../unit/sound.h"
#include "judge.h"
#include "random.h"
#include "width.h"

#define CAPACITY  32
#define SEQUENCES 150
#define EVENTS	  3000

static void no_tick(void *ctx, uint64_t now_ns)
{
	(void)ctx;
	(void)now_ns;
}

static void set_filter(struct filter *filter)
{
	const char *word;
	int len;

	*filter = (struct filter){0};
	filter->command_only = random_one_in(4);
	if (random_one_in(3))
		port_set_add(&filter->local, "80,5001", &word, &len);
	if (random_one_in(4))
		filter->states = (uint32_t)random_draw(8192);
	if (random_one_in(4))
		filter->pids[filter->pid_count++] = 101;
}

/* Returns the digest of all changes. */
static uint64_t run_tracker(void)
{
	uint64_t ret;
	static struct filter filter;
	struct tracker tracker;
	unsigned int seen = 0;
	struct judge *judge = judge_create();

	set_filter(&filter);
	assert_int_equal(tracker_init(&tracker, CAPACITY, &filter, judge_change, judge), 0);
	tracker_follow(&tracker, 101);
	for (uint64_t us = 1, n = 0; n < EVENTS; n++) {
		struct event event = random_event(us);

		judge->now_ns = event.ktime_ns;
		tracker_event(&tracker, &event);
		if (random_one_in(40))
			tracker_lost(&tracker, 1, event.ktime_ns);
		us += random_one_in(30) ? random_draw(30000000) : random_draw(50);
		judge->now_ns = AT(us);
		tracker_advance(&tracker, AT(us));
		assert_true(tracker_due_ns(&tracker) > AT(us));
		sound_tracker(&tracker);
		seen += !filter.states && judge_gauges(judge, &tracker);
	}
	assert_true(filter.states || seen > EVENTS / 10);
	tracker_finish(&tracker, judge->now_ns); /* nothing is put away any more */
	judge_finish(judge);
	ret = judge->digest;
	tracker_fini(&tracker);
	judge_destroy(judge);
	return ret;
}

TEST(whatever_events_come_the_tracker_agrees_with_itself)
{
	for (int i = 0; i < SEQUENCES; i++)
		run_tracker();
}

/* Lives that overlap, through the whole core, with records that are lost, repeated and swapped. */
static void run_flow(void)
{
	static struct event events[EVENTS];
	struct judge *judge = judge_create();
	const struct flow_sink sink = {judge_change, no_tick, judge};
	static struct filter filter;
	struct flow flow;
	unsigned int count = 0;

	set_filter(&filter);
	assert_int_equal(flow_init(&flow, CAPACITY, &filter, &sink), 0);
	for (uint64_t us = 1; count + 10 <= EVENTS; us += random_draw(400))
		count += random_life(events + count, us);
	for (unsigned int i = 0; i + 1 < count;
	     i++) { /* swap neighbours, and neighbours of those */
		unsigned int k = i + 1 + (unsigned int)random_draw(20);

		if (k < count && random_one_in(2)) {
			struct event swapped = events[i];

			events[i] = events[k];
			events[k] = swapped;
		}
	}
	for (unsigned int i = 0; i < count; i++) {
		struct state_record wire;

		events[i].seq = i;
		wire = make_record(&events[i]);
		if (events[i].ktime_ns > judge->now_ns)
			judge->now_ns = events[i].ktime_ns;
		if (!random_one_in(20))
			flow_record(&flow, &wire, sizeof(wire));
		wire.state.hdr.program = WIRE_BY_WITNESS;
		if (random_one_in(20))
			flow_record(&flow, &wire, sizeof(wire));
		sound_tracker(&flow.tracker);
	}
	flow_finish(&flow);
	sound_tracker(&flow.tracker);
	assert_int_equal(flow.damaged, 0);
	flow_fini(&flow);
	judge_destroy(judge);
}

TEST(the_same_events_give_the_same_changes)
{
	for (uint64_t seed = 0; seed < 10; seed++) {
		uint64_t first = random_draw(UINT64_MAX), digest;

		random_begin(first);
		digest = run_tracker();
		random_begin(first);
		assert_true(run_tracker() == digest);
	}
}

static void draw_change(void *ctx, const struct change *change)
{
	width_change(ctx, change);
}

/* The ladders of a random tracker, at a random width. */
static void run_ladder(void)
{
	static const struct filter filter;
	struct style style = width_style();
	struct width *width = width_create(&style);
	struct tracker tracker;
	uint64_t us = 1;

	assert_int_equal(tracker_init(&tracker, CAPACITY, &filter, draw_change, width), 0);
	for (int n = 0; n < 1000; n++, us += random_draw(100000)) {
		struct event event = random_event(us);

		random_rename(&event);
		width_tick(width, AT(us));
		tracker_event(&tracker, &event);
	}
	tracker_finish(&tracker, AT(us));
	width_destroy(width);
	tracker_fini(&tracker);
}

TEST(whatever_events_come_no_line_of_a_ladder_is_too_wide)
{
	for (int i = 0; i < SEQUENCES; i++)
		run_ladder();
}

TEST(whatever_is_lost_repeated_or_swapped_the_core_agrees_with_itself)
{
	for (int i = 0; i < SEQUENCES; i++)
		run_flow();
}

/* Bytes that are no recording at all, or one with a few bytes changed. */
TEST(whatever_bytes_come_the_core_survives)
{
	struct judge *judge = judge_create();
	const struct flow_sink sink = {judge_change, no_tick, judge};
	static struct filter filter;
	struct flow flow;

	filter =
		(struct filter){.ipv6_only = true}; /* the times are wild: only survival is asked */
	assert_int_equal(flow_init(&flow, CAPACITY, &filter, &sink), 0);
	for (unsigned int n = 0; n < 100000; n++) {
		struct event event = random_edge(n);
		struct state_record wire = make_record(&event);
		uint8_t bytes[sizeof(wire) + 8] = {0};
		size_t size = random_one_in(10) ? random_draw(sizeof(bytes)) : sizeof(wire);

		memcpy(bytes, &wire, sizeof(wire));
		for (uint64_t k = random_draw(4); k > 0; k--)
			bytes[random_draw(sizeof(wire))] = (uint8_t)random_draw(256);
		memset(bytes + offsetof(struct wire_state, local_addr), 0, 10); /* stays IPv4 */
		memset(bytes + offsetof(struct wire_state, remote_addr), 0, 10);
		memset(bytes + offsetof(struct wire_state, remote_addr) + 10, 0xff, 2);
		flow_record(&flow, bytes, size);
	}
	flow_finish(&flow);
	sound_tracker(&flow.tracker);
	flow_fini(&flow);
	judge_destroy(judge);
}

static int choose_seed(void **fixture)
{
	const char *text = getenv("SEED");
	uint64_t seed;

	(void)fixture;
	seed = text ? strtoull(text, NULL, 0) : 5;
	random_begin(seed);
	print_message("SEED=%" PRIu64 "\n", seed);
	return 0;
}

#define TEST_OF(name) cmocka_unit_test_setup(name, choose_seed)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(whatever_events_come_the_tracker_agrees_with_itself),
		TEST_OF(the_same_events_give_the_same_changes),
		TEST_OF(whatever_events_come_no_line_of_a_ladder_is_too_wide),
		TEST_OF(whatever_is_lost_repeated_or_swapped_the_core_agrees_with_itself),
		TEST_OF(whatever_bytes_come_the_core_survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
