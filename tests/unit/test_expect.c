// SPDX-License-Identifier: GPL-2.0-only
/* How what was seen is compared with a scenario. */
#include "make.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "demo/expect.h"
#include "demo/scenario.h"
#include "render/style.h"

static const struct style style = {.columns = 100};
static struct scenario scenario;
static struct filter filter;
static struct tracker tracker;
static struct expect *expect;
static char lines_bytes[262144];
static uint64_t clock_us;

static void deliver(void *ctx, const struct change *change)
{
	struct sink *sink = ctx;

	sink->change(sink, change);
}

static int start(void **fixture)
{
	(void)fixture;
	expect = expect_create(&style);
	clock_us = 0;
	return expect ? tracker_init(&tracker, 64, &filter, deliver, expect_sink(expect)) : -1;
}

static int stop(void **fixture)
{
	(void)fixture;
	tracker_fini(&tracker);
	expect_destroy(expect);
	return 0;
}

static void play(const struct event *events, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		tracker_event(&tracker, &events[i]);
	clock_us += 1000;
}

/* A connection that its client closes first. */
static void play_connection(uint64_t sk, uint16_t port)
{
	struct make_end client = make_client(sk, port), server = make_peer(&client, sk + 0x100);
	struct event events[MAKE_OPEN_EVENTS + MAKE_CLOSE_EVENTS];

	make_open(events, &client, &server, clock_us);
	make_close(events + MAKE_OPEN_EVENTS, &client, &server, clock_us + 100);
	play(events, MAKE_OPEN_EVENTS + MAKE_CLOSE_EVENTS);
}

static const char *compare(const char *expectation, uint32_t kernel)
{
	const struct circumstances here = {.kernel = kernel};
	static char text[4096], sentence[SCENARIO_ERROR_SIZE];
	struct text error, lines;
	unsigned int differences;

	snprintf(text, sizeof(text), "title t\nabout a\nclient connect\n%s", expectation);
	text_init(&error, sentence, sizeof(sentence));
	if (scenario_parse("mine", text, strlen(text), &scenario, &error))
		fail_msg("%s", sentence);
	text_init(&lines, lines_bytes, sizeof(lines_bytes));
	differences = expect_compare(expect, &scenario, &here, &lines);
	for (const char *at = lines_bytes; (at = strchr(at, '\n')) != NULL; at++)
		differences--;
	assert_int_equal(differences, 0); /* one line for each */
	scenario_fini(&scenario);
	return lines_bytes;
}

#define CLIENT_OPENS                                                                               \
	"CLOSE -> SYN_SENT\n"                                                                      \
	"SYN_SENT -> ESTABLISHED\n"
#define CLIENT_CLOSES                                                                              \
	"FIN_WAIT1 -> FIN_WAIT2\n"                                                                 \
	"FIN_WAIT2 -> CLOSE\n"                                                                     \
	"FIN_WAIT2 ~> FIN_WAIT2\n"                                                                 \
	"FIN_WAIT2 ~> TIME_WAIT\n"
#define CLIENT CLIENT_OPENS "ESTABLISHED -> FIN_WAIT1 : closed by\n" CLIENT_CLOSES
#define SERVER                                                                                     \
	"LISTEN -> SYN_RECV\n"                                                                     \
	"SYN_RECV -> ESTABLISHED\n"                                                                \
	"ESTABLISHED -> CLOSE_WAIT\n"                                                              \
	"CLOSE_WAIT -> LAST_ACK\n"                                                                 \
	"LAST_ACK -> CLOSE\n"

TEST(as_expected)
{
	play_connection(0xc00, 5000);
	assert_string_equal(compare("expect client\n" CLIENT "expect server\n" SERVER
				    "verdict closed by client first; FIN both ways\n",
				    6018),
			    "");
}

TEST(one_of_several_words_is_enough)
{
	play_connection(0xc00, 5000);
	assert_string_equal(compare("expect client\n" CLIENT_OPENS
				    "ESTABLISHED -> FIN_WAIT1 : nobody | closed by | "
				    "else\n" CLIENT_CLOSES "expect server\n" SERVER,
				    6018),
			    "");
	assert_string_equal(compare("expect client\n" CLIENT_OPENS
				    "ESTABLISHED -> FIN_WAIT1 : nobody | else\n" CLIENT_CLOSES
				    "expect server\n" SERVER,
				    6018),
			    "- client ESTABLISHED -> FIN_WAIT1 : nobody | else\n"
			    "+ client ESTABLISHED -> FIN_WAIT1 : closed by client[100]\n");
}

TEST(rows_that_are_missing_or_too_many)
{
	play_connection(0xc00, 5000);
	assert_string_equal(compare("expect client\n" CLIENT_OPENS CLIENT_CLOSES
				    "expect server\n" SERVER "LAST_ACK -> CLOSING\n",
				    6018),
			    "+ client ESTABLISHED -> FIN_WAIT1 : closed by client[100]\n"
			    "- server LAST_ACK -> CLOSING\n");
}

