// SPDX-License-Identifier: GPL-2.0-only
/* How a scenario is read. */
#include "make.h"

#include <errno.h>
#include <linux/icmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "core/finding.h"
#include "demo/scenario.h"

static struct scenario scenario;
static char sentence[SCENARIO_ERROR_SIZE];

static int parse(const char *text)
{
	struct text error;

	text_init(&error, sentence, sizeof(sentence));
	return scenario_parse("mine", text, strlen(text), &scenario, &error);
}

/* The least that a scenario has, its four lines first. */
#define LEAST "title t\nabout a\nclient connect\nexpect client\nCLOSE -> SYN_SENT\n"

static void assert_wrong(const char *text, const char *wanted)
{
	assert_int_equal(parse(text), -EINVAL);
	assert_string_equal(sentence, wanted);
}

/* LINE is the sixth. */
static void assert_line_wrong(const char *line, const char *why)
{
	char text[1024], wanted[512];

	snprintf(text, sizeof(text), LEAST "%s\n", line);
	snprintf(wanted, sizeof(wanted), "'mine' line 6: %s", why);
	assert_wrong(text, wanted);
}

static const char story[] = "# a comment\n"
			    "title  Half a close  # and another\n"
			    "about  One line,\n"
			    "about  and one more.\n"
			    "needs  sysctl net.mptcp.enabled\n"
			    "needs  sock-destroy\n"
			    "needs  kernel 5.14\n"
			    "takes  62 s\n"
			    "[fast]\n"
			    "takes  3 s\n"
			    "explain-bind\n"
			    "needs  command netstat\n"
			    "address ::1\n"
			    "sysctl net.ipv4.ip_local_port_range 40000 40001\n"
			    "\n"
			    "server runs echo-server 19999\n"
			    "client bind 40000\n"
			    "client connect fails ECONNREFUSED\n"
			    "client shutdown rdwr\n"
			    "client keepalive 1 2 3\n"
			    "client linger2 -1\n"
			    "client in FIN_WAIT2\n"
			    "server types a line of it\n"
			    "server signal KILL\n"
			    "server exits SIGKILL\n"
			    "server exits 1 \"Address already in use\"\n"
			    "[before 6.5 1a2b3c4d it was so]\n"
			    "client destroy\n"
			    "netstat counts 1 LISTEN, 2 TIME_WAIT\n"
			    "\n"
			    "expect client/2\n"
			    "  CLOSE -> SYN_SENT\n"
			    "  [before 6.5 1a2b3c4d it was so]\n"
			    "  FIN_WAIT2 ~> TIME_WAIT : TIME_WAIT 60 s\n"
			    "expect listener\n"
			    "expect server/3-300\n"
			    "verdict/2-5 closed by client first; FIN both ways\n"
			    "[from 6.5 1a2b3c4d it is so]\n"
			    "verdict refused\n"
			    "close-wait-warn 0.5 s\n"
			    "finding close-wait-held : 3 connections\n"
			    "[from 6.5 1a2b3c4d it is so]\n"
			    "may-find rst-unread\n";

TEST(what_is_told_of_it)
{
	assert_int_equal(parse(story), 0);
	assert_string_equal(scenario.name, "mine");
	assert_string_equal(scenario.title, "Half a close");
	assert_string_equal(scenario.about, "One line, and one more.");
	assert_string_equal(scenario.address, "::1");
	assert_true(scenario.explain_bind);
	assert_int_equal(scenario.need_count, 4);
	assert_int_equal(scenario.needs[0].kind, NEED_SYSCTL);
	assert_string_equal(scenario.needs[0].name, "net.mptcp.enabled");
	assert_int_equal(scenario.needs[1].kind, NEED_SOCK_DESTROY);
	assert_int_equal(scenario.needs[2].kind, NEED_KERNEL);
	assert_string_equal(scenario.needs[2].name, "5.14");
	assert_int_equal(scenario.needs[3].kind, NEED_COMMAND);
	assert_string_equal(scenario.needs[3].name, "netstat");
	assert_int_equal(scenario.sysctl_count, 1);
	assert_string_equal(scenario.sysctls[0].name, "net.ipv4.ip_local_port_range");
	assert_string_equal(scenario.sysctls[0].value, "40000 40001");
	scenario_fini(&scenario);
}

