// SPDX-License-Identifier: GPL-2.0-only
#include "kernel.h"

#include <dirent.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TRIES 100 /* of 100 ms each */

static const struct kind {
	const char *line; /* of /proc/PID/fdinfo/FD */
	enum bpf_cmd by_id;
} kinds[] = {
	{"prog_id:", BPF_PROG_GET_FD_BY_ID},
	{"map_id:", BPF_MAP_GET_FD_BY_ID},
	{"link_id:", BPF_LINK_GET_FD_BY_ID},
};

struct object {
	const struct kind *kind;
	uint32_t id;
};

static struct object *objects;
static size_t count, capacity;

static void note_line(const char *line)
{
	for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = strlen(kinds[i].line);

		if (strncmp(line, kinds[i].line, len) != 0)
			continue;
		if (count == capacity) {
			capacity = capacity ? 2 * capacity : 1024;
			objects = realloc(objects, capacity * sizeof(*objects));
			if (!objects)
				abort();
		}
		objects[count++] =
			(struct object){&kinds[i], (uint32_t)strtoul(line + len, NULL, 10)};
	}
}

static void note_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		note_line(line);
	if (file)
		fclose(file);
}

void kernel_note(pid_t pid)
{
	char directory[64], path[512];
	const struct dirent *entry;
	DIR *files;

	snprintf(directory, sizeof(directory), "/proc/%d/fdinfo", (int)pid);
	files = opendir(directory);
	while (files && (entry = readdir(files))) {
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		if (entry->d_name[0] != '.')
			note_file(path);
	}
	if (files)
		closedir(files);
}

static bool is_there(const struct object *object)
{
	union bpf_attr attr = {.prog_id = object->id}; /* the first of the union, of each kind */
	long fd = syscall(SYS_bpf, object->kind->by_id, &attr, sizeof(attr));

	if (fd >= 0)
		close((int)fd);
	return fd >= 0;
}

/* What is gone does not come back: numbers are not used again so soon. */
static void drop_gone(void)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++)
		if (is_there(&objects[i]))
			objects[left++] = objects[i];
	count = left;
}

unsigned int kernel_left(void)
{
	const struct timespec moment = {.tv_nsec = 100000000};
	unsigned int left;

	for (int i = 0; i < TRIES; i++) {
		drop_gone();
		if (count == 0)
			break;
		nanosleep(&moment, NULL);
	}
	for (size_t i = 0; i < count; i++)
		printf("# %s %u is left in the kernel\n", objects[i].kind->line, objects[i].id);
	left = (unsigned int)count;
	free(objects);
	objects = NULL;
	count = capacity = 0;
	return left;
}
