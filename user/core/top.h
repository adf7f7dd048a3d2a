/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * top: who had the most ends of connections, by the name of the process: a server that forks for each connection is
 * one line. In a fixed amount of memory, whatever names there are: by Space-Saving (Metwally and others, 2005).
 * When all entries are taken, a new name gets that of the one with the fewest, and what that one had is kept as how
 * much of the new one may have been missed. No name is left out that has more than 1/TOP_NAMES of all ends.
 */
#ifndef CORE_TOP_H
#define CORE_TOP_H

#include "core/owner.h"

#define TOP_NAMES   512
#define TOP_PIDS    16 /* of each name; more are not told apart */
#define TOP_BUCKETS 1024
#define TOP_LINES   10 /* as many are worth printing */

/* Counts of ends, since this name has its entry. */
struct top_entry {
	char comm[WIRE_COMM_LEN]; /* padded by NUL, any bytes */
	bool known; /* else these are the ends of which nobody is known */
	uint64_t ends;
	uint64_t missed; /* at most so many ends more came before it had its entry; 0: none */
	uint64_t client; /* was the client's end */
	uint64_t first; /* closed first, or both did at once */
	uint64_t rst_sent, rst_received;
	uint64_t open; /* were not closed */
	uint32_t pids[TOP_PIDS];
	uint32_t pid_count; /* TOP_PIDS + 1: more */
	uint32_t next; /* in its bucket, counted from 1 */
};

/* Empty when all is 0. */
struct top {
	struct top_entry entries[TOP_NAMES];
	struct top_entry unknown;
	uint32_t buckets[TOP_BUCKETS]; /* of entries, counted from 1 */
	uint32_t used;
	uint64_t replaced; /* how often a name had to go, 0: all counts are exact */
};

/* One end more of OWNER. Returns its entry, to count the rest in; valid until the next call. */
struct top_entry *top_count(struct top *top, const struct owner *owner);

/* The entries with the most ends, the first of all first, up to MAX > 0 of them; those with as many by their names.
 * Returns how many. */
unsigned int top_list(const struct top *top, unsigned int max, const struct top_entry **ret_list);

#endif
