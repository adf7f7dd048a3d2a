// SPDX-License-Identifier: GPL-2.0-only
/* May two sockets have the same port? tests/live/binds.c asks the kernel the same. */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "core/blocker.h"
#include "make.h"

#define ROOT  0
#define OTHER 1000

static struct claim v4(const char *addr)
{
	return (struct claim){.local = make_addr(addr), .family = AF_INET};
}

static struct claim v6(const char *addr)
{
	return (struct claim){.local = make_addr(addr), .family = AF_INET6};
}

static void blocks(struct claim wants, struct claim has)
{
	assert_true(blocker_stands(&wants, &has));
}

static void lets_pass(struct claim wants, struct claim has)
{
	assert_false(blocker_stands(&wants, &has));
}

TEST(the_same_address_blocks_and_another_does_not)
{
	blocks(v4("127.0.0.1"), v4("127.0.0.1"));
	lets_pass(v4("127.0.0.1"), v4("127.0.0.2"));
	blocks(v6("::1"), v6("::1"));
	lets_pass(v6("::1"), v6("::2"));
}

TEST(a_wildcard_covers_each_address_whoever_has_it)
{
	blocks(v4("0.0.0.0"), v4("127.0.0.1"));
	blocks(v4("127.0.0.1"), v4("0.0.0.0"));
	blocks(v6("::"), v6("::1"));
	blocks(v6("::1"), v6("::"));
}

TEST(a_wildcard_of_IPv6_covers_IPv4_unless_it_is_told_not_to)
{
	struct claim only = v6("::");

	only.v6_only = true;
	blocks(v6("::"), v4("127.0.0.1"));
	blocks(v4("127.0.0.1"), v6("::"));
	blocks(v4("0.0.0.0"), v6("::"));
	lets_pass(only, v4("127.0.0.1"));
	lets_pass(v4("127.0.0.1"), only);
	lets_pass(v4("0.0.0.0"), only);
	blocks(only, v6("::1"));
	blocks(only, v6("::"));
}

TEST(an_address_of_IPv4_is_the_same_in_a_socket_of_IPv6)
{
	blocks(v6("::ffff:127.0.0.1"), v4("127.0.0.1"));
	blocks(v4("0.0.0.0"), v6("::ffff:127.0.0.1"));
	lets_pass(v6("::ffff:127.0.0.1"), v4("127.0.0.2"));
	lets_pass(v6("::ffff:127.0.0.1"), v6("::1"));
}

/* A child of [::] that speaks IPv6 is not for IPv6 alone, and has 127.0.0.6 as its address of IPv4. */
TEST(a_connection_of_IPv6_blocks_the_wildcard_of_IPv4)
{
	blocks(v4("0.0.0.0"), v6("::1"));
	lets_pass(v4("127.0.0.1"), v6("::1"));
	blocks(v4("127.0.0.6"), v6("::1"));
}

TEST(SO_REUSEADDR_is_needed_on_both)
{
	struct claim plain = v4("0.0.0.0"), with = plain;

	with.reuse_addr = true;
	blocks(with, plain);
	blocks(plain, with);
	lets_pass(with, with);
	plain.minisock = with.minisock = true;
	blocks(with, plain);
	lets_pass(with, with);
}

TEST(SO_REUSEADDR_does_not_help_beside_a_listener)
{
	struct claim wants = v4("0.0.0.0"), listens;

	wants.reuse_addr = true;
	listens = wants;
	listens.listens = true;
	blocks(wants, listens);
}

TEST(SO_REUSEPORT_is_needed_on_both_and_of_one_user)
{
	struct claim plain = v4("0.0.0.0"), with = plain, others;

	with.reuse_port = with.listens = true;
	with.uid = ROOT;
	others = with;
	others.uid = OTHER;
	blocks(with, plain);
	blocks(plain, with);
	lets_pass(with, with);
	blocks(others, with);
	blocks(with, others);
}

TEST(a_minisock_is_nobodys)
{
	struct claim wants = v4("0.0.0.0"), has = wants;

	wants.reuse_port = has.reuse_port = true;
	wants.uid = OTHER;
	has.uid = ROOT;
	blocks(wants, has);
	has.minisock = true;
	lets_pass(wants, has);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_address_blocks_and_another_does_not),
		cmocka_unit_test(a_wildcard_covers_each_address_whoever_has_it),
		cmocka_unit_test(a_wildcard_of_IPv6_covers_IPv4_unless_it_is_told_not_to),
		cmocka_unit_test(an_address_of_IPv4_is_the_same_in_a_socket_of_IPv6),
		cmocka_unit_test(a_connection_of_IPv6_blocks_the_wildcard_of_IPv4),
		cmocka_unit_test(SO_REUSEADDR_is_needed_on_both),
		cmocka_unit_test(SO_REUSEADDR_does_not_help_beside_a_listener),
		cmocka_unit_test(SO_REUSEPORT_is_needed_on_both_and_of_one_user),
		cmocka_unit_test(a_minisock_is_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
