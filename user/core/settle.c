// SPDX-License-Identifier: GPL-2.0-only
#include "core/settle.h"

#include "core/claim.h"
#include "core/ending.h"
#include "core/follow.h"
#include "core/hold.h"
#include "core/show.h"

/* What is told again of a socket that has gone is told within this time. */
#define RECENT_NS UINT64_C(10000000)

static struct recent_end *recent_slot(struct tracker *tracker, uint64_t address)
{
	return &tracker->recent[address / 64 % TRACKER_RECENT_ENDS];
}

static void remember_end(struct tracker *tracker, const struct endpoint *end)
{
	*recent_slot(tracker, end->sk) =
		(struct recent_end){end->sk, end->last_ktime_ns, end->last_from, end->last_to};
}

void settle_remember_mini(struct tracker *tracker, const struct endpoint *end)
{
	*recent_slot(tracker, end->address) =
		(struct recent_end){end->address, past_of(end)->ending_ns, WIRE_TIME_WAIT,
				    WIRE_CLOSE};
}

bool settle_remembers(const struct tracker *tracker, const struct recent_end *wanted)
{
	const struct recent_end *recent =
		&tracker->recent[wanted->address / 64 % TRACKER_RECENT_ENDS];

	return recent->address == wanted->address && recent->from == wanted->from &&
	       recent->to == wanted->to && wanted->ktime_ns < recent->ktime_ns + RECENT_NS;
}

static void free_conn(struct tracker *tracker, struct conn *conn)
{
	for (int side = 0; side < 2; side++)
		if (conn->ends[side] && conn->ends[side]->address == conn->ends[side]->sk)
			remember_end(tracker, conn->ends[side]);
	show_forget(tracker, conn);
	hold_forget(conn);
	due_remove(&tracker->due, conn);
	table_free_conn(&tracker->table, conn);
}

void settle_show(struct tracker *tracker, struct conn *conn)
{
	conn->embryo = false;
	conn->held_until_ns = conn->undecided_until_ns = 0;
	show_decide(tracker, conn);
}

void settle_verdict(struct tracker *tracker, struct conn *conn, uint64_t now_ns)
{
	if (conn->judged || conn_is_listener(conn))
		return;
	conn->judged = true;
	conn->uncertain = tracker->lost_ns >= conn->start_ns;
	show_change(tracker, conn,
		    &(struct change){.kind = CHANGE_ENDED, .ktime_ns = now_ns, .conn = conn});
}

/* END, which was in FROM, is no longer watched. */
static void tell_gone(struct tracker *tracker, struct endpoint *end, uint8_t from, uint64_t now_ns)
{
	show_change(tracker, end->conn,
		    &(struct change){.kind = CHANGE_GONE,
				     .ktime_ns = now_ns,
				     .conn = end->conn,
				     .end = end,
				     .from = from,
				     .to = WIRE_CLOSE,
				     .was = end->state});
}

void settle_drop_minisock(struct tracker *tracker, struct endpoint *end, uint64_t now_ns)
{
	uint8_t kept = endpoint_shown_state(end);

	end->keeps = WIRE_NO_STATE;
	tell_gone(tracker, end, kept, now_ns);
}

void settle_replace(struct tracker *tracker, struct endpoint *end, uint64_t mini)
{
	remember_end(tracker, end);
	table_move_to(&tracker->table, end, mini);
}

static uint64_t earlier(uint64_t a_ns, uint64_t b_ns)
{
	return a_ns < b_ns ? a_ns : b_ns;
}

static uint64_t end_due(const struct endpoint *end)
{
	uint64_t due_ns = UINT64_MAX;

	if (end->keeps || end->state == WIRE_NEW_SYN_RECV)
		due_ns = end->keeps_until_ns + TRACKER_WAIT_SLACK_NS;
	if (past_of(end)->ending)
		due_ns = earlier(due_ns, past_of(end)->ending_ns + ENDING_WAITS_NS);
	if (past_of(end)->accept_until_ns)
		due_ns = earlier(due_ns, past_of(end)->accept_until_ns);
	if (past_of(end)->held.look_ns)
		due_ns = earlier(due_ns, past_of(end)->held.look_ns);
	return due_ns;
}

