// SPDX-License-Identifier: GPL-2.0-only
#include "replay.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/usage.h"
#include "cgroup.h"
#include "netns.h"
#include "source/recording.h"
#include "view.h"

static int show_records(struct view *view, struct recording *recording)
{
	const void *record;
	size_t size;
	int got;

	while ((got = recording_next(recording, &record, &size)) > 0)
		flow_record(&view->flow, record, size);
	return got;
}

static int replay_file(const struct options *options, const char *path)
{
	const struct recording_about *about;
	struct recording *recording;
	struct view view;
	int err = recording_open(path, &recording);

	if (err)
		return err;
	about = recording_about(recording);
	err = view_init(&view, options, about->start_ns, about->realtime_ns, about->netns);
	if (err) {
		log_error("cannot begin: %s", strerror(-err));
		recording_close(recording);
		return err;
	}
	err = show_records(&view, recording);
	view_finish(&view);
	view_summarise(&view);
	if (view.screen.err) {
		log_error("cannot write to stdout: %s", strerror(view.screen.err));
		err = -view.screen.err;
	}
	view_fini(&view);
	recording_close(recording);
	return err;
}

int replay_run(struct options *options)
{
	int status = EXIT_SUCCESS;
	struct lookup lookup;

	if (options->netns_name && netns_resolve(options->netns_name, &options->filter.netns))
		return USAGE_EXIT_STATUS;
	lookup_open(&lookup, false);
	cgroup_resolve(&options->filter, &lookup, false);
	lookup_close(&lookup);

	signal(SIGPIPE, SIG_IGN);
	for (char **file = options->files; *file; file++)
		if (replay_file(options, *file))
			status = EXIT_FAILURE;
	return status;
}
