// SPDX-License-Identifier: GPL-2.0-only
#include "core/follow.h"

void tracker_follow(struct tracker *tracker, uint32_t pid)
{
	tracker->command_pid = pid;
	pids_add(&tracker->command_pids, pid);
}

void follow_note(const struct tracker *tracker, struct endpoint *end, const struct cause *cause)
{
	if (cause->by_owner && pids_has(&tracker->command_pids, cause->actor.pid))
		end->of_command = true;
}

/* An open socket of the command's is waited for once it is shown: what the filter drops may close unseen. */
void follow_await(struct tracker *tracker, const struct conn *conn)
{
	for (int side = 0; side < 2; side++) {
		struct endpoint *end = conn->ends[side];

		if (!end || !end->of_command || end->awaited || end->state == WIRE_CLOSE ||
		    conn->selection != SELECTION_SHOWN)
			continue;
		end->awaited = true;
		tracker->command_open++;
	}
}

void follow_release(struct tracker *tracker, struct endpoint *end)
{
	if (end->awaited)
		tracker->command_open--;
	end->awaited = false;
}

static bool conn_waits_for_command(const struct conn *conn)
{
	for (int side = 0; side < 2; side++)
		if (conn->ends[side] && conn->ends[side]->of_command && conn->ends[side]->keeps)
			return true;
	return false;
}

bool tracker_command_waits(const struct tracker *tracker)
{
	for (int list = 0; list < LISTS; list++)
		for (const struct conn *conn = tracker->table.lists[list].oldest; conn;
		     conn = conn->newer)
			if (conn_waits_for_command(conn))
				return true;
	return false;
}
