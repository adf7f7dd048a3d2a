/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * number: strict reading of numbers that a person typed.
 *
 * strtol() takes " 80abc", "-1" as 18446744073709551615 and leaves a stale errno; nothing here
 * does.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads the whole of TEXT[0..LEN) as a decimal number: digits only, no sign, no space.
 * Returns 0; -EINVAL when it is empty or holds anything else; -ERANGE outside MIN..MAX.
 */
int number_parse(const char *text, size_t len, uint64_t min, uint64_t max, uint64_t *ret_number);

/*
 * Reads a TCP port, 1..65535, from the whole of the string TEXT. Returns 0, -EINVAL or -ERANGE.
 */
int number_parse_port(const char *text, uint16_t *ret_port);

/*
 * Reads "SECONDS" or "SECONDS.FRACTION" (at most nine digits behind the point) as nanoseconds,
 * above 0 and up to 10 years. Returns 0, -EINVAL or -ERANGE.
 */
int number_parse_seconds(const char *text, uint64_t *ret_ns);

#endif
