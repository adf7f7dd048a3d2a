/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * change: what the tracker tells the sinks. They see nothing else.
 */
#ifndef CORE_CHANGE_H
#define CORE_CHANGE_H

#include "core/clock.h"
#include "core/conn.h"
#include "core/finding.h"
#include "core/inuse.h"
#include "core/names.h"

enum change_kind {
	CHANGE_MOVED, /* an end went along an edge */
	CHANGE_NOTED, /* an edge from a state to itself */
	CHANGE_JUMPED, /* an edge that does not fit: something was missed, or is unknown to us */
	CHANGE_MINI, /* a minisock moved, was met by a segment, or ended: seen */
	CHANGE_INFERRED, /* a minisock must have moved: the other end proves it */
	CHANGE_FOUND, /* an end that was there at the start, in `to`; `from` is NO_STATE */
	CHANGE_OWNER, /* an end of it has another owner, or he is known better */
	CHANGE_PAIRED, /* two connections turned out to be the two ends of this one */
	CHANGE_ENDED, /* the verdict: each end has closed, or the trace ends */
	CHANGE_GONE, /* the planned end of the minisock has passed, or it was evicted: no longer counted */
	CHANGE_LOST, /* `lost` records never came; no connection is named */
	CHANGE_BIND, /* a bind() or listen() failed: `in_use` says why; likewise */
	CHANGE_NO_PORT, /* a connect() found no local port: `used_up` says why; likewise */
	CHANGE_FINDING, /* a rule applies, see `finding`; no connection is named */
	CHANGE_CLOCK, /* another host takes part, whose clock is as `clock` says; likewise */
};

/*
 * Valid during the call of the sink only, with all that it points to. For MOVED to FOUND, END is the
 * end that changed; it already is in the new state.
 */
struct change {
	enum change_kind kind;
	uint64_t ktime_ns;
	const struct conn *conn; /* NULL for LOST, BIND, NO_PORT, FINDING and CLOCK */
	const struct endpoint *end; /* NULL for these, OWNER, PAIRED and ENDED */
	const struct finding *finding; /* FINDING */
	uint8_t from; /* enum wire_tcp_state, as the tracepoint says it (INFERRED: the minisock's) */
	uint8_t to;
	uint8_t was; /* JUMPED: the state we believed in; GONE: the socket's, CLOSE if it is its minisock that goes */
	bool repeats; /* its request socket was shown in `to` already */
	bool first; /* of this end that the sinks see */
	bool in_state_known;
	bool after_gap; /* events were lost or connections given up before: "first" proves nothing */
	uint64_t in_state_ns; /* how long it was in `from` */
	uint64_t quiet_ns; /* since the last edge of this connection */
	uint32_t planned_ms; /* MINI to CLOSE: how long it was meant to last */
	uint16_t again; /* MINI: how often so far */
	struct cause cause;
	const struct owner_names *names; /* set when it is delivered */
	uint64_t joined; /* PAIRED: the number of the connection that is part of this one now */
	uint64_t lost;
	const struct in_use *in_use; /* BIND */
	const struct used_up *used_up; /* NO_PORT */
	const struct host_clock *clock; /* CLOCK */
};

/* Of an end that changed: is it a minisock of it that has? */
bool change_is_of_minisock(const struct change *change);

/* The socket went to CLOSE, and the kernel keeps a minisock in its place, in the state CAUSE.keeps. */
bool change_leaves_minisock(const struct change *change);

#endif
