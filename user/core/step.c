// SPDX-License-Identifier: GPL-2.0-only
#include "core/step.h"

#include "core/show.h"

struct change step_of(const struct endpoint *end, uint64_t now_ns, uint8_t from, uint8_t to)
{
	return (struct change){
		.kind = CHANGE_MINI,
		.ktime_ns = now_ns,
		.conn = end->conn,
		.end = end,
		.from = from,
		.to = to,
		.again = past_of(end)->again,
		.planned_ms = past_of(end)->planned_ms,
		.in_state_known = end->since_known,
		.in_state_ns =
			end->since_known && now_ns > end->since_ns ? now_ns - end->since_ns : 0,
	};
}

void step_tell(struct tracker *tracker, struct endpoint *end, struct change *change)
{
	struct conn *conn = end->conn;

	if (change->ktime_ns > conn->last_ns) {
		change->quiet_ns = change->ktime_ns - conn->last_ns;
		conn->last_ns = change->ktime_ns;
	}
	show_change(tracker, conn, change);
}
