/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * slab: things of one size, in pieces of SLAB_BYTES: a piece is taken when none has room, and given back when nothing is
 * left in it. So memory follows what there is, and an event allocates nothing.
 */
#ifndef CORE_SLAB_H
#define CORE_SLAB_H

#include <stddef.h>
#include <stdint.h>

#define SLAB_BYTES ((size_t)1 << 18)

struct slab;

struct slabs {
	size_t item_bytes;
	struct slab *open; /* with room for one more at least */
	struct slab *full;
	uint32_t items, pieces; /* taken */
	uint64_t refused; /* items that there was no memory for */
};

/* For items of ITEM_BYTES, a multiple of those of a pointer. Takes nothing yet. */
void slabs_init(struct slabs *slabs, size_t item_bytes);

/* Gives back all pieces, whatever is in them. */
void slabs_fini(struct slabs *slabs);

/* An item, whose bytes are any, or NULL: no memory. */
void *slab_take(struct slabs *slabs);
void slab_give(struct slabs *slabs, void *item);

#endif
