// SPDX-License-Identifier: GPL-2.0-only
#include "core/mishap.h"

static void happen(struct tracker *tracker, const struct subject_key *key, uint64_t times,
		   struct finding *finding, const struct endpoint *end, uint64_t now_ns)
{
	struct subject *subject = subject_of(&tracker->findings.subjects, key);

	subject->count += times;
	if (!subject_has_grown(subject))
		return;
	if (finding->owner.source == OWNER_UNKNOWN)
		finding->owner = end->owner;
	finding->local = end->local;
	finding->remote = end->remote;
	findings_tell(tracker, subject, finding, now_ns);
}

static void take_rst(struct tracker *tracker, const struct endpoint *end, uint64_t now_ns)
{
	struct subject_key key = subject_key_of(end, FINDING_RST_UNREAD);
	struct finding finding = {.level = LEVEL_WARNING,
				  .unread = past_of(end)->held.unread,
				  .by = past_of(end)->end.by,
				  .signal = past_of(end)->end.actor.signal};

	if (past_of(end)->end.by_owner)
		owner_learn(&finding.owner, &past_of(end)->end.actor, OWNER_CLOSE);
	if (finding.owner.source == OWNER_UNKNOWN)
		finding.owner = end->owner;
	if (finding.owner.source != OWNER_UNKNOWN)
		key.pid = finding.owner.pid;
	happen(tracker, &key, 1, &finding, end, now_ns);
}

/* A TIME_WAIT ended after AGE_NS, or was not to be had at all. */
static void take_cut(struct tracker *tracker, const struct endpoint *end, enum cause_by why,
		     uint64_t age_ns, uint64_t now_ns)
{
	struct subject_key key = subject_key_of(end, FINDING_TIME_WAIT_CUT);
	struct finding finding = {.level = why == CAUSE_DESTROYED ? LEVEL_NOTE : LEVEL_WARNING,
				  .why = why,
				  .age_ns = age_ns};

	key.why = (uint16_t)why;
	happen(tracker, &key, 1, &finding, end, now_ns);
}

/* What its close was like is told behind the verdict. */
static void take_close(struct tracker *tracker, const struct endpoint *end, uint64_t now_ns)
{
	if (end->state != WIRE_CLOSE)
		return;
	if (past_of(end)->end.by == CAUSE_REFUSED)
		take_cut(tracker, end, CAUSE_REFUSED, 0, now_ns);
	else if (past_of(end)->held.unread &&
		 past_of(end)->end.why == WHY_UNREAD) /* RFC 2525, section 2.17 */
		take_rst(tracker, end, now_ns);
}

/* A new connection in the place of a TIME_WAIT is no harm (RFC 9293, section 3.6.1). */
static void take_mini(struct tracker *tracker, const struct change *change)
{
	const struct cause *cause = &change->cause;

	if (change->from == WIRE_TIME_WAIT && change->to == WIRE_CLOSE &&
	    (cause->came == SEGMENT_RST || cause->by == CAUSE_DESTROYED))
		take_cut(tracker, change->end, cause->by, change->in_state_ns, change->ktime_ns);
}

void mishap_change(struct tracker *tracker, const struct change *change)
{
	if (tracker->findings.off)
		return;
	if (change->kind == CHANGE_MINI)
		take_mini(tracker, change);
	if (change->kind != CHANGE_ENDED)
		return;
	for (int side = 0; side < 2; side++)
		if (change->conn->ends[side])
			take_close(tracker, change->conn->ends[side], change->ktime_ns);
}

/* The listener itself, or, where its beginning was missed, one that has its address. */
static const struct endpoint *find_listener(const struct tracker *tracker,
					    const struct overflow_event *overflow)
{
	const struct endpoint *end = table_at(&tracker->table, overflow->sk);

	if (end && end->state == WIRE_LISTEN)
		return end;
	return table_listener(&tracker->table, overflow->netns, &overflow->local);
}

void mishap_overflow(struct tracker *tracker, const struct event *event)
{
	const struct overflow_event *overflow = &event->overflow;
	const struct endpoint *end = find_listener(tracker, overflow);
	struct finding finding = {.level = LEVEL_TROUBLE,
				  .waiting = overflow->waiting,
				  .room = overflow->room};
	struct subject_key key;

	if (tracker->findings.off || !end || end->conn->selection != SELECTION_SHOWN)
		return;
	key = subject_key_of(end, FINDING_ACCEPT_QUEUE_FULL);
	happen(tracker, &key, overflow->times, &finding, end, event->ktime_ns);
}
