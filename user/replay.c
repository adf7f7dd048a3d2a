// SPDX-License-Identifier: GPL-2.0-only
#include "replay.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/usage.h"
#include "cgroup.h"
#include "netns.h"
#include "setting.h"
#include "source/recording.h"
#include "view.h"

/* --- the recordings ------------------------------------------------------------------------------ */

struct reel {
	struct recording *recording;
	const struct recording_about *about;
	const char *path;
	unsigned int place; /* among those that were given */
	unsigned int group; /* the place of the first of its run */
};

static unsigned int group_of(const struct reel *reels, unsigned int count, const struct reel *reel)
{
	for (unsigned int i = 0; i < count; i++)
		if (memcmp(reels[i].about->run, reel->about->run, sizeof(reel->about->run)) == 0)
			return reels[i].group;
	return reel->place;
}

static int in_order(const void *a, const void *b)
{
	const struct reel *one = a, *other = b;

	if (one->group != other->group)
		return one->group < other->group ? -1 : 1;
	if (one->about->part != other->about->part)
		return one->about->part < other->about->part ? -1 : 1;
	return one->place < other->place ? -1 : 1;
}

/* Those that can be opened, the parts of each run in their order. Returns how many. */
static unsigned int open_reels(char **paths, struct reel *ret_reels)
{
	unsigned int count = 0;

	for (unsigned int place = 0; paths[place]; place++) {
		struct reel *reel = &ret_reels[count];

		*reel = (struct reel){.path = paths[place], .place = place};
		if (recording_open(reel->path, &reel->recording))
			continue;
		reel->about = recording_about(reel->recording);
		reel->group = group_of(ret_reels, count, reel);
		count++;
	}
	qsort(ret_reels, count, sizeof(*ret_reels), in_order);
	return count;
}

/* Does the second of them go on where the first ends, or, where a part is missing, behind that? */
static bool goes_on(const struct reel *reels)
{
	return reels[0].group == reels[1].group && reels[0].about->part < reels[1].about->part;
}

/* --- one run ------------------------------------------------------------------------------------- */

/* What there is so far is shown before more is waited for. */
static int show_records(struct view *view, struct recording *recording)
{
	const void *record;
	size_t size;
	int got;

	while ((got = recording_next(recording, &record, &size)) > 0) {
		flow_record(&view->flow, record, size);
		if (recording_must_read(recording))
			view_show(view, 0);
	}
	return got;
}

static int show_parts(struct view *view, const struct reel *reels, unsigned int count)
{
	int err = 0, failed;

	for (unsigned int i = 0; i < count; i++) {
		if (i > 0)
			recording_skip_checkpoint(reels[i].recording);
		failed = show_records(view, reels[i].recording);
		err = err ? err : failed;
	}
	view_finish(view);
	view_summarise(view);
	if (!view->screen.err)
		return err;
	log_error("cannot write to stdout: %s", strerror(view->screen.err));
	return -view->screen.err;
}

/* The time zone is the recording's, as all that it says. */
static int show_run(const struct options *given, const struct reel *reels, unsigned int count)
{
	const struct recording_about *about = reels->about;
	struct options options = *given;
	struct view view;
	int err;

	settings_apply(reels->recording, reels->path, &options);
	if (options.zone)
		setenv("TZ", options.zone, 1);
	tzset();
	err = view_init(&view, &options, about->start_ns, about->realtime_ns, about->netns);
	if (err) {
		log_error("cannot begin: %s", strerror(-err));
		return err;
	}
	if (options.followed)
		tracker_follow(&view.flow.tracker, options.followed);
	err = show_parts(&view, reels, count);
	view_fini(&view);
	return err;
}

/* --- all of them --------------------------------------------------------------------------------- */

/* What cannot be asked of one is said before any is shown. */
static void check_settings(const struct options *given, const struct reel *reels,
			   unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		struct options options = *given;

		settings_apply(reels[i].recording, reels[i].path, &options);
	}
}

static int show_runs(const struct options *options, const struct reel *reels, unsigned int count)
{
	int status = EXIT_SUCCESS;

	for (unsigned int begin = 0, end; begin < count; begin = end) {
		for (end = begin + 1; end < count && goes_on(&reels[end - 1]); end++)
			;
		if (show_run(options, &reels[begin], end - begin))
			status = EXIT_FAILURE;
	}
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

static unsigned int count_of(char **paths)
{
	unsigned int count = 0;

	while (paths[count])
		count++;
	return count;
}

int replay_run(struct options *options)
{
	unsigned int given = count_of(options->files), count;
	struct reel *reels = calloc(given + 1, sizeof(*reels));
	int status = EXIT_FAILURE;
	struct lookup lookup;

	if (options->netns_name && netns_resolve(options->netns_name, &options->filter.netns)) {
		free(reels);
		return USAGE_EXIT_STATUS;
	}
	if (!reels)
		usage_fail("no memory to read the command line");
	lookup_open(&lookup, false);
	cgroup_resolve(&options->filter, &lookup, false);
	lookup_close(&lookup);
	prepare_signals(options->files);
	count = open_reels(options->files, reels);
	check_settings(options, reels, count);
	if (show_runs(options, reels, count) == EXIT_SUCCESS && count == given)
		status = EXIT_SUCCESS;
	for (unsigned int i = 0; i < count; i++)
		recording_close(reels[i].recording);
	free(reels);
	return status;
}
