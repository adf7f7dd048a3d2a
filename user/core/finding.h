/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * finding: what a rule has found, in numbers. The rules are in core/hold.c, for what lasts, and
 * core/mishap.c, for what happens; render/advice.c puts them into words; the man page explains each.
 */
#ifndef CORE_FINDING_H
#define CORE_FINDING_H

#include "core/conn.h"

enum finding_level {
	LEVEL_NOTE, /* worth knowing: nothing need be wrong */
	LEVEL_WARNING, /* somebody should look */
	LEVEL_TROUBLE, /* it hurts now */
};

/* The codes are for people and for scripts: they stay. */
#define FINDINGS(X)                                                                                \
	X(CLOSE_WAIT_HELD, "close-wait-held")                                                      \
	X(FIN_WAIT2_ORPHAN, "fin-wait2-orphan")                                                    \
	X(HALF_CLOSE, "half-close")                                                                \
	X(LAST_ACK_STUCK, "last-ack-stuck")                                                        \
	X(FIN_WAIT1_STUCK, "fin-wait1-stuck")                                                      \
	X(TIME_WAIT_PORTS, "time-wait-ports")                                                      \
	X(TIME_WAIT_SERVER, "time-wait-server")                                                    \
	X(TIME_WAIT_CUT, "time-wait-cut")                                                          \
	X(RST_UNREAD, "rst-unread")                                                                \
	X(SYN_UNANSWERED, "syn-unanswered")                                                        \
	X(ACCEPT_QUEUE_FULL, "accept-queue-full")

enum finding_code {
	FINDING_NONE,
#define X(name, code) FINDING_##name,
	FINDINGS(X)
#undef X
	FINDING_CODES
};

/* Of one subject: a process and the address that it serves or calls, a listener, an address. */
struct finding {
	enum finding_code code;
	enum finding_level level;
	bool explained; /* its code was told before in this trace, of any subject */
	uint64_t count; /* connections, or how often it has happened */
	uint64_t before; /* the count when it was last told, 0: this is the first time */
	uint64_t age_ns; /* of what lasts: of the oldest */
	bool age_least; /* ... which was there before we looked: it is older */
	bool server; /* the subject is, or has, the connection's server end */
	uint32_t netns;
	struct owner owner; /* of what was closed: who did that, if it is known */
	struct addr_port local, remote; /* of the oldest, or of the last to which it happened */
	bool by_sysctl,
		by_option; /* FIN_WAIT2_ORPHAN: tcp_fin_timeout set limit_ms, or TCP_LINGER2 */
	uint32_t limit_ms; /* FIN_WAIT2_ORPHAN: as long as the kernel keeps it */
	uint32_t ports; /* TIME_WAIT_PORTS: so many may connect() choose from */
	bool reuse; /* ... connect() may take them again, by tcp_tw_reuse */
	uint8_t tw_reuse; /* ... which is this */
	enum cause_by by; /* ... and by what: CLOSE, EXIT, SIGNAL ... */
	uint8_t signal; /* ... by which, for SIGNAL */
	enum cause_by why; /* TIME_WAIT_CUT: PEER for a RST, REFUSED, DESTROYED */
	uint32_t unread; /* RST_UNREAD: bytes */
	uint32_t unsent; /* *_STUCK: bytes, as of the close */
	bool window_full; /* ... as the peer took no more */
	uint8_t resent; /* *_STUCK, SYN_UNANSWERED: times */
	uint8_t retries; /* ... of so many, 0: not told */
	uint32_t waiting, room; /* ACCEPT_QUEUE_FULL */
};

/* "close-wait-held" */
const char *finding_name(enum finding_code code);

#endif
