// SPDX-License-Identifier: GPL-2.0-only
#include "core/roll.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t life[] = {
	WIRE_LISTEN,	 WIRE_NEW_SYN_RECV, WIRE_SYN_RECV,  WIRE_SYN_SENT, WIRE_ESTABLISHED,
	WIRE_CLOSE_WAIT, WIRE_FIN_WAIT1,    WIRE_FIN_WAIT2, WIRE_CLOSING,  WIRE_LAST_ACK,
	WIRE_TIME_WAIT,	 WIRE_CLOSE,	    WIRE_NO_STATE,
};

uint8_t roll_state(unsigned int position)
{
	return life[position];
}

const char *roll_kind_name(enum roll_kind kind)
{
	static const char *const names[ROLL_KINDS] = {"full", "request", "minisock"};

	return names[kind];
}

const char *roll_change_name(enum roll_change change)
{
	static const char *const names[] = {
		[ROLL_SAME] = NULL,
		[ROLL_NEW] = "new",
		[ROLL_MOVED] = "moved",
		[ROLL_GONE] = "gone",
	};

	return names[change];
}

int roll_init(struct roll *roll, size_t capacity, uint64_t now_ns)
{
	*roll = (struct roll){.capacity = capacity, .now_ns = now_ns};
	roll->rows = calloc(capacity ? capacity : 1, sizeof(*roll->rows));
	return roll->rows ? 0 : -ENOMEM;
}

void roll_fini(struct roll *roll)
{
	free(roll->rows);
	*roll = (struct roll){0};
}

/* --- what there is ------------------------------------------------------------------------------- */

static enum roll_kind kind_of(const struct endpoint *end)
{
	if (end->keeps)
		return ROLL_MINISOCK;
	return end->state == WIRE_NEW_SYN_RECV ? ROLL_REQUEST : ROLL_FULL;
}

bool roll_read(const struct event *event, struct endpoint *ret_end)
{
	const struct edge_event *edge = &event->edge;
	const struct mini_event *mini = &event->mini;

	if (event->type == WIRE_FOUND && edge->to != WIRE_CLOSE)
		*ret_end = (struct endpoint){.local = edge->local,
					     .remote = edge->remote,
					     .netns = edge->netns,
					     .state = edge->to};
	else if (event->type == WIRE_MINI && mini->what == WIRE_MINI_FOUND)
		*ret_end = (struct endpoint){.local = mini->local,
					     .remote = mini->remote,
					     .netns = mini->netns,
					     .state = mini->state};
	else
		return false;
	if (event->type == WIRE_MINI && mini->state != WIRE_NEW_SYN_RECV) {
		ret_end->keeps = mini->state;
		ret_end->state = WIRE_CLOSE;
	}
	return true;
}

void roll_count(struct roll_counts *counts, const struct endpoint *end)
{
	counts->of[endpoint_shown_state(end)][kind_of(end)]++;
}

uint64_t roll_total(const struct roll_counts *counts)
{
	uint64_t total = 0;

	for (unsigned int state = 0; state < WIRE_STATE_COUNT; state++)
		for (unsigned int kind = 0; kind < ROLL_KINDS; kind++)
			total += counts->of[state][kind];
	return total;
}

void roll_add(struct roll *roll, const struct endpoint *end, bool wanted)
{
	enum roll_kind kind = kind_of(end);

	roll->rows[roll->count++] = (struct roll_row){
		.local = end->local,
		.remote = end->remote,
		.owner = end->owner,
		.sk = end->sk,
		.cookie = end->cookie,
		.until_ns = kind == ROLL_FULL ? 0 : end->keeps_until_ns,
		.seen_ns = roll->now_ns,
		.netns = end->netns,
		.snd_una = end->snd_una,
		.rcv_nxt = end->rcv_nxt,
		.state = endpoint_shown_state(end),
		.kind = (uint8_t)kind,
		.side = end->side,
		.family = end->family,
		.orphan = kind == ROLL_FULL && past_of(end)->held.orphan,
		.wanted = wanted,
	};
}

void roll_keep_wanted(struct roll *roll)
{
	size_t kept = 0;

	for (size_t i = 0; i < roll->count; i++) {
		const struct roll_row *row = &roll->rows[i];

		if (!row->wanted)
			continue;
		roll->counts.of[row->state][row->kind]++;
		roll->rows[kept++] = *row;
	}
	roll->count = kept;
}

/* --- by addresses -------------------------------------------------------------------------------- */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_at(const struct addr_port *a, const struct addr_port *b)
{
	int order = memcmp(a->addr.bytes, b->addr.bytes, sizeof(a->addr.bytes));

	return order ? order : compare_numbers(a->port, b->port);
}

static int compare_ends(const struct addr_port *local, const struct addr_port *remote,
			const struct roll_row *row)
{
	int order = compare_at(local, &row->local);

	return order ? order : compare_at(remote, &row->remote);
}

static int by_ends(const void *a, const void *b)
{
	const struct roll_row *one = a, *other = b;

	return compare_ends(&one->local, &one->remote, other);
}

static void sort_by_ends(struct roll *roll)
{
	qsort(roll->rows, roll->count, sizeof(*roll->rows), by_ends);
}

