/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * conn: one connection, and the one or two of its ends that live on this host.
 *
 * Theory of operation. A struct endpoint is the life of one full socket, from its birth edge to CLOSE,
 * and of the minisock that the kernel may keep of it afterwards. Socket addresses are reused at once
 * (1000 connections were seen on 4 of them), so an address is never an identity: a birth edge always
 * makes a new endpoint, and a cookie or an address pair that differs shows a birth that was missed.
 *
 * conn_apply() moves an endpoint along one edge. It believes the kernel: where the chain of states
 * does not fit, the new state is taken all the same, and the endpoint is marked uncertain.
 *
 * A connection has two sides. Each is an endpoint, or NULL for an end that is elsewhere (or was not
 * seen yet). The connection is over when each endpoint that it has is in CLOSE.
 */
#ifndef CORE_CONN_H
#define CORE_CONN_H

#include "core/cause.h"
#include "core/event.h"
#include "core/owner.h"

enum side {
	SIDE_CLIENT,
	SIDE_SERVER,
};

struct conn;

/* What an endpoint is found by. */
enum table_index {
	BY_ADDRESS,
	BY_PAIR,
	BY_HANDSHAKE,
	TABLE_INDEXES
};

/* The timer of a minisock has ended. Whether this is the minisock's end, and why, what follows tells. */
enum mini_ending {
	MINI_LIVES,
	MINI_EXPIRED,
	MINI_STOPPED,
};

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

/* How a minisock ended, where that says how this end did. */
enum mini_ended {
	MINI_ENDED_IN_TIME, /* or not yet, or not seen */
	MINI_ENDED_BY_RST,
	MINI_ENDED_BY_DATA, /* answered by a RST */
	MINI_ENDED_REUSED,
	MINI_ENDED_DESTROYED,
};

struct endpoint {
	struct conn *conn;
	struct endpoint *next[TABLE_INDEXES]; /* chains of the indexes in core/table.c */
	uint64_t sk;
	uint64_t cookie; /* 0: not known */
	uint64_t address; /* it is found by: sk, or that of its minisock */
	struct addr_port local;
	struct addr_port remote;
	uint32_t netns;
	uint32_t snd_una; /* both as of ESTABLISHED, valid when `met` */
	uint32_t rcv_nxt;
	uint64_t since_ns; /* when it came into `state`, or its minisock into `keeps` */
	uint64_t keeps_until_ns; /* planned end of the minisock */
	uint64_t request_ns; /* when the SYN came, 0: not seen */
	uint64_t ending_ns; /* when its minisock's timer ended, 0: it runs */
	uint64_t segment_ns; /* when its minisock last took a segment */
	uint64_t gave_up_ns; /* when it sent its FIN or RST, 0: not yet */
	uint64_t reset_ns; /* when it last sent a RST of its own accord, 0: never seen */
	uint64_t full_ns; /* a listener: when its accept queue was last told to be full, 0: never */
	uint64_t waits_ns
		[WIRE_STATE_COUNT]; /* time spent in each state, FIN_WAIT2's minisock included */
	uint64_t last_ktime_ns; /* of the last edge */
	uint64_t
		accept_until_ns; /* it is not shown for its listener's owner before, 0: it may be */
	struct owner owner;
	struct owner closer; /* who called for what gave_up_ns is the time of */
	struct actor ending_by; /* who ran when the timer was stopped */
	struct cause end; /* how it went to CLOSE, when it has */
	uint8_t gave_up_by; /* enum cause_by of what gave_up_ns is the time of */
	uint8_t gave_up_signal; /* CAUSE_SIGNAL: which */
	struct held_end held;
	struct counts counts; /* as of the last edge that told them, valid when `counts_known` */
	uint8_t state; /* enum wire_tcp_state */
	uint8_t keeps; /* minisock: FIN_WAIT2, TIME_WAIT, or NO_STATE */
	uint8_t segment; /* flags of the last segment that its minisock took */
	uint8_t ending; /* enum mini_ending */
	uint8_t mini_end; /* enum mini_ended */
	uint16_t again; /* TIME_WAIT began anew; a request: SYN,ACKs sent again */
	uint32_t
		planned_ms; /* how long the kernel meant to keep the minisock, from `since_ns` on */
	uint8_t last_from; /* the last edge, to know a duplicate by */
	uint8_t last_to;
	uint8_t family;
	uint8_t side; /* enum side */
	bool since_known; /* since_ns is a time, not "before start" */
	bool met; /* was seen to become ESTABLISHED: snd_una and rcv_nxt are valid */
	bool uncertain; /* edges were missed */
	bool reuse_addr; /* SO_REUSEADDR and so on, also of its minisock */
	bool reuse_port;
	bool v6_only;
	bool counts_known;
	bool sent_fin;
	bool got_fin;
	bool sent_fin_first; /* its FIN went out before the peer's came */
	bool in_pairs; /* is in the index by address pair */
	bool of_command; /* its owner belongs to `-- COMMAND` */
	bool in_cgroup; /* ... or is in one that --cgroup names */
	bool awaited; /* counted in tracker->command_open */
	bool counted; /* was shown: the sinks know it */
};

