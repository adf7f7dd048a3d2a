// SPDX-License-Identifier: GPL-2.0-only
#include "render/words.h"

#include <inttypes.h>
#include <string.h>

#include "core/container.h"

/* A name of 16 bytes, each of them escaped. */
#define COMM_COLUMNS (WIRE_COMM_LEN * 4UL)

#define CONTAINER_COLUMNS 64

#define WAIT_WORTH_TELLING_NS 1000000

static void add_process(struct text *text, const char *comm, uint32_t pid)
{
	if (!pid) {
		text_add(text, "-");
		return;
	}
	text_escape(text, comm, WIRE_COMM_LEN, COMM_COLUMNS);
	text_addf(text, "[%" PRIu32 "]", pid);
}

void words_owner(struct text *text, const struct owner *owner)
{
	if (owner->source == OWNER_UNKNOWN)
		text_add(text, "-");
	else
		add_process(text, owner->comm, owner->pid);
	if (owner->kernel)
		text_add(text, " (kernel)");
}

void words_cut(struct text *text, const char *bytes, size_t columns)
{
	char buffer[WIRE_NAME_LEN * 4];
	struct text whole;

	text_init(&whole, buffer, sizeof(buffer));
	text_escape(&whole, bytes, WIRE_NAME_LEN, sizeof(buffer));
	if (whole.columns <= columns) {
		text_add(text, whole.at);
		return;
	}
	text_escape(text, bytes, WIRE_NAME_LEN, columns - 3);
	text_add(text, "...");
}

void words_container(struct text *text, const char *cgroup)
{
	size_t len;
	const char *container = container_find(cgroup, &len);

	if (!container)
		return;
	text_add(text, ", container ");
	text_escape(text, container, len, CONTAINER_COLUMNS);
}

void words_owner_more(struct text *text, const struct owner *owner, const char *cgroup,
		      size_t columns)
{
	if (owner->uid_known)
		text_addf(text, "uid %" PRIu32, owner->uid);
	if (owner->source == OWNER_UNKNOWN)
		return;
	text_addf(text, "%s", owner->uid_known ? ", " : "");
	if (cgroup[0]) {
		words_cut(text, cgroup, columns);
		text_add(text, ", ");
	}
	text_addf(text, "learnt by %s", owner_source_name(owner->source));
}

void words_signal(struct text *text, uint8_t signal)
{
	const char *name = sigabbrev_np(signal);

	if (name)
		text_addf(text, "SIG%s", name);
	else
		text_addf(text, "signal %u", signal);
}

static void add_errno(struct text *text, uint16_t err)
{
	const char *name = strerrorname_np(err);

	if (name)
		text_add(text, name);
	else
		text_addf(text, "errno %u", err);
}

static void note_cause(struct text *text, const struct cause *cause)
{
	const struct actor *actor = &cause->actor;

	switch (cause->by) {
	case CAUSE_CLOSE:
		text_add(text, cause->sent == SEGMENT_RST ? "aborted by " : "closed by ");
		add_process(text, actor->comm, actor->pid);
		return;
	case CAUSE_SHUTDOWN:
		text_add(text, "shutdown(SHUT_WR) by ");
		add_process(text, actor->comm, actor->pid);
		return;
	case CAUSE_EXIT:
		text_add(text, "exit: the kernel closed for ");
		add_process(text, actor->comm, actor->pid);
		return;
	case CAUSE_SIGNAL:
		text_add(text, "killed by ");
		words_signal(text, actor->signal);
		text_add(text, ": the kernel closed for ");
		add_process(text, actor->comm, actor->pid);
		return;
	case CAUSE_DISCONNECT:
		text_add(text, "disconnected by ");
		add_process(text, actor->comm, actor->pid);
		return;
	case CAUSE_KERNEL:
		text_add(text, "closed by a kernel thread");
		return;
	case CAUSE_ORPHAN:
		text_add(text, "the kernel gave the orphan up");
		return;
	case CAUSE_RESET:
		text_add(text, "reset: a RST came, or data after close()");
		return;
	case CAUSE_NO_ROUTE:
		text_add(text, "connect() found no local port or no route");
		return;
	case CAUSE_TIMEOUT:
		text_add(text, "no answer: ETIMEDOUT");
		return;
	case CAUSE_ABORT:
		text_add(text, "aborted from outside (ss -K): ECONNABORTED");
		return;
	case CAUSE_ERROR:
		text_add(text, "network error: ");
		add_errno(text, cause->err);
		return;
	case CAUSE_REFUSED:
		text_add(text,
			 cause->came ? "no TIME_WAIT: " : "no orphan FIN_WAIT2, no TIME_WAIT: ");
		text_add(text, "the kernel kept nothing (tcp_max_tw_buckets, or no memory)");
		return;
	case CAUSE_COOKIE:
		text_add(text, "without a request socket: SYN cookie, or TCP Fast Open");
		return;
	case CAUSE_DATA:
		text_add(text, "data came after close(): answered by RST");
		return;
	case CAUSE_SYN:
		text_add(text, "taken over by a new SYN");
		return;
	case CAUSE_REUSED:
		text_add(text, "reused by connect() of ");
		add_process(text, actor->comm, actor->pid);
		return;
	case CAUSE_NETNS:
		text_add(text, "its network namespace is gone");
		return;
	case CAUSE_DESTROYED:
		text_add(text, "destroyed from outside (ss -K), or by a SYN that was dropped, "
			       "while this ran: ");
		add_process(text, actor->comm, actor->pid);
		return;
	case CAUSE_LISTENER:
		text_add(text, "its listener is closed");
		return;
	case CAUSE_UNKNOWN:
		text_add(text, "? (the kernel does not tell why)");
		return;
	case CAUSE_IGNORED:
		text_add(text, "a RST came, and it stays (tcp_rfc1337, or out of window)");
		return;
	case CAUSE_EXPIRED:
	case CAUSE_AGAIN:
	case CAUSE_RESENT:
	case CAUSE_BEFORE:
	case CAUSE_PEER:
	case CAUSE_CONNECT:
	case CAUSE_LISTEN:
	case CAUSE_UNSEEN:
		break;
	}
}

