// SPDX-License-Identifier: GPL-2.0-only
#include "base/json.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define NO_CHARACTER 0xFFFD

/* How many bytes the character that begins with LEAD has; 0: none begins so. */
static size_t bytes_of(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xC2 && lead < 0xE0)
		return 2;
	if (lead >= 0xE0 && lead < 0xF0)
		return 3;
	return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

static bool is_character(uint32_t code, size_t n)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

	return code >= least[n] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

/* The character at BYTES, of which LEN > 0 are there; returns its bytes, 0 if it is no UTF-8. */
static size_t decode(const char *bytes, size_t len, uint32_t *ret_code)
{
	unsigned char lead = (unsigned char)bytes[0];
	size_t n = bytes_of(lead);
	uint32_t code = n > 1 ? lead & (0x7FU >> n) : lead;

	if (n == 0 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)bytes[i] & 0xC0) != 0x80)
			return 0;
		code = code << 6 | ((unsigned char)bytes[i] & 0x3F);
	}
	if (!is_character(code, n))
		return 0;
	*ret_code = code;
	return n;
}

static void add_character(struct text *text, uint32_t code, const char *bytes, size_t n)
{
	char piece[5] = "";

	if (code == '"' || code == '\\') {
		text_addf(text, "\\%c", (char)code);
	} else if (code < 0x20 || (code >= 0x7F && code < 0xA0)) {
		text_addf(text, "\\u%04x", code);
	} else {
		memcpy(piece, bytes, n);
		text_add(text, piece);
	}
}

void json_string(struct text *text, const char *bytes, size_t len)
{
	text_add(text, "\"");
	for (size_t i = 0; i < len && bytes[i] && !text->cut;) {
		uint32_t code = NO_CHARACTER;
		size_t n = decode(bytes + i, len - i, &code);

		if (n)
			add_character(text, code, bytes + i, n);
		else
			text_addf(text, "\\u%04x", NO_CHARACTER);
		i += n ? n : 1;
	}
	text_add(text, "\"");
}
