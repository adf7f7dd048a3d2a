// SPDX-License-Identifier: GPL-2.0-only
#include "core/claim.h"

#include "core/follow.h"
#include "core/settle.h"
#include "core/show.h"

/* Longer than a handshake and accept() take on any network that works. */
#define ACCEPT_HELD_NS UINT64_C(1000000000)

void claim_note(const struct tracker *tracker, struct endpoint *end)
{
	const struct filter *filter = tracker->filter;

	if (end->past && end->owner.source != OWNER_LISTENER)
		end->past->accept_until_ns = 0;
	if (filter->cgroup_count)
		end->in_cgroup = filter_has_cgroup(filter, names_find(&tracker->names.cgroups,
								      end->owner.cgroup));
}

/* Which of several listeners (SO_REUSEPORT) it came to is not told: so all must be of one process. */
static const struct endpoint *find_parent(const struct tracker *tracker,
					  const struct endpoint *child)
{
	const struct endpoint *listener =
		table_listener(&tracker->table, child->netns, &child->local);
	const struct endpoint *other = listener;

	while (other && other->owner.pid == listener->owner.pid)
		other = table_next_listener(other);
	return other ? NULL : listener;
}

bool claim_inherit(struct tracker *tracker, struct endpoint *child, uint64_t now_ns)
{
	const struct endpoint *listener = find_parent(tracker, child);

	if (!listener || !owner_inherit(&child->owner, &listener->owner))
		return false;
	child->of_command = listener->of_command;
	child->in_cgroup = listener->in_cgroup;
	if (filter_asks_owner(tracker->filter) && tracker->hooks & WIRE_HOOK_OWNERS)
		past_begin(&tracker->table.pasts, child)->accept_until_ns = now_ns + ACCEPT_HELD_NS;
	return true;
}

void claim_advance(struct conn *conn, uint64_t now_ns)
{
	for (int side = 0; side < 2; side++) {
		struct past *past = conn->ends[side] ? conn->ends[side]->past : NULL;

		if (past && past->accept_until_ns <= now_ns)
			past->accept_until_ns = 0;
	}
}

void claim_tell(struct tracker *tracker, struct endpoint *end, uint64_t now_ns)
{
	struct conn *conn = end->conn;

	claim_note(tracker, end);
	end->of_command = pids_has(&tracker->command_pids, end->owner.pid);
	if (!end->of_command)
		follow_release(tracker, end);
	show_decide(tracker, conn);
	follow_await(tracker, conn);
	if (conn->selection == SELECTION_SHOWN)
		show_change(tracker, conn,
			    &(struct change){.kind = CHANGE_OWNER,
					     .ktime_ns = now_ns,
					     .conn = conn});
	settle(tracker, conn, now_ns);
}

/* Another socket may live at its address by now. */
static struct endpoint *find_claimed(const struct tracker *tracker, const struct owner_event *owner)
{
	struct endpoint *end = table_at(&tracker->table, owner->sk);

	if (!end || end->state == WIRE_CLOSE)
		return NULL;
	return end->cookie && owner->cookie && end->cookie != owner->cookie ? NULL : end;
}

void claim_event(struct tracker *tracker, const struct event *event)
{
	const struct owner_event *claim = &event->owner;
	struct endpoint *end = find_claimed(tracker, claim);
	enum owner_source source = claim->how == WIRE_OWNER_ACCEPT ? OWNER_ACCEPT : OWNER_READ;

	if (!end)
		return;
	owner_learn_socket(&end->owner, claim->uid, claim->kernel);
	if (owner_learn(&end->owner, &claim->actor, source))
		claim_tell(tracker, end, event->ktime_ns);
}