TEST(what_each_side_does)
{
	const struct act *act = scenario.acts;

	assert_int_equal(parse(story), 0);
	assert_int_equal(scenario.role_count, 3);
	assert_string_equal(scenario.roles[0].name, "server");
	assert_true(scenario.roles[0].is_program);
	assert_false(scenario.roles[1].is_program);
	assert_int_equal(scenario.act_count, 13);
	assert_int_equal(act[0].deed, DEED_RUNS);
	assert_string_equal(act[0].args.text, "echo-server 19999");
	assert_int_equal(act[0].line, 16);
	assert_int_equal(act[0].when.before, 0);
	assert_string_equal(act[0].said, "server runs echo-server 19999");
	assert_int_equal(act[1].args.numbers[0], 40000);
	assert_int_equal(act[2].args.fails, ECONNREFUSED);
	assert_int_equal(act[3].args.numbers[0], SHUT_RDWR);
	assert_int_equal(act[4].args.numbers[2], 3);
	assert_int_equal(act[5].args.numbers[0], -1);
	assert_int_equal(act[6].args.numbers[0], WIRE_FIN_WAIT2);
	assert_string_equal(act[7].args.text, "a line of it");
	assert_int_equal(act[8].args.numbers[0], SIGKILL);
	assert_int_equal(act[9].args.numbers[0], 128 + SIGKILL);
	assert_null(act[9].args.text);
	assert_int_equal(act[10].args.numbers[0], 1);
	assert_string_equal(act[10].args.text, "Address already in use");
	assert_int_equal(act[11].deed, DEED_DESTROY);
	assert_int_equal(act[11].when.before, 6005);
	assert_int_equal(act[12].deed, DEED_COUNTS);
	assert_string_equal(act[12].args.text, "1 LISTEN, 2 TIME_WAIT");
	scenario_fini(&scenario);
}

TEST(what_an_act_may_name)
{
	const struct act *act = &scenario.acts[1];

	assert_int_equal(parse(LEAST "client connect 20000\n"), 0);
	assert_int_equal(act->deed, DEED_CONNECT);
	assert_int_equal(act->args.count, 1);
	assert_int_equal(act->args.numbers[0], 20000);
	scenario_fini(&scenario);
	assert_int_equal(parse(LEAST "client connect fails EHOSTUNREACH\n"), 0);
	assert_int_equal(act->args.count, 0);
	assert_int_equal(act->args.fails, EHOSTUNREACH);
	scenario_fini(&scenario);
	assert_int_equal(parse(LEAST "network unreachable host\n"), 0);
	assert_int_equal(act->deed, DEED_UNREACHABLE);
	assert_int_equal(act->args.numbers[0], ICMP_HOST_UNREACH);
	scenario_fini(&scenario);
	assert_int_equal(parse(LEAST "network unreachable port\n"), 0);
	assert_int_equal(act->args.numbers[0], ICMP_PORT_UNREACH);
	scenario_fini(&scenario);
	assert_int_equal(parse(LEAST "client leaves-namespace\n"), 0);
	assert_int_equal(act->deed, DEED_LEAVES_NAMESPACE);
	scenario_fini(&scenario);
}

