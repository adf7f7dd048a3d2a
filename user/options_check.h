/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * options_check: which options go with which.
 */
#ifndef OPTIONS_CHECK_H
#define OPTIONS_CHECK_H

#include "options.h"

/* Exits with one sentence and status 2 when two of them exclude each other, or one needs another. */
void options_check(const struct options *options);

#endif
