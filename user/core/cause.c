// SPDX-License-Identifier: GPL-2.0-only
#include "core/cause.h"

#include <errno.h>

#define SHUTDOWN_SEND 2
#define SHUTDOWN_BOTH 3

const char *cause_code(enum cause_by by)
{
	static const char *const codes[] = {
#define CAUSE_CODE(name, code) [CAUSE_##name] = (code),
		CAUSES(CAUSE_CODE)
#undef CAUSE_CODE
	};

	return codes[by];
}

const char *cause_why_code(enum reset_why why)
{
	static const char *const codes[] = {
#define RESET_WHY_CODE(name, code) [WHY_##name] = (code),
		RESET_WHYS(RESET_WHY_CODE)
#undef RESET_WHY_CODE
	};

	return codes[why];
}

/* --- calls --------------------------------------------------------------------------------------- */

/* Its last descriptor has gone. That of a call that runs is given up when that call returns (fput()). */
static enum cause_by cause_of_release(const struct actor *actor)
{
	switch (actor->call) {
	case WIRE_CALL_EXEC:
		return CAUSE_EXEC;
	case WIRE_CALL_NONE:
	case WIRE_CALL_CLOSE:
	case WIRE_CALL_CLOSE_RANGE:
	case WIRE_CALL_DUP:
	case WIRE_CALL_IO_URING:
		return CAUSE_CLOSE;
	}
	return CAUSE_DEFERRED;
}

/* What shutdown() was asked for shows in sk_shutdown, unless the peer's FIN has set the other half, or there is no
 * connection yet (inet_shutdown()). */
static enum cause_by cause_of_shutdown(const struct edge_event *edge)
{
	if (edge->to != WIRE_FIN_WAIT1)
		return CAUSE_SHUT;
	return edge->shutdown == SHUTDOWN_SEND ? CAUSE_SHUTDOWN : CAUSE_SHUTDOWN_BOTH;
}

/* Where neither the descriptor nor the call is told: tcp_close() sets sk_shutdown before the state, tcp_disconnect()
 * does not touch it. */
static enum cause_by cause_of_state(const struct edge_event *edge)
{
	if (edge->to == WIRE_FIN_WAIT1)
		return edge->shutdown == SHUTDOWN_SEND ? CAUSE_SHUTDOWN : CAUSE_CLOSED;
	if (edge->to == WIRE_CLOSE && edge->from != WIRE_LISTEN && edge->shutdown != SHUTDOWN_BOTH)
		return CAUSE_DISCONNECT;
	return CAUSE_CLOSED;
}

static enum cause_by cause_of_call(const struct edge_event *edge)
{
	const struct actor *actor = &edge->actor;

	if (edge->released)
		return cause_of_release(actor);
	if (actor->io_worker)
		return cause_of_shutdown(edge);
	switch (actor->call) {
	case WIRE_CALL_SHUTDOWN:
	case WIRE_CALL_IO_URING:
		return cause_of_shutdown(edge);
	case WIRE_CALL_CONNECT:
		return CAUSE_DISCONNECT;
	case WIRE_CALL_CLOSE:
	case WIRE_CALL_CLOSE_RANGE:
	case WIRE_CALL_DUP:
		return CAUSE_CLOSE;
	case WIRE_CALL_EXEC:
		return CAUSE_EXEC;
	case WIRE_CALL_SEND: /* to sock_diag: tcp_abort() of a listener leaves no error before the state */
		if (edge->from == WIRE_LISTEN)
			return CAUSE_ABORT;
	}
	return cause_of_state(edge);
}

/* Whoever runs is in a call; of a kernel thread, or on a socket of the kernel's own, he is nobody's process.
 * Workers of io_uring are threads of the process, but kernel threads before 5.12. */
static void cause_actor(struct cause *cause, const struct edge_event *edge)
{
	const struct actor *actor = &edge->actor;

	cause->kernel = edge->kernel || (actor->kthread && !actor->io_worker);
	cause->by_owner = actor->pid != 0 && !actor->kthread && !edge->kernel;
	if (cause->by_owner)
		cause->actor = *actor;
	cause->actor.io_worker = actor->io_worker;
}

/* A call that gives the socket up, by whoever runs: himself, or the kernel for a process that ends. */
static void cause_given_up(struct cause *cause, const struct edge_event *edge)
{
	const struct actor *actor = &edge->actor;

	cause_actor(cause, edge);
	if (cause->kernel)
		cause->by = edge->kernel ? CAUSE_KERNEL_SOCKET : CAUSE_KERNEL;
	else if (actor->exiting)
		cause->by = actor->signaled ? CAUSE_SIGNAL : CAUSE_EXIT;
	else
		cause->by = cause_of_call(edge);
	if (cause->by == CAUSE_ABORT)
		cause->by_owner = false;
}

