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

static void note(struct tape *tape, int err)
{
	if (!err)
		return;
	tape->gone = tape->alone && err == -EPIPE;
	if (tape->gone)
		return;
	tape->failed = true;
	view_hide_status(tape->view);
	log_error("the recording ends here: %s", strerror(-err));
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
	note(tape, recorder_next(tape->recorder));
	if (is_on(tape))
		checkpoint_take(&tape->view->flow, now_ns, take_checkpoint, tape);
}
