// SPDX-License-Identifier: GPL-2.0-only
#include "core/conn.h"

const struct past past_none;

static uint8_t opened_from(const struct endpoint *end)
{
	if (end->past || end->state != WIRE_ESTABLISHED)
		return WIRE_NO_STATE;
	return end->accepted ? WIRE_SYN_RECV : WIRE_SYN_SENT;
}

struct past *past_begin(struct pasts *pasts, struct endpoint *end)
{
	uint8_t from = opened_from(end);

	if (end->past)
		return end->past;
	end->past = slab_take(&pasts->slabs);
	if (!end->past)
		return &pasts->nowhere;
	*end->past = (struct past){0};
	if (from)
		end->past->waits_ns[from] = end->opening_ns;
	return end->past;
}

void past_end(struct pasts *pasts, struct endpoint *end)
{
	if (end->past)
		slab_give(&pasts->slabs, end->past);
	end->past = NULL;
}

uint64_t endpoint_wait_ns(const struct endpoint *end, uint8_t state)
{
	if (end->past)
		return end->past->waits_ns[state];
	return state == opened_from(end) ? end->opening_ns : 0;
}

#define SHUTDOWN_BOTH 3

/* Two edges FIN_WAIT2 -> FIN_WAIT2 of one socket are two events; one that the witness reports this
 * soon after the first program reported it is the same. */
#define DUPLICATE_WINDOW_NS UINT64_C(10000000)

/* An edge between two states cannot follow itself. One from a state to itself can, and so can a birth, at
 * an address that is used again: there time decides. */
bool endpoint_has_seen(const struct endpoint *end, const struct event *event)
{
	const struct edge_event *edge = &event->edge;

	if (event->program != WIRE_BY_WITNESS)
		return false;
	if (end->last_from != edge->from || end->last_to != edge->to || end->state != edge->to)
		return false;
	if (edge->from != edge->to && !edge_is_birth(edge->from, edge->to))
		return true;
	return event->ktime_ns < end->last_ktime_ns + DUPLICATE_WINDOW_NS;
}

static enum conn_result judge_edge(const struct endpoint *end, const struct edge_event *edge)
{
	if (end->state != edge->from)
		return CONN_JUMPED;
	if (edge->from == edge->to)
		return CONN_NOTED;
	return edge_find(edge->from, edge->to) ? CONN_MOVED : CONN_JUMPED;
}

static uint64_t time_in_state(const struct endpoint *end, uint64_t now_ns)
{
	if (!end->since_known || now_ns < end->since_ns)
		return 0;
	return now_ns - end->since_ns;
}

/* tcp_close() shuts down both ways first. What comes to CLOSE without that was disconnected: by who has it, or,
 * where nobody has accepted it, by who closed its listener (inet_csk_listen_stop()). */
static bool is_disconnected(const struct edge_event *edge)
{
	return edge->to == WIRE_CLOSE && edge->shutdown != SHUTDOWN_BOTH;
}

static void learn_owner(struct endpoint *end, const struct edge_event *edge,
			const struct cause *cause)
{
	bool waits = end->owner.source == OWNER_LISTENER;

	owner_learn_socket(&end->owner, edge->uid, edge->kernel);
	if (cause->by == CAUSE_CONNECT)
		owner_learn(&end->owner, &edge->actor, OWNER_CONNECT);
	else if (cause->by == CAUSE_LISTEN)
		owner_learn(&end->owner, &edge->actor, OWNER_LISTEN);
	else if (cause->by_owner && !(waits && is_disconnected(edge)))
		owner_learn(&end->owner, &edge->actor, OWNER_CLOSE);
}

/* Addresses become known one by one: the port of a connect() after SYN_SENT, a child's peer after
 * SYN_RECV; and are all zero again after a disconnect. */
static void learn_addresses(struct endpoint *end, const struct edge_event *edge)
{
	if (edge->cookie)
		end->cookie = edge->cookie;
	if (end->in_pairs) /* it is found by them, and identity has been checked */
		return;
	if (edge->local.port)
		end->local = edge->local;
	if (edge->remote.port)
		end->remote = edge->remote;
}

void endpoint_learn_options(struct endpoint *end, const struct edge_event *edge)
{
	end->reuse_addr = edge->reuse_addr;
	end->reuse_port = edge->reuse_port;
	end->v6_only = edge->v6_only;
}

static void note_counts(struct past *past, const struct edge_event *edge)
{
	if (!edge->counted)
		return;
	past->counts = edge->counts;
	past->counts_known = true;
}

static void note_segments(struct endpoint *end, const struct cause *cause)
{
	if (cause->came == SEGMENT_FIN)
		end->got_fin = true;
	if (cause->sent == SEGMENT_FIN) {
		end->sent_fin = true;
		end->sent_fin_first = !end->got_fin;
	}
}

static void note_giving_up(struct past *past, const struct cause *cause, uint64_t now_ns)
{
	if ((cause->sent != SEGMENT_FIN && cause->sent != SEGMENT_RST) || past->gave_up_ns)
		return;
	past->gave_up_ns = now_ns;
	past->gave_up_by = (uint8_t)cause->by;
	past->gave_up_signal = cause->actor.signal;
	if (cause->by_owner)
		owner_learn(&past->closer, &cause->actor, OWNER_CLOSE);
}

