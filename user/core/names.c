// SPDX-License-Identifier: GPL-2.0-only
#include "core/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct name {
	uint64_t id; /* 0: none */
	uint32_t chain; /* the next of its bucket, counted from 1 */
	char text[WIRE_NAME_LEN];
};

int names_init(struct names *names)
{
	names->next = 0;
	names->ring = calloc(NAMES_MAX, sizeof(*names->ring));
	names->buckets = calloc(NAMES_MAX, sizeof(*names->buckets));
	if (names->ring && names->buckets)
		return 0;
	names_fini(names);
	return -ENOMEM;
}

void names_fini(struct names *names)
{
	free(names->ring);
	free(names->buckets);
	*names = (struct names){0};
}

static uint32_t *bucket_of(const struct names *names, uint64_t id)
{
	return &names->buckets[id * UINT64_C(0x9e3779b97f4a7c15) >> 52];
}

_Static_assert(NAMES_MAX == 1 << (64 - 52), "bucket_of() counts on it");

static struct name *find(const struct names *names, uint64_t id)
{
	uint32_t at = *bucket_of(names, id);

	while (at && names->ring[at - 1].id != id)
		at = names->ring[at - 1].chain;
	return at ? &names->ring[at - 1] : NULL;
}

static void forget(struct names *names, const struct name *name)
{
	uint32_t at = (uint32_t)(name - names->ring) + 1;
	uint32_t *link = bucket_of(names, name->id);

	while (*link != at)
		link = &names->ring[*link - 1].chain;
	*link = name->chain;
}

static struct name *add(struct names *names, uint64_t id)
{
	struct name *name = &names->ring[names->next];
	uint32_t *bucket = bucket_of(names, id);

	if (name->id)
		forget(names, name);
	name->id = id;
	name->chain = *bucket;
	*bucket = names->next + 1;
	names->next = (names->next + 1) % NAMES_MAX;
	return name;
}

void names_put(struct names *names, const struct name_event *name)
{
	struct name *known;

	if (!name->id)
		return;
	known = find(names, name->id);
	if (!known)
		known = add(names, name->id);
	memcpy(known->text, name->text, sizeof(known->text));
}

const char *names_find(const struct names *names, uint64_t id)
{
	const struct name *name = find(names, id);

	return name ? name->text : NULL;
}

const char *names_at(const struct names *names, uint32_t index, uint64_t *ret_id)
{
	const struct name *name = &names->ring[(names->next + index) % NAMES_MAX];

	if (index >= NAMES_MAX)
		return NULL;
	*ret_id = name->id;
	return name->text;
}
