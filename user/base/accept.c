// SPDX-License-Identifier: GPL-2.0-only
#include "base/accept.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define WEIGHT_MOST 1000
#define BLANKS	    " \t"

/* A part of the header. */
struct span {
	const char *at;
	size_t len;
};

/* Cuts what stands before the next STOP off REST, without blanks around it. False: there is nothing more. */
static bool cut(struct span *rest, char stop, struct span *ret_part)
{
	const char *end;
	struct span part;

	if (!rest->at)
		return false;
	end = memchr(rest->at, stop, rest->len);
	part = (struct span){rest->at, end ? (size_t)(end - rest->at) : rest->len};
	*rest = end ? (struct span){end + 1, rest->len - part.len - 1} : (struct span){NULL, 0};
	while (part.len && strchr(BLANKS, part.at[0]))
		part = (struct span){part.at + 1, part.len - 1};
	while (part.len && strchr(BLANKS, part.at[part.len - 1]))
		part.len--;
	*ret_part = part;
	return true;
}

static bool is(const struct span *part, const char *word, size_t len)
{
	return part->len == len && strncasecmp(part->at, word, len) == 0;
}

/* 0: it is another type; else the better, the more of it is named. */
static unsigned int match(const struct span *range, const char *type)
{
	size_t half = strcspn(type, "/") + 1;

	if (is(range, type, strlen(type)))
		return 3;
	if (range->len == half + 1 && range->at[half] == '*' &&
	    strncasecmp(range->at, type, half) == 0)
		return 2;
	return is(range, "*/*", 3);
}

/* "0.25" is 250; what is none is 0. */
static unsigned int read_weight(const struct span *value)
{
	unsigned int weight = 0, unit = WEIGHT_MOST;

	for (size_t i = 0; i < value->len; i++) {
		if (i == 1 && value->at[i] == '.')
			continue;
		if (value->at[i] < '0' || value->at[i] > '9' || (i == 1))
			return 0;
		weight += (unsigned int)(value->at[i] - '0') * unit;
		unit /= 10;
	}
	return weight < WEIGHT_MOST ? weight : WEIGHT_MOST;
}

/* By its parameters, which are all that is left of the range. */
static unsigned int weigh(struct span *rest, const char *version)
{
	unsigned int weight = WEIGHT_MOST;
	struct span parameter, name;

	while (cut(rest, ';', &parameter)) {
		if (!cut(&parameter, '=', &name) || !parameter.at)
			continue;
		if (is(&name, "q", 1))
			weight = read_weight(&parameter);
		else if (is(&name, "version", strlen("version")) &&
			 !is(&parameter, version, strlen(version)))
			return 0;
	}
	return weight;
}

unsigned int accept_weight(const char *accept, const char *type, const char *version)
{
	struct span header = {accept, accept ? strlen(accept) : 0}, rest, range;
	unsigned int best = 0, best_weight = 0;

	if (!accept)
		return WEIGHT_MOST;
	while (cut(&header, ',', &rest)) {
		unsigned int fit, weight;

		cut(&rest, ';', &range);
		fit = match(&range, type);
		weight = weigh(&rest, version);
		if (fit < best || !fit || (fit == best && weight < best_weight))
			continue;
		best = fit;
		best_weight = weight;
	}
	return best_weight;
}
