/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * utf8: characters in bytes that came from anywhere (RFC 3629).
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the character at BYTES, of which LEN > 0 are there. Returns how many bytes it has, 0 if it is no UTF-8. */
size_t utf8_decode(const char *bytes, size_t len, uint32_t *ret_code);

/* What a terminal may obey, C0, DEL and C1; and what nobody sees: what makes text run the other way, ends lines, has no
 * width or picks a variant. */
bool utf8_is_control(uint32_t code);

/* How many columns of a terminal it takes, 1 or 2; 0: none of its own, or a terminal may obey it. */
unsigned int utf8_columns(uint32_t code);

#endif
