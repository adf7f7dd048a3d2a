// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <string.h>

#include "base/json.h"

static void check_len(const char *bytes, size_t len, const char *expected)
{
	char buffer[128];
	struct text text;

	text_init(&text, buffer, sizeof(buffer));
	json_string(&text, bytes, len);
	assert_string_equal(text.at, expected);
	assert_false(text.cut);
}

static void check(const char *bytes, const char *expected)
{
	check_len(bytes, strlen(bytes), expected);
}

TEST(plain_text_stays_between_quotes)
{
	check("", "\"\"");
	check("a z~/'%s[0]", "\"a z~/'%s[0]\"");
}

TEST(quotes_and_backslashes_are_escaped)
{
	check("a\"b\\c", "\"a\\\"b\\\\c\"");
}

TEST(control_characters_are_escaped)
{
	check("\n\t\x1f\x7f", "\"\\u000a\\u0009\\u001f\\u007f\"");
	check("\033[2J", "\"\\u001b[2J\"");
	check("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", "\"\\u0080\\u009b\\u009f\xc2\xa0\"");
}

/* What turns the text that follows: neighbours stay. */
TEST(marks_of_direction_are_escaped)
{
	check("\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f", "\"\\u061c\\u200e\\u200f\"");
	/* NOLINTNEXTLINE(misc-misleading-bidirectional): it is meant to mislead */
	check("\xe2\x80\xaa\xe2\x80\xae", "\"\\u202a\\u202e\"");
	check("\xe2\x81\xa6\xe2\x81\xa9", "\"\\u2066\\u2069\"");
	check("\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\x9f\xe2\x81\xb0",
	      "\"\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\x9f\xe2\x81\xb0\"");
}

TEST(what_nobody_sees_is_escaped)
{
	check("\xc2\xad\xe2\x80\x8b\xe2\x80\xa8\xef\xbb\xbf", "\"\\u00ad\\u200b\\u2028\\ufeff\"");
	check("\xf3\xa0\x80\x80\xf3\xa0\xbf\xbf", "\"\\udb40\\udc00\\udb43\\udfff\"");
}

TEST(characters_of_UTF_8_stay)
{
	check("é", "\"é\"");
	check("─▶", "\"─▶\"");
	check("\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"");
	check("\xc2\xa0\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
	      "\"\xc2\xa0\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"");
}

#define BAD "\\ufffd"

TEST(what_is_no_UTF_8_is_replaced_byte_by_byte)
{
	check("\x80", "\"" BAD "\"");
	check("a\xff"
	      "b",
	      "\"a" BAD "b\"");
	check("\xc3(", "\"" BAD "(\"");
	check("\xe2\x94(", "\"" BAD BAD "(\"");
	check("\xf0\x9f\x98(", "\"" BAD BAD BAD "(\"");
	check("\xc3\xc3\xa9", "\"" BAD "é\"");
}

TEST(overlong_forms_surrogates_and_what_is_too_big_are_no_UTF_8)
{
	check("\xc0\x80", "\"" BAD BAD "\"");
	check("\xc1\xbf", "\"" BAD BAD "\"");
	check("\xe0\x9f\xbf", "\"" BAD BAD BAD "\"");
	check("\xed\xa0\x80", "\"" BAD BAD BAD "\"");
	check("\xf0\x8f\xbf\xbf", "\"" BAD BAD BAD BAD "\"");
	check("\xf4\x90\x80\x80", "\"" BAD BAD BAD BAD "\"");
	check("\xf8\x88\x80\x80\x80", "\"" BAD BAD BAD BAD BAD "\"");
}

TEST(it_ends_at_a_NUL_and_at_LEN)
{
	check_len("abc\0def", 7, "\"abc\"");
	check_len("abcdef", 2, "\"ab\"");
	check_len("é", 1, "\"" BAD "\"");
	check_len("\xe2\x94\0\x80", 4, "\"" BAD BAD "\"");
}

/* Every byte alone: what comes out holds no control character, and no byte above 0x7f. */
TEST(each_byte_is_made_harmless)
{
	for (unsigned int byte = 1; byte < 256; byte++) {
		const char bytes[1] = {(char)byte};
		char buffer[16];
		struct text text;

		text_init(&text, buffer, sizeof(buffer));
		json_string(&text, bytes, 1);
		for (size_t i = 0; i < text.len; i++)
			assert_in_range(text.at[i], 0x20, 0x7e);
		assert_int_equal(text.len, byte == '"' || byte == '\\'	  ? 4
					   : byte >= 0x20 && byte <= 0x7e ? 3
									  : 8);
	}
}

TEST(an_escape_is_never_split)
{
	char buffer[8];
	struct text text;

	text_init(&text, buffer, sizeof(buffer));
	json_string(&text, "ab\nc", 4);
	assert_string_equal(text.at, "\"ab");
	assert_true(text.cut);
	text_init(&text, buffer, sizeof(buffer));
	json_string(&text, "─▶", strlen("─▶"));
	assert_string_equal(text.at, "\"─▶");
	assert_true(text.cut);
}

TEST(commas_stand_between_values_alone)
{
	char buffer[128];
	struct text text;

	text_init(&text, buffer, sizeof(buffer));
	json_open(&text, NULL, '{');
	json_put_null(&text, "a");
	json_open(&text, "b", '[');
	json_put_number(&text, NULL, 0);
	json_put_number(&text, NULL, UINT64_MAX);
	json_open(&text, NULL, '{');
	json_close(&text, '}');
	json_open(&text, NULL, '[');
	json_put_bool(&text, NULL, true);
	json_close(&text, ']');
	json_close(&text, ']');
	json_put_bool(&text, "c", false);
	json_put_string(&text, "d", "[", 1);
	json_put_string(&text, "e", "{:", 2);
	json_close(&text, '}');
	assert_string_equal(text.at, "{\"a\":null,\"b\":[0,18446744073709551615,{},[true]],"
				     "\"c\":false,\"d\":\"[\",\"e\":\"{:\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_stays_between_quotes),
		cmocka_unit_test(quotes_and_backslashes_are_escaped),
		cmocka_unit_test(control_characters_are_escaped),
		cmocka_unit_test(marks_of_direction_are_escaped),
		cmocka_unit_test(what_nobody_sees_is_escaped),
		cmocka_unit_test(characters_of_UTF_8_stay),
		cmocka_unit_test(what_is_no_UTF_8_is_replaced_byte_by_byte),
		cmocka_unit_test(overlong_forms_surrogates_and_what_is_too_big_are_no_UTF_8),
		cmocka_unit_test(it_ends_at_a_NUL_and_at_LEN),
		cmocka_unit_test(each_byte_is_made_harmless),
		cmocka_unit_test(an_escape_is_never_split),
		cmocka_unit_test(commas_stand_between_values_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
