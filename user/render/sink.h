/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sink: where changes go. Each form of output is one file behind this interface, and none knows of
 * another. A sink embeds a struct sink as its first member.
 */
#ifndef RENDER_SINK_H
#define RENDER_SINK_H

#include "core/change.h"

struct tally;

/* The trace in numbers, at its end. */
struct totals {
	uint64_t ktime_ns; /* of the last that was heard */
	uint64_t transitions; /* shown; those of minisocks do not count */
	uint64_t connections; /* closed while shown */
	uint64_t events; /* applied, shown or not */
	uint64_t lost; /* records that never came */
	uint64_t dropped; /* ... as the ring buffer was full */
	uint64_t evicted; /* open connections given up, as the table was full */
	uint64_t damaged, unknown; /* records that were left out */
	uint64_t late; /* events that came too late to be put in order */
	uint64_t duplicates; /* events that were told twice */
	const struct tally *tally; /* what --summary counts, NULL without it */
};

struct sink {
	/* A change; what it points to is valid during the call only. */
	void (*change)(struct sink *sink, const struct change *change);
	/* It is NOW_NS: give up waiting for what should have come by now. May be NULL. */
	void (*tick)(struct sink *sink, uint64_t now_ns);
	/* When `tick` is next wanted; UINT64_MAX: not at all. May be NULL. */
	uint64_t (*due_ns)(const struct sink *sink);
	/* The trace ends: print what is held. May be NULL. */
	void (*finish)(struct sink *sink);
	/* Last of all, behind `finish`. May be NULL. */
	void (*total)(struct sink *sink, const struct totals *totals);
	/* Gives back its memory, itself included. */
	void (*destroy)(struct sink *sink);
};

#endif
