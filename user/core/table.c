// SPDX-License-Identifier: GPL-2.0-only
#include "core/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_LEAST 64

/* --- the indexes --------------------------------------------------------------------------------- */

/* Murmur3's finisher. */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64_C(0xc4ceb9fe1a85ec53);
	return x ^ x >> 33;
}

/* The same for both directions, so that a pair and its mirror share a bucket. */
static uint64_t hash_pair(uint32_t netns, const struct addr_port *local,
			  const struct addr_port *remote)
{
	uint64_t words[4], ports = (uint64_t)(local->port ^ remote->port) << 32;

	memcpy(words, local->addr.bytes, 16);
	memcpy(words + 2, remote->addr.bytes, 16);
	words[1] = (words[1] ^ words[3]) * UINT64_C(0x9e3779b97f4a7c15);
	return mix((words[0] ^ words[2] ^ words[1]) + (ports | netns));
}

static uint64_t hash_of(const struct endpoint *end, enum table_index index)
{
	switch (index) {
	case BY_ADDRESS:
		return mix(end->address);
	case BY_PAIR:
		return hash_pair(end->netns, &end->local, &end->remote);
	case BY_HANDSHAKE: /* the same for both directions, likewise */
	case TABLE_INDEXES:
		break;
	}
	return mix(end->snd_una ^ end->rcv_nxt);
}

static struct endpoint **chain_at(const struct table *table, enum table_index index, uint64_t hash)
{
	uint32_t at = (uint32_t)hash & table->mask;

	if (at >= table->bucket_count)
		at &= table->mask >> 1;
	return &table->buckets[at].first[index];
}

static struct endpoint **chain_of(const struct table *table, const struct endpoint *end,
				  enum table_index index)
{
	return chain_at(table, index, hash_of(end, index));
}

static void enter(struct table *table, struct endpoint *end, enum table_index index)
{
	struct endpoint **chain = chain_of(table, end, index);

	end->next[index] = *chain;
	*chain = end;
}

static void leave(struct table *table, struct endpoint *end, enum table_index index)
{
	struct endpoint **link = chain_of(table, end, index);

	while (*link && *link != end)
		link = &(*link)->next[index];
	if (*link)
		*link = end->next[index];
}

/* Moves what belongs there from the chain at FROM to the one at TO, which is empty; all stay in their order. */
static void split_chain(struct table *table, enum table_index index, uint32_t from, uint32_t to)
{
	struct endpoint **link = &table->buckets[from].first[index];
	struct endpoint **last = &table->buckets[to].first[index];
	struct endpoint *end;

	while ((end = *link)) {
		if (((uint32_t)hash_of(end, index) & table->mask) == to) {
			*link = end->next[index];
			*last = end;
			last = &end->next[index];
		} else {
			link = &end->next[index];
		}
	}
	*last = NULL;
}

static void append_chain(struct table *table, enum table_index index, uint32_t from, uint32_t to)
{
	struct endpoint **link = &table->buckets[to].first[index];

	while (*link)
		link = &(*link)->next[index];
	*link = table->buckets[from].first[index];
}

/* Returns whether there is room for so many buckets: if not, chains become longer. */
static bool make_room(struct table *table, uint32_t buckets)
{
	struct bucket *moved = realloc(table->buckets, buckets * sizeof(*moved));

	if (!moved)
		return false;
	table->buckets = moved;
	table->buckets_room = buckets;
	return true;
}

static void add_bucket(struct table *table)
{
	uint32_t added = table->bucket_count;

	if (added == table->buckets_room && !make_room(table, 2 * added))
		return;
	if (added > table->mask)
		table->mask = 2 * table->mask + 1;
	for (enum table_index index = 0; index < TABLE_INDEXES; index++)
		split_chain(table, index, added & table->mask >> 1, added);
	table->bucket_count++;
}

static void remove_bucket(struct table *table)
{
	uint32_t removed = --table->bucket_count;

	for (enum table_index index = 0; index < TABLE_INDEXES; index++)
		append_chain(table, index, removed, removed & table->mask >> 1);
	if (removed == (table->mask >> 1) + 1)
		table->mask >>= 1;
	if (removed < table->buckets_room / 4)
		make_room(table, table->buckets_room / 2);
}

/* One endpoint came, or one has gone: half of one to one is in a bucket, so that is one bucket more, or two less. */
static void fit_buckets(struct table *table)
{
	if (table->endpoints.items > table->bucket_count)
		add_bucket(table);
	while (table->endpoints.items < table->bucket_count / 2 &&
	       table->bucket_count > BUCKETS_LEAST)
		remove_bucket(table);
}

/* The first piece, which stays: so to give up the oldest makes room, however little memory there is. */
static bool take_first(struct slabs *slabs)
{
	void *item = slab_take(slabs);

	if (item)
		slab_give(slabs, item);
	return item;
}

