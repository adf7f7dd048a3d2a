/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * limits: the settings of each network namespace, as last told.
 */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#include "core/event.h"

#define LIMITS_NETNS 64

struct limits_table {
	struct limits known[LIMITS_NETNS]; /* a ring */
	uint32_t learnt; /* how many namespaces, so far */
};

/* A namespace has these settings now. */
void limits_learn(struct limits_table *table, const struct limits *limits);

/* Those of namespace NETNS, or NULL. */
const struct limits *limits_find(const struct limits_table *table, uint32_t netns);

#endif
