/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event: a record that was found to be whole and sane. Nothing behind the decoder sees bytes.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr.h"
#include "wire.h"

/* Whoever ran on the CPU when it happened; pid 0: not told. */
struct actor {
	uint64_t cgroup; /* its number, 0: not told */
	uint32_t pid; /* thread group */
	char comm[WIRE_COMM_LEN]; /* any bytes, NUL-padded */
	bool exiting;
	bool signaled;
	bool kthread;
	bool io_worker; /* of io_uring */
	bool compat; /* a 32-bit program */
	uint8_t signal;
	uint8_t call; /* enum wire_call */
};

/* A connection in numbers, as the kernel counted them up to an edge. */
struct counts {
	uint64_t bytes_sent; /* without what was sent again */
	uint64_t bytes_received;
	uint32_t segs_out;
	uint32_t segs_in;
	uint32_t retrans; /* segments sent again */
	uint32_t srtt_us; /* 0: none measured */
	uint32_t unsent; /* bytes */
	uint32_t unacked; /* bytes */
	uint32_t snd_wnd; /* bytes */
	uint32_t
		retries; /* how often what follows is sent again before the kernel gives up; 0: not told */
};

/* An edge of one socket. */
struct edge_event {
	uint64_t sk;
	uint64_t cookie;
	struct addr_port local;
	struct addr_port remote;
	uint32_t netns;
	uint32_t snd_una;
	uint32_t rcv_nxt;
	uint32_t fin_time_ms;
	uint32_t uid; /* who made the socket */
	uint32_t unread; /* bytes that came, and that nobody has read */
	uint16_t err;
	uint8_t from;
	uint8_t to;
	uint8_t family;
	uint8_t shutdown;
	uint8_t retransmits; /* so far, of what is not acknowledged */
	uint8_t probes; /* so far, of a closed window or by keepalive */
	bool orphan;
	bool peer_fin;
	bool released; /* its last descriptor is gone: closed, not shut down */
	bool kernel; /* the kernel's own socket */
	bool linger_0;
	bool keepalive;
	bool user_timeout;
	bool reuse_addr;
	bool reuse_port;
	bool v6_only;
	bool counted; /* `counts` are filled in */
	struct actor actor;
	struct counts counts;
};

/* Something became of a minisock. */
struct mini_event {
	uint64_t mini;
	uint64_t cookie;
	struct addr_port local;
	struct addr_port remote;
	uint32_t netns;
	uint32_t left_ms;
	uint32_t snd_una;
	uint32_t rcv_nxt;
	enum wire_mini_what what;
	uint8_t state;
	uint8_t family;
	uint8_t segment; /* flags of the TCP header */
	uint8_t resent;
	bool reuse_addr; /* of the full socket that it was */
	bool reuse_port;
	bool v6_only;
	struct actor actor;
};

/* A process had a socket open when the trace began. */
struct holder_event {
	uint64_t sk;
	struct actor actor;
};

/* A process has come to use a socket. */
struct owner_event {
	uint64_t sk;
	uint64_t cookie; /* 0: not known */
	uint32_t uid;
	enum wire_owner_how how;
	bool kernel;
	struct actor actor;
};

/* A RST goes out. */
struct reset_event {
	uint64_t sk; /* 0: no socket sends it */
	uint64_t cookie;
	struct addr_port local;
	struct addr_port remote;
	uint32_t netns;
	enum wire_reset_reason reason;
	uint8_t state; /* of the socket, NO_STATE without one */
	bool answers; /* to a segment that came */
};

/* A full socket sends its SYN or FIN again. */
struct resent_event {
	uint64_t sk;
	uint64_t cookie;
	uint32_t snd_wnd; /* bytes */
	uint8_t state;
	uint8_t segment; /* flags of the TCP header */
	uint8_t times; /* so far */
	uint8_t retries; /* until the kernel gives up; 0: not told */
};

/* A listener had no room for a connection. */
struct overflow_event {
	uint64_t sk;
	uint64_t cookie;
	struct addr_port local;
	uint32_t netns;
	uint32_t times; /* since the event before, this time included */
	uint32_t waiting; /* connections that wait for accept() */
	uint32_t room; /* for so many */
};

/* The sysctls of a network namespace that explain what its sockets do. */
struct limits {
	uint32_t netns;
	uint16_t port_first, port_last; /* ip_local_port_range, both included */
	uint32_t fin_timeout_ms;
	uint32_t max_tw_buckets;
	uint8_t tw_reuse; /* 0: no, 1: yes, 2: on loopback alone */
	uint8_t syn_retries;
	uint8_t retries2;
	uint8_t orphan_retries;
};

/* An address that bind() or listen() wanted is in use. */
struct bind_event {
	uint64_t sk; /* 0: not told */
	struct addr_port local;
	uint32_t netns;
	uint32_t uid;
	uint16_t err; /* errno */
	uint8_t family;
	bool reuse_addr; /* of the socket that was to be bound */
	bool reuse_port;
	bool v6_only;
	struct actor actor; /* who called, and which call */
};

/* What a number in other events is called. */
struct name_event {
	uint64_t id;
	char text[WIRE_NAME_LEN]; /* any bytes; ends in NUL */
};

/* A traced process forked, or ended (child is 0). */
struct process_event {
	uint32_t pid;
	uint32_t child;
};

struct event {
	enum wire_type type;
	enum wire_program program;
	uint32_t cpu;
	uint64_t seq;
	uint64_t ktime_ns; /* CLOCK_MONOTONIC */
	union {
		struct edge_event
			edge; /* WIRE_STATE, WIRE_COUNTED (told as WIRE_STATE); WIRE_FOUND, where `from` is NO_STATE */
		struct mini_event mini; /* WIRE_MINI */
		struct holder_event holder; /* WIRE_HOLDER */
		struct owner_event owner; /* WIRE_OWNER */
		struct reset_event reset; /* WIRE_RESET */
		struct resent_event resent; /* WIRE_RESENT */
		struct overflow_event overflow; /* WIRE_OVERFLOW */
		struct limits limits; /* WIRE_LIMITS */
		struct bind_event bind; /* WIRE_BIND */
		struct name_event name; /* WIRE_CGROUP, WIRE_CMDLINE */
		struct process_event process; /* WIRE_FORK, WIRE_EXIT */
		struct {
			uint64_t lost, dropped;
		} totals; /* WIRE_TOTALS */
		struct {
			uint32_t hooks; /* enum wire_hook */
			uint32_t look_us; /* how long ago the look began, 0: none is over */
		}; /* WIRE_HOOKS */
	};
};

/*
 * Reads the SIZE bytes at RECORD, which need no alignment. Returns 0; -EBADMSG when they cannot be a
 * record (too short, a size of its own that differs, a state that is none); -ENOTSUP for a type this
 * version does not know, which may be skipped. RET_EVENT is written on success only.
 */
int event_decode(const void *record, size_t size, struct event *ret_event);

#endif
