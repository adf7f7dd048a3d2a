/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * usage: command lines through argp, with every error as one sentence and exit status 2.
 *
 * argp's own errors take two lines, a status of 64 and leave out what would have been right.
 */
#ifndef BASE_USAGE_H
#define BASE_USAGE_H

#include <argp.h>
#include <stddef.h>

#define USAGE_VERSION	  "0.1"
#define USAGE_EXIT_STATUS 2
#define USAGE_QUOTE_SIZE  68

/* -h and -V for a table of options; usage_key() answers them. */
/* clang-format off */
#define USAGE_OPTIONS \
	{"help", 'h', NULL, 0, "Print this help and exit", -1}, \
	{"version", 'V', NULL, 0, "Print the version and exit", -1}
/* clang-format on */

/* argp_parse() with the flags that leave every word about wrong usage to this file. */
void usage_parse(const struct argp *argp, int argc, char **argv, void *input);

/*
 * What every parser has: each asks it first, with its PROGRAM name. Returns ARGP_ERR_UNKNOWN for a key
 * that it leaves to the caller, else 0. Exits after -h, after -V and on an unknown option.
 */
error_t usage_key(int key, struct argp_state *state, const char *program);

/* Says in one sentence what is wrong with the command line and exits with status 2. */
_Noreturn void usage_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From now on what is wrong stands in WHAT, and not on the command line; NULL: there again. WHAT must live so long. */
void usage_blame(const char *what);

/* WORD in quotes, harmless to a terminal and cut when it is long, in BUFFER of USAGE_QUOTE_SIZE bytes,
 * which it returns. */
const char *usage_quote(const char *word, char *buffer);

#endif
