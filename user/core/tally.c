// SPDX-License-Identifier: GPL-2.0-only
#include "core/tally.h"

#include "core/state.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

/* --- edges --------------------------------------------------------------------------------------- */

static void count_edge(struct tally_edge *edge, bool apart)
{
	edge->count++;
	edge->apart += apart;
}

static void note_edge(struct tally *tally, const struct change *change)
{
	tally->transitions++;
	count_edge(&tally->edges[change->from][change->to], change->kind == CHANGE_JUMPED);
	if (change->to == WIRE_CLOSE && change->cause.keeps)
		count_edge(&tally->minis[change->from][change->cause.keeps], false);
}

/* --- stays --------------------------------------------------------------------------------------- */

/* What was evicted is GONE from whatever state it was in. */
static bool is_of_minisock(const struct change *change)
{
	if (change->kind == CHANGE_GONE)
		return change->was == WIRE_CLOSE;
	return change->kind == CHANGE_MINI || change->kind == CHANGE_INFERRED;
}

static struct tally_stay *stay_of(struct tally *tally, uint8_t state, bool mini)
{
	return mini ? &tally->minisocks[state] : &tally->sockets[state];
}

/* The child of a request takes its place. */
static struct tally_stay *stay_left(struct tally *tally, const struct change *change)
{
	uint8_t state = change->kind == CHANGE_JUMPED ? change->was : change->from;

	if (change->repeats)
		return &tally->minisocks[WIRE_NEW_SYN_RECV];
	return stay_of(tally, state, is_of_minisock(change) || state == WIRE_NEW_SYN_RECV);
}

static struct tally_stay *stay_begun(struct tally *tally, const struct change *change)
{
	if (change->cause.keeps)
		return &tally->minisocks[change->cause.keeps];
	return stay_of(tally, change->to,
		       is_of_minisock(change) || change->to == WIRE_NEW_SYN_RECV);
}

/* It leaves nothing: it was not there before, or in CLOSE, or its listener is where it was. */
static bool is_birth(const struct change *change)
{
	if (change->repeats)
		return false;
	return change->from == WIRE_NO_STATE || change->from == WIRE_CLOSE ||
	       change->to == WIRE_NEW_SYN_RECV || edge_is_birth(change->from, change->to);
}

const uint64_t tally_bounds_ns[TALLY_BOUNDS] = {
	10 * US, 100 * US, 1 * MS, 10 * MS, 100 * MS, 1 * S,
	10 * S,	 30 * S,   65 * S, 300 * S, 3600 * S, 86400 * S,
};

static void add_time(struct tally_stay *stay, uint64_t ns)
{
	unsigned int bound = 0;

	histogram_add(&stay->time, ns);
	while (bound < TALLY_BOUNDS && ns > tally_bounds_ns[bound])
		bound++;
	if (bound < TALLY_BOUNDS)
		stay->within[bound]++;
}

static void time_stay(struct tally_stay *stay, const struct change *change)
{
	const struct endpoint *end = change->end;

	if (change->in_state_known)
		add_time(stay, change->in_state_ns);
	else if (change->repeats && end->requested && change->ktime_ns >= end->since_ns)
		add_time(stay, change->ktime_ns - end->since_ns);
	else
		stay->untimed++;
}

static void note_stay(struct tally *tally, const struct change *change)
{
	struct tally_stay *left = stay_left(tally, change), *begun = stay_begun(tally, change);

	if (!change->first && left->now)
		left->now--;
	begun->now++;
	if (left != begun && !is_birth(change))
		time_stay(left, change);
}

/* --- ends ---------------------------------------------------------------------------------------- */

static void note_end(struct tally *tally, const struct endpoint *end, const struct verdict *verdict)
{
	struct top_entry *entry = top_count(&tally->top, &end->owner);
	enum verdict_first side = end->side == SIDE_CLIENT ? FIRST_CLIENT : FIRST_SERVER;

	entry->client += end->side == SIDE_CLIENT;
	entry->first += verdict->first == side || verdict->first == FIRST_BOTH;
	entry->rst_sent += verdict->ends[end->side] == END_RST_SENT;
	entry->rst_received += verdict->ends[end->side] == END_RST_RECEIVED ||
			       verdict->ends[end->side] == END_REFUSED;
	entry->open += end->state != WIRE_CLOSE;
}

