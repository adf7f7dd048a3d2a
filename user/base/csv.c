// SPDX-License-Identifier: GPL-2.0-only
#include "base/csv.h"

#include <string.h>

#include "base/utf8.h"

static bool wants_quotes(const char *bytes, size_t len)
{
	return memchr(bytes, ',', len) || memchr(bytes, '"', len);
}

/* Appends the character at BYTES; returns its bytes. */
static size_t add_character(struct text *text, const char *bytes, size_t len)
{
	uint32_t code;
	size_t n = utf8_decode(bytes, len, &code);

	if (n == 0 || utf8_is_control(code)) {
		n = n ? n : 1;
		for (size_t i = 0; i < n; i++)
			text_addf(text, "\\x%02x", (unsigned char)bytes[i]);
		return n;
	}
	if (code == '"' || code == '\\')
		text_put(text, bytes, 1);
	text_put(text, bytes, n);
	return n;
}

void csv_string(struct text *text, const char *bytes, size_t len)
{
	bool quotes;

	len = strnlen(bytes, len);
	quotes = wants_quotes(bytes, len);
	if (quotes)
		text_put(text, "\"", 1);
	for (size_t i = 0; i < len && !text->cut;)
		i += add_character(text, bytes + i, len - i);
	if (quotes)
		text_put(text, "\"", 1);
}

void csv_words(struct text *text, const char *bytes, size_t len)
{
	bool quotes = wants_quotes(bytes, len) || memchr(bytes, '\n', len);

	if (quotes)
		text_put(text, "\"", 1);
	for (size_t i = 0; i < len; i++)
		text_put(text, bytes[i] == '"' ? "\"\"" : bytes + i, bytes[i] == '"' ? 2 : 1);
	if (quotes)
		text_put(text, "\"", 1);
}

void csv_next(struct text *text)
{
	text_put(text, ",", 1);
}

void csv_end(struct text *text)
{
	text_put(text, "\r", 1);
}
