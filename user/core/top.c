// SPDX-License-Identifier: GPL-2.0-only
#include "core/top.h"

#include <string.h>

/* FNV-1a (draft-eastlake-fnv). */
static uint32_t bucket_of(const char *comm)
{
	uint32_t hash = 2166136261;

	for (unsigned int i = 0; i < WIRE_COMM_LEN && comm[i]; i++)
		hash = (hash ^ (uint8_t)comm[i]) * 16777619;
	return (hash ^ hash >> 16) % TOP_BUCKETS;
}

static struct top_entry *find(struct top *top, const char *comm)
{
	for (uint32_t i = top->buckets[bucket_of(comm)]; i; i = top->entries[i - 1].next)
		if (strncmp(top->entries[i - 1].comm, comm, WIRE_COMM_LEN) == 0)
			return &top->entries[i - 1];
	return NULL;
}

static uint64_t weight(const struct top_entry *entry)
{
	return entry->ends + entry->missed;
}

static struct top_entry *fewest(struct top *top)
{
	struct top_entry *least = &top->entries[0];

	for (uint32_t i = 1; i < TOP_NAMES; i++)
		if (weight(&top->entries[i]) < weight(least))
			least = &top->entries[i];
	return least;
}

static void unlink_entry(struct top *top, const struct top_entry *entry)
{
	uint32_t number = (uint32_t)(entry - top->entries) + 1;
	uint32_t *link = &top->buckets[bucket_of(entry->comm)];

	while (*link != number)
		link = &top->entries[*link - 1].next;
	*link = entry->next;
}

static struct top_entry *enter(struct top *top, const char *comm)
{
	uint32_t *bucket = &top->buckets[bucket_of(comm)];
	struct top_entry *entry;
	uint64_t missed = 0;

	if (top->used < TOP_NAMES) {
		entry = &top->entries[top->used++];
	} else {
		entry = fewest(top);
		missed = weight(entry);
		unlink_entry(top, entry);
		top->replaced++;
	}
	*entry = (struct top_entry){.known = true, .missed = missed, .next = *bucket};
	for (unsigned int i = 0; i < WIRE_COMM_LEN && comm[i]; i++)
		entry->comm[i] = comm[i];
	*bucket = (uint32_t)(entry - top->entries) + 1;
	return entry;
}

static void note_pid(struct top_entry *entry, uint32_t pid)
{
	if (entry->pid_count > TOP_PIDS)
		return;
	for (uint32_t i = 0; i < entry->pid_count; i++)
		if (entry->pids[i] == pid)
			return;
	if (entry->pid_count < TOP_PIDS)
		entry->pids[entry->pid_count] = pid;
	entry->pid_count++;
}

struct top_entry *top_count(struct top *top, const struct owner *owner)
{
	struct top_entry *entry = &top->unknown;

	if (owner->source != OWNER_UNKNOWN) {
		entry = find(top, owner->comm);
		if (!entry)
			entry = enter(top, owner->comm);
		note_pid(entry, owner->pid);
	}
	entry->ends++;
	return entry;
}

/* Does A stand above B? Nobody stands below all that have as many. */
static bool is_above(const struct top_entry *a, const struct top_entry *b)
{
	if (a->ends != b->ends)
		return a->ends > b->ends;
	if (a->known != b->known)
		return a->known;
	return memcmp(a->comm, b->comm, WIRE_COMM_LEN) < 0;
}

/* Puts ENTRY where it belongs among the N of LIST, of MAX > 0 at most. Returns how many there are then. */
static unsigned int insert(const struct top_entry **list, unsigned int n, unsigned int max,
			   const struct top_entry *entry)
{
	unsigned int at = n;

	if (n == max && !is_above(entry, list[n - 1]))
		return n;
	if (n == max)
		at--;
	else
		n++;
	for (; at > 0 && is_above(entry, list[at - 1]); at--)
		list[at] = list[at - 1];
	list[at] = entry;
	return n;
}

unsigned int top_list(const struct top *top, unsigned int max, const struct top_entry **ret_list)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < top->used; i++)
		n = insert(ret_list, n, max, &top->entries[i]);
	if (top->unknown.ends)
		n = insert(ret_list, n, max, &top->unknown);
	return n;
}
