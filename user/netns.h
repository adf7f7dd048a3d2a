/* SPDX-License-Identifier: GPL-2.0-only */
/* netns: network namespaces by the names that people give them. */
#ifndef NETNS_H
#define NETNS_H

#include <stdint.h>

/*
 * Finds the inode number of a network namespace by its name in `ip netns` (below /run/netns), by a path as
 * /proc/1/ns/net, or by the number itself, which `lsns` and `ls -l` print. Returns 0, or -errno after having
 * said in one sentence what is wrong.
 */
int netns_resolve(const char *name, uint32_t *ret_inode);

/* That of the network namespace we run in, 0 if it cannot be told. */
uint32_t netns_own(void);

#endif
