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

struct span {
	uint32_t first, last;
};

static bool is_in(const struct span *spans, size_t count, uint32_t code)
{
	for (size_t i = 0; i < count; i++)
		if (code >= spans[i].first && code <= spans[i].last)
			return true;
	return false;
}

/* Of the Unicode Character Database: Zl, Zp, and Default_Ignorable_Code_Point, which has all of Bidi_Control; and what
 * divides annotations from text. */
static bool is_unseen(uint32_t code)
{
	static const struct span spans[] = {
		{0xAD, 0xAD},	    {0x34F, 0x34F},   {0x61C, 0x61C},	  {0x115F, 0x1160},
		{0x17B4, 0x17B5},   {0x180B, 0x180F}, {0x200B, 0x200F},	  {0x2028, 0x202E},
		{0x2060, 0x206F},   {0x3164, 0x3164}, {0xFE00, 0xFE0F},	  {0xFEFF, 0xFEFF},
		{0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
		{0xE0000, 0xE0FFF},
	};

	return is_in(spans, sizeof(spans) / sizeof(spans[0]), code);
}

bool utf8_is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7F && code < 0xA0) || is_unseen(code);
}

/* Blocks of combining characters and of East Asian wide ones (Unicode Standard Annex 11), as a whole: terminals differ
 * within some of them. */
unsigned int utf8_columns(uint32_t code)
{
	static const struct span none[] = {
		{0x0300, 0x036F},
		{0x20D0, 0x20FF},
		{0xFE20, 0xFE2F},
	};
	static const struct span two[] = {
		{0x1100, 0x115F},   {0x2E80, 0xA4CF},	{0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
		{0xFE30, 0xFE6F},   {0xFF00, 0xFF60},	{0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F},
		{0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
	};

	if (utf8_is_control(code) || is_in(none, sizeof(none) / sizeof(none[0]), code))
		return 0;
	return is_in(two, sizeof(two) / sizeof(two[0]), code) ? 2 : 1;
}
