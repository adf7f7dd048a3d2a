// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include "core/pids.h"

static struct pids pids;

static int start(void **fixture)
{
	(void)fixture;
	return pids_init(&pids);
}

static int stop(void **fixture)
{
	(void)fixture;
	pids_fini(&pids);
	return 0;
}

TEST(a_new_set_is_empty)
{
	assert_false(pids_has(&pids, 0));
	assert_false(pids_has(&pids, 1));
	pids_remove(&pids, 1);
	assert_int_equal(pids.count, 0);
}

TEST(a_process_is_in_once)
{
	pids_add(&pids, 7);
	pids_add(&pids, 8);
	pids_add(&pids, 7);
	assert_int_equal(pids.count, 2);
	pids_remove(&pids, 7);
	assert_false(pids_has(&pids, 7));
	assert_true(pids_has(&pids, 8));
}

TEST(any_process_may_go)
{
	for (uint32_t gone = 1; gone <= 5; gone++) {
		pids.count = 0;
		for (uint32_t pid = 1; pid <= 5; pid++)
			pids_add(&pids, pid);
		pids_remove(&pids, gone);
		pids_remove(&pids, gone);
		assert_int_equal(pids.count, 4);
		for (uint32_t pid = 1; pid <= 5; pid++)
			assert_int_equal(pids_has(&pids, pid), pid != gone);
	}
}

TEST(a_full_set_stays_as_it_is)
{
	for (uint32_t pid = 0; pid < PIDS_MAX; pid++) /* added one by one it would take a while */
		pids.pids[pids.count++] = pid + 1;
	pids_add(&pids, 1000000);
	assert_int_equal(pids.count, PIDS_MAX);
	assert_false(pids_has(&pids, 1000000));
	assert_true(pids_has(&pids, PIDS_MAX));
	pids_remove(&pids, 5);
	pids_add(&pids, 1000000);
	assert_true(pids_has(&pids, 1000000));
}

#define TEST_OF(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(a_new_set_is_empty),
		TEST_OF(a_process_is_in_once),
		TEST_OF(any_process_may_go),
		TEST_OF(a_full_set_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
