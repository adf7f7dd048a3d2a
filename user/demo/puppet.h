/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * puppet: what a role's process does: it waits for orders at a socket and carries them out, one after the
 * other, with one listening socket and one connection.
 */
#ifndef DEMO_PUPPET_H
#define DEMO_PUPPET_H

#include <stdint.h>

#include "demo/scenario.h"

/* Where the server listens, unless it binds otherwise. */
#define PUPPET_PORT 19999

/* An order is the index of the act, as uint32_t; this is the answer. No answer comes to DEED_EXIT. */
struct puppet_answer {
	int err; /* errno of the call, 0: it succeeded */
	uint16_t local,
		remote; /* ports of the connection, 0: it never had one, or those of several differ */
	unsigned int connections; /* so many; 1 for none */
};

/* The process of ROLE: takes orders from FD until that is closed. What it passes goes into MAIL[0], and comes out
 * of MAIL[1]. */
_Noreturn void puppet_run(const struct scenario *scenario, unsigned int role, int fd,
			  const int *mail);

#endif
