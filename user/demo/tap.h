/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tap: a raw socket that hears each IPv4 segment of our network namespace, and can send one again, as a
 * network does that held a copy of it, or say that it cannot deliver one.
 */
#ifndef DEMO_TAP_H
#define DEMO_TAP_H

#include <stdint.h>

/* Returns a descriptor, which the caller closes, or -errno. */
int tap_open(void);

/* Sends the last FIN once more that was heard since the last call. Returns 0, -ENODATA if none was, or -errno. */
int tap_repeat_fin(int fd);

/* The same with the last SYN without ACK that PORT has sent. */
int tap_repeat_syn(int fd, uint16_t port);

/* Answers the last segment that was heard since the last call with ICMP's destination unreachable (RFC 792), of
 * CODE. Returns as above. */
int tap_unreachable(int fd, uint8_t code);

#endif
