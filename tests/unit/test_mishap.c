// SPDX-License-Identifier: GPL-2.0-only
/* The rules about what happens: each provoked, and what comes near to it. */
#include "fixture.h"

#include <errno.h>

static void overflow(const struct make_end *listener, uint32_t times, uint64_t us)
{
	struct event event = {.type = WIRE_OVERFLOW,
			      .program = WIRE_BY_OVERFLOW,
			      .ktime_ns = AT(us),
			      .overflow = {.sk = listener->sk,
					   .cookie = listener->cookie,
					   .local = listener->local,
					   .netns = listener->netns,
					   .times = times,
					   .waiting = 2,
					   .room = 1}};

	watch_event(w, &event);
}

/* --- TIME_WAIT cut short ---------------------------------------------------------------------- */

#define HOOKS (WIRE_HOOK_TIMEWAIT | WIRE_HOOK_SEGMENTS)

static void wait_in_time_wait(void)
{
	watch_hooks(w, HOOKS);
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, FIN_WAIT1, CLOSING, 11);
	MINI(w, &client, BORN, TIME_WAIT, 12, .left_ms = 60000);
	GO(w, &client, CLOSING, CLOSE, 12, .orphan = true, .shutdown = SHUTDOWN_BOTH);
}

static void stop_time_wait(uint8_t segment, uint32_t pid)
{
	MINI(w, &client, STOPPED, TIME_WAIT, SECOND, .pid = pid);
	if (segment)
		MINI(w, &client, SEGMENT, TIME_WAIT, SECOND, .segment = segment, .pid = pid);
	watch_advance(w, 2 * SECOND);
}

#define SEGMENT_FLAG_SYN 0x02
#define SEGMENT_FLAG_RST 0x04

TEST(a_RST_cuts_TIME_WAIT_short)
{
	wait_in_time_wait();
	stop_time_wait(SEGMENT_FLAG_RST, 0);
	CHECK_TOLD(1, TIME_WAIT_CUT);
	assert_int_equal(TOLD(TIME_WAIT_CUT, 0)->why, CAUSE_PEER);
	assert_int_equal(TOLD(TIME_WAIT_CUT, 0)->level, LEVEL_WARNING);
	assert_int_equal(TOLD(TIME_WAIT_CUT, 0)->age_ns, 1 * S - 12 * US);
}

TEST(ss_K_cuts_TIME_WAIT_short)
{
	wait_in_time_wait();
	stop_time_wait(0, 300);
	CHECK_TOLD(1, TIME_WAIT_CUT);
	assert_int_equal(TOLD(TIME_WAIT_CUT, 0)->why, CAUSE_DESTROYED);
	assert_int_equal(TOLD(TIME_WAIT_CUT, 0)->level, LEVEL_NOTE);
}

TEST(a_new_connection_in_its_place_is_no_harm)
{
	wait_in_time_wait();
	stop_time_wait(SEGMENT_FLAG_SYN, 0);
	CHECK_TOLD(0, TIME_WAIT_CUT);
}

TEST(a_TIME_WAIT_that_is_over_is_not_cut_short)
{
	wait_in_time_wait();
	MINI(w, &client, EXPIRED, TIME_WAIT, 61 * SECOND);
	watch_advance(w, 62 * SECOND);
	CHECK_TOLD(0, TIME_WAIT_CUT);
}

TEST(a_TIME_WAIT_for_which_there_is_no_room_is_told)
{
	watch_hooks(w, HOOKS);
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	CHECK_TOLD(1, TIME_WAIT_CUT);
	assert_int_equal(TOLD(TIME_WAIT_CUT, 0)->why, CAUSE_REFUSED);
	assert_int_equal(watch_last(w)->change.kind, CHANGE_FINDING); /* behind the verdict */
}

/* --- RST through unread data ------------------------------------------------------------------ */

TEST(a_close_with_unread_data_is_told)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, CLOSE, 10, .shutdown = SHUTDOWN_BOTH, .unread = 100);
	GO(w, &client, ESTABLISHED, CLOSE, 11, .err = ECONNRESET, .unread = 7);
	CHECK_TOLD(1, RST_UNREAD);
	assert_int_equal(TOLD(RST_UNREAD, 0)->unread, 100);
	assert_int_equal(TOLD(RST_UNREAD, 0)->owner.pid, MAKE_SERVER_PID);
	assert_ptr_equal(watch_find(w, CHANGE_FINDING, 0), watch_last(w));
}

TEST(an_abort_without_unread_data_is_not_told)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, CLOSE, 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, ESTABLISHED, CLOSE, 11, .err = ECONNRESET, .unread = 7);
	CHECK_TOLD(0, RST_UNREAD);
}

TEST(an_abort_of_another_kind_does_not_ask_what_was_read)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, CLOSE, 10, .err = ECONNABORTED, .unread = 100);
	GO(w, &client, ESTABLISHED, CLOSE, 11, .unread = 100); /* connect(AF_UNSPEC) */
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	CHECK_TOLD(0, RST_UNREAD);
}

