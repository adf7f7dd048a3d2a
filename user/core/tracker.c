// SPDX-License-Identifier: GPL-2.0-only
#include "core/tracker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/pairing.h"
#include "core/show.h"

int tracker_init(struct tracker *tracker, uint32_t capacity, const struct filter *filter,
		 deliver_fn *deliver, void *ctx)
{
	*tracker = (struct tracker){.filter = filter, .deliver = deliver, .ctx = ctx};
	tracker->held_capacity = capacity < 64 ? 64 : capacity;
	tracker->held_pool = calloc(tracker->held_capacity, sizeof(*tracker->held_pool));
	if (tracker->held_pool && pids_init(&tracker->command_pids) == 0 &&
	    due_init(&tracker->due, capacity) == 0 && table_init(&tracker->table, capacity) == 0)
		return 0;
	tracker_fini(tracker);
	return -ENOMEM;
}

void tracker_fini(struct tracker *tracker)
{
	table_fini(&tracker->table);
	due_fini(&tracker->due);
	free(tracker->held_pool);
	pids_fini(&tracker->command_pids);
	*tracker = (struct tracker){0};
}

/* --- `-- COMMAND` and its descendants ------------------------------------------------------------ */

void tracker_follow(struct tracker *tracker, uint32_t pid)
{
	pids_add(&tracker->command_pids, pid);
}

/* An open socket of the command's is waited for once it is shown: what the filter drops may close unseen. */
static void command_await(struct tracker *tracker, const struct conn *conn)
{
	for (int side = 0; side < 2; side++) {
		struct endpoint *end = conn->ends[side];

		if (!end || !end->of_command || end->awaited || end->state == WIRE_CLOSE ||
		    conn->selection != SELECTION_SHOWN)
			continue;
		end->awaited = true;
		tracker->command_open++;
	}
}

static void command_release(struct tracker *tracker, struct endpoint *end)
{
	if (end->awaited)
		tracker->command_open--;
	end->awaited = false;
}

static bool conn_waits_for_command(const struct conn *conn)
{
	for (int side = 0; side < 2; side++)
		if (conn->ends[side] && conn->ends[side]->of_command && conn->ends[side]->keeps)
			return true;
	return false;
}

bool tracker_command_waits(const struct tracker *tracker)
{
	for (int list = 0; list < LISTS; list++)
		for (const struct conn *conn = tracker->table.lists[list].oldest; conn;
		     conn = conn->newer)
			if (conn_waits_for_command(conn))
				return true;
	return false;
}

/* --- the end of a connection --------------------------------------------------------------------- */

static void remember_end(struct tracker *tracker, const struct endpoint *end)
{
	tracker->recent[end->sk / 64 % TRACKER_RECENT_ENDS] =
		(struct recent_end){end->sk, end->last_ktime_ns, end->last_from, end->last_to};
}

static void free_conn(struct tracker *tracker, struct conn *conn)
{
	for (int side = 0; side < 2; side++)
		if (conn->ends[side])
			remember_end(tracker, conn->ends[side]);
	show_forget(tracker, conn);
	due_remove(&tracker->due, conn);
	table_free_conn(&tracker->table, conn);
}

static void tell_verdict(struct tracker *tracker, struct conn *conn, uint64_t now_ns)
{
	if (conn->judged || conn_is_listener(conn))
		return;
	conn->judged = true;
	conn->uncertain = tracker->lost_ns >= conn->start_ns;
	show_change(tracker, conn,
		    &(struct change){.kind = CHANGE_ENDED, .ktime_ns = now_ns, .conn = conn});
}

/* END is not to be counted any more: its minisock is gone, or taken to be. */
static void drop_minisock(struct tracker *tracker, struct endpoint *end, uint64_t now_ns)
{
	uint8_t kept = endpoint_shown_state(end);

	end->keeps = WIRE_NO_STATE;
	show_change(tracker, end->conn,
		    &(struct change){.kind = CHANGE_GONE,
				     .ktime_ns = now_ns,
				     .conn = end->conn,
				     .end = end,
				     .from = kept,
				     .to = WIRE_CLOSE});
}

/* When the first minisock of CONN must be over; UINT64_MAX without one. */
static uint64_t minisocks_due(const struct conn *conn)
{
	uint64_t due_ns = UINT64_MAX;

	for (int side = 0; side < 2; side++) {
		const struct endpoint *end = conn->ends[side];

		if (end && end->keeps && end->keeps_until_ns + TRACKER_WAIT_SLACK_NS < due_ns)
			due_ns = end->keeps_until_ns + TRACKER_WAIT_SLACK_NS;
	}
	return due_ns;
}

