/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * table: the memory of the tracker: endpoints and connections up to a hard cap, three ways to find an
 * endpoint, and the connections in order of their last activity.
 *
 * Memory is taken in pieces as it is needed, and given back. The indexes grow and shrink by a bucket at a time
 * (linear hashing: Litwin, 1980), so that no event waits for all endpoints to be put elsewhere.
 */
#ifndef CORE_TABLE_H
#define CORE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/conn.h"
#include "core/slab.h"

struct conn_queue {
	struct conn *oldest, *newest;
	uint32_t count;
};

/* The first endpoints of its chains. */
struct bucket {
	struct endpoint *first[TABLE_INDEXES];
};

struct table {
	struct slabs endpoints, conns;
	struct pasts pasts;
	uint32_t capacity;
	struct bucket *buckets;
	uint32_t bucket_count, buckets_room;
	uint32_t mask; /* of a hash: what is beyond the buckets has its place in the lower half */
	struct conn_queue lists[LISTS];
	uint64_t last_id;
};

/* For up to CAPACITY connections, each of one or two ends. Takes next to nothing yet. Returns 0 or -ENOMEM. */
int table_init(struct table *table, uint32_t capacity);
void table_fini(struct table *table);

/* A new connection with one new end at SIDE, in list LIST_HELD, or NULL when the table is full, or
 * memory is. */
struct conn *table_new_conn(struct table *table, enum side side, uint64_t address, uint64_t now_ns);

/* Gives back the connection and its ends. It must hold no changes and no place in a struct due. */
void table_free_conn(struct table *table, struct conn *conn);

/* Moves the one end of FROM over to the free side of INTO, and gives FROM back, as above. */
void table_join(struct table *table, struct conn *into, struct conn *from);

/* The endpoint that is found by ADDRESS, or NULL: the last one whose socket was there, or, while it has
 * one, its minisock. */
struct endpoint *table_at(const struct table *table, uint64_t address);

/* END is found by another address from now on: a minisock has taken the socket's place, or the reverse. */
void table_move_to(struct table *table, struct endpoint *end, uint64_t address);

/* A younger endpoint has taken END's address: END is not found by it any more. */
void table_forget_address(struct table *table, struct endpoint *end);

/* The request socket, or the end that keeps a timewait socket, with these addresses, or NULL. */
struct endpoint *table_request(const struct table *table, uint32_t netns,
			       const struct addr_port *local, const struct addr_port *remote);
struct endpoint *table_timewait(const struct table *table, uint32_t netns,
				const struct addr_port *local, const struct addr_port *remote);

/* Enters END under its addresses once they are complete: both ports, or a listener's own. */
void table_enter_pair(struct table *table, struct endpoint *end);

/* An unpaired, open endpoint in END's namespace whose addresses are END's turned round, or NULL. OR_MINISOCK:
 * it may be in CLOSE if its minisock lives. */
struct endpoint *table_by_mirror(const struct table *table, const struct endpoint *end,
				 bool or_minisock);

/* The listener in namespace NETNS that a child with address LOCAL came from, or NULL: one on that address
 * before one on the wildcard. */
struct endpoint *table_listener(const struct table *table, uint32_t netns,
				const struct addr_port *local);

/* Another one on LISTENER's address (SO_REUSEPORT), or NULL: behind the first, all of them one by one. */
struct endpoint *table_next_listener(const struct endpoint *listener);

/* Enters END under (snd_una, rcv_nxt), which must be valid. */
void table_enter_handshake(struct table *table, struct endpoint *end);

/* An unpaired endpoint that met a peer with END's numbers crossed, or NULL. */
struct endpoint *table_by_handshake(const struct table *table, const struct endpoint *end);

/* Moves CONN to the young end of LIST. */
void table_touch(struct table *table, struct conn *conn, enum conn_list list);

#endif
