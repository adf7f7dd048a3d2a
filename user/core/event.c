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

static struct actor actor_from(const struct wire_state *wire)
{
	struct actor actor = {0};

	if (!(wire->flags & WIRE_ACTOR))
		return actor;
	actor.pid = wire->pid;
	memcpy(actor.comm, wire->comm, sizeof(actor.comm));
	actor.exiting = wire->flags & WIRE_EXITING;
	actor.signaled = wire->flags & WIRE_SIGNALED;
	actor.kthread = wire->flags & WIRE_KTHREAD;
	actor.signal = wire->signal;
	return actor;
}

static int decode_state(const void *record, size_t size, struct edge_event *edge)
{
	struct wire_state wire;

	if (size != sizeof(wire))
		return -EBADMSG;
	memcpy(&wire, record, sizeof(wire));
	if (!is_state(wire.from) || !is_state(wire.to))
		return -EBADMSG;
	if (wire.family != AF_INET && wire.family != AF_INET6)
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
		.actor = actor_from(&wire),
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

static int decode_body(const void *record, size_t size, struct event *event)
{
	switch ((unsigned int)event->type) {
	case WIRE_STATE:
		return decode_state(record, size, &event->edge);
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
