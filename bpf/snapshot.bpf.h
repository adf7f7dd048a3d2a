/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * snapshot: the sockets that are there when the trace begins, and who has them open.
 *
 * The kernel's iterators call a program for each socket of a network namespace (iter/tcp: what /proc/net/tcp
 * and tcp6 list, minisocks included) and for each open file (iter/task_file). The tracepoints are attached
 * before, and all records carry their times, so the user side can put them in order. What it may rely on:
 *
 * From 5.15 on a full socket is locked while its program runs (bpf: tcp: Bpf iter batching and lock_sock,
 * 04c7820b776f), as it is while an edge is made, and one that was closed in the meantime is left out. So
 * every edge with an earlier time led to the state found, every edge with a later time starts from it.
 *
 * Before 5.15 only its hash bucket is locked. The program reads the state before it takes the time, so
 *   - an edge into the state found has an earlier time;
 *   - the edge to CLOSE has a later one: a socket leaves its bucket before (tcp_set_state());
 *   - any other edge out of it may have a time that is earlier by as long as the kernel takes from the
 *     tracepoint to the store behind it. So a socket that an edge has told of is not found anew.
 * There is no cookie to be had either (bpf_get_socket_cookie() in tracing programs: 5.12): one that nobody
 * asked for so far reads 0, and a socket is known by its address, from when it was found to its CLOSE.
 * Whatever comes to that address afterwards begins with an edge of its own.
 *
 * Minisocks have no lock on any kernel: one may be found up to a moment after it was seen to end, so one
 * that ended within that moment is not found anew either.
 *
 * A socket that was not hashed yet when its bucket had its turn (before the end of connect(), in SYN_SENT)
 * is in no snapshot: its next edge is the first that is known of it.
 */
#ifndef SNAPSHOT_BPF_H
#define SNAPSHOT_BPF_H

#define SOCKFS_MAGIC 0x534F434B /* include/uapi/linux/magic.h */
#define SOCK_STREAM  1

/* Set by the user side while it looks at one port: who has it, sockets that are only bound included. */
#define LOOK_AT_ALL 65536 /* ports that are admitted */
volatile __u32 look_port; /* 0: the snapshot at the start */

/* ---- full sockets ---- */

/* Those of all namespaces pass, whichever is wanted: with one that is wanted comes its peer. */
static __always_inline void snapshot_full(struct sock_common *skc, int state)
{
	const struct tcp_sock *tp = bpf_skc_to_tcp_sock(skc);
	struct wire_state *record;
	const struct sock *sk;

	if (!tp)
		return;
	sk = sock_of(tp);
	if (!filter_family(sk) || !filter_ports(sk, tp, state))
		return;
	if (config.netns) /* from now on the edges of the peer pass as well */
		handshake_meet((__u64)sk, tp, read_netns(sk) == config.netns);
	limits_of(WIRE_BY_SNAPSHOT, tp);
	record = emit_reserve(WIRE_BY_SNAPSHOT, WIRE_FOUND, sizeof(*record));
	if (!record)
		return;
	read_state(record, tp, WIRE_NO_STATE, state);
	emit_submit(record);
}

/* ---- minisocks ---- */

/* Those whose timers the tracepoints watch are known from now on by the segments that they take. */
static __always_inline void snapshot_mini(const struct sock_common *skc, int state)
{
	struct wire_mini mini;
	__u64 serial = state == WIRE_TIME_WAIT
			       ? read_timewait(&mini, (const struct inet_timewait_sock *)skc)
			       : read_request(&mini, (const struct request_sock *)skc);

	if (!serial)
		return;
	know_mini(&mini, serial);
	emit_mini(&mini, WIRE_MINI_FOUND);
}

/* The state is read here, before the time. */
static __always_inline void snapshot_socket(struct sock_common *skc)
{
	int state = skc->skc_state;

	if (state == WIRE_TIME_WAIT || state == WIRE_NEW_SYN_RECV)
		snapshot_mini(skc, state);
	else
		snapshot_full(skc, state);
}

/* ---- who has them open ---- */

static __always_inline bool is_tcp(const struct sock *sk)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	return (family == AF_INET || family == AF_INET6) &&
	       BPF_CORE_READ(sk, sk_protocol) == PROTO_TCP &&
	       BPF_CORE_READ(sk, sk_type) == SOCK_STREAM;
}

/* In CLOSE, with a port all the same. No table of sockets has it, only whoever holds it. */
static __always_inline void snapshot_bound(const struct sock *sk, const struct sock_common *common,
					   const struct wire_mini *ends)
{
	struct wire_state *record = emit_reserve(WIRE_BY_SNAPSHOT, WIRE_FOUND, sizeof(*record));
	struct wire_hdr hdr;

	if (!record)
		return;
	hdr = record->hdr;
	*record = (struct wire_state){
		.hdr = hdr,
		.sk = (__u64)sk,
		.local_port = ends->local_port,
		.netns = ends->netns,
		.uid = BPF_CORE_READ(sk, sk_uid.val),
		.flags = read_port_options(common),
		.to = WIRE_CLOSE,
		.family = ends->family,
	};
	__builtin_memcpy(record->local_addr, ends->local_addr, sizeof(record->local_addr));
	emit_submit(record);
}

/* A socket that was never connected, or is no longer, has nobody to be told of, but that it may have a port. */
static __always_inline bool is_looked_for(const struct wire_mini *ends, __u8 state)
{
	__u32 port = look_port;

	if (!port)
		return state != WIRE_CLOSE;
	return ends->local_port && (port == LOOK_AT_ALL || port == ends->local_port);
}

/* bpf_sock_from_file() would do from 5.11 on, this does everywhere. NULL: no socket. */
static __always_inline const struct sock *sock_of_file(const struct file *file)
{
	if (file->f_inode->i_sb->s_magic != SOCKFS_MAGIC)
		return NULL;
	return BPF_CORE_READ((const struct socket *)file->private_data, sk);
}

static __always_inline __u64 read_cgroup(const struct task_struct *task)
{
	if (!bpf_core_field_exists(struct task_struct, cgroups))
		return 0;
	return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
}

static __always_inline void snapshot_file(const struct task_struct *task, const struct file *file,
					  __u32 fd)
{
	const struct sock *sk = sock_of_file(file);
	const struct sock_common *common;
	struct wire_holder *record;
	struct common_copy copy;
	struct wire_mini ends;
	__u8 state;

	if (!sk || !is_tcp(sk))
		return;
	common = copy_common(&copy, &sk->__sk_common);
	state = common->skc_state;
	read_mini(&ends, common);
	if (!is_looked_for(&ends, state) || !filter_admits_mini(&ends))
		return;
	if (state == WIRE_CLOSE)
		snapshot_bound(sk, common, &ends);
	else
		user_is_found(sk, task->tgid);
	record = emit_reserve(WIRE_BY_SNAPSHOT, WIRE_HOLDER, sizeof(*record));
	if (!record)
		return;
	record->sk = (__u64)sk;
	record->cgroup = read_cgroup(task);
	record->pid = task->tgid;
	record->fd = fd;
	BPF_CORE_READ_INTO(&record->comm, task, group_leader, comm);
	emit_submit(record);
}

/* ---- not too many at once ---- */

/* One byte of output ends the read() that runs the iterator, which goes on with the next one: time for
 * the ring buffer to be read. */
static __always_inline void snapshot_pause(struct seq_file *seq)
{
	__u64 waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	__u8 byte = 0;

	if (waiting > bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE) / 2)
		bpf_seq_write(seq, &byte, sizeof(byte));
}

#endif
