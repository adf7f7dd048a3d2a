// SPDX-License-Identifier: GPL-2.0-only
#include "core/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t buckets_for(uint32_t endpoints)
{
	uint32_t buckets = 64;

	while (buckets < endpoints && buckets < (1U << 30))
		buckets *= 2;
	return buckets;
}

int table_init(struct table *table, uint32_t capacity)
{
	uint32_t buckets = buckets_for(capacity);

	*table = (struct table){.capacity = capacity, .mask = buckets - 1};
	table->endpoints = calloc((size_t)capacity * 2, sizeof(*table->endpoints));
	table->conns = calloc(capacity, sizeof(*table->conns));
	table->by_address = calloc(buckets, sizeof(struct endpoint *));
	table->by_pair = calloc(buckets, sizeof(struct endpoint *));
	table->by_handshake = calloc(buckets, sizeof(struct endpoint *));
	if (table->endpoints && table->conns && table->by_address && table->by_pair &&
	    table->by_handshake)
		return 0;
	table_fini(table);
	return -ENOMEM;
}

void table_fini(struct table *table)
{
	free(table->endpoints);
	free(table->conns);
	free(table->by_address);
	free(table->by_pair);
	free(table->by_handshake);
	*table = (struct table){0};
}

/* Murmur3's finisher. */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64_C(0xc4ceb9fe1a85ec53);
	return x ^ x >> 33;
}

static struct endpoint **address_bucket(const struct table *table, uint64_t sk)
{
	return &table->by_address[mix(sk) & table->mask];
}

/* The same for both directions, so that a pair and its mirror share a bucket. */
static struct endpoint **pair_bucket(const struct table *table, uint32_t netns,
				     const struct addr_port *local, const struct addr_port *remote)
{
	uint64_t words[4], ports = (uint64_t)(local->port ^ remote->port) << 32;

	memcpy(words, local->addr.bytes, 16);
	memcpy(words + 2, remote->addr.bytes, 16);
	words[1] = (words[1] ^ words[3]) * UINT64_C(0x9e3779b97f4a7c15);
	return &table->by_pair[mix((words[0] ^ words[2] ^ words[1]) + (ports | netns)) &
			       table->mask];
}

static struct endpoint **own_pair_bucket(const struct table *table, const struct endpoint *end)
{
	return pair_bucket(table, end->netns, &end->local, &end->remote);
}

/* The same for both directions, likewise. */
static struct endpoint **handshake_bucket(const struct table *table, const struct endpoint *end)
{
	uint64_t both = end->snd_una ^ end->rcv_nxt;

	return &table->by_handshake[mix(both) & table->mask];
}

struct endpoint *table_at(const struct table *table, uint64_t address)
{
	struct endpoint *end = *address_bucket(table, address);

	while (end && end->address != address)
		end = end->next_by_address;
	return end;
}

static void enter_address(struct table *table, struct endpoint *end)
{
	struct endpoint **bucket = address_bucket(table, end->address);

	end->next_by_address = *bucket;
	*bucket = end;
}

void table_forget_address(struct table *table, struct endpoint *end)
{
	struct endpoint **link = address_bucket(table, end->address);

	while (*link && *link != end)
		link = &(*link)->next_by_address;
	if (*link)
		*link = end->next_by_address;
}

void table_enter_pair(struct table *table, struct endpoint *end)
{
	struct endpoint **bucket;

	if (end->in_pairs || !end->local.port)
		return;
	if (!end->remote.port && end->state != WIRE_LISTEN)
		return;
	bucket = own_pair_bucket(table, end);
	end->next_by_pair = *bucket;
	*bucket = end;
	end->in_pairs = true;
}

static void leave_pair(struct table *table, struct endpoint *end)
{
	struct endpoint **link;

	if (!end->in_pairs)
		return;
	link = own_pair_bucket(table, end);
	while (*link != end)
		link = &(*link)->next_by_pair;
	*link = end->next_by_pair;
	end->in_pairs = false;
}