int table_init(struct table *table, uint32_t capacity)
{
	*table = (struct table){
		.capacity = capacity,
		.buckets = calloc(BUCKETS_LEAST, sizeof(struct bucket)),
		.bucket_count = BUCKETS_LEAST,
		.buckets_room = BUCKETS_LEAST,
		.mask = BUCKETS_LEAST - 1,
	};
	slabs_init(&table->endpoints, sizeof(struct endpoint));
	slabs_init(&table->conns, sizeof(struct conn));
	slabs_init(&table->pasts.slabs, sizeof(struct past));
	if (table->buckets && take_first(&table->endpoints) && take_first(&table->conns))
		return 0;
	table_fini(table);
	return -ENOMEM;
}

void table_fini(struct table *table)
{
	slabs_fini(&table->endpoints);
	slabs_fini(&table->conns);
	slabs_fini(&table->pasts.slabs);
	free(table->buckets);
	*table = (struct table){0};
}

/* --- what is found ------------------------------------------------------------------------------- */

struct endpoint *table_at(const struct table *table, uint64_t address)
{
	struct endpoint *end = *chain_at(table, BY_ADDRESS, mix(address));

	while (end && end->address != address)
		end = end->next[BY_ADDRESS];
	return end;
}

void table_forget_address(struct table *table, struct endpoint *end)
{
	leave(table, end, BY_ADDRESS);
}

void table_enter_pair(struct table *table, struct endpoint *end)
{
	if (end->in_pairs || !end->local.port)
		return;
	if (!end->remote.port && end->state != WIRE_LISTEN)
		return;
	enter(table, end, BY_PAIR);
	end->in_pairs = true;
}

static void leave_pair(struct table *table, struct endpoint *end)
{
	if (end->in_pairs)
		leave(table, end, BY_PAIR);
	end->in_pairs = false;
}

void table_move_to(struct table *table, struct endpoint *end, uint64_t address)
{
	leave(table, end, BY_ADDRESS);
	end->address = address;
	enter(table, end, BY_ADDRESS);
}

static bool is_alone(const struct endpoint *other, const struct endpoint *end)
{
	return other->conn != end->conn && !conn_peer(other) && other->state != WIRE_LISTEN;
}

static bool is_free_to_pair(const struct endpoint *other, const struct endpoint *end)
{
	return is_alone(other, end) && other->state != WIRE_CLOSE;
}

struct endpoint *table_by_mirror(const struct table *table, const struct endpoint *end,
				 bool or_minisock)
{
	struct endpoint *other;

	if (!end->local.port || !end->remote.port)
		return NULL;
	for (other = *chain_of(table, end, BY_PAIR); other; other = other->next[BY_PAIR])
		if (other->netns == end->netns &&
		    (is_free_to_pair(other, end) ||
		     (or_minisock && other->keeps && is_alone(other, end))) &&
		    addr_port_equal(&other->local, &end->remote) &&
		    addr_port_equal(&other->remote, &end->local))
			return other;
	return NULL;
}

static struct endpoint **pair_chain(const struct table *table, uint32_t netns,
				    const struct addr_port *local, const struct addr_port *remote)
{
	return chain_at(table, BY_PAIR, hash_pair(netns, local, remote));
}

static struct endpoint *mini_at(const struct table *table, uint32_t netns,
				const struct addr_port *local, const struct addr_port *remote,
				bool request)
{
	struct endpoint *end;

	for (end = *pair_chain(table, netns, local, remote); end; end = end->next[BY_PAIR])
		if ((request ? end->state == WIRE_NEW_SYN_RECV : end->keeps) &&
		    end->netns == netns && addr_port_equal(&end->local, local) &&
		    addr_port_equal(&end->remote, remote))
			return end;
	return NULL;
}

struct endpoint *table_request(const struct table *table, uint32_t netns,
			       const struct addr_port *local, const struct addr_port *remote)
{
	return mini_at(table, netns, local, remote, true);
}

struct endpoint *table_timewait(const struct table *table, uint32_t netns,
				const struct addr_port *local, const struct addr_port *remote)
{
	return mini_at(table, netns, local, remote, false);
}

static struct endpoint *listener_among(struct endpoint *chain, uint32_t netns,
				       const struct addr_port *local)
{
	struct endpoint *end = chain;

	while (end && (end->state != WIRE_LISTEN || end->netns != netns ||
		       !addr_port_equal(&end->local, local)))
		end = end->next[BY_PAIR];
	return end;
}

static struct endpoint *listener_at(const struct table *table, uint32_t netns,
				    const struct addr_port *local, const struct addr *any)
{
	const struct addr_port remote = {.addr = *any};

	return listener_among(*pair_chain(table, netns, local, &remote), netns, local);
}

