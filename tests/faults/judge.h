/* SPDX-License-Identifier: GPL-2.0-only */
/* judge: whether a run with a fault in it has ended as it should, beside one without. */
#ifndef FAULTS_JUDGE_H
#define FAULTS_JUDGE_H

#include <stdbool.h>

#include "run.h"

struct judge {
	const char *out, *err; /* what the program has said, by their paths */
	const char *here; /* its directory: what it has written */
	const char *kept; /* a file there that may stay when it fails; NULL: none */
	int sentences; /* that it may fail in */
	bool varies; /* what it says and writes differs from run to run */
	bool commands; /* it runs a command: 125 to 127 tell how that has failed */
	char *wanted_out; /* of the run without a fault */
	char *wanted_files;
};

/* Of the run without a fault. Returns NULL, or what is wrong with it. */
const char *judge_begin(struct judge *judge, const struct run *run);

/* Returns NULL, or what is wrong. */
const char *judge_run(const struct judge *judge, const struct run *run);

/* Empties the directory for the next run. */
void judge_tidy(const struct judge *judge);

void judge_end(struct judge *judge);

#endif
