// SPDX-License-Identifier: GPL-2.0-only
#include "source/capacity.h"

#include <unistd.h>

#define PER_CPU_BYTES	(UINT64_C(8) << 20)
#define LEAST_BYTES	(UINT64_C(16) << 20)
#define MOST_BYTES	(UINT64_C(256) << 20)
#define SHARE_OF_MEMORY 64

uint32_t capacity_round(uint64_t bytes)
{
	uint64_t power = CAPACITY_MIN_BYTES;

	while (power < bytes && power < CAPACITY_MAX_BYTES)
		power *= 2;
	return (uint32_t)power;
}

uint32_t capacity_for(unsigned int cpus, uint64_t memory_bytes)
{
	uint64_t bytes = cpus * PER_CPU_BYTES;

	if (bytes < LEAST_BYTES)
		bytes = LEAST_BYTES;
	if (bytes > MOST_BYTES)
		bytes = MOST_BYTES;
	bytes = capacity_round(bytes);
	while (bytes > CAPACITY_MIN_BYTES && bytes > memory_bytes / SHARE_OF_MEMORY)
		bytes /= 2;
	return (uint32_t)bytes;
}

uint32_t capacity_here(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN), pages = sysconf(_SC_PHYS_PAGES);
	uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);

	return capacity_for(cpus > 0 ? (unsigned int)cpus : 1,
			    pages > 0 ? (uint64_t)pages * page_bytes : 0);
}
