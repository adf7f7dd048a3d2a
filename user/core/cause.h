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
	CAUSE_REFUSED, /* no minisock was made of it, though it should have waited */
	CAUSE_COOKIE, /* a handshake without a request socket: a SYN cookie */
	/* Ends of minisocks, beside CAUSE_PEER (a RST) and CAUSE_TIMEOUT (SYN,ACKs unanswered): */
	CAUSE_EXPIRED, /* its time is over: 2MSL, or tcp_fin_timeout */
	CAUSE_DATA, /* data came after close(), and a RST answered */
	CAUSE_SYN, /* a new SYN of the same peer took its place */
	CAUSE_REUSED, /* a connect() took its address */
	CAUSE_NETNS, /* its network namespace is gone */
	CAUSE_DESTROYED, /* from outside: ss -K */
	CAUSE_LISTENER, /* a request: its listener is closed */
	CAUSE_UNKNOWN, /* the kernel does not tell */
	/* What a minisock survives: */
	CAUSE_AGAIN, /* the FIN came again: its time begins anew */
	CAUSE_IGNORED, /* a RST came and was ignored: tcp_rfc1337, or out of window */
	CAUSE_RESENT, /* a request: the SYN,ACK is sent again */
	CAUSE_BEFORE, /* it was there at the start */
};

struct cause {
	enum cause_by by;
	enum segment came; /* the segment without which this edge cannot be */
	enum segment sent;
	uint16_t err;
	uint8_t keeps; /* at CLOSE: FIN_WAIT2 or TIME_WAIT if a minisock lives on, else NO_STATE */
	uint32_t keeps_ms; /* for how long, as the kernel plans it; 0 without one */
	uint32_t
		full_ms; /* at FIN_WAIT2: how long an orphan stays a full socket first; 0: not at all */
	bool held; /* at CLOSE with a minisock: a process has the descriptor open still */
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
