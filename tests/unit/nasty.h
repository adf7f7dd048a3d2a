/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nasty: what a process, a file, a namespace or a host may be called to do harm where its name is shown. Each form of output
 * is given all of it, and harmless.h judges what comes out.
 */
#ifndef TESTS_NASTY_H
#define TESTS_NASTY_H

#include <stddef.h>

struct nasty {
	const char *what; /* it is */
	const char *bytes; /* LEN of them, and a NUL */
	size_t len;
};

extern const struct nasty nasties[];
extern const unsigned int nasty_count;

#endif
