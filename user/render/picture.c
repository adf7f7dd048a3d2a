// SPDX-License-Identifier: GPL-2.0-only
#include "render/picture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "render/heading.h"
#include "render/place.h"
#include "render/svg.h"
#include "render/words.h"

/* Where the columns are. A character of text takes 8 at most in any monospaced font of 13. */
#define WIDTH	       1080
#define MARGIN	       24
#define TIME_X	       104 /* its right edge */
#define CLIENT_X       250
#define SERVER_X       550
#define NOTE_X	       696
#define STATE_GAP      16 /* from a lane to the states beside it */
#define BRACKET	       6 /* from a lane to the bracket of a wait */
#define BAR_WIDTH      10
#define HEAD_HEIGHT    18
#define LINE_HEIGHT    20
#define TEXT_COLUMNS   ((WIDTH - 2 * MARGIN) / SVG_COLUMN_WIDTH)
#define LANE_COLUMNS   32 /* of a name over its lane, before it needs the room up to the middle */
#define MIDDLE_X       ((CLIENT_X + SERVER_X) / 2)
#define HEAD_COLUMNS   ((MIDDLE_X - SVG_COLUMN_WIDTH - MARGIN) / SVG_COLUMN_WIDTH)
#define CONN_GAP       56
#define SPACE_FOR_WAIT 20 /* a bracket that is shorter has no room for its words */

struct picture {
	struct svg svg;
	struct style style;
	int y; /* where the next thing begins */
};

static const char *class_of(enum meaning meaning)
{
	static const char *const classes[] = {
		[MEANING_PLAIN] = "plain", [MEANING_OPEN] = "open",   [MEANING_WAIT] = "wait",
		[MEANING_BAD] = "bad",	   [MEANING_FAINT] = "faint", [MEANING_HEAD] = "head",
	};

	return classes[meaning];
}

/* --- a connection's head ------------------------------------------------------------------------- */

static int lane_x(enum side side)
{
	return side == SIDE_CLIENT ? CLIENT_X : SERVER_X;
}

/* In the middle of its lane, or, where it is long, from the other lane's side on. Returns where the next stands. */
static int put_head(struct picture *picture, enum side side, int y, const char *class,
		    const char *words)
{
	bool fits = strlen(words) <= LANE_COLUMNS;
	int out = side == SIDE_CLIENT ? -SVG_COLUMN_WIDTH : SVG_COLUMN_WIDTH;
	const char *anchor = fits ? "middle" : side == SIDE_CLIENT ? "end" : "start";

	while (*words) {
		size_t n = text_fit(words, HEAD_COLUMNS);

		svg_bytes(&picture->svg, fits ? lane_x(side) : MIDDLE_X + out, y, class, anchor,
			  words, n);
		y += HEAD_HEIGHT;
		words += n;
		words += strspn(words, " ");
	}
	return y;
}

static void add_owner(const struct heading *heading, enum side side, struct text *owner)
{
	if (!heading->present[side]) {
		text_add(owner, "not seen here");
		return;
	}
	words_owner(owner, &heading->owners[side]);
	words_container(owner, heading->cgroups[side]);
}

/* What tells one host or namespace from another, where there are several. */
static void add_whereabouts(const struct style *style, const struct heading *heading,
			    enum side side, struct text *where)
{
	const char *host = style->hosts[host_of(heading->netns[side])].name;

	if (!heading->present[side])
		return;
	if (host) {
		text_add(where, "on ");
		words_host(where, host);
	}
	if (heading_tells_netns(style, heading, side))
		text_addf(where, "%snetns %u", where->len ? ", " : "",
			  host_netns(heading->netns[side]));
}

/* Returns where the next line would stand. */
static int put_end(struct picture *picture, const struct heading *heading, enum side side)
{
	const char *class = heading->present[side] ? "head" : "faint";
	const char *plain = heading->present[side] ? "plain" : "faint";
	char role[32], at[ADDR_PORT_TEXT_LEN], words[256];
	struct text said;
	int y = picture->y;

	snprintf(role, sizeof(role), "%s%s", side == SIDE_CLIENT ? "client" : "server",
		 heading->sides_known || heading->listener ? "" : "?");
	addr_port_format(&heading->at[side], at);
	y = put_head(picture, side, y, plain, role);
	y = put_head(picture, side, y, class, at);
	text_init(&said, words, sizeof(words));
	add_owner(heading, side, &said);
	y = put_head(picture, side, y, plain, words);
	text_reset(&said);
	add_whereabouts(&picture->style, heading, side, &said);
	return put_head(picture, side, y, plain, words);
}

