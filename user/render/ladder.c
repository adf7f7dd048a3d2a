// SPDX-License-Identifier: GPL-2.0-only
#include "render/ladder.h"

#include <stdlib.h>
#include <string.h>

#include "render/advice.h"
#include "render/bind_words.h"
#include "render/heading.h"
#include "render/lanes.h"
#include "render/rows.h"
#include "render/words.h"

#define QUIET_NS UINT64_C(1000000000) /* shorter silences are not worth a line */

struct ladder {
	struct sink sink;
	struct lanes lanes;
	struct rows *rows;
	struct heading last; /* printed last */
	bool something; /* was printed */
	bool after_verdict;
};

/* --- pieces of a line ---------------------------------------------------------------------------- */

static void add_arrow(const struct ladder *ladder, struct text *line, const struct row *row)
{
	const struct glyphs *glyphs = style_glyphs(ladder->lanes.style);
	const char *name = row->with_ack ? "FIN,ACK" : segment_name(row->segment);
	size_t width = ladder->lanes.server - ladder->lanes.arrow - 1;
	size_t shaft = width - strlen(name) - 3, before = shaft / 2;
	bool to_client = row->sender == SIDE_SERVER;
	bool guessed = row->cells[!row->sender].inferred;
	const char *stroke = guessed ? glyphs->dash : glyphs->line;
	char buffer[LANES_ARROW_COLUMNS * 4];
	struct text arrow;

	text_init(&arrow, buffer, sizeof(buffer));
	text_add(&arrow, to_client ? glyphs->left : "");
	text_repeat(&arrow, stroke, before);
	text_addf(&arrow, " %s ", name);
	text_repeat(&arrow, stroke, shaft - before);
	text_add(&arrow, to_client ? "" : glyphs->right);
	style_add(ladder->lanes.style, line,
		  row->segment == SEGMENT_RST ? MEANING_BAD : MEANING_PLAIN, arrow.at);
}

static void add_cell(const struct ladder *ladder, struct text *line, const struct row_cell *cell)
{
	/* RFC 9293 has one SYN-RECEIVED, whatever the kernel keeps for it. */
	uint8_t state = cell->state == WIRE_NEW_SYN_RECV ? WIRE_SYN_RECV : cell->state;

	if (state)
		style_add(ladder->lanes.style, line, style_state_meaning(state), state_name(state));
}

/* --- rows ---------------------------------------------------------------------------------------- */

static void print_note(struct ladder *ladder, struct text *line, const char *note)
{
	const struct lanes *lanes = &ladder->lanes;

	if (!note[0]) {
		screen_line(ladder->lanes.screen, line);
		return;
	}
	if (!lanes->note_beside) {
		screen_line(ladder->lanes.screen, line);
		text_reset(line);
	}
	lanes_wrap(&ladder->lanes, line, lanes->note_beside ? lanes->note : lanes->client,
		   MEANING_PLAIN, note);
}

/* The port of a connect() is chosen after its SYN_SENT. A heading that was printed before says "*". */
static void port_note(struct ladder *ladder, const struct heading *heading, struct text *note)
{
	const struct addr_port *client = &heading->at[SIDE_CLIENT];

	if (ladder->last.at[SIDE_CLIENT].port || !client->port)
		return;
	text_addf(note, "from port %u", client->port);
	ladder->last.at[SIDE_CLIENT] = *client;
}

/* It was passed on, or accepted by another process than the heading said. Who closes is told as the cause. */
static void owner_note(struct ladder *ladder, const struct heading *heading, struct text *note)
{
	for (int side = 0; side < 2; side++) {
		const struct owner *owner = &heading->owners[side];
		struct owner *told = &ladder->last.owners[side];

		if ((owner->source != OWNER_ACCEPT && owner->source != OWNER_READ) ||
		    (told->source != OWNER_UNKNOWN && told->pid == owner->pid))
			continue;
		text_addf(note, "%s%s is ", note->len ? "; " : "",
			  side == SIDE_CLIENT ? "client" : "server");
		words_owner(note, owner);
		text_addf(note, " (%s)", owner_source_name(owner->source));
		*told = *owner;
	}
}