TEST(what_must_be_seen)
{
	const struct expected_row *row = scenario.rows;

	assert_int_equal(parse(story), 0);
	assert_int_equal(scenario.end_count, 3);
	assert_int_equal(scenario.ends[0].kind, END_CLIENT);
	assert_int_equal(scenario.ends[0].first, 2);
	assert_int_equal(scenario.ends[0].last, 2);
	assert_int_equal(scenario.ends[1].kind, END_LISTENER);
	assert_int_equal(scenario.ends[1].first, 1);
	assert_int_equal(scenario.ends[1].last, 1);
	assert_int_equal(scenario.ends[2].first, 3);
	assert_int_equal(scenario.ends[2].last, 300);
	assert_int_equal(scenario.row_count, 2);
	assert_false(row[0].minisock);
	assert_null(row[0].words);
	assert_int_equal(row[1].from, WIRE_FIN_WAIT2);
	assert_int_equal(row[1].to, WIRE_TIME_WAIT);
	assert_true(row[1].minisock);
	assert_string_equal(row[1].words, "TIME_WAIT 60 s");
	assert_int_equal(row[0].when.before, 0);
	assert_int_equal(row[1].when.before, 6005);
	assert_int_equal(scenario.verdicts[0].first, 2);
	assert_int_equal(scenario.verdicts[0].last, 5);
	assert_int_equal(scenario.verdicts[0].when.from, 0);
	assert_int_equal(scenario.verdicts[1].when.from, 6005);
	assert_int_equal(scenario.close_wait_warn_ns, 500000000);
	assert_int_equal(scenario.finding_count, 2);
	assert_int_equal(scenario.findings[0].code, FINDING_CLOSE_WAIT_HELD);
	assert_string_equal(scenario.findings[0].words, "3 connections");
	assert_false(scenario.findings[0].optional);
	assert_int_equal(scenario.findings[1].code, FINDING_RST_UNREAD);
	assert_null(scenario.findings[1].words);
	assert_true(scenario.findings[1].optional);
	assert_int_equal(scenario.findings[1].when.from, 6005);
	scenario_fini(&scenario);
}

TEST(what_is_missing_is_said)
{
	assert_wrong("", "'mine' line 0: no title: write a line `title ...`");
	assert_wrong("title t\n", "'mine' line 1: no word about it: write a line `about ...`");
	assert_wrong("title t\nabout a\n",
		     "'mine' line 2: nothing happens: write acts, as: server listen");
	assert_wrong("title t\nabout a\nserver listen",
		     "'mine' line 3: nothing is expected: write `expect client` and rows below it");
	assert_wrong("title t\nCLOSE -> SYN_SENT\n",
		     "'mine' line 2: a row of 'CLOSE': write `expect client` above it");
}

#define NUMBERS                                                                                    \
	"expect 'client': write client, server, listener, or client/2, client/1-300 and so on"

#define NEEDS_SO                                                                                   \
	"write it as: needs sysctl NAME, needs kernel 5.14, needs command NAME, or needs "         \
	"sock-destroy"

TEST(what_is_wrong_is_said)
{
	assert_line_wrong("title two", "a second title 'two': one is enough");
	assert_line_wrong("takes long", "takes 'long': write seconds, as: takes 62 s");
	assert_line_wrong("address here", "address 'here': write one address, as: address ::1");
	assert_line_wrong("needs luck", "needs 'luck': " NEEDS_SO);
	assert_line_wrong("needs command", "needs 'command': " NEEDS_SO);
	assert_line_wrong("needs kernel new", "needs 'kernel': " NEEDS_SO);
	assert_line_wrong("needs kernel 5.14 6.1", "needs '5.14': leave out what stands behind it");
	assert_line_wrong("explain-bind 1", "explain-bind '1': it stands alone");
	assert_line_wrong("needs sysctl net.a b", "needs 'net.a': leave out what stands behind it");
	assert_line_wrong("sysctl kernel.panic 1",
			  "sysctl 'kernel.panic': write one of a network namespace, as "
			  "net.ipv4.tcp_fin_timeout");
	assert_line_wrong("sysctl net.../x 1",
			  "sysctl 'net.../x': write one of a network namespace, as "
			  "net.ipv4.tcp_fin_timeout");
	assert_line_wrong("sysctl net.ipv4.tcp_sack",
			  "sysctl 'net.ipv4.tcp_sack': write its value behind it");
	assert_line_wrong("expect somebody", "expect 'somebody': write client, server, listener, "
					     "or client/2, client/1-300 and so on");
	assert_line_wrong("expect client/0", NUMBERS);
	assert_line_wrong("expect client/1-301", NUMBERS);
	assert_line_wrong("expect client/2-2", NUMBERS);
	assert_line_wrong("expect client/2-", NUMBERS);
	assert_line_wrong("expect client/-2", NUMBERS);
	assert_line_wrong("CLOSE => LISTEN",
			  "a row of 'CLOSE': write it as: FIN_WAIT1 -> FIN_WAIT2 : words");
	assert_line_wrong("verdict", "verdict: write it as: verdict closed by client first; FIN "
				     "both ways");
	assert_line_wrong("finding gold",
			  "finding 'gold': write its code, and part of what it says: "
			  "finding rst-unread : 100 bytes");
	assert_line_wrong("finding rst-unread 100 bytes",
			  "finding 'rst-unread': write its code, and part of what it says: finding "
			  "rst-unread : 100 bytes");
	assert_line_wrong("close-wait-warn 2", "close-wait-warn '2': write seconds, as: "
					       "close-wait-warn 0.5 s");
	assert_line_wrong("about caf\xc3\xa9", "a character that is not ASCII in 'about "
					       "caf\\xc3\\xa9': write plain letters");
}

