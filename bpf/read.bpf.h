/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * read: from the kernel's structures into a record.
 */
#ifndef READ_BPF_H
#define READ_BPF_H

#define AF_INET	    2
#define AF_INET6    10
#define SOCK_DEAD   (1UL << 0) /* enum sock_flags, include/net/sock.h */
#define SOCK_DONE   (1UL << 1)
#define PF_EXITING  0x00000004 /* include/linux/sched.h */
#define PF_SIGNALED 0x00000400
#define PF_KTHREAD  0x00200000

static __always_inline __u32 read_netns(const struct sock *sk)
{
	return sk->__sk_common.skc_net.net->ns.inum;
}

static __always_inline void read_v4(__u8 *addr, __be32 v4)
{
	__u32 *words = (__u32 *)addr;

	words[0] = 0;
	words[1] = 0;
	words[2] = bpf_htonl(0xffff);
	words[3] = v4;
}

static __always_inline void read_v6(__u8 *addr, const struct in6_addr *v6)
{
	__u32 *words = (__u32 *)addr;

	words[0] = v6->in6_u.u6_addr32[0];
	words[1] = v6->in6_u.u6_addr32[1];
	words[2] = v6->in6_u.u6_addr32[2];
	words[3] = v6->in6_u.u6_addr32[3];
}

static __always_inline void read_addresses(struct wire_state *record, const struct sock *sk)
{
	record->family = sk->__sk_common.skc_family;
	if (record->family == AF_INET) {
		read_v4(record->local_addr, sk->__sk_common.skc_rcv_saddr);
		read_v4(record->remote_addr, sk->__sk_common.skc_daddr);
	} else {
		read_v6(record->local_addr, &sk->__sk_common.skc_v6_rcv_saddr);
		read_v6(record->remote_addr, &sk->__sk_common.skc_v6_daddr);
	}
}

/* With whom a socket shares its port: enum wire_flag. READ is BPF_CORE_READ_BITFIELD where its members are
 * read like any variable's, BPF_CORE_READ_BITFIELD_PROBED elsewhere. Timewait sockets have them as well. */
#define READ_OPTIONS(skc, READ)                                                                    \
	((READ(skc, skc_reuse) ? WIRE_REUSEADDR : 0) |                                             \
	 (READ(skc, skc_reuseport) ? WIRE_REUSEPORT : 0) |                                         \
	 (READ(skc, skc_ipv6only) ? WIRE_V6ONLY : 0))

/*
 * How long the kernel would keep an orphan in FIN_WAIT2, in ms; 0: not at all (TCP_LINGER2 < 0).
 * tcp_fin_time(), include/net/tcp.h, the same from 5.10 to 7.3.
 */
static __always_inline __u32 read_fin_time(const struct tcp_sock *tp)
{
	const struct inet_connection_sock *icsk = &tp->inet_conn;
	__s64 linger = tp->linger2, rto = icsk->icsk_rto;
	__u64 least, jiffies;

	if (linger < 0 || config.hz == 0)
		return 0;
	if (linger == 0)
		linger = icsk->icsk_inet.sk.__sk_common.skc_net.net->ipv4.sysctl_tcp_fin_timeout;
	least = (rto << 2) - (rto >> 1);
	jiffies = (__u64)linger < least ? least : (__u64)linger;
	return jiffies * 1000 / config.hz;
}

/*
 * The cookie is the socket's identity, as `ss -e` prints it. A child that is just being cloned still
 * carries its listener's, and must not be given one (kernels up to 6.12: the field is reset later).
 */
static __always_inline __u64 read_cookie(const struct sock *sk, int from, int to)
{
	if (from == WIRE_LISTEN && to == WIRE_SYN_RECV)
		return 0;
	if (config.cookies)
		return bpf_get_socket_cookie((void *)sk);
	return sk->__sk_common.skc_cookie.counter;
}

/* Whoever runs here. */
struct actor {
	__u32 pid;
	__u16 flags; /* enum wire_flag */
	__u8 signal;
	char comm[WIRE_COMM_LEN];
};

/* From here a task's members are read like any variable, and lockdown=confidentiality leaves that be. */
static __always_inline __u32 read_task(struct actor *actor)
{
	const struct task_struct *task = bpf_get_current_task_btf();
	const __u64 *comm = (const __u64 *)task->group_leader->comm;

	actor->pid = task->tgid;
	actor->signal = task->signal->group_exit_code & 0x7f;
	((__u64 *)actor->comm)[0] = comm[0];
	((__u64 *)actor->comm)[1] = comm[1];
	return task->flags;
}

