/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rows: changes of two ends, laid out as the rows of a ladder. Whoever draws ladders draws these.
 *
 * A row is a segment on its way, or something that happened at one end without one. What an end becomes
 * by sending stands at the tail of the arrow, what it becomes by receiving at the head. So a row may
 * have to wait for its other end: ROWS_HOLD_NS, then it is drawn as it is. Rows come out in the order in which
 * their changes came; a verdict comes behind the rows of its connection.
 */
#ifndef RENDER_ROWS_H
#define RENDER_ROWS_H

#include "core/change.h"
#include "core/verdict.h"

#define ROWS_HOLD_NS  UINT64_C(3000000)
#define ROWS_TEXT_LEN 512

enum row_kind {
	ROW_STEP,
	ROW_VERDICT,
	ROW_LOST,
	ROW_FINDING,
};

/* What stands at one side of a row. */
struct row_cell {
	uint8_t state; /* NO_STATE: nothing */
	uint8_t through; /* a state passed on the way, NO_STATE: none */
	bool inferred; /* nobody saw it */
	bool missed; /* edges before it were: how long it was in the state before is not known */
	uint64_t ktime_ns; /* when it came there; 0: STATE is NO_STATE */
};

struct row {
	enum row_kind kind;
	uint64_t ktime_ns;
	uint64_t quiet_ns; /* nothing happened on the connection for so long before */
	struct row_cell cells[2]; /* by enum side */
	enum segment segment; /* NONE: no arrow */
	enum side sender; /* of the segment */
	uint8_t joined; /* an end was first seen here, in this state; NO_STATE: none */
	bool joined_after_gap; /* ... and it may be that we lost sight of it */
	bool found; /* what was there at the start, of one end or both */
	bool epilogue; /* of a minisock, after the verdict */
	bool with_ack; /* a FIN that carried the ACK of the other's */
	const char *note; /* what to say beside it, or ""; the verdict's whole text */
	const struct finding *finding; /* ROW_FINDING */
	enum verdict_how how; /* ROW_VERDICT */
};

/* Who the two ends are, as far as is known when a row comes out. */
struct heading {
	uint64_t conn_id;
	uint64_t start_ns;
	bool listener;
	bool sides_known;
	bool present[2]; /* by enum side: this end is on this host */
	struct addr_port at[2];
	struct owner owners[2];
	uint32_t netns[2];
	char cgroups[2][WIRE_NAME_LEN]; /* the owners': paths, "" where not known */
	char cmdlines[2][WIRE_NAME_LEN];
};

/* What ROW points to is valid during the call. */
typedef void draw_row_fn(void *ctx, const struct row *row, const struct heading *heading);

struct style;
struct rows;

/* Rows go to DRAW with CTX; HEADING is NULL for ROW_LOST and ROW_FINDING. STYLE, for the verdict's glyphs, must outlive
 * it. NULL without memory. */
struct rows *rows_create(const struct style *style, draw_row_fn *draw, void *ctx);
void rows_destroy(struct rows *rows);

void rows_change(struct rows *rows, const struct change *change);

/* Brings HEADING up to what is known with CHANGE, which names a connection. */
void rows_update_heading(struct heading *heading, const struct change *change);

/* Draws the rows that have waited long enough at NOW_NS. */
void rows_tick(struct rows *rows, uint64_t now_ns);

/* When the next row will have waited long enough; UINT64_MAX: none waits. */
uint64_t rows_due_ns(const struct rows *rows);

/* Draws all that is left. */
void rows_finish(struct rows *rows);

#endif
