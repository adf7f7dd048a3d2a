// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include "base/accept.h"

static unsigned int text(const char *accept)
{
	return accept_weight(accept, "text/plain", "0.0.4");
}

TEST(without_the_header_all_is_wanted)
{
	assert_int_equal(text(NULL), 1000);
	assert_int_equal(text(""), 0);
}

TEST(a_type_is_wanted_by_its_name_in_any_case)
{
	assert_int_equal(text("text/plain"), 1000);
	assert_int_equal(text("TEXT/Plain"), 1000);
	assert_int_equal(text("text/html"), 0);
	assert_int_equal(text("text/plainer, text/plai, ext/plain"), 0);
	assert_int_equal(text("text/html ,\ttext/plain ; charset=utf-8"), 1000);
}

TEST(a_version_is_wanted_if_it_is_this_one_or_none)
{
	assert_int_equal(text("text/plain;version=0.0.4"), 1000);
	assert_int_equal(text("text/plain; version=0.0.4 ;q=0.5"), 500);
	assert_int_equal(text("text/plain;version=1.0.0"), 0);
}

TEST(weights_are_thousandths)
{
	assert_int_equal(text("text/plain;q=0.25"), 250);
	assert_int_equal(text("text/plain;q=0"), 0);
	assert_int_equal(text("text/plain;q=1.000"), 1000);
	assert_int_equal(text("text/plain;q=0.001"), 1);
	assert_int_equal(text("text/plain;q=9"), 1000);
	assert_int_equal(text("text/plain;q=-1"), 0);
	assert_int_equal(text("text/plain;q=00.5"), 0);
	assert_int_equal(text("text/plain;q=0.99999999999999999999"), 999);
	assert_int_equal(text("text/plain;q="), 0);
	assert_int_equal(text("text/plain;q"), 1000);
}

TEST(the_narrowest_range_counts)
{
	assert_int_equal(text("*/*"), 1000);
	assert_int_equal(text("text/*;q=0.3"), 300);
	assert_int_equal(text("*/*, text/*;q=0.3"), 300);
	assert_int_equal(text("text/plain;q=0.1, text/*;q=0.3, */*"), 100);
	assert_int_equal(text("text/plain;q=0, */*"), 0);
	assert_int_equal(text("text/plain;q=0.1, text/plain;q=0.7, text/plain;q=0.2"), 700);
	assert_int_equal(text("image/*"), 0);
}

TEST(nonsense_does_no_harm)
{
	static const char *const nonsense[] = {",",	 ";",	     "=",
					       ",,;;==", " ",	     "text/plain;=;=,",
					       "/",	 "*",	     "text/",
					       "*/",	 "\xff\x01", ";q=1,;version="};

	for (unsigned int i = 0; i < sizeof(nonsense) / sizeof(*nonsense); i++)
		assert_in_range(text(nonsense[i]), 0, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_header_all_is_wanted),
		cmocka_unit_test(a_type_is_wanted_by_its_name_in_any_case),
		cmocka_unit_test(a_version_is_wanted_if_it_is_this_one_or_none),
		cmocka_unit_test(weights_are_thousandths),
		cmocka_unit_test(the_narrowest_range_counts),
		cmocka_unit_test(nonsense_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
