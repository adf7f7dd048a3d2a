/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * census: the endpoints that there are at one time, how many are in each state, and what has become of them since the
 * time before.
 *
 *	census_init(&now, room);
 *	census_add(&now, end, wanted);		each that was found
 *	census_pair(&now);			who is whose other end
 *	census_keep_wanted(&now);
 *	census_compare(&now, &before);		in the rounds behind the first
 *	census_sort(&now);			for people
 */
#ifndef CORE_CENSUS_H
#define CORE_CENSUS_H

#include "core/conn.h"
#include "core/filter.h"

/* A full socket, or one of the two that the kernel keeps before and after it. */
enum census_kind {
	CENSUS_FULL,
	CENSUS_REQUEST, /* in NEW_SYN_RECV */
	CENSUS_MINISOCK, /* in FIN_WAIT2 or TIME_WAIT */
	CENSUS_KINDS
};

enum census_change {
	CENSUS_SAME, /* or there is no round before */
	CENSUS_NEW,
	CENSUS_MOVED, /* to another state, or its minisock has taken its place */
	CENSUS_GONE, /* as it was in the round before */
};

struct census_row {
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
	uint8_t kind; /* enum census_kind */
	uint8_t from_kind;
	uint8_t change; /* enum census_change */
	uint8_t side; /* enum side, as it may be guessed */
	uint8_t family;
	bool orphan; /* a full socket that no process has any more */
	bool wanted;
};

struct census_counts {
	uint64_t of[WIRE_STATE_COUNT][CENSUS_KINDS];
};

struct census {
	struct census_row *rows;
	size_t count, capacity;
	struct census_counts counts; /* of rows that are wanted; none that is gone */
	uint64_t now_ns; /* CLOCK_MONOTONIC */
};

/* Has room for CAPACITY rows; NOW_NS is the time of the round. Returns 0 or -ENOMEM. */
int census_init(struct census *census, size_t capacity, uint64_t now_ns);
void census_fini(struct census *census);

/* Adds END, for which there must be room. */
void census_add(struct census *census, const struct endpoint *end, bool wanted);

/* Tells each row of its other end: that with its addresses turned round in its network namespace, else in another
 * one if the sequence numbers agree, which they do while nothing is on its way. */
void census_pair(struct census *census);

/* Throws away the others, and counts what is left. */
void census_keep_wanted(struct census *census);

/*
 * Marks in NOW what has changed since BEFORE, and adds what is gone; there must be room for all of BEFORE. A row is
 * the same endpoint as one before by its cookie, else by its addresses, unless its life would run backwards. Both are
 * left in some order.
 */
void census_compare(struct census *now, struct census *before);

/* By the server's port: its listeners, then the connections by state, the two ends of each together. */
void census_sort(struct census *census);

/* How many there are in all. */
uint64_t census_total(const struct census_counts *counts);

/* The endpoint that EVENT found, on its own: what a filter can tell of it without an owner. False: EVENT finds none. */
bool census_read(const struct event *event, struct endpoint *ret_end);

/* Counts END. */
void census_count(struct census_counts *counts, const struct endpoint *end);

/* The states in the order of a connection's life: the POSITIONth, from 0; NO_STATE behind the last. */
uint8_t census_state(unsigned int position);

/* "full", "request", "minisock" */
const char *census_kind_name(enum census_kind kind);

/* "new", "gone", "moved"; NULL for CENSUS_SAME. */
const char *census_change_name(enum census_change change);

#endif
