// SPDX-License-Identifier: GPL-2.0-only
#include "render/crowd.h"

#include <inttypes.h>

#define NS_PER_S UINT64_C(1000000000)

/* What may come at once, in screens. */
#define SCREENS_AT_ONCE 10

/* Silence after which a connection that was counted is another matter. */
#define QUIET_NS NS_PER_S

void crowd_init(struct crowd *crowd, const struct style *style)
{
	*crowd = (struct crowd){.style = style};
}

static int64_t most_room(const struct crowd *crowd)
{
	return SCREENS_AT_ONCE * (int64_t)crowd->style->screen_rows;
}

/* A screen is owed at most: what has begun is drawn to its end, and what is not usual goes before what is. */
static int64_t least_room(const struct crowd *crowd)
{
	return -(int64_t)crowd->style->screen_rows;
}

/* With time there is room again. Rows may come a little out of order. */
static void fill(struct crowd *crowd, uint64_t now_ns)
{
	uint64_t passed_ns = now_ns > crowd->filled_ns ? now_ns - crowd->filled_ns : 0;
	int64_t most = most_room(crowd);
	uint64_t lines = passed_ns / (NS_PER_S / 1000) * crowd->style->screen_rows / 1000;

	if (lines == 0)
		return;
	crowd->filled_ns = now_ns;
	crowd->room = lines > (uint64_t)(most - crowd->room) ? most : crowd->room + (int64_t)lines;
}

/* What is to become of the connection of ROW, which is decided at its beginning, and anew after a silence. */
static struct crowd_slot *decide(struct crowd *crowd, const struct row *row, uint64_t conn_id)
{
	struct crowd_slot *slot = &crowd->slots[conn_id % CROWD_SLOTS];
	bool known = slot->conn_id == conn_id;

	if (known && (!slot->counted || row->epilogue || row->quiet_ns < QUIET_NS))
		return slot;
	*slot = (struct crowd_slot){conn_id, crowd->room <= 0};
	crowd->connections += slot->counted;
	return slot;
}

static bool is_usual(const struct row *row)
{
	return row->how == HOW_FIN_BOTH || row->how == HOW_OPEN;
}

static void count(struct crowd *crowd, const struct row *row)
{
	if (!crowd->since_ns)
		crowd->since_ns = row->ktime_ns;
	if (row->kind == ROW_VERDICT)
		crowd->verdicts[row->how]++;
	else
		crowd->steps++;
}

bool crowd_draws(struct crowd *crowd, const struct row *row, const struct heading *heading)
{
	fill(crowd, row->ktime_ns);
	if (!heading || heading->listener || !decide(crowd, row, heading->conn_id)->counted)
		return true;
	if (row->kind == ROW_VERDICT && !is_usual(row) && crowd->room > least_room(crowd))
		return true;
	count(crowd, row);
	return false;
}

void crowd_line(struct crowd *crowd)
{
	if (crowd->room > least_room(crowd))
		crowd->room--;
}

uint64_t crowd_due_ns(const struct crowd *crowd)
{
	return crowd->since_ns ? crowd->since_ns + NS_PER_S : UINT64_MAX;
}

void crowd_tell(struct crowd *crowd, struct text *text)
{
	const char *between = ": ";

	text_addf(text, "not drawn: %" PRIu64 " steps", crowd->steps);
	if (crowd->connections)
		text_addf(text, " of %" PRIu64 " connections", crowd->connections);
	for (unsigned int how = 0; how < HOW_COUNT; how++) {
		if (!crowd->verdicts[how])
			continue;
		text_addf(text, "%s%s %" PRIu64, between, verdict_code((enum verdict_how)how),
			  crowd->verdicts[how]);
		between = ", ";
		crowd->verdicts[how] = 0;
	}
	text_add(text, crowd->told ? "" : "; -o ladder draws all");
	crowd->told = true;
	crowd->steps = crowd->connections = crowd->since_ns = 0;
}
