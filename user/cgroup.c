// SPDX-License-Identifier: GPL-2.0-only
#include "cgroup.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/usage.h"

static struct cgroup_path trimmed(const char *at, size_t len)
{
	while (len && at[0] == '/') {
		at++;
		len--;
	}
	while (len && at[len - 1] == '/')
		len--;
	return (struct cgroup_path){at, len};
}

void cgroup_want(struct filter *filter, const char *list)
{
	for (;; list++) {
		size_t len = strcspn(list, ",");

		if (len == 0)
			usage_fail("--cgroup: an empty path: write / for all cgroups, or a path as "
				   "/system.slice/nginx.service");
		if (len >= WIRE_NAME_LEN)
			usage_fail("--cgroup: a path of %zu bytes: at most %d can be told apart",
				   len, WIRE_NAME_LEN - 1);
		if (filter->cgroup_count == FILTER_CGROUPS)
			usage_fail("--cgroup: more than %d cgroups: name one above them",
				   FILTER_CGROUPS);
		filter->cgroups[filter->cgroup_count++] = trimmed(list, len);
		list += len;
		if (!*list)
			return;
	}
}

/* WANTED without MOUNT before it. */
static struct cgroup_path below(const char *mount, struct cgroup_path wanted)
{
	struct cgroup_path prefix = trimmed(mount, strlen(mount));

	if (prefix.len == 0 || wanted.len < prefix.len ||
	    memcmp(wanted.at, prefix.at, prefix.len) != 0 ||
	    (wanted.len > prefix.len && wanted.at[prefix.len] != '/'))
		return wanted;
	return trimmed(wanted.at + prefix.len, wanted.len - prefix.len);
}

static int check(const struct lookup *lookup, const struct cgroup_path *wanted)
{
	char path[WIRE_NAME_LEN] = ".", quoted[USAGE_QUOTE_SIZE], mount[USAGE_QUOTE_SIZE];
	struct stat status;

	if (wanted->len) {
		memcpy(path, wanted->at, wanted->len);
		path[wanted->len] = '\0';
	}
	if (fstatat(lookup->mount_fd, path, &status, 0) == 0 && S_ISDIR(status.st_mode))
		return 0;
	log_error("--cgroup: there is no %s below %s: write a path as /proc/PID/cgroup has it "
		  "behind 0::",
		  usage_quote(path, quoted), usage_quote(lookup->mount, mount));
	return -ENOENT;
}

int cgroup_resolve(struct filter *filter, const struct lookup *lookup, bool must_be)
{
	int err = 0;

	if (filter->cgroup_count && must_be && lookup->mount_fd < 0) {
		log_error("--cgroup: no cgroup2 file system is mounted here: mount one, as by "
			  "mount -t cgroup2 none /sys/fs/cgroup");
		return -ENOENT;
	}
	for (unsigned int i = 0; i < filter->cgroup_count && !err; i++) {
		filter->cgroups[i] = below(lookup->mount, filter->cgroups[i]);
		if (must_be)
			err = check(lookup, &filter->cgroups[i]);
	}
	return err;
}
