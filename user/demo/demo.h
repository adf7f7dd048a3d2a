/* SPDX-License-Identifier: GPL-2.0-only */
/* demo: the verb that lists scenarios, plays them before the tracer, and says whether all was as expected. */
#ifndef DEMO_DEMO_H
#define DEMO_DEMO_H

#include "options.h"

/* Returns the exit status: 0 as expected, 1 not, 77 if none could be played here; 2 for wrong usage. */
int demo_run(const struct options *options);

#endif