/* After every change of CONN: is it over, and is anything left of it? Frees it if not. */
static void settle(struct tracker *tracker, struct conn *conn, uint64_t now_ns)
{
	uint64_t due_ns = minisocks_due(conn);
	bool over = conn_is_over(conn);

	if (over)
		tell_verdict(tracker, conn, now_ns);
	if (due_ns != UINT64_MAX)
		due_set(&tracker->due, conn, due_ns);
	else
		due_remove(&tracker->due, conn);
	if (over && due_ns == UINT64_MAX)
		free_conn(tracker, conn);
	else if (over)
		table_touch(&tracker->table, conn, LIST_DONE);
	else
		table_touch(&tracker->table, conn,
			    conn->selection == SELECTION_SHOWN ? LIST_LIVE : LIST_HELD);
}

/* Another socket lives at END's address: its end was missed. */
static void bury(struct tracker *tracker, struct endpoint *end, uint64_t now_ns)
{
	table_forget_sk(&tracker->table, end);
	if (end->state == WIRE_CLOSE)
		return;
	command_release(tracker, end);
	end->state = WIRE_CLOSE;
	end->uncertain = true;
	end->end = (struct cause){.by = CAUSE_UNSEEN};
	end->conn->embryo = false; /* it will not grow up: what is held of it is to be shown */
	show_decide(tracker, end->conn);
	settle(tracker, end->conn, now_ns);
}

/* --- whose socket is it? ------------------------------------------------------------------------- */

/* The table is full: who must go? Those that nobody waits for, then the finished, then the idle. */
static void evict_one(struct tracker *tracker, uint64_t now_ns)
{
	static const enum conn_list order[] = {LIST_HELD, LIST_DONE, LIST_LIVE};
	struct conn *conn = NULL;

	for (unsigned int i = 0; i < LISTS && !conn; i++)
		conn = tracker->table.lists[order[i]].oldest;
	if (!conn)
		return;
	conn->evicted = true;
	conn->embryo = false;
	show_decide(tracker, conn);
	tracker->gave_up = true;
	if (conn->selection == SELECTION_SHOWN && !conn->judged)
		tracker->evicted++;
	for (int side = 0; side < 2; side++)
		if (conn->ends[side])
			command_release(tracker, conn->ends[side]);
	tell_verdict(tracker, conn, now_ns);
	for (int side = 0; side < 2; side++)
		if (conn->ends[side] && endpoint_shown_state(conn->ends[side]) != WIRE_CLOSE)
			drop_minisock(tracker, conn->ends[side], now_ns);
	free_conn(tracker, conn);
}

/* Who opened it? Seen at birth; otherwise the lower port is taken for the server's. */
static enum side guess_side(const struct edge_event *edge)
{
	if (edge->from == WIRE_LISTEN || edge->to == WIRE_LISTEN || edge->from == WIRE_SYN_RECV)
		return SIDE_SERVER;
	if (edge->from == WIRE_SYN_SENT || edge->to == WIRE_SYN_SENT)
		return SIDE_CLIENT;
	return edge->local.port < edge->remote.port ? SIDE_SERVER : SIDE_CLIENT;
}

static bool sides_are_seen(const struct edge_event *edge)
{
	return edge_is_birth(edge->from, edge->to) || edge->from == WIRE_LISTEN ||
	       edge->from == WIRE_SYN_SENT;
}

/* A child belongs to whoever listens, until somebody is seen to have it. */
static void inherit_owner(struct tracker *tracker, struct endpoint *child,
			  const struct edge_event *edge)
{
	const struct endpoint *listener =
		table_listener(&tracker->table, edge->netns, &edge->local);

	if (!listener || listener->owner.source == OWNER_UNKNOWN)
		return;
	child->owner = listener->owner;
	child->owner.source = OWNER_LISTENER;
	child->of_command = listener->of_command;
}

/* The first that we see of a socket. */
static struct endpoint *begin(struct tracker *tracker, const struct event *event)
{
	const struct edge_event *edge = &event->edge;
	enum side side = guess_side(edge);
	struct conn *conn;
	struct endpoint *end;

	if (tracker->table.lists[LIST_HELD].count > tracker->table.capacity / 4)
		evict_one(tracker, event->ktime_ns);
	conn = table_new_conn(&tracker->table, side, edge->sk, event->ktime_ns);
	if (!conn) {
		evict_one(tracker, event->ktime_ns);
		conn = table_new_conn(&tracker->table, side, edge->sk, event->ktime_ns);
	}
	conn->sides_known = sides_are_seen(edge);
	conn->embryo = edge->from == WIRE_LISTEN && edge->to == WIRE_SYN_RECV;
	end = conn->ends[side];
	end->netns = edge->netns;
	end->family = edge->family;
	end->state = edge->from;
	end->local = edge->local;
	end->remote = edge->remote;
	if (conn->embryo)
		inherit_owner(tracker, end, edge);
	return end;
}

