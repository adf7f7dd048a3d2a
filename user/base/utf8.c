// SPDX-License-Identifier: GPL-2.0-only
#include "base/utf8.h"

#include <stdbool.h>

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

size_t utf8_decode(const char *bytes, size_t len, uint32_t *ret_code)
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

/* Bidi_Control of the Unicode Character Database. */
static bool turns_text(uint32_t code)
{
	return code == 0x061C || code == 0x200E || code == 0x200F ||
	       (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

bool utf8_is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7F && code < 0xA0) || turns_text(code);
}
