/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stamp: the kernel's monotonic time as wall time, for machines.
 */
#ifndef RENDER_STAMP_H
#define RENDER_STAMP_H

#include <stdint.h>

#include "base/text.h"

struct stamp {
	uint64_t trace_start_ns; /* CLOCK_MONOTONIC */
	uint64_t realtime_ns; /* CLOCK_REALTIME at trace_start_ns */
	uint64_t second; /* that `date` is of */
	char date
		[32]; /* "2026-11-22T21:14:05", as most lines share it; "" where it is beyond the year 9999 */
};

void stamp_init(struct stamp *stamp, uint64_t trace_start_ns, uint64_t realtime_ns);

/* Appends KTIME_NS, a time of CLOCK_MONOTONIC, as RFC 3339 has it: UTC with nanoseconds; nothing where it cannot. */
void stamp_add(struct stamp *stamp, struct text *text, uint64_t ktime_ns);

#endif
