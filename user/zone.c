// SPDX-License-Identifier: GPL-2.0-only
#include "zone.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- its grammar --------------------------------------------------------------------------------- */

static bool skip(const char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

static bool skip_number(const char **at, long max)
{
	long number = 0;
	unsigned int digits = 0;

	for (; isdigit((unsigned char)**at) && digits < 4; digits++)
		number = number * 10 + *(*at)++ - '0';
	return digits > 0 && number <= max;
}

/* "CET" or "<+01>" */
static bool skip_name(const char **at)
{
	bool quoted = skip(at, '<');
	unsigned int len = 0;

	while (isalpha((unsigned char)**at) ||
	       (quoted && (isdigit((unsigned char)**at) || **at == '+' || **at == '-'))) {
		(*at)++;
		len++;
	}
	return len >= 3 && len <= 16 && (!quoted || skip(at, '>'));
}

/* "-5:30" */
static bool skip_time(const char **at, long max_hours)
{
	if (!skip(at, '-'))
		skip(at, '+');
	return skip_number(at, max_hours) && (!skip(at, ':') || skip_number(at, 59)) &&
	       (!skip(at, ':') || skip_number(at, 59));
}

/* "M3.5.0/2", "J60" or "59" */
static bool skip_rule(const char **at)
{
	bool right;

	if (skip(at, 'M'))
		right = skip_number(at, 12) && skip(at, '.') && skip_number(at, 5) &&
			skip(at, '.') && skip_number(at, 6);
	else
		right = (skip(at, 'J') || true) && skip_number(at, 365);
	return right && (!skip(at, '/') || skip_time(at, 167));
}

bool zone_is_posix(const char *text)
{
	if (strlen(text) >= ZONE_SIZE || !skip_name(&text) || !skip_time(&text, 24))
		return false;
	if (!*text)
		return true;
	if (!skip_name(&text) || (*text && *text != ',' && !skip_time(&text, 24)))
		return false;
	if (skip(&text, ',') && (!skip_rule(&text) || !skip(&text, ',') || !skip_rule(&text)))
		return false;
	return !*text;
}

/* --- this process's ------------------------------------------------------------------------------ */

/* The last line of a file of version 2 or newer. */
static bool read_footer(const char *path, char *ret_zone)
{
	char bytes[ZONE_SIZE + 8] = {0}, *begin, *end;
	FILE *file = fopen(path, "re");
	bool found = false;

	if (file && fread(bytes, 1, 5, file) == 5 && memcmp(bytes, "TZif", 4) == 0 &&
	    bytes[4] >= '2' && fseek(file, -(long)(sizeof(bytes) - 1), SEEK_END) == 0) {
		bytes[fread(bytes, 1, sizeof(bytes) - 1, file)] = '\0';
		end = memrchr(bytes, '\n', sizeof(bytes));
		begin = end ? memrchr(bytes, '\n', (size_t)(end - bytes)) : NULL;
		if (begin) {
			*end = '\0';
			found = zone_is_posix(begin + 1);
		}
		if (found)
			snprintf(ret_zone, ZONE_SIZE, "%s", begin + 1);
	}
	if (file)
		fclose(file);
	return found;
}

static bool find_named(const char *name, char *ret_zone)
{
	const char *directory = getenv("TZDIR");
	char path[PATH_MAX];

	if (name[0] == '/')
		return read_footer(name, ret_zone);
	snprintf(path, sizeof(path), "%s/%s", directory ? directory : "/usr/share/zoneinfo", name);
	return read_footer(path, ret_zone);
}

static bool find(const char *tz, char *ret_zone)
{
	if (!tz)
		return read_footer("/etc/localtime", ret_zone);
	if (tz[0] == ':')
		tz++;
	if (find_named(tz, ret_zone))
		return true;
	if (zone_is_posix(tz))
		snprintf(ret_zone, ZONE_SIZE, "%s", tz);
	return zone_is_posix(tz);
}

static long offset_in(const char *zone, time_t when)
{
	struct tm tm = {0};

	if (zone)
		setenv("TZ", zone, 1);
	else
		unsetenv("TZ");
	tzset();
	localtime_r(&when, &tm);
	return tm.tm_gmtoff;
}

/* In POSIX an offset counts to the west. */
static void name_offset(long seconds, char *ret_zone)
{
	long minutes = labs(seconds) / 60;

	snprintf(ret_zone, ZONE_SIZE, "<%c%02ld%02ld>%c%ld:%02ld", seconds < 0 ? '-' : '+',
		 minutes / 60, minutes % 60, seconds < 0 ? '+' : '-', minutes / 60, minutes % 60);
}

void zone_find(char *ret_zone)
{
	const char *tz = getenv("TZ");
	char *own = tz ? strdup(tz) : NULL;
	time_t now = time(NULL);
	bool found = find(own, ret_zone);
	long there = found ? offset_in(ret_zone, now) : 0, here = offset_in(own, now);

	if (!found || there != here)
		name_offset(here, ret_zone);
	free(own);
}
