/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cause: what made an edge, and what the kernel keeps of a socket that went to CLOSE.
 */
#ifndef CORE_CAUSE_H
#define CORE_CAUSE_H

#include "core/event.h"
#include "core/state.h"

/* X(NAME, its fixed code: in JSON, and in the manual). */
/* clang-format off */
#define CAUSES(X) \
	X(PEER, "segment") /* a segment of the peer's, see `came` */ \
	X(CONNECT, "connect") \
	X(LISTEN, "listen") \
	X(CLOSE, "close") /* the last descriptor was given up: close(), close_range(), dup2() over it */ \
	X(DEFERRED, "deferred-close") /* ... while another call held on to it, in which it then went */ \
	X(EXEC, "exec") /* ... as it was FD_CLOEXEC */ \
	X(CLOSED, "closed") /* close() or shutdown(SHUT_RDWR): not told which */ \
	X(SHUTDOWN, "shutdown-wr") \
	X(SHUTDOWN_BOTH, "shutdown-rdwr") \
	X(SHUT, "shutdown") /* not told of what, and it is all the same: after the peer's FIN, or unconnected */ \
	X(EXIT, "exit") /* the process ended: the kernel closed for it */ \
	X(SIGNAL, "killed") /* ... killed by a signal */ \
	X(KERNEL, "kernel-thread") /* a kernel thread: a deferred close */ \
	X(KERNEL_SOCKET, "kernel-socket") /* the kernel, which the socket belongs to */ \
	X(ORPHAN, "orphan-given-up") /* the kernel gave up a socket that nobody holds, see `why` */ \
	X(RESET, "rst-or-data") /* a RST came, or data did after close() and was answered by one: not told */ \
	X(DISCONNECT, "disconnect") /* connect(AF_UNSPEC) */ \
	X(NO_ROUTE, "no-route") /* connect() found no local port or no route */ \
	/* ETIMEDOUT: */ \
	X(TIMEOUT, "timeout") /* nothing came back: not told to what */ \
	X(SYN_TIMEOUT, "syn-timeout") \
	X(RETRANSMISSION, "retransmission-timeout") \
	X(ORPHAN_RETRIES, "orphan-retries") /* ... tcp_orphan_retries */ \
	X(WINDOW, "window-timeout") /* the peer's window stayed closed */ \
	X(KEEPALIVE, "keepalive-timeout") \
	X(USER_TIMEOUT, "user-timeout") /* TCP_USER_TIMEOUT, whatever went unanswered */ \
	X(ERROR, "icmp-error") /* see `err` */ \
	X(ABORT, "aborted") /* `ss -K`: ECONNABORTED */ \
	X(UNSEEN, "unseen") /* its end was missed: another socket lives at its address */ \
	X(REFUSED, "not-kept") /* no minisock was made of it, though it should have waited */ \
	X(COOKIE, "syn-cookie") /* a handshake without a request socket */ \
	/* Ends of minisocks, beside PEER (a RST) and TIMEOUT (SYN,ACKs unanswered): */ \
	X(EXPIRED, "expired") /* its time is over: 2MSL, or tcp_fin_timeout */ \
	X(DATA, "data-after-close") /* answered by a RST; of full sockets as well */ \
	X(SYN, "new-syn") /* of the same peer: it took its place */ \
	X(REUSED, "reused") /* a connect() took its address */ \
	X(NETNS, "netns-gone") \
	X(DESTROYED, "destroyed") /* from outside: ss -K */ \
	X(LISTENER, "listener-closed") /* over a request, or a child that nobody has accepted */ \
	X(UNKNOWN, "unknown") /* the kernel does not tell */ \
	/* What a minisock survives: */ \
	X(AGAIN, "begun-anew") /* the FIN came again */ \
	X(IGNORED, "rst-ignored") /* tcp_rfc1337, or out of window */ \
	X(RESENT, "syn-ack-again") \
	X(BEFORE, "before-start") /* it was there already */

/* Why a RST goes out, where the cause is not reason enough. */
#define RESET_WHYS(X) \
	X(NONE, "none") \
	X(UNREAD, "unread-data") \
	X(LINGER, "so-linger") /* SO_LINGER with 0 */ \
	X(LINGER2, "tcp-linger2") /* TCP_LINGER2 below 0: no FIN_WAIT2 for an orphan */ \
	X(MEMORY, "no-memory") /* too many orphans, or no memory for one */ \
	X(NO_SOCKET, "no-socket") /* the peer's host knows no such connection, and nobody listens there */ \
	X(INVALID, "invalid-segment") \
	X(LISTENER, "listener") /* the listener there sent it: for no connection that it knows, or has room for */ \
	X(QUEUE_FULL, "accept-queue-full") /* ... whose accept queue was full: tcp_abort_on_overflow */
/* clang-format on */

enum cause_by {
#define CAUSE_NAME(name, code) CAUSE_##name,
	CAUSES(CAUSE_NAME)
#undef CAUSE_NAME
	CAUSE_COUNT
};

enum reset_why {
#define RESET_WHY_NAME(name, code) WHY_##name,
	RESET_WHYS(RESET_WHY_NAME)
#undef RESET_WHY_NAME
	WHY_COUNT
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
	uint32_t unread; /* WHY_UNREAD: bytes */
	uint8_t count; /* timeouts: how often it was sent again, or a probe sent */
	uint8_t why; /* enum reset_why: of a RST that was sent, or (from NO_SOCKET on) that came */
	bool undecided; /* a record of the RST may decide `by` or `why` (core/reset.h) */
	bool orphan; /* of timeouts: nobody held it any more */
	bool kernel; /* a call of a kernel thread, or on a socket of the kernel's own */
	bool held; /* at CLOSE with a minisock: a process has the descriptor open still */
	bool by_owner; /* the actor made it, so he holds the socket */
	struct actor actor; /* who, where by_owner; and by which call */
};

/* How long a socket stays in TIME_WAIT: TCP_TIMEWAIT_LEN, include/net/tcp.h, the same from 5.10 to 7.3 */
#define TIME_WAIT_MS 60000

/*
 * Reads the cause off an edge. Pure. Sources: tcp_rcv_state_process(), tcp_close(), tcp_reset() and
 * tcp_time_wait() of 5.10 to 7.3, and the measurements that the comments of cause.c name.
 */
struct cause cause_of(const struct edge_event *edge);

/* The code of a cause: "close", "retransmission-timeout". */
const char *cause_code(enum cause_by by);

/* The code of a reason for a RST: "unread-data". */
const char *cause_why_code(enum reset_why why);

#endif
