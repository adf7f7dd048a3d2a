// SPDX-License-Identifier: GPL-2.0-only
#include "demo/library.h"

#include <string.h>

const struct library_entry library[] = {
#include "scenarios.inc"
	{NULL, NULL},
};

const struct library_entry *library_find(const char *name)
{
	for (const struct library_entry *entry = library; entry->name; entry++)
		if (strcmp(entry->name, name) == 0)
			return entry;
	return NULL;
}
