/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * read: from the kernel's structures into a record.
 */
#ifndef READ_BPF_H
#define READ_BPF_H

#define AF_INET	      2
#define AF_INET6      10
#define SOCK_DEAD     (1UL << 0) /* enum sock_flags, include/net/sock.h */
#define SOCK_DONE     (1UL << 1)
#define SOCK_KEEPOPEN (1UL << 3)
#define SOCK_LINGER   (1UL << 4)

/*
 * The same socket. What a hook is given is trusted: for each pointer that is read from there, kernels from 6.4 on look
 * through the names of all types, up to four times, which made most of the time that it took to load the programs.
 * From here they do not.
 */
static __always_inline const struct sock *sock_of(const struct tcp_sock *tp)
{
	return &tp->inet_conn.icsk_inet.sk;
}

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

static __always_inline void read_local_addr(__u8 *addr, const struct sock *sk)
{
	if (sk->__sk_common.skc_family == AF_INET)
		read_v4(addr, sk->__sk_common.skc_rcv_saddr);
	else
		read_v6(addr, &sk->__sk_common.skc_v6_rcv_saddr);
}

static __always_inline void read_remote_addr(__u8 *addr, const struct sock *sk)
{
	if (sk->__sk_common.skc_family == AF_INET)
		read_v4(addr, sk->__sk_common.skc_daddr);
	else
		read_v6(addr, &sk->__sk_common.skc_v6_daddr);
}

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
		linger = sock_of(tp)->__sk_common.skc_net.net->ipv4.sysctl_tcp_fin_timeout;
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
	__u64 cookie = sk->__sk_common.skc_cookie.counter;

	if (from == WIRE_LISTEN && to == WIRE_SYN_RECV)
		return 0;
	if (cookie || !config.cookies)
		return cookie;
	return bpf_get_socket_cookie((void *)sk); /* from now on it has one */
}

/* Edges that a system call of the owner makes, or may have made: on all others the task on the CPU is
 * whoever the softirq interrupted, and of no interest. */