static void put_ends(struct picture *picture, const struct heading *heading)
{
	char number[48];
	int client = 0, server;

	snprintf(number, sizeof(number), "connection %" PRIu64, heading->conn_id);
	svg_text(&picture->svg, WIDTH - MARGIN, picture->y, "faint", "end", number);
	if (!heading->listener)
		client = put_end(picture, heading, SIDE_CLIENT);
	server = put_end(picture, heading, SIDE_SERVER);
	picture->y = (client > server ? client : server) + HEAD_HEIGHT / 2;
}

/* --- lanes and waits ----------------------------------------------------------------------------- */

/* It ends where its socket, and what the kernel kept of it, did. */
static int end_of_lane(const struct place *place, enum side side)
{
	for (unsigned int i = place->row_count; i-- > 0;) {
		const struct place_row *placed = &place->rows[i];
		uint8_t state = placed->row->cells[side].state;

		if (state)
			return state == WIRE_CLOSE ? placed->at[side] : place->height;
	}
	return place->height;
}

static void put_lane(struct picture *picture, const struct place *place, enum side side)
{
	bool present = place->conn->heading.present[side];

	svg_put(&picture->svg, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"%s\"/>",
		lane_x(side), picture->y - LINE_HEIGHT / 2, lane_x(side),
		picture->y + end_of_lane(place, side), present ? "lane" : "lane far");
}

/* "3.002 s", or what it was meant to be if it is not over. */
static void add_length(const struct place *place, const struct place_stay *stay,
		       struct text *length)
{
	const struct history_end *end = &place->conn->ends[stay->side];

	if (stay->to_ns > stay->from_ns)
		style_duration(length, stay->to_ns - stay->from_ns);
	else if (!stay->to_ns && end->until_ns > end->since_ns && end->since_known) {
		style_duration(length, end->until_ns - end->since_ns);
		text_add(length, " planned");
	}
}

static void put_length(struct picture *picture, const struct place *place,
		       const struct place_stay *stay)
{
	int to_y = stay->again_y ? stay->again_y : stay->to_y;
	int x = lane_x((enum side)stay->side);
	bool client = stay->side == SIDE_CLIENT;
	char words[64];
	struct text length;

	text_init(&length, words, sizeof(words));
	add_length(place, stay, &length);
	if (words[0] && to_y - stay->from_y >= SPACE_FOR_WAIT)
		svg_text(&picture->svg, client ? x - STATE_GAP : x + STATE_GAP,
			 picture->y + (stay->from_y + to_y) / 2 + 4, "small",
			 client ? "end" : "start", words);
}

/* The port is held by nobody but the kernel for so long. */
static void put_bar(struct picture *picture, const struct place_stay *stay)
{
	svg_put(&picture->svg,
		"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\" class=\"bar%s\"/>",
		lane_x((enum side)stay->side) - BAR_WIDTH / 2, picture->y + stay->from_y, BAR_WIDTH,
		stay->to_y - stay->from_y, stay->to_ns ? "" : " open-end");
}

static void put_bracket(struct picture *picture, const struct place_stay *stay)
{
	int x = lane_x((enum side)stay->side), out = stay->side == SIDE_CLIENT ? -BRACKET : BRACKET;
	int from = picture->y + stay->from_y + 2, to = picture->y + stay->to_y - 2;

	svg_put(&picture->svg, "<path d=\"M%d %dh%dV%d%s\" class=\"bracket\"/>", x, from, out, to,
		stay->to_ns ? (out < 0 ? "h6" : "h-6") : "");
}

static void put_stay(struct picture *picture, const struct place *place,
		     const struct place_stay *stay)
{
	if (style_state_meaning(stay->state) != MEANING_WAIT || stay->missed)
		return;
	if (stay->state == WIRE_TIME_WAIT)
		put_bar(picture, stay);
	else
		put_bracket(picture, stay);
	put_length(picture, place, stay);
}

/* --- rows ---------------------------------------------------------------------------------------- */

static void put_arrow(struct picture *picture, const struct place_row *placed)
{
	const struct row *row = placed->row;
	int toward = row->sender == SIDE_CLIENT ? 1 : -1;
	int x1 = lane_x(row->sender), x2 = lane_x(!row->sender) - toward;
	int y1 = picture->y + placed->at[row->sender], y2 = picture->y + placed->at[!row->sender];
	const char *class = row->segment == SEGMENT_RST ? "arrow bad" : "arrow";

	if (placed->unseen) {
		x2 -= toward * (SERVER_X - CLIENT_X) / 5;
		y2 -= (y2 - y1) / 5;
	}
	svg_put(&picture->svg, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"%s%s\"/>", x1,
		y1, x2 - 7 * toward, y2, class, row->cells[!row->sender].inferred ? " guess" : "");
	svg_put(&picture->svg, "<path d=\"M%d %dl%d -4v8z\" class=\"%s\"/>", x2, y2, -9 * toward,
		row->segment == SEGMENT_RST ? "tip bad" : "tip");
	svg_text(&picture->svg, (x1 + x2) / 2, (y1 + y2) / 2 - 5,
		 row->segment == SEGMENT_RST ? "segment bad" : "segment", "middle",
		 row->with_ack ? "FIN,ACK" : segment_name(row->segment));
}