void table_move_to(struct table *table, struct endpoint *end, uint64_t address)
{
	table_forget_address(table, end);
	end->address = address;
	enter_address(table, end);
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
	for (other = *own_pair_bucket(table, end); other; other = other->next_by_pair)
		if (other->netns == end->netns &&
		    (is_free_to_pair(other, end) ||
		     (or_minisock && other->keeps && is_alone(other, end))) &&
		    addr_port_equal(&other->local, &end->remote) &&
		    addr_port_equal(&other->remote, &end->local))
			return other;
	return NULL;
}

static struct endpoint *mini_at(const struct table *table, uint32_t netns,
				const struct addr_port *local, const struct addr_port *remote,
				bool request)
{
	struct endpoint *end;

	for (end = *pair_bucket(table, netns, local, remote); end; end = end->next_by_pair)
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
		end = end->next_by_pair;
	return end;
}

static struct endpoint *listener_at(const struct table *table, uint32_t netns,
				    const struct addr_port *local, const struct addr *any)
{
	const struct addr_port remote = {.addr = *any};

	return listener_among(*pair_bucket(table, netns, local, &remote), netns, local);
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
	return listener_among(listener->next_by_pair, listener->netns, &listener->local);
}

void table_enter_handshake(struct table *table, struct endpoint *end)
{
	struct endpoint **bucket = handshake_bucket(table, end);

	end->next_by_handshake = *bucket;
	*bucket = end;
	end->met = true;
}

static void leave_handshake(struct table *table, struct endpoint *end)
{
	struct endpoint **link;

	if (!end->met)
		return;
	link = handshake_bucket(table, end);
	while (*link != end)
		link = &(*link)->next_by_handshake;
	*link = end->next_by_handshake;
	end->met = false;
}

struct endpoint *table_by_handshake(const struct table *table, const struct endpoint *end)
{
	struct endpoint *other;

	for (other = *handshake_bucket(table, end); other; other = other->next_by_handshake)
		if (other->snd_una == end->rcv_nxt && other->rcv_nxt == end->snd_una &&
		    is_free_to_pair(other, end))
			return other;
	return NULL;
}

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

static struct conn *take_conn(struct table *table)
{
	struct conn *conn = table->free_conns;

	if (conn)
		table->free_conns = conn->newer;
	else if (table->conns_used < table->capacity)
		conn = &table->conns[table->conns_used++];
	return conn;
}

/* There are two for each connection, so one is always left. */
static struct endpoint *take_endpoint(struct table *table)
{
	struct endpoint *end = table->free_endpoints;

	if (end)
		table->free_endpoints = end->next_by_address;
	else
		end = &table->endpoints[table->endpoints_used++];
	return end;
}

struct conn *table_new_conn(struct table *table, enum side side, uint64_t address, uint64_t now_ns)
{
	struct conn *conn = take_conn(table);
	struct endpoint *end;

	if (!conn)
		return NULL;
	end = take_endpoint(table);
	*end = (struct endpoint){.conn = conn,
				 .sk = address,
				 .address = address,
				 .side = (uint8_t)side};
	*conn = (struct conn){.id = ++table->last_id, .start_ns = now_ns, .last_ns = now_ns};
	conn->ends[side] = end;
	enter_address(table, end);
	queue_append(&table->lists[LIST_HELD], conn);
	return conn;
}

static void free_endpoint(struct table *table, struct endpoint *end)
{
	table_forget_address(table, end);
	leave_pair(table, end);
	leave_handshake(table, end);
	end->next_by_address = table->free_endpoints;
	table->free_endpoints = end;
}

void table_free_conn(struct table *table, struct conn *conn)
{
	for (int side = 0; side < 2; side++)
		if (conn->ends[side])
			free_endpoint(table, conn->ends[side]);
	queue_unlink(&table->lists[conn->list], conn);
	conn->newer = table->free_conns;
	table->free_conns = conn;
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
