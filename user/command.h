/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command: the child of `-- COMMAND`.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "account.h"

struct command {
	pid_t pid; /* 0: there is none */
	int gate; /* it runs when this is closed after a byte, -1: it does */
	bool interrupted; /* ^C reached it: the next one is for us */
	bool ended;
	int status; /* exit status, 128 + signal when killed; valid when ended */
};

/*
 * Makes the child, which waits at a gate before it becomes USER's COMMAND: its sockets can be watched from the
 * first. Returns 0, or -errno after having said why not.
 */
int command_spawn(struct command *command, char **argv, struct account user);

/* Opens the gate. */
void command_run(struct command *command);

/* Looks whether it has ended. Never waits. */
void command_reap(struct command *command);

/* The trace has ended: so must the command, if it has not. Asks it to by SIGTERM, and waits for it; signals
 * end us meanwhile as they would have before. */
void command_end(struct command *command);

/* Closes the gate for good if it never ran, and waits for the child then. */
void command_fini(struct command *command);

#endif
