/* SPDX-License-Identifier: GPL-2.0-only */
/* cgroup: --cgroup, the paths of cgroups as people write them. */
#ifndef CGROUP_H
#define CGROUP_H

#include "core/filter.h"
#include "source/lookup.h"

/* Adds a list like "/system.slice/nginx.service,/user.slice" to FILTER, which keeps pointers into LIST. Exits with
 * one sentence and status 2 when it is wrong. */
void cgroup_want(struct filter *filter, const char *list);

/*
 * Makes the paths in FILTER those below the mount of LOOKUP, where they were written with it. MUST_BE: each must be
 * there. Returns 0, or -errno after having said in one sentence which is not.
 */
int cgroup_resolve(struct filter *filter, const struct lookup *lookup, bool must_be);

#endif
