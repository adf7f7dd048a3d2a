/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * setting: what a recording keeps of how it was traced, so that its replay shows what the live run showed: of the
 * options those that change what the core says, the process of `-- COMMAND`, the width of lines, and the time zone.
 */
#ifndef SETTING_H
#define SETTING_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "source/head.h"
#include "source/recording.h"
#include "zone.h"

struct settings {
	struct recording_setting list[HEAD_SETTINGS + 1]; /* the last has no name */
	unsigned int count;
	char netns[24], pid[24], columns[24], zone[ZONE_SIZE];
	char cgroups[FILTER_CGROUPS][WIRE_NAME_LEN + 1];
};

/* Is the value of the option NAME one of them? */
bool setting_is_kept(const char *name);

/* Of OPTIONS, whose namespace and cgroups are resolved; PID: of `-- COMMAND`, 0: none. The strings belong to OPTIONS
 * and RET_SETTINGS. Returns 0, or -E2BIG where there are too many. */
int settings_make(const struct options *options, uint32_t pid, struct settings *ret_settings);

/* Has OPTIONS, of a replay, as RECORDING has them, but for what was given for the replay itself. Exits with one
 * sentence and status 2 where RECORDING holds what cannot be. */
void settings_apply(const struct recording *recording, const char *path, struct options *options);

#endif
