// SPDX-License-Identifier: GPL-2.0-only
#include "render/advice.h"

#include <inttypes.h>

#include "render/words.h"

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)

enum meaning advice_meaning(enum finding_level level)
{
	switch (level) {
	case LEVEL_NOTE:
		return MEANING_HEAD;
	case LEVEL_WARNING:
		return MEANING_WAIT;
	case LEVEL_TROUBLE:
		break;
	}
	return MEANING_BAD;
}

const char *advice_level_name(enum finding_level level)
{
	static const char *const names[] =
		{[LEVEL_NOTE] = "note", [LEVEL_WARNING] = "warning", [LEVEL_TROUBLE] = "trouble"};

	return names[level];
}

/* --- parts of sentences -------------------------------------------------------------------------- */

static void add_process(struct text *text, const struct finding *finding)
{
	if (finding->owner.source == OWNER_UNKNOWN)
		text_add(text, "a process that is not known");
	else
		words_owner(text, &finding->owner);
}

static void add_at(struct text *text, const struct addr_port *at)
{
	char words[ADDR_PORT_TEXT_LEN];

	addr_port_format(at, words);
	text_add(text, words);
}

/* "127.0.0.1:80 with 127.0.0.1:40000" */
static void add_pair(struct text *text, const struct finding *finding)
{
	add_at(text, &finding->local);
	text_add(text, " with ");
	add_at(text, &finding->remote);
}

/* The one connection, or how many there are, and whose. */
static void add_connections(struct text *text, const struct finding *finding)
{
	if (finding->count == 1) {
		add_pair(text, finding);
		return;
	}
	text_addf(text, "%" PRIu64 " connections %s ", finding->count,
		  finding->server ? "of" : "to");
	add_at(text, finding->server ? &finding->local : &finding->remote);
}

static void add_seconds(struct text *text, uint64_t ns)
{
	if (ns < NS_PER_S)
		style_duration(text, ns);
	else
		text_addf(text, "%" PRIu64 ".%" PRIu64 " s", ns / NS_PER_S,
			  ns % NS_PER_S / (100 * NS_PER_MS));
}

/* " for 60.1 s", ", the oldest for more than 60.1 s" */
static void add_age(struct text *text, const struct finding *finding)
{
	text_addf(text, "%s for %s", finding->count == 1 ? "" : ", the oldest",
		  finding->age_least ? "more than " : "");
	add_seconds(text, finding->age_ns);
}

/* Did the kernel close for a process that ended? */
static bool has_ended(const struct finding *finding)
{
	return finding->by == CAUSE_SIGNAL || finding->by == CAUSE_EXIT;
}

/* "X closed", or "X exited", "X was killed by SIGKILL" */
static void add_closed(struct text *text, const struct finding *finding, const char *closed)
{
	add_process(text, finding);
	if (finding->by == CAUSE_SIGNAL) {
		text_add(text, " was killed by ");
		words_signal(text, finding->signal);
	} else {
		text_add(text, finding->by == CAUSE_EXIT ? " exited" : closed);
	}
}

static void add_before(struct text *text, const struct finding *finding)
{
	if (finding->before && finding->before != finding->count)
		text_addf(text, " (%" PRIu64 " when last told)", finding->before);
}

/* " (5 times by now)" */
static void add_times(struct text *text, const struct finding *finding)
{
	if (finding->count > 1)
		text_addf(text, " (%" PRIu64 " times by now)", finding->count);
}

static void add_resent(struct text *text, const struct finding *finding)
{
	text_addf(text, "sent again %u", finding->resent);
	if (finding->retries)
		text_addf(text, " of %u", finding->retries);
	text_addf(text, " time%s", finding->resent == 1 && !finding->retries ? "" : "s");
}

static void add_bytes(struct text *text, uint32_t bytes)
{
	text_addf(text, "%" PRIu32 " byte%s", bytes, bytes == 1 ? "" : "s");
}

/* --- sentences ----------------------------------------------------------------------------------- */

/* Of a socket that nobody was seen to use, only who listened is known: he, or a worker of his. */
static bool is_guess(const struct finding *finding)
{
	return finding->owner.source == OWNER_LISTENER;
}

