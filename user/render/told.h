/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * told: what was said of a connection so far, so that what is said beside a step is what is new: its heading
 * stands above it, and may be older than what is known now.
 */
#ifndef RENDER_TOLD_H
#define RENDER_TOLD_H

#include "base/text.h"
#include "render/rows.h"

/* Room for a note. */
#define TOLD_TEXT_LEN (ROWS_TEXT_LEN + 256)

struct told {
	struct addr_port client;
	struct owner owners[2]; /* by enum side */
};

/* HEADING has been drawn. */
void told_begin(struct told *told, const struct heading *heading);

/* Appends what is to be said beside ROW, a ROW_STEP, now that HEADING is what is known; or nothing. */
void told_step(struct told *told, const struct row *row, const struct heading *heading,
	       struct text *note);

#endif
