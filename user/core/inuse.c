// SPDX-License-Identifier: GPL-2.0-only
#include "core/inuse.h"

#include "core/tracker.h"

/* Who fails again later than that has been idle, or is another process of that number. */
#define REPEATED_WITHIN_NS UINT64_C(60000000000)

/* ---- who has the port --------------------------------------------------------------------------- */

static struct claim claim_of(const struct bind_event *wants, unsigned int options)
{
	return (struct claim){
		.local = wants->local.addr,
		.uid = wants->uid,
		.family = wants->family,
		.reuse_addr = wants->reuse_addr || options & INUSE_REUSE_ADDR,
		.reuse_port = wants->reuse_port || options & INUSE_REUSE_PORT,
		.v6_only = wants->v6_only,
	};
}

static void count_blocker(struct in_use *in_use, const struct port_user *user)
{
	in_use->no_reuse_addr += !user->claim.reuse_addr;
	in_use->listeners += user->claim.listens;
	in_use->fin_wait2 += user->until_ns && user->state == WIRE_FIN_WAIT2;
	in_use->lasting += !user->until_ns;
	if (user->until_ns > in_use->until_ns)
		in_use->until_ns = user->until_ns;
}

/* Does A matter more than B? What blocks, and among these what must be stopped, or lasts longest. */
static bool matters_more(const struct port_user *a, const struct port_user *b)
{
	if (a->blocks != b->blocks)
		return a->blocks;
	if (a->claim.listens != b->claim.listens)
		return a->claim.listens;
	if (!a->until_ns != !b->until_ns)
		return !a->until_ns;
	return a->until_ns > b->until_ns;
}

static void list(struct in_use *in_use, const struct port_user *user)
{
	uint32_t at = in_use->listed;

	while (at > 0 && matters_more(user, &in_use->users[at - 1]))
		at--;
	if (at == INUSE_LISTED)
		return;
	if (in_use->listed < INUSE_LISTED)
		in_use->listed++;
	for (uint32_t i = in_use->listed - 1; i > at; i--)
		in_use->users[i] = in_use->users[i - 1];
	in_use->users[at] = *user;
}

void inuse_add(struct in_use *in_use, const struct port_user *user)
{
	struct port_user judged = *user;

	for (unsigned int options = 0; options < INUSE_OPTIONS; options++) {
		const struct claim wants = claim_of(&in_use->wants, options);
		bool blocks = blocker_stands(&wants, &user->claim);

		in_use->blockers[options] += blocks;
		if (options == 0)
			judged.blocks = blocks;
	}
	in_use->count++;
	if (judged.blocks)
		count_blocker(in_use, &judged);
	list(in_use, &judged);
}

/* ---- from the table ----------------------------------------------------------------------------- */

/*
 * When time alone ends END, 0: it does not. That is told of a minisock. An orphan whose FIN was acknowledged while close() still had
 * it is none yet: tcp_rcv_state_process() leaves it a full socket, for the time that its minisock would have had.
 */
static uint64_t until_ns_of(const struct tracker *tracker, const struct endpoint *end)
{
	const struct limits *limits = limits_find(&tracker->findings.limits, end->netns);

	if (end->keeps)
		return end->keeps_until_ns;
	if (end->state != WIRE_FIN_WAIT2 || !past_of(end)->held.orphan || !limits)
		return 0;
	return (end->since_known ? end->since_ns : end->conn->start_ns) +
	       UINT64_C(1000000) * limits->fin_timeout_ms;
}

static struct port_user user_from(const struct tracker *tracker, const struct endpoint *end)
{
	return (struct port_user){
		.claim = {.local = end->local.addr,
			  .uid = end->owner.uid,
			  .family = end->family,
			  .listens = end->state == WIRE_LISTEN,
			  .minisock = end->keeps != WIRE_NO_STATE,
			  .reuse_addr = end->reuse_addr,
			  .reuse_port = end->reuse_port,
			  .v6_only = end->v6_only},
		.remote = end->remote,
		.owner = end->owner,
		.sk = end->address,
		.until_ns = until_ns_of(tracker, end),
		.state = endpoint_shown_state(end),
		.gave_up = past_of(end)->gave_up_ns != 0,
		.gave_up_by = past_of(end)->gave_up_by,
		.signal = past_of(end)->gave_up_signal,
	};
}

/* A request socket has no port of its own. */
static bool has_a_port(const struct endpoint *end)
{
	return end->state != WIRE_NEW_SYN_RECV && (end->state != WIRE_CLOSE || end->keeps);
}

struct search {
	const struct tracker *tracker;
	struct in_use *in_use;
};