TEST(other_words)
{
	play_connection(0xc00, 5000);
	assert_string_equal(compare("expect client\n" CLIENT_OPENS
				    "ESTABLISHED -> FIN_WAIT1 : killed\n" CLIENT_CLOSES
				    "expect server\n" SERVER,
				    6018),
			    "- client ESTABLISHED -> FIN_WAIT1 : killed\n"
			    "+ client ESTABLISHED -> FIN_WAIT1 : closed by client[100]\n");
}

TEST(a_minisock_is_no_socket)
{
	play_connection(0xc00, 5000);
	assert_string_equal(compare("expect client\n" CLIENT_OPENS "ESTABLISHED -> FIN_WAIT1\n"
				    "FIN_WAIT1 -> FIN_WAIT2\nFIN_WAIT2 -> CLOSE\n"
				    "FIN_WAIT2 ~> FIN_WAIT2\n"
				    "FIN_WAIT2 -> TIME_WAIT\nexpect server\n" SERVER,
				    6018),
			    "- client FIN_WAIT2 -> TIME_WAIT\n"
			    "+ client FIN_WAIT2 ~> TIME_WAIT : TIME_WAIT 60 s\n");
}

static void play_refused(uint64_t sk)
{
	struct make_end client = make_client(sk, 5000);
	struct event refused[] = {make_edge(STEP(&client, CLOSE, SYN_SENT, clock_us)),
				  make_edge(STEP(&client, SYN_SENT, CLOSE, clock_us + 1,
						 .err = ECONNREFUSED))};

	play(refused, 2);
}

TEST(an_end_that_was_not_expected)
{
	play_connection(0xd00, 5001);
	play_refused(0xc00);
	assert_string_equal(compare("expect client\n" CLIENT "expect server\n" SERVER, 6018),
			    "+ client/2 CLOSE -> SYN_SENT\n"
			    "+ client/2 SYN_SENT -> CLOSE : or ICMP: port unreachable\n");
}

/* The tracker has nothing left of the first, and room for the second in its place. */
TEST(an_end_is_one_life)
{
	play_refused(0xc00);
	play_refused(0xc00);
	assert_string_equal(compare("expect client\nCLOSE -> SYN_SENT\nSYN_SENT -> CLOSE\n", 6018),
			    "+ client/2 CLOSE -> SYN_SENT\n"
			    "+ client/2 SYN_SENT -> CLOSE : or ICMP: port unreachable\n");
}

TEST(connections_are_numbered_as_they_appear)
{
	play_connection(0xc00, 5000);
	play_connection(0xc00, 5001); /* at the same address */
	assert_string_equal(compare("expect client\n" CLIENT "expect server\n" SERVER
				    "expect client/2\n" CLIENT "expect server/2\n" SERVER
				    "verdict/2 closed by client first\n"
				    "verdict/3 nothing of the kind\n",
				    6018),
			    "- verdict/3 nothing of the kind\n"
			    "+ verdict/3 \n");
}

TEST(an_expectation_of_many_is_one_of_each)
{
	for (uint16_t i = 0; i < 20; i++)
		play_connection(0xc00, (uint16_t)(5000 + i));
	assert_string_equal(compare("expect client/1-20\n" CLIENT "expect server/1-20\n" SERVER
				    "verdict/1-20 closed by client first\n",
				    6018),
			    "");
	assert_string_equal(compare("expect client/1-19\n" CLIENT "expect server/1-20\n" SERVER
				    "expect client/20\n" CLIENT_OPENS CLIENT_CLOSES,
				    6018),
			    "+ client/20 ESTABLISHED -> FIN_WAIT1 : closed by client[100]\n");
	assert_string_equal(compare("expect client/1-20\n" CLIENT "expect server/1-21\n" SERVER
				    "verdict/20-22 closed by client first\n",
				    6018),
			    "- server/21 LISTEN -> SYN_RECV\n"
			    "- server/21 SYN_RECV -> ESTABLISHED\n"
			    "- server/21 ESTABLISHED -> CLOSE_WAIT\n"
			    "- server/21 CLOSE_WAIT -> LAST_ACK\n"
			    "- server/21 LAST_ACK -> CLOSE\n"
			    "- verdict/21 closed by client first\n"
			    "+ verdict/21 \n"
			    "- verdict/22 closed by client first\n"
			    "+ verdict/22 \n");
}

