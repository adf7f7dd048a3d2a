// SPDX-License-Identifier: GPL-2.0-only
/* The one function of each form that makes text from outside harmless: what it makes is, and tells what it was made of. */
#include "make.h"

#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/json.h"
#include "base/text.h"
#include "base/usage.h"
#include "base/xml.h"
#include "harmless.h"
#include "nasty.h"

#define ROOM 4096

static char made[ROOM], back[ROOM];
static struct text text;

static size_t length_of(const struct nasty *nasty)
{
	return strnlen(nasty->bytes, nasty->len);
}

/* What FORM's rules make of BYTES is what was given, up to a NUL. */
static void check_back(const struct nasty *nasty, size_t len)
{
	if (len != length_of(nasty) || memcmp(back, nasty->bytes, len) != 0)
		fail_msg("%s came back as '%.*s' from '%s'", nasty->what, (int)len, back, made);
}

static void begin(void)
{
	text_init(&text, made, sizeof(made));
}

static void put_code(char **to, uint32_t code)
{
	if (code < 0x80) {
		*(*to)++ = (char)code;
	} else if (code < 0x800) {
		*(*to)++ = (char)(0xC0 | code >> 6);
		*(*to)++ = (char)(0x80 | (code & 0x3F));
	} else if (code < 0x10000) {
		*(*to)++ = (char)(0xE0 | code >> 12);
		*(*to)++ = (char)(0x80 | (code >> 6 & 0x3F));
		*(*to)++ = (char)(0x80 | (code & 0x3F));
	} else {
		*(*to)++ = (char)(0xF0 | code >> 18);
		*(*to)++ = (char)(0x80 | (code >> 12 & 0x3F));
		*(*to)++ = (char)(0x80 | (code >> 6 & 0x3F));
		*(*to)++ = (char)(0x80 | (code & 0x3F));
	}
}

/* Checks that `back`, LEN bytes, is NASTY with U+FFFD for each byte that is no UTF-8, and for what IS_LEFT_OUT says. */
static void check_replaced(const struct nasty *nasty, size_t len, bool (*is_left_out)(uint32_t))
{
	char expected[ROOM], *to = expected;

	for (size_t at = 0, n; at < length_of(nasty); at += n) {
		uint32_t code = 0;

		n = harmless_character(nasty->bytes + at, length_of(nasty) - at, &code);
		put_code(&to, n && !is_left_out(code) ? code : 0xFFFD);
		n = n ? n : 1;
	}
	if (len != (size_t)(to - expected) || memcmp(back, expected, len) != 0)
		fail_msg("%s came back as '%.*s' from '%s'", nasty->what, (int)len, back, made);
}

/* --- for people ---------------------------------------------------------------------------------- */

/* \\ and \xNN */
static size_t unescape(const char *from, size_t len)
{
	char *to = back;

	for (const char *at = from; at < from + len; at++) {
		if (*at != '\\') {
			*to++ = *at;
		} else if (at[1] == '\\') {
			*to++ = *++at;
		} else {
			assert_int_equal(at[1], 'x');
			*to++ = (char)strtoul((char[]){at[2], at[3], '\0'}, NULL, 16);
			at += 3;
		}
	}
	return (size_t)(to - back);
}

TEST(a_terminal_gets_printable_ASCII_from_which_all_can_be_told)
{
	for (unsigned int i = 0; i < nasty_count; i++) {
		begin();
		text_escape(&text, nasties[i].bytes, nasties[i].len, SIZE_MAX);
		for (size_t at = 0; at < text.len; at++)
			assert_in_range(made[at], ' ', '~');
		assert_int_equal(text.columns, text.len);
		check_back(&nasties[i], unescape(made, text.len));
	}
}

/* At each width: never a part of an escape. */
TEST(what_is_cut_for_a_terminal_is_the_beginning)
{
	for (unsigned int i = 0; i < nasty_count; i++)
		for (size_t columns = 0; columns < 40; columns++) {
			size_t len;

			begin();
			text_escape(&text, nasties[i].bytes, nasties[i].len, columns);
			assert_true(text.columns <= columns);
			len = unescape(made, text.len);
			assert_memory_equal(back, nasties[i].bytes, len);
			assert_true(len == length_of(&nasties[i]) || len + 4 > columns / 4);
		}
}

TEST(what_is_wrong_is_quoted_in_printable_ASCII)
{
	char quoted[USAGE_QUOTE_SIZE];

	for (unsigned int i = 0; i < nasty_count; i++) {
		const char *said = usage_quote(nasties[i].bytes, quoted);
		size_t len = strlen(said);

		for (size_t at = 0; at < len; at++)
			assert_in_range(said[at], ' ', '~');
		assert_true(len >= 2 && said[0] == '\'' && said[len - 1] == '\'');
		len = unescape(said + 1, len - 2);
		assert_memory_equal(back, nasties[i].bytes, len);
	}
}

