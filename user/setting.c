// SPDX-License-Identifier: GPL-2.0-only
#include "setting.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/usage.h"
#include "render/style.h"
#include "value.h"

/* Where one of a group is given for a replay, it stands for all of its group. */
static const struct {
	const char *name;
	char group;
	bool made; /* is not recorded as it was given */
} kept[] = {
	{"port", 'p', false},
	{"localport", 'p', false},
	{"remoteport", 'p', false},
	{"host", 'h', false},
	{"ipv4", 'f', false},
	{"ipv6", 'f', false},
	{"pid", 'o', false},
	{"cgroup", 'o', true},
	{"command", 'o', true},
	{"netns", 'n', true},
	{"state", 's', false},
	{"count", 'c', false},
	{"no-findings", 'w', false},
	{"close-wait-warn", 'w', false},
	{"max-connections", 'm', false},
	{"columns", 'l', true},
	{"zone", 'z', true},
};

#define KEPT (sizeof(kept) / sizeof(kept[0]))

/* KEPT where it is none. */
static unsigned int find(const char *name)
{
	unsigned int i = 0;

	while (i < KEPT && strcmp(kept[i].name, name) != 0)
		i++;
	return i;
}

bool setting_is_kept(const char *name)
{
	return find(name) < KEPT;
}

/* --- to a recording ------------------------------------------------------------------------------ */

static int add(struct settings *settings, const char *name, const char *value)
{
	if (settings->count == HEAD_SETTINGS)
		return -E2BIG;
	settings->list[settings->count++] = (struct recording_setting){name, value};
	return 0;
}

/* As the filter has them: below the mount that they may have been written with. */
static int add_cgroups(struct settings *settings, const struct filter *filter)
{
	int err = 0;

	for (unsigned int i = 0; i < filter->cgroup_count && !err; i++) {
		snprintf(settings->cgroups[i], sizeof(settings->cgroups[i]), "/%.*s",
			 (int)filter->cgroups[i].len, filter->cgroups[i].at);
		err = add(settings, "cgroup", settings->cgroups[i]);
	}
	return err;
}

static int add_number(struct settings *settings, const char *name, uint32_t number, char *text,
		      size_t size)
{
	snprintf(text, size, "%" PRIu32, number);
	return number ? add(settings, name, text) : 0;
}

int settings_make(const struct options *options, uint32_t pid, struct settings *ret_settings)
{
	struct settings *settings = ret_settings;
	struct style style = {0};
	int err = 0;

	*settings = (struct settings){.count = 0};
	for (const struct recording_setting *given = options->given; given->name && !err; given++)
		if (!kept[find(given->name)].made)
			err = add(settings, given->name, given->value);
	style_measure(&style, STDOUT_FILENO);
	zone_find(settings->zone);
	if (!err)
		err = add_cgroups(settings, &options->filter);
	if (!err)
		err = add_number(settings, "netns", options->filter.netns, settings->netns,
				 sizeof(settings->netns));
	if (!err)
		err = add_number(settings, "command", pid, settings->pid, sizeof(settings->pid));
	if (!err)
		err = add_number(settings, "columns", style.columns, settings->columns,
				 sizeof(settings->columns));
	return err ? err : add(settings, "zone", settings->zone);
}

/* --- from a recording ---------------------------------------------------------------------------- */

static bool was_given(const struct options *options, char group)
{
	for (const struct recording_setting *given = options->given; given->name; given++)
		if (kept[find(given->name)].group == group)
			return true;
	return false;
}

static uint32_t read_number(const struct recording_setting *setting, uint64_t min, uint64_t max)
{
	return (uint32_t)value_number(setting->name, setting->value, min, max);
}

static void read_zone(struct options *options, const char *zone)
{
	char quoted[USAGE_QUOTE_SIZE];

	if (!zone_is_posix(zone))
		usage_fail("zone: %s is no time zone as TZ has them in POSIX",
			   usage_quote(zone, quoted));
	options->zone = zone;
}

static void read_setting(struct options *options, const struct recording_setting *setting)
{
	if (strcmp(setting->name, "command") == 0) {
		options->followed = read_number(setting, 1, INT32_MAX);
		options->filter.command_only = true;
	} else if (strcmp(setting->name, "netns") == 0) {
		options->filter.netns = read_number(setting, 1, UINT32_MAX);
	} else if (strcmp(setting->name, "columns") == 0) {
		options->columns = read_number(setting, STYLE_COLUMNS_MIN, STYLE_COLUMNS_MAX);
	} else if (strcmp(setting->name, "zone") == 0) {
		read_zone(options, setting->value);
	} else {
		options_read(options, setting->name, setting->value);
	}
}

void settings_apply(const struct recording *recording, const char *path, struct options *options)
{
	const struct recording_setting *setting;
	char quoted[USAGE_QUOTE_SIZE];

	usage_blame(usage_quote(path, quoted));
	for (unsigned int i = 0; (setting = recording_setting(recording, i)); i++) {
		unsigned int which = find(setting->name);

		if (which < KEPT && !was_given(options, kept[which].group))
			read_setting(options, setting);
	}
	usage_blame(NULL);
}