static bool is_same_socket(const struct endpoint *end, const struct edge_event *edge)
{
	if (end->state == WIRE_CLOSE && (edge->from != WIRE_CLOSE || edge->to != WIRE_CLOSE))
		return false; /* another life, whose birth was missed */
	if (end->cookie && edge->cookie)
		return end->cookie == edge->cookie;
	if (!end->local.port || !end->remote.port || !edge->local.port || !edge->remote.port)
		return true;
	return addr_port_equal(&end->local, &edge->local) &&
	       addr_port_equal(&end->remote, &edge->remote) && end->netns == edge->netns;
}

/* The witness repeats the last edge of a socket that we have put away already. */
static bool is_late_duplicate(const struct tracker *tracker, const struct event *event)
{
	const struct edge_event *edge = &event->edge;
	const struct recent_end *end = &tracker->recent[edge->sk / 64 % TRACKER_RECENT_ENDS];

	return event->program == WIRE_BY_WITNESS && end->sk == edge->sk &&
	       end->from == edge->from && end->to == edge->to &&
	       event->ktime_ns < end->ktime_ns + UINT64_C(10000000);
}

/* The endpoint that EVENT is about, new if need be; NULL: there is nothing to tell. */
static struct endpoint *find_endpoint(struct tracker *tracker, const struct event *event)
{
	const struct edge_event *edge = &event->edge;
	struct endpoint *end = table_by_sk(&tracker->table, edge->sk);

	if (end && endpoint_has_seen(end, event)) {
		tracker->duplicates++;
		return NULL;
	}
	if (end && !edge_is_birth(edge->from, edge->to) && is_same_socket(end, edge))
		return end;
	if (end)
		bury(tracker, end, event->ktime_ns);
	else if (is_late_duplicate(tracker, event)) {
		tracker->duplicates++;
		return NULL;
	}
	if (edge->from == WIRE_CLOSE && edge->to == WIRE_CLOSE)
		return NULL;
	return begin(tracker, event);
}

/* --- what follows from an edge ------------------------------------------------------------------- */

static enum change_kind kind_of(enum conn_result result)
{
	if (result == CONN_NOTED)
		return CHANGE_NOTED;
	return result == CONN_MOVED ? CHANGE_MOVED : CHANGE_JUMPED;
}

/* END's handshake tells who its peer is; where that was not seen, its addresses may, as soon as they are
 * known. An embryo has none of its own yet. */
static void pair_up(struct tracker *tracker, struct endpoint *end, const struct edge_event *edge,
		    bool is_new)
{
	bool unmet = is_new || end->uncertain;

	struct conn *conn = end->conn;

	table_enter_pair(&tracker->table, end);
	if (conn->embryo && edge->to != WIRE_SYN_RECV)
		conn->embryo = false;
	if (edge->to == WIRE_ESTABLISHED)
		pairing_meet(tracker, end, edge);
	else if (unmet && !conn->embryo && !conn_peer(end) && !conn_is_listener(conn))
		pairing_guess(tracker, end);
}

/*
 * END's edge may prove what became of its peer's minisock, which no tracepoint shows: when our FIN was
 * acknowledged by an orphan in FIN_WAIT2, that is in TIME_WAIT now (tcp_timewait_state_process());
 * when we met a RST there, or sent one, it is gone.
 */
static void infer_minisock(struct tracker *tracker, const struct endpoint *end,
			   const struct cause *cause, const struct event *event)
{
	struct endpoint *peer = conn_peer(end);
	uint64_t now_ns = event->ktime_ns, waited_ns;

	if (event->edge.to != WIRE_CLOSE || !peer || !peer->keeps)
		return;
	if (cause->came == SEGMENT_RST || cause->sent == SEGMENT_RST) {
		drop_minisock(tracker, peer, now_ns);
		return;
	}
	if (event->edge.from != WIRE_LAST_ACK || cause->came != SEGMENT_ACK ||
	    peer->keeps != WIRE_FIN_WAIT2)
		return;
	waited_ns = now_ns > peer->since_ns ? now_ns - peer->since_ns : 0;
	peer->keeps = WIRE_TIME_WAIT;
	peer->got_fin = true;
	peer->fin_wait2_ns += waited_ns;
	peer->since_ns = now_ns;
	peer->keeps_until_ns = now_ns + UINT64_C(1000000) * TIME_WAIT_MS;
	show_change(tracker, peer->conn,
		    &(struct change){.kind = CHANGE_INFERRED,
				     .ktime_ns = now_ns,
				     .conn = peer->conn,
				     .end = peer,
				     .from = WIRE_FIN_WAIT2,
				     .to = WIRE_TIME_WAIT,
				     .in_state_known = true,
				     .in_state_ns = waited_ns,
				     .cause = {.came = SEGMENT_FIN,
					       .sent = SEGMENT_ACK,
					       .keeps = WIRE_TIME_WAIT,
					       .keeps_ms = TIME_WAIT_MS}});
}

