// SPDX-License-Identifier: GPL-2.0-only
#include "core/mini.h"

#include <string.h>

#include "core/claim.h"
#include "core/ending.h"
#include "core/find.h"
#include "core/found.h"
#include "core/pairing.h"
#include "core/settle.h"
#include "core/show.h"
#include "core/step.h"

#define NS_PER_MS UINT64_C(1000000)

/* A client here learns its port by the SYN,ACK, and is known to be the other end then. */
#define REQUEST_HELD_NS UINT64_C(2000000)

/* The timer's start is told in jiffies, which are up to 10 ms. */
#define RESTART_LEAST_NS UINT64_C(20000000)

static uint64_t time_left(const struct event *event)
{
	return event->ktime_ns + event->mini.left_ms * NS_PER_MS;
}

/* --- births -------------------------------------------------------------------------------------- */

/* Those that are kept for long belong to sockets whose end was lost. */
static void forget_birth(struct tracker *tracker, struct birth *birth)
{
	struct birth *newest = &tracker->births[--tracker->birth_count];

	memmove(birth, birth + 1, (size_t)(newest - birth) * sizeof(*birth));
}

static void keep_birth(struct tracker *tracker, const struct event *event)
{
	const struct mini_event *mini = &event->mini;

	if (tracker->birth_count == TRACKER_BIRTHS)
		forget_birth(tracker, tracker->births);
	tracker->births[tracker->birth_count++] = (struct birth){
		.mini = mini->mini,
		.cookie = mini->cookie,
		.local = mini->local,
		.remote = mini->remote,
		.netns = mini->netns,
		.left_ms = mini->left_ms,
		.until_ns = time_left(event),
		.state = mini->state,
	};
}

static bool is_birth_of(const struct birth *birth, const struct edge_event *edge)
{
	if (birth->netns != edge->netns)
		return false;
	if (birth->cookie && edge->cookie && birth->cookie != edge->cookie)
		return false;
	return addr_port_equal(&birth->local, &edge->local) &&
	       addr_port_equal(&birth->remote, &edge->remote);
}

/* The newest first. */
static struct birth *find_birth(struct tracker *tracker, const struct edge_event *edge)
{
	for (uint32_t left = tracker->birth_count; left; left--)
		if (is_birth_of(&tracker->births[left - 1], edge))
			return &tracker->births[left - 1];
	return NULL;
}

/* No birth: of what should wait, the kernel has made nothing. */
static void refuse(const struct tracker *tracker, const struct endpoint *end, struct cause *cause)
{
	if (!cause->keeps || tracker->lost_ns >= end->conn->start_ns)
		return;
	cause->by = CAUSE_REFUSED;
	cause->undecided = cause->came == SEGMENT_NONE; /* or data came with the ACK of the FIN */
	cause->keeps = WIRE_NO_STATE;
	cause->keeps_ms = 0;
}

uint64_t mini_take_place(struct tracker *tracker, struct endpoint *end, const struct event *event,
			 struct cause *cause)
{
	struct birth *birth;
	uint64_t mini;

	if (event->edge.to != WIRE_CLOSE || event->edge.from == WIRE_CLOSE ||
	    !(tracker->hooks & WIRE_HOOK_TIMEWAIT))
		return 0;
	birth = find_birth(tracker, &event->edge);
	if (!birth) {
		refuse(tracker, end, cause);
		return 0;
	}
	if (!cause->keeps) /* taken for an abort */
		*cause = (struct cause){.by = CAUSE_PEER};
	cause->held = !event->edge.orphan;
	cause->keeps = birth->state;
	cause->keeps_ms = birth->left_ms;
	mini = birth->mini;
	forget_birth(tracker, birth);
	return mini;
}

/* --- a request socket ---------------------------------------------------------------------------- */

static struct endpoint *begin_request(struct tracker *tracker, const struct event *event)
{
	const struct mini_event *mini = &event->mini;
	struct endpoint *end = find_begin(tracker, SIDE_SERVER, mini->mini, event->ktime_ns);

	end->conn->sides_known = true;
	end->local = mini->local;
	end->remote = mini->remote;
	end->netns = mini->netns;
	end->family = mini->family;
	end->state = WIRE_NEW_SYN_RECV;
	end->keeps_until_ns = time_left(event);
	if (mini->resent)
		past_begin(&tracker->table.pasts, end)->again = mini->resent;
	end->snd_una = mini->snd_una;
	end->rcv_nxt = mini->rcv_nxt;
	claim_inherit(tracker, end, event->ktime_ns);
	table_enter_pair(&tracker->table, end);
	table_enter_handshake(&tracker->table, end);
	return end;
}

/* The SYN of a request was taken by a timewait minisock first, which died of it. */
static void take_over(struct tracker *tracker, const struct event *event)
{
	const struct mini_event *mini = &event->mini;
	struct endpoint *end =
		table_timewait(&tracker->table, mini->netns, &mini->local, &mini->remote);

	if (!end || !past_of(end)->ending)
		return;
	end->past->segment = HEADER_SYN;
	end->past->segment_ns = event->ktime_ns;
	ending_tell_if_sure(tracker, end);
	settle(tracker, end->conn, event->ktime_ns);
}

