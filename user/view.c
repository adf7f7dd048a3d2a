// SPDX-License-Identifier: GPL-2.0-only
#include "view.h"

#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "core/tally.h"
#include "render/csv.h"
#include "render/history.h"
#include "render/json.h"
#include "render/ladder.h"
#include "render/summary.h"
#include "render/table.h"

#define FRAME_NS     UINT64_C(40000000) /* a terminal is not written to more often: nobody sees it */
#define PICTURE_KEPT 4096 /* connections: --conn may ask for any of the last so many */

static bool wants_colour(const struct options *options, bool terminal)
{
	const char *no_color = getenv("NO_COLOR");

	if (options->colour != COLOUR_AUTO)
		return options->colour == COLOUR_ALWAYS;
	return terminal && !(no_color && no_color[0]);
}

struct style view_style(const struct options *options, uint64_t start_ns, uint64_t realtime_ns,
			uint32_t netns)
{
	bool terminal = isatty(STDOUT_FILENO);

	struct style style = {
		.terminal = terminal,
		.colour = wants_colour(options, terminal),
		.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
		.time_form = options->time_form,
		.trace_start_ns = start_ns,
		.realtime_ns = realtime_ns,
		.header = !options->no_header,
		.wide = options->wide,
		.cmdline = options->cmdline,
		.hosts[0].netns = netns,
		.columns = options->columns,
	};

	style_measure(&style, STDOUT_FILENO);
	return style;
}

/* -c N is exact: what comes behind the Nth verdict in the same batch is not shown. */
static void view_deliver(void *ctx, const struct change *change)
{
	struct view *view = ctx;

	if (view_is_done(view))
		return;
	switch (change->kind) {
	case CHANGE_ENDED:
		if (conn_is_over(change->conn))
			view->connections++;
		break;
	case CHANGE_MOVED:
	case CHANGE_NOTED:
	case CHANGE_JUMPED:
		view->transitions++;
		break;
	case CHANGE_MINI:
	case CHANGE_INFERRED:
	case CHANGE_FOUND:
	case CHANGE_OWNER:
	case CHANGE_PAIRED:
	case CHANGE_GONE:
	case CHANGE_LOST:
	case CHANGE_BIND:
	case CHANGE_NO_PORT:
	case CHANGE_FINDING:
	case CHANGE_CLOCK:
		break;
	}
	for (int i = 0; i < VIEW_SINKS; i++)
		if (view->sinks[i])
			view->sinks[i]->change(view->sinks[i], change);
	if (view->tally)
		tally_change(view->tally, change);
	if (view->beside)
		view->beside->change(view->beside, change);
	if (view->status)
		status_change(view->status, change);
}

void view_tell(struct view *view, const struct change *change)
{
	view_deliver(view, change);
}

static void view_tick(void *ctx, uint64_t now_ns)
{
	struct view *view = ctx;

	for (int i = 0; i < VIEW_SINKS; i++)
		if (view->sinks[i] && view->sinks[i]->tick)
			view->sinks[i]->tick(view->sinks[i], now_ns);
}

/* With --summary nothing else is shown, unless it is asked for, nor by a service with --metrics; a recording on stdout is alone there. */
static enum form form_of(const struct view *view, const struct options *options)
{
	if (options->form != FORM_AUTO)
		return options->form;
	if (options_record_to_stdout(options) || options_svg_to_stdout(options))
		return FORM_NONE;
	if (options->summary || (options->metrics.port && !view->style.terminal))
		return FORM_NONE;
	return view->style.terminal ? FORM_LADDER : FORM_TABLE;
}

/* What a command prints would stand between the lines and be wiped with them. TERM=dumb: nothing can be written over. */
static bool wants_status(const struct view *view, const struct options *options, enum form form)
{
	const char *term = getenv("TERM");

	return form == FORM_LADDER && view->style.terminal && options->verb != VERB_REPLAY &&
	       !options->command && !options->tui && !(term && strcmp(term, "dumb") == 0);
}

/* Who asks for the ladder, or plays a scenario, is shown all of it. */
static bool wants_all(const struct view *view, const struct options *options)
{
	return options->form != FORM_AUTO || options->verb != VERB_TRACE ||
	       !wants_status(view, options, FORM_LADDER);
}

