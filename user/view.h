/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view: what stands between a source of records and the screen: the core and the sink that was asked
 * for. A live trace and a replay have the same one.
 */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "canvas.h"
#include "core/flow.h"
#include "fullscreen.h"
#include "options.h"
#include "render/screen.h"
#include "render/sink.h"
#include "render/status.h"
#include "render/style.h"

/* Who is told of every change, in this order. */
enum view_sink {
	VIEW_FORM, /* what goes to stdout, or NULL */
	VIEW_PICTURE, /* --svg: the history that it is drawn from */
	VIEW_SINKS
};

struct view {
	struct flow flow;
	struct screen screen;
	struct style style, drawn; /* drawn: --svg's */
	struct sink *sinks[VIEW_SINKS]; /* NULL: not wanted */
	struct canvas *canvas; /* --svg, NULL: none; not ours */
	struct history *history; /* ... what is to be drawn there */
	struct tally
		*tally; /* for --summary, --metrics and the status lines; NULL: for none of them */
	bool summarises; /* --summary */
	struct sink *beside; /* is told of changes as well; NULL: none; not ours */
	struct fullscreen *full; /* --tui; else NULL */
	struct status *status; /* on a terminal, with the ladder; else NULL */
	uint64_t shown_ns; /* ... when it was last written to */
	uint64_t transitions; /* shown */
	uint64_t connections; /* that closed while shown */
	uint64_t count; /* -c, 0: no limit */
};

/* What OPTIONS and stdout make of it, for a view or who has none; the rest is as below. */
struct style view_style(const struct options *options, uint64_t start_ns, uint64_t realtime_ns,
			uint32_t netns);

/* START_NS and REALTIME_NS: when the trace began, by CLOCK_MONOTONIC and CLOCK_REALTIME; NETNS: inode number
 * of the network namespace that it runs in. CANVAS is for --svg, NULL without. OPTIONS and CANVAS must outlive the view.
 * Returns 0 or -ENOMEM. */
int view_init(struct view *view, const struct options *options, struct canvas *canvas,
	      uint64_t start_ns, uint64_t realtime_ns, uint32_t netns);
void view_fini(struct view *view);

/* When flow_advance() will next have something to do if nothing comes; UINT64_MAX: never. */
uint64_t view_data_due_ns(const struct view *view);

/* The same, or when the status lines change by themselves, if that is earlier. */
uint64_t view_due_ns(const struct view *view);

/* Tells the sinks of CHANGE, which the flow does not know. */
void view_tell(struct view *view, const struct change *change);

/* What was counted until now, with the tally if there is one. */
struct totals view_totals(const struct view *view);

/* Writes out what has gathered, and the status lines as of NOW_NS. */
void view_show(struct view *view, uint64_t now_ns);

/* The terminal has another size. */
void view_resize(struct view *view);

/* Others have had the terminal, while we were stopped. */
void view_resume(struct view *view);

/* Takes the status lines away, so that something else may be said. They come back with view_show(). */
void view_hide_status(struct view *view);

/* Lets people look at the screen of --tui, if there is one, until they quit. */
void view_browse(struct view *view);

/* The trace ends: shows all that is held, and wipes the status lines. */
void view_finish(struct view *view);

/* What was to be shown was not; if it could not be written, says why. */
bool view_has_failed(const struct view *view);

/* -c was reached, nobody reads stdout any more, or --tui was quit. */
bool view_is_done(const struct view *view);

/* Says on stderr what was lost, and after -v what was seen. */
void view_summarise(const struct view *view);

#endif
