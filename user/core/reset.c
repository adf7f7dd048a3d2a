// SPDX-License-Identifier: GPL-2.0-only
#include "core/reset.h"

#include "core/ending.h"
#include "core/settle.h"
#include "core/show.h"

/* --- RSTs before the edge ------------------------------------------------------------------------ */

static bool is_recent(uint64_t then_ns, uint64_t now_ns, uint64_t window_ns)
{
	return then_ns && then_ns <= now_ns && then_ns + window_ns > now_ns;
}

/* Of one listener, overflows are told no more often. */
#define OVERFLOW_EVERY_NS UINT64_C(1000000000)

static struct endpoint *find_sender(const struct tracker *tracker, uint64_t sk, uint64_t cookie)
{
	struct endpoint *end = table_at(&tracker->table, sk);

	if (!end || end->sk != sk || (end->cookie && cookie && end->cookie != cookie))
		return NULL;
	return end;
}

void reset_overflow(struct tracker *tracker, const struct event *event)
{
	struct endpoint *end = find_sender(tracker, event->overflow.sk, event->overflow.cookie);

	if (end)
		past_begin(&tracker->table.pasts, end)->full_ns = event->ktime_ns;
}

/* With tcp_abort_on_overflow, tcp_check_req() takes an ACK that there is no room for like an invalid segment. */
static enum reset_why why_stray(const struct tracker *tracker, const struct event *event)
{
	const struct reset_event *reset = &event->reset;
	const struct endpoint *end = find_sender(tracker, reset->sk, reset->cookie);

	if (reset->state != WIRE_LISTEN)
		return reset->reason == WIRE_RESET_INVALID ? WHY_INVALID : WHY_NO_SOCKET;
	return end && is_recent(past_of(end)->full_ns, event->ktime_ns, OVERFLOW_EVERY_NS)
		       ? WHY_QUEUE_FULL
		       : WHY_LISTENER;
}

static void remember_stray(struct tracker *tracker, const struct event *event)
{
	const struct reset_event *reset = &event->reset;

	tracker->strays[tracker->stray_next++ % TRACKER_STRAYS] =
		(struct stray){event->ktime_ns, reset->local, reset->remote, reset->netns,
			       why_stray(tracker, event)};
}

/* Another namespace of this host may have the peer's address, but not the socket's own. NETNS 0: not known. */
static bool may_meet(const struct stray *stray, uint32_t netns)
{
	return !stray->netns || !netns || stray->netns == netns ||
	       !addr_equal(&stray->local.addr, &stray->remote.addr);
}

/* The RST that came with EDGE, if a host of ours sent it and had no socket for it. Other namespaces have the same
 * addresses for it, but for NAT. */
static const struct stray *find_stray(const struct tracker *tracker, const struct event *event)
{
	for (unsigned int i = 0; i < TRACKER_STRAYS; i++) {
		const struct stray *stray = &tracker->strays[i];

		if (is_recent(stray->ktime_ns, event->ktime_ns, ENDING_WAITS_NS) &&
		    addr_port_equal(&stray->local, &event->edge.remote) &&
		    addr_port_equal(&stray->remote, &event->edge.local) &&
		    may_meet(stray, event->edge.netns))
			return stray;
	}
	return NULL;
}

static bool peer_has_reset(const struct endpoint *end, uint64_t now_ns)
{
	const struct endpoint *peer = conn_peer(end);

	return peer && peer->state == WIRE_CLOSE && past_of(peer)->end.sent == SEGMENT_RST &&
	       is_recent(peer->last_ktime_ns, now_ns, ENDING_WAITS_NS);
}

static void rst_came(struct cause *cause)
{
	cause->by = CAUSE_PEER;
	cause->came = SEGMENT_RST;
	cause->undecided = false;
}

void reset_complete(const struct tracker *tracker, const struct endpoint *end,
		    const struct event *event, struct cause *cause)
{
	const struct stray *stray;

	if (event->edge.to != WIRE_CLOSE)
		return;
	if (cause->came == SEGMENT_RST || cause->by == CAUSE_RESET) {
		stray = find_stray(tracker, event);
		if (stray || (cause->by == CAUSE_RESET && peer_has_reset(end, event->ktime_ns)))
			rst_came(cause);
		if (stray)
			cause->why = (uint8_t)stray->why;
	} else if (is_recent(past_of(end)->reset_ns, event->ktime_ns, SAME_CALL_NS)) {
		cause->sent = SEGMENT_RST;
	}
}

/* --- RSTs behind the edge ------------------------------------------------------------------------ */

static enum reset_why why_of(enum wire_reset_reason reason)
{
	switch (reason) {
	case WIRE_RESET_UNREAD:
		return WHY_UNREAD;
	case WIRE_RESET_LINGER: /* SO_LINGER is known by the edge */
		return WHY_LINGER2;
	case WIRE_RESET_MEMORY:
		return WHY_MEMORY;
	default:
		return WHY_NONE;
	}
}

static void decide(struct tracker *tracker, struct endpoint *end, const struct cause *cause)
{
	struct conn *conn = end->conn;
	const struct endpoint *peer = conn_peer(end);

	end->past->end = *cause;
	end->past->end.undecided = false;
	show_correct(conn, end);
	if (peer && past_of(peer)->end.undecided)
		return;
	conn->undecided_until_ns = 0;
	show_decide(tracker, conn);
}

/* An edge to CLOSE that is made by a segment is made before that is answered. */
static void decide_by(struct tracker *tracker, struct endpoint *end, const struct event *event)
{
	struct cause cause = past_of(end)->end;

	if (cause.by != CAUSE_RESET && cause.by != CAUSE_REFUSED)
		cause.why = (uint8_t)why_of(event->reset.reason);
	else if (event->reset.answers)
		cause = (struct cause){.by = CAUSE_DATA, .sent = SEGMENT_RST, .err = cause.err};
	decide(tracker, end, &cause);
	settle(tracker, end->conn, event->ktime_ns);
}

void reset_take(struct tracker *tracker, const struct event *event)
{
	const struct reset_event *reset = &event->reset;
	struct endpoint *end;

	if (!reset->sk || reset->state == WIRE_LISTEN) {
		remember_stray(tracker, event);
		return;
	}
	end = find_sender(tracker, reset->sk, reset->cookie);
	if (!end)
		return;
	if (!reset->answers)
		past_begin(&tracker->table.pasts, end)->reset_ns = event->ktime_ns;
	if (end->conn->undecided_until_ns && past_of(end)->end.undecided)
		decide_by(tracker, end, event);
}

void reset_await(struct tracker *tracker, struct endpoint *end, const struct cause *cause,
		 uint64_t now_ns)
{
	if (!cause->undecided || !(tracker->hooks & WIRE_HOOK_RESETS))
		past_begin(&tracker->table.pasts, end)->end.undecided = false;
	else
		end->conn->undecided_until_ns = now_ns + ENDING_WAITS_NS;
}

/* It has sent none, unless its record was lost. */
static void decide_without(struct tracker *tracker, struct endpoint *end)
{
	struct cause cause = past_of(end)->end;

	if (cause.by == CAUSE_RESET && tracker->lost_ns < end->conn->start_ns)
		rst_came(&cause);
	decide(tracker, end, &cause);
}

void reset_advance(struct tracker *tracker, struct conn *conn, uint64_t now_ns)
{
	if (!conn->undecided_until_ns || conn->undecided_until_ns > now_ns)
		return;
	for (int side = 0; side < 2; side++)
		if (conn->ends[side] && past_of(conn->ends[side])->end.undecided)
			decide_without(tracker, conn->ends[side]);
}
