// SPDX-License-Identifier: GPL-2.0-only
#include "harmless.h"

#include "make.h"

#include <ctype.h>
#include <string.h>

/* --- characters ---------------------------------------------------------------------------------- */

/* By the table of well-formed UTF-8 (Unicode 15, table 3-7). */
size_t harmless_character(const char *bytes, size_t len, uint32_t *ret_code)
{
	static const struct {
		uint8_t first, last; /* lead bytes */
		uint8_t low, high; /* of the second byte */
		size_t n;
	} forms[] = {
		{0x00, 0x7F, 0, 0, 1},	     {0xC2, 0xDF, 0x80, 0xBF, 2},
		{0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
		{0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
		{0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4},
		{0xF4, 0xF4, 0x80, 0x8F, 4},
	};
	static const uint8_t masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
	const uint8_t *at = (const uint8_t *)bytes;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (at[0] < forms[i].first || at[0] > forms[i].last)
			continue;
		if (forms[i].n > len ||
		    (forms[i].n > 1 && (at[1] < forms[i].low || at[1] > forms[i].high)))
			return 0;
		*ret_code = at[0] & masks[forms[i].n];
		for (size_t k = 1; k < forms[i].n; k++) {
			if (k > 1 && (at[k] < 0x80 || at[k] > 0xBF))
				return 0;
			*ret_code = *ret_code << 6 | (at[k] & 0x3F);
		}
		return forms[i].n;
	}
	return 0;
}

/* Controls; Zl and Zp; Default_Ignorable_Code_Point and the annotations of the Unicode Character Database. */
bool harmless_is(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00, 0x1F},	    {0x7F, 0x9F},	{0xAD, 0xAD},	    {0x34F, 0x34F},
		{0x61C, 0x61C},	    {0x115F, 0x1160},	{0x17B4, 0x17B5},   {0x180B, 0x180F},
		{0x200B, 0x200F},   {0x2028, 0x202E},	{0x2060, 0x206F},   {0x3164, 0x3164},
		{0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},	{0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
		{0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
	};

	if (code >= ' ' && code <= '~') /* most are */
		return true;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return false;
	return true;
}

static void check_character(const char *bytes, size_t at, size_t len, const char *allowed,
			    size_t *ret_n)
{
	uint32_t code = 0;
	size_t n = harmless_character(bytes + at, len - at, &code);

	if (!n)
		fail_msg("byte 0x%02x is no UTF-8: ...%.*s", (uint8_t)bytes[at],
			 (int)(at < 40 ? at : 40), bytes + (at < 40 ? 0 : at - 40));
	if (!harmless_is(code) && !(code && code < 0x80 && strchr(allowed, (int)code)))
		fail_msg("U+%04X came through: ...%.*s", code, (int)(at < 40 ? at : 40),
			 bytes + (at < 40 ? 0 : at - 40));
	*ret_n = n;
}

static void check_characters(const char *bytes, size_t len, const char *allowed)
{
	for (size_t at = 0, n; at < len; at += n)
		check_character(bytes, at, len, allowed, &n);
}

void harmless_text(const char *bytes, size_t len)
{
	check_characters(bytes, len, "\n");
}

void harmless_screen(const char *bytes, size_t len)
{
	size_t n;

	for (size_t at = 0; at < len; at += n) {
		n = 1;
		if (bytes[at] == '\033') {
			assert_int_equal(bytes[at + 1], '[');
			n = 2 + strspn(bytes + at + 2, "0123456789;");
			assert_non_null(memchr("mAKJ", bytes[at + n++], 4));
		} else if (bytes[at] != '\r') {
			check_character(bytes, at, len, "\n", &n);
		}
	}
}

/* --- JSON ---------------------------------------------------------------------------------------- */

static const char *json_value(const char *at, unsigned int depth);

/* Behind its first quote. */
static const char *json_string_end(const char *at)
{
	for (; *at != '"'; at++) {
		assert_true((uint8_t)*at >= 0x20);
		if (*at != '\\')
			continue;
		at++;
		assert_true(*at && strchr("\"\\/bfnrtu", *at));
		for (int digits = 0; *at == 'u' && digits < 4; digits++)
			assert_true(isxdigit((uint8_t)at[1 + digits]));
		at += *at == 'u' ? 4 : 0;
	}
	return at + 1;
}

/* Of an object or a list: BRACKET is what ends it. */
static const char *json_members(const char *at, char bracket, unsigned int depth)
{
	if (*at == bracket)
		return at + 1;
	for (;; at++) {
		if (bracket == '}') {
			assert_int_equal(*at, '"');
			at = json_string_end(at + 1);
			assert_int_equal(*at++, ':');
		}
		at = json_value(at, depth);
		if (*at == bracket)
			return at + 1;
		assert_int_equal(*at, ',');
	}
}

static const char *json_value(const char *at, unsigned int depth)
{
	static const char *const words[] = {"null", "true", "false"};
	size_t digits;

	assert_true(depth < 16);
	if (*at == '"')
		return json_string_end(at + 1);
	if (*at == '{' || *at == '[')
		return json_members(at + 1, *at == '{' ? '}' : ']', depth + 1);
	for (size_t i = 0; i < 3; i++)
		if (strncmp(at, words[i], strlen(words[i])) == 0)
			return at + strlen(words[i]);
	at += *at == '-';
	digits = strspn(at, "0123456789");
	assert_true(digits && (digits == 1 || *at != '0'));
	at += digits;
	if (*at == '.') {
		digits = strspn(++at, "0123456789");
		assert_true(digits);
		at += digits;
	}
	return at;
}

void harmless_json(const char *bytes, size_t len)
{
	const char *at = bytes;

	harmless_text(bytes, len);
	while (at < bytes + len) {
		at = json_value(at, 0);
		assert_int_equal(*at++, '\n');
	}
}

/* --- CSV ----------------------------------------------------------------------------------------- */

/* Behind the cell at AT. */
static const char *csv_cell_end(const char *at)
{
	if (*at != '"') {
		at += strcspn(at, ",\r\n\"");
		return at;
	}
	for (at++; *at != '"' || at[1] == '"'; at += *at == '"' ? 2 : 1)
		assert_true(*at);
	return at + 1;
}

void harmless_csv(const char *bytes, size_t len)
{
	unsigned int cells = 0, first = 0;

	check_characters(bytes, len, "\r\n");
	for (const char *at = bytes; at < bytes + len;) {
		at = csv_cell_end(at);
		cells++;
		if (*at == ',') {
			at++;
			continue;
		}
		assert_memory_equal(at, "\r\n", 2);
		at += 2;
		first = first ? first : cells;
		assert_int_equal(cells, first);
		cells = 0;
	}
	assert_int_equal(cells, 0);
}

/* --- XML ----------------------------------------------------------------------------------------- */

#define XML_DEPTH 16

/* Text up to one of STOPS: no "<", and "&" only before an entity. */
static const char *xml_text_end(const char *at, const char *stops)
{
	static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

	for (; *at && !strchr(stops, *at); at++) {
		size_t i = 0;

		assert_true(*at != '<');
		while (*at == '&' && i < 5 && strncmp(at, entities[i], strlen(entities[i])) != 0)
			i++;
		assert_true(i < 5);
	}
	return at;
}

/* Behind the name of a tag, up to its ">" or "/>". */
static const char *xml_attributes_end(const char *at)
{
	while (*at == ' ' || *at == '\n') {
		size_t name;

		at += strspn(at, " \n");
		name = strcspn(at, "= <>&\"'");
		assert_true(name > 0);
		at += name;
		assert_memory_equal(at, "=\"", 2);
		at = xml_text_end(at + 2, "\"");
		assert_int_equal(*at++, '"');
	}
	return at;
}

struct xml_name {
	const char *at;
	size_t len;
};

/* Behind the tag at AT, which is noted in OPEN. */
static const char *xml_tag_end(const char *at, struct xml_name *open, unsigned int *depth)
{
	bool closes = at[1] == '/';
	const char *name = at + 1 + closes;
	size_t len = strcspn(name, " \n/<>&\"'");

	assert_true(len > 0);
	if (closes) {
		assert_true(*depth > 0 && open[*depth - 1].len == len);
		assert_memory_equal(open[--*depth].at, name, len);
		assert_int_equal(name[len], '>');
		return name + len + 1;
	}
	at = xml_attributes_end(name + len);
	if (*at == '/') {
		assert_int_equal(at[1], '>');
		return at + 2;
	}
	assert_int_equal(*at, '>');
	assert_true(*depth < XML_DEPTH);
	open[(*depth)++] = (struct xml_name){name, len};
	return at + 1;
}

void harmless_xml(const char *bytes, size_t len)
{
	struct xml_name open[XML_DEPTH] = {0};
	unsigned int depth = 0;
	const char *at = bytes;

	check_characters(bytes, len, "\n");
	do {
		at = xml_text_end(at, "<");
		if (*at == '<')
			at = xml_tag_end(at, open, &depth);
	} while (depth > 0);
	assert_true(*at == '\n' && at + 1 == bytes + len);
}

/* --- metrics ------------------------------------------------------------------------------------- */

static const char *label_name_end(const char *at)
{
	assert_true(isalpha((uint8_t)*at) || *at == '_');
	while (isalnum((uint8_t)*at) || *at == '_')
		at++;
	return at;
}

/* From "{" on. */
static const char *labels_end(const char *at)
{
	do {
		at = label_name_end(at + 1);
		assert_memory_equal(at, "=\"", 2);
		for (at += 2; *at != '"'; at++) {
			assert_true(*at && *at != '\n');
			if (*at == '\\') {
				at++;
				assert_true(*at == 'n' || *at == '\\' || *at == '"');
			}
		}
		at++;
	} while (*at == ',');
	assert_int_equal(*at, '}');
	return at + 1;
}

void harmless_metrics(const char *bytes, size_t len)
{
	const char *at = bytes;

	harmless_text(bytes, len);
	while (at < bytes + len) {
		if (*at != '#') {
			at = label_name_end(at);
			if (*at == '{')
				at = labels_end(at);
			assert_int_equal(*at++, ' ');
			assert_true(isdigit((uint8_t)*at));
			at += strspn(at, "0123456789.");
			assert_int_equal(*at, '\n');
		}
		at += strcspn(at, "\n") + 1;
	}
	assert_ptr_equal(at, bytes + len);
}
