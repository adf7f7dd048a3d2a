/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * checkpoint: what a flow knows of what is open, as records: for a recording that begins in the middle of a run.
 *
 * It stands there as a snapshot does: each socket in its state, with its owner. How long it has been there, what it has
 * counted, and who has what is left of a closed one, is in the part before.
 */
#ifndef CORE_CHECKPOINT_H
#define CORE_CHECKPOINT_H

#include <stddef.h>

#include "core/flow.h"

typedef void checkpoint_fn(void *ctx, const void *record, size_t size);

/* Gives TAKE the records, as of NOW_NS. Events that the flow still holds are not among them: a WIRE_HOOKS before has
 * it hold none. */
void checkpoint_take(const struct flow *flow, uint64_t now_ns, checkpoint_fn *take, void *ctx);

#endif
