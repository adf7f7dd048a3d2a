/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * now: the kernel's time of the records, for whoever of the program has to wait for one.
 */
#ifndef NOW_H
#define NOW_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC in nanoseconds. */
static inline uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

#endif
