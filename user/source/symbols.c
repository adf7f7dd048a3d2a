// SPDX-License-Identifier: GPL-2.0-only
#include "source/symbols.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Lines at the end of a piece whose successor is not read yet are kept for the next one. */
#define PIECE_BYTES 65536

/* Looks for SYMBOL in TEXT, whole lines sorted by address. The last line has no successor here. */
static bool find(const char *text, size_t bytes, struct symbol *symbol)
{
	const char *name = memmem(text, bytes, symbol->line, strlen(symbol->line)), *begin, *next;

	if (!name)
		return false;
	next = name + strlen(symbol->line);
	if (next == text + bytes)
		return false;
	begin = memrchr(text, '\n', (size_t)(name - text));
	symbol->begin = strtoull(begin ? begin + 1 : text, NULL, 16);
	symbol->end = strtoull(next, NULL, 16);
	return true;
}

/* The last whole line of TEXT. */
static const char *last_line(const char *text, size_t bytes)
{
	const char *end = memrchr(text, '\n', bytes), *begin;

	if (!end)
		return text;
	begin = memrchr(text, '\n', (size_t)(end - text));
	return begin ? begin + 1 : text;
}

/* Returns how many are still to be found. */
static unsigned int find_all(const char *text, size_t bytes, struct symbol *symbols,
			     unsigned int count)
{
	unsigned int missing = 0;

	for (unsigned int i = 0; i < count; i++)
		if (symbols[i].end == 0 && !find(text, bytes, &symbols[i]))
			missing++;
	return missing;
}

void symbols_find(struct symbol *symbols, unsigned int count)
{
	int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
	char *text = malloc(PIECE_BYTES);
	size_t kept = 0;
	ssize_t n;

	while (fd >= 0 && text && (n = read(fd, text + kept, PIECE_BYTES - kept)) > 0) {
		const char *end = text + kept + n, *whole = memrchr(text, '\n', kept + (size_t)n);
		const char *last = last_line(text, kept + (size_t)n);

		if (!whole || find_all(text, (size_t)(whole + 1 - text), symbols, count) == 0)
			break;
		kept = (size_t)(end - last);
		memmove(text, last, kept);
	}
	free(text);
	if (fd >= 0)
		close(fd);
}
