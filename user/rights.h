/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rights: everything that needs them is opened here, before the loop: the namespace's name, the files,
 * the child of `-- COMMAND`, the BPF programs. After that and the snapshot rights_give_up() leaves what the running form
 * still needs, which for most is nothing; the manual has the list.
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

/* Leaves what a trace, a replay or snapshots with OPTIONS need from here on, and nothing else (see confine.h). Returns 0, or
 * -errno after having said why. */
int rights_give_up(const struct options *options);

/* Returns 0, or -errno if the recording could not be written to its end. */
int rights_close(struct rights *rights);

#endif
