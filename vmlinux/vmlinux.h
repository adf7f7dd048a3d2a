/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel types that the BPF programs read, and of these only the members that they read.
 *
 * CO-RE relocates every access to the running kernel's layout, so order and offsets here mean nothing,
 * and one file serves every architecture. `make check` holds each member against the BTF of the
 * running kernel (tests/unit/test_vmlinux.c). STRUCT___KIND is STRUCT as some kernels have it: which, a program
 * asks before it reads (bpf_core_field_exists()).
 */
#ifndef VMLINUX_H
#define VMLINUX_H

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* Unnamed structs behind a typedef: CO-RE matches them by the typedef's name. */
typedef struct {
	int counter;
} atomic_t;

typedef struct {
	__s64 counter;
} atomic64_t;

typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

struct in6_addr {
	union {
		__u8 u6_addr8[16];
		__be32 u6_addr32[4];
	} in6_u;
};

struct ns_common {
	unsigned int inum;
};

struct local_ports {
};

struct local_ports___two {
	int range[2];
};

struct local_ports___packed {
	__u32 range; /* the last one in the upper half */
};

struct inet_timewait_death_row {
	int sysctl_max_tw_buckets;
};

struct netns_ipv4 {
	struct local_ports ip_local_ports;
	struct inet_timewait_death_row tcp_death_row;
	int sysctl_tcp_fin_timeout; /* jiffies */
	__u8 sysctl_tcp_syn_retries;
	__u8 sysctl_tcp_retries2;
	__u8 sysctl_tcp_orphan_retries;
	__u8 sysctl_tcp_tw_reuse;
};

struct netns_ipv4___apart {
	struct inet_timewait_death_row *tcp_death_row;
};

struct netns_ipv4___linear {
	__u8 sysctl_tcp_syn_linear_timeouts;
};

struct net {
	struct ns_common ns;
	struct netns_ipv4 ipv4;
};

struct net___apart {
	struct netns_ipv4___apart ipv4;
};

struct net___linear {
	struct netns_ipv4___linear ipv4;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	unsigned char skc_reuse : 4;
	unsigned char skc_reuseport : 1;
	unsigned char skc_ipv6only : 1;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
	unsigned long skc_flags;
	refcount_t skc_refcnt;
	unsigned short skc_num; /* the local port, in host order */
	__u32 skc_tw_snd_nxt; /* of a timewait socket */
};

typedef struct {
	int owned; /* by a process in a call; its softirqs wait in the backlog */
} socket_lock_t;

typedef struct {
	__u32 val;
} kuid_t;

struct sock {
	struct sock_common __sk_common;
	socket_lock_t sk_lock;
	struct socket *sk_socket; /* NULL: not accepted yet, or an orphan */
	kuid_t sk_uid;
	unsigned long sk_lingertime; /* jiffies */
	__u32 sk_ack_backlog; /* of a listener: how many wait for accept() */
	__u32 sk_max_ack_backlog;
	__u16 sk_type;
	__u16 sk_protocol;
	__u8 sk_shutdown;
	int sk_err;
};

struct inet_sock {
	struct sock sk;
	__be16 inet_sport;
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
	__u32 icsk_rto; /* jiffies */
	__u32 icsk_user_timeout; /* ms */
	__u8 icsk_syn_retries;
	__u8 icsk_retransmits;
	__u8 icsk_probes_out;
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u32 snd_una;
	__u32 rcv_nxt;
	__u32 copied_seq;
	__u32 snd_nxt;
	__u32 snd_wnd;
	__u32 write_seq;
	__u32 srtt_us; /* eight times of it */
	__u32 segs_in;
	__u32 segs_out;
	__u32 total_retrans;
	__u64 bytes_received;
	__u64 bytes_sent;
	__u64 bytes_retrans;
	int linger2; /* jiffies; negative: no orphan is kept in FIN_WAIT2 */
};

struct hlist_node {
	struct hlist_node **pprev;
};

