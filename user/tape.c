// SPDX-License-Identifier: GPL-2.0-only
#include "tape.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "core/checkpoint.h"
#include "render/rows.h"

/* What comes together has come by then, and any form has shown it. */
#define SETTLED_NS (MERGE_WINDOW_NS + ROWS_HOLD_NS)

void tape_init(struct tape *tape, struct recorder *recorder, bool alone, struct view *view)
{
	*tape = (struct tape){.recorder = recorder,
			      .view = view,
			      .alone = alone,
			      .due_ns = UINT64_MAX};
}

static bool is_on(const struct tape *tape)
{
	return tape->recorder && !tape->failed && !tape->gone;
}

static void fail(struct tape *tape, int err)
{
	tape->gone = tape->alone && err == -EPIPE;
	if (tape->gone)
		return;
	tape->failed = true;
	view_hide_status(tape->view);
	log_error("the recording ends here: %s", strerror(-err));
}

/* A disk that is full may have room again. */
static void tell_gap(struct tape *tape, int err)
{
	bool stuck = recorder_is_stuck(tape->recorder);

	if (stuck == tape->stuck)
		return;
	tape->stuck = stuck;
	tape->has_gaps = true;
	view_hide_status(tape->view);
	if (stuck)
		log_error("the recording has a gap from here on: %s", strerror(-err));
	else
		log_error("the recording goes on: %llu events are missing in it",
			  (unsigned long long)recorder_missing(tape->recorder));
}

static void note(struct tape *tape, int err)
{
	if (err && (tape->alone || !recorder_lacks_room(err)))
		fail(tape, err);
	else
		tell_gap(tape, err);
}

void tape_record(struct tape *tape, const void *record, size_t size)
{
	if (is_on(tape))
		note(tape, recorder_write(tape->recorder, record, size));
}

void tape_write(struct tape *tape, uint64_t now_ns)
{
	if (is_on(tape))
		note(tape, recorder_tick(tape->recorder, now_ns));
}

uint64_t tape_missing(const struct tape *tape)
{
	return tape->recorder ? recorder_missing(tape->recorder) : 0;
}

void tape_end(struct tape *tape)
{
	tape_write(tape, UINT64_MAX);
	if (!tape->stuck || !is_on(tape))
		return;
	tape->failed = true;
	log_error("the recording ends in a gap: %llu events are missing in it",
		  (unsigned long long)recorder_missing(tape->recorder));
}

void tape_number(struct tape *tape, const void *record)
{
	struct wire_hdr hdr;

	memcpy(&hdr, record, sizeof(hdr));
	hdr.size = sizeof(hdr);
	hdr.type = WIRE_ELSEWHERE;
	tape_record(tape, &hdr, sizeof(hdr));
}

void tape_stir(struct tape *tape, uint64_t ktime_ns)
{
	if (is_on(tape))
		tape->due_ns = ktime_ns + SETTLED_NS;
}

/* --- from one file to the next ------------------------------------------------------------------- */

bool tape_is_full(const struct tape *tape)
{
	return is_on(tape) && recorder_is_full(tape->recorder);
}

static void take_checkpoint(void *ctx, const void *record, size_t size)
{
	struct tape *tape = ctx;

	if (is_on(tape))
		note(tape, recorder_write_checkpoint(tape->recorder, record, size));
}

void tape_turn(struct tape *tape, uint64_t now_ns)
{
	int err = recorder_next(tape->recorder);

	if (err)
		fail(tape, err);
	if (is_on(tape))
		checkpoint_take(&tape->view->flow, now_ns, take_checkpoint, tape);
}
