// SPDX-License-Identifier: GPL-2.0-only
#include "core/merge.h"

#include <errno.h>
#include <stdlib.h>

int merge_init(struct merge *merge, uint32_t capacity)
{
	struct event *slots = calloc(capacity, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	*merge = (struct merge){.slots = slots, .capacity = capacity};
	return 0;
}

void merge_fini(struct merge *merge)
{
	free(merge->slots);
	*merge = (struct merge){0};
}

bool merge_is_full(const struct merge *merge)
{
	return merge->count == merge->capacity;
}

static struct event *merge_slot(const struct merge *merge, uint32_t position)
{
	return &merge->slots[(merge->head + position) & (merge->capacity - 1)];
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
	uint32_t position = merge->count;

	while (position > 0 && goes_before(event, merge_slot(merge, position - 1))) {
		*merge_slot(merge, position) = *merge_slot(merge, position - 1);
		position--;
	}
	*merge_slot(merge, position) = *event;
	merge->count++;
}

bool merge_pop(struct merge *merge, uint64_t now_ns, bool force, struct event *ret_event)
{
	if (merge->count == 0 || (!force && merge_due_ns(merge) > now_ns))
		return false;
	*ret_event = *merge_slot(merge, 0);
	merge->head = (merge->head + 1) & (merge->capacity - 1);
	merge->count--;
	if (ret_event->ktime_ns < merge->given_ns)
		merge->late++;
	else
		merge->given_ns = ret_event->ktime_ns;
	return true;
}

uint64_t merge_due_ns(const struct merge *merge)
{
	if (merge->count == 0)
		return UINT64_MAX;
	return merge_slot(merge, 0)->ktime_ns + MERGE_WINDOW_NS;
}
