/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * meter: what --metrics serves of a trace that runs: what was counted of its changes, and what the kernel counts of our
 * programs there.
 */
#ifndef METER_H
#define METER_H

#include "counters.h"
#include "render/metrics.h"
#include "view.h"

struct meter {
	const struct view *view;
	const struct counters *counters;
	const struct ring *ring;
};

/* An exporter_print_fn. CTX: the meter. */
void meter_print(void *ctx, enum metrics_form form, struct text *page);

#endif
