// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <errno.h>
#include <string.h>

#include "base/number.h"

#define UNTOUCHED UINT64_C(0xdeadbeef)

static int parse(const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
	*ret = UNTOUCHED;
	return number_parse(text, strlen(text), min, max, ret);
}

TEST(digits_are_read)
{
	uint64_t number;

	assert_int_equal(parse("0", 0, 10, &number), 0);
	assert_int_equal(number, 0);
	assert_int_equal(parse("00042", 0, 100, &number), 0);
	assert_int_equal(number, 42);
	assert_int_equal(parse("18446744073709551615", 0, UINT64_MAX, &number), 0);
	assert_true(number == UINT64_MAX);
}

TEST(anything_but_digits_is_invalid)
{
	static const char *const bad[] = {"",	  " 80", "80 ",	 "+80",	 "-1",	"80abc",
					  "0x50", "8.0", "8 0",	 "\t80", "1e3", "80\n",
					  "abc",  "/",	 ":80:", "٣"};
	uint64_t number;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(parse(bad[i], 0, UINT64_MAX, &number), -EINVAL);
		assert_int_equal(number, UNTOUCHED);
	}
}

/* The sentence that the person gets differs: not a number, or a number too big. */
TEST(garbage_behind_a_huge_number_is_invalid_and_not_out_of_range)
{
	uint64_t number;

	assert_int_equal(parse("99999999999999999999x", 0, 1, &number), -EINVAL);
}

TEST(the_limits_belong_to_the_range)
{
	uint64_t number;

	assert_int_equal(parse("10", 10, 20, &number), 0);
	assert_int_equal(parse("20", 10, 20, &number), 0);
	assert_int_equal(parse("9", 10, 20, &number), -ERANGE);
	assert_int_equal(number, UNTOUCHED);
	assert_int_equal(parse("21", 10, 20, &number), -ERANGE);
	assert_int_equal(number, UNTOUCHED);
}

TEST(what_does_not_fit_is_out_of_range_and_never_wraps)
{
	uint64_t number;

	assert_int_equal(parse("18446744073709551616", 0, UINT64_MAX, &number), -ERANGE);
	assert_int_equal(parse("18446744073709551625", 0, UINT64_MAX, &number), -ERANGE);
	assert_int_equal(parse("184467440737095516150", 0, UINT64_MAX, &number), -ERANGE);
	assert_int_equal(parse("99999999999999999999999999", 0, UINT64_MAX, &number), -ERANGE);
	assert_int_equal(number, UNTOUCHED);
}

TEST(only_LEN_bytes_are_read)
{
	uint64_t number;

	assert_int_equal(number_parse("80,443", 2, 0, 1000, &number), 0);
	assert_int_equal(number, 80);
	assert_int_equal(number_parse("80", 0, 0, 1000, &number), -EINVAL);
	assert_int_equal(number_parse("1\0002", 3, 0, 1000, &number), -EINVAL);
}

TEST(a_port_is_1_to_65535)
{
	uint16_t port = 7;

	assert_int_equal(number_parse_port("0", &port), -ERANGE);
	assert_int_equal(number_parse_port("65536", &port), -ERANGE);
	assert_int_equal(number_parse_port("80abc", &port), -EINVAL);
	assert_int_equal(number_parse_port("-1", &port), -EINVAL);
	assert_int_equal(number_parse_port("", &port), -EINVAL);
	assert_int_equal(port, 7);
	assert_int_equal(number_parse_port("1", &port), 0);
	assert_int_equal(port, 1);
	assert_int_equal(number_parse_port("65535", &port), 0);
	assert_int_equal(port, 65535);
}

TEST(seconds_become_nanoseconds)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {
		{"1", S},	    {"0.5", 500 * MS},	    {"1.25", 1250 * MS},
		{"0.000000001", 1}, {"1.000000001", S + 1}, {"2.100000000", 2 * S + 100 * MS},
		{"0.05", 50 * MS},  {"86400", 86400 * S},   {"00.50", 500 * MS},
	};
	uint64_t ns;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(number_parse_seconds(good[i].text, &ns), 0);
		assert_int_equal(ns, good[i].ns);
	}
}

TEST(odd_seconds_are_invalid)
{
	static const char *const bad[] = {"",	  ".",	  "1.",	  ".5",	  "1.2.3",
					  "-1",	  "1s",	  " 1",	  "1,5",  "0.0000000001",
					  "1 .5", "1. 5", "1.-5", "+1.5", "1.5e3"};
	uint64_t ns = UNTOUCHED;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(number_parse_seconds(bad[i], &ns), -EINVAL);
	assert_int_equal(ns, UNTOUCHED);
}

TEST(seconds_are_above_0_and_up_to_10_years)
{
	uint64_t ns = UNTOUCHED;

	assert_int_equal(number_parse_seconds("0", &ns), -ERANGE);
	assert_int_equal(number_parse_seconds("0.0", &ns), -ERANGE);
	assert_int_equal(number_parse_seconds("0.000000000", &ns), -ERANGE);
	assert_int_equal(number_parse_seconds("400000000", &ns), -ERANGE);
	assert_int_equal(number_parse_seconds("99999999999999999999", &ns), -ERANGE);
	assert_int_equal(ns, UNTOUCHED);
	assert_int_equal(number_parse_seconds("315360000", &ns), 0);
	assert_int_equal(ns, 315360000 * S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_are_read),
		cmocka_unit_test(anything_but_digits_is_invalid),
		cmocka_unit_test(garbage_behind_a_huge_number_is_invalid_and_not_out_of_range),
		cmocka_unit_test(the_limits_belong_to_the_range),
		cmocka_unit_test(what_does_not_fit_is_out_of_range_and_never_wraps),
		cmocka_unit_test(only_LEN_bytes_are_read),
		cmocka_unit_test(a_port_is_1_to_65535),
		cmocka_unit_test(seconds_become_nanoseconds),
		cmocka_unit_test(odd_seconds_are_invalid),
		cmocka_unit_test(seconds_are_above_0_and_up_to_10_years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