static void request_born(struct tracker *tracker, const struct event *event)
{
	struct endpoint *end;
	struct change change;

	take_over(tracker, event);
	end = begin_request(tracker, event);

	end->since_ns = event->ktime_ns;
	end->since_known = end->requested = true;
	end->conn->held_until_ns = event->ktime_ns + REQUEST_HELD_NS;
	change = step_of(end, event->ktime_ns, WIRE_LISTEN, WIRE_NEW_SYN_RECV);
	change.in_state_known = false;
	change.cause = (struct cause){.came = SEGMENT_SYN, .sent = SEGMENT_SYN_ACK};
	step_tell(tracker, end, &change);
	pairing_guess(tracker, end);
	pairing_request(tracker, end);
	settle(tracker, end->conn, event->ktime_ns);
}

/* Its timer runs on, or anew. */
static void forget_ending(struct endpoint *end)
{
	if (!end->past)
		return;
	end->past->ending = MINI_LIVES;
	end->past->ending_ns = 0;
}

struct endpoint *mini_grow_up(struct tracker *tracker, struct endpoint *end,
			      const struct event *event)
{
	const struct edge_event *edge = &event->edge;
	struct endpoint *request;
	struct conn *conn = end->conn;

	if (end->state == WIRE_NEW_SYN_RECV) /* it lives: it has an edge */
		forget_ending(end);
	if (end->requested || !conn->embryo || !edge->local.port || !edge->remote.port)
		return end;
	request = table_request(&tracker->table, edge->netns, &edge->local, &edge->remote);
	if (!request)
		return end;
	request->state = end->state;
	request->sk = end->sk;
	request->last_from = end->last_from;
	request->last_to = end->last_to;
	request->last_ktime_ns = end->last_ktime_ns;
	forget_ending(request);
	show_hand_over(tracker, conn, request);
	due_remove(&tracker->due, conn);
	table_free_conn(&tracker->table, conn);
	table_move_to(&tracker->table, request, edge->sk);
	return request;
}

/* --- what it meets ------------------------------------------------------------------------------- */

static struct endpoint *find_mini(const struct tracker *tracker, const struct mini_event *mini)
{
	struct endpoint *end = table_at(&tracker->table, mini->mini);

	if (!end || (!end->keeps && end->state != WIRE_NEW_SYN_RECV))
		return NULL;
	return addr_port_equal(&end->local, &mini->local) &&
			       addr_port_equal(&end->remote, &mini->remote)
		       ? end
		       : NULL;
}

/* The peer's FIN has come to an orphan (tcp_timewait_state_process()). */
static void move(struct tracker *tracker, struct endpoint *end, uint64_t now_ns, uint32_t left_ms,
		 enum change_kind kind)
{
	struct change change = step_of(end, now_ns, WIRE_FIN_WAIT2, WIRE_TIME_WAIT);
	struct past *past = past_begin(&tracker->table.pasts, end);

	change.kind = kind;
	change.cause = (struct cause){.came = SEGMENT_FIN,
				      .sent = SEGMENT_ACK,
				      .keeps = WIRE_TIME_WAIT,
				      .keeps_ms = left_ms};
	end->keeps = WIRE_TIME_WAIT;
	end->got_fin = true;
	past->waits_ns[WIRE_FIN_WAIT2] += change.in_state_ns;
	end->since_ns = now_ns;
	end->since_known = true;
	past->planned_ms = left_ms;
	end->keeps_until_ns = now_ns + left_ms * NS_PER_MS;
	step_tell(tracker, end, &change);
}

/* It has moved before NOW_NS; since when was missed. */
static void infer_move(struct tracker *tracker, struct endpoint *end, uint64_t now_ns)
{
	end->since_known = false;
	move(tracker, end, now_ns, 0, CHANGE_INFERRED);
	end->since_known = false;
}

/* It lives on: its time begins anew, or the segment did nothing. */
static void survive(struct tracker *tracker, struct endpoint *end, const struct event *event)
{
	uint64_t now_ns = event->ktime_ns, until_ns = time_left(event);
	struct change change;

	if (until_ns > end->keeps_until_ns + RESTART_LEAST_NS) {
		end->keeps_until_ns = until_ns;
		past_begin(&tracker->table.pasts, end)->again++;
		change = step_of(end, now_ns, end->keeps, end->keeps);
		change.cause = (struct cause){.by = CAUSE_AGAIN,
					      .keeps = end->keeps,
					      .keeps_ms = event->mini.left_ms,
					      .sent = SEGMENT_ACK};
		change.cause.came = event->mini.segment & HEADER_FIN ? SEGMENT_FIN : SEGMENT_ACK;
	} else if (event->mini.segment & HEADER_RST) {
		change = step_of(end, now_ns, end->keeps, end->keeps);
		change.cause = (struct cause){.by = CAUSE_IGNORED, .came = SEGMENT_RST};
	} else {
		return;
	}
	step_tell(tracker, end, &change);
}