static void handle_edge(struct tracker *tracker, const struct event *event)
{
	const struct edge_event *edge = &event->edge;
	struct endpoint *end = find_endpoint(tracker, event);
	struct change change = {.ktime_ns = event->ktime_ns,
				.from = edge->from,
				.to = edge->to,
				.after_gap = tracker->gave_up || tracker->lost_ns};
	bool is_new;

	if (!end)
		return;
	is_new = end->last_to == WIRE_NO_STATE;
	change.was = end->state;
	change.in_state_known = end->since_known;
	change.cause = cause_of(edge);
	change.kind = kind_of(conn_apply(end, event, &change.cause, &change.in_state_ns));
	change.in_state_known = change.in_state_known && change.kind != CHANGE_JUMPED;
	tracker->edges++;
	if (event->ktime_ns > end->conn->last_ns)
		change.quiet_ns = event->ktime_ns - end->conn->last_ns;
	end->conn->last_ns = event->ktime_ns;
	if (change.cause.by_owner && pids_has(&tracker->command_pids, change.cause.actor.pid))
		end->of_command = true;
	if (edge->to == WIRE_CLOSE)
		command_release(tracker, end);
	pair_up(tracker, end, edge, is_new);
	infer_minisock(tracker, end, &change.cause, event);
	change.conn = end->conn; /* known after pairing only */
	change.end = end;
	show_decide(tracker, end->conn);
	command_await(tracker, end->conn);
	show_change(tracker, end->conn, &change);
	settle(tracker, end->conn, event->ktime_ns);
}

/* --- entry points -------------------------------------------------------------------------------- */

void tracker_event(struct tracker *tracker, const struct event *event)
{
	switch (event->type) {
	case WIRE_STATE:
		handle_edge(tracker, event);
		return;
	case WIRE_FORK:
		if (pids_has(&tracker->command_pids, event->process.pid))
			pids_add(&tracker->command_pids, event->process.child);
		return;
	case WIRE_EXIT:
		pids_remove(&tracker->command_pids, event->process.pid);
		return;
	case WIRE_TICK:
	case WIRE_ELSEWHERE:
	case WIRE_TOTALS:
	case WIRE_MINI:
	case WIRE_FOUND:
	case WIRE_HOLDER:
	case WIRE_HOOKS:
		return;
	}
}

void tracker_lost(struct tracker *tracker, uint64_t lost, uint64_t now_ns)
{
	struct change change = {.kind = CHANGE_LOST, .ktime_ns = now_ns, .lost = lost};

	tracker->lost_ns = now_ns;
	tracker->deliver(tracker->ctx, &change);
}

void tracker_advance(struct tracker *tracker, uint64_t now_ns)
{
	uint64_t when_ns;
	struct conn *conn;

	while ((conn = due_first(&tracker->due, &when_ns)) && when_ns <= now_ns) {
		for (int side = 0; side < 2; side++) {
			struct endpoint *end = conn->ends[side];

			if (end && end->keeps &&
			    end->keeps_until_ns + TRACKER_WAIT_SLACK_NS <= now_ns)
				drop_minisock(tracker, end, now_ns);
		}
		settle(tracker, conn, now_ns);
	}
}

uint64_t tracker_due_ns(const struct tracker *tracker)
{
	uint64_t when_ns;

	due_first(&tracker->due, &when_ns);
	return when_ns;
}

void tracker_finish(struct tracker *tracker, uint64_t now_ns)
{
	struct conn *conn;

	for (conn = tracker->table.lists[LIST_HELD].oldest; conn; conn = conn->newer) {
		conn->embryo = false;
		show_decide(tracker, conn);
		tell_verdict(tracker, conn, now_ns);
	}
	for (conn = tracker->table.lists[LIST_LIVE].oldest; conn; conn = conn->newer)
		tell_verdict(tracker, conn, now_ns);
}
