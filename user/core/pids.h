/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pids: a bounded set of processes: those of `-- COMMAND` that are alive. Few at a time, so an array does.
 */
#ifndef CORE_PIDS_H
#define CORE_PIDS_H

#include <stdbool.h>
#include <stdint.h>

#define PIDS_MAX 16384

struct pids {
	uint32_t *pids; /* thread group ids, in no order */
	uint32_t count;
};

/* Returns 0 or -ENOMEM. */
int pids_init(struct pids *pids);
void pids_fini(struct pids *pids);

bool pids_has(const struct pids *pids, uint32_t pid);

/* Adds PID if it is not in; a full set stays as it is. */
void pids_add(struct pids *pids, uint32_t pid);

/* Takes PID out, if it is in. */
void pids_remove(struct pids *pids, uint32_t pid);

#endif
