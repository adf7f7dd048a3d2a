// SPDX-License-Identifier: GPL-2.0-only
#include "render/advice.h"
#include "render/bind_words.h"
#include "render/fields.h"

#define CODE(name, code) (code),
const char *const finding_codes[] = {FINDINGS(CODE) NULL};
static const char *const bind_calls[] = {"bind", "listen", NULL};
static const char *const severity_codes[] = {"note", "warning", "trouble", NULL};

/* --- findings --------------------------------------------------------------------------------------- */

static void set_sentence(struct value *value, const struct line *line)
{
	advice_sentence(line->text, line->finding);
	field_text(value, line);
}

static void set_advice(struct value *value, const struct line *line)
{
	advice_add(line->text, line->finding);
	field_text(value, line);
}

static bool is_of(const struct line *line, enum finding_code code)
{
	return line->finding->code == code;
}

static bool is_stuck(const struct line *line)
{
	return is_of(line, FINDING_LAST_ACK_STUCK) || is_of(line, FINDING_FIN_WAIT1_STUCK);
}

static void set_closed_by(struct value *value, const struct finding *finding)
{
	if (finding->by)
		field_words(value, cause_code(finding->by));
}

static void set_cut_by(struct value *value, const struct line *line)
{
	if (is_of(line, FINDING_TIME_WAIT_CUT))
		field_words(value, cause_code(line->finding->why));
}

/* clang-format off */
#define FINDING(X, of) \
	HEAD_ROWS(X, of) \
	X(of, code, NAME(finding_codes), ALWAYS, field_words(value, finding_name(line->finding->code)), \
	  "Which rule applies, see FINDINGS in the manual.") \
	X(of, severity, NAME(severity_codes), ALWAYS, \
	  field_words(value, advice_level_name(line->finding->level)), \
	  "note: nothing need be wrong; warning: somebody should look; trouble: it hurts now.") \
	X(of, words, STRING, OR_NULL, set_sentence(value, line), "What is, in a sentence.") \
	X(of, advice, STRING, OR_NULL, set_advice(value, line), \
	  "What it means and what to do; null where that was told before.") \
	X(of, count, NUMBER, ALWAYS, field_number(value, line->finding->count), \
	  "Connections that it is about, or how often it has happened.") \
	X(of, before, NUMBER, OR_NULL, field_positive(value, line->finding->before), \
	  "That count when it was last told; null: this is the first time.") \
	X(of, age_ns, NUMBER, OR_NULL, field_positive(value, line->finding->age_ns), \
	  "Of what lasts: for how long, the oldest of them.") \
	X(of, age_least, BOOL, ALWAYS, field_bool(value, line->finding->age_least), \
	  "It was there before it was looked at: it is older than that.") \
	X(of, side, NAME(side_codes), ALWAYS, \
	  fields_side(value, line->finding->server ? SIDE_SERVER : SIDE_CLIENT), \
	  "Which end of its connections it is about.") \
	X(of, netns, NUMBER, OR_NULL, field_positive(value, host_netns(line->finding->netns)), \
	  "Network namespace: its inode number.") \
	X(of, local, OBJECT(at_fields), ALWAYS, fields_at(value, line, &line->finding->local), \
	  "Local address of the oldest, or of the last to which it happened.") \
	X(of, remote, OBJECT(at_fields), ALWAYS, fields_at(value, line, &line->finding->remote), \
	  "Address of its peer.") \
	OWNER_ROWS(X, of) \
	X(of, closed_by, NAME(cause_codes), OR_NULL, set_closed_by(value, line->finding), \
	  "What closed it, where that is part of it, see CAUSES in the manual.") \
	X(of, signal, STRING, OR_NULL, \
	  if (line->finding->by == CAUSE_SIGNAL) fields_signal(value, line, line->finding->signal), \
	  "Signal that killed the process.") \
	X(of, cut_by, NAME(cause_codes), OR_NULL, set_cut_by(value, line), \
	  "time-wait-cut: what ended it, see CAUSES in the manual.") \
	X(of, limit_ms, NUMBER, OR_NULL, field_positive(value, line->finding->limit_ms), \
	  "fin-wait2-orphan: how long the kernel keeps it.") \
	X(of, ports, NUMBER, OR_NULL, field_positive(value, line->finding->ports), \
	  "time-wait-ports: so many may connect() choose from.") \
	X(of, tw_reuse, NUMBER, OR_NULL, \
	  if (is_of(line, FINDING_TIME_WAIT_PORTS)) field_number(value, line->finding->tw_reuse), \
	  "time-wait-ports: net.ipv4.tcp_tw_reuse.") \
	X(of, unread, NUMBER, OR_NULL, field_positive(value, line->finding->unread), \
	  "rst-unread: bytes that nobody had read.") \
	X(of, unsent, NUMBER, OR_NULL, if (is_stuck(line)) field_number(value, line->finding->unsent), \
	  "last-ack-stuck, fin-wait1-stuck: bytes that were not sent, as of the close.") \
	X(of, window_full, BOOL, OR_NULL, if (is_stuck(line)) field_bool(value, line->finding->window_full), \
	  "... and the peer took no more then.") \
	X(of, resent, NUMBER, OR_NULL, \
	  if (is_stuck(line) || is_of(line, FINDING_SYN_UNANSWERED)) field_number(value, line->finding->resent), \
	  "How often the FIN or SYN was sent again.") \
	X(of, retries, NUMBER, OR_NULL, field_positive(value, line->finding->retries), \
	  "... of so many, until the kernel gives up.") \
	X(of, waiting, NUMBER, OR_NULL, \
	  if (is_of(line, FINDING_ACCEPT_QUEUE_FULL)) field_number(value, line->finding->waiting), \
	  "accept-queue-full: connections that wait for accept().") \
	X(of, backlog, NUMBER, OR_NULL, \
	  if (is_of(line, FINDING_ACCEPT_QUEUE_FULL)) field_number(value, line->finding->room), \
	  "accept-queue-full: for how many there is room.")
