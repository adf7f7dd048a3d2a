/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * roll: the endpoints that there are at one time, how many are in each state, and what has become of them since the
 * time before.
 *
 *	roll_init(&now, room);
 *	roll_add(&now, end, wanted);		each that was found
 *	roll_pair(&now);			who is whose other end
 *	roll_keep_wanted(&now);
 *	roll_compare(&now, &before);		in the rounds behind the first
 *	roll_sort(&now);			for people
 */
#ifndef CORE_ROLL_H
#define CORE_ROLL_H

#include "core/conn.h"
#include "core/filter.h"

/* A full socket, or one of the two that the kernel keeps before and after it. */
enum roll_kind {
	ROLL_FULL,
	ROLL_REQUEST, /* in NEW_SYN_RECV */
	ROLL_MINISOCK, /* in FIN_WAIT2 or TIME_WAIT */
	ROLL_KINDS
};

enum roll_change {
	ROLL_SAME, /* or there is no round before */
	ROLL_NEW,
	ROLL_MOVED, /* to another state, or its minisock has taken its place */
	ROLL_GONE, /* as it was in the round before */
};

struct roll_row {
	struct addr_port local, remote;
	struct owner owner; /* of a minisock: known by the rounds before alone */
	struct owner peer_owner; /* valid if the other end is here */
	uint64_t sk; /* its address */
	uint64_t cookie; /* 0: not known */
	uint64_t until_ns; /* when the timer of a minisock or request is due; 0: a full socket */
	uint64_t seen_ns; /* the first round that had it */
	uint32_t netns;
	uint32_t peer_netns;
	uint32_t snd_una, rcv_nxt;
	uint8_t state; /* enum wire_tcp_state, as people should be shown it */
	uint8_t peer_state; /* NO_STATE: the other end is not on this host, or is not known to be */
	uint8_t from; /* MOVED: what it was in the round before */
	uint8_t kind; /* enum roll_kind */
	uint8_t from_kind;
	uint8_t change; /* enum roll_change */
	uint8_t side; /* enum side, as it may be guessed */
	uint8_t family;
	bool orphan; /* a full socket that no process has any more */
	bool wanted;
};

struct roll_counts {
	uint64_t of[WIRE_STATE_COUNT][ROLL_KINDS];
};

struct roll {
	struct roll_row *rows;
	size_t count, capacity;
	struct roll_counts counts; /* of rows that are wanted; none that is gone */
	uint64_t now_ns; /* CLOCK_MONOTONIC */
};

/* Has room for CAPACITY rows; NOW_NS is the time of the round. Returns 0 or -ENOMEM. */
int roll_init(struct roll *roll, size_t capacity, uint64_t now_ns);
void roll_fini(struct roll *roll);

/* Adds END, for which there must be room. */
void roll_add(struct roll *roll, const struct endpoint *end, bool wanted);

/* Tells each row of its other end: that with its addresses turned round in its network namespace, else in another
 * one if the sequence numbers agree, which they do while nothing is on its way. */
void roll_pair(struct roll *roll);

/* Throws away the others, and counts what is left. */
void roll_keep_wanted(struct roll *roll);

/*
 * Marks in NOW what has changed since BEFORE, and adds what is gone; there must be room for all of BEFORE. A row is
 * the same endpoint as one before by its cookie, else by its addresses, unless its life would run backwards. Both are
 * left in some order.
 */
void roll_compare(struct roll *now, struct roll *before);

/* By the server's port: its listeners, then the connections by state, the two ends of each together. */
void roll_sort(struct roll *roll);

/* How many there are in all. */
uint64_t roll_total(const struct roll_counts *counts);

/* The endpoint that EVENT found, on its own: what a filter can tell of it without an owner. False: EVENT finds none. */
bool roll_read(const struct event *event, struct endpoint *ret_end);

/* Counts END. */
void roll_count(struct roll_counts *counts, const struct endpoint *end);

/* The states in the order of a connection's life: the POSITIONth, from 0; NO_STATE behind the last. */
uint8_t roll_state(unsigned int position);

/* "full", "request", "minisock" */
const char *roll_kind_name(enum roll_kind kind);

/* "new", "gone", "moved"; NULL for ROLL_SAME. */
const char *roll_change_name(enum roll_change change);

#endif
