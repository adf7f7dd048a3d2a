/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * place: where the rows of one connection's ladder stand in a picture. Nothing is drawn here.
 *
 * Units are those of the picture; x grows to the right, y downwards from the top of the ladder. An arrow falls by
 * how long its segment took, as far as that is known: a little for microseconds, more for what a network takes.
 */
#ifndef RENDER_PLACE_H
#define RENDER_PLACE_H

#include "render/history.h"
#include "render/told.h"

#define PLACE_LINE_HEIGHT  16 /* of a note's lines */
#define PLACE_NOTE_COLUMNS 46
#define PLACE_NOTE_LINES   16 /* what is beyond is cut */
#define PLACE_BREAK_HEIGHT 30
#define PLACE_STAYS	   (2 * HISTORY_ROWS)
#define PLACE_QUIET_NS	   UINT64_C(1000000000) /* shorter silences are not worth a break */

struct place_row {
	const struct row *row;
	int y; /* of its time and note */
	int at[2]; /* of its state at either side, and of that end of its arrow */
	int break_y; /* of the break before it, 0: none */
	bool unseen; /* its segment changes who gets it, and nobody was seen to change */
	unsigned int note_lines;
	char note[TOLD_TEXT_LEN];
};

/* How long one end was in one state. */
struct place_stay {
	uint64_t from_ns, to_ns; /* to_ns: when it ended, 0: it has not */
	int from_y, to_y;
	int again_y; /* where the state is told for a second time, 0: nowhere */
	bool missed; /* edges behind it were: when it ended is not known */
	uint8_t state;
	uint8_t side; /* enum side */
};

struct place {
	const struct history_conn *conn;
	struct told told;
	int height;
	unsigned int row_count, stay_count;
	struct place_row rows[HISTORY_ROWS + 1];
	struct place_stay stays[PLACE_STAYS];
};

/* Places the rows of CONN, which must outlive the place. It is large: 300 KB. */
void place_init(struct place *place, const struct history_conn *conn);

#endif
