// SPDX-License-Identifier: GPL-2.0-only
#include "core/hold.h"

#include "core/settle.h"

#define NEVER UINT64_MAX

/* What has one reason comes at once: it is told as one. */
#define GATHER_NS UINT64_C(100000000)

/* A FIN or SYN that was sent again so often is not merely late. */
#define RESENT_OFTEN 2

/* A peer that closes within so long is not late, however short the limit. */
#define LATE_NS UINT64_C(5000000000)

/* TIME_WAITs at a server are ordinary; so many are work for nothing. */
#define MANY_TIME_WAITS 1000

/* A part of the port range, from which on it is worth knowing: a quarter, then the half, then all. */
#define PORTS_PART 4

/* --- the rules ----------------------------------------------------------------------------------- */

/* Times come from outside: any sum may be too large. */
static uint64_t plus(uint64_t a_ns, uint64_t b_ns)
{
	return a_ns + b_ns < a_ns ? NEVER : a_ns + b_ns;
}

/* A rule, and from when on. */
struct ruling {
	enum finding_code code;
	uint64_t from_ns;
};

static const struct ruling no_rule = {FINDING_NONE, NEVER};

static uint64_t since_ns(const struct endpoint *end)
{
	return end->since_known ? end->since_ns : end->conn->start_ns;
}

/* How long the kernel keeps END's minisock in FIN_WAIT2. */
static uint32_t orphan_ms(const struct findings *findings, const struct endpoint *end)
{
	const struct limits *limits = limits_find(&findings->limits, end->netns);

	if (past_of(end)->planned_ms || !limits)
		return past_of(end)->planned_ms;
	return limits->fin_timeout_ms;
}

static struct ruling rule_fin_wait2(const struct findings *findings, const struct endpoint *end)
{
	uint64_t half_ns = UINT64_C(500000) * orphan_ms(findings, end);
	uint64_t late_ns = findings->patience_ns < LATE_NS ? findings->patience_ns : LATE_NS;
	uint64_t from_ns = plus(past_of(end)->gave_up_ns, late_ns);

	if (end->keeps && from_ns < end->keeps_until_ns - half_ns)
		from_ns = end->keeps_until_ns - half_ns;
	if (end->keeps)
		return (struct ruling){FINDING_FIN_WAIT2_ORPHAN, from_ns};
	if (past_of(end)->held.orphan) /* for more than 60 s: its minisock is told */
		return no_rule;
	return (struct ruling){FINDING_HALF_CLOSE, plus(since_ns(end), findings->patience_ns)};
}

/* Or as often as it may be. */
static bool is_resent_often(const struct held_end *held)
{
	return held->resent >= RESENT_OFTEN || (held->retries && held->resent >= held->retries);
}

/* Its FIN was not acknowledged: it is lost, or waits behind data. How these flow is told at edges alone, so of them
 * only the time is known. */
static struct ruling rule_stuck(const struct findings *findings, const struct endpoint *end,
				enum finding_code code)
{
	uint64_t wait_ns = is_resent_often(&past_of(end)->held) ? 0 : findings->patience_ns;

	return (struct ruling){code, plus(since_ns(end), wait_ns)};
}

static bool is_chosen_port(const struct findings *findings, const struct endpoint *end)
{
	const struct limits *limits = limits_find(&findings->limits, end->netns);

	return limits && end->local.port >= limits->port_first &&
	       end->local.port <= limits->port_last;
}

/* Not at once with its peer. */
static bool closed_first(const struct endpoint *end)
{
	return end->sent_fin_first && end->last_from != WIRE_CLOSING;
}

/* The verdict comes first. */
static struct ruling rule_time_wait(const struct findings *findings, const struct endpoint *end)
{
	if (!end->conn->judged || !end->conn->sides_known)
		return no_rule;
	if (end->side == SIDE_CLIENT && is_chosen_port(findings, end))
		return (struct ruling){FINDING_TIME_WAIT_PORTS, 0};
	if (end->side == SIDE_SERVER && closed_first(end))
		return (struct ruling){FINDING_TIME_WAIT_SERVER, 0};
	return no_rule;
}

