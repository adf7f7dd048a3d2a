// SPDX-License-Identifier: GPL-2.0-only
#include "core/found.h"

#include <string.h>

#include "core/claim.h"
#include "core/find.h"
#include "core/pairing.h"
#include "core/settle.h"
#include "core/show.h"

/* Its other end and its owner come with the same snapshot, whose end is told; a snapshot of very many takes its time. */
#define FOUND_HELD_NS UINT64_C(10000000000)

static void tell_found(struct tracker *tracker, struct endpoint *end, uint64_t now_ns,
		       uint32_t left_ms)
{
	struct change change = {.kind = CHANGE_FOUND,
				.ktime_ns = now_ns,
				.conn = end->conn,
				.end = end,
				.to = endpoint_shown_state(end),
				.after_gap = tracker->lost_ns != 0,
				.cause = {.by = CAUSE_BEFORE,
					  .keeps = end->keeps,
					  .keeps_ms = left_ms}};

	end->conn->held_until_ns = now_ns + FOUND_HELD_NS;
	show_change(tracker, end->conn, &change);
	pairing_found(tracker, end);
	settle(tracker, end->conn, now_ns);
}

void found_socket(struct tracker *tracker, const struct event *event)
{
	const struct edge_event *edge = &event->edge;
	struct endpoint *end = table_at(&tracker->table, edge->sk);

	if ((end && end->state != WIRE_CLOSE) || edge->to == WIRE_CLOSE)
		return;
	end = find_begin_socket(tracker, event);
	end->cookie = edge->cookie;
	owner_learn_socket(&end->owner, edge->uid, edge->kernel);
	endpoint_learn_options(end, edge);
	if (edge->orphan)
		past_begin(&tracker->table.pasts, end)->held.orphan = true;
	end->snd_una = edge->snd_una;
	end->rcv_nxt = edge->rcv_nxt;
	table_enter_pair(&tracker->table, end);
	tell_found(tracker, end, event->ktime_ns, 0);
}

void found_mini(struct tracker *tracker, const struct event *event)
{
	const struct mini_event *mini = &event->mini;
	bool request = mini->state == WIRE_NEW_SYN_RECV, sure = true;
	enum side side =
		request ? SIDE_SERVER
			: find_guess_side(tracker, mini->netns, &mini->local, &mini->remote, &sure);
	struct endpoint *end;

	if (table_at(&tracker->table, mini->mini) ||
	    settle_remembers(tracker, &(struct recent_end){mini->mini, event->ktime_ns,
							   WIRE_TIME_WAIT, WIRE_CLOSE}))
		return;
	end = find_begin(tracker, side, mini->mini, event->ktime_ns);
	end->conn->sides_known = sure;
	end->conn->judged = !request; /* its close was not seen */
	end->cookie = mini->cookie;
	end->local = mini->local;
	end->remote = mini->remote;
	end->netns = mini->netns;
	end->family = mini->family;
	end->reuse_addr = mini->reuse_addr;
	end->reuse_port = mini->reuse_port;
	end->v6_only = mini->v6_only;
	if (mini->resent)
		past_begin(&tracker->table.pasts, end)->again = mini->resent;
	end->state = request ? WIRE_NEW_SYN_RECV : WIRE_CLOSE;
	end->keeps = request ? WIRE_NO_STATE : mini->state;
	end->sent_fin = end->sent_fin_first = !request;
	end->got_fin = mini->state == WIRE_TIME_WAIT;
	end->keeps_until_ns = event->ktime_ns + (uint64_t)mini->left_ms * 1000000;
	table_enter_pair(&tracker->table, end);
	if (request) {
		end->snd_una = mini->snd_una;
		end->rcv_nxt = mini->rcv_nxt;
		table_enter_handshake(&tracker->table, end);
	}
	tell_found(tracker, end, event->ktime_ns, mini->left_ms);
}

void found_holder(struct tracker *tracker, const struct event *event)
{
	struct endpoint *end = table_at(&tracker->table, event->holder.sk);

	if (end && end->sk == event->holder.sk &&
	    owner_learn(&end->owner, &event->holder.actor, OWNER_SNAPSHOT))
		claim_tell(tracker, end, event->ktime_ns);
}

/* Only in these states may a socket wait for accept(). */
static bool may_wait(const struct endpoint *end)
{
	return end->state == WIRE_NEW_SYN_RECV || end->state == WIRE_SYN_RECV ||
	       end->state == WIRE_ESTABLISHED || end->state == WIRE_CLOSE_WAIT;
}

static void inherit(struct tracker *tracker, struct conn *conn)
{
	struct endpoint *end = conn->ends[SIDE_SERVER];

	if (end && may_wait(end) && claim_inherit(tracker, end, conn->last_ns))
		settle(tracker, conn, conn->last_ns);
}

void found_all_holders(struct tracker *tracker)
{
	struct conn *conn, *newer;

	for (int list = LIST_HELD; list <= LIST_LIVE; list++) {
		for (conn = tracker->table.lists[list].oldest; conn; conn = newer) {
			newer = conn->newer;
			inherit(tracker, conn);
		}
	}
}
