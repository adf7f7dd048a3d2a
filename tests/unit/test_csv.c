// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <string.h>

#include "base/csv.h"

static void check(const char *bytes, const char *expected)
{
	char buffer[128];
	struct text text;

	text_init(&text, buffer, sizeof(buffer));
	csv_string(&text, bytes, strlen(bytes));
	assert_string_equal(text.at, expected);
	assert_false(text.cut);
}

TEST(plain_text_has_no_quotes)
{
	check("", "");
	check("a z~/'%s[0]", "a z~/'%s[0]");
	check("=1+2", "=1+2"); /* what a spreadsheet makes of it is not ours to say */
}

TEST(commas_and_quotes_are_quoted)
{
	check("a,b", "\"a,b\"");
	check("a\"b", "\"a\"\"b\"");
	check("\"", "\"\"\"\"");
}

TEST(all_bytes_can_be_told_and_none_does_harm)
{
	check("a\\x", "a\\\\x");
	check("\r\n\033\x7f", "\\x0d\\x0a\\x1b\\x7f");
	check("\xc2\x9b\xff", "\\xc2\\x9b\\xff");
	check("a\xe2\x80\xae\xd8\x9c", "a\\xe2\\x80\\xae\\xd8\\x9c");
	check("\xc3\xa9─", "\xc3\xa9─");
}

TEST(our_own_words_are_quoted_and_stay)
{
	char buffer[64];
	struct text text;

	text_init(&text, buffer, sizeof(buffer));
	csv_words(&text, "a\\x1b", 5);
	csv_next(&text);
	csv_words(&text, "say \"a\"", 7);
	csv_next(&text);
	csv_words(&text, "a\nb", 3);
	assert_string_equal(text.at, "a\\x1b,\"say \"\"a\"\"\",\"a\nb\"");
}

TEST(cells_make_a_line)
{
	char buffer[64];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	csv_next(&line);
	text_number(&line, 0);
	csv_next(&line);
	csv_string(&line, "a,bc", 3);
	csv_next(&line);
	csv_end(&line);
	assert_string_equal(line.at, ",0,\"a,b\",\r");
}

TEST(what_is_cut_is_known_to_be)
{
	char buffer[8];
	struct text text;

	for (unsigned int size = 1; size < sizeof(buffer); size++) {
		text_init(&text, buffer, size);
		csv_string(&text, "\033,ab", 5);
		assert_true(text.cut);
		assert_true(strlen(text.at) < size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_has_no_quotes),
		cmocka_unit_test(commas_and_quotes_are_quoted),
		cmocka_unit_test(all_bytes_can_be_told_and_none_does_harm),
		cmocka_unit_test(our_own_words_are_quoted_and_stay),
		cmocka_unit_test(cells_make_a_line),
		cmocka_unit_test(what_is_cut_is_known_to_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
