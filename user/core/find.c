// SPDX-License-Identifier: GPL-2.0-only
#include "core/find.h"

#include "core/claim.h"
#include "core/settle.h"

enum side find_guess_side(const struct tracker *tracker, uint32_t netns,
			  const struct addr_port *local, const struct addr_port *remote,
			  bool *ret_sure)
{
	bool listens = table_listener(&tracker->table, netns, local);
	bool called = table_listener(&tracker->table, netns, remote);

	*ret_sure = listens != called;
	if (*ret_sure)
		return listens ? SIDE_SERVER : SIDE_CLIENT;
	return local->port < remote->port ? SIDE_SERVER : SIDE_CLIENT;
}

/* Who opened it? Seen at birth, or guessed. */
static enum side side_of(const struct tracker *tracker, const struct edge_event *edge,
			 bool *ret_sure)
{
	*ret_sure = true;
	if (edge->from == WIRE_LISTEN || edge->to == WIRE_LISTEN || edge->from == WIRE_SYN_RECV)
		return SIDE_SERVER;
	if (edge->from == WIRE_SYN_SENT || edge->to == WIRE_SYN_SENT)
		return SIDE_CLIENT;
	return find_guess_side(tracker, edge->netns, &edge->local, &edge->remote, ret_sure);
}

/* Too many wait to be shown. What was found need not: it only waits for its other end and its owner. */
static void make_room(struct tracker *tracker, uint64_t now_ns)
{
	struct conn *oldest = tracker->table.lists[LIST_HELD].oldest;

	if (!oldest->held_until_ns) {
		settle_evict(tracker, oldest, now_ns);
		return;
	}
	settle_show(tracker, oldest);
	settle(tracker, oldest, now_ns);
}

struct endpoint *find_begin(struct tracker *tracker, enum side side, uint64_t address,
			    uint64_t now_ns)
{
	struct endpoint *older = table_at(&tracker->table, address);
	struct conn *conn;

	if (older)
		settle_bury(tracker, older, now_ns);
	if (tracker->table.lists[LIST_HELD].count > tracker->table.capacity / 4)
		make_room(tracker, now_ns);
	conn = table_new_conn(&tracker->table, side, address, now_ns);
	if (!conn) {
		settle_evict_one(tracker, now_ns);
		conn = table_new_conn(&tracker->table, side, address, now_ns);
	}
	return conn->ends[side];
}

struct endpoint *find_begin_socket(struct tracker *tracker, const struct event *event)
{
	const struct edge_event *edge = &event->edge;
	bool sure;
	enum side side = side_of(tracker, edge, &sure);
	struct endpoint *end = find_begin(tracker, side, edge->sk, event->ktime_ns);

	end->conn->sides_known = sure;
	end->conn->embryo = edge->from == WIRE_LISTEN && edge->to == WIRE_SYN_RECV;
	end->netns = edge->netns;
	end->family = edge->family;
	end->state = edge->from ? edge->from : edge->to;
	end->local = edge->local;
	end->remote = edge->remote;
	if (end->conn->embryo)
		claim_inherit(tracker, end, event->ktime_ns);
	return end;
}

static bool is_same_socket(const struct endpoint *end, const struct edge_event *edge)
{
	if (end->state == WIRE_CLOSE && (edge->from != WIRE_CLOSE || edge->to != WIRE_CLOSE))
		return false; /* another life, whose birth was missed */
	if (end->cookie && edge->cookie)
		return end->cookie == edge->cookie;
	if (!end->local.port || !end->remote.port || !edge->local.port || !edge->remote.port)
		return true;
	return addr_port_equal(&end->local, &edge->local) &&
	       addr_port_equal(&end->remote, &edge->remote) && end->netns == edge->netns;
}

/* The witness repeats the last edge of a socket that we have put away already. */
static bool is_late_duplicate(const struct tracker *tracker, const struct event *event)
{
	const struct edge_event *edge = &event->edge;

	return event->program == WIRE_BY_WITNESS &&
	       settle_remembers(tracker, &(struct recent_end){edge->sk, event->ktime_ns, edge->from,
							      edge->to});
}

struct endpoint *find_endpoint(struct tracker *tracker, const struct event *event)
{
	const struct edge_event *edge = &event->edge;
	struct endpoint *end = table_at(&tracker->table, edge->sk);

	if (end && endpoint_has_seen(end, event)) {
		tracker->duplicates++;
		return NULL;
	}
	if (end && !edge_is_birth(edge->from, edge->to) && is_same_socket(end, edge))
		return end;
	if (!end && is_late_duplicate(tracker, event)) {
		tracker->duplicates++;
		return NULL;
	}
	if (edge->from == WIRE_CLOSE && edge->to == WIRE_CLOSE)
		return NULL;
	return find_begin_socket(tracker, event);
}
