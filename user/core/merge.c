// SPDX-License-Identifier: GPL-2.0-only
#include "core/merge.h"

#include <errno.h>
#include <stdlib.h>

int merge_init(struct merge *merge, uint32_t capacity)
{
	*merge = (struct merge){.capacity = capacity};
	merge->order = calloc(capacity, sizeof(struct event *));
	merge->spare = calloc(capacity, sizeof(struct event *));
	merge->pool = calloc((size_t)capacity + 1, sizeof(*merge->pool));
	merge->room = merge->pool;
	merge->pool_used = 1;
	if (merge->order && merge->spare && merge->pool)
		return 0;
	merge_fini(merge);
	return -ENOMEM;
}

void merge_fini(struct merge *merge)
{
	free(merge->order);
	free(merge->spare);
	free(merge->pool);
	*merge = (struct merge){0};
}

bool merge_is_full(const struct merge *merge)
{
	return merge->count == merge->capacity;
}

struct event *merge_room(const struct merge *merge)
{
	return merge->room;
}

static struct event **place_of(const struct merge *merge, uint32_t position)
{
	return &merge->order[(merge->head + position) & (merge->capacity - 1)];
}

/* There are few at a time, so they stay in the processor's cache. */
static struct event *take_event(struct merge *merge)
{
	if (merge->spare_count)
		return merge->spare[--merge->spare_count];
	return &merge->pool[merge->pool_used++];
}

/* Does EVENT belong in front of OTHER, which came before it? */
static bool goes_before(const struct event *event, const struct event *other)
{
	if (other->ktime_ns <= event->ktime_ns)
		return false;
	return event->type != WIRE_STATE || other->type != WIRE_STATE ||
	       event->edge.sk != other->edge.sk;
}

/* Events come nearly in order, so the place is found from the newest end in a step or two. */
void merge_push(struct merge *merge, const struct event *event)
{
	struct event *held = merge->room;
	uint32_t position = merge->count++;

	if (event != held)
		*held = *event;
	merge->room = take_event(merge);
	while (position > 0 && goes_before(held, *place_of(merge, position - 1))) {
		*place_of(merge, position) = *place_of(merge, position - 1);
		position--;
	}
	*place_of(merge, position) = held;
}

const struct event *merge_pop(struct merge *merge, uint64_t now_ns, bool force)
{
	struct event *event;

	if (merge->count == 0 || (!force && merge_due_ns(merge) > now_ns))
		return NULL;
	event = *place_of(merge, 0);
	merge->spare[merge->spare_count++] = event;
	merge->head = (merge->head + 1) & (merge->capacity - 1);
	merge->count--;
	if (event->ktime_ns < merge->given_ns)
		merge->late++;
	else
		merge->given_ns = event->ktime_ns;
	return event;
}

uint64_t merge_due_ns(const struct merge *merge)
{
	if (merge->count == 0)
		return UINT64_MAX;
	return (*place_of(merge, 0))->ktime_ns + MERGE_WINDOW_NS;
}
