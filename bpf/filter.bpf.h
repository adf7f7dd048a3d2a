/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * filter: protocol, family, port and network namespace, before anything is reserved.
 *
 * Always a superset of what was asked for. The user side selects; to do so it needs the whole chain of
 * states of a socket and both ends of a connection. So a socket with no port yet passes (it is chosen
 * after CLOSE -> SYN_SENT), and so does the other end of a wanted socket: its ports are the same
 * turned round, and across namespaces it is found by sequence numbers.
 */
#ifndef FILTER_BPF_H
#define FILTER_BPF_H

#define PROTO_TCP   6
#define PROTO_MPTCP 262

/* What an end knew when it became ESTABLISHED: its peer knew the same, crossed. */
struct handshake {
	__u32 snd_una;
	__u32 rcv_nxt;
};

struct handshake_end {
	__u64 sk;
	__u64 wanted;
};

/* With a namespace filter only. handshake -> the end that made it. Inserted at ESTABLISHED, read by the
 * other end's ESTABLISHED; full: the least recently used goes, and a mirrored end may be missed. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct handshake);
	__type(value, struct handshake_end);
} handshakes SEC(".maps");

/* With a namespace filter only. Addresses of sockets elsewhere whose peer is wanted. Inserted when the
 * two handshakes meet, deleted at CLOSE; full: as above. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u8);
} mirrored SEC(".maps");

static __always_inline bool filter_protocol(const struct sock *sk)
{
	struct wire_counters *here;

	if (sk->sk_protocol == PROTO_TCP)
		return true;
	here = counters_here();
	if (here)
		__sync_fetch_and_add(sk->sk_protocol == PROTO_MPTCP ? &here->mptcp : &here->other,
				     1);
	return false;
}

/* IPv4 is what travels as IPv4: an AF_INET6 socket with a v4-mapped peer counts as such, and one
 * without a peer (a listener on [::]) may serve both. */
static __always_inline bool filter_family(const struct sock *sk)
{
	const struct in6_addr *peer = &sk->__sk_common.skc_v6_daddr;

	if (config.ipv4 && config.ipv6)
		return true;
	if (sk->__sk_common.skc_family == AF_INET)
		return config.ipv4;
	if (peer->in6_u.u6_addr32[0] || peer->in6_u.u6_addr32[1])
		return config.ipv6;
	if (peer->in6_u.u6_addr32[2] == bpf_htonl(0xffff))
		return config.ipv4;
	return peer->in6_u.u6_addr32[2] || peer->in6_u.u6_addr32[3] ? config.ipv6 : true;
}

static __always_inline bool port_is_wanted(__u16 port)
{
	return config_ports[port >> 6] >> (port & 63) & 1;
}

static __always_inline bool filter_ports(const struct sock *sk, const struct tcp_sock *tp, int to)
{
	__u16 local = read_local_port(sk, tp, to);

	if (config.all_ports || local == 0)
		return true;
	return port_is_wanted(local) || port_is_wanted(bpf_ntohs(sk->__sk_common.skc_dport));
}

/* The same of one that is connected. */
static __always_inline bool filter_connected_ports(const struct sock *sk)
{
	return config.all_ports || port_is_wanted(sk->__sk_common.skc_num) ||
	       port_is_wanted(bpf_ntohs(sk->__sk_common.skc_dport));
}

/* At ESTABLISHED: have the two ends met, with one of them wanted? */
static __always_inline void handshake_meet(__u64 sk, const struct tcp_sock *tp, bool wanted)
{
	struct handshake mine = {tp->snd_una, tp->rcv_nxt};
	struct handshake crossed = {mine.rcv_nxt, mine.snd_una};
	struct handshake_end end = {sk, wanted};
	struct handshake_end *other = bpf_map_lookup_elem(&handshakes, &crossed);
	__u64 elsewhere;
	__u8 one = 1;

	bpf_map_update_elem(&handshakes, &mine, &end, BPF_ANY);
	if (!other || !!other->wanted == wanted)
		return;
	elsewhere = wanted ? other->sk : sk;
	bpf_map_update_elem(&mirrored, &elsewhere, &one, BPF_ANY);
}

/* A socket elsewhere passes when its peer is wanted. Whether it is turns out at ESTABLISHED, so the
 * edges of the handshake pass too, and those of listeners, which say who owns the children. */
static __always_inline bool filter_netns(const struct sock *sk, const struct tcp_sock *tp, int from,
					 int to)
{
	__u64 address = (__u64)sk;
	bool wanted;

	if (config.netns == 0)
		return true;
	wanted = read_netns(sk) == config.netns;
	if (to == WIRE_ESTABLISHED)
		handshake_meet(address, tp, wanted);
	if (wanted)
		return true;
	if (bpf_map_lookup_elem(&mirrored, &address)) {
		if (to == WIRE_CLOSE)
			bpf_map_delete_elem(&mirrored, &address);
		return true;
	}
	return to == WIRE_SYN_SENT || to == WIRE_SYN_RECV || to == WIRE_ESTABLISHED ||
	       from == WIRE_SYN_SENT || from == WIRE_SYN_RECV || to == WIRE_LISTEN ||
	       from == WIRE_LISTEN;
}

static __always_inline bool filter_connected(const struct sock *sk)
{
	__u64 address = (__u64)sk;

	if (sk->sk_protocol != PROTO_TCP || !filter_family(sk) || !filter_connected_ports(sk))
		return false;
	return config.netns == 0 || read_netns(sk) == config.netns ||
	       bpf_map_lookup_elem(&mirrored, &address);
}

/* A minisock, by what its record says. Those of all namespaces pass: which of them belongs to a wanted
 * socket, and which is such a one's mirrored end, the user side knows. */
static __always_inline bool filter_admits_mini(const struct wire_mini *mini)
{
	const __u32 *peer = (const __u32 *)mini->remote_addr;
	bool ipv4 = !peer[0] && !peer[1] && peer[2] == bpf_htonl(0xffff);
	bool none = !peer[0] && !peer[1] && !peer[2] && !peer[3]; /* a listener, of a holder */

	if (!none && !(ipv4 ? config.ipv4 : config.ipv6))
		return false;
	return config.all_ports || port_is_wanted(mini->local_port) ||
	       port_is_wanted(mini->remote_port);
}

/* Returns SK as what it is; NULL: it is not admitted. */
static __always_inline const struct tcp_sock *filter_admits(const struct sock *sk, int from, int to)
{
	const struct tcp_sock *tp;

	if (!filter_protocol(sk) || !filter_family(sk))
		return NULL;
	tp = bpf_skc_to_tcp_sock((void *)sk);
	return tp && filter_ports(sk, tp, to) && filter_netns(sk, tp, from, to) ? tp : NULL;
}

#endif
