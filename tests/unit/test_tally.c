// SPDX-License-Identifier: GPL-2.0-only
/* What a tracker's changes come to. The two ends are those of the fixture. */
#include "fixture.h"

#include <errno.h>
#include <string.h>

#include "core/tally.h"

static struct tally *tally;
static struct tracker tracker;
static struct filter filter;

static void deliver(void *ctx, const struct change *change)
{
	tally_change(ctx, change);
}

static int begin(void **fixture)
{
	(void)fixture;
	memset(&filter, 0, sizeof(filter));
	tally = test_calloc(1, sizeof(*tally));
	fixture_make_ends();
	return tracker_init(&tracker, 64, &filter, deliver, tally);
}

static int finish(void **fixture)
{
	(void)fixture;
	tracker_fini(&tracker);
	test_free(tally);
	return 0;
}

static void take(const struct event *event)
{
	tracker_advance(&tracker, event->ktime_ns);
	tracker_event(&tracker, event);
}

static void step(const struct make_step *step)
{
	struct event event = make_edge(step);

	take(&event);
}

#define DO(...) step(STEP(__VA_ARGS__))

static void take_all(const struct event *events, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		take(&events[i]);
}

static void open_both(uint64_t us)
{
	struct event events[MAKE_OPEN_EVENTS];

	make_open(events, &client, &server, us);
	take_all(events, MAKE_OPEN_EVENTS);
}

static void close_both(const struct make_end *first, const struct make_end *second, uint64_t us)
{
	struct event events[MAKE_CLOSE_EVENTS];

	make_close(events, first, second, us);
	take_all(events, MAKE_CLOSE_EVENTS);
}

static void end_trace(uint64_t us)
{
	tracker_advance(&tracker, AT(us));
	tracker_finish(&tracker, AT(us));
}

#define EDGES(from, to) tally->edges[WIRE_##from][WIRE_##to].count
#define MINIS(from, to) tally->minis[WIRE_##from][WIRE_##to].count

TEST(each_edge_is_counted_once)
{
	open_both(0);
	close_both(&client, &server, 100);
	end_trace(200);
	assert_int_equal(EDGES(CLOSE, SYN_SENT), 1);
	assert_int_equal(EDGES(SYN_SENT, ESTABLISHED), 1);
	assert_int_equal(EDGES(LISTEN, SYN_RECV), 1);
	assert_int_equal(EDGES(SYN_RECV, ESTABLISHED), 1);
	assert_int_equal(EDGES(ESTABLISHED, FIN_WAIT1), 1);
	assert_int_equal(EDGES(ESTABLISHED, CLOSE_WAIT), 1);
	assert_int_equal(EDGES(FIN_WAIT1, FIN_WAIT2), 1);
	assert_int_equal(EDGES(CLOSE_WAIT, LAST_ACK), 1);
	assert_int_equal(EDGES(FIN_WAIT2, CLOSE), 1);
	assert_int_equal(EDGES(LAST_ACK, CLOSE), 1);
	assert_int_equal(MINIS(FIN_WAIT2, TIME_WAIT), 1);
	assert_int_equal(tally->transitions, 10);
	assert_int_equal(tally->edges[WIRE_FIN_WAIT2][WIRE_CLOSE].apart, 0);
}

TEST(a_jump_is_an_edge_that_is_told_apart)
{
	open_both(0);
	DO(&client, FIN_WAIT1, FIN_WAIT2, 50);
	assert_int_equal(EDGES(FIN_WAIT1, FIN_WAIT2), 1);
	assert_int_equal(tally->edges[WIRE_FIN_WAIT1][WIRE_FIN_WAIT2].apart, 1);
	assert_int_equal(tally->sockets[WIRE_ESTABLISHED].untimed, 1);
	assert_int_equal(tally->sockets[WIRE_ESTABLISHED].time.count, 0);
	assert_int_equal(tally->sockets[WIRE_FIN_WAIT2].now, 1);
}

