/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef BENCH_COUNT_H
#define BENCH_COUNT_H

/* Transitions of TCP sockets: on the whole machine, and in the network namespace of the benchmark. */
struct count {
	unsigned long long everywhere;
	unsigned long long here;
};

#endif
