// SPDX-License-Identifier: GPL-2.0-only
#include "core/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t life[] = {
	WIRE_LISTEN,	 WIRE_NEW_SYN_RECV, WIRE_SYN_RECV,  WIRE_SYN_SENT, WIRE_ESTABLISHED,
	WIRE_CLOSE_WAIT, WIRE_FIN_WAIT1,    WIRE_FIN_WAIT2, WIRE_CLOSING,  WIRE_LAST_ACK,
	WIRE_TIME_WAIT,	 WIRE_CLOSE,	    WIRE_NO_STATE,
};

uint8_t tally_state(unsigned int position)
{
	return life[position];
}

const char *tally_kind_name(enum tally_kind kind)
{
	static const char *const names[TALLY_KINDS] = {"full", "request", "minisock"};

	return names[kind];
}

const char *tally_change_name(enum tally_change change)
{
	static const char *const names[] = {
		[TALLY_SAME] = NULL,
		[TALLY_NEW] = "new",
		[TALLY_MOVED] = "moved",
		[TALLY_GONE] = "gone",
	};

	return names[change];
}

int tally_init(struct tally *tally, size_t capacity, uint64_t now_ns)
{
	*tally = (struct tally){.capacity = capacity, .now_ns = now_ns};
	tally->rows = calloc(capacity ? capacity : 1, sizeof(*tally->rows));
	return tally->rows ? 0 : -ENOMEM;
}

void tally_fini(struct tally *tally)
{
	free(tally->rows);
	*tally = (struct tally){0};
}

/* --- what there is ------------------------------------------------------------------------------- */

static enum tally_kind kind_of(const struct endpoint *end)
{
	if (end->keeps)
		return TALLY_MINISOCK;
	return end->state == WIRE_NEW_SYN_RECV ? TALLY_REQUEST : TALLY_FULL;
}

bool tally_read(const struct event *event, struct endpoint *ret_end)
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

void tally_count(struct tally_counts *counts, const struct endpoint *end)
{
	counts->of[endpoint_shown_state(end)][kind_of(end)]++;
}

uint64_t tally_total(const struct tally_counts *counts)
{
	uint64_t total = 0;

	for (unsigned int state = 0; state < WIRE_STATE_COUNT; state++)
		for (unsigned int kind = 0; kind < TALLY_KINDS; kind++)
			total += counts->of[state][kind];
	return total;
}

void tally_add(struct tally *tally, const struct endpoint *end, bool wanted)
{
	enum tally_kind kind = kind_of(end);

	tally->rows[tally->count++] = (struct tally_row){
		.local = end->local,
		.remote = end->remote,
		.owner = end->owner,
		.sk = end->sk,
		.cookie = end->cookie,
		.until_ns = kind == TALLY_FULL ? 0 : end->keeps_until_ns,
		.seen_ns = tally->now_ns,
		.netns = end->netns,
		.snd_una = end->snd_una,
		.rcv_nxt = end->rcv_nxt,
		.state = endpoint_shown_state(end),
		.kind = (uint8_t)kind,
		.side = end->side,
		.family = end->family,
		.orphan = kind == TALLY_FULL && end->held.orphan,
		.wanted = wanted,
	};
}

void tally_keep_wanted(struct tally *tally)
{
	size_t kept = 0;

	for (size_t i = 0; i < tally->count; i++) {
		const struct tally_row *row = &tally->rows[i];

		if (!row->wanted)
			continue;
		tally->counts.of[row->state][row->kind]++;
		tally->rows[kept++] = *row;
	}
	tally->count = kept;
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
			const struct tally_row *row)
{
	int order = compare_at(local, &row->local);

	return order ? order : compare_at(remote, &row->remote);
}

static int by_ends(const void *a, const void *b)
{
	const struct tally_row *one = a, *other = b;

	return compare_ends(&one->local, &one->remote, other);
}

static void sort_by_ends(struct tally *tally)
{
	qsort(tally->rows, tally->count, sizeof(*tally->rows), by_ends);
}

