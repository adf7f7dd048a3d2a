// SPDX-License-Identifier: GPL-2.0-only
#include "rights.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/usage.h"
#include "cgroup.h"
#include "netns.h"
#include "source/recording.h"

static uint64_t clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* The recording belongs to who called sudo, as the command does. */
static void give_to_caller(FILE *recording)
{
	int64_t uid = command_caller("SUDO_UID"), gid = command_caller("SUDO_GID");

	if (geteuid() == 0 && uid >= 0 && gid >= 0 &&
	    fchown(fileno(recording), (uid_t)uid, (gid_t)gid) != 0)
		log_detail("the recording stays root's: %s", strerror(errno));
}

/* --ready-fd must be open, and is not the business of COMMAND. */
static int check_ready_fd(int fd)
{
	int flags = fd < 0 ? 0 : fcntl(fd, F_GETFD);

	if (flags >= 0) {
		if (fd > STDERR_FILENO)
			fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
		return 0;
	}
	log_error("--ready-fd: descriptor %d is not open", fd);
	return -EBADF;
}

static int open_recording(struct rights *rights, const char *path)
{
	char quoted[USAGE_QUOTE_SIZE];
	int err;

	if (!path)
		return 0;
	err = recording_create(path, rights->start_ns, rights->realtime_ns, rights->netns,
			       &rights->recording);
	if (err)
		log_error("cannot write %s: %s", usage_quote(path, quoted), strerror(-err));
	else
		give_to_caller(rights->recording);
	return err;
}

/* The kernel side knows processes by the numbers of the initial PID namespace, whose inode is fixed
 * (PROC_PID_INIT_INO, include/linux/proc_ns.h). */
static bool pids_are_the_hosts(void)
{
	struct stat status;

	if (stat("/proc/self/ns/pid", &status) != 0 || status.st_ino == 0xEFFFFFFC)
		return true;
	log_error("--pid, --cmdline and -- COMMAND need the host's process numbers: run it outside "
		  "of the "
		  "container's "
		  "PID namespace");
	return false;
}

static bool needs_host_pids(const struct options *options)
{
	return options->command || options->filter.pid_count || options->cmdline;
}

static int open_kernel(struct rights *rights, const struct options *options)
{
	const struct ring_config config = {
		.filter = &options->filter,
		.follow = options->command,
		.hooks = options->hooks,
		.explain_bind = options->explain_bind,
		.look_only = options->verb == VERB_SNAPSHOT,
	};
	int err = ring_open(&config, &rights->ring);

	if (err || !options->command)
		return err;
	err = ring_follow(rights->ring, (uint32_t)rights->command.pid);
	if (err)
		log_error("cannot follow the command: %s", strerror(-err));
	return err;
}

int rights_open(struct rights *rights, struct options *options, struct ring *ring)
{
	int err = check_ready_fd(options->ready_fd);

	*rights = (struct rights){
		.ring = ring,
		.ring_is_lent = ring,
		.command.gate = -1,
		.start_ns = clock_ns(CLOCK_MONOTONIC),
		.realtime_ns = clock_ns(CLOCK_REALTIME),
		.netns = netns_own(),
	};
	lookup_open(&rights->lookup, options->cmdline);
	if (!err && options->netns_name)
		err = netns_resolve(options->netns_name, &options->filter.netns);
	if (!err)
		err = cgroup_resolve(&options->filter, &rights->lookup, true);
	if (err) {
		rights_close(rights);
		return USAGE_EXIT_STATUS;
	}
	if (needs_host_pids(options) && !pids_are_the_hosts()) {
		rights_close(rights);
		return EXIT_FAILURE;
	}
	if (options->command)
		err = command_spawn(&rights->command, options->command);
	if (!err && !ring)
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
	if (!rights->ring_is_lent)
		ring_close(rights->ring);
	lookup_close(&rights->lookup);
	if (rights->recording)
		err = recording_close(rights->recording);
	*rights = (struct rights){.command = rights->command, .lookup.mount_fd = -1};
	return err;
}