static void say_close_wait(struct text *text, const struct finding *finding)
{
	if (is_guess(finding))
		text_add(text, "a process that accepts for ");
	add_process(text, finding);
	text_add(text, is_guess(finding) ? ", not seen to read, holds " : " holds ");
	add_connections(text, finding);
	text_add(text, " in CLOSE_WAIT");
	add_age(text, finding);
	add_before(text, finding);
}

static void say_orphan(struct text *text, const struct finding *finding)
{
	add_closed(text, finding, " has closed");
	text_add(text, has_ended(finding) ? " and left " : " ");
	add_connections(text, finding);
	text_addf(text, ", and the peer has not closed: FIN_WAIT2%s for ",
		  finding->count == 1 ? "" : ", the oldest");
	add_seconds(text, finding->age_ns);
	text_addf(text, " of %" PRIu32 " s", words_seconds(finding->limit_ms));
	add_before(text, finding);
}

static void say_half_close(struct text *text, const struct finding *finding)
{
	add_process(text, finding);
	text_add(text, " has shut down its side of ");
	add_connections(text, finding);
	text_add(text, ", and waits in FIN_WAIT2");
	add_age(text, finding);
	add_before(text, finding);
}

/* Was it never sent, as far as is known? */
static bool waits_behind_data(const struct finding *finding)
{
	return finding->unsent && !finding->resent;
}

static void say_behind_data(struct text *text, const struct finding *finding)
{
	add_bytes(text, finding->unsent);
	text_addf(text, " %s not sent at the close of ", finding->unsent == 1 ? "was" : "were");
	add_connections(text, finding);
	text_add(text, " by ");
	add_process(text, finding);
	text_addf(text, "%s: its FIN waits behind them",
		  finding->window_full ? " (the peer's window was full then)" : "");
	add_age(text, finding);
	add_before(text, finding);
}

static void say_stuck(struct text *text, const struct finding *finding)
{
	if (waits_behind_data(finding)) {
		say_behind_data(text, finding);
		return;
	}
	text_add(text, "the FIN of ");
	add_process(text, finding);
	text_add(text, " on ");
	add_connections(text, finding);
	text_add(text, " is not acknowledged");
	add_age(text, finding);
	if (finding->resent) {
		text_add(text, ", ");
		add_resent(text, finding);
	}
	add_before(text, finding);
}

static void say_ports(struct text *text, const struct finding *finding)
{
	text_addf(text, "%" PRIu64 " of the %" PRIu32 " local ports towards ", finding->count,
		  finding->ports);
	add_at(text, &finding->remote);
	text_addf(text, " are in TIME_WAIT, which allows %" PRIu32 ".%" PRIu32 " connections/s",
		  finding->ports / (TIME_WAIT_MS / 1000),
		  finding->ports % (TIME_WAIT_MS / 1000) * 10 / (TIME_WAIT_MS / 1000));
	add_before(text, finding);
}

static void say_server(struct text *text, const struct finding *finding)
{
	add_closed(text, finding, " closed");
	text_add(text, " first, so the server's end ");
	add_at(text, &finding->local);
	if (finding->count == 1)
		text_add(text, " keeps the TIME_WAIT");
	else
		text_addf(text, " keeps %" PRIu64 " TIME_WAITs", finding->count);
	add_before(text, finding);
}

static void say_cut(struct text *text, const struct finding *finding)
{
	if (finding->why == CAUSE_REFUSED) {
		text_add(text, "the kernel kept no TIME_WAIT of ");
		add_pair(text, finding);
	} else {
		text_add(text, "TIME_WAIT of ");
		add_pair(text, finding);
		text_addf(text, " was ended by %s after ",
			  finding->why == CAUSE_DESTROYED ? "force" : "a RST");
		add_seconds(text, finding->age_ns);
		text_addf(text, " of %d s", TIME_WAIT_MS / 1000);
	}
	add_times(text, finding);
}

static void say_unread(struct text *text, const struct finding *finding)
{
	add_closed(text, finding, " closed");
	text_add(text, has_ended(finding) ? " and left " : " ");
	add_pair(text, finding);
	text_add(text, " with ");
	add_bytes(text, finding->unread);
	text_add(text, " unread: a RST went out instead of a FIN");
	add_times(text, finding);
}