/* The first of the sorted COUNT rows that has these ends, or stands behind them. */
static struct roll_row *first_with(struct roll_row *rows, size_t count,
				   const struct addr_port *local, const struct addr_port *remote)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_ends(local, remote, &rows[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return rows + low;
}

/* --- who is whose other end ---------------------------------------------------------------------- */

static bool numbers_agree(const struct roll_row *a, const struct roll_row *b)
{
	return a->kind == ROLL_FULL && b->kind == ROLL_FULL && a->snd_una == b->rcv_nxt &&
	       a->rcv_nxt == b->snd_una;
}

static const struct roll_row *other_end(const struct roll *roll, const struct roll_row *row)
{
	const struct roll_row *end = roll->rows + roll->count, *elsewhere = NULL;
	const struct roll_row *other =
		first_with(roll->rows, roll->count, &row->remote, &row->local);

	if (!row->remote.port)
		return NULL;
	for (; other < end && compare_ends(&row->remote, &row->local, other) == 0; other++) {
		if (other->netns == row->netns && other != row)
			return other;
		if (other->netns != row->netns && numbers_agree(row, other))
			elsewhere = other;
	}
	return elsewhere;
}

void roll_pair(struct roll *roll)
{
	sort_by_ends(roll);
	for (size_t i = 0; i < roll->count; i++) {
		struct roll_row *row = &roll->rows[i];
		const struct roll_row *other = other_end(roll, row);

		if (!other)
			continue;
		row->peer_state = other->state;
		row->peer_owner = other->owner;
		row->peer_netns = other->netns;
	}
}

/* --- what has changed ---------------------------------------------------------------------------- */

/* A request becomes a full socket, and that a minisock; never the reverse. */
static int age_of(enum roll_kind kind)
{
	static const int ages[ROLL_KINDS] =
		{[ROLL_REQUEST] = 0, [ROLL_FULL] = 1, [ROLL_MINISOCK] = 2};

	return ages[kind];
}

/* Both have the same ends. */
static bool is_same(const struct roll_row *old, const struct roll_row *row)
{
	if (old->netns != row->netns)
		return false;
	if (old->cookie && row->cookie)
		return old->cookie == row->cookie;
	if (old->kind == ROLL_FULL && row->kind == ROLL_FULL)
		return old->sk == row->sk;
	return age_of((enum roll_kind)old->kind) <= age_of((enum roll_kind)row->kind);
}

/* The row among the sorted COUNT that OLD has become, and that is no other's yet; NULL: it is gone. */
static struct roll_row *successor(struct roll *now, size_t count, const struct roll_row *old)
{
	struct roll_row *row = first_with(now->rows, count, &old->local, &old->remote);

	for (; row < now->rows + count && by_ends(row, old) == 0; row++)
		if (row->change == ROLL_NEW && is_same(old, row))
			return row;
	return NULL;
}

/* The kernel does not tell whose a closed socket was: the round before may. */
static void go_on(struct roll_row *row, const struct roll_row *old)
{
	bool moved = row->state != old->state || row->kind != old->kind;

	row->change = moved ? ROLL_MOVED : ROLL_SAME;
	row->from = old->state;
	row->from_kind = old->kind;
	row->seen_ns = old->seen_ns;
	if (row->owner.source == OWNER_UNKNOWN)
		row->owner = old->owner;
	if (row->peer_state && row->peer_owner.source == OWNER_UNKNOWN)
		row->peer_owner = old->peer_owner;
}

void roll_compare(struct roll *now, struct roll *before)
{
	size_t count = now->count;

	sort_by_ends(now);
	for (size_t i = 0; i < count; i++)
		now->rows[i].change = ROLL_NEW;
	for (size_t i = 0; i < before->count; i++) {
		const struct roll_row *old = &before->rows[i];
		struct roll_row *row;

		if (old->change == ROLL_GONE)
			continue;
		row = successor(now, count, old);
		if (row) {
			go_on(row, old);
			continue;
		}
		now->rows[now->count] = *old;
		now->rows[now->count++].change = ROLL_GONE;
	}
}

/* --- for people ---------------------------------------------------------------------------------- */

static unsigned int place_in_life(uint8_t state)
{
	unsigned int place = 0;

	while (life[place] && life[place] != state)
		place++;
	return place;
}

/* That of the connection: its server's, if this is here. */
static unsigned int place_of(const struct roll_row *row)
{
	bool by_peer = row->side == SIDE_CLIENT && row->peer_state;

	return place_in_life(by_peer ? row->peer_state : row->state);
}

static const struct addr_port *server_of(const struct roll_row *row)
{
	return row->side == SIDE_SERVER ? &row->local : &row->remote;
}

static const struct addr_port *client_of(const struct roll_row *row)
{
	return row->side == SIDE_SERVER ? &row->remote : &row->local;
}

static int by_service(const void *a, const void *b)
{
	const struct roll_row *one = a, *other = b;
	int order = compare_numbers(server_of(one)->port, server_of(other)->port);

	if (!order)
		order = compare_numbers(place_of(one), place_of(other));
	if (!order)
		order = compare_at(server_of(one), server_of(other));
	if (!order)
		order = compare_at(client_of(one), client_of(other));
	if (!order)
		order = compare_numbers(other->side, one->side);
	if (!order)
		order = compare_numbers(one->netns, other->netns);
	return order ? order : compare_numbers(one->sk, other->sk);
}

void roll_sort(struct roll *roll)
{
	qsort(roll->rows, roll->count, sizeof(*roll->rows), by_service);
}