struct timer_list {
	struct hlist_node entry; /* pprev is NULL while it does not run */
	unsigned long expires; /* jiffies */
	void (*function)(struct timer_list *);
};

struct inet_timewait_sock {
	struct sock_common __tw_common;
	unsigned char tw_substate;
	struct timer_list tw_timer;
};

struct tcp_timewait_sock {
	struct inet_timewait_sock tw_sk;
};

struct request_sock {
	struct sock_common __req_common;
	__u8 num_retrans;
	struct timer_list rsk_timer;
};

struct inet_request_sock {
	struct request_sock req;
};

struct tcp_request_sock {
	struct inet_request_sock req;
	__u32 snt_isn;
	__u32 rcv_isn;
};

struct net_device {
	possible_net_t nd_net;
};

struct sk_buff {
	struct net_device *dev;
	unsigned char *head;
	__u16 network_header; /* offsets from head */
	__u16 transport_header;
	char cb[48];
};

/* In cb, of a segment that TCP sends: the flags of its header. A byte before 6.15. */
struct tcp_skb_cb___wide {
	__u16 tcp_flags;
};

/* From 6.10 on. */
enum sk_rst_reason {
	SK_RST_REASON_NOT_SPECIFIED,
	SK_RST_REASON_NO_SOCKET,
	SK_RST_REASON_TCP_INVALID_ACK_SEQUENCE,
	SK_RST_REASON_TCP_RFC7323_PAWS,
	SK_RST_REASON_TCP_TOO_OLD_ACK,
	SK_RST_REASON_TCP_ACK_UNSENT_DATA,
	SK_RST_REASON_TCP_FLAGS,
	SK_RST_REASON_TCP_OLD_ACK,
	SK_RST_REASON_TCP_ABORT_ON_DATA,
	SK_RST_REASON_TCP_TIMEWAIT_SOCKET,
	SK_RST_REASON_INVALID_SYN,
	SK_RST_REASON_TCP_ABORT_ON_CLOSE,
	SK_RST_REASON_TCP_ABORT_ON_LINGER,
	SK_RST_REASON_TCP_ABORT_ON_MEMORY,
	SK_RST_REASON_TCP_STATE,
	SK_RST_REASON_TCP_KEEPALIVE_TIMEOUT,
	SK_RST_REASON_TCP_DISCONNECT_WITH_DATA,
};

struct tcphdr;

struct super_block {
	unsigned long s_magic;
};

struct inode {
	struct super_block *i_sb;
};

struct file {
	struct inode *f_inode;
	void *private_data;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

/* Its references: since 6.13 in a way of their own (file_ref_get(), 90ee6ed776c0). */
struct file___count {
	atomic64_t f_count;
};

typedef struct {
	atomic64_t refcnt;
} file_ref_t;

struct file___ref {
	file_ref_t f_ref;
};

struct socket {
	struct file *file;
	struct sock *sk;
};

struct signal_struct {
	atomic_t live;
	int group_exit_code;
};

struct kernfs_node {
	__u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct css_set {
	struct cgroup *dfl_cgrp; /* of the unified hierarchy */
};

struct thread_info {
	unsigned long flags;
};

struct thread_info___x86 {
	__u32 status;
};

/* What a task came into the kernel with. */
struct pt_regs___x86 {
	unsigned long bx;
	unsigned long di, si; /* the first two arguments, and bx that of a 32-bit program */
	unsigned long orig_ax;
	__u16 cs; /* or more */
};

struct pt_regs___arm64 {
	__u64 regs[31];
	__u64 orig_x0; /* the first argument, as regs[0] was */
	__u64 pstate;
	__s32 syscallno;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	void *stack;
	struct css_set *cgroups;
	int tgid;
	int pid;
	struct task_struct *group_leader;
	struct signal_struct *signal;
	struct files_struct *files;
	char comm[16];
};

/* What a step of an iterator is given. */
struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

#pragma clang attribute pop

#endif
