/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tap: a raw socket that hears each IPv4 segment of our network namespace, and can send one again, as a
 * network does that held a copy of it.
 */
#ifndef DEMO_TAP_H
#define DEMO_TAP_H

/* Returns a descriptor, which the caller closes, or -errno. */
int tap_open(void);

/* Sends the last FIN once more that was heard since the last call. Returns 0, -ENODATA if none was, or -errno. */
int tap_repeat_fin(int fd);

#endif