static void put_cell(struct picture *picture, const struct place_row *placed, enum side side)
{
	const struct row_cell *cell = &placed->row->cells[side];
	/* RFC 9293 has one SYN-RECEIVED, whatever the kernel keeps for it. */
	uint8_t state = cell->state == WIRE_NEW_SYN_RECV ? WIRE_SYN_RECV : cell->state;
	int x = lane_x(side), y = picture->y + placed->at[side];
	char class[32];

	if (!state)
		return;
	snprintf(class, sizeof(class), "state %s", class_of(style_state_meaning(state)));
	svg_put(&picture->svg, "<circle cx=\"%d\" cy=\"%d\" r=\"3\" class=\"dot\"/>", x, y);
	svg_text(&picture->svg, side == SIDE_CLIENT ? x - STATE_GAP : x + STATE_GAP, y + 4, class,
		 side == SIDE_CLIENT ? "end" : "start", state_name(state));
}

/* Time passes: the axis is no scale, least of all here. */
static void put_break(struct picture *picture, const struct place_row *placed)
{
	int y = picture->y + placed->break_y + PLACE_BREAK_HEIGHT / 2 - LINE_HEIGHT / 2;
	char words[64];
	struct text quiet;

	text_init(&quiet, words, sizeof(words));
	text_addf(&quiet, "%s ", style_glyphs(&picture->style)->gap);
	style_duration(&quiet, placed->row->quiet_ns);
	svg_text(&picture->svg, TIME_X, y + 4, "time", "end", words);
	svg_put(&picture->svg, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"break\"/>",
		CLIENT_X + STATE_GAP, y, SERVER_X - STATE_GAP, y);
}

static void put_row(struct picture *picture, const struct place *place,
		    const struct place_row *placed)
{
	char words[64];
	struct text time;

	if (placed->break_y)
		put_break(picture, placed);
	text_init(&time, words, sizeof(words));
	style_time(&picture->style, &time, placed->row->ktime_ns, place->conn->heading.start_ns);
	svg_text(&picture->svg, TIME_X, picture->y + placed->y + 4, "time", "end",
		 words + strspn(words, " "));
	if (placed->row->segment != SEGMENT_NONE)
		put_arrow(picture, placed);
	for (int side = 0; side < 2; side++)
		put_cell(picture, placed, (enum side)side);
	svg_lines(&picture->svg, NOTE_X, picture->y + placed->y + 4, "note", placed->note,
		  PLACE_NOTE_COLUMNS, placed->note_lines, PLACE_LINE_HEIGHT);
}

static void put_ladder(struct picture *picture, const struct place *place)
{
	if (!place->conn->heading.listener)
		put_lane(picture, place, SIDE_CLIENT);
	put_lane(picture, place, SIDE_SERVER);
	for (unsigned int i = 0; i < place->stay_count; i++)
		if (!place->conn->heading.listener)
			put_stay(picture, place, &place->stays[i]);
	for (unsigned int i = 0; i < place->row_count; i++)
		put_row(picture, place, &place->rows[i]);
	picture->y += place->height + LINE_HEIGHT;
}

/* --- below the ladder ---------------------------------------------------------------------------- */

static void put_verdict(void *ctx, const struct row *row, const struct heading *heading)
{
	struct picture *picture = ctx;

	(void)heading;
	if (row->kind == ROW_VERDICT)
		picture->y = svg_parts(&picture->svg, MARGIN, picture->y + LINE_HEIGHT / 2,
				       row->note, TEXT_COLUMNS, LINE_HEIGHT);
}

static void put_left_out(struct picture *picture, const struct history_conn *conn)
{
	char words[64];

	if (!conn->left_out)
		return;
	snprintf(words, sizeof(words), "%u rows in the middle are left out", conn->left_out);
	svg_text(&picture->svg, MARGIN, picture->y + LINE_HEIGHT / 2, "faint", "start", words);
	picture->y += LINE_HEIGHT;
}

