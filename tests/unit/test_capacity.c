// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include "source/capacity.h"

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

TEST(is_a_power_of_two)
{
	assert_int_equal(capacity_round(64 * KIB), 64 * KIB);
	assert_int_equal(capacity_round(64 * KIB + 1), 128 * KIB);
	assert_int_equal(capacity_round(3 * MIB), 4 * MIB);
	assert_int_equal(capacity_round(GIB - 1), GIB);
	assert_int_equal(capacity_round(GIB), GIB);
}

TEST(grows_with_cpus)
{
	assert_int_equal(capacity_for(1, 1024 * GIB), 16 * MIB);
	assert_int_equal(capacity_for(2, 1024 * GIB), 16 * MIB);
	assert_int_equal(capacity_for(3, 1024 * GIB), 32 * MIB);
	assert_int_equal(capacity_for(8, 1024 * GIB), 64 * MIB);
	assert_int_equal(capacity_for(1000, 1024 * GIB), 256 * MIB);
}

TEST(takes_a_share_of_memory)
{
	assert_int_equal(capacity_for(2, GIB), 16 * MIB);
	assert_int_equal(capacity_for(2, GIB - 1), 8 * MIB);
	assert_int_equal(capacity_for(64, 4 * GIB), 64 * MIB);
	assert_int_equal(capacity_for(2, 0), 64 * KIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_a_power_of_two),
		cmocka_unit_test(grows_with_cpus),
		cmocka_unit_test(takes_a_share_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