/* A state that was passed at once is said in the note: "through SYN_RECV". */
static void through_note(const struct row *row, struct text *note)
{
	if (row->joined)
		text_addf(note, "%sin %s since before %s", note->len ? "; " : "",
			  state_name(row->joined),
			  row->joined_after_gap ? "we looked" : "the start");
	for (int side = 0; side < 2; side++)
		if (row->cells[side].through)
			text_addf(note, "%sthrough %s", note->len ? "; " : "",
				  state_name(row->cells[side].through));
	if (row->note[0])
		text_addf(note, "%s%s", note->len ? "; " : "", row->note);
}

static void print_step(struct ladder *ladder, const struct row *row, const struct heading *heading)
{
	const struct lanes *lanes = &ladder->lanes;
	char buffer[1024], note_buffer[ROWS_TEXT_LEN + 256];
	struct text line, note;

	text_init(&line, buffer, sizeof(buffer));
	text_init(&note, note_buffer, sizeof(note_buffer));
	style_time(ladder->lanes.style, &line, row->ktime_ns, heading->start_ns);
	text_pad(&line, lanes->client);
	add_cell(ladder, &line, &row->cells[SIDE_CLIENT]);
	text_pad(&line, lanes->arrow);
	if (row->segment != SEGMENT_NONE)
		add_arrow(ladder, &line, row);
	if (row->cells[SIDE_SERVER].state) {
		text_pad(&line, lanes->server);
		add_cell(ladder, &line, &row->cells[SIDE_SERVER]);
	}
	port_note(ladder, heading, &note);
	owner_note(ladder, heading, &note);
	through_note(row, &note);
	print_note(ladder, &line, note.at);
}

static void print_quiet(struct ladder *ladder, const struct row *row)
{
	char buffer[256], words[64];
	struct text line, quiet;

	if (row->quiet_ns < QUIET_NS)
		return;
	text_init(&line, buffer, sizeof(buffer));
	text_init(&quiet, words, sizeof(words));
	text_addf(&quiet, "%s ", style_glyphs(ladder->lanes.style)->gap);
	style_duration(&quiet, row->quiet_ns);
	text_pad(&line, ladder->lanes.client);
	style_add(ladder->lanes.style, &line, MEANING_FAINT, words);
	screen_line(ladder->lanes.screen, &line);
}

static void print_verdict(struct ladder *ladder, const struct row *row)
{
	char buffer[1024];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	text_pad(&line, 6);
	lanes_wrap(&ladder->lanes, &line, 6, MEANING_HEAD, row->note);
}

/* --- headings ------------------------------------------------------------------------------------ */

/* But not at the top. */
static void print_blank(struct ladder *ladder)
{
	char buffer[8];
	struct text blank;

	text_init(&blank, buffer, sizeof(buffer));
	if (ladder->something)
		screen_line(ladder->lanes.screen, &blank);
}

static void print_heading(struct ladder *ladder, const struct heading *heading)
{
	print_blank(ladder);
	heading_print(&ladder->lanes, heading);
	ladder->last = *heading;
}

/* Another connection than the last one, or one whose other end has appeared on this host. */
static bool needs_heading(const struct ladder *ladder, const struct heading *heading)
{
	const struct heading *last = &ladder->last;

	return heading->conn_id != last->conn_id ||
	       heading->present[SIDE_CLIENT] != last->present[SIDE_CLIENT] ||
	       heading->present[SIDE_SERVER] != last->present[SIDE_SERVER];
}

