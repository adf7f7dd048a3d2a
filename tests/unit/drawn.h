/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drawn: the rows of ladders that a tracker's changes become. The two ends are those of the fixture.
 *
 *	drawn_open(0);
 *	ROW(&client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
 *	rows_finish(rows);
 *	CHECK(3, FIN, CLIENT, FIN_WAIT1, NO_STATE);
 *
 * Each test that main() lists as ROWS_TEST_OF(name) has all of this to itself.
 */
#ifndef TESTS_DRAWN_H
#define TESTS_DRAWN_H

#include "fixture.h"

#include "render/rows.h"

struct drawn {
	struct row row;
	char note[ROWS_TEXT_LEN]; /* what ROW points to */
	struct finding finding;
	struct heading heading;
};

extern struct drawn *drawn;
extern unsigned int drawn_count;
extern struct rows *rows;
extern struct tracker tracker;

int drawn_start(void **fixture);
int drawn_stop(void **fixture);

void drawn_events(const struct event *events, unsigned int count);
void drawn_step(const struct make_step *step);

/* The handshake of client and server. */
void drawn_open(uint64_t us);

/* The same, and its rows are out of the way. */
void drawn_begin_open(void);

/* The row I, from 0; there must be one. */
const struct row *drawn_row(unsigned int i);

/* How many rows are arrows of SEGMENT. */
unsigned int drawn_segments(enum segment segment);

/* The row I is an arrow from SENDER with these states at either side. */
void drawn_check(unsigned int i, enum segment segment, enum side sender, uint8_t at_client,
		 uint8_t at_server);

#define ROW(...) drawn_step(STEP(__VA_ARGS__))

#define CHECK(i, segment, sender, at_client, at_server)                                            \
	drawn_check(i, SEGMENT_##segment, SIDE_##sender, WIRE_##at_client, WIRE_##at_server)

#define ROWS_TEST_OF(name) cmocka_unit_test_setup_teardown(name, drawn_start, drawn_stop)

#endif