struct endpoint *table_listener(const struct table *table, uint32_t netns,
				const struct addr_port *local)
{
	static const struct addr any_v4 = {.bytes = {[10] = 0xff, [11] = 0xff}}, any_v6 = {0};
	const struct addr *any = addr_is_v4(&local->addr) ? &any_v4 : &any_v6;
	struct addr_port wildcard = {*any, local->port}, dual = {any_v6, local->port};
	struct endpoint *end = listener_at(table, netns, local, any);

	if (!end) /* an AF_INET6 socket on a v4-mapped address */
		end = listener_at(table, netns, local, &any_v6);
	if (!end)
		end = listener_at(table, netns, &wildcard, any);
	return end ? end : listener_at(table, netns, &dual, &any_v6);
}

struct endpoint *table_next_listener(const struct endpoint *listener)
{
	return listener_among(listener->next[BY_PAIR], listener->netns, &listener->local);
}

void table_enter_handshake(struct table *table, struct endpoint *end)
{
	enter(table, end, BY_HANDSHAKE);
	end->met = true;
}

static void leave_handshake(struct table *table, struct endpoint *end)
{
	if (end->met)
		leave(table, end, BY_HANDSHAKE);
	end->met = false;
}

struct endpoint *table_by_handshake(const struct table *table, const struct endpoint *end)
{
	struct endpoint *other;

	for (other = *chain_of(table, end, BY_HANDSHAKE); other; other = other->next[BY_HANDSHAKE])
		if (other->snd_una == end->rcv_nxt && other->rcv_nxt == end->snd_una &&
		    is_free_to_pair(other, end))
			return other;
	return NULL;
}

/* --- what there is ------------------------------------------------------------------------------- */

static void queue_unlink(struct conn_queue *queue, struct conn *conn)
{
	*(conn->older ? &conn->older->newer : &queue->oldest) = conn->newer;
	*(conn->newer ? &conn->newer->older : &queue->newest) = conn->older;
	conn->older = conn->newer = NULL;
	queue->count--;
}

static void queue_append(struct conn_queue *queue, struct conn *conn)
{
	conn->older = queue->newest;
	conn->newer = NULL;
	*(queue->newest ? &queue->newest->newer : &queue->oldest) = conn;
	queue->newest = conn;
	queue->count++;
}

void table_touch(struct table *table, struct conn *conn, enum conn_list list)
{
	if (conn->list == list && !conn->newer)
		return;
	queue_unlink(&table->lists[conn->list], conn);
	conn->list = (uint8_t)list;
	queue_append(&table->lists[list], conn);
}

/* One with an end at SIDE, or NULL: no memory. */
static struct conn *take_conn(struct table *table, enum side side)
{
	struct conn *conn = slab_take(&table->conns);
	struct endpoint *end = conn ? slab_take(&table->endpoints) : NULL;

	if (!end) {
		if (conn)
			slab_give(&table->conns, conn);
		return NULL;
	}
	*conn = (struct conn){0};
	conn->ends[side] = end;
	*end = (struct endpoint){.conn = conn, .side = (uint8_t)side};
	return conn;
}

struct conn *table_new_conn(struct table *table, enum side side, uint64_t address, uint64_t now_ns)
{
	struct conn *conn = table->conns.items < table->capacity ? take_conn(table, side) : NULL;

	if (!conn)
		return NULL;
	conn->id = ++table->last_id;
	conn->start_ns = conn->last_ns = now_ns;
	conn->ends[side]->sk = conn->ends[side]->address = address;
	enter(table, conn->ends[side], BY_ADDRESS);
	queue_append(&table->lists[LIST_HELD], conn);
	fit_buckets(table);
	return conn;
}

static void free_endpoint(struct table *table, struct endpoint *end)
{
	leave(table, end, BY_ADDRESS);
	leave_pair(table, end);
	leave_handshake(table, end);
	past_end(&table->pasts, end);
	slab_give(&table->endpoints, end);
	fit_buckets(table);
}

void table_free_conn(struct table *table, struct conn *conn)
{
	for (int side = 0; side < 2; side++)
		if (conn->ends[side])
			free_endpoint(table, conn->ends[side]);
	queue_unlink(&table->lists[conn->list], conn);
	slab_give(&table->conns, conn);
}

void table_join(struct table *table, struct conn *into, struct conn *from)
{
	enum side side = into->ends[SIDE_CLIENT] ? SIDE_SERVER : SIDE_CLIENT;
	struct endpoint *end = conn_any_end(from);

	into->ends[side] = end;
	end->conn = into;
	end->side = (uint8_t)side;
	from->ends[SIDE_CLIENT] = from->ends[SIDE_SERVER] = NULL;
	table_free_conn(table, from);
}
