// SPDX-License-Identifier: GPL-2.0-only
#include "replay.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/usage.h"
#include "canvas.h"
#include "cgroup.h"
#include "join.h"
#include "netns.h"
#include "reel.h"
#include "rights.h"
#include "setting.h"
#include "view.h"

struct replay {
	const struct options *options; /* as they were given */
	struct canvas *canvas;
};

/* --- one run ------------------------------------------------------------------------------------- */

/* What there is so far is shown before more is waited for. */
static int show_records(struct view *view, struct reel *reel)
{
	const void *record;
	size_t size;
	int got;

	while ((got = reel_next(reel, &record, &size)) > 0) {
		flow_record(&view->flow, record, size);
		if (reel_must_read(reel) && !view->full)
			view_show(view, 0);
	}
	return got;
}

/* The time zone is the recording's, as all that it says. */
static int begin(const struct replay *replay, const struct reel *reel, struct options *ret_options,
		 struct view *ret_view)
{
	const struct recording_about *about = reel_about(reel);
	int err;

	*ret_options = *replay->options;
	settings_apply(reel->parts[0].recording, reel->parts[0].path, ret_options);
	if (ret_options->zone)
		setenv("TZ", ret_options->zone, 1);
	tzset();
	err = view_init(ret_view, ret_options, replay->canvas, about->start_ns, about->realtime_ns,
			about->netns);
	if (err)
		log_error("cannot begin: %s", strerror(-err));
	else if (ret_options->followed)
		tracker_follow(&ret_view->flow.tracker, ret_options->followed);
	return err;
}

/* ERR: of what was read. Returns it, or what has failed since. */
static int end(struct view *view, int err)
{
	view_finish(view);
	view_browse(view);
	view_summarise(view);
	if (view_has_failed(view))
		err = -EIO;
	view_fini(view);
	return err;
}

static int show_run(const struct replay *replay, struct reel *reel)
{
	struct options options;
	struct view view;
	int err = begin(replay, reel, &options, &view);

	return err ? err : end(&view, show_records(&view, reel));
}

/* --- several hosts ------------------------------------------------------------------------------- */

/* Who they are, and how far their clocks are apart, before anything else. */
static void introduce(struct view *view, const struct join *join)
{
	for (unsigned int i = 0; i < join->count; i++) {
		const struct join_host *host = &join->hosts[i];
		const struct recording_about *about = reel_about(host->reel);
		struct event event = {.type = WIRE_LIMITS, .limits.netns = about->netns};
		struct host_clock clock;

		host_enter(&event, i, 0);
		view->style.hosts[i] = (struct style_host){about->host, event.limits.netns};
		if (!host->by)
			continue;
		clock = (struct host_clock){
			.first = view->style.hosts[0].name,
			.second = about->host,
			.number = i,
			.offset = host->offset,
		};
		view_tell(view, &(struct change){.kind = CHANGE_CLOCK, .clock = &clock});
	}
}

static int show_hosts(const struct replay *replay, struct join *join)
{
	struct options options;
	struct event event;
	struct view view;
	int err = begin(replay, join->hosts[0].reel, &options, &view);

	if (err)
		return err;
	introduce(&view, join);
	while (join_next(join, &event))
		flow_event(&view.flow, &event);
	flow_event(&view.flow, &event);
	view.flow.damaged += join->damaged;
	view.flow.unknown += join->unknown;
	return end(&view, join->err);
}

/* --- all of them --------------------------------------------------------------------------------- */

/* What cannot be asked of one is said before any is shown. */
static void check_settings(const struct options *given, const struct reels *reels)
{
	for (unsigned int i = 0; i < reels->count; i++) {
		const struct reel *reel = &reels->reels[i];

		for (unsigned int part = 0; part < reel->count; part++) {
			struct options options = *given;

			settings_apply(reel->parts[part].recording, reel->parts[part].path,
				       &options);
		}
	}
}

/* What is read from a pipe is shown as it comes, and once. */
static bool can_join(const struct reels *reels)
{
	for (unsigned int i = 0; i < reels->count; i++)
		if (!reel_can_rewind(&reels->reels[i]))
			return false;
	return reels->count > 1;
}

/* Moves those that are not joined to the front. Returns how many. */
static unsigned int leave_joined(struct reel *reels, unsigned int count, const bool *joined)
{
	unsigned int left = 0;

	for (unsigned int i = 0; i < count; i++)
		if (!joined[i])
			reels[left++] = reels[i];
	return left;
}

/* Those that have to do with each other together, one such lot after the other. */
static int show_together(const struct replay *replay, struct reels *reels)
{
	bool *joined = calloc(reels->count, sizeof(*joined));
	unsigned int left = joined ? reels->count : 0;
	int status = joined ? EXIT_SUCCESS : EXIT_FAILURE;

	while (left) {
		struct join join;
		int err = join_create(reels->reels, left, &join, joined);

		if (err) {
			log_error("cannot compare the recordings: %s", strerror(-err));
			status = EXIT_FAILURE;
			break;
		}
		err = join.count > 1 ? show_hosts(replay, &join)
				     : show_run(replay, &reels->reels[0]);
		if (err)
			status = EXIT_FAILURE;
		left = leave_joined(reels->reels, left, joined);
	}
	free(joined);
	return status;
}

static int show_each(const struct replay *replay, struct reels *reels)
{
	int status = EXIT_SUCCESS;

	for (unsigned int i = 0; i < reels->count; i++)
		if (show_run(replay, &reels->reels[i]))
			status = EXIT_FAILURE;
	return status;
}

static void leave_it_to_the_writer(int number)
{
	(void)number;
}

/* ^C ends who writes the recording, and then it ends; a second one ends us. */
static void prepare_signals(char **paths)
{
	struct sigaction once = {.sa_handler = leave_it_to_the_writer,
				 .sa_flags = SA_RESTART | (int)SA_RESETHAND};

	signal(SIGPIPE, SIG_IGN);
	for (; *paths; paths++)
		if (strcmp(*paths, "-") == 0)
			sigaction(SIGINT, &once, NULL);
}

int replay_run(struct options *options)
{
	struct canvas canvas;
	const struct replay replay = {options, &canvas};
	struct lookup lookup;
	struct reels reels;
	int status;

	if (options->netns_name && netns_resolve(options->netns_name, &options->filter.netns))
		return USAGE_EXIT_STATUS;
	lookup_open(&lookup, false);
	cgroup_resolve(&options->filter, &lookup, false);
	lookup_close(&lookup);
	prepare_signals(options->files);
	if (reels_open(options->files, &reels)) {
		log_error("%s", strerror(ENOMEM));
		return EXIT_FAILURE;
	}
	check_settings(options, &reels);
	if (canvas_open(&canvas, options)) {
		reels_close(&reels);
		return EXIT_FAILURE;
	}
	if (rights_give_up(options))
		status = EXIT_FAILURE;
	else
		status = (can_join(&reels) ? show_together : show_each)(&replay, &reels);
	if (canvas_close(&canvas))
		status = EXIT_FAILURE;
	if (!reels.whole)
		status = EXIT_FAILURE;
	reels_close(&reels);
	return status;
}
