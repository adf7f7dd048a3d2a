// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <stdlib.h>

#include "core/due.h"

#define CONNS 200

/* Connections with the time that each should have; UINT64_MAX: it is not in. */
struct expected {
	struct due due;
	struct conn conns[CONNS];
	uint64_t when_ns[CONNS];
};

static struct expected *start(void)
{
	struct expected *e = test_calloc(1, sizeof(*e));

	assert_int_equal(due_init(&e->due), 0);
	for (size_t i = 0; i < CONNS; i++)
		e->when_ns[i] = UINT64_MAX;
	return e;
}

static void finish(struct expected *e)
{
	due_fini(&e->due);
	test_free(e);
}

static void set(struct expected *e, size_t i, uint64_t when_ns)
{
	due_set(&e->due, &e->conns[i], when_ns);
	e->when_ns[i] = when_ns;
}

static void take_out(struct expected *e, size_t i)
{
	due_remove(&e->due, &e->conns[i]);
	e->when_ns[i] = UINT64_MAX;
}

/* The first is one of the earliest, each knows its own place, and none is before its parent. */
static void check(const struct expected *e)
{
	uint64_t earliest_ns = UINT64_MAX, when_ns;
	const struct conn *first = due_first(&e->due, &when_ns);
	uint32_t count = 0;

	for (size_t i = 0; i < CONNS; i++) {
		if (e->when_ns[i] < earliest_ns)
			earliest_ns = e->when_ns[i];
		assert_int_equal(e->conns[i].due_slot != 0, e->when_ns[i] != UINT64_MAX);
		if (e->when_ns[i] == UINT64_MAX)
			continue;
		count++;
		assert_ptr_equal(e->due.entries[e->conns[i].due_slot].conn, &e->conns[i]);
		assert_int_equal(e->due.entries[e->conns[i].due_slot].when_ns, e->when_ns[i]);
	}
	for (uint32_t slot = 2; slot <= e->due.count; slot++)
		assert_true(e->due.entries[slot].when_ns >= e->due.entries[slot / 2].when_ns);
	assert_int_equal(e->due.count, count);
	assert_int_equal(when_ns, earliest_ns);
	assert_int_equal(first != NULL, count > 0);
	if (first)
		assert_int_equal(e->when_ns[first - e->conns], earliest_ns);
}

TEST(an_empty_queue_is_never_due)
{
	struct expected *e = start();

	check(e);
	take_out(e, 3);
	check(e);
	finish(e);
}

TEST(the_earliest_is_first_whatever_the_order)
{
	static const uint64_t times[] = {50, 20, 90, 10, 70, 10, 30, 95, 5, 60};
	struct expected *e = start();

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		set(e, i, times[i]);
		check(e);
	}
	finish(e);
}

TEST(it_empties_in_order)
{
	struct expected *e = start();
	uint64_t last_ns = 0, when_ns;
	struct conn *conn;

	for (size_t i = 0; i < CONNS; i++)
		set(e, i, i * 7919 % 211);
	while ((conn = due_first(&e->due, &when_ns))) {
		assert_true(when_ns >= last_ns);
		last_ns = when_ns;
		take_out(e, (size_t)(conn - e->conns));
		check(e);
	}
	finish(e);
}

TEST(a_connection_may_be_moved_both_ways)
{
	struct expected *e = start();

	for (size_t i = 0; i < 20; i++)
		set(e, i, 100 + i);
	set(e, 10, 1);
	check(e);
	set(e, 10, 1000);
	check(e);
	set(e, 0, 1000);
	check(e);
	set(e, 0, 100);
	check(e);
	assert_int_equal(e->due.count, 20);
	finish(e);
}

TEST(a_connection_is_taken_out_once)
{
	struct expected *e = start();

	set(e, 0, 10);
	set(e, 1, 20);
	take_out(e, 0);
	take_out(e, 0);
	check(e);
	take_out(e, 1);
	check(e);
	finish(e);
}

/* What takes the place of the one that went may have to go up as well as down. */
TEST(the_hole_may_be_filled_from_another_branch)
{
	static const uint64_t times[] = {1, 50, 2, 60, 55, 3, 4, 70, 65, 58, 57, 5, 6, 7};
	struct expected *e = start();

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
		set(e, i, times[i]);
	take_out(e, 7);
	check(e);
	take_out(e, 3);
	check(e);
	take_out(e, 2);
	check(e);
	finish(e);
}

TEST(any_sequence_keeps_the_order)
{
	struct expected *e = start();

	srand(1);
	for (int round = 0; round < 20000; round++) {
		size_t i = (size_t)rand() % CONNS;

		if (rand() % 3)
			set(e, i, (uint64_t)(rand() % 1000));
		else
			take_out(e, i);
		if (round % 16 == 0)
			check(e);
	}
	check(e);
	finish(e);
}

TEST(its_room_grows_and_shrinks_with_what_is_in_it)
{
	struct expected *e = start();
	uint32_t least = e->due.room;

	for (size_t i = 0; i < CONNS; i++)
		set(e, i, i);
	assert_in_range(e->due.room, CONNS, 2 * CONNS);
	for (size_t i = 0; i < CONNS; i++)
		take_out(e, i);
	assert_int_equal(e->due.room, least);
	check(e);
	finish(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_queue_is_never_due),
		cmocka_unit_test(the_earliest_is_first_whatever_the_order),
		cmocka_unit_test(it_empties_in_order),
		cmocka_unit_test(a_connection_may_be_moved_both_ways),
		cmocka_unit_test(a_connection_is_taken_out_once),
		cmocka_unit_test(the_hole_may_be_filled_from_another_branch),
		cmocka_unit_test(any_sequence_keeps_the_order),
		cmocka_unit_test(its_room_grows_and_shrinks_with_what_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
