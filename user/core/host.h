/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host: events of several hosts, for one tracker.
 *
 * What only one host has once - addresses of sockets, inode numbers of namespaces, numbers of cgroups and CPUs -
 * gets the host's number into it, and times become those of the first host's clock. In an inode number of a
 * namespace it takes the place of the upper two bits, which are set in all of them (PROC_DYNAMIC_FIRST,
 * fs/proc/generic.c; the initial ones are right below that).
 */
#ifndef CORE_HOST_H
#define CORE_HOST_H

#include "core/event.h"

#define HOSTS_MAX 4

/* Makes EVENT one of the HOSTth host, from 0, whose clock is AHEAD_NS ahead of the first one's. */
void host_enter(struct event *event, unsigned int host, int64_t ahead_ns);

/* Which host a namespace is on, and its inode number there. 0, the unknown one, is on the first. */
unsigned int host_of(uint32_t netns);
uint32_t host_netns(uint32_t netns);

#endif