static struct sink *create_sink(struct view *view, const struct options *options, enum form form)
{
	switch (form) {
	case FORM_LADDER:
		return ladder_create(&view->screen, &view->style, wants_all(view, options));
	case FORM_JSON:
		return json_create(&view->screen, &view->style);
	case FORM_CSV:
		return csv_create(&view->screen, &view->style);
	case FORM_TABLE:
	case FORM_AUTO:
	case FORM_NONE:
		break;
	}
	return table_create(&view->screen, &view->style);
}

static int create_fullscreen(struct view *view)
{
	view->full = fullscreen_create(&view->style);
	if (!view->full)
		return -ENOMEM;
	view->sinks[VIEW_FORM] = fullscreen_sink(view->full);
	return 0;
}

static int create_sinks(struct view *view, const struct options *options)
{
	enum form form = form_of(view, options);
	bool status;

	if (options->tui) {
		if (create_fullscreen(view))
			return -ENOMEM;
	} else if (form != FORM_NONE) {
		view->sinks[VIEW_FORM] = create_sink(view, options, form);
		if (!view->sinks[VIEW_FORM])
			return -ENOMEM;
	}
	if (view->canvas) {
		view->drawn = view->style;
		view->drawn.utf8 = true; /* whatever the terminal has */
		view->history = history_create(&view->drawn, PICTURE_KEPT);
		if (!view->history)
			return -ENOMEM;
		view->sinks[VIEW_PICTURE] = history_sink(view->history);
	}
	view->summarises = options->summary;
	status = wants_status(view, options, form);
	if (options->summary || options->metrics.port || status) {
		view->tally = calloc(1, sizeof(*view->tally));
		if (!view->tally)
			return -ENOMEM;
	}
	if (!status)
		return 0;
	view->status = status_create(&view->style, view->tally);
	return view->status ? 0 : -ENOMEM;
}

int view_init(struct view *view, const struct options *options, struct canvas *canvas,
	      uint64_t start_ns, uint64_t realtime_ns, uint32_t netns)
{
	const struct flow_sink sink = {view_deliver, view_tick, view};
	int err;

	*view = (struct view){.count = options->count};
	view->canvas = canvas && canvas->path ? canvas : NULL;
	view->style = view_style(options, start_ns, realtime_ns, netns);
	err = screen_init(&view->screen, STDOUT_FILENO);
	screen_resize(&view->screen, view->style.screen_rows, view->style.screen_columns);
	if (!err)
		err = create_sinks(view, options);
	if (!err)
		err = flow_init(&view->flow, options->max_connections, &options->filter, &sink);
	if (err)
		view_fini(view);
	view->flow.tracker.findings.off = options->no_findings;
	view->flow.tracker.findings.patience_ns = options->close_wait_warn_ns;
	return err;
}

void view_fini(struct view *view)
{
	flow_fini(&view->flow);
	fullscreen_destroy(view->full);
	for (int i = 0; i < VIEW_SINKS; i++)
		if (view->sinks[i])
			view->sinks[i]->destroy(view->sinks[i]);
	free(view->tally);
	status_destroy(view->status);
	screen_fini(&view->screen);
	*view = (struct view){0};
}

static uint64_t earlier(uint64_t a_ns, uint64_t b_ns)
{
	return a_ns < b_ns ? a_ns : b_ns;
}

uint64_t view_data_due_ns(const struct view *view)
{
	uint64_t due_ns = flow_due_ns(&view->flow);

	for (int i = 0; i < VIEW_SINKS; i++)
		if (view->sinks[i] && view->sinks[i]->due_ns)
			due_ns = earlier(due_ns, view->sinks[i]->due_ns(view->sinks[i]));
	return due_ns;
}

uint64_t view_due_ns(const struct view *view)
{
	uint64_t due_ns = view_data_due_ns(view);

	if (view->full)
		due_ns = earlier(due_ns, fullscreen_due_ns(view->full));
	if (!view->status)
		return due_ns;
	if (view->screen.len || status_is_stale(view->status))
		due_ns = earlier(due_ns, view->shown_ns + FRAME_NS);
	return earlier(due_ns, status_due_ns(view->status));
}

