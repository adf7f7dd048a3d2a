// SPDX-License-Identifier: GPL-2.0-only
/* Lists of ports and ranges, as --port has them. */
#include "make.h"

#include <errno.h>
#include <string.h>

#include "core/filter.h"

static int add(struct port_set *set, const char *text, const char **ret_word, int *ret_len)
{
	*ret_word = NULL;
	*ret_len = -1;
	return port_set_add(set, text, ret_word, ret_len);
}

static void add_good(struct port_set *set, const char *text)
{
	const char *word;
	int len;

	assert_int_equal(add(set, text, &word, &len), 0);
}

TEST(a_list_of_ports_and_ranges_is_read)
{
	struct port_set set = {0};

	add_good(&set, "80,443,8000-8002");
	assert_true(set.used);
	for (unsigned int port = 0; port < 65536; port++)
		assert_int_equal(port_set_has(&set, (uint16_t)port),
				 port == 80 || port == 443 || (port >= 8000 && port <= 8002));
}

TEST(lists_add_up)
{
	struct port_set set = {0};

	add_good(&set, "80");
	add_good(&set, "443,80");
	assert_true(port_set_has(&set, 80));
	assert_true(port_set_has(&set, 443));
}

TEST(the_first_and_the_last_port_count)
{
	struct port_set set = {0};

	add_good(&set, "1-65535");
	assert_false(port_set_has(&set, 0));
	assert_true(port_set_has(&set, 1));
	assert_true(port_set_has(&set, 63));
	assert_true(port_set_has(&set, 64));
	assert_true(port_set_has(&set, 65535));
	memset(&set, 0, sizeof(set));
	add_good(&set, "65535,7-7");
	assert_true(port_set_has(&set, 65535));
	assert_true(port_set_has(&set, 7));
	assert_false(port_set_has(&set, 65534));
}

TEST(a_bad_list_names_the_offending_piece_and_changes_nothing)
{
	static const struct {
		const char *text, *word;
		int err;
	} bad[] = {
		{"", "", -EINVAL},
		{"80,", "", -EINVAL},
		{",80", "", -EINVAL},
		{"80,,443", "", -EINVAL},
		{"80,http,443", "http", -EINVAL},
		{"80, 443", " 443", -EINVAL},
		{"-80", "-80", -EINVAL},
		{"80-", "80-", -EINVAL},
		{"1-2-3", "1-2-3", -EINVAL},
		{"80,0", "0", -ERANGE},
		{"65536", "65536", -ERANGE},
		{"80,443,100-99", "100-99", -ERANGE},
		{"0-10", "0-10", -ERANGE},
		{"1-65536,80", "1-65536", -ERANGE},
		{"80;443", "80;443", -EINVAL},
		{"99999999999999999999", "99999999999999999999", -ERANGE},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct port_set set = {0}, before = {0};
		const char *word;
		int len;

		assert_int_equal(add(&set, bad[i].text, &word, &len), bad[i].err);
		assert_in_range((uintptr_t)word, (uintptr_t)bad[i].text,
				(uintptr_t)bad[i].text + strlen(bad[i].text));
		assert_int_equal(len, strlen(bad[i].word));
		assert_memory_equal(word, bad[i].word, (size_t)len);
		assert_memory_equal(&set, &before, sizeof(set));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_of_ports_and_ranges_is_read),
		cmocka_unit_test(lists_add_up),
		cmocka_unit_test(the_first_and_the_last_port_count),
		cmocka_unit_test(a_bad_list_names_the_offending_piece_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
