// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Programs that do nothing, one for each thing that a kernel may lack: user/source/probe.c loads and
 * attaches one of them at a time, by its name. What loads and attaches is there.
 */
#include "vmlinux.h"
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define PROBE_HOOK(name, hook)                                                                     \
	SEC(hook) int name(__u64 *ctx)                                                             \
	{                                                                                          \
		return 0;                                                                          \
	}

PROBE_HOOK(tracepoint, "tp_btf/inet_sock_set_state")
PROBE_HOOK(fentry, "fentry/tcp_abort") /* any would do: this one is never inlined, seldom runs */
PROBE_HOOK(timer_start, "tp_btf/timer_start")
PROBE_HOOK(timer_cancel, "tp_btf/timer_cancel")
PROBE_HOOK(timer_expire, "tp_btf/timer_expire_entry")
PROBE_HOOK(kfree_skb, "tp_btf/kfree_skb")
PROBE_HOOK(iter_tcp, "iter/tcp")
PROBE_HOOK(iter_task_file, "iter/task_file")

SEC("tp_btf/inet_sock_set_state")
int cookies(__u64 *ctx)
{
	bpf_get_socket_cookie((void *)ctx[0]);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int current_task(__u64 *ctx)
{
	bpf_get_current_task_btf();
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int probe_read(__u64 *ctx)
{
	__u64 word;

	bpf_probe_read_kernel(&word, sizeof(word), (void *)ctx[0]);
	return 0;
}

SEC("iter/tcp")
int timewait_cast(__u64 *ctx)
{
	void *sk_common = (void *)ctx[1]; /* struct bpf_iter__tcp; NULL at the end */

	if (sk_common)
		bpf_skc_to_tcp_timewait_sock(sk_common);
	return 0;
}
