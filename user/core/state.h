/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * state: the TCP states and the edges between them, as a table to look things up in.
 */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcp_states.h"

/* A segment that an edge implies (RFC 9293, figure 5). */
enum segment {
	SEGMENT_NONE,
	SEGMENT_SYN,
	SEGMENT_SYN_ACK,
	SEGMENT_ACK,
	SEGMENT_FIN,
	SEGMENT_RST,
};

/* Who makes an edge: a system call of the owner, the peer (or a timer), or one or the other. */
enum edge_maker {
	EDGE_BY_CALL,
	EDGE_BY_PEER,
	EDGE_BY_MAYBE,
};

struct edge {
	enum segment came;
	enum segment sent;
	enum edge_maker maker;
};

/* The edge FROM -> TO, or NULL when the kernel has no such edge. Any two numbers may be asked. */
const struct edge *edge_find(unsigned int from, unsigned int to);

/* True for the edges that begin the life of a full socket: connect(), listen(), and the child of a
 * listener. */
bool edge_is_birth(unsigned int from, unsigned int to);

/* The kernel's spelling ("FIN_WAIT1"), or "?" for a number that is no state. */
const char *state_name(unsigned int state);

/*
 * Reads a state as people and tools write it: FIN_WAIT1, fin-wait-1, FinWait1. The LEN bytes at NAME
 * need no NUL. Returns 0 and the state, or -EINVAL.
 */
int state_parse(const char *name, size_t len, uint8_t *ret_state);

/* "SYN", "SYN,ACK", ...; "" for none. */
const char *segment_name(enum segment segment);

#endif