/* What is said of SAID's socket in a line of its own, without lanes. */
static void print_remark(struct ladder *ladder, const struct row *row,
			 const struct heading *heading, enum side side, struct text *said)
{
	char buffer[1024];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	if (ladder->after_verdict)
		screen_line(ladder->lanes.screen, &line);
	if (ladder->lanes.style->time_form != TIME_OF_CONN)
		style_time(ladder->lanes.style, &line, row->ktime_ns, heading->start_ns);
	if (heading_tells_netns(ladder->lanes.style, heading, side))
		text_addf(said, ", netns %u", host_netns(heading->netns[side]));
	lanes_wrap(&ladder->lanes, &line, ladder->lanes.client,
		   style_state_meaning(row->cells[side].state), said->at);
	ladder->something = true;
	ladder->after_verdict = false;
}

static void listener_more(const struct heading *heading, struct text *said)
{
	text_add(said, ", ");
	words_owner_more(said, &heading->owners[SIDE_SERVER], heading->cgroups[SIDE_SERVER],
			 LANES_NAME_COLUMNS);
}

static void print_listener(struct ladder *ladder, const struct row *row,
			   const struct heading *heading)
{
	char words[ROWS_TEXT_LEN + 128], at[ADDR_PORT_TEXT_LEN];
	struct text said;

	text_init(&said, words, sizeof(words));
	addr_port_format(&heading->at[SIDE_SERVER], at);
	text_addf(&said, "listener %s: %s", at, state_name(row->cells[SIDE_SERVER].state));
	if (heading->owners[SIDE_SERVER].source != OWNER_UNKNOWN &&
	    row->cells[SIDE_SERVER].state == WIRE_LISTEN) {
		text_add(&said, " by ");
		words_owner(&said, &heading->owners[SIDE_SERVER]);
		words_container(&said, heading->cgroups[SIDE_SERVER]);
		if (ladder->lanes.style->wide)
			listener_more(heading, &said);
	}
	if (row->note[0])
		text_addf(&said, ", %s", row->note);
	print_remark(ladder, row, heading, SIDE_SERVER, &said);
}

/* What becomes of a minisock when its connection is off the screen: often a minute later. */
static void print_epilogue(struct ladder *ladder, const struct row *row,
			   const struct heading *heading)
{
	enum side side = row->cells[SIDE_CLIENT].state ? SIDE_CLIENT : SIDE_SERVER;
	char words[ROWS_TEXT_LEN + 256], at[ADDR_PORT_TEXT_LEN], to[ADDR_PORT_TEXT_LEN];
	struct text said;

	text_init(&said, words, sizeof(words));
	addr_port_format(&heading->at[side], at);
	addr_port_format(&heading->at[!side], to);
	text_addf(&said, "%s%s %s with %s: %s, %s", side == SIDE_CLIENT ? "client" : "server",
		  heading->sides_known ? "" : "?", at, to, state_name(row->cells[side].state),
		  row->note);
	print_remark(ladder, row, heading, side, &said);
}

/* It is of no one connection: the next row begins with its heading again. */
static void print_finding(struct ladder *ladder, const struct row *row)
{
	size_t at = ladder->lanes.client;
	char buffer[1024], words[ADVICE_TEXT_LEN];
	struct text line, said;

	text_init(&line, buffer, sizeof(buffer));
	text_init(&said, words, sizeof(words));
	if (ladder->something)
		screen_line(ladder->lanes.screen, &line);
	if (ladder->lanes.style->time_form != TIME_OF_CONN)
		style_time(ladder->lanes.style, &line, row->ktime_ns, 0);
	text_pad(&line, at);
	advice_finding(&said, &row->finding);
	style_add(ladder->lanes.style, &line, advice_meaning(row->finding.level), "! ");
	lanes_wrap(&ladder->lanes, &line, at + 2, advice_meaning(row->finding.level), said.at);
	text_reset(&said);
	advice_add(&said, &row->finding);
	if (said.at[0])
		lanes_wrap(&ladder->lanes, &line, at + 2, MEANING_PLAIN, said.at);
	ladder->last = (struct heading){0};
	ladder->something = true;
	ladder->after_verdict = true;
}

