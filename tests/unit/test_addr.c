// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <errno.h>
#include <string.h>

#include "core/addr.h"

static struct addr_prefix prefix_of(const char *text)
{
	struct addr_prefix prefix;

	assert_int_equal(addr_parse_prefix(text, &prefix), 0);
	return prefix;
}

static bool is_in(const char *addr, const char *prefix)
{
	struct addr a = make_addr(addr);
	struct addr_prefix p = prefix_of(prefix);

	return addr_in_prefix(&a, &p);
}

TEST(v4_is_a_mapped_v6_address)
{
	struct addr v4 = make_addr("1.2.3.4"), mapped = make_addr("::ffff:1.2.3.4");
	static const uint8_t bytes[16] = {[10] = 0xff, 0xff, 1, 2, 3, 4};

	assert_memory_equal(v4.bytes, bytes, 16);
	assert_true(addr_equal(&v4, &mapped));
	assert_true(addr_is_v4(&v4));
}

TEST(v6_is_not_v4)
{
	static const char *const v6[] = {"::",
					 "::1",
					 "fe80::1",
					 "::1.2.3.4",
					 "64:ff9b::1.2.3.4",
					 "::fffe:1.2.3.4",
					 "1::ffff:1.2.3.4"};

	for (size_t i = 0; i < sizeof(v6) / sizeof(*v6); i++) {
		struct addr addr = make_addr(v6[i]);

		assert_false(addr_is_v4(&addr));
	}
}

TEST(each_family_has_its_wildcard)
{
	struct addr v4 = make_addr("0.0.0.0"), v6 = make_addr("::");
	struct addr one = make_addr("0.0.0.1"), loopback = make_addr("::1"),
		    high = make_addr("8000::");

	assert_true(addr_is_any(&v4));
	assert_true(addr_is_any(&v6));
	assert_false(addr_is_any(&one));
	assert_false(addr_is_any(&loopback));
	assert_false(addr_is_any(&high));
}

TEST(address_and_port_make_equality)
{
	struct addr_port a = make_at("1.2.3.4", 80), b = a;

	assert_true(addr_port_equal(&a, &b));
	b.port = 81;
	assert_false(addr_port_equal(&a, &b));
	b = make_at("1.2.3.5", 80);
	assert_false(addr_port_equal(&a, &b));
	b = make_at("::1.2.3.4", 80);
	assert_false(addr_port_equal(&a, &b));
}

TEST(addresses_are_written_as_people_write_them)
{
	static const char *const texts[] =
		{"127.0.0.1", "255.255.255.255",     "0.0.0.0", "::", "::1",
		 "fe80::1",   "2001:db8:1:2:3:4:5:6"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct addr addr = make_addr(texts[i]);
		char text[ADDR_TEXT_LEN];

		addr_format(&addr, text);
		assert_string_equal(text, texts[i]);
	}
}

TEST(the_port_is_told_from_the_address)
{
	struct addr_port v4 = make_at("127.0.0.1", 80), v6 = make_at("::1", 65535),
			 none = make_at("10.0.0.1", 0), none6 = make_at("::", 0);
	char text[ADDR_PORT_TEXT_LEN];

	addr_port_format(&v4, text);
	assert_string_equal(text, "127.0.0.1:80");
	addr_port_format(&v6, text);
	assert_string_equal(text, "[::1]:65535");
	addr_port_format(&none, text);
	assert_string_equal(text, "10.0.0.1:*");
	addr_port_format(&none6, text);
	assert_string_equal(text, "[::]:*");
}

TEST(the_longest_address_fits)
{
	struct addr_port at = make_at("2001:1111:2222:3333:4444:5555:6666:7777", 65535);
	char text[ADDR_PORT_TEXT_LEN];

	addr_port_format(&at, text);
	assert_string_equal(text, "[2001:1111:2222:3333:4444:5555:6666:7777]:65535");
}

TEST(a_prefix_is_read_with_its_length)
{
	assert_int_equal(prefix_of("10.0.0.0/8").bits, 104);
	assert_int_equal(prefix_of("10.0.0.1").bits, 128);
	assert_int_equal(prefix_of("0.0.0.0/0").bits, 96);
	assert_int_equal(prefix_of("10.0.0.1/32").bits, 128);
	assert_int_equal(prefix_of("::/0").bits, 0);
	assert_int_equal(prefix_of("fe80::/10").bits, 10);
	assert_int_equal(prefix_of("::1").bits, 128);
	assert_int_equal(prefix_of("::1/128").bits, 128);
	assert_int_equal(prefix_of("::ffff:10.0.0.0/104").bits, 104);
}

