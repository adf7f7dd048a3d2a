// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "core/clock.h"
#include "make.h"

/* The second host's clock is so far ahead. */
#define AHEAD_US 5000000

struct hosts {
	struct clock *first, *second;
	struct clock_offset offset;
};

static int start(void **fixture)
{
	struct hosts *hosts = calloc(1, sizeof(*hosts));

	hosts->first = clock_create();
	hosts->second = clock_create();
	*fixture = hosts;
	return hosts->first && hosts->second ? 0 : -1;
}

static int stop(void **fixture)
{
	struct hosts *hosts = *fixture;

	clock_destroy(hosts->first);
	clock_destroy(hosts->second);
	free(hosts);
	return 0;
}

#define HOSTS_TEST(name) static void name(void **fixture)

static void note(struct clock *clock, const struct make_step *step)
{
	struct event event = make_edge(step);

	clock_note(clock, &event);
}

/* A handshake at US by the client's clock. The client is on the first host; a segment takes TO_US to the second
 * host and BACK_US from there. */
static void open_between(struct hosts *hosts, unsigned int number, uint64_t us, uint64_t to_us,
			 uint64_t back_us)
{
	struct make_end client, server;
	struct event request;

	make_nth(number, MAKE_CLIENT_PID, &client, &server);
	request = make_mini(&(struct make_mini){.end = &server,
						.what = WIRE_MINI_BORN,
						.state = WIRE_NEW_SYN_RECV,
						.us = us + to_us + AHEAD_US});
	note(hosts->first, STEP(&client, CLOSE, SYN_SENT, us));
	clock_note(hosts->second, &request);
	note(hosts->first, STEP(&client, SYN_SENT, ESTABLISHED, us + to_us + back_us));
	note(hosts->second, STEP(&server, LISTEN, SYN_RECV, us + 2 * to_us + back_us + AHEAD_US));
	note(hosts->second,
	     STEP(&server, SYN_RECV, ESTABLISHED, us + 2 * to_us + back_us + AHEAD_US));
}

static void compare(struct hosts *hosts)
{
	assert_int_equal(clock_compare(hosts->first, hosts->second, &hosts->offset), 0);
}

/* The true difference is within what is said to be possible, and it is said to be WIDTH_US wide. */
static void check(const struct hosts *hosts, uint64_t width_us)
{
	int64_t wrong_ns = hosts->offset.ahead_ns - (int64_t)(AHEAD_US * US);

	assert_int_equal(hosts->offset.uncertainty_ns, width_us * US / 2);
	assert_true(llabs(wrong_ns) <= (int64_t)hosts->offset.uncertainty_ns);
	assert_int_equal(hosts->offset.contradiction_ns, 0);
}

HOSTS_TEST(a_handshake_bounds_the_offset_by_its_round_trip)
{
	open_between(*fixture, 0, 100, 30, 50);
	compare(*fixture);
	check(*fixture, 80);
	assert_int_equal(((struct hosts *)*fixture)->offset.connections, 1);
}

HOSTS_TEST(the_other_way_round_it_is_the_same_with_the_other_sign)
{
	struct hosts *hosts = *fixture;
	struct clock_offset there;

	open_between(hosts, 0, 100, 30, 50);
	compare(hosts);
	assert_int_equal(clock_compare(hosts->second, hosts->first, &there), 0);
	assert_int_equal(there.ahead_ns, -hosts->offset.ahead_ns);
	assert_int_equal(there.uncertainty_ns, hosts->offset.uncertainty_ns);
}

HOSTS_TEST(of_many_connections_the_quickest_segments_count)
{
	struct hosts *hosts = *fixture;

	open_between(hosts, 0, 100, 30, 5000);
	open_between(hosts, 1, 200, 9000, 50);
	open_between(hosts, 2, 300, 1000, 1000);
	compare(hosts);
	check(hosts, 80);
	assert_int_equal(hosts->offset.connections, 3);
}

HOSTS_TEST(the_close_narrows_it_further)
{
	struct hosts *hosts = *fixture;
	struct make_end client, server;

	make_nth(0, MAKE_CLIENT_PID, &client, &server);
	open_between(hosts, 0, 100, 300, 500);
	note(hosts->first, STEP(&client, ESTABLISHED, FIN_WAIT1, 10000));
	note(hosts->second, STEP(&server, ESTABLISHED, CLOSE_WAIT, 10010 + AHEAD_US));
	note(hosts->first, STEP(&client, FIN_WAIT1, FIN_WAIT2, 10030));
	compare(hosts);
	check(hosts, 30);
}

HOSTS_TEST(a_close_by_the_far_end_counts_as_well)
{
	struct hosts *hosts = *fixture;
	struct make_end client, server;

	make_nth(0, MAKE_CLIENT_PID, &client, &server);
	open_between(hosts, 0, 100, 300, 500);
	note(hosts->second, STEP(&server, ESTABLISHED, FIN_WAIT1, 10000 + AHEAD_US));
	note(hosts->first, STEP(&client, ESTABLISHED, CLOSE_WAIT, 10020));
	note(hosts->second, STEP(&server, FIN_WAIT1, FIN_WAIT2, 10040 + AHEAD_US));
	compare(hosts);
	check(hosts, 40);
}

