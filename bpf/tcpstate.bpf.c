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
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "wire.h"

const volatile struct wire_config config;
const volatile __u64 config_ports[WIRE_PORT_WORDS];

#include "emit.bpf.h"
#include "call.bpf.h"
#include "actor.bpf.h"
#include "read.bpf.h"
#include "filter.bpf.h"
#include "owner.bpf.h"
#include "witness.bpf.h"
#include "descendants.bpf.h"
#include "mini.bpf.h"
#include "limits.bpf.h"
#include "trouble.bpf.h"
#include "snapshot.bpf.h"
#include "bind.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline bool is_birth(int to)
{
	return to == WIRE_SYN_SENT || to == WIRE_LISTEN;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(trace_state, const struct sock *sk, int from, int to)
{
	const struct tcp_sock *tp = filter_admits(sk, from, to);

	user_goes(sk, to);
	if (!tp)
		return 0;
	witness_leave(sk, from, to);
	if (is_birth(to))
		limits_of(WIRE_BY_TRACE, tp);
	if (to == WIRE_SYN_SENT)
		user_connects(sk);
	emit_state(WIRE_BY_TRACE, tp, from, to);
	return 0;
}

/* Attached behind trace_state: the kernel skips a program that a softirq finds running on its CPU,
 * but what interrupted one of the two did not interrupt the other. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(witness_state, const struct sock *sk, int from, int to)
{
	const struct tcp_sock *tp;

	if (witness_finds(sk, from, to))
		return 0;
	tp = filter_admits(sk, from, to);
	user_goes(sk, to);
	if (!tp)
		return 0;
	if (to == WIRE_SYN_SENT)
		user_connects(sk);
	emit_state(WIRE_BY_WITNESS, tp, from, to);
	return 0;
}

/* ---- who uses a socket ---------------------------------------------------------------------------- */

SEC("tp_btf/tcp_rcv_space_adjust")
int BPF_PROG(socket_is_read, const struct sock *sk)
{
	owner_reads(sk);
	return 0;
}

/* What accept() ends in, whoever calls it. By tracepoints, the first read is all there is. */
SEC("fentry/security_sock_graft")
int BPF_PROG(socket_is_accepted, const struct sock *sk, const struct socket *socket)
{
	owner_accepts(sk, socket);
	return 0;
}

/* ---- trouble -------------------------------------------------------------------------------------- */

/* From 6.10 on with a reason, and for those that no full socket sends as well. Either of the two is loaded. */
SEC("tp_btf/tcp_send_reset")
int BPF_PROG(reset_is_sent, const struct sock *sk, const struct sk_buff *skb)
{
	reset_goes(is_given(&ctx[0]) && sk ? sk : NULL, is_given(&ctx[1]) && skb ? skb : NULL,
		   WIRE_RESET_NONE);
	return 0;
}

SEC("tp_btf/tcp_send_reset")
int BPF_PROG(reset_is_sent_why, const struct sock *sk, const struct sk_buff *skb, __u32 reason)
{
	reset_goes(is_given(&ctx[0]) && sk ? sk : NULL, is_given(&ctx[1]) && skb ? skb : NULL,
		   reason_of(reason));
	return 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(skb_is_resent, const struct sock *sk, const struct sk_buff *skb)
{
	segment_is_resent(sk, skb);
	return 0;
}

/* A SYN comes, and is dropped where there is no room. By tracepoints, the SYN,ACK that is sent again is all there
 * is: synack_is_resent. */
SEC("fentry/tcp_conn_request")
int BPF_PROG(syn_comes, const void *request_ops, const void *af_ops, const struct sock *sk)
{
	listener_may_be_full(sk);
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

/* ---- minisocks, by tracepoints ---------------------------------------------------------------------
 *
 * Every timer of the machine comes by: those that are not ours are to leave at once. */

SEC("tp_btf/timer_start")
int BPF_PROG(timer_starts, const struct timer_list *timer)
{
	struct wire_mini mini;
	__u64 serial = read_owner(&mini, timer);

	if (!serial)
		return 0;
	know_mini(&mini, serial);
	if (has_stopped(&mini, serial))
		mini_goes_on(&mini);
	else
		emit_mini(&mini, WIRE_MINI_BORN);
	return 0;
}

SEC("tp_btf/timer_cancel")
int BPF_PROG(timer_stops, const struct timer_list *timer)
{
	struct wire_mini mini;
	__u64 serial = read_owner(&mini, timer);

	if (!serial)
		return 0;
	forget_mini(&mini);
	mini_stops(&mini, serial);
	return 0;
}

SEC("tp_btf/timer_expire_entry")
int BPF_PROG(timer_expires, const struct timer_list *timer)
{
	struct wire_mini mini;
	__u64 serial = read_owner(&mini, timer);

	if (serial)
		mini_expires(&mini, serial);
	return 0;
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(skb_ends, const struct sk_buff *skb, void *location)
{
	if (is_in_rcv((__u64)location))
		segment_ends(skb);
	return 0;
}

/* For who cannot look the handlers up: any timewait and request socket tell them. */
SEC("iter/tcp")
int learn_handlers(struct bpf_iter__tcp *ctx)
{
	struct sock_common *common = ctx->sk_common;
	const struct tcp_timewait_sock *timewait;
	const struct tcp_request_sock *request;

	if (!common)
		return 0;
	timewait = bpf_skc_to_tcp_timewait_sock(common);
	if (timewait)
		functions.tw_timer_handler = (__u64)timewait->tw_sk.tw_timer.function;
	request = bpf_skc_to_tcp_request_sock(common);
	if (request)
		functions.reqsk_timer_handler = (__u64)request->req.req.rsk_timer.function;
	return 0;
}

/* In either set. */
SEC("tp_btf/tcp_retransmit_synack")
int BPF_PROG(synack_is_resent, const struct sock *sk, const struct request_sock *request)
{
	struct wire_mini mini;

	if (read_request(&mini, request))
		emit_mini(&mini, WIRE_MINI_RESENT);
	listener_may_be_full(sk); /* the ACK of the client is dropped */
	return 0;
}

/* ---- minisocks, by fentry ------------------------------------------------------------------------- */

SEC("fexit/inet_twsk_alloc")
int BPF_PROG(timewait_is_made, const struct sock *sk, void *row, int state, const void *tw)
{
	if (!tw)
		timewait_is_refused(sk, state);
	return 0;
}

SEC("fentry/inet_twsk_hashdance_schedule")
int BPF_PROG(timewait_is_hashed, const struct inet_timewait_sock *tw, const struct sock *sk,
	     void *tables, int timeo)
{
	timewait_is_born(tw, timeo);
	return 0;
}

/* Where there is no such function (before 6.12). Of a bool the upper bits are anything (5.10). */
SEC("fentry/__inet_twsk_schedule")
int BPF_PROG(timewait_is_scheduled, const struct inet_timewait_sock *tw, int timeo, int rearm)
{
	if (!(rearm & 0xff))
		timewait_is_born(tw, timeo);
	return 0;
}

SEC("fexit/tcp_timewait_state_process")
int BPF_PROG(timewait_takes, const struct inet_timewait_sock *tw, const struct sk_buff *skb,
	     const struct tcphdr *th)
{
	struct wire_mini mini;
	__u64 serial = read_timewait(&mini, tw);

	if (serial)
		mini_takes(&mini, serial, ((const __u8 *)th)[TCP_FLAGS_AT]);
	return 0;
}

SEC("fentry/tw_timer_handler")
int BPF_PROG(timewait_expires, const struct timer_list *timer)
{
	struct wire_mini mini;
	__u64 serial = read_timewait(&mini, timewait_of(timer));

	if (serial)
		mini_expires(&mini, serial);
	return 0;
}

/* Every end comes by here, also one whose time is over. */
SEC("fentry/inet_twsk_kill")
int BPF_PROG(timewait_ends, const struct inet_timewait_sock *tw)
{
	struct wire_mini mini;
	__u64 serial = read_timewait(&mini, tw);

	if (serial && !has_stopped(&mini, serial))
		mini_stops(&mini, serial);
	return 0;
}

SEC("fexit/inet_csk_reqsk_queue_hash_add")
int BPF_PROG(request_is_hashed, const struct sock *sk, const struct request_sock *request)
{
	request_is_born(request);
	return 0;
}

SEC("fexit/tcp_check_req")
int BPF_PROG(request_takes, const struct sock *sk, const struct sk_buff *skb,
	     const struct request_sock *request)
{
	request_is_told(request, skb);
	return 0;
}

SEC("fentry/reqsk_timer_handler")
int BPF_PROG(request_expires, const struct timer_list *timer)
{
	struct wire_mini mini;
	__u64 serial = read_request(&mini, request_of(timer));

	if (serial)
		mini_expires(&mini, serial);
	return 0;
}

SEC("fexit/reqsk_timer_handler")
int BPF_PROG(request_goes_on, const struct timer_list *timer)
{
	if (timer->entry.pprev)
		request_is_armed(request_of(timer));
	return 0;
}

/* The three ways to a request's end: each is called by the others, or has them inlined. */
SEC("fentry/inet_csk_reqsk_queue_drop")
int BPF_PROG(request_is_dropped, const struct sock *sk, const struct request_sock *request)
{
	request_ends(request);
	return 0;
}

SEC("fentry/inet_csk_reqsk_queue_drop_and_put")
int BPF_PROG(request_is_put, const struct sock *sk, const struct request_sock *request)
{
	request_ends(request);
	return 0;
}

SEC("fentry/inet_csk_complete_hashdance")
int BPF_PROG(request_is_completed, const struct sock *sk, const struct sock *child,
	     const struct request_sock *request, int own_req)
{
	if (own_req & 0xff)
		request_ends(request);
	return 0;
}

/* ---- ports that are in use ------------------------------------------------------------------------ */

/* Before 6.1 it returns 1 for an error. Of a short the upper bits are anything (5.10). */
SEC("fexit/inet_csk_get_port")
int BPF_PROG(port_is_refused, const struct sock *sk, int port, int err)
{
	if (err)
		bind_fails(sk, (__u16)port);
	return 0;
}

/* For --explain-bind where there is no fexit. All system calls of the machine come by. */
SEC("tp_btf/sys_exit")
int BPF_PROG(syscall_ends, const struct pt_regs *regs, long result)
{
	if (result == -EADDRINUSE)
		call_fails(regs);
	return 0;
}

/* ---- what there is -------------------------------------------------------------------------------- */

/* Run by the user side: once when all the others are attached, and files again whenever a port is in use. */
SEC("iter/tcp")
int snapshot_sockets(struct bpf_iter__tcp *ctx)
{
	struct sock_common *skc = ctx->sk_common;

	if (skc)
		snapshot_socket(skc);
	snapshot_pause(ctx->meta->seq);
	return 0;
}

SEC("iter/task_file")
int snapshot_files(struct bpf_iter__task_file *ctx)
{
	const struct task_struct *task = ctx->task;
	const struct file *file = ctx->file;

	if (task && file)
		snapshot_file(task, file, ctx->fd);
	snapshot_pause(ctx->meta->seq);
	return 0;
}
