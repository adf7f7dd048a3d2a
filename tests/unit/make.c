// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <string.h>
#include <sys/socket.h>

struct addr make_addr(const char *text)
{
	struct addr_prefix prefix;

	assert_int_equal(addr_parse_prefix(text, &prefix), 0);
	return prefix.addr;
}

struct addr_port make_at(const char *text, uint16_t port)
{
	return (struct addr_port){make_addr(text), port};
}

struct make_end make_end(uint64_t sk, struct addr_port local, struct addr_port remote)
{
	return (struct make_end){
		.sk = sk,
		.cookie = sk * 16 + 1,
		.local = local,
		.remote = remote,
		.netns = MAKE_NETNS,
		.snd_una = (uint32_t)(sk * 2654435761U),
		.rcv_nxt = (uint32_t)(sk * 2246822519U + 7),
		.pid = MAKE_CLIENT_PID,
		.comm = "client",
	};
}

struct make_end make_client(uint64_t sk, uint16_t port)
{
	return make_end(sk, make_at("127.0.0.1", port), make_at("127.0.0.1", 80));
}

struct make_end make_peer(const struct make_end *end, uint64_t sk)
{
	struct make_end peer = make_end(sk, end->remote, end->local);

	peer.netns = end->netns;
	peer.snd_una = end->rcv_nxt;
	peer.rcv_nxt = end->snd_una;
	peer.pid = MAKE_SERVER_PID;
	peer.comm = "server";
	return peer;
}

void make_nth(unsigned int number, uint32_t pid, struct make_end *ret_client,
	      struct make_end *ret_server)
{
	*ret_client = make_client(0x10000 + 64 * (uint64_t)number, (uint16_t)(40000 + number));
	ret_client->pid = pid;
	*ret_server = make_peer(ret_client, ret_client->sk + 0x8000000);
}

struct make_end make_listener(uint64_t sk, struct addr_port local)
{
	const char *any = addr_is_v4(&local.addr) ? "0.0.0.0" : "::";
	struct make_end listener = make_end(sk, local, make_at(any, 0));

	listener.pid = MAKE_SERVER_PID;
	listener.comm = "server";
	return listener;
}

static struct actor actor_of(const struct make_step *step)
{
	struct actor actor = {0};

	if (step->nobody)
		return actor;
	actor.pid = step->pid ? step->pid : step->end->pid;
	if (step->end->comm)
		memcpy(actor.comm, step->end->comm, strnlen(step->end->comm, WIRE_COMM_LEN));
	actor.exiting = step->exiting;
	actor.signaled = step->signaled;
	actor.kthread = step->kthread;
	actor.io_worker = step->io_worker;
	actor.compat = step->compat;
	actor.signal = step->signal;
	actor.call = (uint8_t)step->call;
	actor.cgroup = step->cgroup;
	return actor;
}

struct event make_edge(const struct make_step *step)
{
	const struct make_end *end = step->end;
	struct event event = {
		.type = WIRE_STATE,
		.program = step->program,
		.ktime_ns = AT(step->us),
		.edge =
			{
				.sk = end->sk,
				.cookie = step->no_cookie ? 0 : end->cookie,
				.local = end->local,
				.netns = end->netns,
				.snd_una = end->snd_una,
				.rcv_nxt = end->rcv_nxt,
				.fin_time_ms = step->fin_time_ms,
				.uid = step->uid,
				.unread = step->unread,
				.err = step->err,
				.from = step->from,
				.to = step->to,
				.family = addr_is_v4(&end->local.addr) ? AF_INET : AF_INET6,
				.shutdown = step->shutdown,
				.orphan = step->orphan,
				.peer_fin = step->peer_fin,
				.retransmits = step->retransmits,
				.probes = step->probes,
				.released = step->released,
				.kernel = step->kernel,
				.linger_0 = step->linger_0,
				.keepalive = step->keepalive,
				.user_timeout = step->user_timeout,
				.reuse_addr = step->reuse_addr,
				.reuse_port = step->reuse_port,
				.counted = step->counts != NULL,
				.actor = actor_of(step),
			},
	};

