// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include "core/histogram.h"

static struct histogram histogram;

static int start(void **fixture)
{
	(void)fixture;
	histogram = (struct histogram){0};
	return 0;
}

/* 1/64 of the value, or 16 ns. */
static void check_near(uint64_t got_ns, uint64_t want_ns)
{
	uint64_t error_ns = want_ns / 64 > 16 ? want_ns / 64 : 16;

	assert_in_range(got_ns, want_ns > error_ns ? want_ns - error_ns : 0, want_ns + error_ns);
}

TEST(an_empty_one_has_no_quantiles)
{
	assert_int_equal(histogram_quantile(&histogram, 500), 0);
	assert_int_equal(histogram_quantile(&histogram, 1000), 0);
}

TEST(one_value_is_exact)
{
	histogram_add(&histogram, 123456789);
	assert_int_equal(histogram_quantile(&histogram, 1), 123456789);
	assert_int_equal(histogram_quantile(&histogram, 500), 123456789);
	assert_int_equal(histogram_quantile(&histogram, 990), 123456789);
}

TEST(the_rank_is_the_nearest_one)
{
	for (uint64_t i = 1; i <= 100; i++)
		histogram_add(&histogram, i * MS);
	check_near(histogram_quantile(&histogram, 10), 1 * MS);
	check_near(histogram_quantile(&histogram, 500), 50 * MS);
	check_near(histogram_quantile(&histogram, 501), 51 * MS);
	check_near(histogram_quantile(&histogram, 900), 90 * MS);
	check_near(histogram_quantile(&histogram, 990), 99 * MS);
	assert_int_equal(histogram_quantile(&histogram, 1000), 100 * MS);
	assert_int_equal(histogram.longest_ns, 100 * MS);
	assert_int_equal(histogram.least_ns, 1 * MS);
}

/* Around each power of two and within it; with a less and a greater one, so that neither end makes it exact. */
TEST(the_error_is_within_what_is_promised)
{
	for (unsigned int bits = 0; bits < HISTOGRAM_MOST_BITS - 1; bits++) {
		for (uint64_t part = 0; part < 64; part++) {
			uint64_t ns = (UINT64_C(1) << bits) + ((UINT64_C(1) << bits) * part >> 6);

			histogram = (struct histogram){0};
			histogram_add(&histogram, 0);
			histogram_add(&histogram, ns);
			histogram_add(&histogram, ns + 1);
			histogram_add(&histogram, UINT64_MAX);
			check_near(histogram_quantile(&histogram, 500), ns);
			check_near(histogram_quantile(&histogram, 750), ns + 1);
		}
	}
}

TEST(quantiles_never_fall)
{
	uint64_t before = 0;

	for (uint64_t ns = 1; ns < UINT64_C(1) << 40; ns += ns / 7 + 1)
		histogram_add(&histogram, ns);
	for (unsigned int per_mille = 1; per_mille <= 1000; per_mille++) {
		uint64_t ns = histogram_quantile(&histogram, per_mille);

		assert_true(ns >= before);
		before = ns;
	}
	assert_int_equal(before, histogram.longest_ns);
}

TEST(what_is_too_long_saturates)
{
	histogram_add(&histogram, 1);
	histogram_add(&histogram, UINT64_C(1) << HISTOGRAM_MOST_BITS);
	histogram_add(&histogram, UINT64_MAX - 1);
	histogram_add(&histogram, UINT64_MAX);
	assert_int_equal(histogram_quantile(&histogram, 500), UINT64_MAX);
	assert_int_equal(histogram.count, 4);
}

TEST(the_sum_is_exact_and_does_not_end)
{
	histogram_add(&histogram, 999999999);
	histogram_add(&histogram, 3);
	assert_int_equal(histogram.sum_s, 1);
	assert_int_equal(histogram.sum_rest_ns, 2);
	for (int i = 0; i < 3; i++)
		histogram_add(&histogram, UINT64_MAX); /* 18446744073.709551615 s */
	assert_int_equal(histogram.sum_s, 55340232222);
	assert_int_equal(histogram.sum_rest_ns, 128654847);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_empty_one_has_no_quantiles, start),
		cmocka_unit_test_setup(one_value_is_exact, start),
		cmocka_unit_test_setup(the_rank_is_the_nearest_one, start),
		cmocka_unit_test_setup(the_error_is_within_what_is_promised, start),
		cmocka_unit_test_setup(quantiles_never_fall, start),
		cmocka_unit_test_setup(what_is_too_long_saturates, start),
		cmocka_unit_test_setup(the_sum_is_exact_and_does_not_end, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
