/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * owner: the process that an endpoint belongs to, and how that was learnt.
 *
 * Several processes may hold a socket, one after the other or at the same time. The owner is the one who uses
 * it, as far as that was seen:
 *
 *	first read     another process than before reads: it was forked, or the socket was passed to it
 *	connect, listen, accept, snapshot: he called it, or had it open at the start
 *	close          nobody better was seen before: a parent that waits for its child closes last, unread
 *	listener       whoever listened, for a child that nobody is known to have accepted; if it was but one process
 *
 * What stands higher is not replaced by what stands lower, but that the last reader who is told of (WIRE_OWNER_READS) is
 * by who closes: others may have come behind him. A softirq runs in whoever it interrupted, so no edge
 * that a segment or a timer makes tells an owner; nor does a kernel thread, which only closes for others, unless
 * the socket is the kernel's own. (A worker of io_uring is a thread of its process since 5.12, a kernel thread
 * before.)
 */
#ifndef CORE_OWNER_H
#define CORE_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"

enum owner_source {
	OWNER_UNKNOWN,
	OWNER_LISTENER, /* a child not known to be accepted: its listener's owner */
	OWNER_CLOSE, /* he closed it */
	OWNER_SNAPSHOT, /* he had it open at the start */
	OWNER_CONNECT, /* he called connect() */
	OWNER_LISTEN, /* he called listen() */
	OWNER_ACCEPT, /* he accepted it */
	OWNER_READ, /* he read it, as another had it before */
	OWNER_SOURCES
};

/* Of pid, cgroup and comm nothing is valid while OWNER_UNKNOWN; what is of the socket itself is all the same. */
struct owner {
	uint64_t cgroup; /* its number, 0: not told */
	uint32_t pid; /* thread group */
	uint32_t uid; /* of the socket: who made it, or accepted it; valid if uid_known */
	enum owner_source source;
	uint8_t reads; /* of WIRE_OWNER_READS: how many were told */
	bool uid_known;
	bool kernel; /* of the socket: the kernel's own */
	char comm[WIRE_COMM_LEN]; /* any bytes */
};

/* What the kernel says of the socket itself, right whoever runs; not always that it is the kernel's own. */
void owner_learn_socket(struct owner *owner, uint32_t uid, bool kernel);

/* ACTOR has done SOURCE to the socket. Returns true when that has changed the owner, or how he is known. */
bool owner_learn(struct owner *owner, const struct actor *actor, enum owner_source source);

/* PARENT owns the listener of OWNER's child, of which nothing else is known. Returns true if that tells anything. */
bool owner_inherit(struct owner *owner, const struct owner *parent);

/* What the command line of thread group PID is found by. With its name COMM (NUL-padded), as numbers are used again;
 * never 0. */
uint64_t owner_cmdline_id(uint32_t pid, const char *comm);

/* "connect", "first read" and so on; "-" for OWNER_UNKNOWN. */
const char *owner_source_name(enum owner_source source);

/* X(SOURCE, its code: the name as one word). */
#define OWNER_SOURCES_KNOWN(X)                                                                     \
	X(LISTENER, "listener")                                                                    \
	X(CLOSE, "close")                                                                          \
	X(SNAPSHOT, "snapshot")                                                                    \
	X(CONNECT, "connect")                                                                      \
	X(LISTEN, "listen")                                                                        \
	X(ACCEPT, "accept")                                                                        \
	X(READ, "first-read")

/* "connect", "first-read"; NULL for OWNER_UNKNOWN. */
const char *owner_source_code(enum owner_source source);

#endif
