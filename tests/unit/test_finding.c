// SPDX-License-Identifier: GPL-2.0-only
/* What is told of findings: once, and then only when it has grown. CLOSE_WAITs stand for all. */
#include "fixture.h"

#include <errno.h>

/* --- CLOSE_WAIT ------------------------------------------------------------------------------- */

TEST(a_CLOSE_WAIT_that_lasts_is_told)
{
	const struct finding *finding;

	fixture_leave_in_close_wait(0);
	watch_advance(w, 11 + 60 * SECOND + MOMENT - 1);
	CHECK_TOLD(0, CLOSE_WAIT_HELD);
	watch_advance(w, 11 + 60 * SECOND + MOMENT);
	CHECK_TOLD(1, CLOSE_WAIT_HELD);
	finding = TOLD(CLOSE_WAIT_HELD, 0);
	assert_int_equal(finding->level, LEVEL_WARNING);
	assert_int_equal(finding->count, 1);
	assert_int_equal(finding->before, 0);
	assert_int_equal(finding->age_ns, 60 * S + 100 * MS);
	assert_false(finding->age_least);
	assert_false(finding->server);
	assert_int_equal(finding->owner.pid, MAKE_CLIENT_PID);
	assert_int_equal(finding->local.port, 5000);
	assert_int_equal(finding->remote.port, 80);
}

TEST(a_CLOSE_WAIT_that_ends_in_time_is_not_told)
{
	fixture_leave_in_close_wait(0);
	watch_advance(w, 59 * SECOND);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 59 * SECOND, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, LAST_ACK, CLOSE, 59 * SECOND + 1);
	watch_advance(w, 900 * SECOND);
	CHECK_TOLD(0, CLOSE_WAIT_HELD);
}

TEST(how_long_is_too_long_can_be_said)
{
	w->tracker.findings.patience_ns = 2 * S;
	fixture_leave_in_close_wait(0);
	watch_advance(w, 3 * SECOND);
	CHECK_TOLD(1, CLOSE_WAIT_HELD);
}

TEST(what_was_there_at_the_start_is_older_than_it_seems)
{
	struct event event = make_edge(STEP(&client, CLOSE, CLOSE_WAIT, 5));

	event.type = WIRE_FOUND;
	event.program = WIRE_BY_SNAPSHOT;
	event.edge.from = WIRE_NO_STATE;
	watch_event(w, &event);
	watch_advance(w, SECOND); /* its owner might have been found as well */
	watch_advance(w, 70 * SECOND);
	CHECK_TOLD(1, CLOSE_WAIT_HELD);
	assert_true(TOLD(CLOSE_WAIT_HELD, 0)->age_least);
	assert_int_equal(TOLD(CLOSE_WAIT_HELD, 0)->age_ns, 60 * S + 100 * MS);
}

TEST(what_comes_at_once_is_told_as_one)
{
	for (unsigned int i = 0; i < 5; i++) {
		make_nth(i, MAKE_CLIENT_PID, &client, &server);
		fixture_leave_in_close_wait(i * 1000);
	}
	watch_advance(w, 61 * SECOND);
	CHECK_TOLD(1, CLOSE_WAIT_HELD);
	assert_int_equal(TOLD(CLOSE_WAIT_HELD, 0)->count, 5);
	assert_int_equal(TOLD(CLOSE_WAIT_HELD, 0)->local.port, 40000);
}

TEST(it_is_told_again_when_there_are_twice_as_many)
{
	static const uint64_t counts[] = {1, 2, 4};

	for (unsigned int i = 0; i < 7; i++) {
		make_nth(i, MAKE_CLIENT_PID, &client, &server);
		fixture_leave_in_close_wait(i * SECOND);
	}
	watch_advance(w, 70 * SECOND);
	CHECK_TOLD(3, CLOSE_WAIT_HELD);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(TOLD(CLOSE_WAIT_HELD, i)->count, counts[i]);
	assert_int_equal(TOLD(CLOSE_WAIT_HELD, 2)->before, 2);
	assert_int_equal(TOLD(CLOSE_WAIT_HELD, 2)->age_ns, 63 * S + 100 * MS);
}