static void say_syn(struct text *text, const struct finding *finding)
{
	add_process(text, finding);
	text_add(text, " calls ");
	add_at(text, &finding->remote);
	text_add(text, ", and nobody answers: SYN ");
	add_resent(text, finding);
	text_add(text, " in ");
	add_seconds(text, finding->age_ns);
	if (finding->count > 1)
		text_addf(text, ", and so %" PRIu64 " connections", finding->count);
	add_before(text, finding);
}

static void say_queue(struct text *text, const struct finding *finding)
{
	add_process(text, finding);
	text_add(text, " is behind with accept() on ");
	add_at(text, &finding->local);
	text_addf(text, ": %" PRIu32 " wait%s, and there is no room for more (backlog %" PRIu32 ")",
		  finding->waiting, finding->waiting == 1 ? "s" : "", finding->room);
	add_times(text, finding);
}

void advice_sentence(struct text *text, const struct finding *finding)
{
	static void (*const say[FINDING_CODES])(struct text *, const struct finding *) = {
		[FINDING_CLOSE_WAIT_HELD] = say_close_wait, [FINDING_FIN_WAIT2_ORPHAN] = say_orphan,
		[FINDING_HALF_CLOSE] = say_half_close,	    [FINDING_LAST_ACK_STUCK] = say_stuck,
		[FINDING_FIN_WAIT1_STUCK] = say_stuck,	    [FINDING_TIME_WAIT_PORTS] = say_ports,
		[FINDING_TIME_WAIT_SERVER] = say_server,    [FINDING_TIME_WAIT_CUT] = say_cut,
		[FINDING_RST_UNREAD] = say_unread,	    [FINDING_SYN_UNANSWERED] = say_syn,
		[FINDING_ACCEPT_QUEUE_FULL] = say_queue,
	};

	say[finding->code](text, finding);
}

void advice_finding(struct text *text, const struct finding *finding)
{
	text_addf(text, "%s (%s): ", finding_name(finding->code),
		  advice_level_name(finding->level));
	advice_sentence(text, finding);
}

/* --- advice -------------------------------------------------------------------------------------- */

/* Linux 6.18 documents it so; the second is TCP_TW_REUSE_DELAY. */
static void advise_reuse(struct text *text, const struct finding *finding)
{
	if (finding->reuse)
		text_addf(text,
			  "tcp_tw_reuse is %u: after a second connect() takes such a pair again, "
			  "if "
			  "both ends use time stamps, so this need not stop anybody. ",
			  finding->tw_reuse);
	else
		text_addf(text,
			  "When all are, connect() fails: EADDRNOTAVAIL. tcp_tw_reuse is %u%s; "
			  "with 1 "
			  "connect() would take such a pair again after a second, if both ends use "
			  "time stamps. ",
			  finding->tw_reuse, finding->tw_reuse == 2 ? " (loopback alone)" : "");
	text_add(text, "Better: keep connections open and use them again, widen "
		       "ip_local_port_range, or use more addresses. tcp_fin_timeout does not "
		       "shorten TIME_WAIT, tcp_tw_recycle is gone since Linux 4.12, and the 120 s "
		       "of conntrack are another timer.");
}

static void advise_close_wait(struct text *text, const struct finding *finding)
{
	text_addf(text,
		  "The peer has closed, or shut down its side; read() says so with 0. Only a "
		  "close()%s ends CLOSE_WAIT: there is no timeout, and no sysctl. Unless it is "
		  "still sending, look for a path that forgets to close, after an error or in a "
		  "pool.",
		  is_guess(finding) ? "" : " by this process");
}

static void advise_orphan(struct text *text, const struct finding *finding)
{
	text_add(text, "The peer has the FIN and stays in CLOSE_WAIT: the fault is there. ");
	if (finding->by_option)
		text_add(text,
			 "The kernel waits as TCP_LINGER2 says, then forgets the connection.");
	else
		text_addf(text,
			  "The kernel waits %s, then forgets the connection; this, and not "
			  "TIME_WAIT, is what that sysctl shortens.",
			  finding->by_sysctl ? "tcp_fin_timeout"
					     : "as TCP_LINGER2 says, or tcp_fin_timeout");
}

