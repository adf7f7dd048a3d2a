// SPDX-License-Identifier: GPL-2.0-only
#include "core/event.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static bool is_state(uint8_t number)
{
	return number > WIRE_NO_STATE && number < WIRE_STATE_COUNT;
}

static struct addr_port addr_port_from(const uint8_t addr[16], uint16_t port)
{
	struct addr_port at = {.port = port};

	memcpy(at.addr.bytes, addr, sizeof(at.addr.bytes));
	return at;
}

static bool is_family(uint8_t family)
{
	return family == AF_INET || family == AF_INET6;
}

/* A record of one size, as what it holds: WIRE, a variable of its type, is filled in. */
#define TAKE(wire, record, size)                                                                   \
	do {                                                                                       \
		if ((size) != sizeof(wire))                                                        \
			return -EBADMSG;                                                           \
		memcpy(&(wire), record, sizeof(wire));                                             \
	} while (0)

static struct actor actor_from(uint16_t flags, uint32_t pid, uint64_t cgroup,
			       const char comm[WIRE_COMM_LEN])
{
	struct actor actor = {0};

	if (!(flags & WIRE_ACTOR))
		return actor;
	actor.pid = pid;
	actor.cgroup = cgroup;
	memcpy(actor.comm, comm, sizeof(actor.comm));
	actor.exiting = flags & WIRE_EXITING;
	actor.signaled = flags & WIRE_SIGNALED;
	actor.kthread = flags & WIRE_KTHREAD;
	actor.io_worker = flags & WIRE_IO_WORKER;
	actor.compat = flags & WIRE_COMPAT;
	return actor;
}

static bool is_edge(const struct wire_state *wire, bool found)
{
	return is_state(wire->from) != found && is_state(wire->to) && is_family(wire->family) &&
	       wire->call < WIRE_CALLS;
}

static void edge_from(const struct wire_state *wire, struct edge_event *edge)
{
	*edge = (struct edge_event){
		.sk = wire->sk,
		.cookie = wire->cookie,
		.local = addr_port_from(wire->local_addr, wire->local_port),
		.remote = addr_port_from(wire->remote_addr, wire->remote_port),
		.netns = wire->netns,
		.snd_una = wire->snd_una,
		.rcv_nxt = wire->rcv_nxt,
		.fin_time_ms = wire->fin_time_ms,
		.uid = wire->uid,
		.unread = wire->unread,
		.err = wire->err,
		.from = wire->from,
		.to = wire->to,
		.family = wire->family,
		.shutdown = wire->shutdown,
		.retransmits = wire->retransmits,
		.probes = wire->probes,
		.orphan = wire->flags & WIRE_ORPHAN,
		.peer_fin = wire->flags & WIRE_PEER_FIN,
		.released = wire->flags & WIRE_RELEASED,
		.kernel = wire->flags & WIRE_KERNEL,
		.linger_0 = wire->flags & WIRE_LINGER_0,
		.keepalive = wire->flags & WIRE_KEEPALIVE,
		.user_timeout = wire->flags & WIRE_USER_TIMEOUT,
		.reuse_addr = wire->flags & WIRE_REUSEADDR,
		.reuse_port = wire->flags & WIRE_REUSEPORT,
		.v6_only = wire->flags & WIRE_V6ONLY,
	};
}

static struct counts counts_from(const struct wire_counts *wire)
{
	return (struct counts){
		.bytes_sent = wire->bytes_sent,
		.bytes_received = wire->bytes_received,
		.segs_out = wire->segs_out,
		.segs_in = wire->segs_in,
		.retrans = wire->retrans,
		.srtt_us = wire->srtt_us,
		.unsent = wire->unsent,
		.unacked = wire->unacked,
		.snd_wnd = wire->snd_wnd,
		.retries = wire->retries,
	};
}

static struct actor actor_of_edge(const struct wire_state *state, const struct wire_actor *wire)
{
	struct actor actor = actor_from(state->flags, wire->pid, wire->cgroup, wire->comm);

	if (state->flags & WIRE_ACTOR) {
		actor.signal = state->signal;
		actor.signaled = actor.signaled && state->signal; /* else an exit */
		actor.call = state->call;
	}
	return actor;
}

/* The edge, and behind it as much of the rest as there is. */
static int decode_edge(const void *record, size_t size, enum wire_type type,
		       struct edge_event *edge)
{
	const unsigned char *bytes = record;
	size_t actor_at = sizeof(struct wire_state);
	struct wire_counts counts;
	struct wire_actor actor;
	struct wire_state state;

