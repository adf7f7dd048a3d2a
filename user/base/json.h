/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * json: text in JSON (RFC 8259).
 *
 *	json_open(&text, NULL, '{');
 *	json_put_number(&text, "port", 80);
 *	json_open(&text, "states", '[');
 *	json_put_string(&text, NULL, "LISTEN", 6);
 *	json_close(&text, ']');
 *	json_close(&text, '}');
 *
 * Commas are put where they belong. A KEY is a name of ours, which needs no escape; NULL: none, as in a list.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/*
 * Appends up to LEN bytes that came from anywhere (stopping at a NUL) as a JSON string with its quotes. The
 * result is valid UTF-8 and harmless to a terminal: what utf8_is_control() says becomes \uNNNN, each byte that is no
 * UTF-8 (RFC 3629) becomes U+FFFD. What does not fit cuts the text; an escape is never split.
 */
void json_string(struct text *text, const char *bytes, size_t len);

/* Begins an object or a list, BRACKET '{' or '['; ends it, '}' or ']'. */
void json_open(struct text *text, const char *key, char bracket);
void json_close(struct text *text, char bracket);

void json_put_null(struct text *text, const char *key);
void json_put_bool(struct text *text, const char *key, bool value);
void json_put_number(struct text *text, const char *key, uint64_t number);

/* As json_string(). */
void json_put_string(struct text *text, const char *key, const char *bytes, size_t len);

#endif
