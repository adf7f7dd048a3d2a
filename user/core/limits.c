// SPDX-License-Identifier: GPL-2.0-only
#include "core/limits.h"

#include <stddef.h>

const struct limits *limits_find(const struct limits_table *table, uint32_t netns)
{
	for (unsigned int i = 0; i < LIMITS_NETNS && i < table->learnt; i++)
		if (table->known[i].netns == netns)
			return &table->known[i];
	return NULL;
}

/* The oldest goes: there are as many as there are namespaces, and these are few. */
void limits_learn(struct limits_table *table, const struct limits *limits)
{
	struct limits *known = (struct limits *)limits_find(table, limits->netns);

	if (!known)
		known = &table->known[table->learnt++ % LIMITS_NETNS];
	*known = *limits;
}