	if (type == WIRE_COUNTED)
		actor_at += sizeof(counts);
	if (size != actor_at && (type == WIRE_FOUND || size != actor_at + sizeof(actor)))
		return -EBADMSG;
	memcpy(&state, bytes, sizeof(state));
	if (!is_edge(&state, type == WIRE_FOUND) || (size == actor_at && state.flags & WIRE_ACTOR))
		return -EBADMSG;
	edge_from(&state, edge);
	if (type == WIRE_COUNTED) {
		memcpy(&counts, bytes + sizeof(state), sizeof(counts));
		edge->counted = true;
		edge->counts = counts_from(&counts);
	}
	if (size > actor_at) {
		memcpy(&actor, bytes + actor_at, sizeof(actor));
		edge->actor = actor_of_edge(&state, &actor);
	}
	return 0;
}

static int decode_mini(const void *record, size_t size, struct mini_event *mini)
{
	struct wire_mini wire;

	TAKE(wire, record, size);
	if (wire.state != WIRE_NEW_SYN_RECV && wire.state != WIRE_FIN_WAIT2 &&
	    wire.state != WIRE_TIME_WAIT)
		return -EBADMSG;
	if (wire.what == 0 || wire.what >= WIRE_MINI_WHATS || !is_family(wire.family))
		return -EBADMSG;
	*mini = (struct mini_event){
		.mini = wire.mini,
		.cookie = wire.cookie,
		.local = addr_port_from(wire.local_addr, wire.local_port),
		.remote = addr_port_from(wire.remote_addr, wire.remote_port),
		.netns = wire.netns,
		.left_ms = wire.left_ms,
		.snd_una = wire.snd_una,
		.rcv_nxt = wire.rcv_nxt,
		.what = wire.what,
		.state = wire.state,
		.family = wire.family,
		.segment = wire.segment,
		.resent = wire.resent,
		.reuse_addr = wire.flags & WIRE_REUSEADDR,
		.reuse_port = wire.flags & WIRE_REUSEPORT,
		.v6_only = wire.flags & WIRE_V6ONLY,
		.actor = actor_from(wire.flags, wire.pid, 0, wire.comm),
	};
	return 0;
}

static int decode_holder(const void *record, size_t size, struct holder_event *holder)
{
	struct wire_holder wire;

	TAKE(wire, record, size);
	*holder = (struct holder_event){
		.sk = wire.sk,
		.actor = actor_from(WIRE_ACTOR, wire.pid, wire.cgroup, wire.comm),
	};
	return 0;
}

static int decode_owner(const void *record, size_t size, struct owner_event *owner)
{
	struct wire_owner wire;

	TAKE(wire, record, size);
	if (wire.how == 0 || wire.how >= WIRE_OWNER_HOWS)
		return -EBADMSG;
	*owner = (struct owner_event){
		.sk = wire.sk,
		.cookie = wire.cookie,
		.uid = wire.uid,
		.how = wire.how,
		.kernel = wire.flags & WIRE_KERNEL,
		.actor = actor_from(wire.flags, wire.pid, wire.cgroup, wire.comm),
	};
	return 0;
}

static int decode_reset(const void *record, size_t size, struct reset_event *reset)
{
	struct wire_reset wire;

	TAKE(wire, record, size);
	if (wire.reason >= WIRE_RESET_REASONS || wire.state >= WIRE_STATE_COUNT)
		return -EBADMSG;
	*reset = (struct reset_event){
		.sk = wire.sk,
		.cookie = wire.cookie,
		.local = addr_port_from(wire.local_addr, wire.local_port),
		.remote = addr_port_from(wire.remote_addr, wire.remote_port),
		.netns = wire.netns,
		.reason = wire.reason,
		.state = wire.state,
		.answers = wire.answers,
	};
	return 0;
}

static int decode_resent(const void *record, size_t size, struct resent_event *resent)
{
	struct wire_resent wire;

	TAKE(wire, record, size);
	if (!is_state(wire.state))
		return -EBADMSG;
	*resent = (struct resent_event){
		.sk = wire.sk,
		.cookie = wire.cookie,
		.snd_wnd = wire.snd_wnd,
		.state = wire.state,
		.segment = wire.segment,
		.times = wire.times,
		.retries = wire.retries,
	};
	return 0;
}

static int decode_overflow(const void *record, size_t size, struct overflow_event *overflow)
{
	struct wire_overflow wire;

	TAKE(wire, record, size);
	*overflow = (struct overflow_event){
		.sk = wire.sk,
		.cookie = wire.cookie,
		.local = addr_port_from(wire.local_addr, wire.local_port),
		.netns = wire.netns,
		.times = wire.times,
		.waiting = wire.waiting,
		.room = wire.room,
	};
	return 0;
}

