// SPDX-License-Identifier: GPL-2.0-only
#include "core/clock.h"

#include <errno.h>
#include <stdlib.h>

#define ENDS_MAX 65536
#define BUCKETS	 65536 /* a power of two */

/* One end of a connection, by the numbers that its handshake gave it: core/pairing.h. A server has two, its
 * request and its child. */
struct end {
	uint64_t sk; /* 0: it has been taken by another life */
	uint64_t marks[CLOCK_MARKS]; /* 0: not seen */
	uint32_t snd_una, rcv_nxt;
	uint32_t next_by_sk, next_by_numbers; /* from 1 */
};

struct clock {
	struct end *ends;
	uint32_t *by_sk, *by_numbers; /* chains of ends, counted from 1 */
	uint32_t count;
};

void clock_destroy(struct clock *clock)
{
	if (!clock)
		return;
	free(clock->ends);
	free(clock->by_sk);
	free(clock->by_numbers);
	free(clock);
}

struct clock *clock_create(void)
{
	struct clock *clock = calloc(1, sizeof(*clock));

	if (!clock)
		return NULL;
	clock->ends = calloc(ENDS_MAX, sizeof(*clock->ends));
	clock->by_sk = calloc(BUCKETS, sizeof(*clock->by_sk));
	clock->by_numbers = calloc(BUCKETS, sizeof(*clock->by_numbers));
	if (clock->ends && clock->by_sk && clock->by_numbers)
		return clock;
	clock_destroy(clock);
	return NULL;
}

/* --- what was seen -------------------------------------------------------------------------------- */

/* Fibonacci hashing: the upper bits of a product with 2^64 divided by the golden ratio. */
static uint32_t bucket_of(uint64_t key)
{
	return (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 48) & (BUCKETS - 1);
}

static uint32_t *numbers_bucket(const struct clock *clock, uint32_t snd_una, uint32_t rcv_nxt)
{
	return &clock->by_numbers[bucket_of((uint64_t)snd_una << 32 | rcv_nxt)];
}

static struct end *find_end(const struct clock *clock, uint64_t sk)
{
	uint32_t at = clock->by_sk[bucket_of(sk)];

	while (at && clock->ends[at - 1].sk != sk)
		at = clock->ends[at - 1].next_by_sk;
	return at ? &clock->ends[at - 1] : NULL;
}

/* NULL: there are enough. */
static struct end *begin_end(struct clock *clock, uint64_t sk)
{
	struct end *older = find_end(clock, sk), *end;
	uint32_t *bucket = &clock->by_sk[bucket_of(sk)];

	if (older)
		older->sk = 0;
	if (clock->count == ENDS_MAX)
		return NULL;
	end = &clock->ends[clock->count++];
	*end = (struct end){.sk = sk, .next_by_sk = *bucket};
	*bucket = clock->count;
	return end;
}

static void give_numbers(struct clock *clock, struct end *end, uint32_t snd_una, uint32_t rcv_nxt)
{
	uint32_t *bucket = numbers_bucket(clock, snd_una, rcv_nxt);

	end->snd_una = snd_una;
	end->rcv_nxt = rcv_nxt;
	end->next_by_numbers = *bucket;
	*bucket = (uint32_t)(end - clock->ends) + 1;
}

static void note_request(struct clock *clock, const struct event *event)
{
	const struct mini_event *mini = &event->mini;
	struct end *end;

	if (mini->what != WIRE_MINI_BORN || mini->state != WIRE_NEW_SYN_RECV)
		return;
	end = begin_end(clock, mini->mini);
	if (!end)
		return;
	end->marks[CLOCK_REQUESTED] = event->ktime_ns;
	give_numbers(clock, end, mini->snd_una, mini->rcv_nxt);
}

/* What an edge between synchronized states says of the FINs; an end by RST or a timeout has an errno. */
static enum clock_mark mark_of(const struct edge_event *edge)
{
	if (edge->to == WIRE_FIN_WAIT1 || edge->to == WIRE_LAST_ACK)
		return CLOCK_FIN_SENT;
	if (edge->to == WIRE_CLOSE_WAIT || edge->to == WIRE_CLOSING ||
	    (edge->from == WIRE_FIN_WAIT2 && edge->to == WIRE_CLOSE && edge->peer_fin))
		return CLOCK_FIN_CAME;
	if ((edge->from == WIRE_FIN_WAIT1 && edge->to == WIRE_FIN_WAIT2) ||
	    (edge->from == WIRE_LAST_ACK && edge->to == WIRE_CLOSE && !edge->err))
		return CLOCK_FIN_ACKED;
	return CLOCK_MARKS;
}

