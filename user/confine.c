// SPDX-License-Identifier: GPL-2.0-only
#include "confine.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/bpf.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

/* --- capabilities -------------------------------------------------------------------------------- */

/* Without CAP_SETPCAP the bounding set stays, and with no_new_privs nothing can come of it. */
static int keep_capabilities(uint64_t keep)
{
	unsigned int sets = CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT;
	uint64_t kept = 0;

	if (capng_get_caps_process())
		return -EPERM;
	for (unsigned int capability = 0; capability <= CAP_LAST_CAP; capability++)
		if (capng_have_capability(CAPNG_PERMITTED, capability))
			kept |= keep & CONFINE_CAP(capability);
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		sets |= CAPNG_SELECT_BOUNDS;
	capng_clear(CAPNG_SELECT_ALL);
	for (unsigned int capability = 0; capability <= CAP_LAST_CAP; capability++)
		if (kept & CONFINE_CAP(capability))
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, capability);
	return capng_apply((capng_select_t)sets) ? -EPERM : 0;
}

/* --- files --------------------------------------------------------------------------------------- */

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
/* Its first version's, so that each kernel that has it will do. */
#define ALL (LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1)
#define WRITE                                                                                      \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                             \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE)

#define FILE_RIGHTS                                                                                \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE)

/* What is not there needs no leave. */
static int allow_below(int ruleset, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr below = {
		.allowed_access = access,
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};
	struct stat status;
	int err = 0;

	if (below.parent_fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(below.parent_fd, &status) == 0 && !S_ISDIR(status.st_mode))
		below.allowed_access &= FILE_RIGHTS;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &below, 0))
		err = -errno;
	close(below.parent_fd);
	return err;
}

/* Beside FILE new ones may be made. */
static int allow_beside(int ruleset, const char *file)
{
	char *path = strdup(file);
	int err = path ? allow_below(ruleset, dirname(path), WRITE) : -ENOMEM;

	free(path);
	return err;
}

/* Command lines and cgroups; time zones, of which a recording may have another one; terminals. */
static int restrict_files(const struct confinement *confinement)
{
	static const char *const read[] = {"/proc",
					   "/etc/localtime",
					   "/usr/share/zoneinfo",
					   "/etc/terminfo",
					   "/lib/terminfo",
					   "/usr/share/terminfo"};
	const struct landlock_ruleset_attr files = {.handled_access_fs = ALL};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &files, sizeof(files), 0);
	int err = 0;

	if (ruleset < 0)
		return -errno;
	for (size_t i = 0; i < sizeof(read) / sizeof(read[0]) && !err; i++)
		err = allow_below(ruleset, read[i], READ);
	for (size_t i = 0; i < CONFINE_FILES && !err; i++)
		if (confinement->files[i])
			err = allow_beside(ruleset, confinement->files[i]);
	if (!err && syscall(SYS_landlock_restrict_self, ruleset, 0))
		err = -errno;
	close(ruleset);
	return err;
}

/* --- system calls -------------------------------------------------------------------------------- */

