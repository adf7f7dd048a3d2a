// SPDX-License-Identifier: GPL-2.0-only
/* What is said of a port that is not to be had. */
#include "make.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "render/bind_words.h"

#define CALLER 300
#define OTHER  301

static char said[2048];

static void say(void *ctx, const char *line)
{
	(void)ctx;
	strncat(said, line, sizeof(said) - strlen(said) - 2);
	strcat(said, "\n");
}

static const char *words_of(const struct in_use *in_use)
{
	said[0] = '\0';
	bind_words(in_use, say, NULL);
	return said;
}

static struct in_use make_wants(const char *address, uint16_t err)
{
	return (struct in_use){
		.wants = {.local = make_at(address, 80),
			  .err = err,
			  .family = AF_INET,
			  .actor = {.pid = CALLER, .comm = "new", .call = WIRE_CALL_BIND}},
		.times = 1,
		.looked = true,
	};
}

static void add_bound(struct in_use *in_use, uint32_t pid)
{
	const struct port_user user = {
		.claim = {.local = in_use->wants.local.addr, .family = AF_INET},
		.owner = {.pid = pid, .source = OWNER_SNAPSHOT, .comm = "holder"},
		.state = WIRE_CLOSE,
	};

	inuse_add(in_use, &user);
}

static void check_says(const struct in_use *in_use, const char *words)
{
	if (!strstr(words_of(in_use), words))
		fail_msg("it does not say \"%s\":\n%s", words, said);
}

TEST(repeats_are_said_to_be_some)
{
	struct in_use in_use = make_wants("127.0.0.1", EADDRINUSE);

	check_says(&in_use, "new[300]: bind(127.0.0.1:80) failed: EADDRINUSE\n");
	in_use.times = 64;
	check_says(&in_use, "new[300]: bind(127.0.0.1:80) failed 64 times by now: EADDRINUSE\n");
}

TEST(nothing_is_gone_that_was_not_looked_for)
{
	struct in_use in_use = make_wants("127.0.0.1", EADDRINUSE);

	check_says(&in_use, "gone already");
	in_use.looked = false;
	check_says(&in_use, "what is only bound was not looked for");
	assert_null(strstr(said, "gone"));
}

TEST(the_caller_is_not_to_be_stopped)
{
	struct in_use in_use = make_wants("127.0.0.1", EADDRINUSE);

	add_bound(&in_use, CALLER);
	check_says(&in_use, "what would help: close the caller's own other socket first\n");
	add_bound(&in_use, OTHER);
	check_says(&in_use, "stop holder[301], close the caller's own other socket first\n");
}

TEST(an_address_that_may_be_anothers_is_not_promised)
{
	static const char *const here[] = {"0.0.0.0", "127.1.2.3", "::", "::1"};
	struct in_use in_use;

	for (size_t i = 0; i < sizeof(here) / sizeof(here[0]); i++) {
		in_use = make_wants(here[i], 0);
		check_says(&in_use, " would succeed: nobody has the port\n");
	}
	in_use = make_wants("192.0.2.1", 0);
	check_says(&in_use, " would succeed if this host has the address: nobody has the port\n");
}

TEST(what_the_kernel_may_let_pass_fails_by_the_rules)
{
	struct in_use in_use = make_wants("127.0.0.1", 0);

	add_bound(&in_use, OTHER);
	check_says(&in_use, " would fail: EADDRINUSE\n");
	in_use.wants.reuse_port = true;
	check_says(&in_use, " would fail by the rules: EADDRINUSE\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repeats_are_said_to_be_some),
		cmocka_unit_test(nothing_is_gone_that_was_not_looked_for),
		cmocka_unit_test(the_caller_is_not_to_be_stopped),
		cmocka_unit_test(an_address_that_may_be_anothers_is_not_promised),
		cmocka_unit_test(what_the_kernel_may_let_pass_fails_by_the_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
