/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * loss: what was attempted in the kernel and never came, counted from the numbers on the records.
 *
 * Each program numbers its attempts per CPU. What has not come is the highest number so far, plus one,
 * less the records that came. A difference, not a step between neighbours: on kernels before 6.2 a
 * softirq may make two records share a number, and one number then stays unused: the two cancel. Or it
 * may overtake the record that it interrupted: so a gap counts when it still stands at the next record.
 */
#ifndef CORE_LOSS_H
#define CORE_LOSS_H

#include <stdint.h>

#include "core/event.h"

#define LOSS_CPUS 4096

struct loss_stream {
	uint64_t next; /* highest number seen, plus one */
	uint64_t came;
	uint64_t missing; /* the difference, as of the last record */
	uint64_t counted; /* of it, as loss already */
};

struct loss {
	struct loss_stream (*streams)[WIRE_PROGRAMS]; /* by CPU */
	uint64_t total;
};

/* Returns 0 or -ENOMEM. */
int loss_init(struct loss *loss);
void loss_fini(struct loss *loss);

/* PROGRAM on CPU has made ATTEMPTS before us, which are nobody's loss. */
void loss_begin(struct loss *loss, uint32_t cpu, enum wire_program program, uint64_t attempts);

/* Notes that EVENT came. Returns how many records are newly known to be lost, usually 0. */
uint64_t loss_note(struct loss *loss, const struct event *event);

/* How many records of CPU came, those before loss_begin() included. */
uint64_t loss_came(const struct loss *loss, uint32_t cpu);

/*
 * Compares with what PROGRAM on CPU has attempted in all, as its counter says when no record is on its
 * way any more. Returns how many records are newly known to be lost: those behind the last that came.
 */
uint64_t loss_settle(struct loss *loss, uint32_t cpu, enum wire_program program, uint64_t attempts);

#endif
