/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * snapshot: the sockets that were there before the trace began, and who has them open.
 *
 * Taken when all programs are attached: a socket is then found, or an edge tells of it, or both, and times
 * say what came first (bpf/snapshot.bpf.h has the rules). All network namespaces that a process or a name
 * below /run/netns leads to are looked at, whichever is wanted: the other end of a connection may be there.
 */
#ifndef SOURCE_SNAPSHOT_H
#define SOURCE_SNAPSHOT_H

#include "source/ring.h"
#include "source/source.h"

/*
 * Gives the records to TAKE, among those of edges that come meanwhile: it reads the ring as it goes, so that
 * any number of sockets passes through it; the last of them stay in it. Needs rights. Returns 0, or -errno
 * if not even our own namespace and the processes could be looked at; for others it is only said with -v.
 */
int snapshot_take(struct ring *ring, take_record_fn *take, void *ctx);

/* Who holds a socket on PORT, or with RING_ALL_PORTS on any that the filter admits: the records of those that are
 * only bound (WIRE_FOUND in CLOSE), and of the holders of all, go to TAKE. Returns 0 or -errno. */
int snapshot_look(struct ring *ring, uint32_t port, take_record_fn *take, void *ctx);

#endif