/* When CONN must be looked at again, should nothing happen; UINT64_MAX: not at all. */
static uint64_t conn_due(const struct conn *conn)
{
	uint64_t due_ns = conn->held_until_ns ? conn->held_until_ns : UINT64_MAX;

	if (conn->undecided_until_ns)
		due_ns = earlier(due_ns, conn->undecided_until_ns);
	for (int side = 0; side < 2; side++)
		if (conn->ends[side])
			due_ns = earlier(due_ns, end_due(conn->ends[side]));
	return due_ns;
}

static bool keeps_minisock(const struct conn *conn)
{
	for (int side = 0; side < 2; side++)
		if (conn->ends[side] && conn->ends[side]->keeps)
			return true;
	return false;
}

void settle(struct tracker *tracker, struct conn *conn, uint64_t now_ns)
{
	bool over = conn_is_over(conn);
	uint64_t due_ns;

	if (over)
		settle_verdict(tracker, conn, now_ns);
	hold_update(tracker, conn, now_ns);
	due_ns = conn_due(conn);
	if (due_ns != UINT64_MAX)
		due_set(&tracker->due, conn, due_ns);
	else
		due_remove(&tracker->due, conn);
	if (over && !conn->undecided_until_ns && !keeps_minisock(conn))
		free_conn(tracker, conn);
	else if (over)
		table_touch(&tracker->table, conn, LIST_DONE);
	else
		table_touch(&tracker->table, conn,
			    conn->selection == SELECTION_SHOWN ? LIST_LIVE : LIST_HELD);
}

void settle_lose(struct tracker *tracker, struct endpoint *end, uint64_t now_ns)
{
	uint8_t was = endpoint_shown_state(end);

	follow_release(tracker, end);
	end->uncertain = true;
	settle_show(tracker,
		    end->conn); /* it will not grow up: what is held of it is to be shown */
	if (was != WIRE_CLOSE)
		tell_gone(tracker, end, was, now_ns);
	end->state = WIRE_CLOSE;
	past_begin(&tracker->table.pasts, end)->end = (struct cause){.by = CAUSE_UNSEEN};
}

void settle_bury(struct tracker *tracker, struct endpoint *end, uint64_t now_ns)
{
	table_forget_address(&tracker->table, end);
	if (past_of(end)->ending) { /* what lives there now is the proof */
		ending_tell(tracker, end);
		settle(tracker, end->conn, now_ns);
		return;
	}
	if (end->state == WIRE_CLOSE)
		return;
	settle_lose(tracker, end, now_ns);
	settle(tracker, end->conn, now_ns);
}

/* Who must go? What nobody asked for, then the finished, then what may be wanted yet, then the idle. */
static struct conn *who_goes(const struct tracker *tracker)
{
	static const enum conn_list order[] = {LIST_DONE, LIST_HELD, LIST_LIVE};
	struct conn *conn = tracker->table.lists[LIST_HELD].oldest;

	if (conn && conn->selection == SELECTION_DROPPED)
		return conn;
	conn = NULL;
	for (unsigned int i = 0; i < LISTS && !conn; i++)
		conn = tracker->table.lists[order[i]].oldest;
	return conn;
}

void settle_evict_one(struct tracker *tracker, uint64_t now_ns)
{
	struct conn *conn = who_goes(tracker);

	if (conn)
		settle_evict(tracker, conn, now_ns);
}

void settle_evict(struct tracker *tracker, struct conn *conn, uint64_t now_ns)
{
	conn->evicted = true;
	claim_advance(conn, UINT64_MAX);
	settle_show(tracker, conn);
	tracker->gave_up = true;
	if (conn->selection == SELECTION_SHOWN && !conn->judged)
		tracker->evicted++;
	for (int side = 0; side < 2; side++)
		if (conn->ends[side])
			follow_release(tracker, conn->ends[side]);
	settle_verdict(tracker, conn, now_ns);
	for (int side = 0; side < 2; side++)
		if (conn->ends[side] && endpoint_shown_state(conn->ends[side]) != WIRE_CLOSE)
			settle_drop_minisock(tracker, conn->ends[side], now_ns);
	free_conn(tracker, conn);
}
