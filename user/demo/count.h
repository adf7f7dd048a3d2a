/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * count: how many sockets are in each state in this network namespace, as two programs say it.
 */
#ifndef DEMO_COUNT_H
#define DEMO_COUNT_H

#include <stdbool.h>

#include "demo/deed.h"

#define COUNT_SIZE 1024

/* DEED_COUNTS or DEED_SNAPSHOT? */
bool count_is_deed(enum deed deed);

/* The program, as people type it. */
const char *count_name(enum deed deed);

/*
 * Runs it, and returns what it counts in BUFFER of COUNT_SIZE bytes, in its own order: "1 LISTEN, 2 TIME_WAIT" by netstat
 * (DEED_COUNTS), "1 LISTEN full, 2 TIME_WAIT minisock" by our own snapshot (DEED_SNAPSHOT).
 */
const char *count(enum deed deed, char *buffer);

#endif