TEST(a_wrong_act_is_said)
{
	assert_line_wrong("client", "client: is no verb of a role; tests/README.md has the list");
	assert_line_wrong("client sings", "client 'sings': is no verb of a role; tests/README.md "
					  "has the list");
	assert_line_wrong("Client listen",
			  "role 'Client': write up to 15 lower-case letters and digits");
	assert_line_wrong("client connects 0", "write it as: ROLE connects COUNT [fails ERRNO]");
	assert_line_wrong("client accepts 301", "write it as: ROLE accepts COUNT [fails ERRNO]");
	assert_line_wrong("client bind 0", "write it as: ROLE bind PORT [fails ERRNO]");
	assert_line_wrong("client bind", "write it as: ROLE bind PORT [fails ERRNO]");
	assert_line_wrong("client repeats-syn", "write it as: ROLE repeats-syn PORT [fails ERRNO]");
	assert_line_wrong("client unreachable far", "write it as: ROLE unreachable "
						    "net|host|protocol|port [fails ERRNO]");
	assert_line_wrong("client close now", "write it as: ROLE close [fails ERRNO]");
	assert_line_wrong("client connect fails EMUCH", "fails 'EMUCH': write one errno by its "
							"name, as ECONNREFUSED");
	assert_line_wrong("client counts",
			  "write it as: ROLE counts NUMBER STATE, NUMBER STATE ...");
	assert_line_wrong("client in CLOSE", "write it as: ROLE in STATE");
	assert_line_wrong("client signal SIGINT", "write it as: ROLE signal NAME");
	assert_line_wrong("client types hello",
			  "a program's act by 'client': let it run one first, by `runs`");
	assert_line_wrong("client runs echo-client",
			  "a second act of 'client': a program needs a role of its own");
	assert_line_wrong("server runs rm -r",
			  "runs 'rm -r': it can be echo-server or echo-client");
	assert_wrong("a runs echo-server 1\na listen\n",
		     "'mine' line 2: a puppet's act by 'a': it runs a program");
}

TEST(a_wrong_condition_is_said)
{
	const char *form = "a condition: write it as: [fast], [not fast], [before 6.5 COMMIT why] "
			   "or [from 6.5 COMMIT why]";

	assert_line_wrong("[fast", form);
	assert_line_wrong("[slow]", form);
	assert_line_wrong("[fast] client close", form);
	assert_line_wrong("[]", form);

	assert_line_wrong("[since 6.5 x y]", form);
	assert_line_wrong("[before x y]", form);
	assert_line_wrong("[before 6.5]", form);
	assert_line_wrong("[before 6.5 x y", form);
	assert_wrong("[from 6.5 x y]\n[from 6.6 x y]\n",
		     "'mine' line 2: a second [: write a row below the first");
	assert_wrong("[from 6.5 x y]\ntitle t\n", "'mine' line 2: a condition: it goes before an "
						  "act, a row, a verdict, a finding, a need, "
						  "a sysctl or `takes`");
	assert_line_wrong("[from 6.5 x y]", "a [ at the end: write a row below it");
}

