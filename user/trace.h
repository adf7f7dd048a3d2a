/* SPDX-License-Identifier: GPL-2.0-only */
/* trace: the live run. */
#ifndef TRACE_H
#define TRACE_H

#include "options.h"

/* Traces as OPTIONS say. Returns the exit status, after having said what went wrong. */
int trace_run(struct options *options);

#endif
