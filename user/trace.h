/* SPDX-License-Identifier: GPL-2.0-only */
/* trace: the live run. */
#ifndef TRACE_H
#define TRACE_H

#include "options.h"
#include "render/sink.h"

/* What goes on beside the trace, if not COMMAND: it begins when all is attached, and the trace ends with it. */
struct beside {
	struct ring *
		ring; /* attached already, and stays so: traces that follow each other may share one */
	uint32_t netns; /* the namespace that needs no mention, as it is where all goes on */
	int fd; /* readable when it is over */
	struct sink *sink; /* is told of every change as well; stays the caller's */
	void (*begin)(struct beside *beside);
	bool over; /* set by the trace: it was over, and did not only end with the trace */
};

/* Traces as OPTIONS say. BESIDE may be NULL. Returns the exit status, after having said what went wrong. */
int trace_run(struct options *options, struct beside *beside);

#endif
