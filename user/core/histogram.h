/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * histogram: how long things took, in a fixed amount of memory.
 *
 * Buckets are linear below a microsecond, then each power of two has 32 of them (as HdrHistogram has it). So a
 * quantile is right to 1/64 of its value, or 16 ns where that is more; the least and the longest are exact.
 */
#ifndef CORE_HISTOGRAM_H
#define CORE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_SUB_BITS   5 /* 32 buckets in each power of two */
#define HISTOGRAM_LEAST_BITS 10 /* linear below 1024 ns */
#define HISTOGRAM_MOST_BITS  48 /* 78 hours; what is longer shares the last bucket */
#define HISTOGRAM_BUCKETS    ((HISTOGRAM_MOST_BITS - HISTOGRAM_LEAST_BITS + 1) << HISTOGRAM_SUB_BITS)

/* Empty when all is 0. */
struct histogram {
	uint64_t count;
	uint64_t least_ns, longest_ns; /* valid if count > 0 */
	/* Of all: whole seconds, and the rest. 64 bits of nanoseconds are 584 years: a few days of a busy host's
	 * TIME_WAITs. */
	uint64_t sum_s, sum_rest_ns;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t ns);

/* What PER_MILLE (1 to 1000) of all take at most (the nearest rank); 0 for an empty one. In the last bucket: the longest. */
uint64_t histogram_quantile(const struct histogram *histogram, unsigned int per_mille);

#endif
