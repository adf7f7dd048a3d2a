// SPDX-License-Identifier: GPL-2.0-only
#include "rights.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "account.h"
#include "base/log.h"
#include "base/usage.h"
#include "cgroup.h"
#include "confine.h"
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

static int open_recorder(struct rights *rights, const struct options *options)
{
	const struct account caller = account_caller(); /* it is his */
	struct settings settings;
	struct recorder_config config = {
		.path = options->record_path,
		.max_bytes = options->record_bytes,
		.max_files = options->record_files,
		.settings = settings.list,
		.uid = caller.uid,
		.gid = caller.gid,
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

static int find_user(const char *name, struct account *ret_user)
{
	int err = account_find(name, ret_user);
	char quoted[USAGE_QUOTE_SIZE];

	if (err == -ENOENT)
		log_error("--user: there is no user %s: write a name or a uid of `getent passwd`",
			  usage_quote(name, quoted));
	else if (err)
		log_error("--user: cannot look up %s: %s", usage_quote(name, quoted),
			  strerror(-err));
	return err;
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
	struct account user = account_caller();
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
	if (!err && options->user)
		err = find_user(options->user, &user);
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
		err = command_spawn(&rights->command, options->command, user);
	if (!err && !ring)
		err = open_kernel(rights, options);
	if (!err)
		err = open_recorder(rights, options);
	if (!err)
		return 0;
	rights_close(rights);
	return EXIT_FAILURE;
}

/* --- giving up ----------------------------------------------------------------------------------- */

/* Before 5.19 (c8644cd0efe7) each use of bpf(2) takes CAP_BPF, unless everybody may use it. */
static bool bpf_takes_a_capability(void)
{
	unsigned long major, minor;
	struct utsname kernel;
	char *end;
	char everybody = '1';
	int fd = open("/proc/sys/kernel/unprivileged_bpf_disabled", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, &everybody, 1) != 1)
			everybody = '1';
		close(fd);
	}
	if (everybody == '0' || uname(&kernel) != 0)
		return false;
	major = strtoul(kernel.release, &end, 10);
	minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	return major < 5 || (major == 5 && minor < 19);
}

/* Where the path of a cgroup is a part of what was asked for, and not only the name of a container. */
static bool shows_cgroups(const struct options *options)
{
	return options->filter.cgroup_count || options->wide || options->record_path ||
	       options->form == FORM_JSON || options->form == FORM_CSV;
}

static void keep_for_files(const struct options *options, struct confinement *confinement)
{
	if (options->record_bytes)
		confinement->files[0] = options->record_path;
	if (options->svg_path && !options_svg_to_stdout(options)) /* it goes if nothing was drawn */
		confinement->files[1] = options->svg_path;
	if (options->tui)
		confinement->files[2] = ".";
	for (size_t i = 0; i < CONFINE_FILES; i++)
		if (confinement->files[i])
			confinement->deeds |= CONFINE_WRITE;
	if (confinement->deeds & CONFINE_WRITE)
		confinement->capabilities |= CONFINE_CAP(CAP_DAC_OVERRIDE);
	if ((options->record_bytes || options->tui) && account_caller().uid != (uid_t)-1)
		confinement->capabilities |= CONFINE_CAP(CAP_CHOWN);
}

/* It looks again and again, into other network namespaces as well, and so opens what a start opens. */
static void keep_for_snapshots(struct confinement *confinement)
{
	confinement->capabilities |= CONFINE_CAP(CAP_SYS_ADMIN) | CONFINE_CAP(CAP_SYS_PTRACE) |
				     CONFINE_CAP(CAP_DAC_READ_SEARCH);
	confinement->any_file = confinement->any_call = true;
}

static void keep_for_command(struct confinement *confinement)
{
	confinement->deeds |= CONFINE_SIGNAL;
	confinement->capabilities |= CONFINE_CAP(CAP_KILL);
}

int rights_give_up(const struct options *options)
{
	struct confinement confinement = {.any_call = options->verb == VERB_REPLAY};
	int err;

	keep_for_files(options, &confinement);
	if (options->verb == VERB_SNAPSHOT)
		keep_for_snapshots(&confinement);
	if (options->command)
		keep_for_command(&confinement);
	if (options->metrics.port)
		confinement.deeds |= CONFINE_SERVE;
	if (options->verb != VERB_REPLAY && shows_cgroups(options))
		confinement.capabilities |= CONFINE_CAP(CAP_DAC_READ_SEARCH);
	if (options->verb != VERB_REPLAY && bpf_takes_a_capability())
		confinement.capabilities |= CONFINE_CAP(CAP_BPF);
	err = confine(&confinement);
	if (err)
		log_error("cannot give up what is not needed any more: %s", strerror(-err));
	return err;
}

/* --- the end ------------------------------------------------------------------------------------- */

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
