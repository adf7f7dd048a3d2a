// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <stdio.h>
#include <string.h>

#include "core/top.h"

static struct top top;

static int start(void **fixture)
{
	(void)fixture;
	memset(&top, 0, sizeof(top));
	return 0;
}

static struct top_entry *count(const char *name, uint32_t pid)
{
	struct owner owner = {.source = OWNER_CONNECT, .pid = pid};

	for (unsigned int i = 0; i < WIRE_COMM_LEN && name[i]; i++)
		owner.comm[i] = name[i];
	return top_count(&top, &owner);
}

static const struct top_entry *listed(unsigned int nth)
{
	static const struct top_entry *list[10];
	unsigned int n = top_list(&top, 10, list);

	assert_true(nth < n);
	return list[nth];
}

TEST(processes_of_one_name_are_one_line)
{
	for (uint32_t pid = 1; pid <= 8; pid++)
		for (int i = 0; i < 3; i++)
			count("nginx", pid);
	count("curl", 9);
	assert_string_equal(listed(0)->comm, "nginx");
	assert_int_equal(listed(0)->ends, 24);
	assert_int_equal(listed(0)->pid_count, 8);
	assert_string_equal(listed(1)->comm, "curl");
	assert_int_equal(listed(1)->pid_count, 1);
}

TEST(more_pids_than_there_is_room_for_are_many)
{
	for (uint32_t pid = 1; pid <= TOP_PIDS; pid++)
		count("forks", pid);
	assert_int_equal(listed(0)->pid_count, TOP_PIDS);
	count("forks", TOP_PIDS + 1);
	count("forks", TOP_PIDS + 2);
	assert_int_equal(listed(0)->pid_count, TOP_PIDS + 1);
}

TEST(what_stands_behind_the_NUL_is_no_part_of_a_name)
{
	struct owner owner = {.source = OWNER_CLOSE, .pid = 1, .comm = "sh\0one"};

	top_count(&top, &owner);
	memcpy(owner.comm, "sh\0two", 7);
	top_count(&top, &owner);
	assert_int_equal(listed(0)->ends, 2);
	assert_int_equal(top.used, 1);
}

TEST(a_name_of_16_bytes_has_no_NUL)
{
	count("0123456789abcdef", 1);
	count("0123456789abcdeg", 1);
	count("0123456789abcdef", 1);
	assert_int_equal(top.used, 2);
	assert_memory_equal(listed(0)->comm, "0123456789abcdef", WIRE_COMM_LEN);
}

TEST(who_is_not_known_is_counted_too_and_is_nobody_of_that_name)
{
	const struct owner nobody = {.source = OWNER_UNKNOWN, .comm = "old"};

	count("", 1);
	top_count(&top, &nobody);
	top_count(&top, &nobody);
	assert_false(listed(0)->known);
	assert_int_equal(listed(0)->ends, 2);
	assert_true(listed(1)->known);
	assert_int_equal(listed(1)->ends, 1);
	count("", 1);
	assert_true(listed(0)->known); /* of two with as many */
}

TEST(those_with_as_many_stand_by_name)
{
	count("b", 1);
	count("c", 1);
	count("a", 1);
	count("c", 1);
	assert_string_equal(listed(0)->comm, "c");
	assert_string_equal(listed(1)->comm, "a");
	assert_string_equal(listed(2)->comm, "b");
}

TEST(a_list_is_no_longer_than_it_may_be)
{
	const struct top_entry *list[3] = {NULL, NULL, NULL};

	count("a", 1);
	count("b", 1);
	for (int i = 0; i < 3; i++)
		count("c", 1);
	for (int i = 0; i < 2; i++)
		count("d", 1);
	assert_int_equal(top_list(&top, 2, list), 2);
	assert_string_equal(list[0]->comm, "c");
	assert_string_equal(list[1]->comm, "d");
	assert_null(list[2]);
}

/* Ten thousand names that come once each, and one that has a tenth of all. */
TEST(who_has_many_is_found_among_more_names_than_there_is_room_for)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < 10000; i++) {
		char name[WIRE_COMM_LEN];

		snprintf(name, sizeof(name), "once-%u", i);
		count(name, i + 1);
		if (i % 10 == 0)
			count("busy", 1);
	}
	assert_string_equal(listed(0)->comm, "busy");
	assert_in_range(1000, listed(0)->ends, listed(0)->ends + listed(0)->missed);
	assert_int_equal(top.used, TOP_NAMES);
	assert_int_equal(top.replaced, 10001 - TOP_NAMES);
	for (unsigned int i = 0; i < top.used; i++)
		sum += top.entries[i].ends + top.entries[i].missed;
	assert_int_equal(sum, 11000); /* as Space-Saving promises */
}

/* One that had its entry, lost it and came again: as many as there were are between the bounds. */
TEST(what_may_be_missed_is_a_bound)
{
	for (int i = 0; i < 5; i++)
		count("late", 1);
	for (int round = 0; round < 10; round++) {
		for (unsigned int i = 0; i < TOP_NAMES; i++) {
			char name[WIRE_COMM_LEN];

			snprintf(name, sizeof(name), "many-%u", i);
			count(name, 1);
		}
	}
	assert_in_range(count("late", 1)->missed, 5, UINT32_MAX);
	assert_true(count("late", 1)->ends == 2);
}

#define T(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(processes_of_one_name_are_one_line),
		T(more_pids_than_there_is_room_for_are_many),
		T(what_stands_behind_the_NUL_is_no_part_of_a_name),
		T(a_name_of_16_bytes_has_no_NUL),
		T(who_is_not_known_is_counted_too_and_is_nobody_of_that_name),
		T(those_with_as_many_stand_by_name),
		T(a_list_is_no_longer_than_it_may_be),
		T(who_has_many_is_found_among_more_names_than_there_is_room_for),
		T(what_may_be_missed_is_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