/* libseccomp has a negative number for a call that this architecture lacks: then it allows nothing. */
static const struct call {
	int number;
	unsigned int deed;
} calls[] = {
	/* trace.c's loop */
	{SCMP_SYS(epoll_wait), CONFINE_NOTHING},
	{SCMP_SYS(epoll_pwait), CONFINE_NOTHING},
	{SCMP_SYS(epoll_ctl), CONFINE_NOTHING},
	{SCMP_SYS(timerfd_settime), CONFINE_NOTHING},
	{SCMP_SYS(read), CONFINE_NOTHING},
	{SCMP_SYS(pread64), CONFINE_NOTHING},
	{SCMP_SYS(close), CONFINE_NOTHING},
	{SCMP_SYS(clock_gettime), CONFINE_NOTHING}, /* where the vDSO has no clock */
	{SCMP_SYS(gettimeofday), CONFINE_NOTHING},
	{SCMP_SYS(time), CONFINE_NOTHING},
	{SCMP_SYS(clock_nanosleep), CONFINE_NOTHING},
	{SCMP_SYS(nanosleep), CONFINE_NOTHING},
	{SCMP_SYS(wait4), CONFINE_NOTHING}, /* command.c */
	{SCMP_SYS(restart_syscall), CONFINE_NOTHING},
	{SCMP_SYS(sched_yield), CONFINE_NOTHING},
	{SCMP_SYS(exit_group), CONFINE_NOTHING},
	/* signals.c, and abort() */
	{SCMP_SYS(rt_sigaction), CONFINE_NOTHING},
	{SCMP_SYS(rt_sigprocmask), CONFINE_NOTHING},
	{SCMP_SYS(rt_sigreturn), CONFINE_NOTHING},
	{SCMP_SYS(rt_sigpending),
	 CONFINE_NOTHING}, /* screen.c: is there one, while nobody reads? */
	{SCMP_SYS(rt_sigtimedwait), CONFINE_NOTHING},
	{SCMP_SYS(getpid), CONFINE_NOTHING},
	{SCMP_SYS(gettid), CONFINE_NOTHING},
	{SCMP_SYS(geteuid), CONFINE_NOTHING}, /* account.c */
	{SCMP_SYS(kill), CONFINE_SIGNAL},
	/* what is printed, and recorded: screen.c, fullscreen.c, recorder.c, log.c */
	{SCMP_SYS(write), CONFINE_NOTHING},
	{SCMP_SYS(writev), CONFINE_NOTHING},
	{SCMP_SYS(lseek), CONFINE_NOTHING},
	{SCMP_SYS(ftruncate), CONFINE_NOTHING},
	{SCMP_SYS(fcntl), CONFINE_NOTHING},
	{SCMP_SYS(fstat), CONFINE_NOTHING},
	{SCMP_SYS(newfstatat), CONFINE_NOTHING},
	{SCMP_SYS(statx), CONFINE_NOTHING},
	{SCMP_SYS(fstatfs), CONFINE_NOTHING},
	{SCMP_SYS(access), CONFINE_NOTHING}, /* curses looks for the terminal's description */
	{SCMP_SYS(faccessat), CONFINE_NOTHING},
	{SCMP_SYS(faccessat2), CONFINE_NOTHING},
	{SCMP_SYS(poll), CONFINE_NOTHING},
	{SCMP_SYS(ppoll), CONFINE_NOTHING},
	{SCMP_SYS(pselect6), CONFINE_NOTHING},
	{SCMP_SYS(select), CONFINE_NOTHING},
	{SCMP_SYS(dup2), CONFINE_NOTHING}, /* terminal.c */
	{SCMP_SYS(dup3), CONFINE_NOTHING},
	{SCMP_SYS(getuid), CONFINE_NOTHING}, /* curses, and so to the end */
	{SCMP_SYS(getgid), CONFINE_NOTHING},
	{SCMP_SYS(getegid), CONFINE_NOTHING},
	{SCMP_SYS(getpgrp), CONFINE_NOTHING},
	{SCMP_SYS(getpgid), CONFINE_NOTHING},
	{SCMP_SYS(openat), CONFINE_WRITE}, /* the next recording, a picture; to read alone: below */
	{SCMP_SYS(fchown), CONFINE_WRITE},
	{SCMP_SYS(rename), CONFINE_WRITE},
	{SCMP_SYS(renameat), CONFINE_WRITE},
	{SCMP_SYS(renameat2), CONFINE_WRITE},
	{SCMP_SYS(unlink), CONFINE_WRITE},
	{SCMP_SYS(unlinkat), CONFINE_WRITE},
	/* lookup.c */
	{SCMP_SYS(readlink), CONFINE_NOTHING},
	{SCMP_SYS(readlinkat), CONFINE_NOTHING},
	{SCMP_SYS(open_by_handle_at), CONFINE_NOTHING},
	/* malloc() */
	{SCMP_SYS(brk), CONFINE_NOTHING},
	{SCMP_SYS(munmap), CONFINE_NOTHING},
	{SCMP_SYS(mremap), CONFINE_NOTHING},
	{SCMP_SYS(madvise), CONFINE_NOTHING},
	{SCMP_SYS(futex), CONFINE_NOTHING},
	{SCMP_SYS(getrandom), CONFINE_NOTHING},
	/* exporter.c: libmicrohttpd */
	{SCMP_SYS(accept4), CONFINE_SERVE},
	{SCMP_SYS(recvfrom), CONFINE_SERVE},
	{SCMP_SYS(sendto), CONFINE_SERVE},
	{SCMP_SYS(sendmsg), CONFINE_SERVE},
	{SCMP_SYS(sendfile), CONFINE_SERVE},
	{SCMP_SYS(shutdown), CONFINE_SERVE},
	{SCMP_SYS(setsockopt), CONFINE_SERVE},
	{SCMP_SYS(getsockopt), CONFINE_SERVE},
	{SCMP_SYS(getpeername), CONFINE_SERVE},
};

