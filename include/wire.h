/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * wire: the contract between the kernel side and the user side, and the body of a recording.
 *
 * Fixed widths, no holes, sizes asserted: the same bytes mean the same on both sides. Numbers are in
 * the byte order of the machine; addresses are 16 bytes in network order, IPv4 as ::ffff:a.b.c.d
 * (RFC 4291, section 2.5.5.2), so that there is one code path; ports are in host order.
 */
#ifndef WIRE_H
#define WIRE_H

#include <linux/types.h>

#include "tcp_states.h"

/* Raised whenever a record changes its meaning or layout; a recording carries it. */
#define WIRE_VERSION 1

#define WIRE_COMM_LEN 16

enum wire_type {
	WIRE_STATE = 1, /* struct wire_state: a socket went from one state to another */
	WIRE_FORK = 2, /* struct wire_process: a traced process made another */
	WIRE_EXIT = 3, /* struct wire_process: a traced process has ended */
	WIRE_MINI = 4, /* struct wire_mini: something became of a minisock */
	WIRE_FOUND = 5, /* struct wire_state: a full socket that was there at the start, in `to` */
	WIRE_HOLDER = 6, /* struct wire_holder: a process that had a socket open at the start */
	/* Those below are made by the user side, so that a recording replays as it was seen. */
	WIRE_TICK = 64, /* struct wire_hdr alone: time passed, up to ktime_ns */
	WIRE_ELSEWHERE =
		66, /* struct wire_hdr alone: a record that was nobody's business, for its number */
	WIRE_TOTALS = 65, /* struct wire_totals: what the counters said at the end */
	WIRE_HOOKS = 67, /* struct wire_hooks: what this trace can see at all */
};

/* Each program numbers its own records, per CPU: an atomic number shared by several would need a
 * fetch-and-add that 5.10 refuses. */
enum wire_program {
	WIRE_BY_TRACE, /* the program that handles every event */
	WIRE_BY_WITNESS, /* the one behind it, for what the first one missed to recursion */
	WIRE_BY_FORK,
	WIRE_BY_EXIT,
	WIRE_BY_MINI, /* all that watch minisocks: where one interrupts another, see wire_counters */
	WIRE_BY_SNAPSHOT,
	WIRE_PROGRAMS
};

struct wire_hdr {
	__u16 size; /* bytes of the whole record */
	__u8 type; /* enum wire_type */
	__u8 program; /* enum wire_program */
	__u32 cpu;
	__u64 seq; /* attempts of this program on this CPU before this one */
	__u64 ktime_ns; /* CLOCK_MONOTONIC */
};

enum wire_flag {
	WIRE_ORPHAN = 1 << 0, /* SOCK_DEAD: no process holds the socket */
	WIRE_PEER_FIN = 1 << 1, /* SOCK_DONE: the peer's FIN has come */
	WIRE_ACTOR = 1 << 2, /* pid, comm and the flags below are filled in */
	WIRE_EXITING = 1 << 3, /* the actor is on its way out: the kernel closes for it */
	WIRE_SIGNALED = 1 << 4, /* ... killed by signal `signal` */
	WIRE_KTHREAD =
		1 << 5, /* the actor is a kernel thread: a deferred close, or a kernel socket */
};

/*
 * One edge, as the tracepoint sock:inet_sock_set_state saw it: the socket still is in `from`.
 * The actor is whoever ran on the CPU. He made the edge only where a system call makes such edges.
 */
struct wire_state {
	struct wire_hdr hdr;
	__u64 sk; /* address of the struct sock: reused at once, no identity by itself */
	__u64 cookie; /* SO_COOKIE, 0 where it is not known */
	__u8 local_addr[16];
	__u8 remote_addr[16];
	__u16 local_port; /* inet_sport: skc_num is 0 already at the last CLOSE */
	__u16 remote_port;
	__u32 netns; /* inode number */
	__u32 snd_una;
	__u32 rcv_nxt;
	__u32 fin_time_ms; /* to FIN_WAIT2, and on to CLOSE: how long an orphan would wait; 0: not at all */
	__u32 pid; /* thread group */
	__u16 err; /* sk_err: errno */
	__u16 flags; /* enum wire_flag */
	__u8 from; /* enum wire_tcp_state */
	__u8 to;
	__u8 family; /* AF_INET or AF_INET6, as the socket was made */
	__u8 shutdown; /* sk_shutdown: 1 receive, 2 send, 3 both */
	__u8 signal;
	__u8 pad[3];
	char comm[WIRE_COMM_LEN]; /* of the thread group's leader: any bytes, NUL-padded */
};

/*
 * What became of a minisock, in the order of its life. By tracepoints its timer is STOPPED as well right
 * before it is ARMED or has EXPIRED, by fentry at its end alone; and what it takes comes behind what that
 * made of it, and may be all that says which segment it was.
 */
enum wire_mini_what {
	WIRE_MINI_FOUND = 1, /* it was there at the start */
	WIRE_MINI_BORN, /* it is about to take the place of its full socket, or a SYN has come */
	WIRE_MINI_REFUSED, /* a timewait one was wanted, but none made: too many, no memory; by fentry alone */
	WIRE_MINI_SEGMENT, /* it took a segment (a request: SYN or RST); `state` and `left_ms` are as after it */
	WIRE_MINI_RESENT, /* a request: its SYN,ACK was sent again */
	WIRE_MINI_ARMED, /* its timer runs anew; by fentry of a request alone */
	WIRE_MINI_EXPIRED, /* its timer has run out: the end of a timewait one, and of a request not ARMED then */
	WIRE_MINI_STOPPED, /* its timer was stopped: it is about to be armed anew, or dies before its time */
	WIRE_MINI_WHATS
};