	if (step->counts)
		event.edge.counts = *step->counts;
	if (!step->no_remote)
		event.edge.remote = end->remote;
	if (step->no_local_port)
		event.edge.local.port = 0;
	return event;
}

struct event make_mini(const struct make_mini *mini)
{
	const struct make_end *end = mini->end;
	struct event event = {
		.type = WIRE_MINI,
		.program = WIRE_BY_MINI,
		.ktime_ns = AT(mini->us),
		.mini =
			{
				.mini = mini->mini ? mini->mini : MAKE_MINI(end),
				.local = end->local,
				.remote = end->remote,
				.netns = end->netns,
				.left_ms = mini->left_ms,
				.snd_una = end->snd_una,
				.rcv_nxt = end->rcv_nxt,
				.what = mini->what,
				.state = mini->state,
				.family = addr_is_v4(&end->local.addr) ? AF_INET : AF_INET6,
				.segment = mini->segment,
				.actor = {.pid = mini->pid,
					  .kthread = mini->kthread,
					  .comm = "kworker/u4:2"},
			},
	};

	if (mini->state != WIRE_NEW_SYN_RECV)
		event.mini.cookie = end->cookie;
	return event;
}

struct event make_owner(const struct make_end *end, enum wire_owner_how how, uint32_t pid,
			const char *comm, uint64_t us)
{
	struct event event = {
		.type = WIRE_OWNER,
		.program = WIRE_BY_OWNER,
		.ktime_ns = AT(us),
		.owner = {.sk = end->sk, .cookie = end->cookie, .how = how, .actor.pid = pid},
	};

	memcpy(event.owner.actor.comm, comm, strnlen(comm, WIRE_COMM_LEN));
	return event;
}

struct event make_resent(const struct make_end *end, uint8_t state, uint8_t times, uint8_t retries,
			 uint64_t us)
{
	return (struct event){.type = WIRE_RESENT,
			      .program = WIRE_BY_RESENT,
			      .ktime_ns = AT(us),
			      .resent = {.sk = end->sk,
					 .cookie = end->cookie,
					 .state = state,
					 .times = times,
					 .retries = retries}};
}

struct event make_reset(const struct make_end *end, enum wire_reset_reason reason, bool answers,
			uint64_t us)
{
	return (struct event){.type = WIRE_RESET,
			      .program = WIRE_BY_RESET,
			      .ktime_ns = AT(us),
			      .reset = {.sk = end->sk,
					.cookie = end->cookie,
					.local = end->local,
					.remote = end->remote,
					.netns = end->netns,
					.reason = reason,
					.state = WIRE_CLOSE,
					.answers = answers}};
}

struct event make_stray(const struct make_end *end, enum wire_reset_reason reason, uint64_t us)
{
	struct make_end nobody = make_peer(end, 0);
	struct event event = make_reset(&nobody, reason, true, us);

	event.reset.cookie = 0;
	event.reset.state = WIRE_NO_STATE;
	return event;
}

struct event make_process(enum wire_type type, uint32_t pid, uint32_t child, uint64_t us)
{
	return (struct event){.type = type,
			      .program = type == WIRE_FORK ? WIRE_BY_FORK : WIRE_BY_EXIT,
			      .ktime_ns = AT(us),
			      .process = {pid, child}};
}

static uint16_t flags_of(const struct edge_event *edge)
{
	const struct actor *actor = &edge->actor;
	unsigned int flags = 0;

	flags |= edge->orphan ? WIRE_ORPHAN : 0U;
	flags |= edge->peer_fin ? WIRE_PEER_FIN : 0U;
	flags |= edge->released ? WIRE_RELEASED : 0U;
	flags |= edge->kernel ? WIRE_KERNEL : 0U;
	flags |= edge->linger_0 ? WIRE_LINGER_0 : 0U;
	flags |= edge->keepalive ? WIRE_KEEPALIVE : 0U;
	flags |= edge->user_timeout ? WIRE_USER_TIMEOUT : 0U;
	flags |= edge->reuse_addr ? WIRE_REUSEADDR : 0U;
	flags |= edge->reuse_port ? WIRE_REUSEPORT : 0U;
	flags |= edge->v6_only ? WIRE_V6ONLY : 0U;
	flags |= actor->pid ? WIRE_ACTOR : 0U;
	flags |= actor->exiting ? WIRE_EXITING : 0U;
	flags |= actor->signaled ? WIRE_SIGNALED : 0U;
	flags |= actor->kthread ? WIRE_KTHREAD : 0U;
	flags |= actor->io_worker ? WIRE_IO_WORKER : 0U;
	flags |= actor->compat ? WIRE_COMPAT : 0U;
	return (uint16_t)flags;
}