static void close_endpoint(struct endpoint *end, struct past *past, const struct cause *cause,
			   uint64_t now_ns)
{
	past->end = *cause;
	past->planned_ms = cause->keeps_ms;
	end->keeps = cause->keeps;
	end->keeps_until_ns = now_ns + (uint64_t)cause->keeps_ms * 1000000;
}

/* Nothing but a wait is to be kept of such an edge. */
static bool is_opening(const struct edge_event *edge)
{
	return edge->to == WIRE_SYN_SENT || edge->to == WIRE_LISTEN || edge->to == WIRE_SYN_RECV ||
	       (edge->to == WIRE_ESTABLISHED && !edge->counted);
}

/* END has spent WAITED_NS in the state that EDGE leads out of. */
static void note_wait(struct pasts *pasts, struct endpoint *end, const struct edge_event *edge,
		      uint64_t waited_ns)
{
	if (!end->past && edge->to == WIRE_ESTABLISHED && end->state != WIRE_ESTABLISHED) {
		end->accepted = edge->from == WIRE_SYN_RECV;
		end->opening_ns = waited_ns;
	} else if (waited_ns) {
		past_begin(pasts, end)->waits_ns[edge->from] += waited_ns;
	}
}

static void note_past(struct pasts *pasts, struct endpoint *end, const struct event *event,
		      const struct cause *cause)
{
	struct past *past = past_begin(pasts, end);

	note_giving_up(past, cause, event->ktime_ns);
	note_counts(past, &event->edge);
}

/* What must have happened before END was in STATE, where we did not see it. */
static void believe_past(struct endpoint *end, uint8_t state)
{
	bool sent_first =
		state == WIRE_FIN_WAIT1 || state == WIRE_FIN_WAIT2 || state == WIRE_CLOSING;
	bool got_first = state == WIRE_CLOSE_WAIT || state == WIRE_LAST_ACK;

	if (sent_first && !end->got_fin)
		end->sent_fin = end->sent_fin_first = true;
	if (got_first || state == WIRE_CLOSING)
		end->got_fin = true;
	if (state == WIRE_LAST_ACK)
		end->sent_fin = true;
}

/* It goes to where the edge leads. Of a child whose SYN was seen, SYN_RECV began with that. */
static void arrive(struct pasts *pasts, struct endpoint *end, const struct event *event,
		   const struct cause *cause, uint64_t waited_ns)
{
	const struct edge_event *edge = &event->edge;

	note_wait(pasts, end, edge, waited_ns);
	end->state = edge->to;
	if (edge->to != WIRE_SYN_RECV || !end->requested)
		end->since_ns = event->ktime_ns;
	end->since_known = true;
	if (edge->to == WIRE_CLOSE)
		close_endpoint(end, past_begin(pasts, end), cause, event->ktime_ns);
}

enum conn_result conn_apply(struct pasts *pasts, struct endpoint *end, const struct event *event,
			    const struct cause *cause, uint64_t *ret_in_state_ns)
{
	const struct edge_event *edge = &event->edge;
	enum conn_result result;

	*ret_in_state_ns = 0;
	if (endpoint_has_seen(end, event))
		return CONN_DUPLICATE;
	result = judge_edge(end, edge);
	if (result == CONN_JUMPED || end->last_to == WIRE_NO_STATE)
		believe_past(end, edge->from);
	learn_owner(end, edge, cause);
	learn_addresses(end, edge);
	endpoint_learn_options(end, edge);
	note_segments(end, cause);
	if (!is_opening(edge))
		note_past(pasts, end, event, cause);
	end->last_from = edge->from;
	end->last_to = edge->to;
	end->last_ktime_ns = event->ktime_ns;
	if (result == CONN_JUMPED)
		end->uncertain = true;
	else
		*ret_in_state_ns = time_in_state(end, event->ktime_ns);
	if (result != CONN_NOTED)
		arrive(pasts, end, event, cause, *ret_in_state_ns);
	return result;
}

struct endpoint *conn_peer(const struct endpoint *end)
{
	return end->conn->ends[!end->side];
}

struct endpoint *conn_any_end(const struct conn *conn)
{
	return conn->ends[SIDE_CLIENT] ? conn->ends[SIDE_CLIENT] : conn->ends[SIDE_SERVER];
}

bool conn_is_over(const struct conn *conn)
{
	for (int side = 0; side < 2; side++)
		if (conn->ends[side] && conn->ends[side]->state != WIRE_CLOSE)
			return false;
	return true;
}

bool conn_is_listener(const struct conn *conn)
{
	const struct endpoint *end = conn->ends[SIDE_SERVER];

	return end && !conn->ends[SIDE_CLIENT] && !end->remote.port && !conn->embryo;
}

uint8_t endpoint_shown_state(const struct endpoint *end)
{
	return end->keeps ? end->keeps : end->state;
}
