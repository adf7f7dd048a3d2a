// SPDX-License-Identifier: GPL-2.0-only
/* Where the rows of a connection stand in a picture, and how long its waits are there. */
#include "drawn.h"

#include <stdlib.h>
#include <string.h>

#include "render/place.h"

static const struct style wide = {.columns = 100};
static struct history *history;
static struct place *place;

static void deliver(void *ctx, const struct change *change)
{
	struct sink *sink = ctx;

	sink->change(sink, change);
}

static int start(void **fixture)
{
	static struct filter all;

	(void)fixture;
	fixture_make_ends();
	place = malloc(sizeof(*place));
	history = history_create(&wide, 4);
	if (!place || !history || tracker_init(&tracker, 64, &all, deliver, history_sink(history)))
		return -1;
	tracker.findings.off = true;
	return 0;
}

static int stop(void **fixture)
{
	(void)fixture;
	tracker_fini(&tracker);
	history_destroy(history);
	free(place);
	return 0;
}

static void step(const struct make_step *made)
{
	struct event event = make_edge(made);

	history_sink(history)->tick(history_sink(history), event.ktime_ns);
	tracker_event(&tracker, &event);
}

#define MOVE(...) step(STEP(__VA_ARGS__))

static void open_at(uint64_t us)
{
	struct event events[MAKE_OPEN_EVENTS];

	make_open(events, &client, &server, us);
	for (unsigned int i = 0; i < MAKE_OPEN_EVENTS; i++)
		tracker_event(&tracker, &events[i]);
}

static void put(void)
{
	history_sink(history)->finish(history_sink(history));
	place_init(place, history_newest(history, false));
}

static const struct place_stay *stay_of(enum side side, uint8_t state)
{
	for (unsigned int i = 0; i < place->stay_count; i++)
		if (place->stays[i].side == side && place->stays[i].state == state)
			return &place->stays[i];
	fail_msg("no stay of side %d in %s", side, state_name(state));
	return NULL;
}

TEST(rows_stand_below_each_other_and_arrows_fall)
{
	open_at(0);
	put();
	assert_int_equal(place->row_count, 3);
	for (unsigned int i = 0; i < place->row_count; i++) {
		const struct place_row *placed = &place->rows[i];
		enum side sender = placed->row->sender;

		assert_int_equal(placed->at[sender], placed->y);
		assert_true(placed->at[!sender] > placed->y);
		assert_true(i == 0 ||
			    placed->y > place->rows[i - 1].at[!place->rows[i - 1].row->sender]);
	}
	assert_true(place->height > place->rows[2].y);
}

static int fall_of(const struct place_row *placed)
{
	return placed->at[!placed->row->sender] - placed->at[placed->row->sender];
}

TEST(an_arrow_falls_the_more_the_longer_it_took)
{
	open_at(0);
	MOVE(&server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	MOVE(&client, ESTABLISHED, CLOSE_WAIT, 2510);
	put();
	assert_int_equal(place->row_count, 4);
	assert_true(fall_of(&place->rows[3]) > fall_of(&place->rows[2]));
}

TEST(a_wait_is_as_long_as_its_state)
{
	open_at(0);
	MOVE(&server, ESTABLISHED, FIN_WAIT1, 1000, .shutdown = SHUTDOWN_BOTH);
	MOVE(&client, ESTABLISHED, CLOSE_WAIT, 1001);
	MOVE(&client, CLOSE_WAIT, LAST_ACK, 4000, .shutdown = SHUTDOWN_BOTH);
	put();
	assert_int_equal(stay_of(SIDE_CLIENT, WIRE_CLOSE_WAIT)->to_ns, AT(4000));
	assert_int_equal(stay_of(SIDE_CLIENT, WIRE_CLOSE_WAIT)->from_ns, AT(1001));
	assert_true(stay_of(SIDE_CLIENT, WIRE_CLOSE_WAIT)->to_y >
		    stay_of(SIDE_CLIENT, WIRE_CLOSE_WAIT)->from_y);
	assert_int_equal(stay_of(SIDE_CLIENT, WIRE_LAST_ACK)->to_ns, 0);
	assert_int_equal(stay_of(SIDE_CLIENT, WIRE_LAST_ACK)->to_y, place->height);
}

TEST(quiet_time_takes_a_break_and_not_before_the_first_row)
{
	open_at(0);
	MOVE(&server, ESTABLISHED, FIN_WAIT1, 5000000, .shutdown = SHUTDOWN_BOTH);
	put();
	assert_int_equal(place->rows[0].break_y, 0);
	assert_int_equal(place->rows[1].break_y, 0);
	assert_true(place->rows[3].break_y > place->rows[2].y);
	assert_int_equal(place->rows[3].y, place->rows[3].break_y + PLACE_BREAK_HEIGHT);
}

TEST(a_fin_that_nothing_came_of_is_unseen)
{
	open_at(0);
	MOVE(&server, ESTABLISHED, FIN_WAIT1, 1000, .shutdown = SHUTDOWN_BOTH);
	put();
	assert_true(place->rows[3].unseen);
	assert_false(place->rows[1].unseen);
	assert_false(place->rows[2].unseen);
}

TEST(nobody_knows_how_long_a_state_was_whose_end_was_missed)
{
	open_at(0);
	MOVE(&server, ESTABLISHED, FIN_WAIT1, 1000, .shutdown = SHUTDOWN_BOTH);
	MOVE(&client, ESTABLISHED, CLOSE_WAIT, 1001);
	MOVE(&client, LAST_ACK, CLOSE, 9000);
	put();
	assert_true(stay_of(SIDE_CLIENT, WIRE_CLOSE_WAIT)->missed);
	assert_false(stay_of(SIDE_SERVER, WIRE_FIN_WAIT1)->missed);
}

#define PLACE_TEST_OF(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST_OF(rows_stand_below_each_other_and_arrows_fall),
		PLACE_TEST_OF(an_arrow_falls_the_more_the_longer_it_took),
		PLACE_TEST_OF(a_wait_is_as_long_as_its_state),
		PLACE_TEST_OF(a_fin_that_nothing_came_of_is_unseen),
		PLACE_TEST_OF(nobody_knows_how_long_a_state_was_whose_end_was_missed),
		PLACE_TEST_OF(quiet_time_takes_a_break_and_not_before_the_first_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