static struct ruling rule_of(const struct findings *findings, const struct endpoint *end)
{
	switch (endpoint_shown_state(end)) {
	case WIRE_CLOSE_WAIT:
		return (struct ruling){FINDING_CLOSE_WAIT_HELD,
				       plus(since_ns(end), findings->patience_ns)};
	case WIRE_FIN_WAIT2:
		return rule_fin_wait2(findings, end);
	case WIRE_FIN_WAIT1:
	case WIRE_CLOSING:
		return rule_stuck(findings, end, FINDING_FIN_WAIT1_STUCK);
	case WIRE_LAST_ACK:
		return rule_stuck(findings, end, FINDING_LAST_ACK_STUCK);
	case WIRE_SYN_SENT:
		if (is_resent_often(&past_of(end)->held))
			return (struct ruling){FINDING_SYN_UNANSWERED, 0};
		return no_rule;
	case WIRE_TIME_WAIT:
		return rule_time_wait(findings, end);
	}
	return no_rule;
}

/* --- subjects ------------------------------------------------------------------------------------ */

/* Who it is about: of a FIN, who sent it. */
static const struct owner *owner_of(const struct endpoint *end, enum finding_code code)
{
	bool of_fin = code != FINDING_CLOSE_WAIT_HELD && code != FINDING_SYN_UNANSWERED;

	return of_fin && past_of(end)->closer.source != OWNER_UNKNOWN ? &past_of(end)->closer
								      : &end->owner;
}

/* Ports are shared by all processes, and a server's port by all its workers. */
static struct subject_key key_of(const struct endpoint *end, enum finding_code code)
{
	struct subject_key key = subject_key_of(end, code);

	if (code == FINDING_TIME_WAIT_PORTS)
		key.from = end->local.addr;
	else if (code != FINDING_TIME_WAIT_SERVER && owner_of(end, code)->source != OWNER_UNKNOWN)
		key.pid = owner_of(end, code)->pid;
	return key;
}

static uint64_t age_of(const struct endpoint *end, uint64_t now_ns)
{
	return now_ns > since_ns(end) ? now_ns - since_ns(end) : 0;
}

static uint32_t ports_of(const struct findings *findings, uint32_t netns)
{
	const struct limits *limits = limits_find(&findings->limits, netns);

	return limits ? limits->port_last - limits->port_first + 1U : 0;
}

/* Only what nothing else ends is told again for its age. */
static bool goes_on(enum finding_code code)
{
	return code == FINDING_CLOSE_WAIT_HELD || code == FINDING_HALF_CLOSE;
}

static bool is_to_be_told(const struct findings *findings, const struct subject *subject,
			  uint64_t now_ns)
{
	enum finding_code code = (enum finding_code)subject->key.code;
	uint64_t count = subject->count;

	if (code == FINDING_TIME_WAIT_PORTS &&
	    count * PORTS_PART < ports_of(findings, subject->key.netns))
		return false;
	if (code == FINDING_TIME_WAIT_SERVER && subject->told_count && count < MANY_TIME_WAITS)
		return false;
	if (subject_has_grown(subject))
		return true;
	return goes_on(code) && age_of(subject->oldest, now_ns) >= 2 * subject->told_age_ns;
}

/* --- what is told -------------------------------------------------------------------------------- */

static bool is_loopback(const struct addr *addr)
{
	static const struct addr v6 = {.bytes[15] = 1};

	return addr_is_v4(addr) ? addr->bytes[12] == 127 : addr_equal(addr, &v6);
}

/* connect() takes a pair that was in TIME_WAIT for a second, if time stamps tell old segments from new ones:
 * tcp_twsk_unique(); 2 came with 4.19. */
static void add_ports(const struct findings *findings, struct finding *finding, uint64_t count)
{
	const struct limits *limits = limits_find(&findings->limits, finding->netns);

	if (!limits)
		return;
	finding->ports = ports_of(findings, finding->netns);
	finding->tw_reuse = limits->tw_reuse;
	finding->reuse = limits->tw_reuse == 1 ||
			 (limits->tw_reuse == 2 && is_loopback(&finding->local.addr) &&
			  is_loopback(&finding->remote.addr));
	if (finding->reuse || count * 2 < finding->ports)
		finding->level = LEVEL_NOTE;
	else if (count * 10 >= finding->ports * UINT64_C(9))
		finding->level = LEVEL_TROUBLE;
}

