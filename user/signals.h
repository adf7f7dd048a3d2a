/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signals: those that the loop of a trace takes, one after the other, and what it does for them.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Those that are to be blocked, and read. TUI: with --tui, where ncurses has its own way to be suspended. */
void signals_of_interest(sigset_t *signals, bool tui);

/* Does what ^Z asked for, now that the terminal may be left. Returns when we are continued. */
void signals_suspend(void);

#endif
