// SPDX-License-Identifier: GPL-2.0-only
/* Each deed is done in a child that is confined, as none of it can be undone. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "confine.h"

#define LANDLOCK_VERSION 1U /* LANDLOCK_CREATE_RULESET_VERSION */

static const struct confinement plain;
static pid_t parent;

/* Does DEED when confined so. Returns what it returns, from 0 to 125, or the number of the signal that killed it, negative. */
static int end_of(int (*deed)(void), const struct confinement *confinement)
{
	pid_t child;
	int status;

	parent = getpid();
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(confine(confinement) ? 126 : deed());
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		return -WTERMSIG(status);
	assert_int_not_equal(WEXITSTATUS(status), 126);
	return WEXITSTATUS(status);
}

/* A sanitizer makes calls of its own, so that nothing can be forbidden. */
#ifdef __SANITIZE_ADDRESS__
static const bool sanitized = true;
#else
static const bool sanitized;
#endif

/* ... for REASON, in the words of tests/run.sh. */
static bool is_left_out(bool left_out, const char *what, const char *reason)
{
	if (left_out)
		print_message("skip - confine: %s: %s\n", what, reason);
	return left_out;
}

static bool has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION) >= 1;
}

/* --- capabilities -------------------------------------------------------------------------------- */

/* Is LINE of /proc/self/status about the set NAME, and does it hold something else than WANT? */
static bool differs(const char *line, const char *name, uint64_t want)
{
	size_t len = strlen(name);

	return strncmp(line, name, len) == 0 && strtoull(line + len, NULL, 16) != want;
}

/* 0: CapPrm and CapEff are WANT, and the sets from which others come are empty, as far as root may empty them. */
static int compare_capabilities(uint64_t want)
{
	FILE *status = fopen("/proc/self/status", "re");
	bool wrong = !status;
	char line[256];

	while (status && fgets(line, sizeof(line), status))
		wrong = wrong || differs(line, "CapPrm:", want) || differs(line, "CapEff:", want) ||
			differs(line, "CapInh:", 0) || differs(line, "CapAmb:", 0) ||
			(geteuid() == 0 && differs(line, "CapBnd:", 0));
	return wrong;
}

static int has_none(void)
{
	return compare_capabilities(0);
}

static int has_kill(void)
{
	return compare_capabilities(geteuid() == 0 ? CONFINE_CAP(5) : 0);
}

static int no_new_privs(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1;
}

static void keeps_what_is_named(void **state)
{
	const struct confinement with_kill = {.capabilities = CONFINE_CAP(5 /* CAP_KILL */)};
	const struct confinement loose = {.any_file = true, .any_call = true};

	(void)state;
	assert_int_equal(end_of(has_none, &plain), 0);
	assert_int_equal(end_of(has_kill, &with_kill), 0);
	assert_int_equal(end_of(no_new_privs, &loose), 0);
}

/* --- system calls -------------------------------------------------------------------------------- */

static int makes_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

static int runs_program(void)
{
	return execl("/bin/true", "true", (char *)NULL);
}

static int forks(void)
{
	return fork() < 0;
}

static int loads_program(void)
{
	return syscall(SYS_bpf, BPF_PROG_LOAD, NULL, 0) < 0;
}

static int maps_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	       MAP_FAILED;
}

static int writes_file(void)
{
	return open("/dev/null", O_WRONLY | O_CLOEXEC) < 0;
}

static int signals_parent(void)
{
	return kill(parent, 0) != 0;
}

static int types(void)
{
	return ioctl(STDIN_FILENO, TIOCSTI, "x") != 0;
}

static int becomes_another(void)
{
	return setuid(65534) != 0;
}

static int serves(void)
{
	return accept4(-1, NULL, NULL, SOCK_CLOEXEC) < 0 && errno != EBADF;
}

static int makes_iterator(void)
{
	return syscall(SYS_bpf, BPF_ITER_CREATE, NULL, 0) >= 0;
}

static int works(void)
{
	char *much = malloc(1 << 24);
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	char byte;

	if (!much || fd < 0 || read(fd, &byte, 1) != 1 || close(fd) || kill(getpid(), 0))
		return 1;
	memset(much, 0, 1 << 24);
	free(much);
	return printf("%s", "") != 0;
}

static void kills_what_is_forbidden(void **state)
{
	static int (*const deeds[])(
		void) = {makes_socket, runs_program,   forks, loads_program,   maps_code,
			 writes_file,  signals_parent, types, becomes_another, serves};

	(void)state;
	if (is_left_out(sanitized, "calls", "a sanitizer makes some of its own"))
		return;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		assert_int_equal(end_of(deeds[i], &plain), -SIGSYS);
}

static void lets_work(void **state)
{
	const struct confinement signals = {.deeds = CONFINE_SIGNAL};
	const struct confinement server = {.deeds = CONFINE_SERVE};
	const struct confinement loose = {.any_call = true};

	(void)state;
	assert_int_equal(end_of(works, &plain), 0);
	assert_int_equal(end_of(makes_iterator, &plain), 0);
	assert_int_equal(end_of(signals_parent, &signals), 0);
	assert_int_equal(end_of(serves, &server), 0);
	assert_int_equal(end_of(makes_socket, &loose), 0);
}

/* --- files --------------------------------------------------------------------------------------- */

static char here[] = "/tmp/test_confine.XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(here) ? chdir(here) : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	return chdir("/") || rmdir(here);
}

static int makes_and_removes(void)
{
	int fd = open("next", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 || close(fd) || rename("next", "last") || unlink("last");
}

/* Elsewhere nothing can be made, and next to nothing be read. */
static int finds_all_closed(void)
{
	return open("/tmp/test_confine", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 ||
	       errno != EACCES || open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES;
}

static void writes_beside_what_is_named(void **state)
{
	const struct confinement writer = {.deeds = CONFINE_WRITE, .files = {NULL, "recording"}};

	(void)state;
	assert_int_equal(end_of(makes_and_removes, &writer), 0);
	if (is_left_out(sanitized, "files", "a sanitizer opens some of its own") ||
	    is_left_out(!has_landlock(), "files", "this kernel has no Landlock"))
		return;
	assert_int_equal(end_of(finds_all_closed, &writer), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_is_named),
		cmocka_unit_test(kills_what_is_forbidden),
		cmocka_unit_test(lets_work),
		cmocka_unit_test_setup_teardown(writes_beside_what_is_named, make_directory,
						remove_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
