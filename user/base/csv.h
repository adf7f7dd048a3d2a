/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * csv: lines of comma-separated values (RFC 4180).
 *
 *	csv_string(&line, "LISTEN", 6);
 *	csv_next(&line);
 *	text_number(&line, 80);
 *	csv_end(&line);
 *
 * A cell that nothing is put into is empty: that is what is not known.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stddef.h>

#include "base/text.h"

/*
 * Appends up to LEN bytes that came from anywhere (stopping at a NUL), in quotes where RFC 4180 wants them. The result
 * is valid UTF-8 and harmless to a terminal, and all bytes can be told from it: as in the table, each byte of what
 * utf8_is_control() says, or that is no UTF-8, becomes \xNN, and a backslash is doubled. What does not fit cuts the text.
 */
void csv_string(struct text *text, const char *bytes, size_t len);

/* Appends the first LEN bytes of what this program made, of which csv_string() would escape something. */
void csv_words(struct text *text, const char *bytes, size_t len);

/* Ends a cell, behind which another one stands. */
void csv_next(struct text *text);

/* Ends a line but for its line feed, which screen_line() adds. */
void csv_end(struct text *text);

#endif
