// SPDX-License-Identifier: GPL-2.0-only
/* What numbers are called, up to a fixed count. */
#include "make.h"

#include <stdio.h>

#include "core/names.h"

static struct names names;

static int start(void **fixture)
{
	(void)fixture;
	return names_init(&names);
}

static int stop(void **fixture)
{
	(void)fixture;
	names_fini(&names);
	return 0;
}

static void put(uint64_t id, const char *text)
{
	struct name_event name = {.id = id};

	snprintf(name.text, sizeof(name.text), "%s", text);
	names_put(&names, &name);
}

TEST(a_number_has_the_name_that_was_told_last)
{
	assert_null(names_find(&names, 7));
	put(7, "/a");
	put(8, "");
	assert_string_equal(names_find(&names, 7), "/a");
	assert_string_equal(names_find(&names, 8), "");
	put(7, "/b");
	assert_string_equal(names_find(&names, 7), "/b");
}

TEST(zero_is_no_number)
{
	put(0, "/a");
	assert_null(names_find(&names, 0));
}

/* The Nth of numbers without a pattern: splitmix64. */
static uint64_t number(uint64_t n)
{
	n *= UINT64_C(0x9e3779b97f4a7c15);
	n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

TEST(the_oldest_go)
{
	const uint64_t count = 16 * NAMES_MAX;
	char text[24];

	for (uint64_t n = 1; n <= count; n++) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
		put(number(n), text);
		assert_string_equal(names_find(&names, number(n)), text);
		if (n > NAMES_MAX)
			assert_null(names_find(&names, number(n - NAMES_MAX)));
	}
	for (uint64_t n = 1; n <= count - NAMES_MAX; n++)
		assert_null(names_find(&names, number(n)));
	for (uint64_t n = count - NAMES_MAX + 1; n <= count; n++)
		assert_non_null(names_find(&names, number(n)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_number_has_the_name_that_was_told_last, start,
						stop),
		cmocka_unit_test_setup_teardown(zero_is_no_number, start, stop),
		cmocka_unit_test_setup_teardown(the_oldest_go, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
