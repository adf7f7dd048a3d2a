/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bind: a bind() or listen() that found its address in use. No tracepoint of the network tells of it.
 *
 * By fexit, inet_csk_get_port() itself tells, for both calls. Without, only the end of the system call is left,
 * and with it the end of all system calls of the machine: the user side loads that for --explain-bind alone.
 * What it sees then is the call's arguments, and the socket as it is again after the failure.
 */
#ifndef BIND_BPF_H
#define BIND_BPF_H

#define EADDRINUSE 98 /* include/uapi/asm-generic/errno.h */

static __always_inline bool filter_admits_bind(const struct wire_bind *bind)
{
	if (config.netns && bind->netns != config.netns)
		return false;
	return config.all_ports || port_is_wanted(bind->local_port);
}

/* ACTOR: who called. Hands BIND over. */
static __always_inline void emit_bind(struct wire_bind *bind, const struct actor *actor)
{
	struct wire_bind *record;
	struct wire_hdr hdr;

	bind->err = EADDRINUSE;
	bind->cgroup = actor->cgroup;
	bind->pid = actor->pid;
	bind->flags |= actor->flags;
	__builtin_memcpy(bind->comm, actor->comm, sizeof(bind->comm));
	record = emit_reserve(WIRE_BY_BIND, WIRE_BIND, sizeof(*record));
	if (!record)
		return;
	hdr = record->hdr;
	*record = *bind;
	record->hdr = hdr;
	emit_submit(record);
}

/* ---- by fexit ------------------------------------------------------------------------------------- */

/* The socket has its address still, but not the port. A socket that listen() was called on is in LISTEN. */
static __always_inline void bind_fails(const struct sock *sk, __u16 port)
{
	struct wire_bind bind = {
		.sk = (__u64)sk,
		.local_port = port,
		.netns = read_netns(sk),
		.uid = sk->sk_uid.val,
		.flags = read_port_options(&sk->__sk_common),
		.family = sk->__sk_common.skc_family,
		.call = sk->__sk_common.skc_state == WIRE_LISTEN ? WIRE_CALL_LISTEN
								 : WIRE_CALL_BIND,
	};
	struct actor actor;

	if (sk->sk_protocol != PROTO_TCP)
		return;
	read_local_addr(bind.local_addr, sk);
	if (!filter_admits_bind(&bind))
		return;
	read_actor(&actor, false);
	emit_bind(&bind, &actor);
}

/* ---- by the end of the system call ---------------------------------------------------------------- */

struct arguments {
	__u64 fd;
	__u64 address; /* of bind() */
};

static __always_inline struct arguments read_arguments(const struct pt_regs *regs)
{
	const struct pt_regs___x86 *x86 = (const void *)regs;
	const struct pt_regs___arm64 *arm64 = (const void *)regs;

	if (is_x86())
		return (struct arguments){x86->di, x86->si};
	return (struct arguments){arm64->orig_x0, arm64->regs[1]};
}

static __always_inline const struct sock *sock_at(__u64 fd)
{
	const struct task_struct *task = (void *)bpf_get_current_task();
	const struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd), *file = NULL;
	const struct socket *socket;

	if (fd >= BPF_CORE_READ(table, max_fds) ||
	    bpf_probe_read_kernel(&file, sizeof(file), &files[fd]) || !file ||
	    BPF_CORE_READ(file, f_inode, i_sb, s_magic) != SOCKFS_MAGIC)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

/* What bind() was given: struct sockaddr_in or sockaddr_in6 (RFC 3493, 3.3). */
static __always_inline bool read_sockaddr(struct wire_bind *bind, const void *user)
{
	struct {
		__u16 family;
		__be16 port;
		__be32 v4; /* IPv6: the flow label */
	} name;
	struct in6_addr v6;

	if (bpf_probe_read_user(&name, sizeof(name), user))
		return false;
	bind->local_port = bpf_ntohs(name.port);
	if (name.family == AF_INET) {
		read_v4(bind->local_addr, name.v4);
		return true;
	}
	if (bpf_probe_read_user(&v6, sizeof(v6), user + sizeof(name)))
		return false;
	read_v6(bind->local_addr, &v6);
	return true;
}

/* A 32-bit program has its arguments elsewhere, and is not seen. */
static __always_inline bool is_bind(const struct actor *actor)
{
	return (actor->call == WIRE_CALL_BIND || actor->call == WIRE_CALL_LISTEN) &&
	       !(actor->flags & WIRE_COMPAT);
}

static __always_inline void call_fails(const struct pt_regs *regs)
{
	struct arguments arguments;
	const struct sock_common *common;
	struct wire_bind bind = {0};
	struct common_copy copy;
	struct wire_mini ends;
	const struct sock *sk;
	struct actor actor;

	read_actor(&actor, true);
	if (!is_bind(&actor))
		return;
	arguments = read_arguments(regs);
	sk = sock_at(arguments.fd);
	if (!sk || !is_tcp(sk))
		return;
	common = copy_common(&copy, &sk->__sk_common);
	read_mini(&ends, common);
	bind.sk = (__u64)sk;
	bind.local_port = ends.local_port;
	bind.netns = ends.netns;
	bind.uid = BPF_CORE_READ(sk, sk_uid.val);
	bind.flags = read_port_options(common);
	bind.family = ends.family;
	bind.call = actor.call;
	__builtin_memcpy(bind.local_addr, ends.local_addr, sizeof(bind.local_addr));
	if (actor.call == WIRE_CALL_BIND && !read_sockaddr(&bind, (const void *)arguments.address))
		return;
	if (filter_admits_bind(&bind))
		emit_bind(&bind, &actor);
}

#endif
