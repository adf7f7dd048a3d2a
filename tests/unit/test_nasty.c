// SPDX-License-Identifier: GPL-2.0-only
/* Each form of output, told of processes, cgroups, command lines and hosts with the names of nasty.h. */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/tally.h"
#include "harmless.h"
#include "nasty.h"
#include "render/csv.h"
#include "render/endpoints.h"
#include "render/json.h"
#include "render/ladder.h"
#include "render/metrics.h"
#include "render/picture.h"
#include "render/status.h"
#include "render/summary.h"
#include "render/table.h"
#include "render/tui.h"

#define SAID_BYTES (1UL << 20)
#define EVENTS	   40

/* Numbers of cgroups. */
#define PLAIN	  7
#define CONTAINER 8

typedef void judge_fn(const char *bytes, size_t len);

static FILE *file;
static char *said;
static struct screen screen;
static struct style style;
static struct tally *tally;
static struct tracker tracker;
static struct owner_names names;
static struct event events[EVENTS];
static unsigned int count;

/* --- a story in which all names are told --------------------------------------------------------- */

static const char *container_of(const struct nasty *nasty)
{
	static char path[WIRE_NAME_LEN];

	snprintf(path, sizeof(path), "/lxc.payload.%s", nasty->bytes);
	return path;
}

static void add_name(enum wire_type type, uint64_t id, const char *bytes, size_t len)
{
	struct event *event = &events[count++];

	*event = (struct event){.type = type, .ktime_ns = AT(0), .name.id = id};
	memcpy(event->name.text, bytes, len < WIRE_NAME_LEN ? len : WIRE_NAME_LEN - 1);
}

/* The name of a process is never NUL-terminated here, if it is long enough. */
static void name_actor(struct actor *actor, const struct nasty *nasty)
{
	if (!actor->pid)
		return;
	memset(actor->comm, 0, sizeof(actor->comm));
	memcpy(actor->comm, nasty->bytes, nasty->len < WIRE_COMM_LEN ? nasty->len : WIRE_COMM_LEN);
	actor->cgroup = actor->pid == client.pid ? PLAIN : CONTAINER;
}

static void add_edges(const struct event *more, unsigned int n, const struct nasty *nasty)
{
	for (unsigned int i = 0; i < n; i++) {
		events[count] = more[i];
		name_actor(&events[count++].edge.actor, nasty);
	}
}

static void add_pair(const struct nasty *nasty, uint64_t us, unsigned int closes)
{
	struct event edges[MAKE_CLOSE_EVENTS];

	make_open(edges, &client, &server, us);
	add_edges(edges, MAKE_OPEN_EVENTS, nasty);
	make_close(edges, &client, &server, us + 1000);
	edges[0].edge.actor.exiting = edges[0].edge.actor.signaled = true;
	add_edges(edges, closes, nasty);
}

static void add_bind(const struct nasty *nasty, uint64_t us)
{
	struct event *event = &events[count++];

	*event = (struct event){
		.type = WIRE_BIND,
		.program = WIRE_BY_BIND,
		.ktime_ns = AT(us),
		.bind = {.local = server.local,
			 .netns = server.netns,
			 .err = EADDRINUSE,
			 .family = AF_INET,
			 .actor = {.pid = 300, .call = WIRE_CALL_BIND}},
	};
	name_actor(&event->bind.actor, nasty);
}

/* A connection that closes, one whose server does not, and a bind() that fails beside them. */
static void write_story(const struct nasty *nasty)
{
	char comm[WIRE_COMM_LEN] = "";

	count = 0;
	fixture_make_ends();
	memcpy(comm, nasty->bytes, nasty->len < sizeof(comm) ? nasty->len : sizeof(comm));
	add_name(WIRE_CGROUP, PLAIN, nasty->bytes, nasty->len);
	add_name(WIRE_CGROUP, CONTAINER, container_of(nasty), strlen(container_of(nasty)));
	add_name(WIRE_CMDLINE, owner_cmdline_id(client.pid, comm), nasty->bytes, nasty->len);
	add_name(WIRE_CMDLINE, owner_cmdline_id(server.pid, comm), nasty->bytes, nasty->len);
	add_pair(nasty, 100, MAKE_CLOSE_EVENTS);
	client = make_client(0xc40, 5001);
	server = make_peer(&client, 0x540);
	add_pair(nasty, 5000, 4);
	add_bind(nasty, 10000);
}

