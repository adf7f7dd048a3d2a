/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * past: what is known of an end once it closes, and what few ends have before. It is most of what is known of an end, so
 * one that is open, as most are, has none.
 */
#ifndef CORE_PAST_H
#define CORE_PAST_H

#include "core/cause.h"
#include "core/event.h"
#include "core/owner.h"
#include "core/slab.h"

/* The timer of a minisock has ended. Whether this is the minisock's end, and why, what follows tells. */
enum mini_ending {
	MINI_LIVES,
	MINI_EXPIRED,
	MINI_STOPPED,
};

/* How a minisock ended, where that says how this end did. */
enum mini_ended {
	MINI_ENDED_IN_TIME, /* or not yet, or not seen */
	MINI_ENDED_BY_RST,
	MINI_ENDED_BY_DATA, /* answered by a RST */
	MINI_ENDED_REUSED,
	MINI_ENDED_DESTROYED,
};

struct endpoint;
struct subject;

/* What the findings go by, and which of them this end belongs to (core/hold.h). */
struct held_end {
	struct subject *subject; /* NULL: none */
	struct endpoint *older, *newer; /* of its subject, by when they came to it */
	uint64_t look_ns; /* when it is looked at again, 0: not at all */
	uint32_t unread; /* bytes; as of its last edge, and so are those below */
	uint32_t unsent; /* bytes */
	bool window_full; /* ... as the peer takes no more */
	bool orphan;
	uint8_t resent; /* how often its SYN or FIN was sent again in this state */
	uint8_t retries; /* ... and may be, 0: not told */
};

struct past {
	uint64_t waits_ns[WIRE_STATE_COUNT]; /* endpoint_wait_ns() */
	uint64_t ending_ns; /* when its minisock's timer ended, 0: it runs */
	uint64_t segment_ns; /* when its minisock last took a segment */
	uint64_t gave_up_ns; /* when it sent its FIN or RST, 0: not yet */
	uint64_t reset_ns; /* when it last sent a RST of its own accord, 0: never seen */
	uint64_t full_ns; /* a listener: when its accept queue was last told to be full, 0: never */
	uint64_t
		accept_until_ns; /* it is not shown for its listener's owner before, 0: it may be */
	struct owner closer; /* who called for what gave_up_ns is the time of */
	struct actor ending_by; /* who ran when the timer was stopped */
	struct cause end; /* how it went to CLOSE, when it has */
	struct held_end held;
	struct counts counts; /* as of the last edge that told them, valid when `counts_known` */
	uint32_t
		planned_ms; /* how long the kernel meant to keep the minisock, from `since_ns` on */
	uint16_t again; /* TIME_WAIT began anew; a request: SYN,ACKs sent again */
	uint8_t gave_up_by; /* enum cause_by of what gave_up_ns is the time of */
	uint8_t gave_up_signal; /* CAUSE_SIGNAL: which */
	uint8_t segment; /* flags of the last segment that its minisock took */
	uint8_t ending; /* enum mini_ending */
	uint8_t mini_end; /* enum mini_ended */
	bool counts_known;
};

/* Where they are kept. */
struct pasts {
	struct slabs slabs;
	struct past nowhere; /* takes what there is no memory for, and nobody reads it */
};

/* Of an end that has none: nothing happened. */
extern const struct past past_none;

#endif
