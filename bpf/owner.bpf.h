/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * owner: which process uses a socket. A child of a listener has none until it is accepted, and any socket may be
 * inherited or passed on: so each new reader is told of, once.
 */
#ifndef OWNER_BPF_H
#define OWNER_BPF_H

struct user {
	__u32 pid; /* thread group; 0: nobody yet, or not known */
	__u32 reads; /* told, WIRE_OWNER_READS at most */
};

/* Address of a socket -> who is known to use it. Inserted when a socket connects, or is born of a listener, and by
 * the snapshot; deleted at its CLOSE, whether that is admitted or not. Full (5 MB): of those that find no room it is
 * not told who uses them. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct user);
} users SEC(".maps");

/* ---- knowing them --------------------------------------------------------------------------------- */

static __always_inline struct user *user_of(const struct sock *sk)
{
	__u64 address = (__u64)sk;

	return bpf_map_lookup_elem(&users, &address);
}

static __always_inline void users_know(const struct sock *sk, __u32 pid, __u64 how)
{
	__u64 address = (__u64)sk;
	struct user user = {.pid = pid};

	bpf_map_update_elem(&users, &address, &user, how);
}

static __always_inline void users_come(const struct sock *sk, int from, int to)
{
	if (!config.owners)
		return;
	if (to == WIRE_SYN_SENT)
		users_know(sk, bpf_get_current_pid_tgid() >> 32, BPF_ANY);
	else if (from == WIRE_LISTEN && to == WIRE_SYN_RECV)
		users_know(sk, 0, BPF_ANY);
}

static __always_inline void users_go(const struct sock *sk, int to)
{
	__u64 address = (__u64)sk;

	if (config.owners && to == WIRE_CLOSE)
		bpf_map_delete_elem(&users, &address);
}

/* ---- by the snapshot ---- */

static __always_inline void users_are_found(const struct sock *sk, int state)
{
	if (config.owners && state != WIRE_LISTEN)
		users_know(sk, 0, BPF_NOEXIST);
}

static __always_inline void user_is_found(const struct sock *sk, __u32 pid)
{
	struct user *user;

	if (!config.owners)
		return;
	user = user_of(sk);
	if (user && !user->pid)
		user->pid = pid;
}

/* ---- telling of them ------------------------------------------------------------------------------ */

static __always_inline void emit_owner(const struct sock *sk, enum wire_owner_how how,
				       const struct actor *actor, __u16 flags)
{
	struct wire_owner *record = emit_reserve(WIRE_BY_OWNER, WIRE_OWNER, sizeof(*record));

	if (!record)
		return;
	record->sk = (__u64)sk;
	record->cookie = read_cookie(sk, WIRE_NO_STATE, WIRE_NO_STATE);
	record->cgroup = actor->cgroup;
	record->pid = actor->pid;
	record->uid = sk->sk_uid.val;
	record->flags = actor->flags | flags;
	record->how = how;
	__builtin_memset(record->pad, 0, sizeof(record->pad));
	__builtin_memcpy(record->comm, actor->comm, sizeof(record->comm));
	emit_submit(record);
}

static __always_inline void owner_accepts(const struct sock *sk, const struct socket *socket)
{
	struct user *user = user_of(sk);
	struct actor actor;

	if (!user || !filter_connected_netns(sk))
		return;
	read_actor(&actor, false);
	user->pid = actor.pid;
	emit_owner(sk, WIRE_OWNER_ACCEPT, &actor, socket->file ? 0 : WIRE_KERNEL);
}

/* For each read() of the machine: what has nothing new to say is to leave at once. Data that a softirq takes off
 * a socket (tcp_read_sock()) are read by nobody; those that a kernel thread takes, by this one or that. */
static __always_inline void owner_reads(const struct sock *sk)
{
	struct actor actor;
	struct user *user;

	if (!filter_connected_ports(sk))
		return;
	user = user_of(sk);
	if (!user || user->pid == bpf_get_current_pid_tgid() >> 32 ||
	    user->reads == WIRE_OWNER_READS || !sk->sk_lock.owned || !filter_connected_netns(sk))
		return;
	read_actor(&actor, false);
	if (actor.flags & WIRE_KTHREAD)
		return;
	user->pid = actor.pid;
	user->reads++;
	emit_owner(sk, WIRE_OWNER_READ, &actor, read_file_flags(sk));
}

#endif
