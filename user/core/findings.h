/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * findings: what the rules share: their subjects, and when something is told: the first time, and then only
 * when it has grown to twice as much; within the core only.
 */
#ifndef CORE_FINDINGS_H
#define CORE_FINDINGS_H

#include "core/limits.h"
#include "core/subject.h"

#define FINDINGS_PATIENCE_NS UINT64_C(60000000000)

struct tracker;

struct findings {
	bool off;
	uint32_t explained; /* a bit per code that was told */
	uint64_t patience_ns; /* --close-wait-warn */
	struct subjects subjects;
	struct limits_table limits;
};

/* Returns 0 or -ENOMEM. */
int findings_init(struct findings *findings);
void findings_fini(struct findings *findings);

/* Tells FINDING of SUBJECT at NOW_NS, with the subject's counts. */
void findings_tell(struct tracker *tracker, struct subject *subject, struct finding *finding,
		   uint64_t now_ns);

#endif