static void advise_stuck(struct text *text, const struct finding *finding)
{
	if (waits_behind_data(finding)) {
		text_add(text, "A peer that reads slowly takes its time, and nothing is wrong. If "
			       "it reads nothing, the kernel gives up after tcp_orphan_retries "
			       "(tcp_retries2 while a process holds the socket).");
		return;
	}
	text_add(text, "The FIN or its ACK is lost on the way, or the peer is gone. After so many "
		       "tries the kernel gives up (tcp_orphan_retries; tcp_retries2 "
		       "while a process holds the socket): there is nothing to close here.");
}

static void advise_cut(struct text *text, const struct finding *finding)
{
	switch (finding->why) {
	case CAUSE_REFUSED:
		text_add(text,
			 "There are tcp_max_tw_buckets of them, or no memory. TIME_WAIT is "
			 "no leak: it keeps old segments from a new connection, and answers a "
			 "FIN that comes again. Raise the limit instead of lowering it.");
		return;
	case CAUSE_DESTROYED:
		text_add(text, "By ss -K, or a program that does the same. Old segments may meet a "
			       "new connection with the same addresses and ports.");
		return;
	default:
		text_add(text,
			 "An old segment was answered by an ACK, and that by a RST (RFC 1337). "
			 "With tcp_rfc1337 = 1 TIME_WAIT does not listen to RSTs.");
	}
}

static void advise_server(struct text *text, const struct finding *finding)
{
	if (finding->explained)
		return;
	text_add(text, "No leak, and no client is kept out; but to be started again within 60 s a "
		       "server needs SO_REUSEADDR. To leave TIME_WAIT to the clients, let them "
		       "close first.");
}

static void advise_unread(struct text *text, const struct finding *finding)
{
	text_add(text, "The peer sees a connection that is reset, and may lose what it has not "
		       "read yet. ");
	if (has_ended(finding))
		text_add(text, "The kernel closed for a process that ended: let it end its "
			       "connections first, also on SIGTERM; for this ");
	else
		text_add(text, "Before close(), ");
	text_add(text, "read until read() says 0, if need be after shutdown(SHUT_WR).");
}

void advice_add(struct text *text, const struct finding *finding)
{
	switch (finding->code) {
	case FINDING_CLOSE_WAIT_HELD:
		advise_close_wait(text, finding);
		return;
	case FINDING_FIN_WAIT2_ORPHAN:
		advise_orphan(text, finding);
		return;
	case FINDING_HALF_CLOSE:
		text_add(text,
			 "After shutdown(SHUT_WR) the other direction stays open, without any "
			 "time limit while a process holds the socket: tcp_fin_timeout is for "
			 "orphans. If nothing more is to be read, close(); else read with a "
			 "timeout.");
		return;
	case FINDING_LAST_ACK_STUCK:
	case FINDING_FIN_WAIT1_STUCK:
		advise_stuck(text, finding);
		return;
	case FINDING_TIME_WAIT_PORTS:
		advise_reuse(text, finding);
		return;
	case FINDING_TIME_WAIT_SERVER:
		advise_server(text, finding);
		return;
	case FINDING_TIME_WAIT_CUT:
		advise_cut(text, finding);
		return;
	case FINDING_RST_UNREAD:
		advise_unread(text, finding);
		return;
	case FINDING_SYN_UNANSWERED:
		text_add(text,
			 "Not even a RST comes: a firewall drops the SYN or its answer, the "
			 "host is not there, or its accept queue is full. After tcp_syn_retries "
			 "connect() fails: ETIMEDOUT.");
		return;
	case FINDING_ACCEPT_QUEUE_FULL:
		text_add(text,
			 "To the client it is as if nobody answered: it sends its SYN again "
			 "after a second, and later. Call accept() sooner, or give listen() a "
			 "larger backlog; net.core.somaxconn limits it.");
		return;
	case FINDING_NONE:
	case FINDING_CODES:
		break;
	}
}