/* The first of the sorted COUNT rows that has these ends, or stands behind them. */
static struct tally_row *first_with(struct tally_row *rows, size_t count,
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

static bool numbers_agree(const struct tally_row *a, const struct tally_row *b)
{
	return a->kind == TALLY_FULL && b->kind == TALLY_FULL && a->snd_una == b->rcv_nxt &&
	       a->rcv_nxt == b->snd_una;
}

static const struct tally_row *other_end(const struct tally *tally, const struct tally_row *row)
{
	const struct tally_row *end = tally->rows + tally->count, *elsewhere = NULL;
	const struct tally_row *other =
		first_with(tally->rows, tally->count, &row->remote, &row->local);

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

void tally_pair(struct tally *tally)
{
	sort_by_ends(tally);
	for (size_t i = 0; i < tally->count; i++) {
		struct tally_row *row = &tally->rows[i];
		const struct tally_row *other = other_end(tally, row);

		if (!other)
			continue;
		row->peer_state = other->state;
		row->peer_owner = other->owner;
		row->peer_netns = other->netns;
	}
}

/* --- what has changed ---------------------------------------------------------------------------- */

/* A request becomes a full socket, and that a minisock; never the reverse. */
static int age_of(enum tally_kind kind)
{
	static const int ages[TALLY_KINDS] =
		{[TALLY_REQUEST] = 0, [TALLY_FULL] = 1, [TALLY_MINISOCK] = 2};

	return ages[kind];
}

/* Both have the same ends. */
static bool is_same(const struct tally_row *old, const struct tally_row *row)
{
	if (old->netns != row->netns)
		return false;
	if (old->cookie && row->cookie)
		return old->cookie == row->cookie;
	if (old->kind == TALLY_FULL && row->kind == TALLY_FULL)
		return old->sk == row->sk;
	return age_of((enum tally_kind)old->kind) <= age_of((enum tally_kind)row->kind);
}

/* The row among the sorted COUNT that OLD has become, and that is no other's yet; NULL: it is gone. */
static struct tally_row *successor(struct tally *now, size_t count, const struct tally_row *old)
{
	struct tally_row *row = first_with(now->rows, count, &old->local, &old->remote);

	for (; row < now->rows + count && by_ends(row, old) == 0; row++)
		if (row->change == TALLY_NEW && is_same(old, row))
			return row;
	return NULL;
}

/* The kernel does not tell whose a closed socket was: the round before may. */
static void go_on(struct tally_row *row, const struct tally_row *old)
{
	bool moved = row->state != old->state || row->kind != old->kind;

	row->change = moved ? TALLY_MOVED : TALLY_SAME;
	row->from = old->state;
	row->from_kind = old->kind;
	row->seen_ns = old->seen_ns;
	if (row->owner.source == OWNER_UNKNOWN)
		row->owner = old->owner;
	if (row->peer_state && row->peer_owner.source == OWNER_UNKNOWN)
		row->peer_owner = old->peer_owner;
}

void tally_compare(struct tally *now, struct tally *before)
{
	size_t count = now->count;

	sort_by_ends(now);
	for (size_t i = 0; i < count; i++)
		now->rows[i].change = TALLY_NEW;
	for (size_t i = 0; i < before->count; i++) {
		const struct tally_row *old = &before->rows[i];
		struct tally_row *row;

		if (old->change == TALLY_GONE)
			continue;
		row = successor(now, count, old);
		if (row) {
			go_on(row, old);
			continue;
		}
		now->rows[now->count] = *old;
		now->rows[now->count++].change = TALLY_GONE;
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
static unsigned int place_of(const struct tally_row *row)
{
	bool by_peer = row->side == SIDE_CLIENT && row->peer_state;

	return place_in_life(by_peer ? row->peer_state : row->state);
}

static const struct addr_port *server_of(const struct tally_row *row)
{
	return row->side == SIDE_SERVER ? &row->local : &row->remote;
}

static const struct addr_port *client_of(const struct tally_row *row)
{
	return row->side == SIDE_SERVER ? &row->remote : &row->local;
}

static int by_service(const void *a, const void *b)
{
	const struct tally_row *one = a, *other = b;
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

void tally_sort(struct tally *tally)
{
	qsort(tally->rows, tally->count, sizeof(*tally->rows), by_service);
}
