/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * call: system calls that can fail, how, and how to have one fail in a process that ptrace(2) has stopped at it.
 */
#ifndef FAULTS_CALL_H
#define FAULTS_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The ways to fail a walk tries. */
enum call_fault {
	CALL_FAILS, /* as a machine that has no more of it fails it */
	CALL_IS_INTERRUPTED, /* EINTR, where that can be */
};

struct call {
	int64_t number;
	const char *name;
	int errors[2]; /* by enum call_fault; 0: it does not fail so */
};

/* NULL: one that cannot fail, or whose failure nobody could do anything about. */
const struct call *call_find(int64_t number);

/* At its entry: it will not be made. */
void call_skip(pid_t pid);

/* At its exit: it gives -ERROR. */
void call_answer(pid_t pid, int error);

#endif
