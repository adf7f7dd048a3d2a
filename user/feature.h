/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * feature: what this kernel gives to trace with, and what is done without it.
 */
#ifndef FEATURE_H
#define FEATURE_H

#include "options.h"

/* Prints them. Returns an exit status: not 0 when tracing cannot work here, and why is said as by the
 * tracer, or when stdout cannot be written. */
int feature_run(const struct options *options);

#endif
