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
#define WIRE_VERSION 3

#define WIRE_COMM_LEN 16

enum wire_type {
	WIRE_STATE = 1, /* struct wire_state: a socket went from one state to another */
	WIRE_FORK = 2, /* struct wire_process: a traced process made another */
	WIRE_EXIT = 3, /* struct wire_process: a traced process has ended */
	WIRE_MINI = 4, /* struct wire_mini: something became of a minisock */
	WIRE_FOUND = 5, /* struct wire_state: a full socket that was there at the start, in `to` */
	WIRE_HOLDER = 6, /* struct wire_holder: a process that had a socket open at the start */
	WIRE_COUNTED =
		7, /* struct wire_state, struct wire_counts: as STATE, and what the kernel had counted by then */
	WIRE_OWNER = 8, /* struct wire_owner: a process has come to use a socket */
	WIRE_RESET = 9, /* struct wire_reset: a RST goes out */
	WIRE_RESENT = 10, /* struct wire_resent: a full socket sends its SYN or FIN again */
	WIRE_OVERFLOW = 11, /* struct wire_overflow: a listener had no room for a connection */
	WIRE_LIMITS = 12, /* struct wire_limits: the sysctls of a network namespace */
	WIRE_BIND = 13, /* struct wire_bind: bind() or listen() found the address in use */
	/* Those below are made by the user side, so that a recording replays as it was seen. */
	WIRE_TICK = 64, /* struct wire_hdr alone: time passed, up to ktime_ns */
	WIRE_ELSEWHERE =
		66, /* struct wire_hdr alone: a record that was nobody's business, for its number */
	WIRE_TOTALS = 65, /* struct wire_totals: what the counters said at the end */
	WIRE_HOOKS = 67, /* struct wire_hooks: what this trace can see at all */
	WIRE_CGROUP = 68, /* struct wire_name: the path of a cgroup, before it is first needed */
	WIRE_CMDLINE = 69, /* struct wire_name: the command line of a process, likewise */
	WIRE_BEFORE = 70, /* struct wire_hdr alone: what has a lower number is in a part before */
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
	WIRE_BY_OWNER, /* by reads and by accept() */
	WIRE_BY_RESET,
	WIRE_BY_RESENT,
	WIRE_BY_OVERFLOW,
	WIRE_BY_BIND,
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

/* Of the socket, but for those that say "the actor". */
enum wire_flag {
	WIRE_ORPHAN = 1 << 0, /* SOCK_DEAD: no process holds the socket */
	WIRE_PEER_FIN = 1 << 1, /* SOCK_DONE: the peer's FIN has come */
	WIRE_ACTOR = 1 << 2, /* pid, comm, cgroup, call and the flags of the actor are filled in */
	WIRE_EXITING = 1 << 3, /* the actor is on its way out: the kernel closes for it */
	WIRE_SIGNALED = 1 << 4, /* ... killed by signal `signal` */
	WIRE_KTHREAD =
		1 << 5, /* the actor is a kernel thread: a deferred close, or a kernel socket */
	/* These two with an actor; the second of what is FOUND as well. */
	WIRE_RELEASED = 1 << 6, /* its last descriptor is gone: it is closed, not shut down */
	WIRE_KERNEL = 1 << 7, /* the kernel's own: it never had a file */
	WIRE_LINGER_0 = 1 << 8, /* SO_LINGER with 0 seconds: close() sends a RST */
	WIRE_KEEPALIVE = 1 << 9, /* SO_KEEPALIVE */
	WIRE_USER_TIMEOUT = 1 << 10, /* TCP_USER_TIMEOUT is set */
	WIRE_REUSEADDR = 1 << 11, /* SO_REUSEADDR */
	WIRE_REUSEPORT = 1 << 12, /* SO_REUSEPORT */
	WIRE_V6ONLY = 1 << 13, /* IPV6_V6ONLY */
	WIRE_COMPAT = 1 << 14, /* the actor's call is one of a 32-bit program */
	WIRE_IO_WORKER = 1 << 15, /* the actor is a worker thread of io_uring */
};

/* Which system call the actor is in, whatever its number on this machine. */
enum wire_call {
	WIRE_CALL_NONE, /* not told; none: who dies, a kernel thread, a worker thread of io_uring */
	WIRE_CALL_OTHER,
	WIRE_CALL_CONNECT,
	WIRE_CALL_SEND, /* sendto(), sendmsg(), sendmmsg(): with MSG_FASTOPEN they connect */
	WIRE_CALL_BIND,
	WIRE_CALL_LISTEN,
	WIRE_CALL_ACCEPT,
	WIRE_CALL_SHUTDOWN,
	WIRE_CALL_CLOSE,
	WIRE_CALL_CLOSE_RANGE,
	WIRE_CALL_DUP, /* dup2(), dup3() over the descriptor */
	WIRE_CALL_EXEC, /* of a descriptor with FD_CLOEXEC */
	WIRE_CALL_IO_URING, /* io_uring_enter(): whichever operation */
	WIRE_CALLS
};

/*
 * One edge, as the tracepoint sock:inet_sock_set_state saw it: the socket still is in `from`. What is not told of every
 * edge comes behind it: of a COUNTED one a struct wire_counts, and then of one that somebody may have made a struct
 * wire_actor. The size of the record says whether that is there.
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
	__u32 uid; /* sk_uid: who made the socket, as the initial user namespace counts */
	__u32 unread; /* with a struct wire_actor: bytes that came, and that nobody has read */
	__u16 err; /* sk_err: errno */
	__u16 flags; /* enum wire_flag */
	__u8 from; /* enum wire_tcp_state */
	__u8 to;
	__u8 family; /* AF_INET or AF_INET6, as the socket was made */
	__u8 shutdown; /* sk_shutdown: 1 receive, 2 send, 3 both */
	__u8 retransmits; /* icsk_retransmits: of what is not acknowledged, so far */
	__u8 probes; /* icsk_probes_out: of a closed window, or by keepalive */
	__u8 signal; /* of the actor */
	__u8 call; /* ... enum wire_call */
};

