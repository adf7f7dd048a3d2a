// SPDX-License-Identifier: GPL-2.0-only
#include "base/json.h"

#include <string.h>

#include "base/utf8.h"

#define NO_CHARACTER 0xFFFD

/* What may stand in a string as it is, and most do: printable ASCII. */
static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
}

static size_t plain_bytes(const char *bytes, size_t len)
{
	size_t n = 0;

	while (n < len && is_plain((unsigned char)bytes[n]))
		n++;
	return n;
}

/* In UTF-16, as JSON has it. */
static void escape_character(struct text *text, uint32_t code)
{
	if (code < 0x10000)
		text_addf(text, "\\u%04x", code);
	else
		text_addf(text, "\\u%04x\\u%04x", 0xD800 + ((code - 0x10000) >> 10),
			  0xDC00 + (code & 0x3FF));
}

/* Appends the one at BYTES, which is not plain; returns its bytes. */
static size_t add_character(struct text *text, const char *bytes, size_t len)
{
	uint32_t code;
	size_t n = utf8_decode(bytes, len, &code);

	if (n == 0)
		escape_character(text, NO_CHARACTER);
	else if (code == '"' || code == '\\')
		text_addf(text, "\\%c", (char)code);
	else if (utf8_is_control(code))
		escape_character(text, code);
	else
		text_put(text, bytes, n);
	return n ? n : 1;
}

void json_string(struct text *text, const char *bytes, size_t len)
{
	len = strnlen(bytes, len);
	text_put(text, "\"", 1);
	for (size_t i = 0; i < len && !text->cut;) {
		size_t n = plain_bytes(bytes + i, len - i);

		if (n)
			text_put(text, bytes + i, n);
		else
			n = add_character(text, bytes + i, len - i);
		i += n;
	}
	text_put(text, "\"", 1);
}

/* --- objects ------------------------------------------------------------------------------------- */

/* What stands behind another value is parted from it. */
static void part(struct text *text)
{
	if (text->len && !strchr("{[", text->at[text->len - 1]))
		text_put(text, ",", 1);
}

static void put_key(struct text *text, const char *key)
{
	part(text);
	if (!key)
		return;
	text_put(text, "\"", 1);
	text_put(text, key, strlen(key));
	text_put(text, "\":", 2);
}

void json_open(struct text *text, const char *key, char bracket)
{
	put_key(text, key);
	text_put(text, &bracket, 1);
}

void json_close(struct text *text, char bracket)
{
	text_put(text, &bracket, 1);
}

void json_put_null(struct text *text, const char *key)
{
	put_key(text, key);
	text_put(text, "null", 4);
}

void json_put_bool(struct text *text, const char *key, bool value)
{
	put_key(text, key);
	text_put(text, value ? "true" : "false", value ? 4 : 5);
}

void json_put_number(struct text *text, const char *key, uint64_t number)
{
	put_key(text, key);
	text_number(text, number);
}

void json_put_string(struct text *text, const char *key, const char *bytes, size_t len)
{
	put_key(text, key);
	json_string(text, bytes, len);
}
