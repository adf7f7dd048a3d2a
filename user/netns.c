// SPDX-License-Identifier: GPL-2.0-only
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/number.h"
#include "base/usage.h"

/* The inode number of the network namespace at PATH, or -errno; -EINVAL when it is something else. */
static int64_t netns_at(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	int64_t inode;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status))
		inode = -errno;
	else if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		inode = -EINVAL;
	else
		inode = (int64_t)status.st_ino;
	close(fd);
	return inode;
}

int netns_resolve(const char *name, uint32_t *ret_inode)
{
	char path[4096], quoted[USAGE_QUOTE_SIZE];
	uint64_t number;
	int64_t inode;

	if (number_parse(name, strlen(name), 1, UINT32_MAX, &number) == 0) {
		*ret_inode = (uint32_t)number;
		return 0;
	}
	snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/run/netns/", name);
	inode = netns_at(path);
	if (inode < 0) {
		log_error("--netns: %s is no network namespace: %s; write a name of `ip netns`, a "
			  "path as /proc/PID/ns/net or an inode number",
			  usage_quote(name, quoted), strerror((int)-inode));
		return (int)inode;
	}
	*ret_inode = (uint32_t)inode;
	return 0;
}

uint32_t netns_own(void)
{
	int64_t inode = netns_at("/proc/self/ns/net");

	return inode < 0 ? 0 : (uint32_t)inode;
}