/* --- telling it ---------------------------------------------------------------------------------- */

static struct sink *sink;
static struct status *status;

static void deliver(void *ctx, const struct change *change)
{
	(void)ctx;
	sink->change(sink, change);
	tally_change(tally, change);
	if (!status)
		return;
	status_change(status, change);
	status_draw(status, &screen, change->ktime_ns);
}

static void tell_clock(const struct nasty *nasty)
{
	const struct host_clock clock = {.first = nasty->bytes,
					 .second = nasty->bytes,
					 .number = 1};
	const struct change change = {.kind = CHANGE_CLOCK,
				      .ktime_ns = AT(0),
				      .clock = &clock,
				      .names = &names};

	sink->change(sink, &change);
}

static void tell(const struct nasty *nasty)
{
	static const struct filter filter;
	struct totals totals = {.tally = tally, .transitions = 8};
	uint64_t end_ns = AT(0) + 200 * S; /* CLOSE_WAIT has lasted long by then */

	memset(tally, 0, sizeof(*tally));
	write_story(nasty);
	assert_int_equal(tracker_init(&tracker, 64, &filter, deliver, NULL), 0);
	tell_clock(nasty);
	for (unsigned int i = 0; i < count; i++)
		tracker_event(&tracker, &events[i]);
	tracker_advance(&tracker, end_ns);
	if (sink->tick)
		sink->tick(sink, end_ns);
	tracker_finish(&tracker, end_ns);
	if (sink->finish)
		sink->finish(sink);
	if (sink->total)
		sink->total(sink, &totals);
	tracker_fini(&tracker);
}

/* What was written since the last time is judged. */
static void judge(judge_fn *harmless)
{
	size_t len;

	screen_flush(&screen);
	rewind(file);
	len = fread(said, 1, SAID_BYTES - 1, file);
	said[len] = '\0';
	assert_true(len > 0 && len < SAID_BYTES - 1);
	harmless(said, len);
	rewind(file);
	assert_int_equal(ftruncate(fileno(file), 0), 0);
}

static void name_hosts(const struct nasty *nasty)
{
	style.hosts[0].name = style.hosts[1].name = nasty->bytes;
}

/* In each of the styles: colours, all columns, ASCII. */
static void judge_form(struct sink *(*create)(struct screen *screen, const struct style *style),
		       judge_fn *harmless, judge_fn *in_colour)
{
	for (unsigned int i = 0; i < nasty_count; i++)
		for (unsigned int way = 0; way < 8; way++) {
			style = (struct style){.columns = way & 4 ? 40 : 120,
					       .colour = way & 1,
					       .utf8 = way & 2,
					       .header = true,
					       .wide = way & 4,
					       .cmdline = way & 4};
			if (way & 2)
				name_hosts(&nasties[i]);
			sink = create(&screen, &style);
			tell(&nasties[i]);
			sink->destroy(sink);
			judge(style.colour ? in_colour : harmless);
		}
}

static int begin(void **fixture)
{
	(void)fixture;
	said = test_calloc(1, SAID_BYTES);
	tally = test_calloc(1, sizeof(*tally));
	file = fdopen(memfd_create("said", 0), "w+");
	return !file || names_init(&names.cgroups) || names_init(&names.cmdlines) ||
	       screen_init(&screen, fileno(file));
}

