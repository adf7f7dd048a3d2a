// SPDX-License-Identifier: GPL-2.0-only
#include "demo/crew.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

#define OUTPUT_SIZE 65536

static _Noreturn void be_worker(pid_t parent, const sigset_t *signals, int (*work)(void *context),
				void *context)
{
	int status;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	sigprocmask(SIG_SETMASK, signals, NULL);
	setvbuf(stdout, NULL, _IOFBF, OUTPUT_SIZE); /* so that one's lines stay together */
	status = work(context);
	exit(fflush(stdout) ? EXIT_FAILURE : status);
}

static void end(const pid_t *pids, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (pids[i])
			kill(pids[i], SIGTERM);
}

/* Waits for those that have ended, whose pids become 0. Returns how many are left. */
static unsigned int reap(pid_t *pids, unsigned int count, int *status)
{
	unsigned int left = 0;

	for (unsigned int i = 0; i < count; i++) {
		int ended = 0;

		if (pids[i] && waitpid(pids[i], &ended, WNOHANG) == pids[i]) {
			pids[i] = 0;
			ended = WIFEXITED(ended) ? WEXITSTATUS(ended) : EXIT_FAILURE;
			*status = ended > *status ? ended : *status;
		}
		left += pids[i] != 0;
	}
	return left;
}

int crew_run(unsigned int count, int (*work)(void *context), void *context)
{
	pid_t *pids = calloc(count, sizeof(*pids)), parent = getpid();
	unsigned int begun = 0;
	sigset_t awaited, before;
	int status = EXIT_SUCCESS;

	sigemptyset(&awaited);
	sigaddset(&awaited, SIGCHLD);
	sigaddset(&awaited, SIGINT);
	sigaddset(&awaited, SIGTERM);
	sigprocmask(SIG_BLOCK, &awaited, &before);
	fflush(stdout);
	while (pids && begun < count) {
		pids[begun] = fork();
		if (pids[begun] == 0)
			be_worker(parent, &before, work, context);
		if (pids[begun] < 0)
			break;
		begun++;
	}
	if (begun < count) {
		log_error("cannot start a process that plays");
		status = EXIT_FAILURE;
	}
	while (pids && reap(pids, begun, &status))
		if (sigwaitinfo(&awaited, NULL) != SIGCHLD)
			end(pids, begun);
	free(pids);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}
