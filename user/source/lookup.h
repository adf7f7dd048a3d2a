/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lookup: what the host calls the cgroups and processes that records know by number. Asked when a number is first
 * met: a moment later both may be gone.
 */
#ifndef SOURCE_LOOKUP_H
#define SOURCE_LOOKUP_H

#include <limits.h>
#include <stdbool.h>

#include "core/names.h"
#include "source/source.h"

struct lookup {
	int mount_fd; /* of the unified hierarchy, -1: it is not mounted here */
	char mount[PATH_MAX]; /* where it is mounted */
	bool cmdlines; /* look for them */
};

/* Finds the unified hierarchy, wherever it is mounted. To be closed by lookup_close(). */
void lookup_open(struct lookup *lookup, bool cmdlines);
void lookup_close(struct lookup *lookup);

/*
 * Looks for the names that the actor of EVENT has and that are not among KNOWN: gives TAKE a
 * record of type WIRE_CGROUP, with no text where none was found, or WIRE_CMDLINE. A command line is looked for each
 * time, as execve() changes it.
 */
void lookup_names(const struct lookup *lookup, const struct owner_names *known,
		  const struct event *event, take_record_fn *take, void *ctx);

#endif
