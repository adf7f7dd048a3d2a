// SPDX-License-Identifier: GPL-2.0-only
#include "render/page.h"

#include <string.h>

#include "render/advice.h"
#include "render/bind_words.h"
#include "render/heading.h"
#include "render/words.h"

#define QUIET_NS UINT64_C(1000000000) /* shorter silences are not worth a line */

void page_init(struct page *page, const struct style *style, struct line_out out)
{
	*page = (struct page){.lanes = {.style = style, .out = out}};
}

/* --- pieces of a line ---------------------------------------------------------------------------- */

static void add_arrow(const struct page *page, struct text *line, const struct row *row)
{
	const struct glyphs *glyphs = style_glyphs(page->lanes.style);
	const char *name = row->with_ack ? "FIN,ACK" : segment_name(row->segment);
	size_t width = page->lanes.server - page->lanes.arrow - 1;
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
	style_add(page->lanes.style, line,
		  row->segment == SEGMENT_RST ? MEANING_BAD : MEANING_PLAIN, arrow.at);
}

/* LINE begins with the time, or goes on below it. */
static void put_time(const struct page *page, struct text *line, uint64_t ktime_ns,
		     uint64_t conn_start_ns)
{
	style_time(page->lanes.style, line, ktime_ns, conn_start_ns);
	if (!page->lanes.time_above)
		return;
	lanes_line(&page->lanes, line);
	text_reset(line);
}

static void add_cell(const struct page *page, struct text *line, const struct row_cell *cell)
{
	/* RFC 9293 has one SYN-RECEIVED, whatever the kernel keeps for it. */
	uint8_t state = cell->state == WIRE_NEW_SYN_RECV ? WIRE_SYN_RECV : cell->state;

	if (state)
		style_add(page->lanes.style, line, style_state_meaning(state), state_name(state));
}

/* --- rows ---------------------------------------------------------------------------------------- */

static void print_note(struct page *page, struct text *line, const char *note)
{
	const struct lanes *lanes = &page->lanes;

	if (!note[0]) {
		lanes_line(&page->lanes, line);
		return;
	}
	if (!lanes->note_beside) {
		lanes_line(&page->lanes, line);
		text_reset(line);
	}
	lanes_wrap(&page->lanes, line, lanes->note_beside ? lanes->note : lanes->client,
		   MEANING_PLAIN, note);
}

static void print_step(struct page *page, const struct row *row, const struct heading *heading)
{
	const struct lanes *lanes = &page->lanes;
	char buffer[1024], note_buffer[TOLD_TEXT_LEN];
	struct text line, note;

	text_init(&line, buffer, sizeof(buffer));
	text_init(&note, note_buffer, sizeof(note_buffer));
	put_time(page, &line, row->ktime_ns, heading->start_ns);
	text_pad(&line, lanes->client);
	add_cell(page, &line, &row->cells[SIDE_CLIENT]);
	text_pad(&line, lanes->arrow);
	if (row->segment != SEGMENT_NONE)
		add_arrow(page, &line, row);
	if (row->cells[SIDE_SERVER].state) {
		text_pad(&line, lanes->server);
		add_cell(page, &line, &row->cells[SIDE_SERVER]);
	}
	told_step(&page->told, row, heading, &note);
	print_note(page, &line, note.at);
}

static void print_quiet(struct page *page, const struct row *row)
{
	char buffer[256], words[64];
	struct text line, quiet;

	if (row->quiet_ns < QUIET_NS)
		return;
	text_init(&line, buffer, sizeof(buffer));
	text_init(&quiet, words, sizeof(words));
	text_addf(&quiet, "%s ", style_glyphs(page->lanes.style)->gap);
	style_duration(&quiet, row->quiet_ns);
	text_pad(&line, page->lanes.client);
	style_add(page->lanes.style, &line, MEANING_FAINT, words);
	lanes_line(&page->lanes, &line);
}

static void print_verdict(struct page *page, const struct row *row)
{
	char buffer[1024];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	text_pad(&line, 6);
	lanes_wrap(&page->lanes, &line, 6, MEANING_HEAD, row->note);
}

/* --- headings ------------------------------------------------------------------------------------ */

/* But not at the top. */
static void print_blank(struct page *page)
{
	char buffer[8];
	struct text blank;

	text_init(&blank, buffer, sizeof(buffer));
	if (page->something)
		lanes_line(&page->lanes, &blank);
}

static void print_heading(struct page *page, const struct heading *heading)
{
	print_blank(page);
	heading_print(&page->lanes, heading);
	page->conn_id = heading->conn_id;
	memcpy(page->present, heading->present, sizeof(page->present));
	told_begin(&page->told, heading);
}

/* Another connection than the last one, or one whose other end has appeared on this host. */
static bool needs_heading(const struct page *page, const struct heading *heading)
{
	return heading->conn_id != page->conn_id ||
	       memcmp(heading->present, page->present, sizeof(page->present)) != 0;
}

