/* SPDX-License-Identifier: GPL-2.0-only */
/* replay: recordings, shown as the live run would have shown them. */
#ifndef REPLAY_H
#define REPLAY_H

#include "options.h"

/* Shows the recordings one after the other. Returns the exit status: 1 if one could not be read to its
 * end, which was said. */
int replay_run(struct options *options);

#endif
