// SPDX-License-Identifier: GPL-2.0-only
#include "core/slab.h"

#include <sys/mman.h>

/* At the beginning of its piece, which begins at a multiple of its size: so an item's address tells where. */
struct slab {
	struct slab *before, *behind; /* in its list */
	void *given; /* items that were given back, each with the next one's address in it */
	uint32_t used, touched; /* items: taken, and ever taken */
};

#define HEADER_BYTES ((size_t)64)

_Static_assert(sizeof(struct slab) <= HEADER_BYTES, "items begin behind the header");

void slabs_init(struct slabs *slabs, size_t item_bytes)
{
	*slabs = (struct slabs){.item_bytes = item_bytes};
}

static void link_first(struct slab **list, struct slab *slab)
{
	slab->before = NULL;
	slab->behind = *list;
	if (*list)
		(*list)->before = slab;
	*list = slab;
}

static void unlink_slab(struct slab **list, struct slab *slab)
{
	*(slab->before ? &slab->before->behind : list) = slab->behind;
	if (slab->behind)
		slab->behind->before = slab->before;
}

/* Twice as much, less what is in front of the first multiple and behind the piece there. */
static struct slab *map(void)
{
	char *at = mmap(NULL, 2 * SLAB_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	size_t in_front = -(uintptr_t)at % SLAB_BYTES;

	if (at == MAP_FAILED)
		return NULL;
	if (in_front)
		munmap(at, in_front);
	munmap(at + in_front + SLAB_BYTES, SLAB_BYTES - in_front);
	return (struct slab *)(at + in_front);
}

static void unmap_all(struct slab *list)
{
	while (list) {
		struct slab *behind = list->behind;

		munmap(list, SLAB_BYTES);
		list = behind;
	}
}

void slabs_fini(struct slabs *slabs)
{
	unmap_all(slabs->open);
	unmap_all(slabs->full);
	*slabs = (struct slabs){0};
}

static struct slab *open_one(struct slabs *slabs)
{
	struct slab *slab = map();

	if (!slab)
		return NULL;
	link_first(&slabs->open, slab);
	slabs->pieces++;
	return slab;
}

static uint32_t capacity_of(const struct slabs *slabs)
{
	return (uint32_t)((SLAB_BYTES - HEADER_BYTES) / slabs->item_bytes);
}

void *slab_take(struct slabs *slabs)
{
	struct slab *slab = slabs->open ? slabs->open : open_one(slabs);
	void *item;

	if (!slab) {
		slabs->refused++;
		return NULL;
	}
	item = slab->given;
	if (item)
		slab->given = *(void **)item;
	else
		item = (char *)slab + HEADER_BYTES + slab->touched++ * slabs->item_bytes;
	slabs->items++;
	if (++slab->used == capacity_of(slabs)) {
		unlink_slab(&slabs->open, slab);
		link_first(&slabs->full, slab);
	}
	return item;
}

/* One is kept, however empty: else it would be taken and given back in turn. */
static void close_if_empty(struct slabs *slabs, struct slab *slab)
{
	if (slab->used || (!slab->before && !slab->behind))
		return;
	unlink_slab(&slabs->open, slab);
	munmap(slab, SLAB_BYTES);
	slabs->pieces--;
}

void slab_give(struct slabs *slabs, void *item)
{
	/* Its head stands where the piece begins, at a multiple of its size. */
	struct slab *slab = (void *)((char *)item - (uintptr_t)item % SLAB_BYTES);

	if (slab->used-- == capacity_of(slabs)) {
		unlink_slab(&slabs->full, slab);
		link_first(&slabs->open, slab);
	}
	*(void **)item = slab->given;
	slab->given = item;
	slabs->items--;
	close_if_empty(slabs, slab);
}
