/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metrics: what --metrics serves: counts as text for Prometheus.
 *
 * In its text format 0.0.4, or in OpenMetrics 1.0. Label sets are bounded: states, codes and names of this program, nothing
 * that comes from connections. What can occur stands there with 0 before it does, so that its first time is an increase.
 */
#ifndef RENDER_METRICS_H
#define RENDER_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "render/sink.h"

enum metrics_form {
	METRICS_TEXT,
	METRICS_OPEN,
};

/* What the kernel counts of a BPF program (struct bpf_prog_info in linux/bpf.h). */
struct metrics_program {
	const char *name;
	uint64_t runs;
	uint64_t run_ns;
	uint64_t missed; /* runs left out, as the program ran on that CPU already */
};

/* Connections that the tracker keeps. */
struct metrics_tracked {
	uint64_t held, live, done; /* not decided on; open; with a minisock or nothing left */
	uint64_t capacity; /* of all three */
};

struct metrics {
	const struct totals *totals; /* with its tally */
	struct metrics_tracked tracked;
	const struct metrics_program *programs;
	unsigned int program_count;
	const char *version;
	const char *hooks; /* by what minisocks are seen */
};

/* Appends all of it to PAGE. */
void metrics_print(const struct metrics *metrics, enum metrics_form form, struct text *page);

/* The form that a client wants, whose header Accept is ACCEPT, or NULL (RFC 9110, 12.5.1). */
enum metrics_form metrics_form_wanted(const char *accept);

/* As the header Content-Type has it. */
const char *metrics_content_type(enum metrics_form form);

#endif
