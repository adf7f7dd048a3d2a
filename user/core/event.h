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
	uint32_t pid; /* thread group */
	char comm[WIRE_COMM_LEN]; /* any bytes, NUL-padded */
	bool exiting;
	bool signaled;
	bool kthread;
	uint8_t signal;
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
	uint16_t err;
	uint8_t from;
	uint8_t to;
	uint8_t family;
	uint8_t shutdown;
	bool orphan;
	bool peer_fin;
	struct actor actor;
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
	struct actor actor;
};

/* A process had a socket open when the trace began. */
struct holder_event {
	uint64_t sk;
	struct actor actor;
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
		struct edge_event edge; /* WIRE_STATE; WIRE_FOUND, where `from` is NO_STATE */
		struct mini_event mini; /* WIRE_MINI */
		struct holder_event holder; /* WIRE_HOLDER */
		struct process_event process; /* WIRE_FORK, WIRE_EXIT */
		struct {
			uint64_t lost, dropped;
		} totals; /* WIRE_TOTALS */
		uint32_t hooks; /* WIRE_HOOKS: enum wire_hook */
	};
};

/*
 * Reads the SIZE bytes at RECORD, which need no alignment. Returns 0; -EBADMSG when they cannot be a
 * record (too short, a size of its own that differs, a state that is none); -ENOTSUP for a type this
 * version does not know, which may be skipped. RET_EVENT is written on success only.
 */
int event_decode(const void *record, size_t size, struct event *ret_event);

#endif
