// SPDX-License-Identifier: GPL-2.0-only
#include "core/host.h"
#include "core/loss.h"
#include "fixture.h"

#define AHEAD_NS INT64_C(5000000000)

static struct event enter(struct event event, unsigned int host)
{
	host_enter(&event, host, AHEAD_NS);
	return event;
}

TEST(times_become_those_of_the_first_clock)
{
	struct event event = make_edge(STEP(&client, CLOSE, SYN_SENT, 7));

	assert_int_equal(enter(event, 1).ktime_ns, event.ktime_ns - (uint64_t)AHEAD_NS);
	event.ktime_ns = 0; /* none */
	assert_int_equal(enter(event, 1).ktime_ns, 0);
}

TEST(sockets_and_namespaces_of_two_hosts_differ)
{
	struct event event = make_edge(STEP(&client, CLOSE, SYN_SENT, 7)), other = enter(event, 1);

	assert_int_not_equal(other.edge.sk, event.edge.sk);
	assert_int_not_equal(other.edge.netns, event.edge.netns);
	assert_int_not_equal(other.cpu, event.cpu);
	assert_int_equal(enter(event, 0).edge.sk, event.edge.sk);
	assert_int_equal(enter(event, 0).edge.netns, event.edge.netns);
}

TEST(a_namespace_says_whose_it_is)
{
	for (unsigned int host = 0; host < HOSTS_MAX; host++) {
		struct event event = enter(make_edge(STEP(&client, CLOSE, SYN_SENT, 7)), host);

		assert_int_equal(host_of(event.edge.netns), host);
		assert_int_equal(host_netns(event.edge.netns), MAKE_NETNS);
	}
	assert_int_equal(host_of(0), 0);
	assert_int_equal(host_netns(0), 0);
}

TEST(what_is_not_known_stays_unknown)
{
	struct event event = {.type = WIRE_RESET, .ktime_ns = 1};

	event = enter(event, 3);
	assert_int_equal(event.reset.sk, 0);
	assert_int_equal(event.reset.netns, 0);
	assert_true(event.cpu < LOSS_CPUS);
}

/* The same address, namespace and process number on each; what joins them is their handshake alone. */
TEST(two_ends_on_two_hosts_are_one_connection)
{
	struct event events[MAKE_OPEN_EVENTS];

	server.sk = client.sk;
	server.cookie = client.cookie;
	make_open(events, &client, &server, 0);
	for (unsigned int i = 0; i < MAKE_OPEN_EVENTS; i++) {
		if (events[i].edge.local.port == server.local.port)
			host_enter(&events[i], 1, 0);
		tracker_event(&w->tracker, &events[i]);
	}
	assert_int_equal(w->tracker.table.lists[LIST_LIVE].count, 1);
	assert_non_null(conn_peer(table_at(&w->tracker.table, client.sk)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(times_become_those_of_the_first_clock),
		TEST_OF(sockets_and_namespaces_of_two_hosts_differ),
		TEST_OF(a_namespace_says_whose_it_is),
		TEST_OF(what_is_not_known_stays_unknown),
		TEST_OF(two_ends_on_two_hosts_are_one_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
