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

static void take_record(void *ctx, const void *record, size_t size)
{
	struct view *view = ctx;

	flow_record(&view->flow, record, size);
}

static int replay_file(const struct options *options, const char *path)
{
	struct recording_header header;
	struct view view;
	FILE *file;
	int err = recording_open(path, &file, &header);

	if (err)
		return err;
	err = view_init(&view, options, header.start_ns, header.realtime_ns, header.netns);
	if (err) {
		log_error("cannot begin: %s", strerror(-err));
		fclose(file);
		return err;
	}
	err = recording_read(file, path, take_record, &view);
	view_finish(&view);
	view_summarise(&view);
	if (view.screen.err) {
		log_error("cannot write to stdout: %s", strerror(view.screen.err));
		err = -view.screen.err;
	}
	view_fini(&view);
	fclose(file);
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
