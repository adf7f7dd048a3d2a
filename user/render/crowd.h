/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * crowd: which connections a ladder on a terminal draws when more come by than anyone can read. A connection is drawn
 * whole, or counted: some screens of lines may come at once, then a screen a second. Of those that are counted the verdict is drawn all
 * the same, where it is not the usual one and there are not too many. Once a second a line says what was counted.
 */
#ifndef RENDER_CROWD_H
#define RENDER_CROWD_H

#include "render/rows.h"
#include "render/style.h"

#define CROWD_SLOTS 4096

struct crowd {
	const struct style *style; /* says how many rows the screen has */
	struct crowd_slot {
		uint64_t conn_id;
		bool counted; /* else it is drawn */
	} slots[CROWD_SLOTS]; /* by number, modulo; the newer one stays */
	int64_t room; /* lines that may come now; below 0: are owed */
	uint64_t filled_ns; /* ROOM is of then */
	uint64_t since_ns; /* of the first that is counted, 0: none is */
	bool told; /* at least once */
	uint64_t steps, connections, verdicts[HOW_COUNT];
};

/* An empty one; STYLE must outlive it. */
void crowd_init(struct crowd *crowd, const struct style *style);

/* Is ROW to be drawn? Else it is counted. HEADING may be NULL, as ROW says. */
bool crowd_draws(struct crowd *crowd, const struct row *row, const struct heading *heading);

/* A line was drawn. */
void crowd_line(struct crowd *crowd);

/* When crowd_tell() will have something to say; UINT64_MAX: there is nothing. */
uint64_t crowd_due_ns(const struct crowd *crowd);

/* Appends what was counted, which then begins anew. */
void crowd_tell(struct crowd *crowd, struct text *text);

#endif
