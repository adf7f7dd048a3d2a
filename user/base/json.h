/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * json: strings for JSON (RFC 8259).
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stddef.h>

#include "base/text.h"

/*
 * Appends up to LEN bytes that came from anywhere (stopping at a NUL) as a JSON string with its quotes. The
 * result is valid UTF-8 and harmless to a terminal: control characters become \u00NN, each byte that is no
 * UTF-8 (RFC 3629) becomes U+FFFD. What does not fit cuts the text; an escape is never split.
 */
void json_string(struct text *text, const char *bytes, size_t len);

#endif
