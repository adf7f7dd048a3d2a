/* SPDX-License-Identifier: GPL-2.0-only */
/* crew: processes that work side by side, and end with us. */
#ifndef DEMO_CREW_H
#define DEMO_CREW_H

/*
 * Runs WORK of CONTEXT in COUNT processes, and waits for all of them; a signal that would end us ends them
 * first. What WORK returns is an exit status. Returns the greatest of them, or EXIT_FAILURE.
 */
int crew_run(unsigned int count, int (*work)(void *context), void *context);

#endif