static __always_inline bool edge_has_actor(const struct sock *sk, int from, int to)
{
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
		/* A timer or a segment finds it without an owner; so does who closes a listener its children that
		 * nobody has accepted. */
		return sk->sk_lock.owned ||
		       (!sk->sk_socket && !(sk->__sk_common.skc_flags & SOCK_DEAD));
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

/* ---- flags ---- */

/* Has the socket's file no reference left? Then it is closed, by whichever way and whoever does it for the last
 * holder: before its end the file stays known to the socket (__sock_release()). */
static __always_inline bool is_released(const struct file *file)
{
	const struct file___ref *counted = (const void *)file;
	const struct file___count *before = (const void *)file;

	if (bpf_core_field_exists(struct file___ref, f_ref)) /* 6.13: the last one is 0 */
		return counted->f_ref.refcnt.counter < 0;
	return before->f_count.counter == 0;
}

static __always_inline __u16 read_file_flags(const struct sock *sk)
{
	const struct socket *socket = sk->sk_socket;
	const struct file *file;

	if (!socket) /* not accepted yet, or an orphan */
		return 0;
	file = socket->file;
	if (!file)
		return WIRE_KERNEL;
	return is_released(file) ? WIRE_RELEASED : 0;
}

/* With whom it shares its port. */
static __always_inline __u16 read_port_options(const struct sock_common *common)
{
	return (BPF_CORE_READ_BITFIELD(common, skc_reuse) ? WIRE_REUSEADDR : 0) |
	       (BPF_CORE_READ_BITFIELD(common, skc_reuseport) ? WIRE_REUSEPORT : 0) |
	       (BPF_CORE_READ_BITFIELD(common, skc_ipv6only) ? WIRE_V6ONLY : 0);
}

/* What setsockopt() has said. */
static __always_inline __u16 read_options(const struct sock *sk, const struct tcp_sock *tp)
{
	unsigned long flags = sk->__sk_common.skc_flags;
	__u16 options = read_port_options(&sk->__sk_common);

	if (flags & SOCK_LINGER && sk->sk_lingertime == 0)
		options |= WIRE_LINGER_0;
	if (flags & SOCK_KEEPOPEN)
		options |= WIRE_KEEPALIVE;
	if (tp->inet_conn.icsk_user_timeout)
		options |= WIRE_USER_TIMEOUT;
	return options;
}

static __always_inline __u16 read_flags(const struct sock *sk, const struct tcp_sock *tp)
{
	unsigned long flags = sk->__sk_common.skc_flags;

	return (flags & SOCK_DEAD ? WIRE_ORPHAN : 0) | (flags & SOCK_DONE ? WIRE_PEER_FIN : 0) |
	       read_options(sk, tp);
}

/* ---- the record ---- */

/* What came and nobody has read. The peer's FIN counts in rcv_nxt, and in copied_seq when its end of file has been
 * read. */
static __always_inline __u32 read_unread(const struct sock *sk, const struct tcp_sock *tp)
{
	__u32 bytes = tp->rcv_nxt - tp->copied_seq;

	if (bytes && sk->__sk_common.skc_flags & SOCK_DONE)
		bytes--;
	return bytes;
}

/* What is told of edges that a call makes alone. */
static __noinline void read_act(struct wire_state *record, struct wire_actor *part,
				const struct tcp_sock *tp)
{
	const struct sock *sk = sock_of(tp);
	struct actor actor;

	read_actor(&actor, true);
	record->flags |= actor.flags | read_file_flags(sk);
	record->signal = actor.signal;
	record->call = actor.call;
	if (record->to != WIRE_SYN_SENT && record->to != WIRE_LISTEN)
		record->unread = read_unread(sk, tp);
	part->cgroup = actor.cgroup;
	part->pid = actor.pid;
	part->pad = 0;
	__builtin_memcpy(part->comm, actor.comm, sizeof(part->comm));
}

/* One for records of all sizes: no program has it twice. */
static __noinline void read_state(struct wire_state *record, const struct tcp_sock *tp, int from,
				  int to)
{
	const struct sock *sk = sock_of(tp);

	record->sk = (__u64)sk;
	record->cookie = read_cookie(sk, from, to);
	record->family = sk->__sk_common.skc_family;
	read_local_addr(record->local_addr, sk);
	read_remote_addr(record->remote_addr, sk);
	record->local_port = read_local_port(sk, tp, to);
	record->remote_port = bpf_ntohs(sk->__sk_common.skc_dport);
	record->netns = read_netns(sk);
	record->snd_una = tp->snd_una;
	record->rcv_nxt = tp->rcv_nxt;
	record->fin_time_ms = 0;
	if (to == WIRE_FIN_WAIT2 || (from == WIRE_FIN_WAIT2 && to == WIRE_CLOSE))
		record->fin_time_ms = read_fin_time(tp);
	record->uid = sk->sk_uid.val;
	record->unread = 0;
	record->err = sk->sk_err;
	record->flags = read_flags(sk, tp);
	if (from == WIRE_NO_STATE)
		record->flags |= read_file_flags(sk);
	record->from = from;
	record->to = to;
	record->shutdown = sk->sk_shutdown;
	record->retransmits = tp->inet_conn.icsk_retransmits;
	record->probes = tp->inet_conn.icsk_probes_out;
	record->signal = record->call = 0;
}

/* ---- in numbers ---- */

/* An int on some kernels, a byte on most. */
#define READ_SYSCTL(net, name) ((__u32)BPF_CORE_READ_BITFIELD(net, ipv4.name))

/* tcp_orphan_retries(), net/ipv4/tcp_timer.c. */
static __always_inline __u32 read_orphan_retries(const struct net *net)
{
	__u32 retries = READ_SYSCTL(net, sysctl_tcp_orphan_retries);

	return retries ? retries : 8;
}

static __always_inline __u32 read_retries(const struct tcp_sock *tp, bool orphan)
{
	const struct net *net = sock_of(tp)->__sk_common.skc_net.net;

	return orphan ? read_orphan_retries(net) : READ_SYSCTL(net, sysctl_tcp_retries2);
}

/* Of a SYN: those that come at even intervals (6.5) are not among those of tcp_syn_retries. */
static __always_inline __u32 read_syn_retries(const struct tcp_sock *tp)
{
	const struct net *net = sock_of(tp)->__sk_common.skc_net.net;
	const struct net___linear *linear = (const void *)net;
	__u32 retries = tp->inet_conn.icsk_syn_retries; /* TCP_SYNCNT */

	if (!retries)
		retries = READ_SYSCTL(net, sysctl_tcp_syn_retries);
	if (bpf_core_field_exists(linear->ipv4.sysctl_tcp_syn_linear_timeouts))
		retries += READ_SYSCTL(linear, sysctl_tcp_syn_linear_timeouts);
	return retries;
}

#define STATE_BIT(state) (1U << WIRE_##state)

/* RFC 9293, 3.4. */
static __always_inline bool is_synchronized(int state)
{
	const __u32 states = STATE_BIT(ESTABLISHED) | STATE_BIT(FIN_WAIT1) | STATE_BIT(FIN_WAIT2) |
			     STATE_BIT(CLOSE_WAIT) | STATE_BIT(CLOSING) | STATE_BIT(LAST_ACK);

	return states >> (state & 31) & 1;
}

/* Has its FIN been written? It is a byte in write_seq, and when sent in snd_nxt. */
static __always_inline bool has_fin(int state)
{
	return state == WIRE_FIN_WAIT1 || state == WIRE_CLOSING || state == WIRE_LAST_ACK;
}

/* FLAGS: of its struct wire_state. */
static __always_inline void read_counts(struct wire_counts *counts, __u16 flags,
					const struct tcp_sock *tp, int from)
{
	__u64 again = tp->bytes_retrans, sent = tp->bytes_sent;
	__u32 unsent = tp->write_seq - tp->snd_nxt, unacked = tp->snd_nxt - tp->snd_una;

	if (has_fin(from) && unsent)
		unsent--;
	else if (has_fin(from) && unacked)
		unacked--;
	counts->bytes_sent = sent > again ? sent - again : 0;
	/* of the peer's SYN and FIN, the latter is counted */
	counts->bytes_received =
		tp->bytes_received - !!(flags & WIRE_PEER_FIN && tp->bytes_received);
	counts->segs_out = tp->segs_out;
	counts->segs_in = tp->segs_in;
	counts->retrans = tp->total_retrans;
	counts->srtt_us = tp->srtt_us >> 3;
	counts->unsent = unsent;
	counts->unacked = unacked;
	counts->snd_wnd = tp->snd_wnd;
	counts->retries = read_retries(tp, flags & (WIRE_ORPHAN | WIRE_RELEASED));
}

/* ---- handing it over ---- */

/* COUNTS, ACTS: constants, as the verifier wants the size to be. */
static __always_inline void emit_parts(__u32 program, const struct tcp_sock *tp, int from, int to,
				       bool counts, bool acts)
{
	const __u32 counts_at = sizeof(struct wire_state);
	const __u32 actor_at = counts_at + (counts ? sizeof(struct wire_counts) : 0);
	const __u32 size = actor_at + (acts ? sizeof(struct wire_actor) : 0);
	struct wire_state *record = emit_reserve(program, counts ? WIRE_COUNTED : WIRE_STATE, size);

	if (!record)
		return;
	read_state(record, tp, from, to);
	if (acts)
		read_act(record, (void *)record + actor_at, tp);
	if (counts)
		read_counts((void *)record + counts_at, record->flags, tp, from);
	emit_submit(record);
}

static __always_inline void emit_state(__u32 program, const struct tcp_sock *tp, int from, int to)
{
	bool acts = edge_has_actor(sock_of(tp), from, to);

	if (is_synchronized(from) && acts)
		emit_parts(program, tp, from, to, true, true);
	else if (is_synchronized(from))
		emit_parts(program, tp, from, to, true, false);
	else if (acts)
		emit_parts(program, tp, from, to, false, true);
	else
		emit_parts(program, tp, from, to, false, false);
}

#endif
