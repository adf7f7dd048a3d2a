// SPDX-License-Identifier: GPL-2.0-only
#include "base/xml.h"

#include <string.h>

#include "base/utf8.h"

#define NO_CHARACTER "\xEF\xBF\xBD" /* U+FFFD */

static const char *entity_of(uint32_t code)
{
	switch (code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

/* XML 1.0, section 2.2: no control characters but blanks, no surrogates (which UTF-8 has not), not the last two. */
static bool is_character(uint32_t code)
{
	return !utf8_is_control(code) && code != 0xFFFE && code != 0xFFFF;
}

void xml_text(struct text *text, const char *bytes, size_t len)
{
	len = strnlen(bytes, len);
	for (size_t i = 0; i < len && !text->cut;) {
		uint32_t code;
		size_t n = utf8_decode(bytes + i, len - i, &code);
		const char *entity = n ? entity_of(code) : NULL;

		if (entity)
			text_add(text, entity);
		else if (n && is_character(code))
			text_put(text, bytes + i, n);
		else
			text_add(text, NO_CHARACTER);
		i += n ? n : 1;
	}
}
