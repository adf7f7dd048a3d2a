// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <string.h>

#include "base/text.h"

/* A text in a buffer whose end is guarded: what is behind it must not change. */
struct guarded {
	struct text text;
	char buffer[64];
};

static void start(struct guarded *guarded, size_t size)
{
	memset(guarded->buffer, '#', sizeof(guarded->buffer));
	text_init(&guarded->text, guarded->buffer, size);
}

static void check(const struct guarded *guarded, const char *expected)
{
	const struct text *text = &guarded->text;

	assert_string_equal(text->at, expected);
	assert_int_equal(text->len, strlen(expected));
	for (size_t i = text->size; i < sizeof(guarded->buffer); i++)
		assert_int_equal(guarded->buffer[i], '#');
}

TEST(a_new_text_is_empty)
{
	struct guarded g;

	start(&g, 1);
	check(&g, "");
	assert_false(g.text.cut);
	assert_int_equal(g.text.columns, 0);
}

TEST(strings_are_appended)
{
	struct guarded g;

	start(&g, 64);
	text_add(&g.text, "one ");
	text_addf(&g.text, "%s %d", "two", 3);
	text_add(&g.text, "");
	check(&g, "one two 3");
	assert_int_equal(g.text.columns, 9);
	assert_false(g.text.cut);
}

TEST(the_last_byte_is_for_the_NUL)
{
	struct guarded g;

	start(&g, 6);
	text_add(&g.text, "12345");
	check(&g, "12345");
	assert_false(g.text.cut);
	text_add(&g.text, "6");
	check(&g, "12345");
	assert_true(g.text.cut);
}

TEST(what_does_not_fit_is_left_out_whole)
{
	struct guarded g;

	start(&g, 6);
	text_add(&g.text, "123");
	text_add(&g.text, "456");
	check(&g, "123");
	assert_true(g.text.cut);
	assert_int_equal(g.text.columns, 3);
}

TEST(printf_is_left_out_whole_too)
{
	struct guarded g;

	start(&g, 6);
	text_add(&g.text, "123");
	text_addf(&g.text, "%s", "456");
	check(&g, "123");
	assert_true(g.text.cut);
	assert_int_equal(g.text.columns, 3);
	start(&g, 6);
	text_addf(&g.text, "%d", 12345);
	check(&g, "12345");
	assert_false(g.text.cut);
}

/* Half a line is one thing, a line with a hole another. */
TEST(nothing_follows_a_cut)
{
	struct guarded g;

	start(&g, 6);
	text_add(&g.text, "1234567");
	text_add(&g.text, "8");
	text_addf(&g.text, "%d", 9);
	text_repeat(&g.text, "a", 2);
	text_pad(&g.text, 3);
	text_control(&g.text, "b");
	text_escape(&g.text, "c", 1, 10);
	check(&g, "");
	assert_true(g.text.cut);
}

TEST(a_reset_text_takes_more)
{
	struct guarded g;

	start(&g, 6);
	text_add(&g.text, "1234567");
	text_reset(&g.text);
	assert_false(g.text.cut);
	text_add(&g.text, "12345");
	check(&g, "12345");
	assert_int_equal(g.text.columns, 5);
}

TEST(columns_count_characters)
{
	struct guarded g;

	start(&g, 64);
	text_add(&g.text, "─▶");
	assert_int_equal(g.text.columns, 2);
	text_addf(&g.text, "%s", "·x");
	assert_int_equal(g.text.columns, 4);
	assert_int_equal(g.text.len, strlen("─▶·x"));
}

TEST(control_sequences_take_no_column)
{
	struct guarded g;

	start(&g, 64);
	text_control(&g.text, "\033[1m");
	text_add(&g.text, "a");
	text_control(&g.text, "\033[0m");
	check(&g, "\033[1ma\033[0m");
	assert_int_equal(g.text.columns, 1);
}

TEST(padding_goes_to_a_screen_column)
{
	struct guarded g;

	start(&g, 64);
	text_control(&g.text, "\033[1m");
	text_add(&g.text, "─");
	text_pad(&g.text, 4);
	check(&g, "\033[1m─   ");
	text_pad(&g.text, 4);
	text_pad(&g.text, 2);
	assert_int_equal(g.text.columns, 4);
}

