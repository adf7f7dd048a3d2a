// SPDX-License-Identifier: GPL-2.0-only
#include "core/tracker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/claim.h"
#include "core/ending.h"
#include "core/find.h"
#include "core/follow.h"
#include "core/found.h"
#include "core/hold.h"
#include "core/inuse.h"
#include "core/mini.h"
#include "core/mishap.h"
#include "core/pairing.h"
#include "core/reset.h"
#include "core/settle.h"
#include "core/show.h"

int tracker_init(struct tracker *tracker, uint32_t capacity, const struct filter *filter,
		 deliver_fn *deliver, void *ctx)
{
	*tracker = (struct tracker){.filter = filter, .deliver = deliver, .ctx = ctx};
	tracker->held_capacity = capacity < 64 ? 64 : capacity;
	slabs_init(&tracker->held, sizeof(struct held_change));
	if (pids_init(&tracker->command_pids) == 0 && names_init(&tracker->names.cgroups) == 0 &&
	    names_init(&tracker->names.cmdlines) == 0 && findings_init(&tracker->findings) == 0 &&
	    due_init(&tracker->due) == 0 && table_init(&tracker->table, capacity) == 0)
		return 0;
	tracker_fini(tracker);
	return -ENOMEM;
}

void tracker_fini(struct tracker *tracker)
{
	table_fini(&tracker->table);
	due_fini(&tracker->due);
	findings_fini(&tracker->findings);
	slabs_fini(&tracker->held);
	names_fini(&tracker->names.cgroups);
	names_fini(&tracker->names.cmdlines);
	pids_fini(&tracker->command_pids);
	*tracker = (struct tracker){0};
}

uint64_t tracker_starved(const struct tracker *tracker)
{
	const struct table *table = &tracker->table;

	return table->endpoints.refused + table->conns.refused + table->pasts.slabs.refused +
	       tracker->held.refused + tracker->due.refused;
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
	if (edge->to == WIRE_SYN_SENT)
		pairing_note_connect(tracker, end);
}

/* Until the snapshot is over, there may be one that was there before the hooks. */
#define REQUESTS_ARE_KNOWN (WIRE_HOOK_REQUESTS | WIRE_HOOK_SNAPSHOT)

/* Requests are seen, but not the one of this child. */
static bool had_no_request(const struct tracker *tracker, const struct endpoint *end)
{
	return (tracker->hooks & REQUESTS_ARE_KNOWN) == REQUESTS_ARE_KNOWN && !end->requested &&
	       !tracker->lost_ns;
}

/* The rest of an edge's cause, which the edge alone does not tell. Returns the address of the minisock that
 * takes the place of END's socket, or 0. */
static uint64_t complete_cause(struct tracker *tracker, struct endpoint *end,
			       const struct event *event, struct cause *cause)
{
	const struct edge_event *edge = &event->edge;

	if (edge->from == WIRE_SYN_RECV && edge->to == WIRE_ESTABLISHED && end->since_known &&
	    end->last_from == WIRE_LISTEN && had_no_request(tracker, end))
		cause->by = CAUSE_COOKIE;
	/* by an ACK with a cookie, or the SYN of a TCP Fast Open */
	if (edge->from == WIRE_LISTEN && edge->to == WIRE_SYN_RECV && had_no_request(tracker, end))
		cause->came = SEGMENT_NONE;
	if (past_of(end)->gave_up_by ==
	    CAUSE_CLOSE) /* a subflow of MPTCP: close() makes no orphan of it */
		cause->held = false;
	reset_complete(tracker, end, event, cause);
	return mini_take_place(tracker, end, event, cause);
}

static void handle_edge(struct tracker *tracker, const struct event *event)
{
	const struct edge_event *edge = &event->edge;
	struct endpoint *found = find_endpoint(tracker, event), *end;
	struct change change = {.ktime_ns = event->ktime_ns,
				.from = edge->from,
				.to = edge->to,
				.after_gap = tracker->gave_up || tracker->lost_ns};
	uint64_t mini;
	bool is_new;

	if (!found)
		return;
	end = mini_grow_up(tracker, found, event);
	is_new = end->last_to == WIRE_NO_STATE;
	change.was = end->state;
	change.in_state_known = end->since_known;
	change.repeats = end != found && edge_is_birth(edge->from, edge->to);
	change.cause = cause_of(edge);
	mini = complete_cause(tracker, end, event, &change.cause);
	change.kind = kind_of(
		conn_apply(&tracker->table.pasts, end, event, &change.cause, &change.in_state_ns));
	hold_note(tracker, end, edge);
	change.in_state_known =
		change.in_state_known && change.kind != CHANGE_JUMPED && !change.repeats;
	tracker->edges++;
	if (event->ktime_ns > end->conn->last_ns)
		change.quiet_ns = event->ktime_ns - end->conn->last_ns;
	end->conn->last_ns = event->ktime_ns;
	end->conn->held_until_ns = 0;
	follow_note(tracker, end, &change.cause);
	claim_note(tracker, end);
	if (edge->to == WIRE_CLOSE)
		follow_release(tracker, end);
	if (edge->to == WIRE_SYN_SENT)
		ending_note_connect(tracker, event);
	if (mini)
		settle_replace(tracker, end, mini);
	pair_up(tracker, end, edge, is_new);
	mini_infer(tracker, end, &change.cause, event);
	change.conn = end->conn; /* known after pairing only */
	change.end = end;
	if (edge->to == WIRE_CLOSE)
		reset_await(tracker, end, &change.cause, event->ktime_ns);
	show_decide(tracker, end->conn);
	follow_await(tracker, end->conn);
	show_change(tracker, end->conn, &change);
	if (end->conn->selection == SELECTION_SHOWN)
		inuse_used_up(tracker, end, event);
	settle(tracker, end->conn, event->ktime_ns);
}