/* On edges out of a synchronized state (RFC 9293, 3.4): the connection in numbers, up to the edge. */
struct wire_counts {
	__u64 bytes_sent; /* without what was sent again */
	__u64 bytes_received;
	__u32 segs_out;
	__u32 segs_in;
	__u32 retrans; /* segments sent again */
	__u32 srtt_us;
	__u32 unsent; /* bytes: written, but not sent */
	__u32 unacked; /* bytes: sent, but not acknowledged */
	__u32 snd_wnd; /* bytes that the peer takes */
	__u32 retries; /* how often what follows is sent again before the kernel gives up; 0: not told */
};

/* Whoever ran on the CPU, on edges that a system call makes: on all others he is of no interest. */
struct wire_actor {
	__u64 cgroup; /* its number in the unified hierarchy */
	__u32 pid; /* thread group */
	__u32 pad;
	char comm[WIRE_COMM_LEN]; /* of the thread group's leader: any bytes, NUL-padded */
};

enum wire_owner_how {
	WIRE_OWNER_ACCEPT = 1,
	WIRE_OWNER_READ, /* the first of this process: it was passed, inherited, or accepted unseen */
	WIRE_OWNER_HOWS
};

/* So many first reads are told of a socket. Where it is passed round, as by a pool of processes, more are of no use. */
#define WIRE_OWNER_READS 8

struct wire_owner {
	struct wire_hdr hdr;
	__u64 sk;
	__u64 cookie; /* 0: not known */
	__u64 cgroup;
	__u32 pid;
	__u32 uid;
	__u16 flags; /* enum wire_flag */
	__u8 how; /* enum wire_owner_how */
	__u8 pad[5];
	char comm[WIRE_COMM_LEN];
};

/* Why, as far as the kernel says (enum sk_rst_reason, 6.10); before that NONE. */
enum wire_reset_reason {
	WIRE_RESET_NONE,
	WIRE_RESET_OTHER,
	WIRE_RESET_NO_SOCKET, /* a segment to a port that nobody has */
	WIRE_RESET_UNREAD, /* close() with data that nobody has read */
	WIRE_RESET_LINGER, /* TCP_LINGER2 < 0 */
	WIRE_RESET_MEMORY,
	WIRE_RESET_STATE, /* an abort: SO_LINGER with 0, connect(AF_UNSPEC), ss -K, or what its state does not allow */
	WIRE_RESET_KEEPALIVE,
	WIRE_RESET_DISCONNECT,
	WIRE_RESET_DATA, /* data after close() */
	WIRE_RESET_INVALID, /* a segment that cannot be: its ACK, or a SYN */
	WIRE_RESET_REASONS
};

/* Behind or before the edge that it goes with. Without a socket: of the segment that it answers, turned round. */
struct wire_reset {
	struct wire_hdr hdr;
	__u64 sk; /* 0: none */
	__u64 cookie;
	__u8 local_addr[16];
	__u8 remote_addr[16];
	__u16 local_port;
	__u16 remote_port;
	__u32 netns;
	__u8 reason; /* enum wire_reset_reason */
	__u8 state; /* of the socket, 0 without one */
	__u8 answers; /* 1: to a segment; 0: of its own accord */
	__u8 pad[5];
};

struct wire_resent {
	struct wire_hdr hdr;
	__u64 sk;
	__u64 cookie;
	__u8 state; /* enum wire_tcp_state */
	__u8 segment; /* its flags as in the TCP header */
	__u8 times; /* so far by the timer, this one included; 0: a probe for its loss, ahead of that */
	__u8 retries; /* until the kernel gives up; 0: not told */
	__u32 snd_wnd;
};

