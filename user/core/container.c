// SPDX-License-Identifier: GPL-2.0-only
#include "core/container.h"

#include <stdbool.h>
#include <string.h>

#define ID_DIGITS 64

static bool starts_with(const char *part, size_t len, const char *prefix)
{
	return len >= strlen(prefix) && memcmp(part, prefix, strlen(prefix)) == 0;
}

/* LEN without SUFFIX, where PART ends so. */
static size_t without(const char *part, size_t len, const char *suffix)
{
	size_t cut = strlen(suffix);

	return len >= cut && memcmp(part + len - cut, suffix, cut) == 0 ? len - cut : len;
}

/* conmon watches a container of podman or CRI-O from outside. */
static bool is_monitor(const char *part, size_t prefix_len)
{
	return without(part, prefix_len, "conmon-") < prefix_len;
}

/* Its digits stand alone or behind the engine's name. */
static const char *find_id(const char *part, size_t len, size_t *ret_len)
{
	size_t prefix_len;

	len = without(part, len, ".scope");
	if (len < ID_DIGITS)
		return NULL;
	prefix_len = len - ID_DIGITS;
	if (strspn(part + prefix_len, "0123456789abcdef") < ID_DIGITS)
		return NULL;
	if (prefix_len && part[prefix_len - 1] != '-' && part[prefix_len - 1] != ':')
		return NULL;
	if (is_monitor(part, prefix_len))
		return NULL;
	*ret_len = CONTAINER_SHOWN_DIGITS;
	return part + prefix_len;
}

static const char *find_name(const char *part, size_t len, size_t *ret_len)
{
	static const char lxc[] = "lxc.payload.", machine[] = "machine-";
	const char *prefix = starts_with(part, len, lxc) ? lxc : machine;
	size_t named = without(part, len, ".scope");

	if (!starts_with(part, len, prefix) || (prefix == machine && named == len))
		return NULL;
	if (prefix == lxc)
		named = len;
	if (named == strlen(prefix))
		return NULL;
	*ret_len = named - strlen(prefix);
	return part + strlen(prefix);
}

const char *container_find(const char *path, size_t *ret_len)
{
	const char *end = path + strlen(path), *part, *found;

	while (end > path) {
		for (part = end; part > path && part[-1] != '/'; part--)
			;
		found = find_id(part, (size_t)(end - part), ret_len);
		if (!found)
			found = find_name(part, (size_t)(end - part), ret_len);
		if (found)
			return found;
		end = part > path ? part - 1 : path;
	}
	return NULL;
}
