/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * step: what became of a minisock, as a change; within the core only.
 */
#ifndef CORE_STEP_H
#define CORE_STEP_H

#include "core/tracker.h"

/* END's minisock goes FROM a state TO another, or the same. The cause is to be filled in. */
struct change step_of(const struct endpoint *end, uint64_t now_ns, uint8_t from, uint8_t to);

/* Shows CHANGE, which also is the last that happened on END's connection. */
void step_tell(struct tracker *tracker, struct endpoint *end, struct change *change);

#endif