static void cause_by_call(struct cause *cause, const struct edge_event *edge)
{
	switch (edge->to) {
	case WIRE_SYN_SENT:
		cause_actor(cause, edge);
		cause->by = CAUSE_CONNECT;
		return;
	case WIRE_LISTEN:
		cause_actor(cause, edge);
		cause->by = CAUSE_LISTEN;
		return;
	}
	cause_given_up(cause, edge);
}

/* --- errors -------------------------------------------------------------------------------------- */

/* tcp_need_reset(): an abort in the other states goes unsaid. */
static bool needs_reset(uint8_t state)
{
	return state == WIRE_ESTABLISHED || state == WIRE_CLOSE_WAIT || state == WIRE_FIN_WAIT1 ||
	       state == WIRE_FIN_WAIT2 || state == WIRE_SYN_RECV;
}

static bool is_opening(uint8_t state)
{
	return state == WIRE_SYN_SENT || state == WIRE_SYN_RECV;
}

/* Something waits behind a closed window: tcp_probe_timer(), or a peer that took the window back
 * (tcp_retransmit_timer()). */
static bool is_window_closed(const struct edge_event *edge)
{
	return edge->counted && (edge->probes ? edge->counts.unsent != 0
					      : edge->counts.unacked && !edge->counts.snd_wnd);
}

/* tcp_write_timeout(), tcp_probe_timer(), tcp_keepalive_timer(): which of them, and what its limit was. */
static enum cause_by cause_of_limit(const struct edge_event *edge)
{
	if (edge->from == WIRE_SYN_SENT)
		return CAUSE_SYN_TIMEOUT;
	if (edge->from == WIRE_SYN_RECV) /* its SYN,ACK: simultaneous open, TCP Fast Open */
		return CAUSE_TIMEOUT;
	if (edge->user_timeout)
		return CAUSE_USER_TIMEOUT;
	if (edge->orphan && (edge->retransmits || edge->probes))
		return CAUSE_ORPHAN_RETRIES;
	if (is_window_closed(edge))
		return CAUSE_WINDOW;
	if (edge->retransmits)
		return CAUSE_RETRANSMISSION;
	return edge->probes && edge->keepalive ? CAUSE_KEEPALIVE : CAUSE_TIMEOUT;
}

static void cause_of_timeout(struct cause *cause, const struct edge_event *edge)
{
	bool by_keepalive =
		edge->probes && edge->keepalive && !edge->retransmits && !is_window_closed(edge);

	cause->by = cause_of_limit(edge);
	cause->count = edge->retransmits ? edge->retransmits : edge->probes;
	cause->orphan = edge->orphan;
	if (by_keepalive) /* the one that takes its leave */
		cause->sent = SEGMENT_RST;
}

/*
 * ICMP errors end a connect() at once, but no connection: there they wait in sk_err_soft for a timeout
 * (tcp_write_err()). With IP_RECVERR they are in sk_err while it goes on (tcp_v4_err()), and so may be found at an
 * end that has nothing to do with them.
 */
static bool is_stale(const struct edge_event *edge)
{
	return !is_opening(edge->from) && !edge->retransmits && !edge->probes;
}

/* To CLOSE with an error pending: sk_err is set before the state (tcp_reset(), tcp_write_err()). Returns whether it
 * is what made the edge. */
static bool cause_of_error(struct cause *cause, const struct edge_event *edge)
{
	switch (edge->err) {
	case ECONNRESET:
		/* Here tcp_rcv_state_process() takes data after close() for a reset, and sends a RST. */
		if (edge->shutdown == SHUTDOWN_BOTH &&
		    (edge->from == WIRE_FIN_WAIT1 || edge->from == WIRE_FIN_WAIT2)) {
			cause->by = CAUSE_RESET;
			cause->undecided = true;
			break;
		}
		cause->came = SEGMENT_RST;
		break;
	case EPIPE: /* what a RST in CLOSE_WAIT leaves: tcp_reset() */
		cause->came = SEGMENT_RST;
		break;
	case ETIMEDOUT:
		cause_of_timeout(cause, edge);
		break;
	case ECONNABORTED:
		cause->by = CAUSE_ABORT;
		cause->sent = needs_reset(edge->from) ? SEGMENT_RST : SEGMENT_NONE;
		break;
	default:
		if (is_stale(edge))
			return false;
		if (edge->err == ECONNREFUSED && edge->from == WIRE_SYN_SENT) {
			cause->came = SEGMENT_RST;
			break;
		}
		cause->by = CAUSE_ERROR;
		cause->count = edge->retransmits ? edge->retransmits : edge->probes;
	}
	cause->err = edge->err;
	return true;
}