TEST(what_is_no_address_is_invalid)
{
	static const char *const bad[] = {
		"",
		"/8",
		"1.2.3",
		"1.2.3.4.5",
		"1.2.3.256",
		"1.2.3.4/",
		"1.2.3.4/x",
		"1.2.3.4/-1",
		" 1.2.3.4",
		"1.2.3.4 ",
		"localhost",
		":::",
		"1:2:3:4:5:6",
		"fe80::1%lo",
		"1.2.3.4/8/8",
		"[::1]",
		"1.2.3.4:80",
		"::1/ 64",
		"2001:1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb",
	};
	struct addr_prefix prefix, before;

	memset(&before, 0x5a, sizeof(before));
	prefix = before;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(addr_parse_prefix(bad[i], &prefix), -EINVAL);
	assert_memory_equal(&prefix, &before, sizeof(prefix));
}

TEST(a_prefix_longer_than_the_address_is_out_of_range)
{
	struct addr_prefix prefix;

	assert_int_equal(addr_parse_prefix("1.2.3.4/33", &prefix), -ERANGE);
	assert_int_equal(addr_parse_prefix("::1/129", &prefix), -ERANGE);
	assert_int_equal(addr_parse_prefix("::1/4294967296", &prefix), -ERANGE);
}

TEST(a_prefix_takes_its_addresses_only)
{
	assert_true(is_in("10.255.1.2", "10.0.0.0/8"));
	assert_false(is_in("11.0.0.0", "10.0.0.0/8"));
	assert_true(is_in("192.168.1.255", "192.168.1.128/25"));
	assert_false(is_in("192.168.1.127", "192.168.1.128/25"));
	assert_true(is_in("1.2.3.4", "1.2.3.4"));
	assert_false(is_in("1.2.3.5", "1.2.3.4"));
	assert_true(is_in("fe80::1", "fe80::/10"));
	assert_true(is_in("febf::1", "fe80::/10"));
	assert_false(is_in("fec0::1", "fe80::/10"));
}

TEST(bits_behind_the_prefix_do_not_matter)
{
	assert_true(is_in("10.9.9.9", "10.1.2.3/8"));
	assert_true(is_in("192.168.1.200", "192.168.1.129/25"));
}

TEST(all_of_a_family_is_not_all)
{
	assert_true(is_in("1.2.3.4", "0.0.0.0/0"));
	assert_false(is_in("::1", "0.0.0.0/0"));
	assert_true(is_in("::1", "::/0"));
	assert_true(is_in("1.2.3.4", "::/0"));
}

/* Each length, with an address that differs in the bit behind it, and in its last bit. */
TEST(each_bit_of_a_prefix_counts)
{
	for (unsigned int bits = 1; bits <= 128; bits++) {
		struct addr_prefix prefix = {.addr = make_addr("5a5a:1234:ff00:ff::1"), bits};
		struct addr addr = prefix.addr;

		addr.bytes[(bits - 1) / 8] ^= (uint8_t)(0x80 >> (bits - 1) % 8);
		assert_false(addr_in_prefix(&addr, &prefix));
		addr = prefix.addr;
		if (bits < 128)
			addr.bytes[bits / 8] ^= (uint8_t)(0x80 >> bits % 8);
		assert_true(addr_in_prefix(&addr, &prefix));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v4_is_a_mapped_v6_address),
		cmocka_unit_test(v6_is_not_v4),
		cmocka_unit_test(each_family_has_its_wildcard),
		cmocka_unit_test(address_and_port_make_equality),
		cmocka_unit_test(addresses_are_written_as_people_write_them),
		cmocka_unit_test(the_port_is_told_from_the_address),
		cmocka_unit_test(the_longest_address_fits),
		cmocka_unit_test(a_prefix_is_read_with_its_length),
		cmocka_unit_test(what_is_no_address_is_invalid),
		cmocka_unit_test(a_prefix_longer_than_the_address_is_out_of_range),
		cmocka_unit_test(a_prefix_takes_its_addresses_only),
		cmocka_unit_test(bits_behind_the_prefix_do_not_matter),
		cmocka_unit_test(all_of_a_family_is_not_all),
		cmocka_unit_test(each_bit_of_a_prefix_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