FIELD_LIST_SHARED(finding, FINDING)
/* clang-format on */

/* --- a bind() that failed ---------------------------------------------------------------------------- */

static void add_words(void *ctx, const char *words)
{
	struct text *text = ctx;

	if (text->len)
		text_add(text, "\n");
	text_add(text, words);
}

static void set_bind_words(struct value *value, const struct line *line)
{
	bind_words_change(line->change, add_words, line->text);
	field_text(value, line);
}

/* The port is the one that was asked for. */
static void set_holder_local(struct value *value, struct line *line)
{
	line->made_at =
		(struct addr_port){line->user->claim.local, line->change->in_use->wants.local.port};
	fields_at(value, line, &line->made_at);
}

static void set_gave_up(struct value *value, const struct port_user *user)
{
	if (user->gave_up)
		field_words(value, cause_code(user->gave_up_by));
}

static void set_call(struct value *value, const struct line *line)
{
	bool listen = line->change->in_use->wants.actor.call == WIRE_CALL_LISTEN;

	field_words(value, bind_calls[listen]);
}

static void set_holder(struct value *value, struct line *line)
{
	if (line->index >= line->change->in_use->listed)
		return;
	line->user = &line->change->in_use->users[line->index];
	line->owner = &line->user->owner;
	field_object(value, true);
}

static void set_holder_ends(struct value *value, const struct line *line)
{
	uint64_t now_ns = line->change->in_use->ktime_ns;

	if (line->user->until_ns)
		field_number(value,
			     line->user->until_ns > now_ns ? line->user->until_ns - now_ns : 0);
}

static const struct bind_event *wants(const struct line *line)
{
	return &line->change->in_use->wants;
}

/* clang-format off */
#define OPTION_ROWS(X, of, what) \
	X(of, reuse_addr, BOOL, ALWAYS, field_bool(value, (what)->reuse_addr), "It has SO_REUSEADDR.") \
	X(of, reuse_port, BOOL, ALWAYS, field_bool(value, (what)->reuse_port), "It has SO_REUSEPORT.") \
	X(of, v6_only, BOOL, ALWAYS, field_bool(value, (what)->v6_only), "It has IPV6_V6ONLY.")

#define HOLDER(X, of) \
	X(of, blocks, BOOL, ALWAYS, field_bool(value, line->user->blocks), "It is in the way.") \
	X(of, state, NAME(state_codes), ALWAYS, fields_state(value, line->user->state), \
	  "State of the socket, or of the minisock that is left; CLOSE: it is only bound.") \
	X(of, local, OBJECT(at_fields), ALWAYS, set_holder_local(value, line), "Its own address.") \
	X(of, remote, OBJECT(at_fields), ALWAYS, fields_at(value, line, &line->user->remote), \
	  "Address of its peer.") \
	PROCESS_ROWS(X, of) \
	X(of, owner_source, NAME(source_codes), OR_NULL, \
	  field_words(value, owner_source_code(line->owner->source)), \
	  "How the process was learnt, see OWNERS in the manual.") \
	OPTION_ROWS(X, of, &line->user->claim) \
	X(of, gave_up_by, NAME(cause_codes), OR_NULL, set_gave_up(value, line->user), \
	  "What made the process give it up, see CAUSES in the manual; null: it has it, or that is not known.") \
	X(of, ends_in_ns, NUMBER, OR_NULL, set_holder_ends(value, line), \
	  "When the kernel ends it, from now on; null: time alone does not.")
FIELD_LIST(holder, HOLDER)

