// SPDX-License-Identifier: GPL-2.0-only
#include "core/due.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/conn.h"

#define ROOM_LEAST 64

static bool make_room(struct due *due, uint32_t room)
{
	struct due_entry *moved = realloc(due->entries, ((size_t)room + 1) * sizeof(*moved));

	if (!moved)
		return false;
	due->entries = moved;
	due->room = room;
	return true;
}

int due_init(struct due *due)
{
	*due = (struct due){0};
	if (!make_room(due, ROOM_LEAST))
		return -ENOMEM;
	due->entries[0] = (struct due_entry){0};
	return 0;
}

void due_fini(struct due *due)
{
	free(due->entries);
	*due = (struct due){0};
}

static void place(struct due *due, uint32_t slot, struct due_entry entry)
{
	due->entries[slot] = entry;
	entry.conn->due_slot = slot;
}

static void sift_up(struct due *due, uint32_t slot, struct due_entry entry)
{
	while (slot > 1 && due->entries[slot / 2].when_ns > entry.when_ns) {
		place(due, slot, due->entries[slot / 2]);
		slot /= 2;
	}
	place(due, slot, entry);
}

static void sift_down(struct due *due, uint32_t slot, struct due_entry entry)
{
	for (;;) {
		uint32_t child = slot * 2;

		if (child < due->count &&
		    due->entries[child + 1].when_ns < due->entries[child].when_ns)
			child++;
		if (child > due->count || due->entries[child].when_ns >= entry.when_ns)
			break;
		place(due, slot, due->entries[child]);
		slot = child;
	}
	place(due, slot, entry);
}

/* What was last in the heap takes the place of what was at SLOT. */
static void fill(struct due *due, uint32_t slot, struct due_entry last)
{
	if (slot > 1 && due->entries[slot / 2].when_ns > last.when_ns)
		sift_up(due, slot, last);
	else
		sift_down(due, slot, last);
}

void due_remove(struct due *due, struct conn *conn)
{
	uint32_t slot = conn->due_slot;
	struct due_entry last;

	if (slot == 0)
		return;
	conn->due_slot = 0;
	last = due->entries[due->count--];
	if (last.conn != conn)
		fill(due, slot, last);
	if (due->room > ROOM_LEAST && due->count < due->room / 4)
		make_room(due, due->room / 2);
}

void due_set(struct due *due, struct conn *conn, uint64_t when_ns)
{
	if (conn->due_slot && due->entries[conn->due_slot].when_ns == when_ns)
		return;
	due_remove(due, conn);
	if (due->count == due->room && !make_room(due, 2 * due->room)) {
		due->refused++;
		return;
	}
	due->count++;
	sift_up(due, due->count, (struct due_entry){when_ns, conn});
}

struct conn *due_first(const struct due *due, uint64_t *ret_when_ns)
{
	*ret_when_ns = UINT64_MAX;
	if (due->count == 0)
		return NULL;
	*ret_when_ns = due->entries[1].when_ns;
	return due->entries[1].conn;
}
