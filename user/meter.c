// SPDX-License-Identifier: GPL-2.0-only
#include "meter.h"

#include "base/usage.h"

#define PROGRAMS_MAX 64

static unsigned int list_programs(const struct ring *ring, struct metrics_program *list)
{
	struct ring_program program;
	unsigned int n = 0;

	while (n < PROGRAMS_MAX && ring_nth_program(ring, n, &program))
		list[n++] = (struct metrics_program){
			.name = program.name,
			.runs = program.runs,
			.run_ns = program.run_ns,
			.missed = program.missed,
		};
	return n;
}

void meter_print(void *ctx, enum metrics_form form, struct text *page)
{
	const struct meter *meter = ctx;
	const struct table *table = &meter->view->flow.tracker.table;
	struct totals totals = view_totals(meter->view);
	struct metrics_program programs[PROGRAMS_MAX];
	struct metrics metrics = {
		.totals = &totals,
		.tracked = {.held = table->lists[LIST_HELD].count,
			    .live = table->lists[LIST_LIVE].count,
			    .done = table->lists[LIST_DONE].count,
			    .capacity = table->capacity},
		.programs = programs,
		.program_count = list_programs(meter->ring, programs),
		.version = USAGE_VERSION,
		.hooks = ring_hooks_name(meter->ring),
	};

	totals.dropped = counters_dropped(meter->counters, meter->ring);
	metrics_print(&metrics, form, page);
}
