/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * owner: which process uses a socket. A child of a listener has none until it is accepted, and any socket may be
 * inherited or passed on: so each new reader is told of, once.
 */
#ifndef OWNER_BPF_H
#define OWNER_BPF_H

struct user {
	__u32 pid; /* thread group */
	__u32 reads; /* told, WIRE_OWNER_READS at most */
};

/* Cookie of a socket -> who uses it as was told last. Inserted by who accepts, by who reads first without having
 * connected, and by the snapshot, so that a transition costs nothing; no cookie is given twice. Full (5 MB): the least recently used goes, and
 * its next reader is told once more.
 * Before 5.12, where there is none to be had, it is the address, and deleted at CLOSE, whether that is admitted or not. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct user);
} users SEC(".maps");

/* By the last bits of its cookie, who connected a socket: the other bits, above the thread group. Written by who
 * connects, read by who reads what is not among the users above; of two with the same bits the later one stays, and
 * whoever reads from the other is told. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} connectors SEC(".maps");

/* ---- knowing them --------------------------------------------------------------------------------- */

static __always_inline __u64 user_key(const struct sock *sk)
{
	return config.cookies ? read_cookie(sk, WIRE_NO_STATE, WIRE_NO_STATE) : (__u64)sk;
}

static __always_inline void user_comes(__u64 key, __u32 pid, __u32 reads)
{
	struct user user = {pid, reads};

	bpf_map_update_elem(&users, &key, &user, BPF_ANY);
}

static __always_inline __u64 connector_of(__u64 cookie, __u32 pid)
{
	return cookie / WIRE_CONNECTORS << 32 | pid;
}

static __always_inline __u64 *connector_at(__u64 cookie)
{
	__u32 slot = cookie % WIRE_CONNECTORS;

	return bpf_map_lookup_elem(&connectors, &slot);
}

static __always_inline void user_connects(const struct sock *sk)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	__u64 key = user_key(sk), *connector;

	if (!config.owners)
		return;
	if (!config.cookies) {
		user_comes(key, pid, 0);
		return;
	}
	connector = connector_at(key);
	if (connector)
		*connector = connector_of(key, pid);
}

static __always_inline bool user_has_connected(__u64 key, __u32 pid)
{
	__u64 *connector = config.cookies ? connector_at(key) : NULL;

	return connector && *connector == connector_of(key, pid);
}

static __always_inline void user_goes(const struct sock *sk, int to)
{
	__u64 key = (__u64)sk;

	if (config.owners && !config.cookies && to == WIRE_CLOSE)
		bpf_map_delete_elem(&users, &key);
}

/* By the snapshot, of whose sockets nothing is read but by probing. */
static __always_inline void user_is_found(const struct sock *sk, __u32 pid)
{
	__u64 key = config.cookies ? BPF_CORE_READ(sk, __sk_common.skc_cookie.counter) : (__u64)sk;
	struct user user = {.pid = pid};

	if (config.owners && key)
		bpf_map_update_elem(&users, &key, &user, BPF_NOEXIST);
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
	struct actor actor;

	if (!filter_connected(sk))
		return;
	read_actor(&actor, false);
	user_comes(user_key(sk), actor.pid, 0);
	emit_owner(sk, WIRE_OWNER_ACCEPT, &actor, socket->file ? 0 : WIRE_KERNEL);
}

/* For each read() of the machine: what has nothing new to say is to leave at once. Data that a softirq takes off
 * a socket (tcp_read_sock()) are read by nobody; those that a kernel thread takes, by this one or that. */
static __always_inline void owner_reads(const struct sock *sk)
{
	__u32 reads = 0, pid;
	struct actor actor;
	struct user *user;
	__u64 key;

	if (!filter_connected_ports(sk))
		return;
	key = user_key(sk);
	user = bpf_map_lookup_elem(&users, &key);
	pid = bpf_get_current_pid_tgid() >> 32;
	if (user)
		reads = user->reads;
	if (reads == WIRE_OWNER_READS || (user ? user->pid == pid : user_has_connected(key, pid)))
		return;
	if (!sk->sk_lock.owned || !filter_connected(sk))
		return;
	read_actor(&actor, false);
	if (actor.flags & WIRE_KTHREAD)
		return;
	user_comes(key, actor.pid, reads + 1);
	emit_owner(sk, WIRE_OWNER_READ, &actor, read_file_flags(sk));
}

#endif