struct state_record make_record(const struct event *event)
{
	const struct edge_event *edge = &event->edge;
	struct state_record wire = {
		.state = {.hdr = {.size = sizeof(wire),
				  .type = WIRE_STATE,
				  .program = (uint8_t)event->program,
				  .cpu = event->cpu,
				  .seq = event->seq,
				  .ktime_ns = event->ktime_ns},
			  .sk = edge->sk,
			  .cookie = edge->cookie,
			  .local_port = edge->local.port,
			  .remote_port = edge->remote.port,
			  .netns = edge->netns,
			  .snd_una = edge->snd_una,
			  .rcv_nxt = edge->rcv_nxt,
			  .fin_time_ms = edge->fin_time_ms,
			  .uid = edge->uid,
			  .unread = edge->unread,
			  .err = edge->err,
			  .flags = flags_of(edge),
			  .from = edge->from,
			  .to = edge->to,
			  .family = edge->family,
			  .shutdown = edge->shutdown,
			  .signal = edge->actor.signal,
			  .call = edge->actor.call,
			  .retransmits = edge->retransmits,
			  .probes = edge->probes},
		.actor = {.cgroup = edge->actor.cgroup, .pid = edge->actor.pid},
	};

	memcpy(wire.state.local_addr, edge->local.addr.bytes, 16);
	memcpy(wire.state.remote_addr, edge->remote.addr.bytes, 16);
	memcpy(wire.actor.comm, edge->actor.comm, WIRE_COMM_LEN);
	return wire;
}

/* As 5.10 to 7.3 tell it: the client's port is not chosen yet at SYN_SENT, and a child has neither a
 * cookie nor a peer of its own at SYN_RECV. */
void make_open(struct event *events, const struct make_end *client, const struct make_end *server,
	       uint64_t us)
{
	events[0] = make_edge(STEP(client, CLOSE, SYN_SENT, us, .no_local_port = true));
	events[1] = make_edge(STEP(client, SYN_SENT, ESTABLISHED, us + 1));
	events[2] = make_edge(STEP(server, LISTEN, SYN_RECV, us + 2, .pid = client->pid,
				   .no_remote = true, .no_cookie = true));
	events[3] = make_edge(STEP(server, SYN_RECV, ESTABLISHED, us + 3, .pid = client->pid));
}

void make_close(struct event *events, const struct make_end *first, const struct make_end *second,
		uint64_t us)
{
	events[0] = make_edge(STEP(first, ESTABLISHED, FIN_WAIT1, us, .shutdown = SHUTDOWN_BOTH));
	events[1] = make_edge(STEP(second, ESTABLISHED, CLOSE_WAIT, us + 1, .pid = first->pid));
	events[2] = make_edge(STEP(first, FIN_WAIT1, FIN_WAIT2, us + 2, .nobody = true));
	events[3] = make_edge(STEP(first, FIN_WAIT2, CLOSE, us + 3, .nobody = true, .orphan = true,
				   .fin_time_ms = 60000, .shutdown = SHUTDOWN_BOTH));
	events[4] =
		make_edge(STEP(second, CLOSE_WAIT, LAST_ACK, us + 4, .shutdown = SHUTDOWN_BOTH));
	events[5] = make_edge(STEP(second, LAST_ACK, CLOSE, us + 5, .shutdown = SHUTDOWN_BOTH));
}
