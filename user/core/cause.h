/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cause: what made an edge, and what the kernel keeps of a socket that went to CLOSE.
 */
#ifndef CORE_CAUSE_H
#define CORE_CAUSE_H

#include "core/event.h"
#include "core/state.h"

enum cause_by {
	CAUSE_PEER, /* a segment of the peer's, see `came` */
	CAUSE_CONNECT,
	CAUSE_LISTEN,
	CAUSE_CLOSE, /* close(), or shutdown() of both directions: not told apart here */
	CAUSE_SHUTDOWN, /* shutdown(SHUT_WR) */
	CAUSE_EXIT, /* the process ended: the kernel closed for it */
	CAUSE_SIGNAL, /* ... killed by a signal */
	CAUSE_KERNEL, /* a kernel thread: a deferred close */
	CAUSE_ORPHAN, /* the kernel gave up a socket that nobody holds: TCP_LINGER2, too many of them */
	CAUSE_RESET, /* a RST came, or data did after close() and was answered by one: not told apart */
	CAUSE_DISCONNECT, /* connect(AF_UNSPEC), or a listener closed over a waiting child */
	CAUSE_NO_ROUTE, /* connect() found no local port or no route */
	CAUSE_TIMEOUT, /* nothing came back: ETIMEDOUT */
	CAUSE_ERROR, /* an ICMP error, see `err` */
	CAUSE_ABORT, /* `ss -K`: ECONNABORTED */
	CAUSE_UNSEEN, /* its end was missed: another socket lives at its address */
};

struct cause {
	enum cause_by by;
	enum segment came; /* the segment without which this edge cannot be */
	enum segment sent;
	uint16_t err;
	uint8_t keeps; /* at CLOSE: FIN_WAIT2 or TIME_WAIT if a minisock lives on, else NO_STATE */
	uint32_t keeps_ms; /* for how long, as the kernel plans it; 0 without one */
	bool by_owner; /* the actor made it, so he holds the socket */
	struct actor actor; /* who, where by_owner */
};

/* How long a socket stays in TIME_WAIT: TCP_TIMEWAIT_LEN, include/net/tcp.h, the same from 5.10 to 7.3 */
#define TIME_WAIT_MS 60000

/*
 * Reads the cause off an edge. Pure. Sources: tcp_rcv_state_process(), tcp_close(), tcp_reset() and
 * tcp_time_wait() of 5.10 to 7.3, and the measurements that the comments of cause.c name.
 */
struct cause cause_of(const struct edge_event *edge);

#endif