/* 60.1, 120.3, 240.7, 481.5 s */
TEST(one_that_goes_on_is_told_when_it_is_twice_as_old)
{
	fixture_leave_in_close_wait(0);
	watch_advance(w, 120 * SECOND);
	CHECK_TOLD(1, CLOSE_WAIT_HELD);
	watch_advance(w, 600 * SECOND);
	CHECK_TOLD(4, CLOSE_WAIT_HELD);
	assert_int_equal(TOLD(CLOSE_WAIT_HELD, 3)->age_ns, 481 * S + 500 * MS);
}

TEST(what_has_gone_and_comes_again_is_news)
{
	fixture_leave_in_close_wait(0);
	watch_advance(w, 61 * SECOND);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 61 * SECOND, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, LAST_ACK, CLOSE, 61 * SECOND + 1);
	make_nth(1, MAKE_CLIENT_PID, &client, &server);
	fixture_leave_in_close_wait(62 * SECOND);
	watch_advance(w, 180 * SECOND);
	CHECK_TOLD(2, CLOSE_WAIT_HELD);
	assert_int_equal(TOLD(CLOSE_WAIT_HELD, 1)->count, 1);
	assert_int_equal(TOLD(CLOSE_WAIT_HELD, 1)->before, 0);
}

TEST(what_comes_and_goes_is_not_told_each_time)
{
	for (unsigned int i = 0; i < 8; i++) {
		make_nth(i, MAKE_CLIENT_PID, &client, &server);
		GO(w, &client, CLOSE, SYN_SENT, i * 10 * SECOND, .no_local_port = true);
		watch_resend(w, &client, WIRE_SYN_SENT, 2, 6, i * 10 * SECOND + 3 * SECOND);
		watch_advance(w, i * 10 * SECOND + 5 * SECOND);
		GO(w, &client, SYN_SENT, CLOSE, i * 10 * SECOND + 6 * SECOND, .err = ETIMEDOUT);
	}
	CHECK_TOLD(2, SYN_UNANSWERED);
}

TEST(each_process_is_told)
{
	for (unsigned int i = 0; i < 3; i++) {
		make_nth(i, 300 + i, &client, &server);
		fixture_leave_in_close_wait(0);
	}
	watch_advance(w, 61 * SECOND);
	CHECK_TOLD(3, CLOSE_WAIT_HELD);
	assert_int_not_equal(TOLD(CLOSE_WAIT_HELD, 0)->owner.pid,
			     TOLD(CLOSE_WAIT_HELD, 1)->owner.pid);
}

TEST(what_is_not_shown_is_not_told)
{
	const char *word;
	int len;

	port_set_add(&w->filter.either, "81", &word, &len);
	fixture_leave_in_close_wait(0);
	watch_advance(w, 900 * SECOND);
	assert_int_equal(w->count, 0);
}

TEST(which_transitions_are_shown_does_not_matter)
{
	w->filter.states = 1U << WIRE_LISTEN;
	fixture_leave_in_close_wait(0);
	watch_advance(w, 61 * SECOND);
	assert_int_equal(w->count, 2);
	CHECK_TOLD(1, FIN_WAIT2_ORPHAN);
	CHECK_TOLD(1, CLOSE_WAIT_HELD);
}

TEST(they_can_be_left_out)
{
	w->tracker.findings.off = true;
	fixture_leave_in_close_wait(0);
	watch_advance(w, 900 * SECOND);
	assert_int_equal(watch_count(w, CHANGE_FINDING), 0);
}