static void note_verdict(struct tally *tally, const struct change *change)
{
	const struct conn *conn = change->conn;
	struct verdict verdict = verdict_of(conn, change->ktime_ns);

	tally->connections++;
	tally->open += !conn_is_over(conn);
	tally->verdicts[verdict.how][verdict.first]++;
	for (int side = 0; side < 2; side++)
		if (conn->ends[side])
			note_end(tally, conn->ends[side], &verdict);
}

static void note_finding(struct tally *tally, const struct finding *finding)
{
	tally->told[finding->code]++;
	if (finding->count > finding->before)
		tally->cases[finding->code] += finding->count - finding->before;
}

/* What is held comes late. */
static void note_time(struct tally *tally, uint64_t ktime_ns)
{
	if (!tally->first_ns || ktime_ns < tally->first_ns)
		tally->first_ns = ktime_ns;
	if (ktime_ns > tally->last_ns)
		tally->last_ns = ktime_ns;
}

void tally_change(struct tally *tally, const struct change *change)
{
	note_time(tally, change->ktime_ns);
	switch (change->kind) {
	case CHANGE_MOVED:
	case CHANGE_NOTED:
	case CHANGE_JUMPED:
		note_edge(tally, change);
		note_stay(tally, change);
		return;
	case CHANGE_MINI:
	case CHANGE_INFERRED:
		count_edge(&tally->minis[change->from][change->to],
			   change->kind == CHANGE_INFERRED);
		note_stay(tally, change);
		return;
	case CHANGE_FOUND:
	case CHANGE_GONE:
		note_stay(tally, change);
		return;
	case CHANGE_ENDED:
		note_verdict(tally, change);
		return;
	case CHANGE_BIND:
		tally->binds++;
		return;
	case CHANGE_NO_PORT:
		tally->no_ports++;
		return;
	case CHANGE_FINDING:
		note_finding(tally, change->finding);
		return;
	case CHANGE_OWNER:
	case CHANGE_PAIRED:
	case CHANGE_LOST:
	case CHANGE_CLOCK:
		return;
	}
}

uint64_t tally_now(const struct tally *tally, uint8_t state)
{
	uint64_t now = tally->sockets[state].now + tally->minisocks[state].now;

	if (state == WIRE_CLOSE || state == WIRE_NEW_SYN_RECV)
		return 0;
	return state == WIRE_SYN_RECV ? now + tally->minisocks[WIRE_NEW_SYN_RECV].now : now;
}

/* --- out ----------------------------------------------------------------------------------------- */

/* CLOSE is where all begin, and where they end. */
static const uint8_t order[] = {
	WIRE_CLOSE,    WIRE_LISTEN,	 WIRE_SYN_SENT,	  WIRE_NEW_SYN_RECV,
	WIRE_SYN_RECV, WIRE_ESTABLISHED, WIRE_FIN_WAIT1,  WIRE_FIN_WAIT2,
	WIRE_CLOSING,  WIRE_TIME_WAIT,	 WIRE_CLOSE_WAIT, WIRE_LAST_ACK,
};

#define STATES (sizeof(order) / sizeof(*order))
_Static_assert(STATES == WIRE_STATE_COUNT - 1, "each state has its place");

bool tally_nth_edge(const struct tally *tally, unsigned int nth, struct tally_edge_at *ret_edge)
{
	for (unsigned int i = 0; i < 2 * STATES * STATES; i++) {
		struct tally_edge_at at = {
			.from = order[i / STATES % STATES],
			.to = order[(i + 1) % STATES],
			.minisock = i >= STATES * STATES,
		};

		at.edge =
			at.minisock ? &tally->minis[at.from][at.to] : &tally->edges[at.from][at.to];
		if (!at.edge->count || nth--)
			continue;
		*ret_edge = at;
		return true;
	}
	return false;
}

bool tally_nth_stay(const struct tally *tally, unsigned int nth, struct tally_stay_at *ret_stay)
{
	for (unsigned int i = 2; i < 2 * STATES; i++) { /* in CLOSE nobody stays */
		struct tally_stay_at at = {.state = order[i / 2], .minisock = i % 2};

		at.stay = at.minisock ? &tally->minisocks[at.state] : &tally->sockets[at.state];
		if ((!at.stay->time.count && !at.stay->untimed && !at.stay->now) || nth--)
			continue;
		*ret_stay = at;
		return true;
	}
	return false;
}