/* The same where there is no bpf_get_current_task_btf() (before 5.11). */
static __always_inline __u32 probe_task(struct actor *actor)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	actor->pid = BPF_CORE_READ(task, tgid);
	actor->signal = BPF_CORE_READ(task, signal, group_exit_code) & 0x7f;
	BPF_CORE_READ_INTO(&actor->comm, task, group_leader, comm);
	return BPF_CORE_READ(task, flags);
}

/* By the name of the whole process, which a thread cannot change for itself. */
static __always_inline void read_actor(struct actor *actor)
{
	__u32 flags;

	*actor = (struct actor){0};
	if (!config.actors)
		return;
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf))
		flags = read_task(actor);
	else
		flags = probe_task(actor);
	actor->flags = WIRE_ACTOR;
	if (flags & PF_EXITING)
		actor->flags |= WIRE_EXITING;
	if (flags & PF_SIGNALED)
		actor->flags |= WIRE_SIGNALED;
	else
		actor->signal = 0;
	if (flags & PF_KTHREAD)
		actor->flags |= WIRE_KTHREAD;
}

/* Edges that a system call of the owner makes, or may have made: on all others the task on the CPU is
 * whoever the softirq interrupted, and of no interest. */
static __always_inline bool edge_has_actor(const struct sock *sk, int from, int to)
{
	if (from == WIRE_NO_STATE) /* found so */
		return false;
	switch (to) {
	case WIRE_SYN_SENT:
	case WIRE_LISTEN:
	case WIRE_FIN_WAIT1:
	case WIRE_LAST_ACK:
		return true;
	case WIRE_FIN_WAIT2:
	case WIRE_CLOSING:
		return from == to;
	case WIRE_CLOSE:
		if (sk->sk_err)
			return false;
		/* A timer or a segment may end an orphan, and finds it without an owner. */
		return sk->sk_lock.owned || !(sk->__sk_common.skc_flags & SOCK_DEAD);
	}
	return false;
}

/*
 * The local port, 0 where it is not chosen yet. inet_sport has it longer than skc_num, which is 0 at CLOSE already;
 * but a socket that was disconnected and connects again still has its former one there (tcp_disconnect()).
 */
static __always_inline __u16 read_local_port(const struct sock *sk, const struct tcp_sock *tp,
					     int to)
{
	if (to == WIRE_SYN_SENT)
		return sk->__sk_common.skc_num;
	return bpf_ntohs(tp->inet_conn.icsk_inet.inet_sport);
}

static __always_inline void read_state(struct wire_state *record, const struct sock *sk,
				       const struct tcp_sock *tp, int from, int to)
{
	unsigned long flags = sk->__sk_common.skc_flags;
	struct actor actor = {0};

	record->sk = (__u64)sk;
	record->cookie = read_cookie(sk, from, to);
	read_addresses(record, sk);
	record->local_port = read_local_port(sk, tp, to);
	record->remote_port = bpf_ntohs(sk->__sk_common.skc_dport);
	record->netns = read_netns(sk);
	record->snd_una = tp->snd_una;
	record->rcv_nxt = tp->rcv_nxt;
	record->fin_time_ms = 0;
	if (to == WIRE_FIN_WAIT2 || (from == WIRE_FIN_WAIT2 && to == WIRE_CLOSE))
		record->fin_time_ms = read_fin_time(tp);
	record->err = sk->sk_err;
	if (edge_has_actor(sk, from, to))
		read_actor(&actor);
	record->flags = (flags & SOCK_DEAD ? WIRE_ORPHAN : 0) |
			(flags & SOCK_DONE ? WIRE_PEER_FIN : 0) |
			READ_OPTIONS(&sk->__sk_common, BPF_CORE_READ_BITFIELD) | actor.flags;
	record->from = from;
	record->to = to;
	record->shutdown = sk->sk_shutdown;
	record->signal = actor.signal;
	record->cgroup = 0;
	record->uid = sk->sk_uid.val;
	record->unread = 0;
	record->call = record->retransmits = record->probes = 0;
	record->pid = actor.pid;
	__builtin_memcpy(record->comm, actor.comm, sizeof(record->comm));
}

static __always_inline void emit_state(__u32 program, const struct sock *sk, int from, int to)
{
	const struct tcp_sock *tp = bpf_skc_to_tcp_sock((void *)sk);
	struct wire_state *record;

	if (!tp)
		return;
	record = emit_reserve(program, WIRE_STATE, sizeof(*record));
	if (!record)
		return;
	read_state(record, sk, tp, from, to);
	emit_submit(record);
}

#endif
