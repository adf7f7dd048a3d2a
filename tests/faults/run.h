/* SPDX-License-Identifier: GPL-2.0-only */
/* run: a program run once, with one thing failing. */
#ifndef FAULTS_RUN_H
#define FAULTS_RUN_H

#include <stdbool.h>

enum run_fault {
	RUN_ALLOCATION, /* by faults.so, which must be preloaded */
	RUN_CALL, /* of the system, by ptrace(2) */
	RUN_INTERRUPTION, /* of a call, with EINTR */
};

struct run_plan {
	char **argv;
	const char *preload; /* the path of faults.so */
	const char *here; /* its directory */
	const char *out, *err; /* files for what it says */
	enum run_fault fault;
	unsigned long number; /* of what fails, from 1 on; 0: nothing does */
	bool for_good; /* all allocations behind it fail as well */
};

struct run {
	int status; /* of waitpid(2) */
	bool hung; /* it did not end in time, and was killed */
	bool left_process; /* one of its processes was left, and was killed */
	char fault[256]; /* what has failed; "": there were not so many */
};

/* Returns 0 or -errno. */
int run_once(const struct run_plan *plan, struct run *ret_run);

#endif