TEST(an_edge_to_the_same_state_ends_no_stay)
{
	open_both(0);
	DO(&client, ESTABLISHED, FIN_WAIT1, 10);
	DO(&client, FIN_WAIT1, FIN_WAIT2, 20);
	DO(&client, FIN_WAIT2, FIN_WAIT2, 30);
	assert_int_equal(EDGES(FIN_WAIT2, FIN_WAIT2), 1);
	assert_int_equal(tally->sockets[WIRE_FIN_WAIT2].time.count, 0);
	assert_int_equal(tally->sockets[WIRE_FIN_WAIT2].now, 1);
	DO(&client, FIN_WAIT2, CLOSE, 40);
	assert_int_equal(tally->sockets[WIRE_FIN_WAIT2].time.count, 1);
	assert_int_equal(tally->sockets[WIRE_FIN_WAIT2].time.longest_ns, 20 * US);
}

TEST(times_are_those_in_the_state_that_was_left)
{
	struct event events[MAKE_OPEN_EVENTS];

	make_open(events, &client, &server, 0);
	take_all(events, MAKE_OPEN_EVENTS);
	assert_int_equal(tally->sockets[WIRE_ESTABLISHED].now, 2);
	assert_int_equal(tally->sockets[WIRE_LISTEN].time.count, 0);
	assert_int_equal(tally->sockets[WIRE_LISTEN].untimed, 0);
	DO(&client, ESTABLISHED, FIN_WAIT1, 1000);
	assert_int_equal(tally->sockets[WIRE_ESTABLISHED].now, 1);
	assert_int_equal(tally->sockets[WIRE_ESTABLISHED].time.count, 1);
	assert_in_range(tally->sockets[WIRE_ESTABLISHED].time.longest_ns, 990 * US, 1000 * US);
}