/* What is said of SAID's socket in a line of its own, without lanes. */
static void print_remark(struct page *page, const struct row *row, const struct heading *heading,
			 enum side side, struct text *said)
{
	char buffer[1024];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	if (page->after_verdict)
		lanes_line(&page->lanes, &line);
	if (page->lanes.style->time_form != TIME_OF_CONN)
		put_time(page, &line, row->ktime_ns, heading->start_ns);
	if (heading_tells_netns(page->lanes.style, heading, side))
		text_addf(said, ", netns %u", host_netns(heading->netns[side]));
	lanes_wrap(&page->lanes, &line, page->lanes.client,
		   row->cells[side].state == WIRE_CLOSE ? MEANING_FAINT : MEANING_PLAIN, said->at);
	page->something = true;
	page->after_verdict = false;
}

static void listener_more(const struct heading *heading, struct text *said)
{
	text_add(said, ", ");
	words_owner_more(said, &heading->owners[SIDE_SERVER], heading->cgroups[SIDE_SERVER],
			 LANES_NAME_COLUMNS);
}

static void print_listener(struct page *page, const struct row *row, const struct heading *heading)
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
		if (page->lanes.style->wide)
			listener_more(heading, &said);
	}
	if (row->note[0])
		text_addf(&said, ", %s", row->note);
	print_remark(page, row, heading, SIDE_SERVER, &said);
}

/* What becomes of a minisock when its connection is off the screen: often a minute later. */
static void print_epilogue(struct page *page, const struct row *row, const struct heading *heading)
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
	print_remark(page, row, heading, side, &said);
}

/* It is of no one connection: the next row begins with its heading again. */
static void print_finding(struct page *page, const struct row *row)
{
	size_t at = page->lanes.client;
	char buffer[1024], words[ADVICE_TEXT_LEN];
	struct text line, said;

	text_init(&line, buffer, sizeof(buffer));
	text_init(&said, words, sizeof(words));
	if (page->something)
		lanes_line(&page->lanes, &line);
	if (page->lanes.style->time_form != TIME_OF_CONN)
		put_time(page, &line, row->ktime_ns, 0);
	text_pad(&line, at);
	advice_finding(&said, row->finding);
	style_add(page->lanes.style, &line, advice_meaning(row->finding->level), "! ");
	lanes_wrap(&page->lanes, &line, at + 2, MEANING_HEAD, said.at);
	text_reset(&said);
	advice_add(&said, row->finding);
	if (said.at[0])
		lanes_wrap(&page->lanes, &line, at + 2, MEANING_PLAIN, said.at);
	page->conn_id = 0;
	page->something = true;
	page->after_verdict = true;
}

void page_row(struct page *page, const struct row *row, const struct heading *heading)
{
	lanes_measure(&page->lanes);
	if (row->kind == ROW_FINDING) {
		print_finding(page, row);
		return;
	}
	if (heading && heading->listener) {
		print_listener(page, row, heading);
		return;
	}
	if (heading && row->epilogue &&
	    (heading->conn_id != page->conn_id || !page->after_verdict)) {
		print_epilogue(page, row, heading);
		return;
	}
	if (heading && needs_heading(page, heading))
		print_heading(page, heading);
	page->something = true;
	page->after_verdict = row->kind == ROW_VERDICT || row->epilogue;
	if (!heading || row->kind != ROW_STEP) {
		print_verdict(page, row);
		return;
	}
	print_quiet(page, row);
	print_step(page, row, heading);
}

/* --- what no row tells --------------------------------------------------------------------------- */

void page_words(struct page *page, enum meaning meaning, const char *words)
{
	char buffer[1024];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	lanes_measure(&page->lanes);
	print_blank(page);
	lanes_wrap(&page->lanes, &line, page->lanes.client, meaning, words);
	page->something = true;
	page->after_verdict = true;
	page->conn_id = 0; /* what follows has a heading of its own */
}

/* What is said of a port, below the time at which it was wanted. */
static void print_port_line(void *ctx, const char *words)
{
	struct page *page = ctx;
	size_t blanks = strspn(words, " ");
	char buffer[1024];
	struct text line;

	text_init(&line, buffer, sizeof(buffer));
	lanes_wrap(&page->lanes, &line, page->lanes.client + blanks,
		   blanks ? MEANING_PLAIN : MEANING_BAD, words + blanks);
}

void page_port(struct page *page, const struct change *change)
{
	lanes_measure(&page->lanes);
	print_blank(page);
	bind_words_change(change, print_port_line, page);
	page->something = true;
	page->after_verdict = true;
	page->conn_id = 0; /* what follows has a heading of its own */
}

void page_clock(struct page *page, const struct change *change)
{
	char words[WORDS_CLOCK_LEN], buffer[1024];
	struct text said, line;

	text_init(&said, words, sizeof(words));
	text_init(&line, buffer, sizeof(buffer));
	words_clock(&said, change->clock);
	lanes_measure(&page->lanes);
	lanes_wrap(&page->lanes, &line, 0,
		   change->clock->offset.contradiction_ns ? MEANING_BAD : MEANING_PLAIN, words);
	page->something = true;
	page->after_verdict = true;
}
