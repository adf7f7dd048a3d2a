// SPDX-License-Identifier: GPL-2.0-only
#include "signals.h"

#include <stddef.h>

void signals_of_interest(sigset_t *signals, bool tui)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGCONT, SIGWINCH, SIGTSTP};
	struct sigaction hangup;

	sigemptyset(signals);
	for (unsigned int i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(signals, numbers[i]);
	if (tui)
		sigdelset(signals, SIGTSTP);
	if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler == SIG_IGN)
		sigdelset(signals, SIGHUP); /* nohup */
}

void signals_suspend(void)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL); /* stops here */
	sigprocmask(SIG_BLOCK, &stop, NULL);
}