static void ladder_draw(void *ctx, const struct row *row, const struct heading *heading)
{
	struct ladder *ladder = ctx;

	screen_wipe_status(ladder->lanes.screen);
	lanes_measure(&ladder->lanes);
	if (row->kind == ROW_FINDING) {
		print_finding(ladder, row);
		return;
	}
	if (heading && heading->listener) {
		print_listener(ladder, row, heading);
		return;
	}
	if (heading && row->epilogue &&
	    (heading->conn_id != ladder->last.conn_id || !ladder->after_verdict)) {
		print_epilogue(ladder, row, heading);
		return;
	}
	if (heading && needs_heading(ladder, heading))
		print_heading(ladder, heading);
	ladder->something = true;
	ladder->after_verdict = row->kind == ROW_VERDICT || row->epilogue;
	if (!heading || row->kind != ROW_STEP) {
		print_verdict(ladder, row);
		return;
	}
	print_quiet(ladder, row);
	print_step(ladder, row, heading);
}

/* --- the sink ------------------------------------------------------------------------------------ */

/* What is said of a port, below the time at which it was wanted. */
static void print_port_line(void *ctx, const char *words)
{
	struct ladder *ladder = ctx;
	size_t blanks = strspn(words, " ");
	char buffer[1024];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	lanes_wrap(&ladder->lanes, &line, ladder->lanes.client + blanks,
		   blanks ? MEANING_PLAIN : MEANING_BAD, words + blanks);
}

static void print_port(struct ladder *ladder, const struct change *change)
{
	rows_tick(ladder->rows, change->ktime_ns + ROWS_HOLD_NS); /* what came before it */
	screen_wipe_status(ladder->lanes.screen);
	lanes_measure(&ladder->lanes);
	print_blank(ladder);
	bind_words_change(change, print_port_line, ladder);
	ladder->something = true;
	ladder->after_verdict = true;
	ladder->last.conn_id = 0; /* what follows has a heading of its own */
}

static void print_clock(struct ladder *ladder, const struct change *change)
{
	char words[WORDS_CLOCK_LEN], buffer[1024];
	struct text said, line;

	text_init(&said, words, sizeof(words));
	text_init(&line, buffer, sizeof(buffer));
	words_clock(&said, change->clock);
	lanes_measure(&ladder->lanes);
	lanes_wrap(&ladder->lanes, &line, 0,
		   change->clock->offset.contradiction_ns ? MEANING_BAD : MEANING_PLAIN, words);
	ladder->something = true;
	ladder->after_verdict = true;
}

static void ladder_change(struct sink *sink, const struct change *change)
{
	struct ladder *ladder = (struct ladder *)sink;

	if (change->kind == CHANGE_BIND || change->kind == CHANGE_NO_PORT)
		print_port(ladder, change);
	else if (change->kind == CHANGE_CLOCK)
		print_clock(ladder, change);
	else
		rows_change(ladder->rows, change);
}

static void ladder_tick(struct sink *sink, uint64_t now_ns)
{
	rows_tick(((struct ladder *)sink)->rows, now_ns);
}

static uint64_t ladder_due_ns(const struct sink *sink)
{
	return rows_due_ns(((const struct ladder *)sink)->rows);
}

static void ladder_finish(struct sink *sink)
{
	rows_finish(((struct ladder *)sink)->rows);
}

static void ladder_destroy(struct sink *sink)
{
	struct ladder *ladder = (struct ladder *)sink;

	rows_destroy(ladder->rows);
	free(ladder);
}

struct sink *ladder_create(struct screen *screen, const struct style *style)
{
	struct ladder *ladder = calloc(1, sizeof(*ladder));

	if (!ladder)
		return NULL;
	ladder->rows = rows_create(style, ladder_draw, ladder);
	if (!ladder->rows) {
		free(ladder);
		return NULL;
	}
	ladder->sink = (struct sink){
		.change = ladder_change,
		.tick = ladder_tick,
		.due_ns = ladder_due_ns,
		.finish = ladder_finish,
		.destroy = ladder_destroy,
	};
	ladder->lanes = (struct lanes){.screen = screen, .style = style};
	return &ladder->sink;
}
