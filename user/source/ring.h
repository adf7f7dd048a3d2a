/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring: the kernel side as a source of records: loads the BPF programs, attaches them, and reads the
 * ring buffer.
 */
#ifndef SOURCE_RING_H
#define SOURCE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/filter.h"
#include "source/hooks.h"
#include "source/source.h"
#include "wire.h"

struct ring;

/* Of the filter only what the kernel can decide is used. FOLLOW: also tell of forks and ends of the
 * processes given to ring_follow(). HOOKS: for minisocks; with HOOKS_AUTO the best that this kernel has.
 * EXPLAIN_BIND: where fexit does not attach, watch the ends of all system calls for a bind() that fails.
 * LOOK_ONLY: there is ring_iterate(), and no event. BYTES: of the ring buffer, a power of two; 0: what suits
 * this machine (capacity.h). */
struct ring_config {
	const struct filter *filter;
	bool follow;
	enum hooks hooks;
	bool explain_bind;
	bool look_only;
	uint32_t bytes;
};

/*
 * Loads and attaches, which needs rights; all that follows needs none. Returns 0, or -errno after having
 * said why not in one sentence.
 */
int ring_open(const struct ring_config *config, struct ring **ret_ring);
void ring_close(struct ring *ring);

/* What it can see at all: enum wire_hook. */
uint32_t ring_hooks(const struct ring *ring);

/* By what minisocks are seen: a name of --hooks. */
const char *ring_hooks_name(const struct ring *ring);

/* Becomes readable when records come to a sleeping reader. */
int ring_fd(const struct ring *ring);

/* Whoever writes faster than we read must not keep us from the screen and from signals. */
#define RING_BATCH 65536

/* Gives the records in the ring to TAKE, up to RING_BATCH. Returns how many there were, or -errno. */
int ring_read(struct ring *ring, take_record_fn *take, void *ctx);

/* Declares the reader asleep, so that the next record wakes it. He must ring_read() once more before he
 * does sleep: a record may have come while he lay down. */
void ring_sleep(struct ring *ring);

/* The reader is awake: records need not wake it. */
void ring_wake(struct ring *ring);

/* Makes PID, a thread group, and its descendants those whose forks and ends are told. Returns 0 or
 * -errno. */
int ring_follow(struct ring *ring, uint32_t pid);

/* What there is to be iterated over for a snapshot. */
enum ring_iterator {
	RING_SOCKETS, /* TCP sockets of the network namespace of the calling thread */
	RING_FILES, /* open files of all processes */
};

/* Returns a descriptor, or -errno: who reads it to its end has the records of all of them in the ring. There
 * is a byte to be read where the ring should be read as well. -ENOTSUP: ring_open() has said why. */
int ring_iterate(const struct ring *ring, enum ring_iterator iterator);

/* From now on RING_FILES tells only of sockets on PORT, but of those as well that are only bound.
 * RING_ALL_PORTS: of each port that the filter admits. 0: of no port in particular, and of live ones alone. */
#define RING_ALL_PORTS 65536
void ring_look_at(struct ring *ring, uint32_t port);

/* Throws away what is in it. */
void ring_drain(struct ring *ring);

/* What the kernel counts of a program that is loaded. Its runs only while kernel.bpf_stats_enabled is on. */
struct ring_program {
	const char *name;
	uint64_t runs, run_ns;
	uint64_t
		missed; /* runs left out, as it ran on that CPU already; since 5.12 (9ed9e9ba2337) */
};

/* The NTH, from 0. False: there are not so many. */
bool ring_nth_program(const struct ring *ring, unsigned int nth, struct ring_program *ret_program);

/* Takes the programs off their tracepoints: nothing more is attempted, but for those that run now. */
void ring_detach(struct ring *ring);

/* The number of CPUs that have counters, and those of CPU: memory shared with the kernel. */
unsigned int ring_cpus(const struct ring *ring);
const volatile struct wire_counters *ring_counters(const struct ring *ring, unsigned int cpu);

#endif