static void add_to_in_use(void *ctx, const struct endpoint *end)
{
	const struct search *search = ctx;
	struct in_use *in_use = search->in_use;
	struct port_user user;

	if (!end || end->netns != in_use->wants.netns ||
	    end->local.port != in_use->wants.local.port || !has_a_port(end) ||
	    end->address == in_use->wants.sk)
		return;
	user = user_from(search->tracker, end);
	inuse_add(in_use, &user);
}

/* Calls EACH for both ends of all connections. A failure is rare enough for that. */
static void scan(const struct tracker *tracker, void (*each)(void *ctx, const struct endpoint *end),
		 void *ctx)
{
	for (unsigned int list = 0; list < LISTS; list++)
		for (const struct conn *conn = tracker->table.lists[list].oldest; conn;
		     conn = conn->newer)
			for (int side = 0; side < 2; side++)
				each(ctx, conn->ends[side]);
}

/* ---- a bind() that failed ----------------------------------------------------------------------- */

static void tell(struct tracker *tracker, struct in_use *in_use, bool looked)
{
	const struct change change = {.kind = CHANGE_BIND,
				      .ktime_ns = in_use->ktime_ns,
				      .in_use = in_use};

	in_use->waits = false;
	in_use->looked = looked;
	in_use->told_times = in_use->times;
	tracker->deliver(tracker->ctx, &change);
}

/* The first of those that wait and failed by UNTIL_NS, or NULL. */
static struct in_use *find_waiting(struct tracker *tracker, uint64_t until_ns)
{
	struct in_use *first = NULL;

	for (unsigned int i = 0; i < TRACKER_IN_USE; i++) {
		struct in_use *in_use = &tracker->in_use[i];

		if (in_use->waits && in_use->ktime_ns <= until_ns &&
		    (!first || in_use->ktime_ns < first->ktime_ns))
			first = in_use;
	}
	return first;
}

void inuse_looked(struct tracker *tracker, uint64_t began_ns)
{
	struct in_use *in_use;

	while ((in_use = find_waiting(tracker, began_ns)))
		tell(tracker, in_use, true);
}

void inuse_finish(struct tracker *tracker)
{
	struct in_use *in_use;

	while ((in_use = find_waiting(tracker, UINT64_MAX)))
		tell(tracker, in_use, false);
}

static bool is_same_try(const struct bind_event *a, const struct bind_event *b)
{
	return a->actor.pid == b->actor.pid && a->actor.call == b->actor.call &&
	       a->netns == b->netns && addr_port_equal(&a->local, &b->local) &&
	       a->family == b->family && a->reuse_addr == b->reuse_addr &&
	       a->reuse_port == b->reuse_port && a->v6_only == b->v6_only;
}

/* That of a try like WANTS, or the one whose last failure is longest ago. */
static struct in_use *find_place(struct tracker *tracker, const struct bind_event *wants)
{
	struct in_use *oldest = &tracker->in_use[0];

	for (unsigned int i = 0; i < TRACKER_IN_USE; i++) {
		struct in_use *in_use = &tracker->in_use[i];

		if (in_use->times && is_same_try(&in_use->wants, wants))
			return in_use;
		if (in_use->last_ns < oldest->last_ns)
			oldest = in_use;
	}
	return oldest;
}

static bool is_repeat(const struct in_use *in_use, const struct event *event)
{
	return in_use->times && is_same_try(&in_use->wants, &event->bind) &&
	       event->ktime_ns <= in_use->last_ns + REPEATED_WITHIN_NS;
}

/* What waits for no look any more is looked into anew. */
static void look_into(struct tracker *tracker, const struct event *event, struct in_use *in_use)
{
	struct search search = {tracker, in_use};

	*in_use = (struct in_use){.wants = event->bind,
				  .ktime_ns = event->ktime_ns,
				  .last_ns = event->ktime_ns,
				  .times = in_use->times,
				  .told_times = in_use->told_times,
				  .waits = true};
	if (in_use->wants.local.port)
		scan(tracker, add_to_in_use, &search);
	else /* there is no port to look for */
		tell(tracker, in_use, false);
}

static void take_bind(struct tracker *tracker, const struct event *event)
{
	struct in_use *in_use;

	if (!filter_bind(tracker->filter, &event->bind) ||
	    (tracker->filter->command_only &&
	     !pids_has(&tracker->command_pids, event->bind.actor.pid)))
		return;
	in_use = find_place(tracker, &event->bind);
	if (!is_repeat(in_use, event)) {
		if (in_use->waits)
			tell(tracker, in_use, false);
		*in_use = (struct in_use){0};
	}
	in_use->times++;
	in_use->last_ns = event->ktime_ns;
	if (!in_use->waits && in_use->times >= 2 * in_use->told_times)
		look_into(tracker, event, in_use);
}

