// SPDX-License-Identifier: GPL-2.0-only
#include "core/ending.h"

#include <string.h>

#include "core/follow.h"
#include "core/settle.h"
#include "core/show.h"
#include "core/step.h"

static bool took_segment(const struct endpoint *end)
{
	return past_of(end)->segment_ns &&
	       past_of(end)->segment_ns + SAME_CALL_NS > past_of(end)->ending_ns &&
	       past_of(end)->segment_ns < past_of(end)->ending_ns + SAME_CALL_NS;
}

void ending_note_connect(struct tracker *tracker, const struct event *event)
{
	const struct edge_event *edge = &event->edge;

	tracker->connecting[tracker->connecting_next++ % TRACKER_CONNECTING] =
		(struct connecting){event->ktime_ns, edge->remote, edge->netns, edge->actor.pid};
}

static bool is_by(const struct connecting *connecting, const struct endpoint *end)
{
	return connecting->pid && connecting->pid == past_of(end)->ending_by.pid &&
	       connecting->netns == end->netns && connecting->ktime_ns <= past_of(end)->ending_ns &&
	       connecting->ktime_ns + SAME_CALL_NS > past_of(end)->ending_ns &&
	       addr_port_equal(&connecting->remote, &end->remote);
}

static bool is_reused(const struct tracker *tracker, const struct endpoint *end)
{
	for (unsigned int i = 0; i < TRACKER_CONNECTING; i++)
		if (is_by(&tracker->connecting[i], end))
			return true;
	return false;
}

static struct cause cause_of_stop(struct tracker *tracker, const struct endpoint *end)
{
	struct cause cause = {.by = CAUSE_UNKNOWN, .actor = past_of(end)->ending_by};
	uint8_t segment = took_segment(end) ? past_of(end)->segment : 0;

	if (segment & HEADER_RST)
		return (struct cause){.by = CAUSE_PEER, .came = SEGMENT_RST};
	if (segment & HEADER_SYN)
		return (struct cause){.by = CAUSE_SYN};
	if (segment && end->keeps == WIRE_FIN_WAIT2)
		return (struct cause){.by = CAUSE_DATA, .sent = SEGMENT_RST};
	if (is_reused(tracker, end))
		cause.by = CAUSE_REUSED;
	else if (past_of(end)->ending_by.kthread &&
		 strncmp(past_of(end)->ending_by.comm, "kworker", 7) == 0)
		cause.by = CAUSE_NETNS;
	else if (past_of(end)->ending_by.pid && !past_of(end)->ending_by.kthread)
		cause.by = CAUSE_DESTROYED;
	return cause;
}

/* Is none of the listeners on END's address its own? It had that of its owner; others may share the address. */
static bool lacks_listener(const struct tracker *tracker, const struct endpoint *end)
{
	const struct endpoint *listener = table_listener(&tracker->table, end->netns, &end->local);

	while (listener && listener->owner.pid != end->owner.pid)
		listener = table_next_listener(listener);
	return !listener;
}

/* A request whose handshake was not completed. */
static struct cause cause_of_giving_up(struct tracker *tracker, const struct endpoint *end)
{
	if (took_segment(end) && past_of(end)->segment & HEADER_RST)
		return (struct cause){.by = CAUSE_PEER, .came = SEGMENT_RST};
	/* The kernel leaves the request of a listener that it closes to its timer. */
	if (end->owner.source == OWNER_LISTENER && lacks_listener(tracker, end) &&
	    !tracker->gave_up)
		return (struct cause){.by = CAUSE_LISTENER};
	if (past_of(end)->ending == MINI_EXPIRED)
		return (struct cause){.by = CAUSE_TIMEOUT};
	return (struct cause){.by = CAUSE_UNKNOWN};
}

static enum mini_ended mini_ended_by(const struct cause *cause)
{
	switch (cause->by) {
	case CAUSE_PEER:
		return MINI_ENDED_BY_RST;
	case CAUSE_DATA:
		return MINI_ENDED_BY_DATA;
	case CAUSE_SYN:
	case CAUSE_REUSED:
		return MINI_ENDED_REUSED;
	case CAUSE_DESTROYED:
		return MINI_ENDED_DESTROYED;
	default:
		return MINI_ENDED_IN_TIME;
	}
}

void ending_tell(struct tracker *tracker, struct endpoint *end)
{
	static const struct cause expired = {.by = CAUSE_EXPIRED};
	struct past *past = past_begin(&tracker->table.pasts, end);
	struct change change =
		step_of(end, past_of(end)->ending_ns, endpoint_shown_state(end), WIRE_CLOSE);

	if (end->keeps) {
		change.cause = past_of(end)->ending == MINI_EXPIRED ? expired
								    : cause_of_stop(tracker, end);
		past->waits_ns[end->keeps] += change.in_state_ns;
		past->mini_end = (uint8_t)mini_ended_by(&change.cause);
		settle_remember_mini(tracker, end);
		end->keeps = WIRE_NO_STATE;
	} else {
		past->end = change.cause = cause_of_giving_up(tracker, end);
		end->state = WIRE_CLOSE;
		end->last_from = WIRE_NEW_SYN_RECV;
		end->last_to = WIRE_CLOSE;
		end->conn->held_until_ns = 0;
		follow_release(tracker, end);
		show_decide(tracker, end->conn);
	}
	past->ending = MINI_LIVES;
	past->ending_ns = 0;
	step_tell(tracker, end, &change);
}

/* A segment that no timewait minisock survives: the verdict that follows need not wait. (Data is answered by a RST
 * in FIN_WAIT2, which an ACK does not touch; a FIN may have come before the timer was armed anew.) */
void ending_tell_if_sure(struct tracker *tracker, struct endpoint *end)
{
	bool data = end->keeps == WIRE_FIN_WAIT2 && !(past_of(end)->segment & HEADER_FIN) &&
		    past_of(end)->segment != HEADER_ACK;

	if (took_segment(end) && (data || past_of(end)->segment & (HEADER_RST | HEADER_SYN)))
		ending_tell(tracker, end);
}

void ending_take(struct tracker *tracker, struct endpoint *end, const struct event *event,
		 enum mini_ending ending)
{
	struct past *past = past_begin(&tracker->table.pasts, end);

	if (past->ending) /* it ran out, and is being stopped for it */
		return;
	past->ending = (uint8_t)ending;
	past->ending_ns = event->ktime_ns;
	past->ending_by = event->mini.actor;
	if (end->keeps)
		ending_tell_if_sure(tracker, end);
}

void ending_advance(struct tracker *tracker, struct conn *conn, uint64_t now_ns)
{
	for (int side = 0; side < 2; side++) {
		struct endpoint *end = conn->ends[side];

		if (end && past_of(end)->ending &&
		    past_of(end)->ending_ns + ENDING_WAITS_NS <= now_ns)
			ending_tell(tracker, end);
	}
}
