/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * symbols: where functions of the kernel are, by /proc/kallsyms.
 */
#ifndef SOURCE_SYMBOLS_H
#define SOURCE_SYMBOLS_H

#include <stdint.h>

struct symbol {
	const char *line; /* how its line ends: " NAME\n" */
	uint64_t begin; /* 0: not found, or hidden (kernel.kptr_restrict) */
	uint64_t end; /* where the next one begins */
};

/* Looks up those of the COUNT symbols that are in the kernel itself, not in a module. */
void symbols_find(struct symbol *symbols, unsigned int count);

#endif
