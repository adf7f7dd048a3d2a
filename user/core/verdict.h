/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verdict: what is to be said of a connection at its end.
 */
#ifndef CORE_VERDICT_H
#define CORE_VERDICT_H

#include "core/conn.h"

/* X(NAME, its fixed code: in JSON, and in the manual). */
/* clang-format off */
#define VERDICT_FIRSTS(X) \
	X(NOBODY, "nobody") /* it did not come to a close */ \
	X(CLIENT, "client") \
	X(SERVER, "server") \
	X(BOTH, "both") /* at once: neither had the other's FIN when it sent its own */

#define VERDICTS(X) \
	X(OPEN, "open") /* the trace ended, or we stopped watching */ \
	X(HALF_OPEN, "half-open") /* open at one end, and of the other nothing is left (RFC 9293, 3.5.1) */ \
	X(FIN_HALF, "half-closed") /* one FIN; the other end is open, an orphan's unknown peer, or was reset */ \
	X(FIN_BOTH, "closed") /* a FIN each way */ \
	X(RESET, "reset") /* by a RST */ \
	X(REFUSED, "refused") /* a RST answered the SYN */ \
	X(TIMEOUT, "timeout") \
	X(ABORTED, "aborted") /* ss -K */ \
	X(FAILED, "not-connected") /* an ICMP error, no route, no port, or given up by the caller */ \
	X(UNSEEN, "unseen") /* the end was missed */

/* How one end ended. */
#define VERDICT_ENDS(X) \
	X(ELSEWHERE, "elsewhere") /* not on this host, or not seen */ \
	X(OPEN, "open") \
	X(HALF_OPEN, "half-open") /* of the other end nothing is left */ \
	X(HALF_CLOSED, "half-closed") /* a FIN went one way, and it waits for the other's */ \
	X(FIN, "fin") /* in order */ \
	X(RST_SENT, "rst-sent") \
	X(RST_RECEIVED, "rst-received") \
	X(RST, "rst") /* sent or received: not told */ \
	X(TIMEOUT, "timeout") \
	X(REFUSED, "refused") \
	X(REUSED, "reused") /* its TIME_WAIT, by a new connection */ \
	X(ABORTED, "aborted") \
	X(FAILED, "not-connected") \
	X(UNSEEN, "unseen")
/* clang-format on */

#define VERDICT_FIRST_NAME(name, code) FIRST_##name,
#define VERDICT_NAME(name, code)       HOW_##name,
#define VERDICT_END_NAME(name, code)   END_##name,
enum verdict_first {
	VERDICT_FIRSTS(VERDICT_FIRST_NAME)
};
enum verdict_how {
	VERDICTS(VERDICT_NAME) HOW_COUNT
};
enum verdict_end {
	VERDICT_ENDS(VERDICT_END_NAME) END_COUNT
};
#undef VERDICT_FIRST_NAME
#undef VERDICT_NAME
#undef VERDICT_END_NAME

/* One direction of a connection, as the kernel counted it: its sender if that is on this host, else its receiver. */
struct verdict_way {
	uint64_t bytes;
	uint32_t segments;
	uint32_t retrans; /* segments sent again, 0 where the sender is elsewhere */
	bool known;
};

struct verdict {
	enum verdict_first first;
	enum verdict_how how;
	enum verdict_end ends[2]; /* by enum side */
	bool reset_by_known;
	enum side reset_by; /* HOW_RESET: who sent the RST, if it is known */
	bool caused; /* `cause` is what decided HOW */
	struct cause cause;
	uint64_t lifetime_ns;
	struct verdict_way ways[2]; /* by who sends */
	uint32_t srtt_us; /* smoothed round trip, 0: none measured */
};

/* Pure. NOW_NS is the time of the verdict. */
struct verdict verdict_of(const struct conn *conn, uint64_t now_ns);

/* The codes: "half-closed", "client", "rst-sent". */
const char *verdict_code(enum verdict_how how);
const char *verdict_first_code(enum verdict_first first);
const char *verdict_end_code(enum verdict_end end);

#endif
