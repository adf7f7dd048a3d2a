// SPDX-License-Identifier: GPL-2.0-only
/*
 * pty SIZE[,SIZE...] KEYS COMMAND...: COMMAND in a terminal of the first SIZE, COLUMNSxROWS, which may be 0x0. What it writes
 * there comes out at stdout. Once it has written something the terminal gets the other sizes, each when something more
 * was written or a moment has passed, then KEYS are typed. Ends with the status of COMMAND, 128 and the signal that it died of,
 * or 124 where it did not end; its peak memory in KiB is written to stderr.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUIET_MS 100
#define LIMIT_S	 60

static pid_t child;

static void give_up(const char *what)
{
	perror(what);
	exit(125);
}

static void on_alarm(int number)
{
	(void)number;
	kill(child, SIGKILL);
	_exit(124);
}

/* Takes the first of SIZES off. False: there is none. */
static int resize(int fd, char **sizes)
{
	const char *size = strsep(sizes, ",");
	struct winsize winsize = {0};
	char *rest;

	if (!size)
		return 0;
	winsize.ws_col = (unsigned short)strtoul(size, &rest, 10);
	winsize.ws_row = *rest == 'x' ? (unsigned short)strtoul(rest + 1, &rest, 10) : 0;
	if (*rest || ioctl(fd, TIOCSWINSZ, &winsize))
		give_up(size);
	return 1;
}

static void run(int master, const char *slave, char **command)
{
	int fd;

	close(master);
	setsid();
	fd = open(slave, O_RDWR); /* the controlling terminal */
	if (fd < 0)
		give_up(slave);
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	execvp(command[0], command);
	give_up(command[0]);
}

/* Copies what is there. False: nobody has the terminal any more. */
static int copy(int master)
{
	char bytes[65536];
	ssize_t n = read(master, bytes, sizeof(bytes));

	if (n > 0 && write(STDOUT_FILENO, bytes, (size_t)n) != n)
		give_up("stdout");
	return n > 0;
}

static void serve(int master, char *sizes, const char *keys)
{
	struct pollfd fd = {.fd = master, .events = POLLIN};
	int wrote = 0;

	for (;;) {
		int n = poll(&fd, 1, wrote ? QUIET_MS : -1);

		if (n > 0 && !copy(master))
			return;
		wrote = 1;
		if (!resize(master, &sizes) && *keys && write(master, keys++, 1) != 1)
			return;
	}
}

int main(int argc, char **argv)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status;
	char *sizes = argc > 3 ? argv[1] : NULL;
	struct rusage usage;

	if (!sizes || master < 0 || grantpt(master) || unlockpt(master))
		give_up("pty SIZE[,SIZE...] KEYS COMMAND...");
	resize(master, &sizes);
	child = fork();
	if (child == 0)
		run(master, ptsname(master), argv + 3);
	signal(SIGALRM, on_alarm);
	alarm(LIMIT_S);
	serve(master, sizes, argv[2]);
	if (wait4(child, &status, 0, &usage) != child)
		give_up("wait4");
	fprintf(stderr, "%ld KiB\n", usage.ru_maxrss);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
