/* SPDX-License-Identifier: GPL-2.0-only */
/* library: the scenarios that are part of this program, user/demo/scenarios/, in the order of a story. */
#ifndef DEMO_LIBRARY_H
#define DEMO_LIBRARY_H

#include <stddef.h>

struct library_entry {
	const char *name; /* NULL behind the last */
	const char *text;
};

extern const struct library_entry library[];

/* The scenario of this name, or NULL. */
const struct library_entry *library_find(const char *name);

#endif
