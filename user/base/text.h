/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text: a bounded string under construction.
 *
 * Every line the program prints is put together in one of these. It never writes past its buffer,
 * is always terminated, and remembers that something did not fit.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The lengths count what is in use; AT is always NUL-terminated. Screen columns count one for each
 * character and none for control sequences. CUT says that something did not fit. */
struct text {
	char *at;
	size_t size;
	size_t len;
	size_t columns;
	bool cut;
};

/* Starts an empty text in the caller's BUFFER of SIZE > 0 bytes; the buffer must outlive it. */
void text_init(struct text *text, char *buffer, size_t size);

/* Back to empty. */
void text_reset(struct text *text);

/* Appends a string that this program made: bytes are copied as they are. */
void text_add(struct text *text, const char *string);

/* ... of ASCII characters alone, so that they need not be counted. */
void text_plain(struct text *text, const char *string);

/* Appends the first N of BYTES, and counts no columns: for text that machines read. */
void text_put(struct text *text, const char *bytes, size_t n);

/* Appends NUMBER in decimal digits. */
void text_number(struct text *text, uint64_t number);

/* Appends what printf would print. */
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends N copies of STRING. */
void text_repeat(struct text *text, const char *string, size_t n);

/* Appends a terminal control sequence, which takes no column. */
void text_control(struct text *text, const char *sequence);

/* Appends spaces up to screen column COLUMN; none when the text is already there. */
void text_pad(struct text *text, size_t column);

/*
 * Appends up to LEN bytes that came from outside (stopping at a NUL) so that they can do nothing to
 * a terminal: printable ASCII stays, a backslash is doubled, any other byte becomes \xNN. At most
 * MAX_COLUMNS columns are used; an escape is never split.
 */
void text_escape(struct text *text, const char *bytes, size_t len, size_t max_columns);

/* How many bytes of WORDS a line of COLUMNS takes: lines end between words, but not between a number
 * and its unit, or before a dot that divides; a word longer than that is broken. */
size_t text_fit(const char *words, size_t columns);

#endif
