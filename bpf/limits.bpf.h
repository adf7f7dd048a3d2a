/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * limits: the sysctls of a network namespace that explain what its sockets do, told before the first of them, and
 * again when one begins and they have changed.
 */
#ifndef LIMITS_BPF_H
#define LIMITS_BPF_H

struct limits {
	__u16 port_first, port_last;
	__u32 fin_timeout_ms;
	__u32 max_tw_buckets;
	__u8 tw_reuse;
	__u8 syn_retries;
	__u8 retries2;
	__u8 orphan_retries;
};

_Static_assert(sizeof(struct limits) == 16, "two words to compare");

/* Network namespace -> what was told of it last. Inserted and read where sockets begin and by the snapshot; full:
 * the least recently used goes, and its limits may be told once more. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct limits);
} told_limits SEC(".maps");

static __always_inline void read_ports(struct limits *limits, const struct net *net)
{
	const struct local_ports___packed *packed = (const void *)&net->ipv4.ip_local_ports;
	const struct local_ports___two *two = (const void *)&net->ipv4.ip_local_ports;

	if (bpf_core_field_exists(struct local_ports___packed, range)) { /* 6.8 */
		limits->port_first = packed->range;
		limits->port_last = packed->range >> 16;
	} else {
		limits->port_first = two->range[0];
		limits->port_last = two->range[1];
	}
}

/* A struct of its own from 5.17 to 6.0 (fbb8295248e1), part of this one before and behind. */
static __always_inline __u32 read_max_tw_buckets(const struct net *net)
{
	const struct net___apart *apart = (const void *)net;

	if (bpf_core_field_exists(net->ipv4.tcp_death_row.sysctl_max_tw_buckets))
		return net->ipv4.tcp_death_row.sysctl_max_tw_buckets;
	return apart->ipv4.tcp_death_row->sysctl_max_tw_buckets;
}

static __always_inline void read_limits(struct limits *limits, const struct net *net)
{
	read_ports(limits, net);
	limits->fin_timeout_ms = jiffies_to_ms(net->ipv4.sysctl_tcp_fin_timeout);
	limits->max_tw_buckets = read_max_tw_buckets(net);
	limits->tw_reuse = READ_SYSCTL(net, sysctl_tcp_tw_reuse);
	limits->syn_retries = READ_SYSCTL(net, sysctl_tcp_syn_retries);
	limits->retries2 = READ_SYSCTL(net, sysctl_tcp_retries2);
	limits->orphan_retries = read_orphan_retries(net);
}

static __always_inline bool same_limits(const struct limits *a, const struct limits *b)
{
	const __u64 *x = (const __u64 *)a, *y = (const __u64 *)b;

	return x[0] == y[0] && x[1] == y[1];
}

static __always_inline void emit_limits(__u32 program, __u32 netns, const struct limits *limits)
{
	struct wire_limits *record = emit_reserve(program, WIRE_LIMITS, sizeof(*record));

	if (!record)
		return;
	record->netns = netns;
	record->port_first = limits->port_first;
	record->port_last = limits->port_last;
	record->fin_timeout_ms = limits->fin_timeout_ms;
	record->max_tw_buckets = limits->max_tw_buckets;
	record->tw_reuse = limits->tw_reuse;
	record->syn_retries = limits->syn_retries;
	record->retries2 = limits->retries2;
	record->orphan_retries = limits->orphan_retries;
	__builtin_memset(record->pad, 0, sizeof(record->pad));
	emit_submit(record);
}

static __always_inline void limits_of(__u32 program, const struct tcp_sock *tp)
{
	const struct net *net = sock_of(tp)->__sk_common.skc_net.net;
	__u32 netns = net->ns.inum;
	const struct limits *told;
	struct limits limits = {0};

	if (!config.limits)
		return;
	read_limits(&limits, net);
	told = bpf_map_lookup_elem(&told_limits, &netns);
	if (told && same_limits(told, &limits))
		return;
	bpf_map_update_elem(&told_limits, &netns, &limits, BPF_ANY);
	emit_limits(program, netns, &limits);
}

#endif
