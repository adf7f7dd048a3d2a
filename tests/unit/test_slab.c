// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <string.h>

#include "core/slab.h"

#define ITEM_BYTES 104
#define PER_SLAB   (SLAB_BYTES / ITEM_BYTES - 1) /* at least */
#define ITEMS	   (4 * PER_SLAB)

static struct slabs slabs;
static void *items[ITEMS];

static int start(void **fixture)
{
	(void)fixture;
	slabs_init(&slabs, ITEM_BYTES);
	return 0;
}

static int stop(void **fixture)
{
	(void)fixture;
	slabs_fini(&slabs);
	return 0;
}

/* Each with bytes of its own. */
static void take_all(void)
{
	for (size_t i = 0; i < ITEMS; i++) {
		items[i] = slab_take(&slabs);
		assert_non_null(items[i]);
		memset(items[i], (int)(i % 251), ITEM_BYTES);
	}
}

static void check(size_t i)
{
	const unsigned char *bytes = items[i];

	for (size_t at = 0; at < ITEM_BYTES; at++)
		assert_int_equal(bytes[at], i % 251);
}

TEST(nothing_is_taken_before_it_is_needed)
{
	assert_int_equal(slabs.pieces, 0);
}

TEST(items_do_not_overlap)
{
	take_all();
	for (size_t i = 0; i < ITEMS; i++)
		check(i);
	assert_int_equal(slabs.items, ITEMS);
	assert_in_range(slabs.pieces, 4, 5);
}

TEST(what_is_given_back_is_taken_first)
{
	uint32_t pieces;

	take_all();
	pieces = slabs.pieces;
	for (size_t i = 0; i < ITEMS; i += 3)
		slab_give(&slabs, items[i]);
	for (size_t i = 0; i < ITEMS; i += 3) {
		items[i] = slab_take(&slabs);
		memset(items[i], (int)(i % 251), ITEM_BYTES);
	}
	for (size_t i = 0; i < ITEMS; i++)
		check(i);
	assert_int_equal(slabs.pieces, pieces);
}

TEST(a_piece_with_nothing_in_it_is_given_back)
{
	take_all();
	for (size_t i = 0; i < ITEMS / 2; i++)
		slab_give(&slabs, items[i]);
	assert_in_range(slabs.pieces, 2, 3);
	for (size_t i = ITEMS / 2; i < ITEMS; i++)
		check(i);
	for (size_t i = ITEMS / 2; i < ITEMS; i++)
		slab_give(&slabs, items[i]);
	assert_int_equal(slabs.items, 0);
	assert_int_equal(slabs.pieces, 1);
}

/* Else each would be a system call. */
TEST(one_piece_is_kept)
{
	void *item = slab_take(&slabs);

	slab_give(&slabs, item);
	assert_int_equal(slabs.pieces, 1);
	assert_ptr_equal(slab_take(&slabs), item);
}

#define TEST_OF(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(nothing_is_taken_before_it_is_needed),
		TEST_OF(items_do_not_overlap),
		TEST_OF(what_is_given_back_is_taken_first),
		TEST_OF(a_piece_with_nothing_in_it_is_given_back),
		TEST_OF(one_piece_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
