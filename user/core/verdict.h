/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verdict: what is to be said of a connection at its end.
 */
#ifndef CORE_VERDICT_H
#define CORE_VERDICT_H

#include "core/conn.h"

enum verdict_first {
	FIRST_NOBODY, /* it did not come to a close */
	FIRST_CLIENT,
	FIRST_SERVER,
	FIRST_BOTH, /* at once: neither had the other's FIN when it sent its own */
};

enum verdict_how {
	HOW_OPEN, /* the trace ended, or we stopped watching */
	HOW_FIN_BOTH, /* a FIN each way */
	HOW_FIN_HALF, /* one FIN; the other end is an orphan's unknown peer, or was reset */
	HOW_RESET, /* by a RST */
	HOW_REFUSED, /* a RST answered the SYN */
	HOW_TIMEOUT,
	HOW_ABORTED, /* ss -K */
	HOW_FAILED, /* connect() got nowhere: an ICMP error, no route, no port, or given up by the caller */
	HOW_UNSEEN, /* the end was missed */
};

struct verdict {
	enum verdict_first first;
	enum verdict_how how;
	bool reset_by_known;
	enum side reset_by; /* HOW_RESET: who sent the RST, if it is known */
	uint16_t err; /* HOW_FAILED: errno, 0 without one */
	uint64_t lifetime_ns;
};

/* Pure. NOW_NS is the time of the verdict. */
struct verdict verdict_of(const struct conn *conn, uint64_t now_ns);

#endif