TEST(what_is_looked_at_late_is_told_as_of_when_it_was_due)
{
	for (unsigned int i = 0; i < 3; i++) {
		make_nth(i, MAKE_CLIENT_PID, &client, &server);
		fixture_leave_in_close_wait(i * 1000);
	}
	watch_advance(w, 100 * SECOND);
	CHECK_TOLD(1, CLOSE_WAIT_HELD);
	assert_int_equal(TOLD(CLOSE_WAIT_HELD, 0)->count, 3);
	assert_int_equal(TOLD(CLOSE_WAIT_HELD, 0)->age_ns, 60 * S + 100 * MS);
	assert_int_equal(watch_find(w, CHANGE_FINDING, 1)->change.ktime_ns,
			 AT(11 + 60 * SECOND + MOMENT));
}

TEST(the_end_of_the_trace_waits_for_nobody)
{
	fixture_leave_in_close_wait(0);
	watch_advance(w, 11 + 60 * SECOND);
	CHECK_TOLD(0, CLOSE_WAIT_HELD);
	tracker_finish(&w->tracker, AT(60 * SECOND + 20));
	CHECK_TOLD(1, CLOSE_WAIT_HELD);
}

/* --- subjects --------------------------------------------------------------------------------- */

/* Of 1025 the one that nothing was heard of for the longest is forgotten, and is news when it comes again. */
TEST(subjects_are_bounded)
{
	fixture_restart(8192);
	for (unsigned int i = 0; i < SUBJECTS_MAX; i++) {
		make_nth(i, 1000 + i, &client, &server);
		client.cookie = 0;
		GO(w, &client, CLOSE, SYN_SENT, i, .no_local_port = true);
		watch_resend(w, &client, WIRE_SYN_SENT, 2, 6, SECOND + i);
	}
	watch_advance(w, 2 * SECOND);
	CHECK_TOLD(SUBJECTS_MAX, SYN_UNANSWERED);
	make_nth(SUBJECTS_MAX, 1000 + SUBJECTS_MAX, &client, &server);
	GO(w, &client, CLOSE, SYN_SENT, 2 * SECOND, .no_local_port = true);
	watch_resend(w, &client, WIRE_SYN_SENT, 2, 6, 3 * SECOND);
	watch_advance(w, 4 * SECOND);
	CHECK_TOLD(SUBJECTS_MAX + 1, SYN_UNANSWERED);
	assert_int_equal(w->tracker.findings.subjects.used, SUBJECTS_MAX);
	make_nth(0, 1000, &client, &server);
	watch_resend(w, &client, WIRE_SYN_SENT, 3, 6, 5 * SECOND);
	watch_advance(w, 6 * SECOND);
	CHECK_TOLD(SUBJECTS_MAX + 2, SYN_UNANSWERED);
}

TEST(each_code_has_a_name)
{
	assert_string_equal(finding_name(FINDING_CLOSE_WAIT_HELD), "close-wait-held");
	for (enum finding_code code = FINDING_NONE + 1; code < FINDING_CODES; code++)
		assert_non_null(finding_name(code));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(a_CLOSE_WAIT_that_lasts_is_told),
		TEST_OF(a_CLOSE_WAIT_that_ends_in_time_is_not_told),
		TEST_OF(how_long_is_too_long_can_be_said),
		TEST_OF(what_was_there_at_the_start_is_older_than_it_seems),
		TEST_OF(what_comes_at_once_is_told_as_one),
		TEST_OF(it_is_told_again_when_there_are_twice_as_many),
		TEST_OF(one_that_goes_on_is_told_when_it_is_twice_as_old),
		TEST_OF(what_has_gone_and_comes_again_is_news),
		TEST_OF(what_comes_and_goes_is_not_told_each_time),
		TEST_OF(each_process_is_told),
		TEST_OF(what_is_not_shown_is_not_told),
		TEST_OF(which_transitions_are_shown_does_not_matter),
		TEST_OF(they_can_be_left_out),
		TEST_OF(what_is_looked_at_late_is_told_as_of_when_it_was_due),
		TEST_OF(the_end_of_the_trace_waits_for_nobody),
		TEST_OF(subjects_are_bounded),
		TEST_OF(each_code_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
