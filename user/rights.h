/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rights: everything that needs them is opened here, before the loop: the namespace's name, the files,
 * the child of `-- COMMAND`, the BPF programs. After rights_open() and the snapshot no right is
 * needed any more, but to look up the names of cgroups and command lines.
 */
#ifndef RIGHTS_H
#define RIGHTS_H

#include "command.h"
#include "exporter.h"
#include "options.h"
#include "source/lookup.h"
#include "source/recorder.h"
#include "source/ring.h"

struct rights {
	struct ring *ring;
	bool ring_is_lent; /* ... to us, by who closes it */
	struct command command;
	struct lookup lookup;
	struct recorder *recorder; /* NULL: none */
	struct exporter *exporter; /* NULL: none */
	uint64_t start_ns; /* when the trace began: CLOCK_MONOTONIC */
	uint64_t realtime_ns; /* CLOCK_REALTIME at the same time */
	uint32_t netns; /* inode number of the network namespace we run in, 0: not known */
};

/* Opens what OPTIONS ask for and resolves -N in them. RING is a ring to be used, NULL: one is opened. Returns 0, or an exit status after having said in
 * one sentence what is wrong; nothing stays open then. */
int rights_open(struct rights *rights, struct options *options, struct ring *ring);

/* Returns 0, or -errno if the recording could not be written to its end. */
int rights_close(struct rights *rights);

#endif
