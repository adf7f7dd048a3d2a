// SPDX-License-Identifier: GPL-2.0-only
#include "core/show.h"

#include "core/mishap.h"
#include "core/state.h"

static bool has_room(const struct tracker *tracker)
{
	return tracker->held.items < tracker->held_capacity;
}

static struct held_change *first_held(const struct conn *conn)
{
	return conn->held ? conn->held->next : NULL;
}

static struct held_change *next_held(const struct conn *conn, const struct held_change *held)
{
	return held == conn->held ? NULL : held->next;
}

static void append(struct conn *conn, struct held_change *held)
{
	struct held_change *first = first_held(conn);

	held->next = first ? first : held;
	if (first)
		conn->held->next = held;
	conn->held = held;
}

static void hold(struct tracker *tracker, struct conn *conn, const struct change *change)
{
	struct held_change *held = has_room(tracker) ? slab_take(&tracker->held) : NULL;

	if (!held) { /* bounded: such a connection is shown from later on */
		tracker->gave_up = true;
		return;
	}
	held->change = *change;
	append(conn, held);
}

/* Have the sinks seen anything of it? With --state they may not. */
static bool is_known(const struct conn *conn)
{
	for (int side = 0; side < 2; side++)
		if (conn->ends[side] && conn->ends[side]->counted)
			return true;
	return false;
}

static bool is_wanted(const struct tracker *tracker, const struct change *change)
{
	switch (change->kind) {
	case CHANGE_MOVED:
	case CHANGE_NOTED:
	case CHANGE_JUMPED:
	case CHANGE_MINI:
	case CHANGE_INFERRED:
	case CHANGE_FOUND:
		return filter_states(tracker->filter, change->from, change->to,
				     change->cause.keeps);
	case CHANGE_OWNER:
	case CHANGE_ENDED:
	case CHANGE_PAIRED:
		return is_known(change->conn);
	case CHANGE_GONE:
		return change->end->counted;
	case CHANGE_LOST:
	case CHANGE_BIND:
	case CHANGE_NO_PORT:
	case CHANGE_FINDING:
	case CHANGE_CLOCK:
		break;
	}
	return true;
}

/* FIRST is set here and not where the change was made: what the filter drops was never seen. */
static void tell(struct tracker *tracker, struct change *change)
{
	if (!is_wanted(tracker, change))
		return;
	if (change->end) {
		struct endpoint *end = change->conn->ends[change->end->side];

		change->first = !end->counted;
		end->counted = true;
	}
	change->names = &tracker->names;
	tracker->deliver(tracker->ctx, change);
}

/* --state chooses transitions: what is found is told all the same. */
static void deliver(struct tracker *tracker, struct change *change)
{
	tell(tracker, change);
	mishap_change(tracker, change);
}

/* Takes the first out, or returns NULL. */
static struct held_change *take_first(struct conn *conn)
{
	struct held_change *last = conn->held, *first = first_held(conn);

	if (!last || !first)
		return NULL;
	last->next = first->next;
	if (first == last)
		conn->held = NULL;
	return first;
}

void show_forget(struct tracker *tracker, struct conn *conn)
{
	struct held_change *held;

	while ((held = take_first(conn)))
		slab_give(&tracker->held, held);
}

static void release(struct tracker *tracker, struct conn *conn)
{
	for (struct held_change *held = first_held(conn); held; held = next_held(conn, held))
		deliver(tracker, &held->change);
	show_forget(tracker, conn);
}

/* What is shown may be told before it is decided, but not lost. */
static void tell_undecided(struct tracker *tracker, struct conn *conn)
{
	conn->undecided_until_ns = 0;
	release(tracker, conn);
}

void show_change(struct tracker *tracker, struct conn *conn, struct change *change)
{
	if (conn->selection == SELECTION_SHOWN && !has_room(tracker))
		tell_undecided(tracker, conn);
	if (conn->selection == SELECTION_SHOWN && !conn->undecided_until_ns)
		deliver(tracker, change);
	else if (conn->selection != SELECTION_DROPPED)
		hold(tracker, conn, change);
}

void show_decide(struct tracker *tracker, struct conn *conn)
{
	if (conn->undecided_until_ns)
		return;
	if (conn->selection == SELECTION_SHOWN)
		release(tracker, conn);
	if (conn->selection != SELECTION_HELD || conn->embryo || conn->held_until_ns)
		return;
	switch (filter_conn(tracker->filter, conn)) {
	case MATCH_OPEN:
		return;
	case MATCH_NO:
		conn->selection = SELECTION_DROPPED;
		show_forget(tracker, conn);
		return;
	case MATCH_YES:
		conn->selection = SELECTION_SHOWN;
		conn->id = ++tracker->shown;
		release(tracker, conn);
		return;
	}
}

void show_correct(struct conn *conn, const struct endpoint *end)
{
	for (struct held_change *held = first_held(conn); held; held = next_held(conn, held))
		if (held->change.end == end && held->change.kind != CHANGE_MINI &&
		    held->change.to == WIRE_CLOSE)
			held->change.cause = past_of(end)->end;
}

void show_hand_over(struct tracker *tracker, struct conn *from, const struct endpoint *end)
{
	for (struct held_change *held = first_held(from); held; held = next_held(from, held)) {
		held->change.conn = end->conn;
		held->change.end = end;
		held->change.repeats = edge_is_birth(held->change.from, held->change.to);
		show_change(tracker, end->conn, &held->change);
	}
	show_forget(tracker, from);
}

/* The earlier one of what is held of A and of B, taken out, or NULL. */
static struct held_change *take_earlier(struct conn *a, struct conn *b)
{
	const struct held_change *of_a = first_held(a), *of_b = first_held(b);
	bool take_a = of_a && (!of_b || of_a->change.ktime_ns <= of_b->change.ktime_ns);

	return take_first(take_a ? a : b);
}

void show_join(struct conn *into, struct conn *from)
{
	struct conn both = {0};
	struct held_change *held;

	for (held = first_held(from); held; held = next_held(from, held))
		held->change.conn = into;
	/* With its other end it may be wanted after all; what went before is gone. */
	if (into->selection == SELECTION_DROPPED)
		into->selection = SELECTION_HELD;
	while ((held = take_earlier(into, from)))
		append(&both, held);
	into->held = both.held;
}
