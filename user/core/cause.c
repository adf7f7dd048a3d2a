// SPDX-License-Identifier: GPL-2.0-only
#include "core/cause.h"

#include <errno.h>

#define SHUTDOWN_SEND 2
#define SHUTDOWN_BOTH 3

/* A call that gives the socket up, by whoever runs: himself, or the kernel for a process that ends. */
static void cause_given_up(struct cause *cause, const struct edge_event *edge, enum cause_by call)
{
	const struct actor *actor = &edge->actor;

	cause->by_owner = actor->pid != 0 && !actor->kthread;
	if (cause->by_owner)
		cause->actor = *actor;
	if (actor->kthread)
		cause->by = CAUSE_KERNEL;
	else if (actor->exiting)
		cause->by = actor->signaled ? CAUSE_SIGNAL : CAUSE_EXIT;
	else
		cause->by = call;
}

static void cause_by_call(struct cause *cause, const struct edge_event *edge)
{
	switch (edge->to) {
	case WIRE_SYN_SENT:
		cause_given_up(cause, edge, CAUSE_CONNECT);
		cause->by = CAUSE_CONNECT;
		return;
	case WIRE_LISTEN:
		cause_given_up(cause, edge, CAUSE_LISTEN);
		cause->by = CAUSE_LISTEN;
		return;
	case WIRE_FIN_WAIT1:
		cause_given_up(cause, edge,
			       edge->shutdown == SHUTDOWN_SEND ? CAUSE_SHUTDOWN : CAUSE_CLOSE);
		return;
	}
	cause_given_up(cause, edge, CAUSE_CLOSE);
}

/* tcp_need_reset(): an abort in the other states goes unsaid. */
static bool needs_reset(uint8_t state)
{
	return state == WIRE_ESTABLISHED || state == WIRE_CLOSE_WAIT || state == WIRE_FIN_WAIT1 ||
	       state == WIRE_FIN_WAIT2 || state == WIRE_SYN_RECV;
}

/* To CLOSE with an error pending: sk_err is set before the state (tcp_reset(), tcp_write_err()). */
static void cause_of_error(struct cause *cause, const struct edge_event *edge)
{
	cause->err = edge->err;
	switch (edge->err) {
	case ECONNRESET:
		/* Here tcp_rcv_state_process() takes data after close() for a reset, and sends a RST. */
		if (edge->shutdown == SHUTDOWN_BOTH &&
		    (edge->from == WIRE_FIN_WAIT1 || edge->from == WIRE_FIN_WAIT2)) {
			cause->by = CAUSE_RESET;
			return;
		}
		cause->by = CAUSE_PEER;
		cause->came = SEGMENT_RST;
		return;
	case ECONNREFUSED:
	case EPIPE: /* what a RST in CLOSE_WAIT leaves: tcp_reset() */
		cause->by = CAUSE_PEER;
		cause->came = SEGMENT_RST;
		return;
	case ETIMEDOUT:
		cause->by = CAUSE_TIMEOUT;
		return;
	case ECONNABORTED:
		cause->by = CAUSE_ABORT;
		cause->sent = needs_reset(edge->from) ? SEGMENT_RST : SEGMENT_NONE;
		return;
	}
	cause->by = CAUSE_ERROR;
}

static void cause_keeps(struct cause *cause, uint8_t state, uint32_t ms)
{
	cause->keeps = state;
	cause->keeps_ms = ms;
}

/* See cause_of_waiting(). */
static uint32_t minisock_ms(uint32_t fin_time_ms)
{
	return fin_time_ms > TIME_WAIT_MS ? fin_time_ms - TIME_WAIT_MS : fin_time_ms;
}

/* A RST of ours, in a call: unread data, SO_LINGER 0, or an abort. tcp_close() sets sk_shutdown before
 * the state; tcp_disconnect() does not touch it. */
static void cause_of_abort(struct cause *cause, const struct edge_event *edge)
{
	cause->sent = SEGMENT_RST;
	if (edge->orphan && !edge->actor.pid)
		cause->by = CAUSE_ORPHAN;
	else
		cause_given_up(cause, edge,
			       edge->shutdown == SHUTDOWN_BOTH ? CAUSE_CLOSE : CAUSE_DISCONNECT);
}

/*
 * FIN_WAIT2 -> CLOSE without an error hides three things (measured on 5.10 to 7.3): the peer's FIN came
 * (SOCK_DONE) and the socket became a timewait minisock; or it is an orphan (SOCK_DEAD), which the
 * kernel keeps as a minisock in FIN_WAIT2; or it was aborted.
 */
static void cause_of_fin_wait2(struct cause *cause, const struct edge_event *edge)
{
	if (edge->peer_fin) {
		cause->came = SEGMENT_FIN;
		cause->sent = SEGMENT_ACK;
		cause_keeps(cause, WIRE_TIME_WAIT, TIME_WAIT_MS);
	} else if (edge->orphan && edge->fin_time_ms) {
		cause_keeps(cause, WIRE_FIN_WAIT2, minisock_ms(edge->fin_time_ms));
	} else {
		cause_of_abort(cause, edge);
	}
}

/* At FIN_WAIT2. An orphan that may wait for more than 60 s stays a full socket for what is over that, and is a
 * minisock for as long once more (tcp_rcv_state_process(), tcp_keepalive_timer(), measured on 5.10 to 7.3). */
static void cause_of_waiting(struct cause *cause, const struct edge_event *edge)
{
	if (edge->orphan && edge->fin_time_ms > TIME_WAIT_MS)
		cause->full_ms = edge->fin_time_ms - TIME_WAIT_MS;
}

static void cause_of_close(struct cause *cause, const struct edge_event *edge)
{
	switch (edge->from) {
	case WIRE_LISTEN:
		cause_given_up(cause, edge, CAUSE_CLOSE);
		return;
	case WIRE_SYN_SENT:
		if (edge->shutdown == SHUTDOWN_BOTH || edge->local.port)
			cause_given_up(cause, edge,
				       edge->shutdown == SHUTDOWN_BOTH ? CAUSE_CLOSE
								       : CAUSE_DISCONNECT);
		else
			cause->by = CAUSE_NO_ROUTE;
		return;
	case WIRE_LAST_ACK:
		cause->came = SEGMENT_ACK;
		return;
	case WIRE_CLOSING:
		cause->came = SEGMENT_ACK;
		cause_keeps(cause, WIRE_TIME_WAIT, TIME_WAIT_MS);
		return;
	case WIRE_FIN_WAIT2:
		cause_of_fin_wait2(cause, edge);
		return;
	case WIRE_CLOSE:
		return;
	}
	cause_of_abort(cause, edge);
}

struct cause cause_of(const struct edge_event *edge)
{
	const struct edge *known = edge_find(edge->from, edge->to);
	struct cause cause = {.by = CAUSE_PEER};

	if (!known)
		return cause;
	cause.came = known->came;
	cause.sent = known->sent;
	if (known->maker == EDGE_BY_CALL)
		cause_by_call(&cause, edge);
	else if (edge->to == WIRE_CLOSE && edge->err)
		cause_of_error(&cause, edge);
	else if (edge->to == WIRE_CLOSE)
		cause_of_close(&cause, edge);
	else if (edge->to == WIRE_FIN_WAIT2)
		cause_of_waiting(&cause, edge);
	cause.held = cause.keeps && !edge->orphan;
	return cause;
}
