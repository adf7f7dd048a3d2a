/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sockets: what the kernel itself says of the sockets of our network namespace, /proc/net/tcp and tcp6:
 * request sockets (as SYN_RECV) and minisocks included, full sockets in CLOSE not.
 */
#ifndef DEMO_SOCKETS_H
#define DEMO_SOCKETS_H

#include <stdint.h>

/* How many have these ports (0: any) and are in this state (WIRE_NO_STATE: any but LISTEN)? */
unsigned int sockets_count(uint16_t local, uint16_t remote, uint8_t state);

#endif