static int end(void **fixture)
{
	(void)fixture;
	screen_fini(&screen);
	names_fini(&names.cgroups);
	names_fini(&names.cmdlines);
	test_free(tally);
	test_free(said);
	return fclose(file);
}

/* --- forms that are sinks ------------------------------------------------------------------------ */

static struct sink *create_ladder(struct screen *to, const struct style *how)
{
	return ladder_create(to, how, true);
}

TEST(a_table)
{
	judge_form(table_create, harmless_text, harmless_screen);
}

TEST(a_ladder)
{
	judge_form(create_ladder, harmless_text, harmless_screen);
}

TEST(JSON)
{
	judge_form(json_create, harmless_json, harmless_json);
}

TEST(CSV)
{
	judge_form(csv_create, harmless_csv, harmless_csv);
}

TEST(the_lines_at_the_bottom_of_a_terminal)
{
	for (unsigned int i = 0; i < nasty_count; i++) {
		style = (struct style){.columns = 100,
				       .screen_columns = 100,
				       .screen_rows = 40,
				       .colour = true,
				       .utf8 = true,
				       .terminal = true};
		screen_resize(&screen, 40, 100);
		sink = ladder_create(&screen, &style, false);
		status = status_create(&style, tally);
		tell(&nasties[i]);
		screen_wipe_status(&screen);
		sink->destroy(sink);
		status_destroy(status);
		status = NULL;
		judge(harmless_screen);
	}
}

TEST(a_summary)
{
	for (unsigned int i = 0; i < nasty_count; i++) {
		struct totals totals = {.tally = tally, .connections = 2, .transitions = 8};

		style = (struct style){.columns = 100, .utf8 = true};
		sink = table_create(&screen, &style);
		tell(&nasties[i]);
		summary_print(&screen, &style, &totals, true);
		sink->destroy(sink);
		judge(harmless_text);
	}
}

/* --- pictures and screens ------------------------------------------------------------------------ */

TEST(a_picture)
{
	for (unsigned int i = 0; i < nasty_count; i++) {
		struct history *history;

		style = (struct style){.columns = 100, .utf8 = true, .cmdline = true};
		name_hosts(&nasties[i]);
		history = history_create(&style, 16);
		sink = history_sink(history);
		tell(&nasties[i]);
		assert_int_equal(picture_write(history, 0, &style, fileno(file)), 0);
		history_destroy(history);
		judge(harmless_xml);
	}
}

/* One character in each cell, or none in the right half of a wide one. */
static void judge_cells(const struct grid *grid)
{
	for (unsigned int row = 0; row < grid->rows; row++)
		for (unsigned int column = 0; column < grid->columns; column++) {
			const struct grid_cell *cell = grid_at(grid, row, column);
			size_t len = strlen(cell->bytes);
			uint32_t code;

			assert_true(len || column > 0);
			harmless_text(cell->bytes, len);
			if (!len)
				continue;
			assert_int_equal(harmless_character(cell->bytes, len, &code), len);
			assert_true(code >= ' ');
		}
}

TEST(the_full_screen_view)
{
	static const uint32_t keys[] = {TUI_KEY_OTHER, TUI_KEY_DOWN,   '\r', TUI_KEY_ENTER,
					'\t',	       TUI_KEY_ESCAPE, '?'};
	struct grid grid;

	for (unsigned int i = 0; i < nasty_count; i++) {
		struct tui *tui;

		style = (struct style){.columns = 100, .utf8 = true, .wide = true, .cmdline = true};
		name_hosts(&nasties[i]);
		tui = tui_create(&style, 16);
		sink = tui_sink(tui);
		assert_int_equal(grid_init(&grid, 30, 90), 0);
		tell(&nasties[i]);
		for (unsigned int k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
			tui_press(tui, keys[k]);
			tui_draw(tui, &grid, AT(0) + 200 * S);
			judge_cells(&grid);
		}
		tui_destroy(tui);
		grid_fini(&grid);
	}
}