/* ---- sockets that are only bound ---------------------------------------------------------------- */

static struct port_user *find_user(struct in_use *in_use, uint64_t sk)
{
	for (uint32_t i = 0; i < in_use->listed; i++)
		if (in_use->users[i].sk == sk)
			return &in_use->users[i];
	return NULL;
}

/* Each of its holders tells of it anew. */
static void take_bound(struct tracker *tracker, const struct edge_event *edge)
{
	const struct port_user user = {
		.claim = {.local = edge->local.addr,
			  .uid = edge->uid,
			  .family = edge->family,
			  .reuse_addr = edge->reuse_addr,
			  .reuse_port = edge->reuse_port,
			  .v6_only = edge->v6_only},
		.sk = edge->sk,
		.state = WIRE_CLOSE,
	};

	for (unsigned int i = 0; i < TRACKER_IN_USE; i++) {
		struct in_use *in_use = &tracker->in_use[i];

		if (in_use->waits && in_use->wants.netns == edge->netns &&
		    in_use->wants.sk != edge->sk && in_use->wants.local.port == edge->local.port &&
		    !find_user(in_use, edge->sk))
			inuse_add(in_use, &user);
	}
}

static void take_holder(struct tracker *tracker, const struct holder_event *holder)
{
	for (unsigned int i = 0; i < TRACKER_IN_USE; i++) {
		struct port_user *user = find_user(&tracker->in_use[i], holder->sk);

		if (user && tracker->in_use[i].waits && user->owner.source == OWNER_UNKNOWN)
			owner_learn(&user->owner, &holder->actor, OWNER_SNAPSHOT);
	}
}

/* ---- no local port ------------------------------------------------------------------------------ */

static struct limits limits_of(const struct tracker *tracker, uint32_t netns)
{
	const struct limits *limits = limits_find(&tracker->findings.limits, netns);

	return limits ? *limits : (struct limits){.netns = netns};
}

static bool is_of_range(const struct used_up *used_up, uint16_t port)
{
	const struct limits *limits = &used_up->limits;

	if (used_up->local_port)
		return port == used_up->local_port;
	return port &&
	       (!limits->port_last || (port >= limits->port_first && port <= limits->port_last));
}

static void add_to_used_up(void *ctx, const struct endpoint *end)
{
	struct used_up *used_up = ctx;

	if (!end || end->netns != used_up->limits.netns || !has_a_port(end) ||
	    !addr_port_equal(&end->remote, &used_up->remote) ||
	    !is_of_range(used_up, end->local.port))
		return;
	used_up->there++;
	used_up->in_state[endpoint_shown_state(end)]++;
	if (end->keeps == WIRE_TIME_WAIT &&
	    (!used_up->first_ns || end->keeps_until_ns < used_up->first_ns))
		used_up->first_ns = end->keeps_until_ns;
}

/* Nothing else fails between the state and the port: a connect() without a route never comes to SYN_SENT. One
 * that is bound to a port fails there if just that connection is there, but a close() looks like it. */
static bool is_no_port(const struct edge_event *edge)
{
	if (edge->from != WIRE_SYN_SENT || edge->to != WIRE_CLOSE || edge->err)
		return false;
	return !edge->local.port || edge->actor.call == WIRE_CALL_CONNECT;
}

static void tell_used_up(struct tracker *tracker, const struct endpoint *end,
			 const struct event *event)
{
	struct used_up used_up = {
		.remote = end->remote,
		.local_port = event->edge.local.port,
		.owner = end->owner,
		.limits = limits_of(tracker, end->netns),
		.ktime_ns = event->ktime_ns,
	};
	const struct change change = {.kind = CHANGE_NO_PORT,
				      .ktime_ns = event->ktime_ns,
				      .used_up = &used_up};

	scan(tracker, add_to_used_up, &used_up);
	if (!used_up.local_port || used_up.there)
		tracker->deliver(tracker->ctx, &change);
}

void inuse_used_up(struct tracker *tracker, const struct endpoint *end, const struct event *event)
{
	if (is_no_port(&event->edge))
		tell_used_up(tracker, end, event);
}

void inuse_event(struct tracker *tracker, const struct event *event)
{
	if (event->type == WIRE_BIND)
		take_bind(tracker, event);
	else if (event->type == WIRE_FOUND && event->edge.to == WIRE_CLOSE)
		take_bound(tracker, &event->edge);
	else if (event->type == WIRE_HOLDER)
		take_holder(tracker, &event->holder);
}