/* --- what the states tell ------------------------------------------------------------------------ */

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

/* Does close() run, which has not made an orphan of it yet? An ACK comes to a socket that is held, or to an orphan. */
static bool is_in_close(const struct edge_event *edge)
{
	return edge->released && !edge->orphan;
}

/* Does connect(AF_UNSPEC) run? */
static bool is_in_connect(const struct edge_event *edge)
{
	return edge->actor.pid && edge->actor.call == WIRE_CALL_CONNECT;
}

/* Then it is the call that makes the edge, and no segment. */
static bool is_given_up(const struct edge_event *edge)
{
	return is_in_close(edge) || is_in_connect(edge);
}

/* tcp_disconnect() of a child that nobody has accepted: inet_csk_listen_stop(), in whatever call the last reference to
 * its listener goes. It has no struct socket, which connect(AF_UNSPEC) needs; an operation of io_uring that is one
 * is not told apart. */
static bool is_never_accepted(const struct edge_event *edge)
{
	const struct actor *actor = &edge->actor;

	if (!actor->pid || edge->released || edge->kernel || edge->orphan ||
	    (edge->shutdown & SHUTDOWN_SEND))
		return false;
	if (actor->call == WIRE_CALL_NONE)
		return actor->exiting || actor->kthread || actor->io_worker;
	return actor->call != WIRE_CALL_CONNECT;
}

/* tcp_close(), not tcp_disconnect(): unread data counts before SO_LINGER; an orphan is one already when it is refused its FIN_WAIT2, or
 * its memory. */
static enum reset_why why_aborted(const struct edge_event *edge)
{
	if (edge->orphan)
		return edge->from == WIRE_FIN_WAIT2 && !edge->fin_time_ms ? WHY_LINGER2
									  : WHY_MEMORY;
	if (edge->shutdown != SHUTDOWN_BOTH || is_in_connect(edge))
		return WHY_NONE;
	if (edge->unread)
		return WHY_UNREAD;
	return edge->linger_0 ? WHY_LINGER : WHY_NONE;
}

/* A RST of ours, in a call: unread data, SO_LINGER 0, or an abort. */
static void cause_of_abort(struct cause *cause, const struct edge_event *edge)
{
	if (is_never_accepted(edge)) {
		cause->by = CAUSE_LISTENER;
		cause->actor = edge->actor;
	} else if (edge->orphan && !edge->actor.pid) {
		cause->by = CAUSE_ORPHAN;
		cause->why = (uint8_t)why_aborted(edge);
	} else {
		cause_given_up(cause, edge);
		cause->why = (uint8_t)why_aborted(edge);
	}
	cause->unread = cause->why == WHY_UNREAD ? edge->unread : 0;
	if (cause->why == WHY_UNREAD || needs_reset(edge->from))
		cause->sent = SEGMENT_RST;
	cause->undecided = cause->sent == SEGMENT_RST && cause->why == WHY_NONE &&
			   edge->shutdown == SHUTDOWN_BOTH;
}

/*
 * FIN_WAIT2 -> CLOSE without an error hides three things (measured on 5.10 to 7.3): the peer's FIN came
 * (SOCK_DONE) and the socket became a timewait minisock; or it is an orphan (SOCK_DEAD), which the
 * kernel keeps as a minisock in FIN_WAIT2; or it was aborted.
 */
static void cause_of_fin_wait2(struct cause *cause, const struct edge_event *edge)
{
	if (edge->peer_fin && !is_given_up(edge)) {
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
		cause_given_up(cause, edge);
		return;
	case WIRE_SYN_SENT:
		if (edge->shutdown == SHUTDOWN_BOTH || edge->local.port)
			cause_given_up(cause, edge);
		else
			cause->by = CAUSE_NO_ROUTE;
		return;
	case WIRE_LAST_ACK:
		if (is_given_up(edge))
			break;
		cause->came = SEGMENT_ACK;
		return;
	case WIRE_CLOSING:
		if (is_given_up(edge))
			break;
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
	else if (edge->to == WIRE_CLOSE && !(edge->err && cause_of_error(&cause, edge)))
		cause_of_close(&cause, edge);
	else if (edge->to == WIRE_FIN_WAIT2)
		cause_of_waiting(&cause, edge);
	cause.held = cause.keeps && !edge->orphan;
	return cause;
}
