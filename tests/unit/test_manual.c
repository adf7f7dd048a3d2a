// SPDX-License-Identifier: GPL-2.0-only
/* Each code stands in the manual, in its section, and nothing else does. Run from the top of the tree. */
#include "make.h"

#include <stdio.h>
#include <string.h>

#include "core/verdict.h"

#define MANUAL "user/man/tcpstate-trace.8"

static char manual[65536];

static int read_manual(void **fixture)
{
	FILE *file = fopen(MANUAL, "r");
	size_t len;

	(void)fixture;
	if (!file)
		return -1;
	len = fread(manual, 1, sizeof(manual) - 1, file);
	manual[len] = '\0';
	fclose(file);
	return 0;
}

/* Cuts out what stands under HEADING. */
static void section(const char *heading, char *ret_text, size_t size)
{
	const char *begin = strstr(manual, heading), *end;

	assert_non_null(begin);
	begin += strlen(heading);
	end = strstr(begin, "\n.Sh ");
	assert_true(end && (size_t)(end - begin) < size);
	memcpy(ret_text, begin, (size_t)(end - begin));
	ret_text[end - begin] = '\0';
}

/* roff writes "-" as "\-" where it is meant. */
static void tag_of(const char *code, char *tag, size_t size)
{
	size_t len = (size_t)snprintf(tag, size, "\n.It Cm ");

	for (; *code && len + 3 < size; code++) {
		if (*code == '-')
			tag[len++] = '\\';
		tag[len++] = *code;
	}
	tag[len++] = '\n';
	tag[len] = '\0';
}

static void check_section(const char *heading, const char *const *codes, unsigned int count)
{
	char text[sizeof(manual)], tag[64];
	unsigned int tags = 0;

	section(heading, text, sizeof(text));
	for (unsigned int i = 0; i < count; i++) {
		tag_of(codes[i], tag, sizeof(tag));
		if (!strstr(text, tag))
			fail_msg("%s is not in the manual", codes[i]);
	}
	for (const char *at = text; (at = strstr(at, "\n.It Cm ")); at++)
		tags++;
	assert_int_equal(tags, count);
}

#define CODE(name, code) (code),
#define TEST_OF_SECTION(name, heading, LIST)                                                       \
	TEST(name)                                                                                 \
	{                                                                                          \
		static const char *const codes[] = {LIST(CODE)};                                   \
                                                                                                   \
		check_section(heading, codes, sizeof(codes) / sizeof(*codes));                     \
	}

TEST_OF_SECTION(each_cause_is_explained, ".Sh CAUSES\n", CAUSES)
TEST_OF_SECTION(each_reason_of_a_RST_is_explained, ".Sh REASONS OF A RST\n", RESET_WHYS)
TEST_OF_SECTION(each_verdict_is_explained, ".Sh VERDICTS\n", VERDICTS)
TEST_OF_SECTION(each_first_is_explained, ".Sh WHO CLOSED FIRST\n", VERDICT_FIRSTS)
TEST_OF_SECTION(each_end_is_explained, ".Sh HOW AN END ENDED\n", VERDICT_ENDS)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cause_is_explained),
		cmocka_unit_test(each_reason_of_a_RST_is_explained),
		cmocka_unit_test(each_verdict_is_explained),
		cmocka_unit_test(each_first_is_explained),
		cmocka_unit_test(each_end_is_explained),
	};

	return cmocka_run_group_tests(tests, read_manual, NULL);
}