/* By a RST it is over whatever came of the FIN. */
HOSTS_TEST(an_end_by_error_acknowledges_nothing)
{
	struct hosts *hosts = *fixture;
	struct make_end client, server;

	make_nth(0, MAKE_CLIENT_PID, &client, &server);
	open_between(hosts, 0, 100, 30, 50);
	note(hosts->second, STEP(&server, ESTABLISHED, CLOSE_WAIT, 20000 + AHEAD_US));
	note(hosts->first, STEP(&client, ESTABLISHED, FIN_WAIT1, 300));
	note(hosts->first, STEP(&client, LAST_ACK, CLOSE, 400, .err = ETIMEDOUT));
	compare(hosts);
	check(hosts, 80);
}

/* The clock of the second host runs on between the two. */
HOSTS_TEST(clocks_that_drift_contradict_each_other)
{
	struct hosts *hosts = *fixture;
	struct make_end client, server;

	make_nth(0, MAKE_CLIENT_PID, &client, &server);
	open_between(hosts, 0, 100, 30, 50);
	note(hosts->second, STEP(&server, ESTABLISHED, FIN_WAIT1, 10000 + AHEAD_US + 700));
	note(hosts->first, STEP(&client, ESTABLISHED, CLOSE_WAIT, 10020));
	compare(hosts);
	assert_int_equal(hosts->offset.contradiction_ns, (700 - 20 - 30) * US);
}

HOSTS_TEST(strangers_prove_nothing)
{
	struct hosts *hosts = *fixture;
	struct make_end client, server;

	make_nth(0, MAKE_CLIENT_PID, &client, &server);
	note(hosts->first, STEP(&client, CLOSE, SYN_SENT, 100));
	note(hosts->first, STEP(&client, SYN_SENT, ESTABLISHED, 200));
	make_nth(1, MAKE_CLIENT_PID, &client, &server);
	note(hosts->second, STEP(&server, SYN_RECV, ESTABLISHED, 150));
	assert_int_equal(clock_compare(hosts->first, hosts->second, &hosts->offset), -ENOENT);
}

HOSTS_TEST(bounds_from_one_side_alone_prove_nothing)
{
	struct hosts *hosts = *fixture;
	struct make_end client, server;

	make_nth(0, MAKE_CLIENT_PID, &client, &server);
	note(hosts->first, STEP(&client, CLOSE, SYN_SENT, 100));
	note(hosts->first, STEP(&client, SYN_SENT, ESTABLISHED, 200));
	note(hosts->second, STEP(&server, SYN_RECV, ESTABLISHED, 150));
	assert_int_equal(clock_compare(hosts->first, hosts->second, &hosts->offset), -ENOENT);
}

HOSTS_TEST(an_address_that_is_used_again_is_another_end)
{
	struct hosts *hosts = *fixture;
	struct make_end client, server;

	open_between(hosts, 0, 100, 30, 50);
	make_nth(0, MAKE_CLIENT_PID, &client, &server);
	note(hosts->second, STEP(&server, ESTABLISHED, CLOSE_WAIT, 500 + AHEAD_US));
	note(hosts->first, STEP(&client, CLOSE, SYN_SENT, 20000));
	note(hosts->first, STEP(&client, ESTABLISHED, FIN_WAIT1, 30000));
	compare(hosts);
	check(hosts, 80);
}

HOSTS_TEST(there_may_be_more_than_it_keeps)
{
	struct hosts *hosts = *fixture;

	for (unsigned int i = 0; i < 25000; i++) {
		struct make_end client, server;

		make_nth(i, MAKE_CLIENT_PID, &client, &server);
		client.sk = 0xffff888000000000 + i * 64;
		note(hosts->first, STEP(&client, CLOSE, SYN_SENT, 100));
		note(hosts->first, STEP(&client, CLOSE, SYN_SENT, 100));
		note(hosts->first, STEP(&client, CLOSE, SYN_SENT, 100));
	}
	note(hosts->first, STEP(&(struct make_end){.sk = 1}, SYN_SENT, ESTABLISHED, 200));
	assert_int_equal(clock_compare(hosts->first, hosts->second, &hosts->offset), -ENOENT);
}

#define HOSTS_TEST_OF(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOSTS_TEST_OF(a_handshake_bounds_the_offset_by_its_round_trip),
		HOSTS_TEST_OF(the_other_way_round_it_is_the_same_with_the_other_sign),
		HOSTS_TEST_OF(of_many_connections_the_quickest_segments_count),
		HOSTS_TEST_OF(the_close_narrows_it_further),
		HOSTS_TEST_OF(a_close_by_the_far_end_counts_as_well),
		HOSTS_TEST_OF(an_end_by_error_acknowledges_nothing),
		HOSTS_TEST_OF(clocks_that_drift_contradict_each_other),
		HOSTS_TEST_OF(strangers_prove_nothing),
		HOSTS_TEST_OF(bounds_from_one_side_alone_prove_nothing),
		HOSTS_TEST_OF(an_address_that_is_used_again_is_another_end),
		HOSTS_TEST_OF(there_may_be_more_than_it_keeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
