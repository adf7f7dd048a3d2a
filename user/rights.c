// SPDX-License-Identifier: GPL-2.0-only
#include "rights.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/number.h"
#include "base/usage.h"
#include "source/recording.h"

static uint64_t clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

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

/* Namespaces of `ip netns` have names below /run/netns; others are known by a path as /proc/1/ns/net or by
 * the inode number that `lsns` and `ls -l` print. */
static int resolve_netns(const char *name, uint32_t *ret_inode)
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

/* --ready-fd must be open, and is not the business of COMMAND. */
static int check_ready_fd(int fd)
{
	if (fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
		return 0;
	log_error("--ready-fd: descriptor %d is not open", fd);
	return -EBADF;
}

static int open_recording(struct rights *rights, const char *path)
{
	char quoted[USAGE_QUOTE_SIZE];
	int err;

	if (!path)
		return 0;
	err = recording_create(path, rights->start_ns, rights->realtime_ns, &rights->recording);
	if (err)
		log_error("cannot write %s: %s", usage_quote(path, quoted), strerror(-err));
	return err;
}

static int open_kernel(struct rights *rights, const struct options *options)
{
	const struct ring_config config = {&options->filter, options->command};
	int err = ring_open(&config, &rights->ring);

	if (err || !options->command)
		return err;
	err = ring_follow(rights->ring, (uint32_t)rights->command.pid);
	if (err)
		log_error("cannot follow the command: %s", strerror(-err));
	return err;
}

int rights_open(struct rights *rights, struct options *options)
{
	int err = check_ready_fd(options->ready_fd);

	*rights = (struct rights){
		.command.gate = -1,
		.start_ns = clock_ns(CLOCK_MONOTONIC),
		.realtime_ns = clock_ns(CLOCK_REALTIME),
	};
	if (!err && options->netns_name)
		err = resolve_netns(options->netns_name, &options->filter.netns);
	if (err)
		return USAGE_EXIT_STATUS;
	if (options->command)
		err = command_spawn(&rights->command, options->command);
	if (!err)
		err = open_kernel(rights, options);
	if (!err)
		err = open_recording(rights, options->record_path);
	if (!err)
		return 0;
	rights_close(rights);
	return EXIT_FAILURE;
}

int rights_close(struct rights *rights)
{
	int err = 0;

	command_fini(&rights->command);
	ring_close(rights->ring);
	if (rights->recording)
		err = recording_close(rights->recording);
	*rights = (struct rights){.command = rights->command};
	return err;
}