static enum finding_level level_of(enum finding_code code, uint64_t count,
				   const struct held_end *held)
{
	switch (code) {
	case FINDING_LAST_ACK_STUCK:
	case FINDING_FIN_WAIT1_STUCK:
		return held->unsent && !held->resent ? LEVEL_NOTE : LEVEL_WARNING;
	case FINDING_FIN_WAIT2_ORPHAN:
	case FINDING_HALF_CLOSE:
		return LEVEL_NOTE;
	case FINDING_TIME_WAIT_SERVER:
		return count < MANY_TIME_WAITS ? LEVEL_NOTE : LEVEL_WARNING;
	case FINDING_SYN_UNANSWERED:
		return LEVEL_TROUBLE;
	default:
		return LEVEL_WARNING;
	}
}

/* Of more than 60 s the minisock has what is above that. TCP_LINGER2 is told as planned, in jiffies. */
static void add_limit(const struct findings *findings, struct finding *finding)
{
	const struct limits *limits = limits_find(&findings->limits, finding->netns);
	uint32_t ms;

	if (!limits)
		return;
	ms = limits->fin_timeout_ms > TIME_WAIT_MS ? limits->fin_timeout_ms - TIME_WAIT_MS
						   : limits->fin_timeout_ms;
	finding->by_sysctl = finding->limit_ms < ms + 100 && finding->limit_ms + 100 > ms;
	finding->by_option = !finding->by_sysctl;
}

static void tell(struct tracker *tracker, struct subject *subject, uint64_t now_ns)
{
	const struct findings *findings = &tracker->findings;
	const struct endpoint *end = subject->oldest;
	enum finding_code code = (enum finding_code)subject->key.code;
	struct finding finding = {
		.level = level_of(code, subject->count, &past_of(end)->held),
		.age_ns = age_of(end, now_ns),
		.age_least = !end->since_known,
		.netns = end->netns,
		.owner = *owner_of(end, code),
		.by = past_of(end)->gave_up_by,
		.signal = past_of(end)->gave_up_signal,
		.local = end->local,
		.remote = end->remote,
		.limit_ms = orphan_ms(findings, end),
		.unsent = past_of(end)->held.unsent,
		.window_full = past_of(end)->held.window_full,
		.resent = past_of(end)->held.resent,
		.retries = past_of(end)->held.retries,
	};

	if (code == FINDING_FIN_WAIT2_ORPHAN)
		add_limit(findings, &finding);
	if (code == FINDING_TIME_WAIT_PORTS)
		add_ports(findings, &finding, subject->count);
	findings_tell(tracker, subject, &finding, now_ns);
}

static void tell_if_due(struct tracker *tracker, struct subject *subject, uint64_t now_ns)
{
	if (is_to_be_told(&tracker->findings, subject, now_ns))
		tell(tracker, subject, now_ns);
}

/* --- when ---------------------------------------------------------------------------------------- */

static bool waits_for_others(enum finding_code code)
{
	return code != FINDING_TIME_WAIT_PORTS && code != FINDING_TIME_WAIT_SERVER;
}

/* What had gone and comes again is news, but not at once. That a server closes first is a habit: told once. */
static void begin_anew(const struct findings *findings, struct subject *subject, uint64_t now_ns)
{
	if (subject->count || subject->key.code == FINDING_TIME_WAIT_SERVER ||
	    now_ns < plus(subject->told_ns, findings->patience_ns))
		return;
	subject->told_count = subject->told_age_ns = 0;
}

static void join(struct tracker *tracker, struct endpoint *end, enum finding_code code,
		 uint64_t now_ns)
{
	const struct subject_key key = key_of(end, code);
	struct subject *subject = subject_of(&tracker->findings.subjects, &key);

	begin_anew(&tracker->findings, subject, now_ns);
	subject_join(subject, end);
	if (waits_for_others(code))
		end->past->held.look_ns = plus(now_ns, GATHER_NS);
	else
		tell_if_due(tracker, subject, now_ns);
}