TEST(what_began_before_the_trace_is_not_timed)
{
	DO(&client, ESTABLISHED, FIN_WAIT1, 10);
	assert_int_equal(tally->sockets[WIRE_ESTABLISHED].untimed, 1);
	assert_int_equal(tally->sockets[WIRE_ESTABLISHED].time.count, 0);
	DO(&client, FIN_WAIT1, CLOSE, 30, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(tally->sockets[WIRE_FIN_WAIT1].time.count, 1);
	assert_int_equal(tally->sockets[WIRE_FIN_WAIT1].time.longest_ns, 20 * US);
}

TEST(a_minisock_stays_in_its_own_FIN_WAIT2)
{
	open_both(0);
	DO(&client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH, .orphan = true);
	DO(&server, ESTABLISHED, CLOSE_WAIT, 11);
	DO(&client, FIN_WAIT1, FIN_WAIT2, 12, .shutdown = SHUTDOWN_BOTH, .orphan = true,
	   .fin_time_ms = 60000);
	DO(&client, FIN_WAIT2, CLOSE, 13, .shutdown = SHUTDOWN_BOTH, .orphan = true,
	   .fin_time_ms = 60000);
	assert_int_equal(MINIS(FIN_WAIT2, FIN_WAIT2), 1);
	assert_int_equal(tally->sockets[WIRE_FIN_WAIT2].time.count, 1);
	assert_int_equal(tally->sockets[WIRE_FIN_WAIT2].now, 0);
	assert_int_equal(tally->minisocks[WIRE_FIN_WAIT2].now, 1);
	DO(&server, CLOSE_WAIT, LAST_ACK, 500);
	DO(&server, LAST_ACK, CLOSE, 513, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(MINIS(FIN_WAIT2, TIME_WAIT), 1);
	assert_int_equal(tally->minis[WIRE_FIN_WAIT2][WIRE_TIME_WAIT].apart, 1); /* INFERRED */
	assert_int_equal(tally->minisocks[WIRE_FIN_WAIT2].time.longest_ns, 500 * US);
	assert_int_equal(tally->minisocks[WIRE_FIN_WAIT2].now, 0);
	assert_int_equal(tally->minisocks[WIRE_TIME_WAIT].now, 1);
}

TEST(a_TIME_WAIT_whose_end_was_not_seen_is_over_but_not_timed)
{
	open_both(0);
	close_both(&client, &server, 100);
	assert_int_equal(tally->minisocks[WIRE_TIME_WAIT].now, 1);
	tracker_advance(&tracker, AT(100 * SECOND));
	assert_int_equal(tally->minisocks[WIRE_TIME_WAIT].now, 0);
	assert_int_equal(tally->minisocks[WIRE_TIME_WAIT].untimed, 1);
	assert_int_equal(tally->minisocks[WIRE_TIME_WAIT].time.count, 0);
}

TEST(verdicts_are_counted_by_who_was_first)
{
	open_both(0);
	close_both(&server, &client, 100);
	end_trace(200);
	assert_int_equal(tally->verdicts[HOW_FIN_BOTH][FIRST_SERVER], 1);
	assert_int_equal(tally->connections, 1);
	assert_int_equal(tally->open, 0);
	assert_int_equal(top_count(&tally->top, &(struct owner){0})->ends, 1); /* no one unknown */
}

TEST(what_is_open_at_the_end_is_said_to_be)
{
	open_both(0);
	end_trace(200);
	assert_int_equal(tally->verdicts[HOW_OPEN][FIRST_NOBODY], 1);
	assert_int_equal(tally->connections, 1);
	assert_int_equal(tally->open, 1);
	assert_int_equal(tally->sockets[WIRE_ESTABLISHED].now, 2);
}

TEST(each_end_is_its_owners)
{
	const struct top_entry *list[3];

	open_both(0);
	DO(&server, ESTABLISHED, CLOSE, 10, .shutdown = SHUTDOWN_BOTH, .unread = 9);
	DO(&client, ESTABLISHED, CLOSE, 11, .err = ECONNRESET);
	end_trace(SECOND);
	assert_int_equal(tally->verdicts[HOW_RESET][FIRST_SERVER], 1);
	assert_int_equal(top_list(&tally->top, 3, list), 2);
	for (int i = 0; i < 2; i++) {
		bool is_client = strncmp(list[i]->comm, client.comm, WIRE_COMM_LEN) == 0;

		assert_int_equal(list[i]->ends, 1);
		assert_int_equal(list[i]->client, is_client);
		assert_int_equal(list[i]->first, !is_client);
		assert_int_equal(list[i]->rst_sent, !is_client);
		assert_int_equal(list[i]->rst_received, is_client);
		assert_int_equal(list[i]->open, 0);
	}
}

TEST(what_is_given_up_is_no_longer_there)
{
	for (unsigned int i = 0; i < 70; i++) { /* 64 fit */
		make_nth(i, MAKE_CLIENT_PID, &client, &server);
		open_both(10 + 10 * i);
	}
	assert_true(tracker.evicted >= 6);
	assert_int_equal(tally->open, tracker.evicted);
	assert_int_equal(tally->sockets[WIRE_ESTABLISHED].now, 2 * (70 - tracker.evicted));
}

/* Another socket is born where it was: its end was missed. */
TEST(what_is_lost_is_no_longer_in_its_state)
{
	open_both(0);
	assert_int_equal(tally->sockets[WIRE_ESTABLISHED].now, 2);
	DO(&client, CLOSE, SYN_SENT, 1000, .no_cookie = true);
	assert_int_equal(tally->sockets[WIRE_ESTABLISHED].now, 1);
	assert_int_equal(tally->minisocks[WIRE_ESTABLISHED].now, 0);
}

TEST(cases_of_a_finding_are_summed_as_they_are_told)
{
	struct finding finding = {.code = FINDING_RST_UNREAD, .count = 1};
	const struct change change = {.kind = CHANGE_FINDING,
				      .ktime_ns = AT(0),
				      .finding = &finding};

	tally_change(tally, &change);
	finding.before = 1;
	finding.count = 2;
	tally_change(tally, &change);
	finding.before = 2;
	finding.count = 5;
	tally_change(tally, &change);
	finding.before = 0; /* another subject */
	finding.count = 1;
	tally_change(tally, &change);
	assert_int_equal(tally->told[FINDING_RST_UNREAD], 4);
	assert_int_equal(tally->cases[FINDING_RST_UNREAD], 6);
}

static void check_edge(unsigned int nth, uint8_t from, uint8_t to, bool minisock)
{
	struct tally_edge_at at;

	assert_true(tally_nth_edge(tally, nth, &at));
	assert_int_equal(at.from, from);
	assert_int_equal(at.to, to);
	assert_int_equal(at.minisock, minisock);
	assert_int_equal(at.edge->count, 1);
}

TEST(edges_come_in_the_order_of_a_life)
{
	struct tally_edge_at at;

	assert_false(tally_nth_edge(tally, 0, &at));
	open_both(0);
	close_both(&client, &server, 100);
	check_edge(0, WIRE_CLOSE, WIRE_SYN_SENT, false);
	check_edge(1, WIRE_LISTEN, WIRE_SYN_RECV, false);
	check_edge(4, WIRE_ESTABLISHED, WIRE_FIN_WAIT1, false);
	check_edge(5, WIRE_ESTABLISHED, WIRE_CLOSE_WAIT, false);
	check_edge(9, WIRE_LAST_ACK, WIRE_CLOSE, false);
	check_edge(10, WIRE_FIN_WAIT2, WIRE_FIN_WAIT2, true);
	check_edge(11, WIRE_FIN_WAIT2, WIRE_TIME_WAIT, true);
	assert_false(tally_nth_edge(tally, 12, &at));
}

TEST(stays_come_in_the_order_of_a_life)
{
	static const uint8_t states[] = {WIRE_SYN_SENT,	 WIRE_SYN_RECV,	  WIRE_ESTABLISHED,
					 WIRE_FIN_WAIT1, WIRE_FIN_WAIT2,  WIRE_FIN_WAIT2,
					 WIRE_TIME_WAIT, WIRE_CLOSE_WAIT, WIRE_LAST_ACK};
	struct tally_stay_at at;

	open_both(0);
	close_both(&client, &server, 100);
	for (unsigned int i = 0; i < sizeof(states); i++) {
		assert_true(tally_nth_stay(tally, i, &at));
		assert_int_equal(at.state, states[i]);
		assert_int_equal(at.minisock, i == 5 || i == 6);
	}
	assert_false(tally_nth_stay(tally, sizeof(states), &at));
}

TEST(times_are_counted_up_to_round_bounds)
{
	open_both(0);
	DO(&client, ESTABLISHED, FIN_WAIT1, 10000);
	DO(&client, FIN_WAIT1, FIN_WAIT2, 20000); /* 10 ms: a bound is in its bucket */
	DO(&client, FIN_WAIT2, CLOSE, UINT64_C(200000) * SECOND); /* longer than all */
	assert_int_equal(tally->sockets[WIRE_FIN_WAIT1].within[3], 1);
	for (int i = 0; i < TALLY_BOUNDS; i++)
		assert_int_equal(tally->sockets[WIRE_FIN_WAIT2].within[i], 0);
	assert_int_equal(tally->sockets[WIRE_FIN_WAIT2].time.count, 1);
}

TEST(people_are_told_of_states_as_the_RFC_has_them)
{
	open_both(0);
	assert_int_equal(tally_now(tally, WIRE_ESTABLISHED), 2);
	close_both(&client, &server, 100);
	assert_int_equal(tally_now(tally, WIRE_TIME_WAIT), 1);
	assert_int_equal(tally_now(tally, WIRE_CLOSE), 0);
	tally->minisocks[WIRE_NEW_SYN_RECV].now = 2;
	tally->sockets[WIRE_SYN_RECV].now = 1;
	assert_int_equal(tally_now(tally, WIRE_SYN_RECV), 3);
	assert_int_equal(tally_now(tally, WIRE_NEW_SYN_RECV), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_edge_is_counted_once),
		T(a_jump_is_an_edge_that_is_told_apart),
		T(an_edge_to_the_same_state_ends_no_stay),
		T(times_are_those_in_the_state_that_was_left),
		T(what_began_before_the_trace_is_not_timed),
		T(a_minisock_stays_in_its_own_FIN_WAIT2),
		T(a_TIME_WAIT_whose_end_was_not_seen_is_over_but_not_timed),
		T(verdicts_are_counted_by_who_was_first),
		T(what_is_open_at_the_end_is_said_to_be),
		T(each_end_is_its_owners),
		T(what_is_given_up_is_no_longer_there),
		T(what_is_lost_is_no_longer_in_its_state),
		T(cases_of_a_finding_are_summed_as_they_are_told),
		T(edges_come_in_the_order_of_a_life),
		T(stays_come_in_the_order_of_a_life),
		T(times_are_counted_up_to_round_bounds),
		T(people_are_told_of_states_as_the_RFC_has_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
