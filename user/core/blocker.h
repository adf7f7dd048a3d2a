/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * blocker: may two sockets have the same port? The kernel's rules for bind() and listen(), in words of ours.
 */
#ifndef CORE_BLOCKER_H
#define CORE_BLOCKER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/addr.h"

/* What a socket that has a port, or wants one, is judged by. */
struct claim {
	struct addr local;
	uint32_t uid; /* who made the socket */
	uint8_t family; /* AF_INET or AF_INET6, as the socket was made */
	bool listens; /* it is in LISTEN */
	bool minisock; /* a timewait minisock is all that is left: it keeps its socket's options, but not the uid */
	bool reuse_addr;
	bool reuse_port;
	bool v6_only;
};

/*
 * Does HAS, a socket that has the port that WANTS asks for, in the same network namespace, let bind() and
 * listen() fail? As inet_csk_bind_conflict() and inet_rcv_saddr_equal() have it for a port that was named,
 * the same from 5.10 to 7.3; tests/live/binds.c asks the kernel. SO_BINDTODEVICE and SK_FORCE_REUSE (of the
 * kernel's own sockets) are left out. Kernels before 6.17 count a socket that no descriptor leads to as root's
 * (sock_i_uid()), which matters between two sockets with SO_REUSEPORT alone.
 */
bool blocker_stands(const struct claim *wants, const struct claim *has);

#endif