TEST(a_nul_byte_is_no_text)
{
	struct text error;

	text_init(&error, sentence, sizeof(sentence));
	assert_int_equal(scenario_parse("mine", "a\0b", 3, &scenario, &error), -EINVAL);
	assert_string_equal(sentence, "'mine' line 0: a NUL byte in it: write plain text");
}

TEST(there_is_no_room_for_more)
{
	char text[65536];
	struct text many;

	text_init(&many, text, sizeof(text));
	text_add(&many, LEAST);
	text_repeat(&many, "client close\n", SCENARIO_ACTS);
	assert_int_equal(parse(text), -EINVAL);
	text_reset(&many);
	text_add(&many, LEAST);
	text_repeat(&many, "CLOSE -> SYN_SENT\n", SCENARIO_ROWS);
	assert_int_equal(parse(text), -EINVAL);
	text_reset(&many);
	text_repeat(&many, "about words and words\n", 1000);
	assert_int_equal(parse(text), -EINVAL);
	text_reset(&many);
	for (int i = 0; i <= SCENARIO_ROLES; i++)
		text_addf(&many, "role%d close\n", i);
	assert_int_equal(parse(text), -EINVAL);
}

TEST(versions_of_kernels)
{
	const struct when old = {.before = 6005}, new = {.from = 6005};
	const struct circumstances at_6_4 = {.kernel = 6004}, at_6_5 = {.kernel = 6005};

	assert_int_equal(scenario_kernel("6.18.44-fc-v657"), 6018);
	assert_int_equal(scenario_kernel("5.10.0"), 5010);
	assert_int_equal(scenario_kernel("7.3-rc1"), 7003);
	assert_int_equal(scenario_kernel("linux"), 0);
	assert_int_equal(scenario_kernel("6"), 0);
	assert_int_equal(scenario_kernel(""), 0);
	assert_true(when_holds(&old, &at_6_4) && !when_holds(&old, &at_6_5));
	assert_true(!when_holds(&new, &at_6_4) && when_holds(&new, &at_6_5));
}

TEST(what_holds_at_a_pace)
{
	const struct circumstances fast = {.fast = true}, full = {0};

	assert_int_equal(parse("title t\nabout a\n"
			       "takes 62 s\n[fast]\ntakes 4 s\n"
			       "[fast]\nsysctl net.ipv4.tcp_fin_timeout 3\n"
			       "client connect\n[not fast]\nclient gone\n"
			       "expect client\n[not fast]\nTIME_WAIT ~> CLOSE\n"),
			 0);
	assert_int_equal(scenario_takes_s(&scenario, &full), 62);
	assert_int_equal(scenario_takes_s(&scenario, &fast), 4);
	assert_true(when_holds(&scenario.sysctls[0].when, &fast));
	assert_false(when_holds(&scenario.sysctls[0].when, &full));
	assert_true(when_holds(&scenario.acts[0].when, &fast));
	assert_true(when_holds(&scenario.acts[0].when, &full));
	assert_false(when_holds(&scenario.acts[1].when, &fast));
	assert_true(when_holds(&scenario.acts[1].when, &full));
	assert_int_equal(scenario.rows[0].when.pace, PACE_FULL);
	scenario_fini(&scenario);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_of_it),
		cmocka_unit_test(what_each_side_does),
		cmocka_unit_test(what_an_act_may_name),
		cmocka_unit_test(what_must_be_seen),
		cmocka_unit_test(what_is_missing_is_said),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(a_wrong_act_is_said),
		cmocka_unit_test(a_wrong_condition_is_said),
		cmocka_unit_test(a_nul_byte_is_no_text),
		cmocka_unit_test(there_is_no_room_for_more),
		cmocka_unit_test(versions_of_kernels),
		cmocka_unit_test(what_holds_at_a_pace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