/* Of a terminal: tcgetattr(), tcsetattr() and its size, by curses. Not TIOCSTI, which types. */
static const unsigned int terminal_requests[] = {TCGETS,     TCSETS,	TCSETSW, TCSETSF,
						 TIOCGWINSZ, TIOCGPGRP, TCFLSH,	 FIONREAD};

/* look.c: once more who has a port. meter.c: how often programs ran. */
static const unsigned int bpf_commands[] = {BPF_ITER_CREATE, BPF_OBJ_GET_INFO_BY_FD};

/* NUMBER with VALUE as its NTH argument */
static int allow_with(scmp_filter_ctx filter, int number, unsigned int nth, uint64_t value)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1,
				SCMP_CMP64(nth, SCMP_CMP_EQ, value, 0));
}

/* NUMBER without BITS in its third argument */
static int allow_without(scmp_filter_ctx filter, int number, uint64_t bits)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1,
				SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, bits, 0));
}

static int allow_each(scmp_filter_ctx filter, int number, unsigned int nth,
		      const unsigned int *values, size_t count)
{
	int err = 0;

	for (size_t i = 0; i < count && !err; i++)
		err = allow_with(filter, number, nth, values[i]);
	return err;
}

static int allow_calls(scmp_filter_ctx filter, unsigned int deeds)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]) && !err; i++)
		if ((calls[i].deed & deeds) == calls[i].deed)
			err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i].number, 0);
	return err;
}

/* Memory is never to be run; a file not to be written, if it is opened; a signal is ours. */
static int allow_some_calls(scmp_filter_ctx filter, unsigned int deeds)
{
	const uint64_t self = (uint64_t)getpid();
	int err = allow_without(filter, SCMP_SYS(mmap), PROT_EXEC);

	if (!err)
		err = allow_without(filter, SCMP_SYS(mprotect), PROT_EXEC);
	if (!err && !(deeds & CONFINE_WRITE))
		err = allow_without(filter, SCMP_SYS(openat), O_ACCMODE | O_CREAT | O_TRUNC);
	if (!err)
		err = allow_with(filter, SCMP_SYS(tgkill), 0, self);
	if (!err && !(deeds & CONFINE_SIGNAL))
		err = allow_with(filter, SCMP_SYS(kill), 0, self);
	if (!err)
		err = allow_each(filter, SCMP_SYS(ioctl), 1, terminal_requests,
				 sizeof(terminal_requests) / sizeof(terminal_requests[0]));
	if (!err)
		err = allow_each(filter, SCMP_SYS(bpf), 0, bpf_commands,
				 sizeof(bpf_commands) / sizeof(bpf_commands[0]));
	return err;
}

static int restrict_calls(unsigned int deeds)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err;

	if (!filter)
		return -ENOMEM;
	/* Before 5.16 a filter slows down all loads of its process: there is no foreign code in this one. */
	err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	if (!err)
		err = allow_calls(filter, deeds);
	if (!err)
		err = allow_some_calls(filter, deeds);
	if (!err)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

/* --- all ----------------------------------------------------------------------------------------- */

/* A sanitizer makes calls and opens files of its own. */
#ifdef __SANITIZE_ADDRESS__
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

int confine(const struct confinement *confinement)
{
	int err = keep_capabilities(confinement->capabilities);

	if (err)
		return err;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	if (sanitized)
		return 0;
	err = confinement->any_file ? 0 : restrict_files(confinement);
	if (err)
		log_detail("which files can be opened is not restricted: %s", strerror(-err));
	err = confinement->any_call ? 0 : restrict_calls(confinement->deeds);
	if (err)
		log_detail("which system calls can be made is not restricted: %s", strerror(-err));
	return 0;
}