static void note_edge(struct clock *clock, const struct event *event)
{
	const struct edge_event *edge = &event->edge;
	bool opens = edge->from == WIRE_CLOSE && edge->to == WIRE_SYN_SENT;
	bool serves = edge->from == WIRE_SYN_RECV && edge->to == WIRE_ESTABLISHED;
	struct end *end = opens || serves ? begin_end(clock, edge->sk) : find_end(clock, edge->sk);
	enum clock_mark mark = mark_of(edge);

	if (!end)
		return;
	if (opens) {
		mark = CLOCK_CALLED;
	} else if (serves || (edge->from == WIRE_SYN_SENT && edge->to == WIRE_ESTABLISHED)) {
		mark = serves ? CLOCK_SERVED : CLOCK_MET;
		give_numbers(clock, end, edge->snd_una, edge->rcv_nxt);
	}
	if (mark != CLOCK_MARKS)
		end->marks[mark] = event->ktime_ns;
}

void clock_note(struct clock *clock, const struct event *event)
{
	if (event->type == WIRE_STATE && event->edge.sk)
		note_edge(clock, event);
	else if (event->type == WIRE_MINI && event->mini.mini)
		note_request(clock, event);
}

/* --- what it proves ------------------------------------------------------------------------------- */

/* One clock is ahead of the other by this at least, and by this at most. */
struct bounds {
	int64_t least_ns, most_ns;
};

/* In each, the one comes before the other, which is on the other host. */
static const struct {
	uint8_t before, after;
} orders[] = {
	{CLOCK_CALLED, CLOCK_REQUESTED},  {CLOCK_REQUESTED, CLOCK_MET},
	{CLOCK_MET, CLOCK_SERVED},	  {CLOCK_CALLED, CLOCK_SERVED},
	{CLOCK_FIN_SENT, CLOCK_FIN_CAME}, {CLOCK_FIN_CAME, CLOCK_FIN_ACKED},
};

static void compare_ends(const struct end *first, const struct end *second, struct bounds *bounds)
{
	for (unsigned int i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		uint64_t before = first->marks[orders[i].before];
		uint64_t after = second->marks[orders[i].after];
		int64_t most = (int64_t)(after - before);

		if (before && after && most < bounds->most_ns)
			bounds->most_ns = most;
		before = second->marks[orders[i].before];
		after = first->marks[orders[i].after];
		if (before && after && (int64_t)(before - after) > bounds->least_ns)
			bounds->least_ns = (int64_t)(before - after);
	}
}

/* Returns whether the other host has seen it as well. */
static bool compare_end(const struct end *first, const struct clock *second, struct bounds *bounds)
{
	uint32_t at = *numbers_bucket(second, first->rcv_nxt, first->snd_una);
	bool met = false;

	for (; at; at = second->ends[at - 1].next_by_numbers) {
		const struct end *other = &second->ends[at - 1];

		if (other->snd_una != first->rcv_nxt || other->rcv_nxt != first->snd_una)
			continue;
		compare_ends(first, other, bounds);
		met |= !first->marks[CLOCK_REQUESTED] && !other->marks[CLOCK_REQUESTED];
	}
	return met;
}

int clock_compare(const struct clock *first, const struct clock *second,
		  struct clock_offset *ret_offset)
{
	struct bounds bounds = {INT64_MIN, INT64_MAX};
	uint64_t connections = 0, width;
	bool crossed;

	for (uint32_t i = 0; i < first->count; i++)
		if (first->ends[i].snd_una || first->ends[i].rcv_nxt)
			connections += compare_end(&first->ends[i], second, &bounds);
	if (bounds.least_ns == INT64_MIN || bounds.most_ns == INT64_MAX)
		return -ENOENT;
	crossed = bounds.least_ns > bounds.most_ns;
	width = crossed ? (uint64_t)bounds.least_ns - (uint64_t)bounds.most_ns
			: (uint64_t)bounds.most_ns - (uint64_t)bounds.least_ns;
	*ret_offset = (struct clock_offset){
		.ahead_ns = crossed ? bounds.most_ns + (int64_t)(width / 2)
				    : bounds.least_ns + (int64_t)(width / 2),
		.uncertainty_ns = width / 2 + width % 2,
		.contradiction_ns = crossed ? width : 0,
		.connections = connections,
	};
	return 0;
}