static void note_kept(struct text *text, const struct cause *cause)
{
	if (cause->keeps == WIRE_TIME_WAIT)
		text_addf(text, "TIME_WAIT %" PRIu32 " s", cause->keeps_ms / 1000);
	if (cause->keeps == WIRE_TIME_WAIT && cause->held)
		text_add(text, ", its descriptor still open");
	if (cause->keeps == WIRE_FIN_WAIT2)
		text_addf(text, "orphan: up to %" PRIu32 " s for the peer's FIN",
			  cause->keeps_ms / 1000);
}

static void note_jump(struct text *text, const struct change *change)
{
	if (change->was == change->from)
		text_addf(text, "%s -> %s is no edge that we know", state_name(change->from),
			  state_name(change->to));
	else
		text_addf(text, "from %s: edges before it were missed (we had %s)",
			  state_name(change->from), state_name(change->was));
}

static void add_seconds(struct text *text, uint32_t ms)
{
	if (ms % 1000 < 100)
		text_addf(text, "%" PRIu32 " s", ms / 1000);
	else
		text_addf(text, "%" PRIu32 ".%" PRIu32 " s", ms / 1000, ms % 1000 / 100);
}

/* How long a minisock lived, and what was planned. */
static void note_life(struct text *text, const struct change *change)
{
	if (!change->in_state_known)
		return;
	text_add(text, " after ");
	style_duration(text, change->in_state_ns);
	if (!change->planned_ms)
		return;
	text_add(text, " (planned ");
	add_seconds(text, change->planned_ms);
	if (change->again && change->from == WIRE_TIME_WAIT)
		text_addf(text, ", begun anew %u %s", change->again,
			  change->again == 1 ? "time" : "times");
	text_add(text, ")");
}

static void note_end(struct text *text, const struct change *change)
{
	const struct cause *cause = &change->cause;

	if (cause->by == CAUSE_EXPIRED)
		text_add(text,
			 change->from == WIRE_TIME_WAIT ? "2MSL over" : "FIN_WAIT_2 time over");
	else if (cause->came == SEGMENT_RST)
		text_add(text, change->from == WIRE_TIME_WAIT ? "TIME_WAIT assassinated by a RST"
							      : "RST received");
	else if (cause->by == CAUSE_TIMEOUT)
		text_addf(text, "handshake given up, SYN,ACK sent %u times", change->again + 1U);
	else
		note_cause(text, cause);
	note_life(text, change);
}

/* What became of a minisock. */
static void note_mini(struct text *text, const struct change *change)
{
	if (change->to == WIRE_CLOSE)
		note_end(text, change);
	else if (change->cause.by == CAUSE_AGAIN)
		text_addf(text, "%s again: TIME_WAIT begins anew (%u)",
			  segment_name(change->cause.came), change->again);
	else if (change->cause.by == CAUSE_RESENT)
		text_addf(text, "SYN,ACK again (%u)", change->again);
	else if (change->cause.keeps)
		note_kept(text, &change->cause);
	else
		note_cause(text, &change->cause);
}

static void note_found(struct text *text, const struct change *change)
{
	text_addf(text, "since before %s", change->after_gap ? "we looked" : "the start");
	if (!change->cause.keeps)
		return;
	text_add(text, ", ");
	add_seconds(text, change->cause.keeps_ms);
	text_add(text, " left");
}

