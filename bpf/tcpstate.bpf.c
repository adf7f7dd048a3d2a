// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kernel side: what happened. What it means is the user side's business.
 *
 * A table of contents: one short function per hook. An event goes
 *
 *	hook -> filter (filter.bpf.h) -> read (read.bpf.h) -> emit (emit.bpf.h) == ring buffer ==> user
 *
 * Nothing here knows a connection, a verdict or a name for anything. One object serves all kernels
 * from 5.10: types are relocated (CO-RE), what a kernel lacks is switched off by `config` before load.
 */
#include "vmlinux.h"
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "wire.h"

const volatile struct wire_config config;
const volatile __u64 config_ports[WIRE_PORT_WORDS];

#include "emit.bpf.h"
#include "read.bpf.h"
#include "filter.bpf.h"
#include "witness.bpf.h"
#include "descendants.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(trace_state, const struct sock *sk, int from, int to)
{
	if (!filter_admits(sk, from, to))
		return 0;
	witness_leave(sk, from, to);
	emit_state(WIRE_BY_TRACE, sk, from, to);
	return 0;
}

/* Attached behind trace_state: the kernel skips a program that a softirq finds running on its CPU,
 * but what interrupted one of the two did not interrupt the other. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(witness_state, const struct sock *sk, int from, int to)
{
	if (!filter_admits(sk, from, to))
		return 0;
	if (witness_finds(sk, from, to))
		return 0;
	emit_state(WIRE_BY_WITNESS, sk, from, to);
	return 0;
}

/* Loaded for `-- COMMAND` only. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(descendant_forks, const struct task_struct *parent, const struct task_struct *child)
{
	if (descendants_grow(parent->tgid, child->tgid))
		emit_process(WIRE_BY_FORK, WIRE_FORK, parent->tgid, child->tgid);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(descendant_exits, const struct task_struct *task)
{
	if (task->signal->live.counter == 0 && descendants_lose(task->tgid))
		emit_process(WIRE_BY_EXIT, WIRE_EXIT, task->tgid, 0);
	return 0;
}
