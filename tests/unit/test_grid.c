// SPDX-License-Identifier: GPL-2.0-only
/* Cells: what is clipped, what is wide, and what a terminal might obey. */
#include "make.h"

#include <string.h>

#include "render/grid.h"

#define ROWS	2
#define COLUMNS 6

static struct grid grid;

static int start(void **fixture)
{
	(void)fixture;
	return grid_init(&grid, ROWS, COLUMNS);
}

static int stop(void **fixture)
{
	(void)fixture;
	grid_fini(&grid);
	return 0;
}

static struct grid_span span_of(unsigned int row, unsigned int column, unsigned int end)
{
	return (struct grid_span){.grid = &grid, .row = row, .column = column, .end = end};
}

static void check_row(unsigned int row, const char *expected)
{
	char line[COLUMNS * GRID_BYTES + 1] = "";

	for (unsigned int column = 0; column < COLUMNS; column++)
		strcat(line, grid_at(&grid, row, column)->bytes);
	assert_string_equal(line, expected);
}

TEST(what_has_no_room_is_left_out)
{
	struct grid_span span = span_of(0, 2, 5), outside = span_of(0, 4, 100);
	struct grid_span below = span_of(ROWS, 0, COLUMNS);

	grid_put(&span, MEANING_PLAIN, "abcdef");
	check_row(0, "  abc ");
	grid_put(&outside, MEANING_PLAIN, "xyz");
	check_row(0, "  abxy");
	grid_put(&below, MEANING_PLAIN, "below");
	check_row(1, "      ");
}

TEST(a_wide_character_has_two_cells_or_none)
{
	struct grid_span span = span_of(0, 0, 5);

	grid_put(&span, MEANING_PLAIN, "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2");
	check_row(0, "\xe6\xbc\xa2\xe5\xad\x97  ");
	assert_string_equal(grid_at(&grid, 0, 1)->bytes, "");
	assert_string_equal(grid_at(&grid, 0, 4)->bytes, " ");
}

/* Escape sequences, a lone byte of UTF-8, an override of direction, a combining accent. */
TEST(what_a_terminal_may_obey_is_a_question_mark)
{
	struct grid_span span = span_of(0, 0, COLUMNS);

	grid_put(&span, MEANING_PLAIN,
		 "\033\x80\xe2\x80\xae\xcc\x81"
		 "ab");
	check_row(0, "????ab");
}

TEST(marks_are_meanings)
{
	const struct style style = {.marks = true};
	struct grid_span span = span_of(1, 0, COLUMNS);
	char buffer[64];
	struct text text;

	text_init(&text, buffer, sizeof(buffer));
	text_add(&text, "a");
	style_add(&style, &text, MEANING_BAD, "b");
	text_add(&text, "c");
	assert_int_equal(text.columns, 3);
	grid_put(&span, MEANING_HEAD, buffer);
	check_row(1, "abc   ");
	assert_int_equal(grid_at(&grid, 1, 0)->meaning, MEANING_HEAD);
	assert_int_equal(grid_at(&grid, 1, 1)->meaning, MEANING_BAD);
	assert_int_equal(grid_at(&grid, 1, 2)->meaning, MEANING_HEAD);
}

TEST(a_margin_is_skipped)
{
	struct grid_span span = span_of(0, 1, COLUMNS);

	span.skip = 2;
	grid_put(&span, MEANING_PLAIN, "abcd");
	check_row(0, " cd   ");
}

#define GRID_TEST_OF(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GRID_TEST_OF(what_has_no_room_is_left_out),
		GRID_TEST_OF(a_wide_character_has_two_cells_or_none),
		GRID_TEST_OF(what_a_terminal_may_obey_is_a_question_mark),
		GRID_TEST_OF(marks_are_meanings),
		GRID_TEST_OF(a_margin_is_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
