/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tape: what a live trace records, and when. A disk that is full makes a gap in the recording, an error ends it; neither ends
 * the trace.
 */
#ifndef TAPE_H
#define TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/recorder.h"
#include "view.h"

struct tape {
	struct recorder *recorder; /* NULL: nothing is recorded; not ours */
	struct view *view;
	bool alone;
	bool gone; /* alone, and nobody reads any more */
	bool failed;
	bool stuck; /* nothing is kept: the disk is full */
	bool has_gaps;
	uint64_t due_ns; /* a WIRE_TICK is, whatever the form; UINT64_MAX: none */
};

/* ALONE: it goes to stdout, and nothing else is to be done for whoever reads there. */
void tape_init(struct tape *tape, struct recorder *recorder, bool alone, struct view *view);

/* Records it. */
void tape_record(struct tape *tape, const void *record, size_t size);

/* Records its number alone, or the replay would take it for lost. */
void tape_number(struct tape *tape, const void *record);

/* Something has happened at KTIME_NS: sets due_ns. */
void tape_stir(struct tape *tape, uint64_t ktime_ns);

/* It is NOW_NS: writes out what is old, UINT64_MAX: all. */
void tape_write(struct tape *tape, uint64_t now_ns);

/* How many events a full disk has kept from it. */
uint64_t tape_missing(const struct tape *tape);

/* Nothing comes any more: writes out the rest. */
void tape_end(struct tape *tape);

/* Is it time for the next file? Then, when the flow holds nothing, tape_turn() begins it. */
bool tape_is_full(const struct tape *tape);
void tape_turn(struct tape *tape, uint64_t now_ns);

#endif
