// SPDX-License-Identifier: GPL-2.0-only
/* Who is told to stand in the way of a bind(), and what has used up the ports of a connect(). */
#include "fixture.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define NEW_SK	0xb1
#define NEW_PID 300
#define PORT	80 /* of `server` */

static struct event make_bind(uint64_t us)
{
	return (struct event){
		.type = WIRE_BIND,
		.ktime_ns = AT(us),
		.bind = {.sk = NEW_SK,
			 .local = make_at("127.0.0.1", PORT),
			 .netns = MAKE_NETNS,
			 .err = EADDRINUSE,
			 .family = AF_INET,
			 .actor = {.pid = NEW_PID, .comm = "new", .call = WIRE_CALL_BIND}},
	};
}

static struct event make_bound(uint64_t sk, uint64_t us)
{
	return (struct event){
		.type = WIRE_FOUND,
		.ktime_ns = AT(us),
		.edge = {.sk = sk,
			 .local = make_at("0.0.0.0", PORT),
			 .netns = MAKE_NETNS,
			 .family = AF_INET,
			 .to = WIRE_CLOSE},
	};
}

static struct event make_holder(uint64_t sk, uint32_t pid, uint64_t us)
{
	return (struct event){
		.type = WIRE_HOLDER,
		.ktime_ns = AT(us),
		.holder = {.sk = sk, .actor = {.pid = pid, .comm = "holder"}},
	};
}

static void bind_fails(uint64_t us)
{
	struct event event = make_bind(us);

	watch_event(w, &event);
}

static void look_since(uint64_t us)
{
	struct event event = {.type = WIRE_HOOKS,
			      .ktime_ns = AT(us + 1000),
			      .hooks = w->tracker.hooks,
			      .look_us = 1000};

	watch_event(w, &event);
}

/* It began behind all that a test does. */
static void look_is_over(void)
{
	look_since(9 * S / 1000);
}

static const struct in_use *told(void)
{
	const struct seen *seen = watch_find(w, CHANGE_BIND, 0);

	assert_non_null(seen);
	assert_int_equal(watch_count(w, CHANGE_BIND), 1);
	return seen->change.in_use;
}

TEST(nothing_is_told_before_the_look_is_over)
{
	bind_fails(10);
	assert_int_equal(watch_count(w, CHANGE_BIND), 0);
	look_is_over();
	assert_int_equal(told()->count, 0);
	assert_int_equal(told()->wants.actor.pid, NEW_PID);
}

TEST(the_end_of_the_trace_tells_what_is_left)
{
	bind_fails(10);
	tracker_finish(&w->tracker, AT(20));
	assert_int_equal(told()->count, 0);
	assert_false(told()->looked);
}

TEST(a_look_is_for_what_failed_before_it_began)
{
	struct event snapshot = {.type = WIRE_HOOKS,
				 .ktime_ns = AT(1000),
				 .hooks = WIRE_HOOK_SNAPSHOT};

	bind_fails(10);
	watch_event(w, &snapshot);
	look_since(9);
	assert_int_equal(watch_count(w, CHANGE_BIND), 0);
	look_since(10);
	assert_true(told()->looked);
}

/* The look finds the same for each of those that come before it. */
TEST(repeats_are_counted_and_told_when_their_number_has_doubled)
{
	const uint32_t told_at[] = {20, 40, 80};
	struct event bound;

	for (uint32_t i = 1; i <= 100; i++) {
		bind_fails(i);
		if (i % 20)
			continue;
		bound = make_bound(0xb0, i);
		watch_event(w, &bound);
		look_since(i);
	}
	assert_int_equal(watch_count(w, CHANGE_BIND), 3);
	for (unsigned int i = 0; i < 3; i++) {
		const struct in_use *in_use = watch_find(w, CHANGE_BIND, i)->change.in_use;

		assert_int_equal(in_use->times, told_at[i]);
		assert_int_equal(in_use->blockers[0], 1);
		assert_true(in_use->looked);
	}
}

TEST(who_was_idle_for_long_fails_for_the_first_time)
{
	bind_fails(1);
	look_since(1);
	bind_fails(2);
	look_since(2);
	bind_fails(3);
	look_since(3);
	assert_int_equal(watch_count(w, CHANGE_BIND), 2);
	bind_fails(61000000);
	look_since(61000000);
	assert_int_equal(watch_count(w, CHANGE_BIND), 3);
	assert_int_equal(watch_last(w)->change.in_use->times, 1);
}

TEST(other_options_are_no_repeat)
{
	struct event event = make_bind(11);

	bind_fails(10);
	event.bind.reuse_addr = true;
	watch_event(w, &event);
	look_is_over();
	assert_int_equal(watch_count(w, CHANGE_BIND), 2);
	assert_false(watch_find(w, CHANGE_BIND, 0)->change.in_use->wants.reuse_addr);
}