/* With the snapshot's end, what was found need not wait any longer for its other end and its owner. */
static void show_found(struct tracker *tracker)
{
	uint64_t when_ns;
	struct conn *conn;

	while ((conn = due_first(&tracker->due, &when_ns)) && conn->held_until_ns == when_ns) {
		settle_show(tracker, conn);
		settle(tracker, conn, conn->last_ns);
	}
}

static void take_hooks(struct tracker *tracker, const struct event *event)
{
	tracker->hooks = event->hooks;
	if (event->hooks & WIRE_HOOK_SNAPSHOT) {
		found_all_holders(tracker);
		show_found(tracker);
	}
	if (event->look_us)
		inuse_looked(tracker, event->ktime_ns - UINT64_C(1000) * event->look_us);
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
	case WIRE_MINI:
		mini_event(tracker, event);
		return;
	case WIRE_FOUND:
		found_socket(tracker, event);
		inuse_event(tracker, event);
		return;
	case WIRE_HOLDER:
		found_holder(tracker, event);
		inuse_event(tracker, event);
		return;
	case WIRE_HOOKS:
		take_hooks(tracker, event);
		return;
	case WIRE_RESET:
		reset_take(tracker, event);
		return;
	case WIRE_BIND:
		inuse_event(tracker, event);
		return;
	case WIRE_LIMITS:
		limits_learn(&tracker->findings.limits, &event->limits);
		return;
	case WIRE_RESENT:
		hold_resent(tracker, event);
		return;
	case WIRE_OVERFLOW:
		reset_overflow(tracker, event);
		mishap_overflow(tracker, event);
		return;
	case WIRE_OWNER:
		claim_event(tracker, event);
		return;
	case WIRE_CGROUP:
		names_put(&tracker->names.cgroups, &event->name);
		return;
	case WIRE_CMDLINE:
		names_put(&tracker->names.cmdlines, &event->name);
		return;
	case WIRE_COUNTED: /* decoded as WIRE_STATE */
	case WIRE_TICK:
	case WIRE_ELSEWHERE:
	case WIRE_BEFORE:
	case WIRE_TOTALS:
		return;
	}
}

void tracker_lost(struct tracker *tracker, uint64_t lost, uint64_t now_ns)
{
	struct change change = {.kind = CHANGE_LOST, .ktime_ns = now_ns, .lost = lost};

	tracker->lost_ns = now_ns;
	tracker->deliver(tracker->ctx, &change);
}

/* What was planned has had time enough: where its end was not seen, it is taken to be over. */
static void give_up_minisocks(struct tracker *tracker, struct conn *conn, uint64_t now_ns)
{
	for (int side = 0; side < 2; side++) {
		struct endpoint *end = conn->ends[side];

		if (!end || end->keeps_until_ns + TRACKER_WAIT_SLACK_NS > now_ns)
			continue;
		if (end->keeps)
			settle_drop_minisock(tracker, end, now_ns);
		else if (end->state == WIRE_NEW_SYN_RECV)
			settle_lose(tracker, end, now_ns);
	}
}

/* Each as of when it was due, late or not: a recording may tick seldom. */
void tracker_advance(struct tracker *tracker, uint64_t now_ns)
{
	uint64_t when_ns;
	struct conn *conn;

	while ((conn = due_first(&tracker->due, &when_ns)) && when_ns <= now_ns) {
		if (conn->held_until_ns && conn->held_until_ns <= when_ns)
			settle_show(tracker, conn);
		claim_advance(conn, when_ns);
		show_decide(tracker, conn);
		ending_advance(tracker, conn, when_ns);
		reset_advance(tracker, conn, when_ns);
		give_up_minisocks(tracker, conn, when_ns);
		settle(tracker, conn, when_ns);
	}
}

uint64_t tracker_due_ns(const struct tracker *tracker)
{
	uint64_t when_ns;

	due_first(&tracker->due, &when_ns);
	return when_ns;
}

/* No more is heard of why something ended. */
static void finish_conn(struct tracker *tracker, struct conn *conn, uint64_t now_ns)
{
	ending_advance(tracker, conn, UINT64_MAX);
	reset_advance(tracker, conn, UINT64_MAX);
	settle_verdict(tracker, conn, now_ns);
}

void tracker_finish(struct tracker *tracker, uint64_t now_ns)
{
	struct conn *conn;

	inuse_finish(tracker);
	for (conn = tracker->table.lists[LIST_HELD].oldest; conn; conn = conn->newer) {
		claim_advance(conn, UINT64_MAX);
		settle_show(tracker, conn);
		finish_conn(tracker, conn, now_ns);
	}
	for (conn = tracker->table.lists[LIST_LIVE].oldest; conn; conn = conn->newer)
		finish_conn(tracker, conn, now_ns);
	for (conn = tracker->table.lists[LIST_DONE].oldest; conn; conn = conn->newer)
		finish_conn(tracker, conn, now_ns);
	hold_finish(tracker, now_ns);
}