/*
 * A minisock: what the kernel keeps in the place of a full socket, and no state tracepoint shows. Before
 * it, a request socket (NEW_SYN_RECV); after it, a timewait socket (FIN_WAIT2 or TIME_WAIT).
 */
struct wire_mini {
	struct wire_hdr hdr;
	__u64 mini; /* its address: reused at once */
	__u64 cookie; /* of the full socket that it was; 0: not known, or a request */
	__u8 local_addr[16];
	__u8 remote_addr[16];
	__u16 local_port;
	__u16 remote_port;
	__u32 netns; /* inode number */
	__u32 left_ms; /* until its timer runs out, 0: now, or not known */
	__u32 snd_una; /* of a request: what its child will have at ESTABLISHED */
	__u32 rcv_nxt;
	__u32 pid; /* STOPPED: the thread group that ran, as in wire_state */
	__u16 flags; /* enum wire_flag, of the actor */
	__u8 what; /* enum wire_mini_what */
	__u8 state; /* enum wire_tcp_state: its substate */
	__u8 family;
	__u8 segment; /* SEGMENT: its flags as in the TCP header (RFC 9293, 3.1): FIN 1, SYN 2, RST 4, ... */
	__u8 resent; /* a request: how often its SYN,ACK was sent again */
	__u8 pad;
	char comm[WIRE_COMM_LEN]; /* of the actor */
};

/* A socket may have many holders. */
struct wire_holder {
	struct wire_hdr hdr;
	__u64 sk;
	__u32 pid; /* thread group */
	__u32 fd;
	char comm[WIRE_COMM_LEN];
};

enum wire_hook {
	WIRE_HOOK_TIMEWAIT = 1 << 0, /* no birth seen: no timewait minisock was made */
	WIRE_HOOK_SEGMENTS = 1 << 1, /* ... what they take is seen */
	WIRE_HOOK_REQUESTS = 1 << 2, /* request sockets are seen */
	WIRE_HOOK_SNAPSHOT = 1 << 3, /* what was there at the start has been told */
};

/* Made by the user side, first of all, and again behind the snapshot: without it nothing may be read from
 * silence. */
struct wire_hooks {
	struct wire_hdr hdr;
	__u32 hooks; /* enum wire_hook */
	__u32 pad;
};

struct wire_process {
	struct wire_hdr hdr;
	__u32 pid; /* who forked, or ended */
	__u32 child; /* FORK: the new process */
};

/* The counters of one CPU, in a memory-mapped array map indexed by CPU. The programs write, the user
 * side reads; written with atomic adds, as on kernels before 6.2 a softirq may run the same program
 * inside itself (bpf: Prevent bpf program recursion for raw tracepoint probes). */
struct wire_counters {
	__u64 attempts[WIRE_PROGRAMS];
	__u64 dropped; /* attempts that found the ring buffer full */
	__u64 mptcp; /* events of MPTCP sockets: not traced */
	__u64 other; /* ... of SCTP, DCCP */
	__u64 pad[7];
};

/* Recording only: what had been attempted and lost when the trace ended. */
struct wire_totals {
	struct wire_hdr hdr;
	__u64 lost;
	__u64 dropped;
};

/* Read-only configuration: set before load, constant for the verifier, which drops what is off. */
struct wire_config {
	__u32 netns; /* inode number, 0: all */
	__u32 hz; /* CONFIG_HZ: jiffies in a second */
	__u8 ipv4; /* admit IPv4, v4-mapped included */
	__u8 ipv6;
	__u8 all_ports;
	__u8 cookies; /* bpf_get_socket_cookie() is to be had in tracing programs (5.12) */
	__u8 actors; /* who runs can be read: directly (5.11) or, not locked down, by probing */
	__u8 pad[3];
};

/* Where functions of the kernel are, for the tracepoints of minisocks. Set before these are attached. */
struct wire_functions {
	__u64 tw_timer_handler; /* 0: not known; no timer calls it */
	__u64 reqsk_timer_handler;
	struct {
		__u64 begin, end;
	} rcv[2]; /* tcp_v4_rcv(), tcp_v6_rcv(); all of memory where they are not known */
};

#define WIRE_PORT_WORDS (65536 / 64)

_Static_assert(sizeof(struct wire_hdr) == 24, "wire_hdr has a hole");
_Static_assert(sizeof(struct wire_state) == 128, "wire_state has a hole");
_Static_assert(sizeof(struct wire_process) == 32, "wire_process has a hole");
_Static_assert(sizeof(struct wire_mini) == 120, "wire_mini has a hole");
_Static_assert(sizeof(struct wire_holder) == 56, "wire_holder has a hole");
_Static_assert(sizeof(struct wire_hooks) == 32, "wire_hooks has a hole");
_Static_assert(sizeof(struct wire_counters) == 128, "wire_counters is two cache lines");
_Static_assert(sizeof(struct wire_totals) == 40, "wire_totals has a hole");

#endif
