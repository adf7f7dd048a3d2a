// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "render/words.h"

void words_errno(struct text *text, uint16_t err)
{
	const char *name = strerrorname_np(err);

	if (name)
		text_add(text, name);
	else
		text_addf(text, "errno %u", err);
}

void words_why(struct text *text, const struct cause *cause)
{
	switch ((enum reset_why)cause->why) {
	case WHY_UNREAD:
		if (cause->unread)
			text_addf(text, "%" PRIu32 " %s unread", cause->unread,
				  cause->unread == 1 ? "byte" : "bytes");
		else
			text_add(text, "data unread");
		return;
	case WHY_LINGER:
		text_add(text, "SO_LINGER 0");
		return;
	case WHY_LINGER2:
		text_add(text, "TCP_LINGER2 below 0");
		return;
	case WHY_MEMORY:
		text_add(text, "too many orphans, or no memory");
		return;
	case WHY_NO_SOCKET:
		text_add(text, "no such socket there");
		return;
	case WHY_INVALID:
		text_add(text, "an invalid segment");
		return;
	case WHY_LISTENER:
		text_add(text, "the listener refused it");
		return;
	case WHY_QUEUE_FULL:
		text_add(text, "the listener refused it: its accept queue is full, "
			       "tcp_abort_on_overflow");
		return;
	case WHY_NONE:
	case WHY_COUNT:
		return;
	}
}

/* --- calls --------------------------------------------------------------------------------------- */

static bool is_io_uring(const struct cause *cause)
{
	return cause->actor.io_worker || cause->actor.call == WIRE_CALL_IO_URING;
}

static void add_call(struct text *text, const struct cause *cause, const char *call)
{
	if (cause->actor.compat)
		text_add(text, "32-bit ");
	text_add(text, call);
	if (is_io_uring(cause))
		text_add(text, " through io_uring");
}

/* That it is one shows in its arrow. */
static void add_rst(struct text *text, const struct cause *cause)
{
	if (!cause->why)
		return;
	text_add(text, cause->sent == SEGMENT_RST ? " (RST: " : " (");
	words_why(text, cause);
	text_add(text, ")");
}

/* "32-bit close() by python3[12] (RST: 5 bytes unread)" */
static void add_call_by(struct text *text, const struct cause *cause, const char *call)
{
	add_call(text, cause, call);
	text_add(text, " by ");
	words_process(text, cause->actor.comm, cause->actor.pid);
	add_rst(text, cause);
}

static const char *closing_call(const struct cause *cause)
{
	switch (cause->actor.call) {
	case WIRE_CALL_CLOSE_RANGE:
		return "close_range()";
	case WIRE_CALL_DUP:
		return "dup2() over it";
	}
	return "close()";
}

/* Who opens it stands in the heading; what is out of the ordinary is said. */
static void say_opening(struct text *text, const struct cause *cause, const char *call)
{
	if (cause->kernel)
		text_addf(text, "%s by the kernel", call);
	else if (cause->actor.compat || is_io_uring(cause))
		add_call(text, cause, call);
	else if (cause->actor.call == WIRE_CALL_SEND)
		text_add(text, "sendto() with MSG_FASTOPEN");
}

static void say_gone(struct text *text, const struct cause *cause)
{
	text_add(text, ": the kernel closed for ");
	words_process(text, cause->actor.comm, cause->actor.pid);
	add_rst(text, cause);
}

static void say_listener(struct text *text, const struct cause *cause)
{
	text_add(text, "its listener is closed");
	if (cause->actor.pid) {
		text_add(text, " by ");
		words_process(text, cause->actor.comm, cause->actor.pid);
	}
	if (cause->sent == SEGMENT_RST)
		text_add(text, ", it was never accepted");
	add_rst(text, cause);
}

/* Returns false where CAUSE is none of these. */
static bool say_call(struct text *text, const struct cause *cause)
{
	switch (cause->by) {
	case CAUSE_CONNECT:
		say_opening(text, cause, "connect()");
		return true;
	case CAUSE_LISTEN:
		say_opening(text, cause, "listen()");
		return true;
	case CAUSE_CLOSE:
		add_call_by(text, cause, closing_call(cause));
		return true;
	case CAUSE_DEFERRED:
		add_call_by(text, cause, "deferred close, in another call,");
		return true;
	case CAUSE_EXEC:
		add_call_by(text, cause, "close-on-exec");
		return true;
	case CAUSE_CLOSED:
		add_call_by(text, cause, cause->sent == SEGMENT_RST ? "aborted" : "closed");
		return true;
	case CAUSE_SHUTDOWN:
		add_call_by(text, cause, "shutdown(SHUT_WR)");
		return true;
	case CAUSE_SHUTDOWN_BOTH:
		add_call_by(text, cause, "shutdown(SHUT_RDWR)");
		return true;
	case CAUSE_SHUT:
		add_call_by(text, cause, "shutdown()");
		return true;
	case CAUSE_DISCONNECT:
		add_call_by(text, cause,
			    cause->actor.call == WIRE_CALL_CONNECT ? "connect(AF_UNSPEC)"
								   : "disconnected");
		return true;
	case CAUSE_EXIT:
		text_add(text, "exit");
		say_gone(text, cause);
		return true;
	case CAUSE_SIGNAL:
		text_add(text, "killed by ");
		words_signal(text, cause->actor.signal);
		say_gone(text, cause);
		return true;
	case CAUSE_KERNEL:
		text_add(text, "deferred close by a kernel thread");
		add_rst(text, cause);
		return true;
	case CAUSE_KERNEL_SOCKET:
		text_add(text, "closed by the kernel: its own socket");
		add_rst(text, cause);
		return true;
	case CAUSE_LISTENER:
		say_listener(text, cause);
		return true;
	default:
		return false;
	}
}

