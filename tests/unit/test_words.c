// SPDX-License-Identifier: GPL-2.0-only
/* How owners are worded. */
#include "make.h"

#include <string.h>

#include "render/words.h"

static char buffer[1024];
static struct text text;

static void check(const char *wanted)
{
	assert_string_equal(text.at, wanted);
	assert_int_equal(text.columns, strlen(wanted));
	text_reset(&text);
}

static int start(void **fixture)
{
	(void)fixture;
	text_init(&text, buffer, sizeof(buffer));
	return 0;
}

TEST(an_owner_has_a_name_and_a_number)
{
	const struct owner nginx = {.pid = 7, .source = OWNER_ACCEPT, .comm = "nginx"};
	const struct owner nasty = {.pid = 7, .source = OWNER_ACCEPT, .comm = "\033[2J"};

	words_owner(&text, &nginx);
	check("nginx[7]");
	words_owner(&text, &nasty);
	check("\\x1b[2J[7]");
}

TEST(an_owner_that_is_not_known_is_a_dash)
{
	const struct owner nobody = {.pid = 7, .comm = "nginx"};

	words_owner(&text, &nobody);
	check("-");
}

TEST(the_kernels_own_sockets_are_marked)
{
	const struct owner known = {.pid = 7,
				    .source = OWNER_CONNECT,
				    .comm = "nfsd",
				    .kernel = true};
	const struct owner nobody = {.kernel = true};

	words_owner(&text, &known);
	check("nfsd[7] (kernel)");
	words_owner(&text, &nobody);
	check("- (kernel)");
}

TEST(what_more_is_known_is_told_and_no_more)
{
	struct owner owner = {.pid = 7, .source = OWNER_READ, .uid = 33, .uid_known = true};

	words_owner_more(&text, &owner, "/a.slice", 80);
	check("uid 33, /a.slice, learnt by first read");
	words_owner_more(&text, &owner, "", 80);
	check("uid 33, learnt by first read");
	words_owner_more(&text, &owner, "/0123456789", 8);
	check("uid 33, /0123..., learnt by first read");
	words_owner_more(&text, &owner, "/a\033b", 80);
	check("uid 33, /a\\x1bb, learnt by first read");
	owner.uid_known = false;
	words_owner_more(&text, &owner, "/", 80);
	check("/, learnt by first read");
	owner.source = OWNER_UNKNOWN;
	words_owner_more(&text, &owner, "", 80);
	check("");
	owner.uid_known = true;
	words_owner_more(&text, &owner, "", 80);
	check("uid 33");
}

TEST(a_container_is_told_where_there_is_one)
{
	words_container(&text, "/system.slice/ssh.service");
	check("");
	words_container(&text, "/lxc.payload.we\033b");
	check(", container we\\x1bb");
	words_container(&text, "/docker/"
			       "3f2a9c0d1e2f4a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f901234567");
	check(", container 3f2a9c0d1e2f");
}

TEST(what_is_cut_says_so)
{
	words_cut(&text, "sleep 10", 8);
	check("sleep 10");
	words_cut(&text, "sleep 100", 8);
	check("sleep...");
	words_cut(&text, "\033\033\033", 11); /* no escape is split */
	check("\\x1b\\x1b...");
}

#define WORDED(test) cmocka_unit_test_setup(test, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORDED(an_owner_has_a_name_and_a_number),
		WORDED(an_owner_that_is_not_known_is_a_dash),
		WORDED(the_kernels_own_sockets_are_marked),
		WORDED(what_more_is_known_is_told_and_no_more),
		WORDED(a_container_is_told_where_there_is_one),
		WORDED(what_is_cut_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