/* END, which falls under a rule, is looked at: that of its age comes when it has doubled. */
static void look(struct tracker *tracker, struct endpoint *end, uint64_t now_ns)
{
	struct subject *subject = past_of(end)->held.subject;

	tell_if_due(tracker, subject, now_ns);
	end->past->held.look_ns = goes_on((enum finding_code)subject->key.code)
					  ? plus(now_ns, age_of(end, now_ns) + GATHER_NS)
					  : 0;
}

/* END belongs to none, and falls under RULE, or none. */
static void update_free(struct tracker *tracker, struct endpoint *end, struct ruling rule,
			uint64_t now_ns)
{
	if (rule.code)
		past_begin(&tracker->table.pasts, end);
	if (!end->past)
		return;
	end->past->held.look_ns = 0;
	if (rule.code && rule.from_ns <= now_ns)
		join(tracker, end, rule.code, now_ns);
	else if (rule.code)
		end->past->held.look_ns = rule.from_ns;
}

static void update_end(struct tracker *tracker, struct endpoint *end, uint64_t now_ns)
{
	struct ruling rule = rule_of(&tracker->findings, end);
	const struct held_end *held = &past_of(end)->held;

	if (held->subject && held->subject->key.code != rule.code)
		subject_leave(end);
	else if (held->subject && held->look_ns && held->look_ns <= now_ns)
		look(tracker, end, now_ns);
	if (!held->subject)
		update_free(tracker, end, rule, now_ns);
}

void hold_update(struct tracker *tracker, struct conn *conn, uint64_t now_ns)
{
	if (tracker->findings.off || conn->selection != SELECTION_SHOWN || conn_is_listener(conn))
		return;
	for (int side = 0; side < 2; side++)
		if (conn->ends[side])
			update_end(tracker, conn->ends[side], now_ns);
}

void hold_forget(struct conn *conn)
{
	for (int side = 0; side < 2; side++)
		if (conn->ends[side])
			subject_leave(conn->ends[side]);
}

void hold_finish(struct tracker *tracker, uint64_t now_ns)
{
	struct subject *subject;

	for (subject = tracker->findings.subjects.oldest; subject; subject = subject->newer)
		if (subject->oldest)
			tell_if_due(tracker, subject, now_ns);
}

/* --- what they go by ----------------------------------------------------------------------------- */

/* Data waits, and the window is asked for, or full of what is on its way, or smaller than a segment, so that
 * nothing is on its way (RFC 9293, sections 3.8.6.1 and 3.8.6.2.1). */
static bool is_window_full(const struct edge_event *edge)
{
	const struct counts *counts = &edge->counts;

	return counts->unsent &&
	       (edge->probes || !counts->unacked || counts->unacked >= counts->snd_wnd);
}

void hold_note(struct tracker *tracker, struct endpoint *end, const struct edge_event *edge)
{
	bool orphan = edge->orphan || edge->released;
	uint32_t unread = edge->linger_0 ? 0 : edge->unread;
	struct held_end *held;

	if (!end->past && !orphan && !unread && !edge->counts.unsent)
		return;
	held = &past_begin(&tracker->table.pasts, end)->held;
	held->orphan = orphan;
	held->unread = unread;
	if (edge->from != edge->to)
		held->resent = held->retries = 0;
	held->unsent = edge->counts.unsent;
	held->window_full = is_window_full(edge);
}

void hold_resent(struct tracker *tracker, const struct event *event)
{
	const struct resent_event *resent = &event->resent;
	struct endpoint *end = table_at(&tracker->table, resent->sk);
	struct held_end *held;

	if (!end || end->state != resent->state ||
	    (end->cookie && resent->cookie && end->cookie != resent->cookie))
		return;
	held = &past_begin(&tracker->table.pasts, end)->held;
	held->resent = resent->times;
	held->retries = resent->retries;
	settle(tracker, end->conn, event->ktime_ns);
}
