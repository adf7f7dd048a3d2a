/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * census: the verb `snapshot`, which shows what there is now: endpoints, by state, with who has them.
 */
#ifndef CENSUS_H
#define CENSUS_H

#include "options.h"

/* Returns an exit status. */
int census_run(struct options *options);

#endif