TEST(listeners_are_compared_where_one_is_named)
{
	struct make_end listener = make_listener(0xe00, make_at("127.0.0.1", 80));
	struct event listens = make_edge(STEP(&listener, CLOSE, LISTEN, 0, .no_remote = true));

	play(&listens, 1);
	play_connection(0xc00, 5000);
	assert_string_equal(compare("expect client\n" CLIENT "expect server\n" SERVER, 6018), "");
	assert_string_equal(compare("expect client\n" CLIENT "expect server\n" SERVER
				    "expect listener\nCLOSE -> LISTEN\nLISTEN -> CLOSE\n",
				    6018),
			    "- listener LISTEN -> CLOSE\n");
}

TEST(kernels_differ)
{
	play_connection(0xc00, 5000);
	assert_string_equal(compare("expect client\n" CLIENT "expect server\n" SERVER
				    "[before 6.5 x y]\nCLOSE -> CLOSE\n"
				    "[before 6.5 x y]\nverdict reset\n",
				    6018),
			    "");
	assert_string_equal(compare("expect client\n" CLIENT "expect server\n" SERVER
				    "[before 6.5 x y]\nCLOSE -> CLOSE\n",
				    5010),
			    "- server CLOSE -> CLOSE\n");
}

TEST(each_part_of_a_verdict_counts)
{
	play_connection(0xc00, 5000);
	assert_string_equal(compare("expect client\n" CLIENT "expect server\n" SERVER
				    "verdict closed by client first ; FIN one way\n",
				    6018),
			    "- verdict/1 closed by client first ; FIN one way\n"
			    "+ verdict/1 closed by client first - FIN both ways - TIME_WAIT 60 s "
			    "at client - lasted 105 us\n");
}

/* The client closes, and the port range is known to be small: of its 4 ports one is in TIME_WAIT. */
static void play_finding(void)
{
	struct event limits = {.type = WIRE_LIMITS,
			       .ktime_ns = AT(0),
			       .limits = {.netns = MAKE_NETNS,
					  .port_first = 5000,
					  .port_last = 5003}};

	tracker_event(&tracker, &limits);
	play_connection(0xc00, 5000);
}

#define FOUND                                                                                      \
	"time-wait-ports (note): 1 of the 4 local ports towards 127.0.0.1:80 are in TIME_WAIT, "   \
	"which allows 0.0 connections/s\n"

TEST(findings_are_compared_in_any_order)
{
	play_finding();
	assert_string_equal(compare("expect client\n" CLIENT "expect server\n" SERVER
				    "finding time-wait-ports : 1 of the 4\n"
				    "may-find rst-unread\n",
				    6018),
			    "");
	assert_string_equal(compare("expect client\n" CLIENT "expect server\n" SERVER, 6018),
			    "+ finding " FOUND);
	assert_string_equal(compare("expect client\n" CLIENT "expect server\n" SERVER
				    "finding time-wait-ports : 2 of the 4\n",
				    6018),
			    "- finding time-wait-ports : 2 of the 4\n+ finding " FOUND);
	assert_string_equal(compare("expect client\n" CLIENT "expect server\n" SERVER
				    "finding time-wait-ports\n"
				    "finding time-wait-ports\n"
				    "[before 6.5 x y]\nfinding rst-unread\n",
				    6018),
			    "- finding time-wait-ports\n");
}

TEST(losses_are_a_difference)
{
	play_connection(0xc00, 5000);
	tracker_lost(&tracker, 3, AT(5000));
	assert_string_equal(compare("expect client\n" CLIENT "expect server\n" SERVER, 6018),
			    "+ 3 events were lost\n");
}

TEST(a_row_that_may_be_missing)
{
	play_connection(0xc00, 40000);
	assert_string_equal(compare("expect client\n" CLIENT "FIN_WAIT2 ~>? CLOSE\n"
				    "expect server\n" SERVER,
				    6018),
			    "");
}

TEST(more_rows_than_there_is_room_for)
{
	for (unsigned int i = 0; i < 1000; i++)
		play_refused(0xc00);
	compare("expect client\n" CLIENT, 6018);
	assert_non_null(strstr(lines_bytes, "+ more ends, rows or verdicts than there is room"));
}

#define TEST_OF(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(as_expected),
		TEST_OF(one_of_several_words_is_enough),
		TEST_OF(rows_that_are_missing_or_too_many),
		TEST_OF(other_words),
		TEST_OF(a_minisock_is_no_socket),
		TEST_OF(an_end_that_was_not_expected),
		TEST_OF(an_end_is_one_life),
		TEST_OF(connections_are_numbered_as_they_appear),
		TEST_OF(an_expectation_of_many_is_one_of_each),
		TEST_OF(listeners_are_compared_where_one_is_named),
		TEST_OF(kernels_differ),
		TEST_OF(each_part_of_a_verdict_counts),
		TEST_OF(findings_are_compared_in_any_order),
		TEST_OF(losses_are_a_difference),
		TEST_OF(a_row_that_may_be_missing),
		TEST_OF(more_rows_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
