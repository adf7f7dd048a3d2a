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

static struct actor actor_from(uint16_t flags, uint32_t pid, const char comm[WIRE_COMM_LEN],
			       uint8_t signal)
{
	struct actor actor = {0};

	if (!(flags & WIRE_ACTOR))
		return actor;
	actor.pid = pid;
	memcpy(actor.comm, comm, sizeof(actor.comm));
	actor.exiting = flags & WIRE_EXITING;
	actor.signaled = flags & WIRE_SIGNALED;
	actor.kthread = flags & WIRE_KTHREAD;
	actor.signal = signal;
	return actor;
}

static int decode_state(const void *record, size_t size, bool found, struct edge_event *edge)
{
	struct wire_state wire;

	if (size != sizeof(wire))
		return -EBADMSG;
	memcpy(&wire, record, sizeof(wire));
	if (is_state(wire.from) == found || !is_state(wire.to) || !is_family(wire.family))
		return -EBADMSG;
	*edge = (struct edge_event){
		.sk = wire.sk,
		.cookie = wire.cookie,
		.local = addr_port_from(wire.local_addr, wire.local_port),
		.remote = addr_port_from(wire.remote_addr, wire.remote_port),
		.netns = wire.netns,
		.snd_una = wire.snd_una,
		.rcv_nxt = wire.rcv_nxt,
		.fin_time_ms = wire.fin_time_ms,
		.err = wire.err,
		.from = wire.from,
		.to = wire.to,
		.family = wire.family,
		.shutdown = wire.shutdown,
		.orphan = wire.flags & WIRE_ORPHAN,
		.peer_fin = wire.flags & WIRE_PEER_FIN,
		.actor = actor_from(wire.flags, wire.pid, wire.comm, wire.signal),
	};
	return 0;
}

static int decode_mini(const void *record, size_t size, struct mini_event *mini)
{
	struct wire_mini wire;

	if (size != sizeof(wire))
		return -EBADMSG;
	memcpy(&wire, record, sizeof(wire));
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
		.actor = actor_from(wire.flags, wire.pid, wire.comm, 0),
	};
	return 0;
}

static int decode_holder(const void *record, size_t size, struct holder_event *holder)
{
	struct wire_holder wire;

	if (size != sizeof(wire))
		return -EBADMSG;
	memcpy(&wire, record, sizeof(wire));
	*holder = (struct holder_event){
		.sk = wire.sk,
		.actor = actor_from(WIRE_ACTOR, wire.pid, wire.comm, 0),
	};
	return 0;
}

static int decode_process(const void *record, size_t size, struct process_event *process)
{
	struct wire_process wire;

	if (size != sizeof(wire))
		return -EBADMSG;
	memcpy(&wire, record, sizeof(wire));
	*process = (struct process_event){wire.pid, wire.child};
	return 0;
}

static int decode_totals(const void *record, size_t size, struct event *event)
{
	struct wire_totals wire;

	if (size != sizeof(wire))
		return -EBADMSG;
	memcpy(&wire, record, sizeof(wire));
	event->totals.lost = wire.lost;
	event->totals.dropped = wire.dropped;
	return 0;
}

static int decode_hooks(const void *record, size_t size, uint32_t *hooks)
{
	struct wire_hooks wire;

	if (size != sizeof(wire))
		return -EBADMSG;
	memcpy(&wire, record, sizeof(wire));
	*hooks = wire.hooks;
	return 0;
}

static int decode_body(const void *record, size_t size, struct event *event)
{
	switch ((unsigned int)event->type) {
	case WIRE_STATE:
		return decode_state(record, size, false, &event->edge);
	case WIRE_FOUND:
		return decode_state(record, size, true, &event->edge);
	case WIRE_MINI:
		return decode_mini(record, size, &event->mini);
	case WIRE_HOLDER:
		return decode_holder(record, size, &event->holder);
	case WIRE_HOOKS:
		return decode_hooks(record, size, &event->hooks);
	case WIRE_FORK:
	case WIRE_EXIT:
		return decode_process(record, size, &event->process);
	case WIRE_TICK:
	case WIRE_ELSEWHERE:
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
