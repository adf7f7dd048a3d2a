// SPDX-License-Identifier: GPL-2.0-only
/* The full-screen view as time passes: what golden files of recordings do not show. */
#include "fixture.h"

#include <string.h>

#include "render/tui.h"

#define ROOM	4
#define ROWS	24
#define COLUMNS 80

static const struct style style = {.columns = COLUMNS};
static struct filter filter;
static struct tracker tracker;
static struct tui *tui;
static struct grid grid;

static void deliver(void *ctx, const struct change *change)
{
	struct sink *sink = ctx;

	sink->change(sink, change);
}

static int start(void **fixture)
{
	(void)fixture;
	fixture_make_ends();
	tui = tui_create(&style, ROOM);
	if (!tui || grid_init(&grid, ROWS, COLUMNS) ||
	    tracker_init(&tracker, 64, &filter, deliver, tui_sink(tui)))
		return -1;
	tracker.findings.off = true;
	return 0;
}

static int stop(void **fixture)
{
	(void)fixture;
	tracker_fini(&tracker);
	tui_destroy(tui);
	grid_fini(&grid);
	return 0;
}

static void feed(const struct event *events, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		tui_sink(tui)->tick(tui_sink(tui), events[i].ktime_ns);
		tracker_event(&tracker, &events[i]);
	}
}

static void open_number(unsigned int number, uint64_t us)
{
	struct make_end client_end = make_client(0x1000 * (number + 1), (uint16_t)(5000 + number));
	struct make_end server_end = make_peer(&client_end, 0x1000 * (number + 1) + 0x800);
	struct event events[MAKE_OPEN_EVENTS];

	make_open(events, &client_end, &server_end, us);
	feed(events, MAKE_OPEN_EVENTS);
}

/* Is WORDS on the screen? */
static bool shows(const char *words)
{
	for (unsigned int row = 0; row < ROWS; row++) {
		char line[COLUMNS * GRID_BYTES + 1] = "";

		for (unsigned int column = 0; column < COLUMNS; column++)
			strcat(line, grid_at(&grid, row, column)->bytes);
		if (strstr(line, words))
			return true;
	}
	return false;
}

static void draw(uint64_t us)
{
	tui_draw(tui, &grid, AT(us));
}

TEST(a_pause_holds_the_list_still_and_shows_what_came_afterwards)
{
	open_number(1, 0);
	draw(10000);
	assert_true(shows(":5001"));
	tui_press(tui, 'p');
	open_number(2, 20000);
	draw(30000);
	assert_true(shows("PAUSED"));
	assert_true(shows("1 of 1"));
	assert_false(shows(":5002"));
	tui_press(tui, 'p');
	draw(40000);
	assert_true(shows("1 of 2"));
	assert_true(shows(":5002"));
}

TEST(what_was_chosen_stays_chosen_and_what_takes_its_place_follows)
{
	uint64_t chosen;

	open_number(1, 0);
	open_number(2, 1000);
	draw(2000);
	tui_press(tui, TUI_KEY_DOWN);
	chosen = tui_chosen(tui);
	open_number(3, 3000);
	draw(4000);
	assert_int_equal(tui_chosen(tui), chosen);
	open_number(4, 5000);
	open_number(5, 6000); /* the oldest gives way */
	open_number(6, 7000);
	draw(8000);
	assert_int_not_equal(tui_chosen(tui), chosen);
	assert_int_not_equal(tui_chosen(tui), 0);
	assert_true(shows("of 4"));
}

TEST(idle_it_is_not_drawn_and_under_load_twenty_times_a_second)
{
	assert_int_equal(tui_due_ns(tui), 0);
	draw(0);
	assert_int_equal(tui_due_ns(tui), UINT64_MAX);
	open_number(1, 1000);
	assert_int_equal(tui_due_ns(tui), AT(50000));
	draw(50000);
	tui_press(tui, TUI_KEY_DOWN);
	assert_int_equal(tui_due_ns(tui), 0);
}

TEST(a_filter_is_typed_and_taken_away)
{
	open_number(1, 0);
	open_number(2, 1000);
	tui_press(tui, '/');
	for (const char *c = ":5002"; *c; c++)
		tui_press(tui, (unsigned char)*c);
	draw(2000);
	assert_true(shows("/:5002"));
	assert_true(shows("1 of 1"));
	tui_press(tui, 'q'); /* typed, not obeyed */
	draw(2000);
	assert_true(shows("none matches"));
	tui_press(tui, TUI_KEY_ESCAPE);
	draw(2000);
	assert_true(shows("of 2"));
	assert_int_equal(tui_press(tui, 'q'), TUI_WISH_QUIT);
}

TEST(a_long_filter_ends_where_there_is_no_room)
{
	tui_press(tui, '/');
	for (int i = 0; i < 1000; i++)
		tui_press(tui, 'x');
	tui_press(tui, TUI_KEY_ENTER);
	draw(0);
	assert_true(shows("xxxxxxxx"));
}

/* No size, and no key in it, does any harm. */
TEST(any_size_can_be_drawn)
{
	static const char keys[] = "?sS/ab\t\t\t\rp";

	open_number(1, 0);
	for (unsigned int rows = 1; rows < 14; rows++)
		for (unsigned int columns = 1; columns < 130; columns += 3) {
			struct grid small;

			assert_int_equal(grid_init(&small, rows, columns), 0);
			tui_draw(tui, &small, AT(1000));
			tui_press(tui, (unsigned char)keys[columns % (sizeof(keys) - 1)]);
			tui_press(tui, TUI_KEY_UP + columns % (TUI_KEY_NONE - TUI_KEY_UP));
			tui_draw(tui, &small, AT(1000));
			grid_fini(&small);
		}
}

/* Behind their end there is nothing to be seen, and a key goes back at once. */
TEST(the_end_of_the_findings_is_their_last_screen)
{
	struct change lost = {.kind = CHANGE_LOST};

	for (unsigned int i = 1; i <= 60; i++) {
		lost.ktime_ns = AT(1000 * i);
		lost.lost = i;
		tui_sink(tui)->change(tui_sink(tui), &lost);
	}
	tui_sink(tui)->finish(tui_sink(tui));
	draw(100000);
	tui_press(tui, '\t');
	tui_press(tui, '\t');
	draw(100000);
	assert_true(shows("60 events"));
	tui_press(tui, TUI_KEY_END);
	draw(100000);
	assert_true(shows(" 1 event"));
}

#define TUI_TEST_OF(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TUI_TEST_OF(a_pause_holds_the_list_still_and_shows_what_came_afterwards),
		TUI_TEST_OF(what_was_chosen_stays_chosen_and_what_takes_its_place_follows),
		TUI_TEST_OF(idle_it_is_not_drawn_and_under_load_twenty_times_a_second),
		TUI_TEST_OF(a_filter_is_typed_and_taken_away),
		TUI_TEST_OF(a_long_filter_ends_where_there_is_no_room),
		TUI_TEST_OF(any_size_can_be_drawn),
		TUI_TEST_OF(the_end_of_the_findings_is_their_last_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
