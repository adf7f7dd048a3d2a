// SPDX-License-Identifier: GPL-2.0-only
#include "core/checkpoint.h"

#include <string.h>

struct checkpoint {
	const struct flow *flow;
	uint64_t now_ns;
	checkpoint_fn *take;
	void *ctx;
};

static struct wire_hdr header(const struct checkpoint *checkpoint, enum wire_type type, size_t size)
{
	return (struct wire_hdr){
		.size = (uint16_t)size,
		.type = (uint8_t)type,
		.program = WIRE_BY_SNAPSHOT,
		.ktime_ns = checkpoint->now_ns,
	};
}

/* --- what is known beside connections ------------------------------------------------------------ */

static void give_hooks(const struct checkpoint *checkpoint, uint32_t hooks)
{
	const struct wire_hooks wire = {
		.hdr = header(checkpoint, WIRE_HOOKS, sizeof(wire)),
		.hooks = hooks,
	};

	checkpoint->take(checkpoint->ctx, &wire, sizeof(wire));
}

static void give_totals(const struct checkpoint *checkpoint)
{
	const struct wire_totals wire = {
		.hdr = header(checkpoint, WIRE_TOTALS, sizeof(wire)),
		.lost = checkpoint->flow->loss.total,
		.dropped = checkpoint->flow->dropped,
	};

	if (wire.lost)
		checkpoint->take(checkpoint->ctx, &wire, sizeof(wire));
}

static void give_names(const struct checkpoint *checkpoint, const struct names *names,
		       enum wire_type type)
{
	struct wire_name wire = {.hdr = header(checkpoint, type, sizeof(wire))};
	const char *text;
	uint64_t id;

	for (uint32_t i = 0; (text = names_at(names, i, &id)); i++) {
		if (!id)
			continue;
		wire.id = id;
		memcpy(wire.text, text, sizeof(wire.text));
		checkpoint->take(checkpoint->ctx, &wire, sizeof(wire));
	}
}

static void give_limits(const struct checkpoint *checkpoint)
{
	const struct limits_table *table = &checkpoint->flow->tracker.findings.limits;

	for (unsigned int i = 0; i < LIMITS_NETNS; i++) {
		const struct limits *limits = &table->known[(table->learnt + i) % LIMITS_NETNS];
		const struct wire_limits wire = {
			.hdr = header(checkpoint, WIRE_LIMITS, sizeof(wire)),
			.netns = limits->netns,
			.port_first = limits->port_first,
			.port_last = limits->port_last,
			.fin_timeout_ms = limits->fin_timeout_ms,
			.max_tw_buckets = limits->max_tw_buckets,
			.tw_reuse = limits->tw_reuse,
			.syn_retries = limits->syn_retries,
			.retries2 = limits->retries2,
			.orphan_retries = limits->orphan_retries,
		};

		if (limits->netns)
			checkpoint->take(checkpoint->ctx, &wire, sizeof(wire));
	}
}

/* As children of the command: who replays follows the command, and takes in whom it forked. */
static void give_command(const struct checkpoint *checkpoint)
{
	const struct tracker *tracker = &checkpoint->flow->tracker;
	struct wire_process wire = {.hdr = header(checkpoint, WIRE_FORK, sizeof(wire)),
				    .pid = tracker->command_pid};

	for (uint32_t i = 0; i < tracker->command_pids.count; i++) {
		wire.child = tracker->command_pids.pids[i];
		checkpoint->take(checkpoint->ctx, &wire, sizeof(wire));
	}
}

/* Behind all others: these numbers are nobody's loss. That of the snapshot's program is always among them, as what
 * stands here goes by its name. */
static void give_numbers(const struct checkpoint *checkpoint)
{
	const struct loss *loss = &checkpoint->flow->loss;

	for (uint32_t cpu = 0; cpu < LOSS_CPUS; cpu++) {
		for (unsigned int program = 0; program < WIRE_PROGRAMS; program++) {
			struct wire_hdr hdr = header(checkpoint, WIRE_BEFORE, sizeof(hdr));

			hdr.cpu = cpu;
			hdr.program = (uint8_t)program;
			hdr.seq = loss->streams[cpu][program].next;
			if (hdr.seq || (cpu == 0 && program == WIRE_BY_SNAPSHOT))
				checkpoint->take(checkpoint->ctx, &hdr, sizeof(hdr));
		}
	}
}

/* --- connections --------------------------------------------------------------------------------- */

static uint16_t options_of(const struct endpoint *end)
{
	return (uint16_t)((end->reuse_addr ? WIRE_REUSEADDR : 0) |
			  (end->reuse_port ? WIRE_REUSEPORT : 0) |
			  (end->v6_only ? WIRE_V6ONLY : 0));
}