void view_show(struct view *view, uint64_t now_ns)
{
	if (view->full)
		fullscreen_show(view->full, now_ns);
	if (view->status && now_ns < view->shown_ns + FRAME_NS)
		return;
	if (view->status)
		status_draw(view->status, &view->screen, now_ns);
	if (view->screen.len)
		view->shown_ns = now_ns;
	screen_flush(&view->screen);
}

void view_resize(struct view *view)
{
	style_measure(&view->style, STDOUT_FILENO);
	screen_resize(&view->screen, view->style.screen_rows, view->style.screen_columns);
	view_hide_status(view);
	if (view->full)
		fullscreen_resize(view->full);
}

/* Status lines that could not be wiped stay where they are, above what was written since. */
void view_resume(struct view *view)
{
	screen_forget_status(&view->screen);
	view_resize(view);
}

void view_browse(struct view *view)
{
	if (view->full)
		fullscreen_browse(view->full, &view->style, view->flow.newest_ns);
}

void view_hide_status(struct view *view)
{
	screen_wipe_status(&view->screen);
	screen_flush(&view->screen);
	if (view->status)
		status_hidden(view->status);
}

struct totals view_totals(const struct view *view)
{
	const struct flow *flow = &view->flow;

	return (struct totals){
		.ktime_ns = flow->newest_ns,
		.transitions = view->transitions,
		.connections = view->connections,
		.events = flow->tracker.edges,
		.lost = flow->loss.total,
		.dropped = flow->dropped,
		.evicted = flow->tracker.evicted,
		.damaged = flow->damaged,
		.unknown = flow->unknown,
		.late = flow->merge.late,
		.duplicates = flow->tracker.duplicates,
		.tally = view->tally,
	};
}

static void finish_sink(struct sink *sink, const struct totals *totals)
{
	if (sink && sink->finish)
		sink->finish(sink);
	if (sink && sink->total)
		sink->total(sink, totals);
}

void view_finish(struct view *view)
{
	const struct sink *form = view->sinks[VIEW_FORM];
	struct totals totals;

	flow_finish(&view->flow);
	totals = view_totals(view);
	if (!view->summarises)
		totals.tally = NULL;
	for (int i = 0; i < VIEW_SINKS; i++)
		finish_sink(view->sinks[i], &totals);
	if (view->summarises && !(form && form->total))
		summary_print(&view->screen, &view->style, &totals, form);
	if (view->canvas)
		canvas_draw(view->canvas, view->history, &view->style);
	screen_wipe_status(&view->screen);
	screen_flush(&view->screen);
}

bool view_has_failed(const struct view *view)
{
	if (view->screen.err)
		log_error("cannot write to stdout: %s", strerror(view->screen.err));
	return view->screen.err || (view->full && fullscreen_has_failed(view->full));
}

bool view_is_done(const struct view *view)
{
	return (view->full && fullscreen_is_over(view->full)) || view->screen.broken ||
	       view->screen.err || (view->count && view->connections >= view->count);
}

void view_summarise(const struct view *view)
{
	const struct totals totals = view_totals(view);
	uint64_t starved = tracker_starved(&view->flow.tracker);

	if (totals.lost)
		log_error("%llu events were lost, %llu of them as the ring buffer was full: what "
			  "they "
			  "may have touched is marked uncertain",
			  (unsigned long long)totals.lost, (unsigned long long)totals.dropped);
	if (totals.evicted)
		log_error("%llu connections were given up as the table was full: see "
			  "--max-connections",
			  (unsigned long long)totals.evicted);
	if (starved)
		log_error("memory ran out %llu times: what is shown is not whole",
			  (unsigned long long)starved);
	if (totals.damaged || totals.unknown)
		log_error("%llu damaged and %llu unknown records were left out",
			  (unsigned long long)totals.damaged, (unsigned long long)totals.unknown);
	log_detail("%llu transitions and %llu closed connections shown; %llu events in all, %llu "
		   "of them "
		   "late, %llu seen twice",
		   (unsigned long long)totals.transitions, (unsigned long long)totals.connections,
		   (unsigned long long)totals.events, (unsigned long long)totals.late,
		   (unsigned long long)totals.duplicates);
}