static void take_segment(struct tracker *tracker, struct endpoint *end, const struct event *event)
{
	const struct mini_event *mini = &event->mini;
	struct past *past = past_begin(&tracker->table.pasts, end);

	past->segment = mini->segment;
	past->segment_ns = event->ktime_ns;
	if (end->state == WIRE_NEW_SYN_RECV)
		return;
	if (past_of(end)->ending)
		ending_tell_if_sure(tracker, end);
	else if (end->keeps == WIRE_FIN_WAIT2 && mini->state == WIRE_TIME_WAIT)
		move(tracker, end, event->ktime_ns, mini->left_ms, CHANGE_MINI);
	else
		survive(tracker, end, event);
}

static void take_arming(struct tracker *tracker, struct endpoint *end, const struct event *event)
{
	forget_ending(end);
	if (end->keeps == WIRE_FIN_WAIT2 && event->mini.state == WIRE_TIME_WAIT)
		move(tracker, end, event->ktime_ns, event->mini.left_ms, CHANGE_MINI);
	else if (end->state == WIRE_NEW_SYN_RECV)
		end->keeps_until_ns = time_left(event);
}

static void take_resent(struct tracker *tracker, struct endpoint *end, const struct event *event)
{
	struct change change;

	if (end->state != WIRE_NEW_SYN_RECV)
		return;
	past_begin(&tracker->table.pasts, end)->again++;
	change = step_of(end, event->ktime_ns, WIRE_NEW_SYN_RECV, WIRE_NEW_SYN_RECV);
	change.cause = (struct cause){.by = CAUSE_RESENT, .sent = SEGMENT_SYN_ACK};
	step_tell(tracker, end, &change);
}

/* --- in ------------------------------------------------------------------------------------------ */

static void take_news(struct tracker *tracker, struct endpoint *end, const struct event *event)
{
	switch (event->mini.what) {
	case WIRE_MINI_SEGMENT:
		take_segment(tracker, end, event);
		break;
	case WIRE_MINI_RESENT:
		take_resent(tracker, end, event);
		break;
	case WIRE_MINI_ARMED:
		take_arming(tracker, end, event);
		break;
	case WIRE_MINI_EXPIRED:
		if (end->keeps == WIRE_FIN_WAIT2 && event->mini.state == WIRE_TIME_WAIT)
			infer_move(tracker, end, event->ktime_ns);
		forget_ending(end); /* the kernel stops a timer before it lets it run out */
		ending_take(tracker, end, event, MINI_EXPIRED);
		break;
	case WIRE_MINI_STOPPED:
		ending_take(tracker, end, event, MINI_STOPPED);
		break;
	case WIRE_MINI_FOUND:
	case WIRE_MINI_BORN:
	case WIRE_MINI_REFUSED:
	case WIRE_MINI_WHATS:
		break;
	}
	settle(tracker, end->conn, event->ktime_ns);
}

void mini_event(struct tracker *tracker, const struct event *event)
{
	const struct mini_event *mini = &event->mini;
	struct endpoint *end;

	if (mini->what == WIRE_MINI_REFUSED) /* told by the birth that does not come */
		return;
	if (mini->what == WIRE_MINI_BORN && mini->state == WIRE_NEW_SYN_RECV) {
		request_born(tracker, event);
		return;
	}
	if (mini->what == WIRE_MINI_BORN) {
		keep_birth(tracker, event);
		return;
	}
	if (mini->what == WIRE_MINI_FOUND) {
		found_mini(tracker, event);
		return;
	}
	end = find_mini(tracker, mini);
	if (end)
		take_news(tracker, end, event);
}

/* --- where no hook shows it ---------------------------------------------------------------------- */

/*
 * END's edge may prove what became of its peer's minisock: when our FIN was acknowledged by an orphan in
 * FIN_WAIT2, that is in TIME_WAIT now (tcp_timewait_state_process()); when we met a RST there, or sent
 * one, it is gone.
 */
void mini_infer(struct tracker *tracker, const struct endpoint *end, const struct cause *cause,
		const struct event *event)
{
	struct endpoint *peer = conn_peer(end);

	if (event->edge.to != WIRE_CLOSE || !peer || !peer->keeps)
		return;
	if (cause->came == SEGMENT_RST || cause->sent == SEGMENT_RST) {
		if (!(tracker->hooks & WIRE_HOOK_TIMEWAIT))
			settle_drop_minisock(tracker, peer, event->ktime_ns);
		return;
	}
	if (event->edge.from == WIRE_LAST_ACK && cause->came == SEGMENT_ACK &&
	    peer->keeps == WIRE_FIN_WAIT2 && !(tracker->hooks & WIRE_HOOK_SEGMENTS))
		move(tracker, peer, event->ktime_ns, TIME_WAIT_MS, CHANGE_INFERRED);
}
