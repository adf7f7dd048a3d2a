/* SPDX-License-Identifier: GPL-2.0-only */
/* why: `tcpstate-trace why PORT`: who has a port, and would a bind() succeed? */
#ifndef WHY_H
#define WHY_H

#include "options.h"

/* Looks once, traces nothing, and with --try alone binds. Returns the exit status: 0 when the port can be had,
 * 1 when not, or when it cannot be told. */
int why_run(struct options *options);

#endif
