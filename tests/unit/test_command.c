// SPDX-License-Identifier: GPL-2.0-only
/* The processes of `-- COMMAND`, and which sockets are theirs. */
#include "fixture.h"

#include <errno.h>

static void follow(uint32_t pid)
{
	w->filter.command_only = true;
	tracker_follow(&w->tracker, pid);
}

static void fork_to(uint32_t pid, uint32_t child, uint64_t us)
{
	struct event event = make_process(WIRE_FORK, pid, child, us);

	watch_event(w, &event);
}

static void exit_of(uint32_t pid, uint64_t us)
{
	struct event event = make_process(WIRE_EXIT, pid, 0, us);

	watch_event(w, &event);
}

TEST(the_connections_of_the_command_are_shown_and_counted)
{
	follow(MAKE_CLIENT_PID);
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	assert_int_equal(w->tracker.command_open, 1);
	assert_int_equal(w->count, 1);
	GO(w, &client, SYN_SENT, ESTABLISHED, 1);
	GO(w, &client, ESTABLISHED, CLOSE, 2, .err = ECONNRESET);
	assert_int_equal(w->tracker.command_open, 0);
	assert_int_equal(w->count, 4);
}

TEST(the_connections_of_others_are_not)
{
	follow(1234);
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	assert_int_equal(w->count, 0);
	assert_int_equal(w->tracker.command_open, 0);
}

TEST(children_and_their_children_are_followed)
{
	follow(50);
	fork_to(50, 60, 0);
	fork_to(60, MAKE_CLIENT_PID, 1);
	fork_to(70, MAKE_SERVER_PID, 2);
	watch_open(w, &client, &server, 10);
	assert_int_equal(w->tracker.command_open, 1);
	assert_int_equal(w->count, 4);
}

TEST(a_process_that_has_ended_is_not_followed)
{
	follow(50);
	fork_to(50, MAKE_CLIENT_PID, 0);
	exit_of(MAKE_CLIENT_PID, 1);
	GO(w, &client, CLOSE, SYN_SENT, 10);
	assert_int_equal(w->count, 0);
	assert_int_equal(w->tracker.command_pids.count, 1);
	exit_of(50, 11);
	exit_of(50, 12);
	assert_int_equal(w->tracker.command_pids.count, 0);
}

/* The kernel closes its sockets after the process has gone. */
TEST(sockets_are_the_commands_until_they_are_closed)
{
	follow(MAKE_CLIENT_PID);
	watch_open(w, &client, &server, 0);
	exit_of(MAKE_CLIENT_PID, 5);
	assert_int_equal(w->tracker.command_open, 1);
	watch_close(w, &client, &server, 10);
	assert_int_equal(w->tracker.command_open, 0);
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
}

TEST(a_listener_of_the_command_makes_its_children_the_commands)
{
	struct make_end listener = make_listener(0x700, make_at("0.0.0.0", 80));

	follow(MAKE_SERVER_PID);
	GO(w, &listener, CLOSE, LISTEN, 0);
	assert_int_equal(w->tracker.command_open, 1);
	watch_open(w, &client, &server, 10);
	assert_int_equal(w->tracker.command_open, 2);
	assert_int_equal(w->count, 5);
	watch_close(w, &server, &client, 100);
	assert_int_equal(w->tracker.command_open, 1);
	GO(w, &listener, LISTEN, CLOSE, 200);
	assert_int_equal(w->tracker.command_open, 0);
}

TEST(both_ends_of_the_command_are_counted)
{
	follow(MAKE_CLIENT_PID);
	fork_to(MAKE_CLIENT_PID, MAKE_SERVER_PID, 0);
	watch_open(w, &client, &server, 10);
	assert_int_equal(w->tracker.command_open, 1);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 20, .shutdown = SHUTDOWN_BOTH);
	assert_int_equal(w->tracker.command_open, 2);
}

TEST(a_socket_of_the_command_that_is_evicted_is_not_waited_for)
{
	follow(MAKE_CLIENT_PID);
	for (unsigned int i = 0; i < 200; i++) {
		struct make_end end = make_client(0x10000 + i * 64, (uint16_t)(6000 + i));

		GO(w, &end, CLOSE, SYN_SENT, i * 10);
	}
	assert_int_equal(w->tracker.command_open, 64);
}

TEST(a_socket_of_the_command_whose_end_was_missed_is_not_waited_for)
{
	follow(MAKE_CLIENT_PID);
	GO(w, &client, CLOSE, SYN_SENT, 0);
	GO(w, &client, CLOSE, SYN_SENT, 10);
	assert_int_equal(w->tracker.command_open, 1);
}

TEST(a_minisock_of_the_command_is_waited_for)
{
	follow(MAKE_CLIENT_PID);
	watch_open(w, &client, &server, 0);
	assert_false(tracker_command_waits(&w->tracker));
	watch_close(w, &client, &server, 10);
	assert_int_equal(w->tracker.command_open, 0);
	assert_true(tracker_command_waits(&w->tracker));
	tracker_advance(&w->tracker, tracker_due_ns(&w->tracker));
	assert_false(tracker_command_waits(&w->tracker));
}

TEST(a_minisock_of_the_other_end_is_not_waited_for)
{
	follow(MAKE_SERVER_PID);
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	assert_non_null(due_first(&w->tracker.due, &(uint64_t){0}));
	assert_false(tracker_command_waits(&w->tracker));
}

/* The count must not wrap: the trace would never end. */
TEST(a_socket_of_the_command_closes_once)
{
	follow(MAKE_CLIENT_PID);
	client.cookie = server.cookie = 0;
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	assert_int_equal(w->tracker.command_open, 0);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 1000, .nobody = true);
	GO(w, &client, CLOSE_WAIT, CLOSE, 1001, .err = EPIPE);
	assert_int_equal(w->tracker.command_open, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(the_connections_of_the_command_are_shown_and_counted),
		TEST_OF(the_connections_of_others_are_not),
		TEST_OF(children_and_their_children_are_followed),
		TEST_OF(a_process_that_has_ended_is_not_followed),
		TEST_OF(sockets_are_the_commands_until_they_are_closed),
		TEST_OF(a_listener_of_the_command_makes_its_children_the_commands),
		TEST_OF(both_ends_of_the_command_are_counted),
		TEST_OF(a_socket_of_the_command_that_is_evicted_is_not_waited_for),
		TEST_OF(a_socket_of_the_command_whose_end_was_missed_is_not_waited_for),
		TEST_OF(a_minisock_of_the_command_is_waited_for),
		TEST_OF(a_minisock_of_the_other_end_is_not_waited_for),
		TEST_OF(a_socket_of_the_command_closes_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
