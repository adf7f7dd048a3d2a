// SPDX-License-Identifier: GPL-2.0-only
/* Nothing that came from outside is anything but text in XML. */
#include "make.h"

#include <string.h>

#include "base/xml.h"

static void check(const char *bytes, size_t len, const char *expected)
{
	char buffer[256];
	struct text text;

	text_init(&text, buffer, sizeof(buffer));
	xml_text(&text, bytes, len);
	assert_string_equal(buffer, expected);
}

#define CHECK_XML(bytes, expected) check(bytes, sizeof(bytes) - 1, expected)

#define NO_CHARACTER "\xEF\xBF\xBD"

TEST(what_is_markup_becomes_entities)
{
	CHECK_XML("<a b=\"c\" d='e'>&amp;]]>",
		  "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;]]&gt;");
}

TEST(other_text_stays)
{
	CHECK_XML("echo-server[3140] \xE2\x96\xB6 \xF0\x9F\x90\xA7",
		  "echo-server[3140] \xE2\x96\xB6 \xF0\x9F\x90\xA7");
}

TEST(what_is_no_character_is_replaced)
{
	CHECK_XML("a\033[31mb", "a" NO_CHARACTER "[31mb");
	CHECK_XML("a\nb\tc", "a" NO_CHARACTER "b" NO_CHARACTER "c");
	CHECK_XML("a\xFF\xC3z", "a" NO_CHARACTER NO_CHARACTER "z");
	CHECK_XML("\xED\xA0\x80", NO_CHARACTER NO_CHARACTER NO_CHARACTER); /* a surrogate */
	CHECK_XML("\xEF\xBF\xBE", NO_CHARACTER);
	CHECK_XML("a\xE2\x80\xAE"
		  "b",
		  "a" NO_CHARACTER "b"); /* right to left */
}

TEST(it_ends_at_a_NUL_or_at_its_length)
{
	check("ab\0cd", 5, "ab");
	check("abcd", 2, "ab");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_markup_becomes_entities),
		cmocka_unit_test(other_text_stays),
		cmocka_unit_test(what_is_no_character_is_replaced),
		cmocka_unit_test(it_ends_at_a_NUL_or_at_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
