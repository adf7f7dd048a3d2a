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

#include "core/past.h"

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
	union {
		uint64_t
			keeps_until_ns; /* planned end of its minisock, or of the request that it is */
		uint64_t opening_ns; /* ESTABLISHED without a past: how long that took */
	};
	uint64_t last_ktime_ns; /* of the last edge */
	struct owner owner;
	struct past *past; /* NULL: none. To be read by past_of(). */
	uint8_t state; /* enum wire_tcp_state */
	uint8_t keeps; /* minisock: FIN_WAIT2, TIME_WAIT, or NO_STATE */
	uint8_t last_from; /* the last edge, to know a duplicate by */
	uint8_t last_to;
	uint8_t family;
	uint8_t side; /* enum side */
	bool since_known : 1; /* since_ns is a time, not "before start" */
	bool requested : 1; /* its SYN was seen to come: since_ns is the time, up to ESTABLISHED */
	bool accepted : 1; /* opening_ns is of SYN_RECV, else of SYN_SENT */
	bool met : 1; /* was seen to become ESTABLISHED: snd_una and rcv_nxt are valid */
	bool uncertain : 1; /* edges were missed */
	bool reuse_addr : 1; /* SO_REUSEADDR and so on, also of its minisock */
	bool reuse_port : 1;
	bool v6_only : 1;
	bool sent_fin : 1;
	bool got_fin : 1;
	bool sent_fin_first : 1; /* its FIN went out before the peer's came */
	bool in_pairs : 1; /* is in the index by address pair */
	bool of_command : 1; /* its owner belongs to `-- COMMAND` */
	bool in_cgroup : 1; /* ... or is in one that --cgroup names */
	bool awaited : 1; /* counted in tracker->command_open */
	bool counted : 1; /* was shown: the sinks know it */
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
	uint64_t id; /* 1, 2, ... in the order of appearance, and anew when it is first shown */
	struct endpoint *ends[2]; /* by enum side */
	struct conn *older, *newer; /* the list it is in, by last activity */
	struct held_change *held; /* the last of a ring: the first is behind it */
	uint64_t start_ns; /* time of the first edge seen */
	uint64_t last_ns;
	uint64_t
		held_until_ns; /* it is not shown before: who owns it, or its other end, may turn up; 0 */
	uint64_t undecided_until_ns; /* what a RST was about may turn up; 0 */
	uint32_t due_slot; /* its place in the queue of planned ends, 0: not in it */
	uint8_t selection; /* enum selection */
	uint8_t list; /* enum conn_list */
	bool sides_known : 1; /* who is client was seen, not guessed */
	bool likely : 1; /* the ends were paired by their addresses alone */
	bool embryo : 1; /* a child whose handshake is not complete yet: it may join its client's */
	bool judged : 1; /* its verdict was given */
	bool evicted : 1; /* the table was full: its verdict is that we stopped watching */
	bool uncertain : 1; /* records were lost while it was open */
};

enum conn_result {
	CONN_MOVED, /* an edge of the state machine */
	CONN_NOTED, /* from a state to the same state: a fact, no move */
	CONN_JUMPED, /* the edge does not start where we were, or is none that we know */
	CONN_DUPLICATE, /* seen already: the witness reported it again */
};

/*
 * Moves END along the edge of EVENT at its time, whose cause is CAUSE. Pure but for END and its past. Of the result,
 * only CONN_DUPLICATE leaves END as it was. RET_IN_STATE_NS is how long END was in the state that it
 * left, 0 where END->since_known was false.
 */
enum conn_result conn_apply(struct pasts *pasts, struct endpoint *end, const struct event *event,
			    const struct cause *cause, uint64_t *ret_in_state_ns);

/* What END has behind it, to be read. */
static inline const struct past *past_of(const struct endpoint *end)
{
	return end->past ? end->past : &past_none;
}

/* ... to be written: from PASTS, if END has none yet. */
struct past *past_begin(struct pasts *pasts, struct endpoint *end);

/* END has none any more. */
void past_end(struct pasts *pasts, struct endpoint *end);

/* Time that END has spent in STATE and left; of FIN_WAIT2 with that of its minisock. */
uint64_t endpoint_wait_ns(const struct endpoint *end, uint8_t state);

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

_Static_assert(sizeof(struct endpoint) == 184,
	       "a million open ends are to take no more than 300 MB");
_Static_assert(sizeof(struct conn) == 88, "... with their connections");

#endif
