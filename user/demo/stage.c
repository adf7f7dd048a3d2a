// SPDX-License-Identifier: GPL-2.0-only
#include "demo/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo/conductor.h"
#include "demo/diag.h"
#include "netns.h"

/* What the stage tells us. The other way goes a byte that lets the play begin, and the end of the socket,
 * which ends the stage. */
struct message {
	enum stage_news news;
	uint32_t netns;
	char why[SCENARIO_ERROR_SIZE];
	char notes[STAGE_NOTES_SIZE];
};

/* --- in the stage's process ---------------------------------------------------------------------- */

/* ^C is for the tracer, which ends us; and our children begin as from a shell. */
static void leave_parent(pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	setsid();
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int raise_loopback(void)
{
	struct ifreq lo = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = fd < 0 ? -errno : 0;

	if (!err && ioctl(fd, SIOCGIFFLAGS, &lo))
		err = -errno;
	lo.ifr_flags |= IFF_UP;
	if (!err && ioctl(fd, SIOCSIFFLAGS, &lo))
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

/* "net.ipv4.tcp_fin_timeout" is a file below /proc/sys. */
static int open_sysctl(const char *name, int flags)
{
	char path[256];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	for (char *dot = path; (dot = strchr(dot, '.')) != NULL;)
		*dot = '/';
	return open(path, flags | O_CLOEXEC);
}

static bool has_sysctl(const char *name)
{
	int fd = open_sysctl(name, O_RDONLY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool has_command(const char *name)
{
	const char *path = getenv("PATH");
	char file[PATH_MAX];

	while (path && *path) {
		size_t len = strcspn(path, ":");

		snprintf(file, sizeof(file), "%.*s/%s", (int)len, path, name);
		if (access(file, X_OK) == 0)
			return true;
		path += len;
		path += *path == ':';
	}
	return false;
}

static bool lacks(const struct scenario *scenario, const struct circumstances *here,
		  struct text *why)
{
	for (unsigned int i = 0; i < scenario->need_count && !why->len; i++) {
		const struct need *need = &scenario->needs[i];

		if (!when_holds(&need->when, here))
			continue;
		if (need->kind == NEED_SYSCTL && !has_sysctl(need->name))
			text_addf(why, "this kernel has no sysctl %s", need->name);
		else if (need->kind == NEED_KERNEL && here->kernel < scenario_kernel(need->name))
			text_addf(why, "this kernel is older than %s", need->name);
		else if (need->kind == NEED_SOCK_DESTROY && !diag_can_destroy())
			text_add(why, "this kernel destroys no sockets (tcp_diag)");
		else if (need->kind == NEED_COMMAND && !has_command(need->name))
			text_addf(why, "%s is not installed", need->name);
	}
	return why->len;
}

static int set_sysctls(const struct scenario *scenario, const struct circumstances *here,
		       struct text *why)
{
	for (unsigned int i = 0; i < scenario->sysctl_count; i++) {
		const struct setting *set = &scenario->sysctls[i];
		int fd, err = 0;

		if (!when_holds(&set->when, here))
			continue;
		fd = open_sysctl(set->name, O_WRONLY);
		if (fd < 0 || write(fd, set->value, strlen(set->value)) < 0)
			err = -errno;
		if (fd >= 0)
			close(fd);
		if (!err)
			continue;
		text_addf(why, "cannot set sysctl %s to %s: %s", set->name, set->value,
			  strerror(-err));
		return err;
	}
	return 0;
}

static enum stage_news prepare(const struct scenario *scenario, const struct circumstances *here,
			       struct message *message)
{
	struct text why;
	int err;

	text_init(&why, message->why, sizeof(message->why));
	err = unshare(CLONE_NEWNET) ? -errno : raise_loopback();
	if (err) {
		text_addf(&why, "cannot make a network namespace: %s", strerror(-err));
		return STAGE_FAILED;
	}
	message->netns = netns_own();
	if (lacks(scenario, here, &why))
		return STAGE_LACKS;
	return set_sysctls(scenario, here, &why) ? STAGE_FAILED : STAGE_READY;
}

/* Who does not listen any more has closed the socket, which the next recv() finds. */
static void tell(int fd, const struct message *message)
{
	(void)!send(fd, message, sizeof(*message), MSG_NOSIGNAL);
}

static _Noreturn void run_stage(const struct scenario *scenario, const struct circumstances *here,
				int fd)
{
	struct conductor conductor = {.scenario = scenario, .here = here, .audience = fd};
	struct message message = {0};
	struct text why;
	char byte;

	text_init(&conductor.notes, message.notes, sizeof(message.notes));
	message.news = prepare(scenario, here, &message);
	tell(fd, &message);
	if (message.news != STAGE_READY || recv(fd, &byte, 1, 0) != 1)
		_exit(EXIT_SUCCESS);
	text_init(&why, message.why, sizeof(message.why));
	message.news = conductor_play(&conductor, &why) ? STAGE_FAILED : STAGE_OVER;
	tell(fd, &message);
	/* All stays as it is until nobody looks any more. */
	while (recv(fd, &byte, 1, 0) < 0 && errno == EINTR)
		;
	conductor_fini(&conductor);
	_exit(EXIT_SUCCESS);
}

/* --- in ours ------------------------------------------------------------------------------------- */

static enum stage_news hear(const struct stage *stage, int flags, struct message *message,
			    struct text *ret_why)
{
	if (recv(stage->fd, message, sizeof(*message), flags) != sizeof(*message)) {
		text_add(ret_why, "the process that plays it ended unexpectedly");
		return STAGE_FAILED;
	}
	text_add(ret_why, message->why);
	return message->news;
}

enum stage_news stage_create(const struct scenario *scenario, const struct circumstances *here,
			     struct stage *ret_stage, struct text *ret_why)
{
	struct message message = {0};
	pid_t self = getpid();
	struct stage stage;
	enum stage_news news;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		text_addf(ret_why, "cannot make a socket: %s", strerror(errno));
		return STAGE_FAILED;
	}
	stage = (struct stage){.pid = fork(), .fd = pair[0]};
	if (stage.pid == 0) {
		leave_parent(self);
		close(pair[0]);
		run_stage(scenario, here, pair[1]);
	}
	close(pair[1]);
	news = hear(&stage, 0, &message, ret_why);
	stage.netns = message.netns;
	if (news == STAGE_READY)
		*ret_stage = stage;
	else
		stage_destroy(&stage);
	return news;
}

void stage_begin(const struct stage *stage)
{
	/* One that has ended is found out when its result is asked for. */
	(void)!send(stage->fd, "b", 1, MSG_NOSIGNAL);
}

enum stage_news stage_result(const struct stage *stage, struct text *ret_why,
			     struct text *ret_notes)
{
	struct message message = {0};
	enum stage_news news = hear(stage, MSG_DONTWAIT, &message, ret_why);

	text_add(ret_notes, message.notes);
	return news;
}

void stage_destroy(struct stage *stage)
{
	close(stage->fd);
	while (stage->pid > 0 && waitpid(stage->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*stage = (struct stage){.fd = -1};
}
