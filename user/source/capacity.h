/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * capacity: how large a ring buffer is.
 *
 * A record has up to 200 bytes and a short connection makes 13 to 20 of them, so 16 MiB are about 10 000 short
 * connections: half a second of one CPU that does nothing else. What is not read in time is lost, and counted.
 */
#ifndef SOURCE_CAPACITY_H
#define SOURCE_CAPACITY_H

#include <stdint.h>

#define CAPACITY_MIN_BYTES (UINT64_C(64) << 10)
#define CAPACITY_MAX_BYTES (UINT64_C(1) << 30)

/*
 * For a machine of CPUS and MEMORY_BYTES: 8 MiB for each CPU, as each makes records of its own, from 16 to
 * 256 MiB; but no more than 1/64 of the memory. A power of two.
 */
uint32_t capacity_for(unsigned int cpus, uint64_t memory_bytes);

/* The same for this machine. */
uint32_t capacity_here(void);

/* BYTES or the next power of two above them. BYTES: from CAPACITY_MIN_BYTES to CAPACITY_MAX_BYTES. */
uint32_t capacity_round(uint64_t bytes);

#endif
