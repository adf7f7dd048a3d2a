/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * records: what a storm of short connections on one host records, made without a kernel: the same bytes each time.
 *
 * Both ends of a connection are here, but for a tenth of them. Of ten, five are closed by the client first, one of
 * these as an orphan in FIN_WAIT2; three by the server; one by a RST; and one, whose client is elsewhere, by that. Each has
 * its request socket, and its TIME_WAIT ends. RECORDS_WIDTH of them are under way at a time, on two CPUs, a record each in
 * turn.
 */
#ifndef TESTS_RECORDS_H
#define TESTS_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

#define RECORDS_WIDTH 16

/* So many are in TIME_WAIT at a time. */
#define RECORDS_WAITING 2048

struct records_life {
	uint64_t number; /* of the connection */
	unsigned int step; /* of its script: what comes next */
};

struct records {
	uint64_t now_ns;
	uint64_t begun; /* connections, so far */
	uint64_t seqs[2][WIRE_PROGRAMS]; /* by CPU */
	struct records_life lives[RECORDS_WIDTH];
	unsigned int turn; /* whose record is next */
	uint64_t waiting[RECORDS_WAITING]; /* a ring: numbers of connections in TIME_WAIT */
	uint32_t wait_first, wait_count;
	union {
		struct wire_hdr hdr;
		struct records_edge {
			struct wire_state state;
			char parts[sizeof(struct wire_counts) + sizeof(struct wire_actor)];
		} edge;
		struct wire_mini mini;
		struct wire_reset reset;
		struct wire_hooks hooks;
		struct wire_holder holder;
	} record; /* the last one made */
};

/* Begins with connection NUMBER, from 0. */
void records_init(struct records *records, uint64_t number);

/* What is returned is valid until the next call. */

/* The next record of the storm; there always is one. */
const struct wire_hdr *records_next(struct records *records);

/* What stands before a storm: what this trace can see, and the listener. */
const struct wire_hdr *records_hooks(struct records *records);
const struct wire_hdr *records_listener(struct records *records);

/* What a snapshot finds of connection NUMBER: the server's end or the CLIENT's, ESTABLISHED; who holds it; its TIME_WAIT. */
const struct wire_hdr *records_open(struct records *records, uint64_t number, int client);
const struct wire_hdr *records_holder(struct records *records, uint64_t number, int client);
const struct wire_hdr *records_waiting(struct records *records, uint64_t number);

#endif