struct wire_overflow {
	struct wire_hdr hdr;
	__u64 sk; /* the listener */
	__u64 cookie;
	__u8 local_addr[16];
	__u16 local_port;
	__u16 times; /* since the last record of this listener, this time included; a second at least is between */
	__u32 netns;
	__u32 waiting; /* connections that wait for accept() */
	__u32 room; /* for so many, as listen() and somaxconn have it */
};

/* When a namespace is first seen, and whenever they differ from what was told last. */
struct wire_limits {
	struct wire_hdr hdr;
	__u32 netns;
	__u16 port_first, port_last; /* ip_local_port_range */
	__u32 fin_timeout_ms; /* tcp_fin_timeout */
	__u32 max_tw_buckets;
	__u8 tw_reuse; /* 0: no, 1: yes, 2: on loopback alone */
	__u8 syn_retries;
	__u8 retries2;
	__u8 orphan_retries; /* as it acts: 0 stands for 8 */
	__u8 pad[4];
};

/* The port is what was asked for. */
struct wire_bind {
	struct wire_hdr hdr;
	__u64 sk; /* 0: not told */
	__u64 cgroup;
	__u8 local_addr[16];
	__u16 local_port;
	__u16 err; /* errno */
	__u32 netns;
	__u32 pid;
	__u32 uid;
	__u16 flags; /* enum wire_flag */
	__u8 family;
	__u8 call; /* enum wire_call: BIND or LISTEN */
	__u8 pad[4];
	char comm[WIRE_COMM_LEN];
};

#define WIRE_NAME_LEN 256

/* Made by the user side: a name, which belongs to a number in other records. */
struct wire_name {
	struct wire_hdr hdr;
	__u64 id; /* CGROUP: its number, CMDLINE: see owner_cmdline_id() */
	char text
		[WIRE_NAME_LEN]; /* any bytes, NUL-padded; cut where it is longer. CMDLINE: words with blanks between */
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
	__u16 flags; /* enum wire_flag, of the actor; of the socket that it was: REUSEADDR, REUSEPORT, V6ONLY */
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
	__u64 cgroup;
	__u32 pid; /* thread group */
	__u32 fd;
	char comm[WIRE_COMM_LEN];
};

enum wire_hook {
	WIRE_HOOK_TIMEWAIT = 1 << 0, /* no birth seen: no timewait minisock was made */
	WIRE_HOOK_SEGMENTS = 1 << 1, /* ... what they take is seen */
	WIRE_HOOK_REQUESTS = 1 << 2, /* request sockets are seen */
	WIRE_HOOK_SNAPSHOT = 1 << 3, /* what was there at the start has been told */
	WIRE_HOOK_OWNERS = 1 << 4, /* who accepts, and who reads, is seen (WIRE_OWNER) */
	WIRE_HOOK_RESETS = 1 << 5, /* RSTs of full sockets are seen */
};

/* Made by the user side, first of all, and again behind the snapshot: without it nothing may be read from
 * silence. And behind each look at who has a port. */
struct wire_hooks {
	struct wire_hdr hdr;
	__u32 hooks; /* enum wire_hook */
	__u32 look_us; /* the look began so long ago; 0: it is behind none */
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
	__u64 pad[2];
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
	__u8 probes; /* bpf_probe_read_kernel(): not where the kernel is locked down */
	__u8 owners; /* tell who uses a socket */
	__u8 limits; /* tell the limits of network namespaces */
};

/* So many entries the map `connectors` has where owners are told. */
#define WIRE_CONNECTORS 65536

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
_Static_assert(sizeof(struct wire_state) == 112, "wire_state has a hole");
_Static_assert(sizeof(struct wire_counts) == 48, "wire_counts has a hole");
_Static_assert(sizeof(struct wire_actor) == 32, "wire_actor has a hole");
_Static_assert(sizeof(struct wire_owner) == 80, "wire_owner has a hole");
_Static_assert(sizeof(struct wire_reset) == 88, "wire_reset has a hole");
_Static_assert(sizeof(struct wire_resent) == 48, "wire_resent has a hole");
_Static_assert(sizeof(struct wire_overflow) == 72, "wire_overflow has a hole");
_Static_assert(sizeof(struct wire_limits) == 48, "wire_limits has a hole");
_Static_assert(sizeof(struct wire_bind) == 96, "wire_bind has a hole");
_Static_assert(sizeof(struct wire_name) == 288, "wire_name has a hole");
_Static_assert(sizeof(struct wire_process) == 32, "wire_process has a hole");
_Static_assert(sizeof(struct wire_mini) == 120, "wire_mini has a hole");
_Static_assert(sizeof(struct wire_holder) == 64, "wire_holder has a hole");
_Static_assert(sizeof(struct wire_hooks) == 32, "wire_hooks has a hole");
_Static_assert(sizeof(struct wire_counters) == 128, "wire_counters is two cache lines");
_Static_assert(sizeof(struct wire_totals) == 40, "wire_totals has a hole");

#endif
