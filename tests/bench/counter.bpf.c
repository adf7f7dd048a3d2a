// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Counts the transitions of TCP sockets, and does nothing else: what the tools of the benchmark are held against.
 */
#include "vmlinux.h"
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "count.h"

#define TCP 6

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The network namespace of the benchmark. Set before load. */
const volatile __u32 own_netns;

/* One slot for each CPU. Written here, read by the meter. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct count);
} counts SEC(".maps");

SEC("tp_btf/inet_sock_set_state")
int count_state(__u64 *ctx)
{
	const struct sock *sk = (const void *)ctx[0];
	__u32 zero = 0;
	struct count *count = bpf_map_lookup_elem(&counts, &zero);

	if (!count || sk->sk_protocol != TCP)
		return 0;
	count->everywhere++;
	if (sk->__sk_common.skc_net.net->ns.inum == own_netns)
		count->here++;
	return 0;
}
