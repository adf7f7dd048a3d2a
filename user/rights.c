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
#include "setting.h"

static uint64_t clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
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

/* The recording belongs to who called sudo, as the command does. */
static int64_t caller(const char *variable)
{
	return geteuid() == 0 ? command_caller(variable) : -1;
}

static int open_recorder(struct rights *rights, const struct options *options)
{
	struct settings settings;
	struct recorder_config config = {
		.path = options->record_path,
		.max_bytes = options->record_bytes,
		.max_files = options->record_files,
		.settings = settings.list,
		.uid = (uid_t)caller("SUDO_UID"),
		.gid = (gid_t)caller("SUDO_GID"),
		.about = {.netns = rights->netns,
			  .start_ns = rights->start_ns,
			  .realtime_ns = rights->realtime_ns},
	};
	char quoted[USAGE_QUOTE_SIZE];
	int err;

	if (!config.path)
		return 0;
	gethostname(config.about.host, sizeof(config.about.host) - 1);
	err = settings_make(options, (uint32_t)rights->command.pid, &settings);
	if (!err)
		err = recorder_open(&config, &rights->recorder);
	if (err)
		log_error("cannot write %s: %s", usage_quote(config.path, quoted), strerror(-err));
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
		.bytes = options->ring_bytes,
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
	if (!err && options->metrics.port)
		err = exporter_open(&options->metrics, &rights->exporter);
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
		err = open_recorder(rights, options);
	if (!err)
		return 0;
	rights_close(rights);
	return EXIT_FAILURE;
}

int rights_close(struct rights *rights)
{
	int err;

	command_fini(&rights->command);
	if (!rights->ring_is_lent)
		ring_close(rights->ring);
	lookup_close(&rights->lookup);
	exporter_close(rights->exporter);
	err = recorder_close(rights->recorder);
	*rights = (struct rights){.command = rights->command, .lookup.mount_fd = -1};
	return err;
}