TEST(SO_LINGER_is_asked_for)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, CLOSE, 10, .shutdown = SHUTDOWN_BOTH, .unread = 100,
	   .linger_0 = true);
	GO(w, &client, ESTABLISHED, CLOSE, 11, .err = ECONNRESET);
	CHECK_TOLD(0, RST_UNREAD);
}

TEST(what_happens_often_is_told_each_time_it_has_doubled)
{
	for (unsigned int i = 0; i < 9; i++) {
		make_nth(i, MAKE_CLIENT_PID, &client, &server);
		watch_open(w, &client, &server, i * 100);
		GO(w, &server, ESTABLISHED, CLOSE, i * 100 + 10, .shutdown = SHUTDOWN_BOTH,
		   .unread = 100);
		GO(w, &client, ESTABLISHED, CLOSE, i * 100 + 11, .err = ECONNRESET);
	}
	CHECK_TOLD(4, RST_UNREAD);
	assert_int_equal(TOLD(RST_UNREAD, 3)->count, 8);
	assert_int_equal(TOLD(RST_UNREAD, 3)->local.port, 80);
	assert_int_equal(TOLD(RST_UNREAD, 3)->remote.port, 40007);
}

/* --- listeners -------------------------------------------------------------------------------- */

TEST(a_listener_without_room_is_told)
{
	struct make_end listener = make_listener(0x77, make_at("0.0.0.0", 80));
	struct make_end other = make_listener(0x78, make_at("0.0.0.0", 81));

	GO(w, &listener, CLOSE, LISTEN, 0);
	GO(w, &other, CLOSE, LISTEN, 1);
	for (unsigned int i = 0; i < 5; i++)
		overflow(&listener, 1, 10 + i);
	CHECK_TOLD(3, ACCEPT_QUEUE_FULL);
	assert_int_equal(TOLD(ACCEPT_QUEUE_FULL, 2)->count, 4);
	assert_int_equal(TOLD(ACCEPT_QUEUE_FULL, 0)->level, LEVEL_TROUBLE);
	assert_int_equal(TOLD(ACCEPT_QUEUE_FULL, 0)->waiting, 2);
	assert_int_equal(TOLD(ACCEPT_QUEUE_FULL, 0)->room, 1);
	assert_int_equal(TOLD(ACCEPT_QUEUE_FULL, 0)->owner.pid, MAKE_SERVER_PID);
	overflow(&other, 7, 20);
	CHECK_TOLD(4, ACCEPT_QUEUE_FULL);
	assert_int_equal(TOLD(ACCEPT_QUEUE_FULL, 3)->local.port, 81);
	assert_int_equal(TOLD(ACCEPT_QUEUE_FULL, 3)->count, 7);
}

/* Of 1025 listeners the one that is forgotten is not the oldest, but the one not heard of for the longest. */
TEST(a_subject_that_is_heard_of_is_kept)
{
	struct make_end listeners[SUBJECTS_MAX + 1];

	fixture_restart(2048);
	for (unsigned int i = 0; i <= SUBJECTS_MAX; i++) {
		listeners[i] = make_listener(0x100000 + 64 * (uint64_t)i,
					     make_at("0.0.0.0", (uint16_t)(1000 + i)));
		GO(w, &listeners[i], CLOSE, LISTEN, i);
		if (i == SUBJECTS_MAX)
			overflow(&listeners[0], 1, i);
		overflow(&listeners[i], 1, i);
	}
	CHECK_TOLD(SUBJECTS_MAX + 2, ACCEPT_QUEUE_FULL);
	overflow(&listeners[0], 1, 2000);
	CHECK_TOLD(SUBJECTS_MAX + 2, ACCEPT_QUEUE_FULL);
	overflow(&listeners[1], 1, 2001);
	CHECK_TOLD(SUBJECTS_MAX + 3, ACCEPT_QUEUE_FULL);
}

TEST(a_listener_that_is_not_shown_is_not_told)
{
	struct make_end listener = make_listener(0x77, make_at("0.0.0.0", 80));

	w->filter.pids[w->filter.pid_count++] = MAKE_CLIENT_PID;
	GO(w, &listener, CLOSE, LISTEN, 0);
	overflow(&listener, 1, 10);
	assert_int_equal(w->count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(a_RST_cuts_TIME_WAIT_short),
		TEST_OF(ss_K_cuts_TIME_WAIT_short),
		TEST_OF(a_new_connection_in_its_place_is_no_harm),
		TEST_OF(a_TIME_WAIT_that_is_over_is_not_cut_short),
		TEST_OF(a_TIME_WAIT_for_which_there_is_no_room_is_told),
		TEST_OF(a_close_with_unread_data_is_told),
		TEST_OF(an_abort_without_unread_data_is_not_told),
		TEST_OF(an_abort_of_another_kind_does_not_ask_what_was_read),
		TEST_OF(SO_LINGER_is_asked_for),
		TEST_OF(what_happens_often_is_told_each_time_it_has_doubled),
		TEST_OF(a_listener_without_room_is_told),
		TEST_OF(a_subject_that_is_heard_of_is_kept),
		TEST_OF(a_listener_that_is_not_shown_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