TEST(of_too_many_the_oldest_is_told_without_a_look)
{
	for (uint32_t i = 0; i <= TRACKER_IN_USE; i++) {
		struct event event = make_bind(10 + i);

		event.bind.actor.pid = NEW_PID + i;
		watch_event(w, &event);
	}
	assert_int_equal(told()->wants.actor.pid, NEW_PID);
	assert_false(told()->looked);
	look_is_over();
	assert_int_equal(watch_count(w, CHANGE_BIND), TRACKER_IN_USE + 1);
	assert_true(watch_last(w)->change.in_use->looked);
}

TEST(a_killed_servers_FIN_WAIT2_is_named_with_its_past)
{
	const struct port_user *user;

	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH, .exiting = true,
	   .signaled = true, .signal = 2);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &server, FIN_WAIT1, FIN_WAIT2, 12, .orphan = true);
	GO(w, &server, FIN_WAIT2, CLOSE, 13, .orphan = true, .fin_time_ms = 60000);
	bind_fails(1000000);
	look_is_over();
	assert_int_equal(told()->blockers[0], 1);
	assert_int_equal(told()->blockers[INUSE_REUSE_ADDR], 1);
	assert_int_equal(told()->no_reuse_addr, 1);
	assert_int_equal(told()->fin_wait2, 1);
	assert_int_equal(told()->lasting, 0);
	user = &told()->users[0];
	assert_int_equal(user->state, WIRE_FIN_WAIT2);
	assert_int_equal(user->owner.pid, MAKE_SERVER_PID);
	assert_int_equal(user->gave_up_by, CAUSE_SIGNAL);
	assert_int_equal(user->signal, 2);
	assert_int_equal(user->until_ns, AT(13) + 60 * S);
}

/* tcp_close() had it when the ACK of its FIN came: no minisock, but its timer runs all the same. */
TEST(an_orphan_that_is_a_full_socket_in_FIN_WAIT2_ends_as_well)
{
	struct event limits = {.type = WIRE_LIMITS,
			       .ktime_ns = AT(0),
			       .limits = {.netns = MAKE_NETNS, .fin_timeout_ms = 60000}};
	struct event event = make_edge(STEP(&server, CLOSE, FIN_WAIT2, 10, .orphan = true));

	watch_event(w, &limits);
	event.type = WIRE_FOUND;
	event.edge.from = WIRE_NO_STATE;
	watch_event(w, &event);
	bind_fails(1000000);
	look_is_over();
	assert_int_equal(told()->fin_wait2, 1);
	assert_int_equal(told()->lasting, 0);
	assert_int_equal(told()->users[0].until_ns, AT(10) + 60 * S);
}

TEST(what_had_SO_REUSEADDR_lets_a_socket_with_it_pass)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH, .reuse_addr = true);
	bind_fails(20);
	look_is_over();
	assert_int_equal(told()->blockers[0], 1);
	assert_int_equal(told()->blockers[INUSE_REUSE_ADDR], 0);
	assert_int_equal(told()->blockers[INUSE_REUSE_PORT], 1);
	assert_int_equal(told()->no_reuse_addr, 0);
}

TEST(other_namespaces_and_ports_do_not_matter)
{
	struct make_end listener = make_listener(0x51, make_at("0.0.0.0", PORT));

	listener.netns = MAKE_NETNS + 1;
	GO(w, &listener, CLOSE, LISTEN, 0);
	listener = make_listener(0x52, make_at("0.0.0.0", PORT + 1));
	GO(w, &listener, CLOSE, LISTEN, 1);
	bind_fails(10);
	look_is_over();
	assert_int_equal(told()->count, 0);
}

/* listen() goes to LISTEN, fails and goes back: the socket is not in its own way. */
TEST(the_socket_itself_is_not_in_its_way)
{
	struct make_end listener = make_listener(NEW_SK, make_at("127.0.0.1", PORT));
	struct event bound = make_bound(NEW_SK, 12);

	GO(w, &listener, CLOSE, LISTEN, 0);
	bind_fails(1);
	GO(w, &listener, LISTEN, CLOSE, 2);
	watch_event(w, &bound);
	look_is_over();
	assert_int_equal(told()->count, 0);
}

TEST(a_socket_that_is_only_bound_comes_with_its_holder)
{
	struct event bound = make_bound(0xb0, 20), first = make_holder(0xb0, 41, 21);
	struct event again = make_bound(0xb0, 22), second = make_holder(0xb0, 42, 23);

	bind_fails(10);
	watch_event(w, &bound);
	watch_event(w, &first);
	watch_event(w, &again);
	watch_event(w, &second);
	look_is_over();
	assert_int_equal(told()->count, 1);
	assert_int_equal(told()->blockers[0], 1);
	assert_int_equal(told()->lasting, 1);
	assert_int_equal(told()->users[0].state, WIRE_CLOSE);
	assert_int_equal(told()->users[0].owner.pid, 41);
}

/* Outside of a look nobody asked who is only bound. */
TEST(a_socket_that_is_only_bound_is_no_connection)
{
	struct event bound = make_bound(0xb0, 20);

	watch_event(w, &bound);
	look_is_over();
	assert_int_equal(w->count, 0);
}

