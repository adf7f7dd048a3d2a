// SPDX-License-Identifier: GPL-2.0-only
#include "source/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "core/owner.h"

/* enum fid_type in include/linux/exportfs.h, since 5.5: a kernfs node by its number alone */
#define FILEID_KERNFS 0xfe

/* --- the unified hierarchy ----------------------------------------------------------------------- */

void lookup_open(struct lookup *lookup, bool cmdlines)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *mount;

	*lookup = (struct lookup){.mount_fd = -1, .cmdlines = cmdlines};
	while (mounts && lookup->mount_fd < 0 && (mount = getmntent(mounts))) {
		if (strcmp(mount->mnt_type, "cgroup2") != 0)
			continue;
		snprintf(lookup->mount, sizeof(lookup->mount), "%s", mount->mnt_dir);
		lookup->mount_fd = open(lookup->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (mounts)
		endmntent(mounts);
	if (lookup->mount_fd < 0)
		log_detail("cgroups have no names: no cgroup2 is mounted");
}

void lookup_close(struct lookup *lookup)
{
	if (lookup->mount_fd >= 0)
		close(lookup->mount_fd);
	lookup->mount_fd = -1;
}

/* --- cgroups ------------------------------------------------------------------------------------- */

/* Cuts what the kernel appends to the path of what is gone. */
static void cut_deleted(char *path)
{
	static const char gone[] = " (deleted)";
	size_t len = strlen(path), cut = sizeof(gone) - 1;

	if (len > cut && strcmp(path + len - cut, gone) == 0)
		path[len - cut] = '\0';
}

/* By the number alone, without a walk: CAP_DAC_READ_SEARCH. */
static bool find_by_number(const struct lookup *lookup, uint64_t number, char *text)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(number)];
	} file = {.handle = {.handle_bytes = sizeof(number), .handle_type = FILEID_KERNFS}};
	size_t prefix = strlen(lookup->mount);
	char link[64], path[PATH_MAX + 1];
	ssize_t len;
	int fd;

	memcpy(file.room + sizeof(struct file_handle), &number, sizeof(number));
	fd = open_by_handle_at(lookup->mount_fd, &file.handle, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	close(fd);
	if (len < (ssize_t)prefix || memcmp(path, lookup->mount, prefix) != 0)
		return false;
	path[len] = '\0';
	cut_deleted(path);
	snprintf(text, WIRE_NAME_LEN, "%.*s", WIRE_NAME_LEN - 1,
		 path[prefix] ? path + prefix : "/");
	return true;
}

/* The path of PID's cgroup is NUMBER's, if PID is there still, and has not moved. */
static bool find_by_process(const struct lookup *lookup, uint64_t number, uint32_t pid, char *text)
{
	char path[64], line[PATH_MAX + 8];
	struct stat status;
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/cgroup", pid);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		found = strncmp(line, "0::/", 4) == 0 &&
			fstatat(lookup->mount_fd, line[4] ? line + 4 : ".", &status, 0) == 0 &&
			status.st_ino == number;
	}
	if (file)
		fclose(file);
	if (found)
		snprintf(text, WIRE_NAME_LEN, "%.*s", WIRE_NAME_LEN - 1, line + 3);
	return found;
}

static void find_cgroup(const struct lookup *lookup, const struct actor *actor, char *text)
{
	if (lookup->mount_fd >= 0 && !find_by_number(lookup, actor->cgroup, text))
		find_by_process(lookup, actor->cgroup, actor->pid, text);
}

/* --- command lines ------------------------------------------------------------------------------- */

/* Its words, with blanks between. */
static void find_cmdline(uint32_t pid, char *text)
{
	char path[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	len = read(fd, text, WIRE_NAME_LEN - 1);
	close(fd);
	while (len > 0 && !text[len - 1])
		len--;
	for (ssize_t i = 0; i < len; i++)
		if (!text[i])
			text[i] = ' ';
}

/* --- both ---------------------------------------------------------------------------------------- */

static struct wire_name name_of(enum wire_type type, uint64_t id, uint64_t ktime_ns)
{
	return (struct wire_name){
		.hdr = {.size = sizeof(struct wire_name),
			.type = (uint8_t)type,
			.ktime_ns = ktime_ns},
		.id = id,
	};
}

static const struct actor *actor_in(const struct event *event)
{
	switch ((int)event->type) {
	case WIRE_STATE:
		return &event->edge.actor;
	case WIRE_HOLDER:
		return &event->holder.actor;
	case WIRE_OWNER:
		return &event->owner.actor;
	case WIRE_BIND:
		return &event->bind.actor;
	}
	return NULL;
}

/* One that is gone, or on its way out, has none any more: what was known of it stays. */
static void look_for_cmdline(const struct names *known, const struct actor *actor,
			     uint64_t ktime_ns, take_record_fn *take, void *ctx)
{
	struct wire_name name =
		name_of(WIRE_CMDLINE, owner_cmdline_id(actor->pid, actor->comm), ktime_ns);
	const char *before = names_find(known, name.id);

	find_cmdline(actor->pid, name.text);
	if (name.text[0] && (!before || strcmp(before, name.text) != 0))
		take(ctx, &name, sizeof(name));
}

void lookup_names(const struct lookup *lookup, const struct owner_names *known,
		  const struct event *event, take_record_fn *take, void *ctx)
{
	const struct actor *actor = actor_in(event);
	struct wire_name name;

	if (!actor || !actor->pid)
		return;
	if (actor->cgroup && !names_find(&known->cgroups, actor->cgroup)) {
		name = name_of(WIRE_CGROUP, actor->cgroup, event->ktime_ns);
		find_cgroup(lookup, actor, name.text);
		take(ctx, &name, sizeof(name));
	}
	if (lookup->cmdlines)
		look_for_cmdline(&known->cmdlines, actor, event->ktime_ns, take, ctx);
}