void words_note(struct text *text, const struct change *change)
{
	if (change->kind == CHANGE_MINI) {
		note_mini(text, change);
		return;
	}
	if (change->kind == CHANGE_FOUND) {
		note_found(text, change);
		return;
	}
	if (change->kind == CHANGE_JUMPED) {
		note_jump(text, change);
		return;
	}
	if (change->kind == CHANGE_NOTED) {
		note_cause(text, &change->cause);
		return;
	}
	if (change->cause.keeps)
		note_kept(text, &change->cause);
	else if (change->cause.full_ms)
		text_addf(text, "orphan: a full socket for %" PRIu32 " s, then a minisock",
			  change->cause.full_ms / 1000);
	else
		note_cause(text, &change->cause);
}

static const char *side_name(const struct conn *conn, enum side side)
{
	if (conn->sides_known)
		return side == SIDE_CLIENT ? "client" : "server";
	if (conn->ends[!side] && conn->ends[side])
		return side == SIDE_CLIENT ? "client?" : "server?";
	return conn->ends[side] ? "this end" : "the other end";
}

static void add_first(struct text *text, const struct conn *conn, const struct verdict *verdict)
{
	switch (verdict->first) {
	case FIRST_NOBODY:
		text_add(text, "nobody closed");
		return;
	case FIRST_BOTH:
		text_add(text, "closed by both at once");
		return;
	case FIRST_CLIENT:
	case FIRST_SERVER:
		text_addf(text, "closed by %s first",
			  side_name(conn,
				    verdict->first == FIRST_CLIENT ? SIDE_CLIENT : SIDE_SERVER));
		return;
	}
}

static void add_how(struct text *text, const struct conn *conn, const struct verdict *verdict,
		    const char *dot)
{
	switch (verdict->how) {
	case HOW_OPEN:
		text_add(text,
			 conn->evicted ? "no longer watched: the table is full" : "still open");
		for (int side = 0; side < 2; side++)
			if (conn->ends[side])
				text_addf(text, " %s %s at %s", dot,
					  state_name(endpoint_shown_state(conn->ends[side])),
					  side_name(conn, (enum side)side));
		return;
	case HOW_FIN_BOTH:
		text_add(text, "FIN both ways");
		return;
	case HOW_FIN_HALF:
		text_add(text, "FIN one way");
		return;
	case HOW_RESET:
		text_add(text, "reset");
		if (verdict->reset_by_known)
			text_addf(text, " by %s", side_name(conn, verdict->reset_by));
		return;
	case HOW_REFUSED:
		text_add(text, "connection refused");
		return;
	case HOW_TIMEOUT:
		text_add(text, "timed out");
		return;
	case HOW_ABORTED:
		text_add(text, "aborted from outside");
		return;
	case HOW_FAILED:
		text_add(text, "not connected");
		if (verdict->err) {
			text_add(text, ": ");
			add_errno(text, verdict->err);
		}
		return;
	case HOW_UNSEEN:
		text_add(text, "its end was missed");
		return;
	}
}

/* What each end waited in, and what the kernel still keeps of it. */
static void add_waits(struct text *text, const struct conn *conn, const char *dot)
{
	for (int side = 0; side < 2; side++) {
		const struct endpoint *end = conn->ends[side];
		const char *name = side_name(conn, (enum side)side);

		if (!end)
			continue;
		if (end->close_wait_ns >= WAIT_WORTH_TELLING_NS) {
			text_addf(text, " %s CLOSE_WAIT ", dot);
			style_duration(text, end->close_wait_ns);
			text_addf(text, " at %s", name);
		}
		if (end->fin_wait2_ns >= WAIT_WORTH_TELLING_NS) {
			text_addf(text, " %s FIN_WAIT2 ", dot);
			style_duration(text, end->fin_wait2_ns);
			text_addf(text, " at %s", name);
		}
		if (end->end.keeps == WIRE_FIN_WAIT2 && end->keeps == WIRE_FIN_WAIT2)
			text_addf(text, " %s orphan FIN_WAIT2 up to %" PRIu32 " s at %s", dot,
				  end->end.keeps_ms / 1000, name);
		if (end->keeps == WIRE_TIME_WAIT)
			text_addf(text, " %s TIME_WAIT %d s at %s", dot, TIME_WAIT_MS / 1000, name);
	}
}

void words_verdict(const struct style *style, struct text *text, const struct conn *conn,
		   uint64_t now_ns)
{
	struct verdict verdict = verdict_of(conn, now_ns);
	const char *dot = style_glyphs(style)->dot;
	bool uncertain = conn->uncertain;

	if (verdict.first != FIRST_NOBODY && verdict.how != HOW_REFUSED) {
		add_first(text, conn, &verdict);
		text_addf(text, " %s ", dot);
	}
	add_how(text, conn, &verdict, dot);
	if (verdict.how != HOW_OPEN)
		add_waits(text, conn, dot);
	if (conn->likely)
		text_addf(text, " %s ends paired by address alone", dot);
	for (int side = 0; side < 2; side++)
		uncertain = uncertain || (conn->ends[side] && conn->ends[side]->uncertain);
	if (uncertain)
		text_addf(text, " %s uncertain: records were lost or missed", dot);
}
