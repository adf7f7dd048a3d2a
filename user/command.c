// SPDX-License-Identifier: GPL-2.0-only
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/usage.h"

/* As env(1) and the shells say it. */
#define STATUS_CANNOT_RUN 126
#define STATUS_NOT_FOUND  127
#define STATUS_SIGNALLED  128
#define STATUS_NEVER_RAN  125

static _Noreturn void become_command(int gate, char **argv, struct account user)
{
	char quoted[USAGE_QUOTE_SIZE], go;
	sigset_t none;
	ssize_t n;
	int err;

	do
		n = read(gate, &go, 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		log_error("cannot wait for the trace to begin: %s", strerror(errno));
	if (n != 1)
		_exit(STATUS_NEVER_RAN);
	close(gate);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	err = account_become(user);
	if (err) {
		log_error("cannot become the user with the uid %u: %s", user.uid, strerror(-err));
		_exit(STATUS_NEVER_RAN);
	}
	execvp(argv[0], argv);
	err = errno;
	log_error("cannot run %s: %s", usage_quote(argv[0], quoted), strerror(err));
	_exit(err == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN);
}

int command_spawn(struct command *command, char **argv, struct account user)
{
	int gate[2];
	pid_t pid;

	if (pipe2(gate, O_CLOEXEC)) {
		log_error("cannot make a pipe: %s", strerror(errno));
		return -EIO;
	}
	pid = fork();
	if (pid == 0) {
		close(gate[1]);
		become_command(gate[0], argv, user);
	}
	close(gate[0]);
	if (pid < 0) {
		log_error("cannot make a process: %s", strerror(errno));
		close(gate[1]);
		return -EAGAIN;
	}
	*command = (struct command){.pid = pid, .gate = gate[1]};
	return 0;
}

void command_run(struct command *command)
{
	ssize_t n;

	if (!command->pid || command->gate < 0)
		return;
	do
		n = write(command->gate, "g", 1);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno != EPIPE) /* it has said why it is not there */
		log_error("cannot let the command run: %s", strerror(errno));
	close(command->gate);
	command->gate = -1;
}

static void note_status(struct command *command, int status)
{
	command->ended = true;
	if (WIFSIGNALED(status))
		command->status = STATUS_SIGNALLED + WTERMSIG(status);
	else
		command->status = WEXITSTATUS(status);
}

void command_reap(struct command *command)
{
	int status;
	pid_t pid;

	if (!command->pid || command->ended)
		return;
	do
		pid = waitpid(command->pid, &status, WNOHANG);
	while (pid < 0 && errno == EINTR);
	if (pid == command->pid)
		note_status(command, status);
	else if (pid < 0 && errno == ECHILD)
		command->ended = true;
}

void command_end(struct command *command)
{
	sigset_t none;
	int status;

	command_reap(command);
	if (!command->pid || command->ended)
		return;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	kill(command->pid, SIGTERM);
	while (!command->ended) {
		if (waitpid(command->pid, &status, 0) == command->pid)
			note_status(command, status);
		else if (errno != EINTR)
			return;
	}
}

void command_fini(struct command *command)
{
	int status;

	if (!command->pid || command->gate < 0)
		return;
	close(command->gate);
	command->gate = -1;
	if (!command->ended && waitpid(command->pid, &status, 0) == command->pid)
		note_status(command, status);
}