static void give_socket(const struct checkpoint *checkpoint, const struct endpoint *end)
{
	struct wire_state wire = {
		.hdr = header(checkpoint, WIRE_FOUND, sizeof(wire)),
		.sk = end->sk,
		.cookie = end->cookie,
		.local_port = end->local.port,
		.remote_port = end->remote.port,
		.netns = end->netns,
		.snd_una = end->snd_una,
		.rcv_nxt = end->rcv_nxt,
		.uid = end->owner.uid,
		.flags = options_of(end),
		.to = end->state,
		.family = end->family,
	};

	if (end->owner.kernel)
		wire.flags |= WIRE_KERNEL;
	memcpy(wire.local_addr, end->local.addr.bytes, sizeof(wire.local_addr));
	memcpy(wire.remote_addr, end->remote.addr.bytes, sizeof(wire.remote_addr));
	checkpoint->take(checkpoint->ctx, &wire, sizeof(wire));
}

static uint32_t left_ms(const struct checkpoint *checkpoint, const struct endpoint *end)
{
	if (end->keeps_until_ns <= checkpoint->now_ns)
		return 0;
	return (uint32_t)((end->keeps_until_ns - checkpoint->now_ns) / 1000000);
}

static void give_mini(const struct checkpoint *checkpoint, const struct endpoint *end)
{
	struct wire_mini wire = {
		.hdr = header(checkpoint, WIRE_MINI, sizeof(wire)),
		.mini = end->address,
		.cookie = end->cookie,
		.local_port = end->local.port,
		.remote_port = end->remote.port,
		.netns = end->netns,
		.left_ms = left_ms(checkpoint, end),
		.snd_una = end->snd_una,
		.rcv_nxt = end->rcv_nxt,
		.flags = options_of(end),
		.what = WIRE_MINI_FOUND,
		.state = end->keeps ? end->keeps : end->state,
		.family = end->family,
	};

	memcpy(wire.local_addr, end->local.addr.bytes, sizeof(wire.local_addr));
	memcpy(wire.remote_addr, end->remote.addr.bytes, sizeof(wire.remote_addr));
	checkpoint->take(checkpoint->ctx, &wire, sizeof(wire));
}

/* Who accepted or read is told as such, all others as found. */
static void give_owner(const struct checkpoint *checkpoint, const struct endpoint *end)
{
	const struct owner *owner = &end->owner;
	bool uses = owner->source == OWNER_ACCEPT || owner->source == OWNER_READ;
	struct wire_owner used = {
		.hdr = header(checkpoint, WIRE_OWNER, sizeof(used)),
		.sk = end->sk,
		.cookie = end->cookie,
		.cgroup = owner->cgroup,
		.pid = owner->pid,
		.uid = owner->uid,
		.flags = WIRE_ACTOR,
		.how = owner->source == OWNER_READ ? WIRE_OWNER_READ : WIRE_OWNER_ACCEPT,
	};
	struct wire_holder held = {
		.hdr = header(checkpoint, WIRE_HOLDER, sizeof(held)),
		.sk = end->sk,
		.cgroup = owner->cgroup,
		.pid = owner->pid,
	};

	if (owner->kernel)
		used.flags |= WIRE_KERNEL;
	memcpy(used.comm, owner->comm, sizeof(used.comm));
	memcpy(held.comm, owner->comm, sizeof(held.comm));
	if (uses)
		checkpoint->take(checkpoint->ctx, &used, sizeof(used));
	else if (owner->source != OWNER_UNKNOWN && owner->source != OWNER_LISTENER)
		checkpoint->take(checkpoint->ctx, &held, sizeof(held));
}

static void give_end(const struct checkpoint *checkpoint, const struct endpoint *end)
{
	if (end->keeps || end->state == WIRE_NEW_SYN_RECV)
		give_mini(checkpoint, end);
	if (end->state == WIRE_CLOSE || end->state == WIRE_NEW_SYN_RECV)
		return;
	give_socket(checkpoint, end);
	give_owner(checkpoint, end);
}

/* Listeners come first: who is client shows by them. */
static void give_conns(const struct checkpoint *checkpoint, bool listeners)
{
	const struct conn_queue *lists = checkpoint->flow->tracker.table.lists;

	for (int list = 0; list < LISTS; list++)
		for (const struct conn *conn = lists[list].oldest; conn; conn = conn->newer)
			for (int side = 0; side < 2; side++)
				if (conn->ends[side] && conn_is_listener(conn) == listeners)
					give_end(checkpoint, conn->ends[side]);
}

void checkpoint_take(const struct flow *flow, uint64_t now_ns, checkpoint_fn *take, void *ctx)
{
	const struct checkpoint checkpoint = {flow, now_ns, take, ctx};
	const struct tracker *tracker = &flow->tracker;

	give_hooks(&checkpoint, tracker->hooks & ~(uint32_t)WIRE_HOOK_SNAPSHOT);
	give_totals(&checkpoint);
	give_names(&checkpoint, &tracker->names.cgroups, WIRE_CGROUP);
	give_names(&checkpoint, &tracker->names.cmdlines, WIRE_CMDLINE);
	give_limits(&checkpoint);
	give_command(&checkpoint);
	give_conns(&checkpoint, true);
	give_conns(&checkpoint, false);
	give_hooks(&checkpoint, tracker->hooks);
	give_numbers(&checkpoint);
}
