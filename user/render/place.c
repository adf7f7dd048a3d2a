// SPDX-License-Identifier: GPL-2.0-only
#include "render/place.h"

#include <string.h>

#include "core/state.h"

#define ROW_HEIGHT   40
#define LAST_HEIGHT  50 /* of a wait that is not over */
#define FALL_LEAST   8
#define FALL_DECADE  6 /* for each power of ten above FALL_FROM_NS */
#define FALL_FROM_NS UINT64_C(100000)

/* How far the arrow of ROW falls: by how long its segment took, where both ends tell when. */
static int fall_of(const struct row *row)
{
	const struct row_cell *tail = &row->cells[row->sender], *head = &row->cells[!row->sender];
	int fall = FALL_LEAST;

	if (row->segment == SEGMENT_NONE)
		return 0;
	if (!tail->ktime_ns || !head->ktime_ns || head->ktime_ns < tail->ktime_ns || head->inferred)
		return fall;
	for (uint64_t ns = head->ktime_ns - tail->ktime_ns; ns >= FALL_FROM_NS; ns /= 10)
		fall += FALL_DECADE;
	return fall;
}

static unsigned int count_lines(const char *words)
{
	unsigned int lines = 0;

	while (*words) {
		words += text_fit(words, PLACE_NOTE_COLUMNS);
		words += strspn(words, " ");
		lines++;
	}
	return lines < PLACE_NOTE_LINES ? lines : PLACE_NOTE_LINES;
}

static struct place_stay *open_stay(struct place *place, enum side side)
{
	for (unsigned int i = place->stay_count; i-- > 0;)
		if (place->stays[i].side == side)
			return place->stays[i].to_ns ? NULL : &place->stays[i];
	return NULL;
}

/* A SYN,ACK or a FIN that nothing came of, at an end that is there. (Of a SYN a request socket may be all that comes.) */
static bool is_unseen(struct place *place, const struct row *row)
{
	return (row->segment == SEGMENT_SYN_ACK || row->segment == SEGMENT_FIN) &&
	       !row->cells[!row->sender].state && open_stay(place, !row->sender);
}

/* ROW is the last of the ladder so far; the next begins below its arrow and its note. */
static void put_row(struct place *place, const struct row *row, const struct heading *heading)
{
	struct place_row *placed = &place->rows[place->row_count++];
	int fall = fall_of(row), note;
	struct text text;

	if (row->quiet_ns >= PLACE_QUIET_NS && place->row_count > 1) {
		placed->break_y = place->height;
		place->height += PLACE_BREAK_HEIGHT;
	}
	placed->row = row;
	placed->unseen = is_unseen(place, row);
	placed->y = place->height;
	placed->at[row->sender] = placed->y;
	placed->at[!row->sender] = placed->y + fall;
	text_init(&text, placed->note, sizeof(placed->note));
	told_step(&place->told, row, heading, &text);
	placed->note_lines = count_lines(placed->note);
	note = (int)placed->note_lines * PLACE_LINE_HEIGHT + PLACE_LINE_HEIGHT;
	place->height +=
		note > ROW_HEIGHT - FALL_LEAST + fall ? note : ROW_HEIGHT - FALL_LEAST + fall;
}

/* An end leaves one state and comes to the next. */
static void put_stay(struct place *place, const struct place_row *placed, enum side side)
{
	const struct row_cell *cell = &placed->row->cells[side];
	struct place_stay *stay = open_stay(place, side);

	if (stay && stay->state == cell->state && !stay->again_y)
		stay->again_y = placed->at[side];
	if (!cell->state || (stay && stay->state == cell->state))
		return;
	if (stay) {
		stay->missed = cell->missed;
		stay->to_ns = cell->ktime_ns;
		stay->to_y = placed->at[side];
	}
	if (place->stay_count == PLACE_STAYS || cell->state == WIRE_CLOSE)
		return;
	place->stays[place->stay_count++] = (struct place_stay){
		.from_ns = cell->ktime_ns,
		.from_y = placed->at[side],
		.state = cell->state,
		.side = (uint8_t)side,
	};
}

/* What has not ended goes on to the end of the ladder, where there is room for its words. */
static void end_stays(struct place *place)
{
	for (unsigned int i = 0; i < place->stay_count; i++)
		if (!place->stays[i].to_ns && place->height - place->stays[i].from_y < LAST_HEIGHT)
			place->height = place->stays[i].from_y + LAST_HEIGHT;
	for (unsigned int i = 0; i < place->stay_count; i++)
		if (!place->stays[i].to_ns)
			place->stays[i].to_y = place->height;
}

static void take_row(void *ctx, const struct row *row, const struct heading *heading)
{
	struct place *place = ctx;

	if (row->kind != ROW_STEP || place->row_count > HISTORY_ROWS)
		return;
	put_row(place, row, heading);
	for (int side = 0; side < 2; side++)
		put_stay(place, &place->rows[place->row_count - 1], (enum side)side);
}

void place_init(struct place *place, const struct history_conn *conn)
{
	memset(place, 0, sizeof(*place));
	place->conn = conn;
	told_begin(&place->told, &conn->heading);
	history_draw(conn, take_row, place);
	end_stays(place);
}