TEST(those_that_matter_most_are_listed_and_all_are_counted)
{
	struct make_end listener = make_listener(0x50, make_at("0.0.0.0", PORT));

	for (uint16_t i = 0; i < 20; i++) {
		struct make_end c = make_client(0x1000 + i, (uint16_t)(5000 + i));
		struct make_end s = make_peer(&c, 0x2000 + i);

		watch_open(w, &c, &s, 100U * i);
		watch_close(w, &s, &c, 100U * i + 10);
	}
	GO(w, &listener, CLOSE, LISTEN, 9000);
	bind_fails(10000);
	look_is_over();
	assert_int_equal(told()->blockers[0], 21);
	assert_int_equal(told()->listed, INUSE_LISTED);
	assert_int_equal(told()->users[0].state, WIRE_LISTEN);
	assert_int_equal(told()->users[1].state, WIRE_TIME_WAIT);
	assert_true(told()->users[1].until_ns > told()->users[2].until_ns);
	assert_int_equal(told()->listeners, 1);
	assert_int_equal(told()->lasting, 1);
}

TEST(the_filter_decides_whose_bind_is_told)
{
	w->filter.pids[w->filter.pid_count++] = NEW_PID + 1;
	bind_fails(10);
	look_is_over();
	assert_int_equal(watch_count(w, CHANGE_BIND), 0);
}

TEST(a_connect_without_a_port_is_told_who_has_them)
{
	struct make_end late = make_client(0xc9, 0);
	struct event limits = {
		.type = WIRE_LIMITS,
		.ktime_ns = AT(0),
		.limits = {.netns = MAKE_NETNS, .port_first = 5000, .port_last = 5001},
	};
	const struct used_up *used_up;

	watch_event(w, &limits);
	watch_open(w, &client, &server, 10);
	watch_close(w, &client, &server, 20);
	GO(w, &late, CLOSE, SYN_SENT, 1000000, .no_local_port = true);
	GO(w, &late, SYN_SENT, CLOSE, 1000001, .no_local_port = true);
	assert_int_equal(watch_count(w, CHANGE_NO_PORT), 1);
	used_up = watch_find(w, CHANGE_NO_PORT, 0)->change.used_up;
	assert_int_equal(used_up->limits.port_last, 5001);
	assert_int_equal(used_up->there, 1);
	assert_int_equal(used_up->in_state[WIRE_TIME_WAIT], 1);
	assert_true(used_up->first_ns > AT(20) + 59 * S && used_up->first_ns < AT(20) + 61 * S);
}

static void connect_again(enum wire_call call)
{
	struct make_end again = client;

	again.sk = 0xc9;
	again.cookie = 0xc9;
	watch_open(w, &client, &server, 10);
	watch_close(w, &client, &server, 20);
	GO(w, &again, CLOSE, SYN_SENT, 1000000);
	GO(w, &again, SYN_SENT, CLOSE, 1000001, .call = call);
}

TEST(a_connect_from_a_port_that_has_that_connection)
{
	connect_again(WIRE_CALL_CONNECT);
	assert_int_equal(watch_count(w, CHANGE_NO_PORT), 1);
	assert_int_equal(watch_find(w, CHANGE_NO_PORT, 0)->change.used_up->local_port, 5000);
	assert_int_equal(watch_find(w, CHANGE_NO_PORT, 0)->change.used_up->there, 1);
}

TEST(a_close_in_SYN_SENT_is_no_failure)
{
	connect_again(WIRE_CALL_CLOSE);
	assert_int_equal(watch_count(w, CHANGE_NO_PORT), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(nothing_is_told_before_the_look_is_over),
		TEST_OF(the_end_of_the_trace_tells_what_is_left),
		TEST_OF(a_look_is_for_what_failed_before_it_began),
		TEST_OF(repeats_are_counted_and_told_when_their_number_has_doubled),
		TEST_OF(who_was_idle_for_long_fails_for_the_first_time),
		TEST_OF(other_options_are_no_repeat),
		TEST_OF(of_too_many_the_oldest_is_told_without_a_look),
		TEST_OF(a_killed_servers_FIN_WAIT2_is_named_with_its_past),
		TEST_OF(an_orphan_that_is_a_full_socket_in_FIN_WAIT2_ends_as_well),
		TEST_OF(what_had_SO_REUSEADDR_lets_a_socket_with_it_pass),
		TEST_OF(other_namespaces_and_ports_do_not_matter),
		TEST_OF(the_socket_itself_is_not_in_its_way),
		TEST_OF(a_socket_that_is_only_bound_comes_with_its_holder),
		TEST_OF(a_socket_that_is_only_bound_is_no_connection),
		TEST_OF(those_that_matter_most_are_listed_and_all_are_counted),
		TEST_OF(the_filter_decides_whose_bind_is_told),
		TEST_OF(a_connect_without_a_port_is_told_who_has_them),
		TEST_OF(a_connect_from_a_port_that_has_that_connection),
		TEST_OF(a_close_in_SYN_SENT_is_no_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