static int decode_limits(const void *record, size_t size, struct limits *limits)
{
	struct wire_limits wire;

	TAKE(wire, record, size);
	if (wire.port_first > wire.port_last)
		return -EBADMSG;
	*limits = (struct limits){
		.netns = wire.netns,
		.port_first = wire.port_first,
		.port_last = wire.port_last,
		.fin_timeout_ms = wire.fin_timeout_ms,
		.max_tw_buckets = wire.max_tw_buckets,
		.tw_reuse = wire.tw_reuse,
		.syn_retries = wire.syn_retries,
		.retries2 = wire.retries2,
		.orphan_retries = wire.orphan_retries,
	};
	return 0;
}

static int decode_bind(const void *record, size_t size, struct bind_event *bind)
{
	struct wire_bind wire;

	TAKE(wire, record, size);
	if (!is_family(wire.family) || wire.call >= WIRE_CALLS)
		return -EBADMSG;
	*bind = (struct bind_event){
		.sk = wire.sk,
		.local = addr_port_from(wire.local_addr, wire.local_port),
		.netns = wire.netns,
		.uid = wire.uid,
		.err = wire.err,
		.family = wire.family,
		.reuse_addr = wire.flags & WIRE_REUSEADDR,
		.reuse_port = wire.flags & WIRE_REUSEPORT,
		.v6_only = wire.flags & WIRE_V6ONLY,
		.actor = actor_from(wire.flags, wire.pid, wire.cgroup, wire.comm),
	};
	if (wire.flags & WIRE_ACTOR)
		bind->actor.call = wire.call;
	return 0;
}

static int decode_name(const void *record, size_t size, struct name_event *name)
{
	struct wire_name wire;

	TAKE(wire, record, size);
	name->id = wire.id;
	memcpy(name->text, wire.text, sizeof(name->text));
	name->text[sizeof(name->text) - 1] = '\0';
	return 0;
}

static int decode_process(const void *record, size_t size, struct process_event *process)
{
	struct wire_process wire;

	TAKE(wire, record, size);
	*process = (struct process_event){wire.pid, wire.child};
	return 0;
}

static int decode_totals(const void *record, size_t size, struct event *event)
{
	struct wire_totals wire;

	TAKE(wire, record, size);
	event->totals.lost = wire.lost;
	event->totals.dropped = wire.dropped;
	return 0;
}

static int decode_hooks(const void *record, size_t size, struct event *event)
{
	struct wire_hooks wire;

	TAKE(wire, record, size);
	event->hooks = wire.hooks;
	event->look_us = wire.look_us;
	return 0;
}

static int decode_body(const void *record, size_t size, struct event *event)
{
	switch (event->type) {
	case WIRE_COUNTED: /* what comes with it is all that differs */
		event->type = WIRE_STATE;
		return decode_edge(record, size, WIRE_COUNTED, &event->edge);
	case WIRE_STATE:
	case WIRE_FOUND:
		return decode_edge(record, size, event->type, &event->edge);
	case WIRE_MINI:
		return decode_mini(record, size, &event->mini);
	case WIRE_HOLDER:
		return decode_holder(record, size, &event->holder);
	case WIRE_OWNER:
		return decode_owner(record, size, &event->owner);
	case WIRE_RESET:
		return decode_reset(record, size, &event->reset);
	case WIRE_RESENT:
		return decode_resent(record, size, &event->resent);
	case WIRE_OVERFLOW:
		return decode_overflow(record, size, &event->overflow);
	case WIRE_LIMITS:
		return decode_limits(record, size, &event->limits);
	case WIRE_BIND:
		return decode_bind(record, size, &event->bind);
	case WIRE_CGROUP:
	case WIRE_CMDLINE:
		return decode_name(record, size, &event->name);
	case WIRE_HOOKS:
		return decode_hooks(record, size, event);
	case WIRE_FORK:
	case WIRE_EXIT:
		return decode_process(record, size, &event->process);
	case WIRE_TICK:
	case WIRE_ELSEWHERE:
	case WIRE_BEFORE:
		return size == sizeof(struct wire_hdr) ? 0 : -EBADMSG;
	case WIRE_TOTALS:
		return decode_totals(record, size, event);
	}
	return -ENOTSUP;
}

int event_decode(const void *record, size_t size, struct event *ret_event)
{
	struct wire_hdr hdr;
	struct event event;
	int err;

	if (size < sizeof(hdr))
		return -EBADMSG;
	memcpy(&hdr, record, sizeof(hdr));
	if (hdr.size != size || hdr.program >= WIRE_PROGRAMS)
		return -EBADMSG;
	event.type = hdr.type;
	event.program = hdr.program;
	event.cpu = hdr.cpu;
	event.seq = hdr.seq;
	event.ktime_ns = hdr.ktime_ns;
	err = decode_body(record, size, &event);
	if (!err)
		*ret_event = event;
	return err;
}