static int put_conn(struct picture *picture, const struct history_conn *conn)
{
	struct place *place = malloc(sizeof(*place));

	if (!place)
		return -ENOMEM;
	place_init(place, conn);
	put_ends(picture, &conn->heading);
	picture->y += LINE_HEIGHT;
	put_ladder(picture, place);
	free(place);
	history_draw(conn, put_verdict, picture);
	put_left_out(picture, conn);
	picture->y += CONN_GAP;
	return 0;
}

/* Between what stands above and what is below. */
static void put_rule(struct picture *picture)
{
	svg_put(&picture->svg, "<path d=\"M%d %dH%d\" class=\"rule\"/>", MARGIN,
		picture->y - (CONN_GAP + LINE_HEIGHT) / 2, WIDTH - MARGIN);
}

/* Its first line says what, those behind it why and what to do. */
static void put_remark(struct picture *picture, const struct history_remark *remark)
{
	const char *words = remark->words;
	const char *class = class_of(remark->meaning);

	while (*words) {
		size_t len = strcspn(words, "\n");
		char line[1024];

		snprintf(line, sizeof(line), "%.*s", (int)len, words);
		picture->y = svg_lines(&picture->svg, MARGIN, picture->y, class, line, TEXT_COLUMNS,
				       UINT32_MAX, LINE_HEIGHT);
		class = "note";
		words += len + (words[len] == '\n');
	}
	picture->y += LINE_HEIGHT / 2;
}

/* --- which connections --------------------------------------------------------------------------- */

uint64_t picture_beyond(const struct history *history)
{
	unsigned int count = history_list(history, NULL);

	return history_given_up(history) + (count > PICTURE_CONNS ? count - PICTURE_CONNS : 0);
}

static int put_conns(struct picture *picture, const struct history *history,
		     const struct history_conn *const *list, unsigned int count)
{
	uint64_t more = picture_beyond(history);
	char words[64];
	int err = 0;

	if (count == 0)
		svg_text(&picture->svg, WIDTH / 2, picture->y, "faint", "middle",
			 "no connection was seen");
	for (unsigned int i = 0; i < count && i < PICTURE_CONNS && !err; i++) {
		if (i > 0)
			put_rule(picture);
		err = put_conn(picture, list[i]);
	}
	if (!more)
		return err;
	snprintf(words, sizeof(words), "and %" PRIu64 " connection%s more: --conn N shows one",
		 more, more == 1 ? "" : "s");
	svg_text(&picture->svg, MARGIN, picture->y, "faint", "start", words);
	picture->y += CONN_GAP;
	return err;
}

static int put_all(struct picture *picture, const struct history *history)
{
	const struct history_conn **list =
		calloc(history_count(history) + 1, sizeof(const struct history_conn *));
	const struct history_remark *remark;
	unsigned int remarks = 0;
	int err;

	if (!list)
		return -ENOMEM;
	err = put_conns(picture, history, list, history_list(history, list));
	free(list);
	while (history_remark(history, remarks))
		remarks++;
	while (remarks-- > 0 && (remark = history_remark(history, remarks)))
		put_remark(picture, remark);
	return err;
}

/* --- the whole ----------------------------------------------------------------------------------- */

static int put_body(struct picture *picture, const struct history *history, uint64_t conn)
{
	const struct history_conn *one = conn ? history_find(history, conn) : NULL;

	picture->y = MARGIN + LINE_HEIGHT / 2;
	if (conn)
		return one ? put_conn(picture, one) : -ENOENT;
	return put_all(picture, history);
}

/* The height stands at the beginning: it is drawn once to know it, and once to be seen. FD: -1 for the former. */
static int draw(struct picture *picture, const struct history *history, uint64_t conn, int fd,
		int height)
{
	int err = svg_init(&picture->svg, fd), drawn, written;

	if (err)
		return err;
	svg_begin(&picture->svg, "TCP connections, drawn by tcpstate-trace", WIDTH, height);
	drawn = put_body(picture, history, conn);
	svg_end(&picture->svg);
	written = svg_fini(&picture->svg);
	return drawn || fd < 0 ? drawn : written;
}

int picture_write(const struct history *history, uint64_t conn, const struct style *style, int fd)
{
	struct picture *picture;
	int err = history_err(history);

	if (err)
		return err;
	picture = calloc(1, sizeof(*picture));
	if (!picture)
		return -ENOMEM;
	picture->style = *style;
	picture->style.utf8 = true;
	picture->style.colour = false;
	err = draw(picture, history, conn, -1, 0);
	if (!err)
		err = draw(picture, history, conn, fd, picture->y);
	free(picture);
	return err;
}
