/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * harmless: judges of what a form of output has made of names that came from outside, one for each form. They share nothing
 * with what they judge. The test fails where there is harm.
 */
#ifndef TESTS_HARMLESS_H
#define TESTS_HARMLESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the character at BYTES, of LEN > 0. Returns how many bytes it has; 0: it is no UTF-8. */
size_t harmless_character(const char *bytes, size_t len, uint32_t *ret_code);

/* Is it seen, and obeyed by no terminal? */
bool harmless_is(uint32_t code);

/* For people: UTF-8, and of what a terminal obeys, or nobody sees, newlines alone. */
void harmless_text(const char *bytes, size_t len);

/* The same for a terminal: colours (ESC [ ... m) and what screen.c writes may stand there, and nothing else of ESC. */
void harmless_screen(const char *bytes, size_t len);

/* A JSON text (RFC 8259) on each line. */
void harmless_json(const char *bytes, size_t len);

/* RFC 4180: as many cells in each line, CR LF behind it. */
void harmless_csv(const char *bytes, size_t len);

/* XML 1.0, well-formed as far as we write it: elements, attributes in double quotes, text. */
void harmless_xml(const char *bytes, size_t len);

/* Prometheus's text format: comments, or NAME{LABEL="VALUE",...} NUMBER. */
void harmless_metrics(const char *bytes, size_t len);

#endif