TEST(repetition_stops_where_it_is_full)
{
	struct guarded g;

	start(&g, 8);
	text_repeat(&g.text, "ab", 3);
	check(&g, "ababab");
	assert_false(g.text.cut);
	text_repeat(&g.text, "c", 0);
	assert_false(g.text.cut);
	text_repeat(&g.text, "c", 1000000);
	check(&g, "abababc");
	assert_true(g.text.cut);
}

TEST(printable_characters_stay_as_they_are)
{
	struct guarded g;

	start(&g, 64);
	text_escape(&g.text, "a z~!%s[0]", 10, 40);
	check(&g, "a z~!%s[0]");
}

TEST(nothing_from_outside_reaches_a_terminal)
{
	struct guarded g;

	start(&g, 64);
	text_escape(&g.text, "\033[2J\n\r\x7f\x80\xff\\x", 11, 60);
	check(&g, "\\x1b[2J\\x0a\\x0d\\x7f\\x80\\xff\\\\x");
	for (size_t i = 0; i < g.text.len; i++)
		assert_in_range(g.text.at[i], 0x20, 0x7e);
}

/* Every byte: printable ASCII and a doubled backslash, all else as \xNN. */
TEST(each_byte_is_made_harmless)
{
	for (unsigned int byte = 1; byte < 256; byte++) {
		char bytes[1] = {(char)byte};
		struct guarded g;

		start(&g, 64);
		text_escape(&g.text, bytes, 1, 60);
		if (byte == '\\')
			assert_string_equal(g.text.at, "\\\\");
		else if (byte >= 0x20 && byte <= 0x7e)
			assert_memory_equal(g.text.at, bytes, 1);
		else
			assert_int_equal(g.text.len, 4);
		assert_int_equal(g.text.columns, g.text.len);
	}
}

TEST(escaping_stops_at_a_NUL_and_at_LEN)
{
	struct guarded g;

	start(&g, 64);
	text_escape(&g.text, "abc\0def", 7, 60);
	text_escape(&g.text, "12345", 2, 60);
	check(&g, "abc12");
}

TEST(an_escape_is_never_split)
{
	struct guarded g;

	start(&g, 64);
	text_add(&g.text, "--");
	text_escape(&g.text, "ab\033cd", 5, 5);
	check(&g, "--ab");
	start(&g, 64);
	text_escape(&g.text, "ab\033cd", 5, 6);
	check(&g, "ab\\x1b");
	start(&g, 6);
	text_escape(&g.text, "ab\033", 3, 60);
	check(&g, "ab");
	assert_true(g.text.cut);
}

TEST(the_columns_of_an_escape_are_limited)
{
	struct guarded g;

	start(&g, 64);
	text_escape(&g.text, "abcdef", 6, 3);
	check(&g, "abc");
	text_escape(&g.text, "abcdef", 6, 0);
	check(&g, "abc");
	assert_false(g.text.cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_text_is_empty),
		cmocka_unit_test(strings_are_appended),
		cmocka_unit_test(the_last_byte_is_for_the_NUL),
		cmocka_unit_test(what_does_not_fit_is_left_out_whole),
		cmocka_unit_test(printf_is_left_out_whole_too),
		cmocka_unit_test(nothing_follows_a_cut),
		cmocka_unit_test(a_reset_text_takes_more),
		cmocka_unit_test(columns_count_characters),
		cmocka_unit_test(control_sequences_take_no_column),
		cmocka_unit_test(padding_goes_to_a_screen_column),
		cmocka_unit_test(repetition_stops_where_it_is_full),
		cmocka_unit_test(printable_characters_stay_as_they_are),
		cmocka_unit_test(nothing_from_outside_reaches_a_terminal),
		cmocka_unit_test(each_byte_is_made_harmless),
		cmocka_unit_test(escaping_stops_at_a_NUL_and_at_LEN),
		cmocka_unit_test(an_escape_is_never_split),
		cmocka_unit_test(the_columns_of_an_escape_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