#define BIND_FAILED(X, of) \
	HEAD_ROWS(X, of) \
	X(of, call, NAME(bind_calls), ALWAYS, set_call(value, line), "System call that failed.") \
	X(of, error, STRING, OR_NULL, fields_errno(value, line, wants(line)->err), "How it failed.") \
	X(of, times, NUMBER, ALWAYS, field_number(value, line->change->in_use->times), \
	  "How often this has failed, told when that has doubled.") \
	X(of, netns, NUMBER, ALWAYS, field_number(value, host_netns(wants(line)->netns)), \
	  "Network namespace: its inode number.") \
	X(of, local, OBJECT(at_fields), ALWAYS, fields_at(value, line, &wants(line)->local), \
	  "Address and port that were asked for.") \
	PROCESS_ROWS(X, of) \
	OPTION_ROWS(X, of, wants(line)) \
	X(of, looked, BOOL, ALWAYS, field_bool(value, line->change->in_use->looked), \
	  "Sockets that are only bound were looked for.") \
	X(of, holders_in_all, NUMBER, ALWAYS, field_number(value, line->change->in_use->count), \
	  "Sockets that have the port, of which eight at most are told.") \
	X(of, holders_in_the_way, NUMBER, ALWAYS, field_number(value, line->change->in_use->blockers[0]), \
	  "Of these: in the way.") \
	X(of, holders, LIST(holder_fields), ALWAYS, set_holder(value, line), \
	  "The sockets that have the port, those that matter most first.") \
	X(of, words, STRING, OR_NULL, set_bind_words(value, line), \
	  "What the ladder says of it, and what would help: lines.")
FIELD_LIST_SHARED(bind_failed, BIND_FAILED)
/* clang-format on */

/* --- a connect() without a port ---------------------------------------------------------------------- */

static const struct used_up *used_up(const struct line *line)
{
	return line->change->used_up;
}

static void set_first_free(struct value *value, const struct line *line)
{
	uint64_t first_ns = used_up(line)->first_ns, now_ns = used_up(line)->ktime_ns;

	if (first_ns)
		field_number(value, first_ns > now_ns ? first_ns - now_ns : 0);
}

#define COUNT_ROW(X, of, number, state)                                                            \
	X(of, state, NUMBER, ALWAYS, field_number(value, used_up(line)->in_state[number]),         \
	  "Of these: in " #state ".")

/* clang-format off */
#define PORTS(X, of) \
	COUNT_ROW(X, of, WIRE_SYN_SENT, SYN_SENT) \
	COUNT_ROW(X, of, WIRE_SYN_RECV, SYN_RECV) \
	COUNT_ROW(X, of, WIRE_ESTABLISHED, ESTABLISHED) \
	COUNT_ROW(X, of, WIRE_FIN_WAIT1, FIN_WAIT1) \
	COUNT_ROW(X, of, WIRE_FIN_WAIT2, FIN_WAIT2) \
	COUNT_ROW(X, of, WIRE_TIME_WAIT, TIME_WAIT) \
	COUNT_ROW(X, of, WIRE_CLOSE_WAIT, CLOSE_WAIT) \
	COUNT_ROW(X, of, WIRE_LAST_ACK, LAST_ACK) \
	COUNT_ROW(X, of, WIRE_CLOSING, CLOSING)
FIELD_LIST(ports, PORTS)

#define NO_PORT(X, of) \
	HEAD_ROWS(X, of) \
	X(of, remote, OBJECT(at_fields), ALWAYS, fields_at(value, line, &used_up(line)->remote), \
	  "Address that it was to connect to.") \
	X(of, local_port, NUMBER, OR_NULL, field_positive(value, used_up(line)->local_port), \
	  "Port that it was bound to, which has that connection already; null: it was to be chosen.") \
	OWNER_ROWS(X, of) \
	X(of, port_first, NUMBER, OR_NULL, field_positive(value, used_up(line)->limits.port_first), \
	  "net.ipv4.ip_local_port_range: the first.") \
	X(of, port_last, NUMBER, OR_NULL, field_positive(value, used_up(line)->limits.port_last), \
	  "net.ipv4.ip_local_port_range: the last.") \
	X(of, tw_reuse, NUMBER, OR_NULL, \
	  if (used_up(line)->limits.port_last) field_number(value, used_up(line)->limits.tw_reuse), \
	  "net.ipv4.tcp_tw_reuse.") \
	X(of, connected, NUMBER, ALWAYS, field_number(value, used_up(line)->there), \
	  "Local ports of that range that are connected there.") \
	X(of, in_state, OBJECT(ports_fields), ALWAYS, field_object(value, true), "Of these: how many in each state.") \
	X(of, free_in_ns, NUMBER, OR_NULL, set_first_free(value, line), \
	  "When the first TIME_WAIT of these ends, from now on.") \
	X(of, words, STRING, OR_NULL, set_bind_words(value, line), \
	  "What the ladder says of it, and what would help: lines.")
FIELD_LIST_SHARED(no_port, NO_PORT)
/* clang-format on */
