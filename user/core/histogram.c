// SPDX-License-Identifier: GPL-2.0-only
#include "core/histogram.h"

#define NS_PER_S  UINT64_C(1000000000)
#define SUBS	  (1U << HISTOGRAM_SUB_BITS)
#define LINEAR_NS (1U << HISTOGRAM_LEAST_BITS)
#define LAST	  (HISTOGRAM_BUCKETS - 1U)

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int bits, sub;

	if (ns < LINEAR_NS)
		return (unsigned int)(ns / (LINEAR_NS / SUBS));
	if (ns >> HISTOGRAM_MOST_BITS)
		return LAST;
	bits = 63U - (unsigned int)__builtin_clzll(ns);
	sub = (unsigned int)(ns >> (bits - HISTOGRAM_SUB_BITS)) & (SUBS - 1);
	return ((bits - HISTOGRAM_LEAST_BITS + 1) << HISTOGRAM_SUB_BITS) + sub;
}

static uint64_t middle_of(unsigned int bucket)
{
	unsigned int power = bucket >> HISTOGRAM_SUB_BITS, sub = bucket & (SUBS - 1);
	unsigned int shift = HISTOGRAM_LEAST_BITS - HISTOGRAM_SUB_BITS + (power ? power - 1 : 0);
	uint64_t low = (uint64_t)(power ? SUBS + sub : sub) << shift;

	return low + (UINT64_C(1) << shift) / 2;
}

void histogram_add(struct histogram *histogram, uint64_t ns)
{
	if (histogram->count == 0 || ns < histogram->least_ns)
		histogram->least_ns = ns;
	if (ns > histogram->longest_ns)
		histogram->longest_ns = ns;
	histogram->count++;
	histogram->sum_rest_ns += ns % NS_PER_S;
	histogram->sum_s += ns / NS_PER_S + histogram->sum_rest_ns / NS_PER_S;
	histogram->sum_rest_ns %= NS_PER_S;
	histogram->buckets[bucket_of(ns)]++;
}

/* A value in the middle of BUCKET, but none that is outside of what was added. */
static uint64_t value_of(const struct histogram *histogram, unsigned int bucket)
{
	uint64_t ns = middle_of(bucket);

	if (bucket == LAST || ns > histogram->longest_ns)
		return histogram->longest_ns;
	return ns < histogram->least_ns ? histogram->least_ns : ns;
}

uint64_t histogram_quantile(const struct histogram *histogram, unsigned int per_mille)
{
	uint64_t rank = (histogram->count * per_mille + 999) / 1000, below = 0;

	if (rank >= histogram->count)
		return histogram->longest_ns;
	for (unsigned int bucket = 0; bucket < LAST; bucket++) {
		below += histogram->buckets[bucket];
		if (below >= rank)
			return value_of(histogram, bucket);
	}
	return histogram->longest_ns;
}