/* --- for machines -------------------------------------------------------------------------------- */

static bool is_nothing(uint32_t code)
{
	(void)code;
	return false;
}

static uint32_t read_hex(const char *at)
{
	return (uint32_t)strtoul((char[]){at[0], at[1], at[2], at[3], '\0'}, NULL, 16);
}

/* Reads the string back as RFC 8259 says. */
static size_t read_json(const char *from, size_t len)
{
	char *to = back;

	for (const char *at = from; at < from + len; at++) {
		uint32_t code;

		if (*at != '\\' || *++at != 'u') {
			*to++ = *at;
			continue;
		}
		code = read_hex(at + 1);
		at += 4;
		if (code >= 0xD800 && code < 0xDC00) {
			assert_memory_equal(at + 1, "\\u", 2);
			code = 0x10000 + ((code - 0xD800) << 10) + (read_hex(at + 3) - 0xDC00);
			at += 6;
		}
		put_code(&to, code);
	}
	return (size_t)(to - back);
}

TEST(JSON_is_valid_and_gives_the_same_string_back)
{
	for (unsigned int i = 0; i < nasty_count; i++) {
		begin();
		json_string(&text, nasties[i].bytes, nasties[i].len);
		assert_false(text.cut);
		check_replaced(&nasties[i], read_json(made + 1, text.len - 2), is_nothing);
		text_put(&text, "\n", 1);
		harmless_json(made, text.len);
	}
}

/* A cell without its quotes. */
static size_t read_cell(void)
{
	char *to = made, *at = made;
	bool quoted = *at == '"';

	for (at += quoted; *at && (*at != '"' || at[1] == '"'); at++) {
		at += *at == '"';
		*to++ = *at;
	}
	assert_true(!quoted || (at[0] == '"' && !at[1]));
	return unescape(made, (size_t)(to - made));
}

TEST(CSV_is_valid_and_gives_all_bytes_back)
{
	for (unsigned int i = 0; i < nasty_count; i++) {
		char line[ROOM];

		begin();
		csv_string(&text, nasties[i].bytes, nasties[i].len);
		assert_false(text.cut);
		memcpy(line, made, text.len);
		memcpy(line + text.len, ",\r\n,\r\n", 7);
		harmless_csv(line, text.len + 6);
		check_back(&nasties[i], read_cell());
	}
}

/* XML 1.0 has no way to write controls and the last two, not even as a reference; what nobody sees is left out as well. */
static bool is_not_of_xml(uint32_t code)
{
	return !harmless_is(code) || code == 0xFFFE || code == 0xFFFF;
}

static size_t read_xml(const char *at)
{
	static const struct {
		const char *entity;
		char byte;
	} entities[] = {{"&amp;", '&'},
			{"&lt;", '<'},
			{"&gt;", '>'},
			{"&quot;", '"'},
			{"&#39;", '\''}};
	char *to = back;

	while (*at) {
		size_t i = 0;

		while (i < 5 && strncmp(at, entities[i].entity, strlen(entities[i].entity)) != 0)
			i++;
		*to++ = i < 5 ? entities[i].byte : *at;
		at += i < 5 ? strlen(entities[i].entity) : 1;
	}
	return (size_t)(to - back);
}

TEST(XML_is_well_formed_and_gives_the_same_text_back)
{
	for (unsigned int i = 0; i < nasty_count; i++) {
		char document[ROOM];

		begin();
		xml_text(&text, nasties[i].bytes, nasties[i].len);
		assert_false(text.cut);
		check_replaced(&nasties[i], read_xml(made), is_not_of_xml);
		begin();
		text_add(&text, "<t a=\"");
		xml_text(&text, nasties[i].bytes, nasties[i].len);
		text_add(&text, "\">");
		xml_text(&text, nasties[i].bytes, nasties[i].len);
		text_add(&text, "</t>\n");
		memcpy(document, made, text.len + 1);
		harmless_xml(document, text.len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_gets_printable_ASCII_from_which_all_can_be_told),
		cmocka_unit_test(what_is_cut_for_a_terminal_is_the_beginning),
		cmocka_unit_test(what_is_wrong_is_quoted_in_printable_ASCII),
		cmocka_unit_test(JSON_is_valid_and_gives_the_same_string_back),
		cmocka_unit_test(CSV_is_valid_and_gives_all_bytes_back),
		cmocka_unit_test(XML_is_well_formed_and_gives_the_same_text_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
