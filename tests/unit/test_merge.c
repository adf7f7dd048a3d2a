// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include "core/merge.h"

#define CAPACITY 16

/* Each test has one, and pushes edges whose seq says in which order. */
struct order {
	struct merge merge;
	uint64_t pushed;
};

static void start(struct order *order)
{
	*order = (struct order){0};
	assert_int_equal(merge_init(&order->merge, CAPACITY), 0);
}

static void push(struct order *order, uint64_t sk, uint64_t us)
{
	struct make_end end = make_client(sk, 5000);
	struct event event = make_edge(STEP(&end, CLOSE, SYN_SENT, us));

	event.seq = order->pushed++;
	merge_push(&order->merge, &event);
}

/* Pops the oldest, whatever the time, and checks which it is. */
static void expect(struct order *order, uint64_t seq)
{
	const struct event *event = merge_pop(&order->merge, 0, true);

	assert_non_null(event);
	assert_int_equal(event->seq, seq);
}

static void finish(struct order *order)
{
	assert_null(merge_pop(&order->merge, UINT64_MAX, true));
	merge_fini(&order->merge);
}

TEST(an_empty_merge_gives_nothing)
{
	struct order o;

	start(&o);
	assert_true(merge_due_ns(&o.merge) == UINT64_MAX);
	assert_false(merge_is_full(&o.merge));
	finish(&o);
}

TEST(inversions_between_sockets_are_put_right)
{
	struct order o;

	start(&o);
	push(&o, 1, 30);
	push(&o, 2, 10);
	push(&o, 3, 20);
	push(&o, 4, 5);
	expect(&o, 3);
	expect(&o, 1);
	expect(&o, 2);
	expect(&o, 0);
	assert_int_equal(o.merge.late, 0);
	finish(&o);
}

TEST(events_of_one_time_come_out_as_they_came_in)
{
	struct order o;

	start(&o);
	push(&o, 1, 10);
	push(&o, 2, 10);
	push(&o, 3, 10);
	push(&o, 4, 9);
	push(&o, 5, 9);
	expect(&o, 3);
	expect(&o, 4);
	expect(&o, 0);
	expect(&o, 1);
	expect(&o, 2);
	finish(&o);
}

/* They are made under the socket's lock, so the order in which they come is the true one. */
TEST(events_of_one_socket_never_swap)
{
	struct order o;

	start(&o);
	push(&o, 1, 30);
	push(&o, 1, 20);
	push(&o, 1, 10);
	expect(&o, 0);
	expect(&o, 1);
	expect(&o, 2);
	finish(&o);
}

TEST(others_pass_a_socket_up_to_its_own)
{
	struct order o;

	start(&o);
	push(&o, 1, 10);
	push(&o, 2, 40);
	push(&o, 1, 30);
	push(&o, 2, 20);
	expect(&o, 0);
	expect(&o, 2);
	expect(&o, 1);
	expect(&o, 3);
	finish(&o);
}

TEST(processes_are_sorted_by_time_alone)
{
	struct event fork = make_process(WIRE_FORK, 1, 2, 10);
	struct order o;

	start(&o);
	push(&o, 0, 20);
	fork.seq = o.pushed++;
	merge_push(&o.merge, &fork);
	push(&o, 1, 5);
	expect(&o, 2);
	expect(&o, 1);
	expect(&o, 0);
	finish(&o);
}

TEST(an_event_is_held_for_the_window_and_no_longer)
{
	struct order o;

	start(&o);
	push(&o, 1, 100);
	assert_int_equal(merge_due_ns(&o.merge), AT(100) + MERGE_WINDOW_NS);
	assert_null(merge_pop(&o.merge, AT(100) + MERGE_WINDOW_NS - 1, false));
	assert_int_equal(merge_pop(&o.merge, AT(100) + MERGE_WINDOW_NS, false)->ktime_ns, AT(100));
	finish(&o);
}

