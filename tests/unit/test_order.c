// SPDX-License-Identifier: GPL-2.0-only
/* A set in order: held against an array that is sorted each time, and how deep it gets. */
#include "make.h"

#include <stdlib.h>
#include <string.h>

#include "render/order.h"

#define MANY 10000

static struct order order;
static struct order_node nodes[MANY];

static int start(void **fixture)
{
	(void)fixture;
	memset(&order, 0, sizeof(order));
	memset(nodes, 0, sizeof(nodes));
	return 0;
}

static void add(unsigned int number, uint64_t key)
{
	nodes[number].keys[0] = key;
	nodes[number].keys[1] = number;
	order_add(&order, &nodes[number]);
}

static int compare(const void *a, const void *b)
{
	const struct order_node *const *one = a, *const *other = b;

	for (int i = 0; i < ORDER_KEYS; i++)
		if ((*one)->keys[i] != (*other)->keys[i])
			return (*one)->keys[i] < (*other)->keys[i] ? -1 : 1;
	return 0;
}

/* Those of the first COUNT that are in are where a sorted array has them. */
static void check(unsigned int count)
{
	const struct order_node *sorted[MANY];
	unsigned int in = 0;

	for (unsigned int i = 0; i < count; i++)
		if (nodes[i].in)
			sorted[in++] = &nodes[i];
	qsort(sorted, in, sizeof(sorted[0]), compare);
	assert_int_equal(order_count(&order), in);
	for (unsigned int i = 0; i < in; i++) {
		assert_ptr_equal(order_at(&order, i), sorted[i]);
		assert_int_equal(order_place(sorted[i]), i);
	}
	assert_null(order_at(&order, in));
}

TEST(it_is_as_sorted_whatever_comes_and_goes)
{
	unsigned int seed = 1;

	for (unsigned int step = 0; step < 2000; step++) {
		unsigned int number = (unsigned int)rand_r(&seed) % 100;

		if (nodes[number].in)
			order_remove(&order, &nodes[number]);
		else
			add(number, (unsigned int)rand_r(&seed) % 10);
		if (step % 10 == 0)
			check(100);
	}
}

TEST(what_is_not_in_is_not_taken_out)
{
	add(0, 5);
	order_remove(&order, &nodes[1]);
	assert_int_equal(order_count(&order), 1);
	order_remove(&order, &nodes[0]);
	order_remove(&order, &nodes[0]);
	assert_int_equal(order_count(&order), 0);
	assert_null(order_at(&order, 0));
}

static unsigned int depth_of(const struct order_node *node)
{
	unsigned int depth = 0;

	for (; node; node = node->parent)
		depth++;
	return depth;
}

/* As they come in a list by number: the worst for a tree that does not care. */
TEST(ten_thousand_in_a_row_are_not_deep)
{
	unsigned int deepest = 0;

	for (unsigned int i = 0; i < MANY; i++)
		add(i, i);
	for (unsigned int i = 0; i < MANY; i++)
		if (depth_of(&nodes[i]) > deepest)
			deepest = depth_of(&nodes[i]);
	assert_in_range(deepest, 14, 50);
	check(MANY);
}

#define ORDER_TEST_OF(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ORDER_TEST_OF(it_is_as_sorted_whatever_comes_and_goes),
		ORDER_TEST_OF(what_is_not_in_is_not_taken_out),
		ORDER_TEST_OF(ten_thousand_in_a_row_are_not_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
