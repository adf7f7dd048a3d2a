/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * names: what the numbers in events are called, up to a fixed count; then the oldest go.
 */
#ifndef CORE_NAMES_H
#define CORE_NAMES_H

#include "core/event.h"

#define NAMES_MAX 4096

struct name;

struct names {
	struct name *ring; /* in the order in which they came */
	uint32_t *buckets; /* chains of the ring's entries, counted from 1 */
	uint32_t next; /* where the next one goes */
};

/* What is known of owners beside their numbers. */
struct owner_names {
	struct names cgroups; /* paths in the unified hierarchy, by number */
	struct names cmdlines; /* by owner_cmdline_id() */
};

/* Returns 0 or -ENOMEM. */
int names_init(struct names *names);
void names_fini(struct names *names);

/* From now on NAME's number is called so. */
void names_put(struct names *names, const struct name_event *name);

/* The INDEXth of them, from the oldest on, and its number, which is 0 where there is none (any more); NULL behind the
 * last. */
const char *names_at(const struct names *names, uint32_t index, uint64_t *ret_id);

/* The name of ID, any bytes, "" where it was looked for in vain; NULL: nobody has told. Valid until the next
 * names_put(). */
const char *names_find(const struct names *names, uint64_t id);

#endif
