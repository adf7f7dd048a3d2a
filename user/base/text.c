// SPDX-License-Identifier: GPL-2.0-only
#include "base/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_init(struct text *text, char *buffer, size_t size)
{
	*text = (struct text){.at = buffer, .size = size};
	buffer[0] = '\0';
}

void text_reset(struct text *text)
{
	text_init(text, text->at, text->size);
}

/* Room for N more bytes? A text that was cut once takes no more: half a line is one thing, a line
 * with a hole another. */
static bool text_has_room(struct text *text, size_t n)
{
	if (text->cut || text->size - text->len <= n)
		text->cut = true;
	return !text->cut;
}

void text_put(struct text *text, const char *bytes, size_t n)
{
	if (!text_has_room(text, n))
		return;
	memcpy(text->at + text->len, bytes, n);
	text->len += n;
	text->at[text->len] = '\0';
}

/* Columns of our own strings: every character that we print is one column wide. */
static size_t columns_of(const char *string, size_t len)
{
	size_t columns = 0;

	for (size_t i = 0; i < len; i++)
		if (((unsigned char)string[i] & 0xc0) != 0x80)
			columns++;
	return columns;
}

void text_add(struct text *text, const char *string)
{
	size_t len = strlen(string);

	text_put(text, string, len);
	if (!text->cut)
		text->columns += columns_of(string, len);
}

/* Bytes of which each is a character. */
static void put_plain(struct text *text, const char *bytes, size_t n)
{
	text_put(text, bytes, n);
	if (!text->cut)
		text->columns += n;
}

void text_plain(struct text *text, const char *string)
{
	put_plain(text, string, strlen(string));
}

void text_number(struct text *text, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	put_plain(text, digits + at, sizeof(digits) - at);
}

void text_addf(struct text *text, const char *format, ...)
{
	size_t start = text->len, room = text->size - text->len;
	va_list args;
	int n;

	if (text->cut)
		return;
	va_start(args, format);
	n = vsnprintf(text->at + start, room, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= room) {
		text->at[start] = '\0';
		text->cut = true;
		return;
	}
	text->len += (size_t)n;
	text->columns += columns_of(text->at + start, (size_t)n);
}

void text_repeat(struct text *text, const char *string, size_t n)
{
	for (size_t i = 0; i < n && !text->cut; i++)
		text_add(text, string);
}

void text_control(struct text *text, const char *sequence)
{
	text_put(text, sequence, strlen(sequence));
}

void text_pad(struct text *text, size_t column)
{
	static const char blanks[] = "                                ";

	while (column > text->columns && !text->cut) {
		size_t missing = column - text->columns, most = sizeof(blanks) - 1;

		put_plain(text, blanks, missing < most ? missing : most);
	}
}

static bool is_plain(char byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '\\';
}

/* What BYTE, which is not plain, is shown as. */
static void escape_byte(char piece[5], char byte)
{
	if (byte == '\\')
		memcpy(piece, "\\\\", 3);
	else
		snprintf(piece, 5, "\\x%02x", (unsigned char)byte);
}

void text_escape(struct text *text, const char *bytes, size_t len, size_t max_columns)
{
	size_t end = text->columns + max_columns, i = 0;

	while (i < len && bytes[i] && text->columns < end && !text->cut) {
		size_t plain = 0, most = end - text->columns;
		char piece[5];

		while (i + plain < len && plain < most && is_plain(bytes[i + plain]))
			plain++;
		put_plain(text, bytes + i, plain);
		i += plain;
		if (plain)
			continue;
		escape_byte(piece, bytes[i++]);
		if (strlen(piece) > most)
			return;
		text_add(text, piece);
	}
}

/* May a line end at the blank at AT? A unit stays with its number, and what divides with what it ends. */
static bool may_end(const char *words, size_t at)
{
	const unsigned char *after = (const unsigned char *)words + at + 1;
	bool behind_digit = at > 0 && isdigit((unsigned char)words[at - 1]);
	size_t len = strcspn((const char *)after, " ");

	return len > 2 || (isalpha(*after) ? !behind_digit : isdigit(*after) != 0);
}

size_t text_fit(const char *words, size_t columns)
{
	size_t taken = 0, fits = 0, i;

	for (i = 0; words[i]; i++) {
		if (((unsigned char)words[i] & 0xc0) != 0x80 && taken++ == columns)
			break;
		if (words[i] == ' ' && may_end(words, i))
			fits = i;
	}
	return !words[i] || fits == 0 ? i : fits;
}