TEST(the_oldest_says_when_it_is_due)
{
	struct order o;

	start(&o);
	push(&o, 1, 100);
	push(&o, 2, 50);
	push(&o, 3, 150);
	assert_int_equal(merge_due_ns(&o.merge), AT(50) + MERGE_WINDOW_NS);
	assert_int_equal(merge_pop(&o.merge, AT(100) + MERGE_WINDOW_NS, false)->seq, 1);
	assert_int_equal(merge_pop(&o.merge, AT(100) + MERGE_WINDOW_NS, false)->seq, 0);
	assert_null(merge_pop(&o.merge, AT(100) + MERGE_WINDOW_NS, false));
	expect(&o, 2);
	finish(&o);
}

TEST(an_event_older_than_one_given_out_is_late_and_next)
{
	struct order o;

	start(&o);
	push(&o, 1, 100);
	expect(&o, 0);
	push(&o, 2, 120);
	push(&o, 3, 50);
	expect(&o, 2);
	assert_int_equal(o.merge.late, 1);
	expect(&o, 1);
	assert_int_equal(o.merge.late, 1);
	finish(&o);
}

/* The late one does not set the clock back: what follows in order is not late. */
TEST(only_late_events_are_counted)
{
	struct order o;

	start(&o);
	push(&o, 1, 100);
	expect(&o, 0);
	push(&o, 2, 100);
	expect(&o, 1);
	assert_int_equal(o.merge.late, 0);
	push(&o, 3, 50);
	expect(&o, 2);
	push(&o, 4, 70);
	expect(&o, 3);
	assert_int_equal(o.merge.late, 2);
	push(&o, 5, 100);
	expect(&o, 4);
	assert_int_equal(o.merge.late, 2);
	finish(&o);
}

TEST(a_full_merge_gives_its_oldest_early)
{
	struct order o;

	start(&o);
	for (uint64_t i = 0; i < CAPACITY; i++) {
		assert_false(merge_is_full(&o.merge));
		push(&o, i, 100 - i);
	}
	assert_true(merge_is_full(&o.merge));
	assert_null(merge_pop(&o.merge, 0, false));
	expect(&o, CAPACITY - 1);
	assert_false(merge_is_full(&o.merge));
	for (uint64_t i = CAPACITY - 1; i > 0; i--)
		expect(&o, i - 1);
	finish(&o);
}

/* Round and round the ring, with neighbours swapped. */
TEST(nothing_is_lost_where_the_ring_wraps)
{
	struct order o;

	start(&o);
	push(&o, 1, 0);
	for (uint64_t i = 1; i < 100; i++) {
		push(&o, 2 * i, 10 * i + 1);
		push(&o, 2 * i + 1, 10 * i);
		expect(&o, i == 1 ? 0 : 2 * i - 3);
		expect(&o, 2 * i);
	}
	expect(&o, 2 * 99 - 1);
	assert_int_equal(o.merge.late, 0);
	finish(&o);
}

/* A recording may hold any time: near the end of time nothing must hang or be lost. */
TEST(the_end_of_time_is_only_a_time)
{
	struct make_end end = make_client(1, 5000);
	struct event event = make_edge(STEP(&end, CLOSE, SYN_SENT, 1));
	struct order o;

	start(&o);
	event.ktime_ns = UINT64_MAX;
	merge_push(&o.merge, &event);
	assert_non_null(merge_pop(&o.merge, UINT64_MAX, false));
	finish(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_merge_gives_nothing),
		cmocka_unit_test(inversions_between_sockets_are_put_right),
		cmocka_unit_test(events_of_one_time_come_out_as_they_came_in),
		cmocka_unit_test(events_of_one_socket_never_swap),
		cmocka_unit_test(others_pass_a_socket_up_to_its_own),
		cmocka_unit_test(processes_are_sorted_by_time_alone),
		cmocka_unit_test(an_event_is_held_for_the_window_and_no_longer),
		cmocka_unit_test(the_oldest_says_when_it_is_due),
		cmocka_unit_test(an_event_older_than_one_given_out_is_late_and_next),
		cmocka_unit_test(only_late_events_are_counted),
		cmocka_unit_test(a_full_merge_gives_its_oldest_early),
		cmocka_unit_test(nothing_is_lost_where_the_ring_wraps),
		cmocka_unit_test(the_end_of_time_is_only_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
