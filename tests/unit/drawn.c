// SPDX-License-Identifier: GPL-2.0-only
#include "drawn.h"

#include <stdio.h>
#include <string.h>

#include "render/style.h"

#define DRAWN_MAX 20000

struct drawn *drawn;
unsigned int drawn_count;
struct rows *rows;
struct tracker tracker;

static const struct style style = {.columns = 100};
static struct filter filter;

static void draw(void *ctx, const struct row *row, const struct heading *heading)
{
	assert_ptr_equal(ctx, &drawn);
	assert_true(drawn_count < DRAWN_MAX);
	assert_int_equal(heading == NULL, row->kind == ROW_LOST || row->kind == ROW_FINDING);
	drawn[drawn_count].row = *row;
	snprintf(drawn[drawn_count].note, sizeof(drawn->note), "%s", row->note);
	drawn[drawn_count].row.note = drawn[drawn_count].note;
	if (row->finding) {
		drawn[drawn_count].finding = *row->finding;
		drawn[drawn_count].row.finding = &drawn[drawn_count].finding;
	}
	drawn[drawn_count].heading = heading ? *heading : (struct heading){0};
	drawn_count++;
}

static void deliver(void *ctx, const struct change *change)
{
	rows_change(ctx, change);
}

int drawn_start(void **fixture)
{
	(void)fixture;
	memset(&filter, 0, sizeof(filter));
	drawn = test_calloc(DRAWN_MAX, sizeof(*drawn));
	drawn_count = 0;
	rows = rows_create(&style, draw, &drawn);
	fixture_make_ends();
	if (!rows || tracker_init(&tracker, 8192, &filter, deliver, rows))
		return -1;
	tracker.findings.off = true; /* they stand between rows that are about something else */
	return 0;
}

int drawn_stop(void **fixture)
{
	(void)fixture;
	rows_destroy(rows);
	tracker_fini(&tracker);
	test_free(drawn);
	return 0;
}

void drawn_events(const struct event *events, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		rows_tick(rows, events[i].ktime_ns);
		tracker_event(&tracker, &events[i]);
	}
}

void drawn_step(const struct make_step *step)
{
	struct event event = make_edge(step);

	drawn_events(&event, 1);
}

void drawn_open(uint64_t us)
{
	struct event events[MAKE_OPEN_EVENTS];

	make_open(events, &client, &server, us);
	drawn_events(events, MAKE_OPEN_EVENTS);
}

void drawn_begin_open(void)
{
	drawn_open(0);
	rows_finish(rows);
	drawn_count = 0;
}

const struct row *drawn_row(unsigned int i)
{
	assert_true(i < drawn_count);
	return &drawn[i].row;
}

unsigned int drawn_segments(enum segment segment)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < drawn_count; i++)
		count += drawn_row(i)->segment == segment;
	return count;
}

void drawn_check(unsigned int i, enum segment segment, enum side sender, uint8_t at_client,
		 uint8_t at_server)
{
	const struct row *row = drawn_row(i);

	assert_int_equal(row->kind, ROW_STEP);
	assert_int_equal(row->segment, segment);
	if (segment)
		assert_int_equal(row->sender, sender);
	assert_int_equal(row->cells[SIDE_CLIENT].state, at_client);
	assert_int_equal(row->cells[SIDE_SERVER].state, at_server);
}