/* --- timeouts ------------------------------------------------------------------------------------ */

static void add_count(struct text *text, const char *before, unsigned int count, const char *one,
		      const char *many)
{
	if (count)
		text_addf(text, "%s%u %s", before, count, count == 1 ? one : many);
}

static void add_retransmissions(struct text *text, const char *before, const struct cause *cause)
{
	add_count(text, before, cause->count, "retransmission", "retransmissions");
}

bool words_timeout(struct text *text, const struct cause *cause)
{
	switch (cause->by) {
	case CAUSE_SYN_TIMEOUT:
		add_count(text, "SYN sent ", cause->count + 1U, "time", "times");
		return true;
	case CAUSE_RETRANSMISSION:
		add_retransmissions(text, "", cause);
		return true;
	case CAUSE_ORPHAN_RETRIES:
		text_add(text, "tcp_orphan_retries");
		add_retransmissions(text, ", ", cause);
		return true;
	case CAUSE_WINDOW:
		text_add(text, "the peer's window stayed closed");
		add_count(text, ", ", cause->count, "probe", "probes");
		return true;
	case CAUSE_KEEPALIVE:
		text_add(text, "keepalive");
		add_count(text, ", ", cause->count, "probe", "probes");
		return true;
	case CAUSE_USER_TIMEOUT:
		text_add(text, "TCP_USER_TIMEOUT");
		add_count(text, ", sent again ", cause->count, "time", "times");
		return true;
	case CAUSE_ERROR:
		words_errno(text, cause->err);
		add_retransmissions(text, ", ", cause);
		return true;
	default:
		return false;
	}
}

static bool say_error(struct text *text, const struct cause *cause)
{
	switch (cause->by) {
	case CAUSE_TIMEOUT:
		text_add(text, "no answer: ETIMEDOUT");
		return true;
	case CAUSE_ERROR:
		text_add(text, "ICMP error: ");
		words_timeout(text, cause);
		return true;
	case CAUSE_ABORT:
		text_add(text, "aborted from outside (ss -K)");
		if (cause->err)
			text_add(text, ": ");
		if (cause->err)
			words_errno(text, cause->err);
		return true;
	default:
		break;
	}
	if (cause->err != ETIMEDOUT)
		return false;
	text_add(text, "no answer: ETIMEDOUT (");
	words_timeout(text, cause);
	text_add(text, ")");
	return true;
}

/* --- what comes, and the rest --------------------------------------------------------------------- */

/* A RST stands in its arrow. */
static void say_segment(struct text *text, const struct change *change)
{
	if (change->cause.why == WHY_NO_SOCKET)
		text_add(text, change->from == WIRE_SYN_SENT ? "nobody listens there"
							     : "no such connection there any more");
	else if (change->cause.why == WHY_INVALID)
		text_add(text, "for a segment that cannot be");
	else if (change->cause.came == SEGMENT_RST && change->from == WIRE_SYN_SENT &&
		 !change->cause.why)
		text_add(text, "or ICMP: port unreachable"); /* tcp_v4_err() leaves the same */
	else if (change->cause.why == WHY_LISTENER || change->cause.why == WHY_QUEUE_FULL)
		words_why(text, &change->cause);
}

static void say_orphan(struct text *text, const struct cause *cause)
{
	text_add(text, "the kernel gave the orphan up");
	add_rst(text, cause);
}

static const char *plain_words(const struct change *change)
{
	switch (change->cause.by) {
	case CAUSE_RESET:
		return "reset: a RST came, or data after close()";
	case CAUSE_NO_ROUTE:
		return "connect() found no local port or no route";
	case CAUSE_COOKIE:
		return "without a request socket: SYN cookie, or TCP Fast Open";
	case CAUSE_DATA:
		return "data came after close(): answered by RST";
	case CAUSE_SYN:
		return "taken over by a new SYN";
	case CAUSE_NETNS:
		return "its network namespace is gone";
	case CAUSE_UNKNOWN:
		return "? (the kernel does not tell why)";
	case CAUSE_IGNORED:
		return "a RST came, and it stays (tcp_rfc1337, or out of window)";
	default:
		return "";
	}
}

void words_cause(struct text *text, const struct change *change)
{
	const struct cause *cause = &change->cause;

	switch (cause->by) {
	case CAUSE_PEER:
		say_segment(text, change);
		return;
	case CAUSE_ORPHAN:
		say_orphan(text, cause);
		return;
	case CAUSE_REFUSED:
		text_add(text,
			 cause->came ? "no TIME_WAIT: " : "no orphan FIN_WAIT2, no TIME_WAIT: ");
		text_add(text, "the kernel kept nothing (tcp_max_tw_buckets, or no memory)");
		return;
	case CAUSE_REUSED:
		text_add(text, "reused by connect() of ");
		words_process(text, cause->actor.comm, cause->actor.pid);
		return;
	case CAUSE_DESTROYED:
		text_add(text, "destroyed from outside (ss -K), or by a SYN that was dropped, "
			       "while this ran: ");
		words_process(text, cause->actor.comm, cause->actor.pid);
		return;
	default:
		if (!say_call(text, cause) && !say_error(text, cause))
			text_add(text, plain_words(change));
	}
}
