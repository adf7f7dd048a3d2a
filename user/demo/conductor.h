/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * conductor: has the roles of a scenario do their acts, one after the other, each done before the next
 * begins. Roles are children of the process that calls it, and end with it.
 */
#ifndef DEMO_CONDUCTOR_H
#define DEMO_CONDUCTOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/text.h"
#include "demo/scenario.h"

struct actor {
	pid_t pid; /* 0: not on the stage yet */
	int fd; /* orders to a puppet, stdin of a program */
	int namespace; /* a directory of the network namespace that it has left */
	int output; /* a file of what a program has said */
	uint16_t local, remote; /* ports of its sockets, 0: any */
	unsigned int connections; /* so many of them */
	bool ended;
	int status; /* as deed.h's ARG_STATUS has it; valid when ended */
};

struct conductor {
	const struct scenario *scenario;
	const struct circumstances *here;
	struct text notes; /* what DEED_COUNTS has counted, a line each */
	int mail[2]; /* where puppets pass descriptors to each other */
	int audience; /* when this says something or ends, the play is broken off */
	struct actor actors[SCENARIO_ROLES];
};

/* Returns 0 when all acts were played; -ECANCELED when the audience left; else an -errno, with one sentence in
 * RET_ERROR. What the roles hold stays open until conductor_fini(). */
int conductor_play(struct conductor *conductor, struct text *ret_error);

/* Ends all roles, and waits for them. */
void conductor_fini(struct conductor *conductor);

#endif