/* Any bytes, as a terminal may send them, are typed into the filter. */
TEST(what_is_typed_into_the_full_screen_view)
{
	struct tui *tui;
	struct grid grid;

	style = (struct style){.columns = 100, .utf8 = true};
	tui = tui_create(&style, 16);
	assert_int_equal(grid_init(&grid, 10, 40), 0);
	for (unsigned int i = 0; i < nasty_count; i++) {
		tui_press(tui, '/');
		for (size_t k = 0, n; k < nasties[i].len; k += n) {
			uint32_t code = (uint8_t)nasties[i].bytes[k];

			n = harmless_character(nasties[i].bytes + k, nasties[i].len - k, &code);
			n = n ? n : 1;
			tui_press(tui, code);
			tui_draw(tui, &grid, AT(0));
			judge_cells(&grid);
		}
		tui_press(tui, TUI_KEY_ESCAPE);
	}
	tui_destroy(tui);
	grid_fini(&grid);
}

/* --- what is no sink ----------------------------------------------------------------------------- */

static void print_round(const struct endpoints_round *round, unsigned int form)
{
	sink = form == 1 ? json_create(&screen, &style) : csv_create_for_snapshot(&screen, &style);
	if (form)
		endpoints_lines((struct line_sink *)sink, round);
	else
		endpoints_table(&screen, &style, round);
	sink->destroy(sink);
}

static void take_round(void *ctx, const struct change *change)
{
	struct roll *roll = ctx;

	names = *change->names; /* the tracker's: valid while it lives */
	if (change->kind != CHANGE_OWNER && change->end && roll->count < roll->capacity)
		roll_add(roll, change->end, true);
}

static void print_endpoints(unsigned int form)
{
	static const struct filter filter;
	struct owner_names own = names;
	struct roll roll;
	struct endpoints_round round = {.now = &roll, .names = &names, .number = 1, .whole = true};

	assert_int_equal(roll_init(&roll, EVENTS, AT(0)), 0);
	assert_int_equal(tracker_init(&tracker, 64, &filter, take_round, &roll), 0);
	for (unsigned int i = 0; i < count; i++)
		tracker_event(&tracker, &events[i]);
	roll_keep_wanted(&roll);
	assert_true(roll.count > 2);
	print_round(&round, form);
	tracker_fini(&tracker);
	roll_fini(&roll);
	names = own;
}

TEST(a_snapshot)
{
	static judge_fn *const judges[] = {harmless_text, harmless_json, harmless_csv};

	style = (struct style){.columns = 100, .header = true, .wide = true};
	for (unsigned int i = 0; i < nasty_count; i++)
		for (unsigned int form = 0; form < 3; form++) {
			write_story(&nasties[i]);
			print_endpoints(form);
			judge(judges[form]);
		}
}

/* Nothing from outside is among them; if it ever is, it does no harm. */
TEST(labels_of_metrics)
{
	struct totals totals = {.tally = tally};
	struct text page;

	for (unsigned int i = 0; i < nasty_count; i++) {
		const struct metrics_program program = {.name = nasties[i].bytes};
		const struct metrics metrics = {.totals = &totals,
						.programs = &program,
						.program_count = 1,
						.version = nasties[i].bytes,
						.hooks = nasties[i].bytes};

		for (enum metrics_form form = METRICS_TEXT; form <= METRICS_OPEN; form++) {
			text_init(&page, said, SAID_BYTES);
			metrics_print(&metrics, form, &page);
			assert_false(page.cut);
			harmless_metrics(page.at, page.len);
		}
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_table),
		T(a_ladder),
		T(JSON),
		T(CSV),
		T(the_lines_at_the_bottom_of_a_terminal),
		T(a_summary),
		T(a_picture),
		T(the_full_screen_view),
		T(what_is_typed_into_the_full_screen_view),
		T(a_snapshot),
		T(labels_of_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
