/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * due: connections by when they must be looked at again, earliest first. A binary heap: a million
 * connections in TIME_WAIT cost nothing until one of them is due.
 */
#ifndef CORE_DUE_H
#define CORE_DUE_H

#include <stddef.h>
#include <stdint.h>

struct conn;

struct due_entry {
	uint64_t when_ns;
	struct conn *conn;
};

struct due {
	struct due_entry *entries; /* 1..count; 0 is unused, as a slot number 0 says "not in it" */
	uint32_t count;
	uint32_t room; /* for so many: it grows and shrinks with them */
	uint64_t refused; /* connections that there was no memory for */
};

/* Returns 0 or -ENOMEM. */
int due_init(struct due *due);
void due_fini(struct due *due);

/* Puts CONN in at WHEN_NS, or moves it there. Its due_slot is kept up to date. Without memory it is not in. */
void due_set(struct due *due, struct conn *conn, uint64_t when_ns);

/* Takes CONN out, if it is in. */
void due_remove(struct due *due, struct conn *conn);

/* The earliest, or NULL; RET_WHEN_NS is UINT64_MAX then. */
struct conn *due_first(const struct due *due, uint64_t *ret_when_ns);

#endif