/* Is it shown? Held ones keep their changes until it is known. */
enum selection {
	SELECTION_HELD,
	SELECTION_SHOWN,
	SELECTION_DROPPED,
};

enum conn_list {
	LIST_HELD,
	LIST_LIVE,
	LIST_DONE, /* only a minisock is left, or nothing */
	LISTS,
};

struct held_change;

struct conn {
	uint64_t id; /* 1, 2, ... in the order in which they were first shown; 0: it was not */
	uint64_t serial; /* 1, 2, ... in the order of appearance */
	struct endpoint *ends[2]; /* by enum side */
	struct conn *older, *newer; /* the list it is in, by last activity */
	struct held_change *held_first, *held_last;
	uint64_t start_ns; /* time of the first edge seen */
	uint64_t last_ns;
	uint64_t
		held_until_ns; /* it is not shown before: who owns it, or its other end, may turn up; 0 */
	uint64_t undecided_until_ns; /* what a RST was about may turn up; 0 */
	uint32_t due_slot; /* its place in the queue of planned ends, 0: not in it */
	uint8_t selection; /* enum selection */
	uint8_t list; /* enum conn_list */
	bool sides_known; /* who is client was seen, not guessed */
	bool likely; /* the ends were paired by their addresses alone */
	bool embryo; /* a child whose handshake is not complete yet: it may join its client's */
	bool judged; /* its verdict was given */
	bool evicted; /* the table was full: its verdict is that we stopped watching */
	bool uncertain; /* records were lost while it was open */
};

enum conn_result {
	CONN_MOVED, /* an edge of the state machine */
	CONN_NOTED, /* from a state to the same state: a fact, no move */
	CONN_JUMPED, /* the edge does not start where we were, or is none that we know */
	CONN_DUPLICATE, /* seen already: the witness reported it again */
};

/*
 * Moves END along the edge of EVENT at its time, whose cause is CAUSE. Pure but for END. Of the result,
 * only CONN_DUPLICATE leaves END as it was. RET_IN_STATE_NS is how long END was in the state that it
 * left, 0 where END->since_known was false.
 */
enum conn_result conn_apply(struct endpoint *end, const struct event *event,
			    const struct cause *cause, uint64_t *ret_in_state_ns);

/*
 * True when EVENT is END's last edge once more: the witness reports again what a softirq made it
 * overlook (bpf/witness.bpf.h).
 */
bool endpoint_has_seen(const struct endpoint *end, const struct event *event);

/* The other end if it is on this host, or NULL. */
struct endpoint *conn_peer(const struct endpoint *end);

/* One end to speak of when any will do; never NULL. */
struct endpoint *conn_any_end(const struct conn *conn);

/* True when each end that the connection has is in CLOSE. */
bool conn_is_over(const struct conn *conn);

/* True for a listening socket, which is a connection of one end and no verdict. */
bool conn_is_listener(const struct conn *conn);

/* Takes over from EDGE what says with whom its port may be shared. */
void endpoint_learn_options(struct endpoint *end, const struct edge_event *edge);

/* What a person should be shown as the state: the minisock's, where there is one. */
uint8_t endpoint_shown_state(const struct endpoint *end);

#endif
