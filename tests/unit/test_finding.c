// SPDX-License-Identifier: GPL-2.0-only
/* Each rule provoked, and what comes near to it; told once, and then only when it has grown. */
#include "make.h"

#include <errno.h>
#include <string.h>

#define SECOND UINT64_C(1000000) /* in microseconds */
#define MOMENT UINT64_C(100000) /* what has one reason is gathered for so long */

static struct watch *w;
static struct make_end client, server;

static int start(void **fixture)
{
	(void)fixture;
	w = watch_create(8192);
	client = make_client(0xc00, 40000);
	server = make_peer(&client, 0x500);
	return 0;
}

static int stop(void **fixture)
{
	(void)fixture;
	watch_destroy(w);
	return 0;
}

/* --- helpers ------------------------------------------------------------------------------------- */

/* What was told the NTH time by this rule, from 0, or NULL. */
static const struct finding *told(enum finding_code code, unsigned int nth)
{
	for (unsigned int i = 0; watch_find(w, CHANGE_FINDING, i); i++) {
		const struct seen *seen = watch_find(w, CHANGE_FINDING, i);

		if (seen->finding.code == code && nth-- == 0)
			return &seen->finding;
	}
	return NULL;
}

static unsigned int times_told(enum finding_code code)
{
	unsigned int times = 0;

	while (told(code, times))
		times++;
	return times;
}

#define TOLD(code, nth)	    told(FINDING_##code, nth)
#define CHECK_TOLD(n, code) assert_int_equal(times_told(FINDING_##code), n)

/* Connection NUMBER of CLIENT_PID, to the same server. */
static void set_ends(unsigned int number, uint32_t client_pid)
{
	client = make_client(0x10000 + 64 * (uint64_t)number, (uint16_t)(40000 + number));
	client.pid = client_pid;
	server = make_peer(&client, 0x8000000 + 64 * (uint64_t)number);
}

/* The server has closed, and the client stays. */
static void leave_in_close_wait(uint64_t us)
{
	watch_open(w, &client, &server, us);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, us + 10, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, us + 11);
	GO(w, &server, FIN_WAIT1, FIN_WAIT2, us + 12, .nobody = true);
	GO(w, &server, FIN_WAIT2, CLOSE, us + 13, .nobody = true, .orphan = true,
	   .fin_time_ms = 60000, .shutdown = SHUTDOWN_BOTH);
}

static void resend(const struct make_end *end, uint8_t state, uint8_t times, uint8_t retries,
		   uint64_t us)
{
	struct event event = {.type = WIRE_RESENT,
			      .program = WIRE_BY_RESENT,
			      .ktime_ns = AT(us),
			      .resent = {.sk = end->sk,
					 .cookie = end->cookie,
					 .state = state,
					 .times = times,
					 .retries = retries}};

	watch_event(w, &event);
}

static void learn_limits(uint16_t port_last, uint8_t tw_reuse)
{
	struct event event = {.type = WIRE_LIMITS,
			      .ktime_ns = AT(0),
			      .limits = {.netns = MAKE_NETNS,
					 .port_first = 40000,
					 .port_last = port_last,
					 .fin_timeout_ms = 60000,
					 .tw_reuse = tw_reuse}};

	watch_event(w, &event);
}

static void overflow(const struct make_end *listener, uint64_t us)
{
	struct event event = {.type = WIRE_OVERFLOW,
			      .program = WIRE_BY_OVERFLOW,
			      .ktime_ns = AT(us),
			      .overflow = {.sk = listener->sk,
					   .cookie = listener->cookie,
					   .local = listener->local,
					   .netns = listener->netns,
					   .waiting = 2,
					   .room = 1}};

	watch_event(w, &event);
}

/* --- CLOSE_WAIT ---------------------------------------------------------------------------------- */

TEST(a_CLOSE_WAIT_that_lasts_is_told)
{
	const struct finding *finding;

	leave_in_close_wait(0);
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
	assert_int_equal(finding->local.port, 40000);
	assert_int_equal(finding->remote.port, 80);
}

TEST(a_CLOSE_WAIT_that_ends_in_time_is_not_told)
{
	leave_in_close_wait(0);
	watch_advance(w, 59 * SECOND);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 59 * SECOND, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, LAST_ACK, CLOSE, 59 * SECOND + 1);
	watch_advance(w, 900 * SECOND);
	CHECK_TOLD(0, CLOSE_WAIT_HELD);
}

TEST(how_long_is_too_long_can_be_said)
{
	w->tracker.findings.patience_ns = 2 * S;
	leave_in_close_wait(0);
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
		set_ends(i, MAKE_CLIENT_PID);
		leave_in_close_wait(i * 1000);
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
		set_ends(i, MAKE_CLIENT_PID);
		leave_in_close_wait(i * SECOND);
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
	leave_in_close_wait(0);
	watch_advance(w, 120 * SECOND);
	CHECK_TOLD(1, CLOSE_WAIT_HELD);
	watch_advance(w, 600 * SECOND);
	CHECK_TOLD(4, CLOSE_WAIT_HELD);
	assert_int_equal(TOLD(CLOSE_WAIT_HELD, 3)->age_ns, 481 * S + 500 * MS);
}

TEST(what_has_gone_and_comes_again_is_not_told_again)
{
	leave_in_close_wait(0);
	watch_advance(w, 61 * SECOND);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 61 * SECOND, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, LAST_ACK, CLOSE, 61 * SECOND + 1);
	set_ends(1, MAKE_CLIENT_PID);
	leave_in_close_wait(62 * SECOND);
	watch_advance(w, 180 * SECOND);
	CHECK_TOLD(1, CLOSE_WAIT_HELD);
}

TEST(each_process_is_told)
{
	for (unsigned int i = 0; i < 3; i++) {
		set_ends(i, 300 + i);
		leave_in_close_wait(0);
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
	leave_in_close_wait(0);
	watch_advance(w, 900 * SECOND);
	assert_int_equal(w->count, 0);
}

TEST(which_transitions_are_shown_does_not_matter)
{
	w->filter.states = 1U << WIRE_LISTEN;
	leave_in_close_wait(0);
	watch_advance(w, 61 * SECOND);
	assert_int_equal(w->count, 2);
	CHECK_TOLD(1, FIN_WAIT2_ORPHAN);
	CHECK_TOLD(1, CLOSE_WAIT_HELD);
}

TEST(they_can_be_left_out)
{
	w->tracker.findings.off = true;
	leave_in_close_wait(0);
	watch_advance(w, 900 * SECOND);
	assert_int_equal(watch_count(w, CHANGE_FINDING), 0);
}

TEST(what_is_looked_at_late_is_told_as_of_when_it_was_due)
{
	for (unsigned int i = 0; i < 3; i++) {
		set_ends(i, MAKE_CLIENT_PID);
		leave_in_close_wait(i * 1000);
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
	leave_in_close_wait(0);
	watch_advance(w, 11 + 60 * SECOND);
	CHECK_TOLD(0, CLOSE_WAIT_HELD);
	tracker_finish(&w->tracker, AT(60 * SECOND + 20));
	CHECK_TOLD(1, CLOSE_WAIT_HELD);
}

/* --- FIN_WAIT2 ----------------------------------------------------------------------------------- */

TEST(an_orphan_is_told_when_half_its_time_is_over)
{
	leave_in_close_wait(0);
	watch_advance(w, 13 + 30 * SECOND + MOMENT - 1);
	CHECK_TOLD(0, FIN_WAIT2_ORPHAN);
	watch_advance(w, 13 + 30 * SECOND + MOMENT);
	CHECK_TOLD(1, FIN_WAIT2_ORPHAN);
	assert_int_equal(TOLD(FIN_WAIT2_ORPHAN, 0)->level, LEVEL_NOTE);
	assert_int_equal(TOLD(FIN_WAIT2_ORPHAN, 0)->limit_ms, 60000);
	assert_int_equal(TOLD(FIN_WAIT2_ORPHAN, 0)->owner.pid, MAKE_SERVER_PID);
	assert_true(TOLD(FIN_WAIT2_ORPHAN, 0)->server);
}

TEST(an_orphan_whose_peer_closes_is_not_told)
{
	leave_in_close_wait(0);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 29 * SECOND, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, LAST_ACK, CLOSE, 29 * SECOND + 1);
	watch_advance(w, 200 * SECOND);
	CHECK_TOLD(0, FIN_WAIT2_ORPHAN);
}

static void half_close(void)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_SEND);
	GO(w, &server, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &client, FIN_WAIT1, FIN_WAIT2, 12, .nobody = true);
}

TEST(a_half_close_that_lasts_is_told)
{
	half_close();
	watch_advance(w, 12 + 60 * SECOND + MOMENT - 1);
	CHECK_TOLD(0, HALF_CLOSE);
	watch_advance(w, 12 + 60 * SECOND + MOMENT);
	CHECK_TOLD(1, HALF_CLOSE);
	CHECK_TOLD(0, FIN_WAIT2_ORPHAN);
	assert_int_equal(TOLD(HALF_CLOSE, 0)->owner.pid, MAKE_CLIENT_PID);
	watch_advance(w, 200 * SECOND);
	CHECK_TOLD(2, HALF_CLOSE);
}

TEST(a_half_close_that_becomes_an_orphan_is_none)
{
	half_close();
	GO(w, &client, FIN_WAIT2, FIN_WAIT2, 50 * SECOND, .orphan = true,
	   .shutdown = SHUTDOWN_BOTH);
	watch_advance(w, 200 * SECOND);
	CHECK_TOLD(0, HALF_CLOSE);
}

/* --- a FIN that is not acknowledged -------------------------------------------------------------- */

static void send_last_fin(const struct counts *counts)
{
	leave_in_close_wait(0);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 20, .shutdown = SHUTDOWN_BOTH, .counts = counts);
}

TEST(a_FIN_that_is_sent_again_and_again_is_told)
{
	send_last_fin(NULL);
	resend(&client, WIRE_LAST_ACK, 1, 8, SECOND);
	watch_advance(w, 2 * SECOND);
	CHECK_TOLD(0, LAST_ACK_STUCK);
	resend(&client, WIRE_LAST_ACK, 2, 8, 3 * SECOND);
	watch_advance(w, 4 * SECOND);
	resend(&client, WIRE_LAST_ACK, 3, 8, 7 * SECOND);
	watch_advance(w, 30 * SECOND);
	CHECK_TOLD(1, LAST_ACK_STUCK);
	assert_int_equal(TOLD(LAST_ACK_STUCK, 0)->resent, 2);
	assert_int_equal(TOLD(LAST_ACK_STUCK, 0)->retries, 8);
	assert_int_equal(TOLD(LAST_ACK_STUCK, 0)->owner.pid, MAKE_CLIENT_PID);
}

TEST(a_FIN_that_may_be_sent_once_more_only_is_told_then)
{
	send_last_fin(NULL);
	resend(&client, WIRE_LAST_ACK, 1, 1, SECOND);
	watch_advance(w, 2 * SECOND);
	CHECK_TOLD(1, LAST_ACK_STUCK);
}

TEST(a_resend_in_another_state_or_of_another_socket_is_none_of_it)
{
	struct make_end other = client;

	send_last_fin(NULL);
	resend(&client, WIRE_FIN_WAIT1, 2, 8, SECOND);
	other.cookie++;
	resend(&other, WIRE_LAST_ACK, 2, 8, SECOND);
	watch_advance(w, 2 * SECOND);
	CHECK_TOLD(0, LAST_ACK_STUCK);
}

TEST(a_FIN_behind_a_closed_window_is_told)
{
	const struct counts counts = {.unsent = 5000, .snd_wnd = 0};

	send_last_fin(&counts);
	watch_advance(w, 20 + 10 * SECOND + MOMENT - 1);
	CHECK_TOLD(0, LAST_ACK_STUCK);
	watch_advance(w, 20 + 10 * SECOND + MOMENT);
	CHECK_TOLD(1, LAST_ACK_STUCK);
	assert_int_equal(TOLD(LAST_ACK_STUCK, 0)->unsent, 5000);
	assert_true(TOLD(LAST_ACK_STUCK, 0)->no_window);
}

TEST(a_FIN_behind_data_that_flows_has_more_time)
{
	const struct counts counts = {.unsent = 5000, .snd_wnd = 1000};

	send_last_fin(&counts);
	watch_advance(w, 59 * SECOND);
	CHECK_TOLD(0, LAST_ACK_STUCK);
	watch_advance(w, 61 * SECOND);
	CHECK_TOLD(1, LAST_ACK_STUCK);
	assert_false(TOLD(LAST_ACK_STUCK, 0)->no_window);
}

TEST(a_first_FIN_may_be_stuck_as_well)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	resend(&client, WIRE_FIN_WAIT1, 2, 8, SECOND);
	watch_advance(w, 2 * SECOND);
	CHECK_TOLD(1, FIN_WAIT1_STUCK);
}

TEST(a_FIN_that_arrives_in_the_end_is_not_told)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH);
	resend(&client, WIRE_FIN_WAIT1, 1, 8, SECOND);
	GO(w, &client, FIN_WAIT1, FIN_WAIT2, SECOND + 1, .nobody = true, .orphan = true);
	resend(&client, WIRE_FIN_WAIT1, 2, 8, SECOND + 2);
	watch_advance(w, 5 * SECOND);
	CHECK_TOLD(0, FIN_WAIT1_STUCK);
}

/* --- TIME_WAIT ----------------------------------------------------------------------------------- */

/* So many connections to one server, closed by CLIENTS first or by the server. */
static void close_many(unsigned int count, bool by_client)
{
	static unsigned int number;

	for (unsigned int i = 0; i < count; i++) {
		set_ends(i, MAKE_CLIENT_PID);
		client.sk += 0x100000 * (uint64_t)++number;
		server.sk += 0x100000 * (uint64_t)number;
		watch_open(w, &client, &server, i * 100);
		watch_close(w, by_client ? &client : &server, by_client ? &server : &client,
			    i * 100 + 10);
	}
}

TEST(ports_in_TIME_WAIT_are_told_from_a_quarter_on)
{
	learn_limits(40015, 0);
	close_many(3, true);
	CHECK_TOLD(0, TIME_WAIT_PORTS);
	close_many(16, true);
	CHECK_TOLD(3, TIME_WAIT_PORTS);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 0)->count, 4);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 0)->ports, 16);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 0)->level, LEVEL_NOTE);
	assert_false(TOLD(TIME_WAIT_PORTS, 0)->reuse);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 1)->count, 8);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 1)->level, LEVEL_WARNING);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 2)->count, 16);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 2)->level, LEVEL_TROUBLE);
}

TEST(ports_that_can_be_used_again_are_no_trouble)
{
	learn_limits(40003, 2); /* on loopback alone, where this is */
	close_many(4, true);
	CHECK_TOLD(3, TIME_WAIT_PORTS);
	assert_true(TOLD(TIME_WAIT_PORTS, 2)->reuse);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 2)->level, LEVEL_NOTE);
}

TEST(off_loopback_tcp_tw_reuse_2_does_not_help)
{
	learn_limits(40000, 2);
	client = make_end(0xc00, make_at("192.0.2.1", 40000), make_at("192.0.2.2", 80));
	server = make_peer(&client, 0x500);
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	CHECK_TOLD(1, TIME_WAIT_PORTS);
	assert_false(TOLD(TIME_WAIT_PORTS, 0)->reuse);
	assert_int_equal(TOLD(TIME_WAIT_PORTS, 0)->level, LEVEL_TROUBLE);
}

TEST(ports_that_connect_does_not_choose_are_not_counted)
{
	learn_limits(40001, 0);
	client = make_client(0xc00, 30000);
	server = make_peer(&client, 0x500);
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	CHECK_TOLD(0, TIME_WAIT_PORTS);
}

TEST(of_an_unknown_port_range_nothing_is_said)
{
	close_many(10, true);
	assert_int_equal(watch_count(w, CHANGE_FINDING), 0);
}

TEST(ports_whose_time_is_over_are_not_counted)
{
	learn_limits(40003, 0);
	set_ends(0, MAKE_CLIENT_PID);
	watch_open(w, &client, &server, 0);
	watch_close(w, &client, &server, 10);
	CHECK_TOLD(1, TIME_WAIT_PORTS);
	watch_advance(w, 100 * SECOND);
	set_ends(1, MAKE_CLIENT_PID);
	watch_open(w, &client, &server, 100 * SECOND);
	watch_close(w, &client, &server, 100 * SECOND + 10);
	CHECK_TOLD(1, TIME_WAIT_PORTS);
}

TEST(a_server_that_closes_first_is_told_once)
{
	w->filter.states = 1U << WIRE_LISTEN; /* or there is much to see */
	close_many(999, false);
	CHECK_TOLD(1, TIME_WAIT_SERVER);
	assert_int_equal(TOLD(TIME_WAIT_SERVER, 0)->level, LEVEL_NOTE);
	assert_int_equal(TOLD(TIME_WAIT_SERVER, 0)->count, 1);
	assert_int_equal(TOLD(TIME_WAIT_SERVER, 0)->owner.pid, MAKE_SERVER_PID);
	close_many(2, false);
	CHECK_TOLD(2, TIME_WAIT_SERVER);
	assert_int_equal(TOLD(TIME_WAIT_SERVER, 1)->level, LEVEL_WARNING);
	assert_int_equal(TOLD(TIME_WAIT_SERVER, 1)->count, 1000);
}

TEST(a_client_that_closes_first_is_as_it_should_be)
{
	learn_limits(60999, 0);
	close_many(20, true);
	watch_advance(w, 200 * SECOND);
	assert_int_equal(watch_count(w, CHANGE_FINDING), 0);
}

/* --- TIME_WAIT cut short ------------------------------------------------------------------------- */

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

/* --- RST through unread data --------------------------------------------------------------------- */

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
		set_ends(i, MAKE_CLIENT_PID);
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

/* --- SYN ----------------------------------------------------------------------------------------- */

TEST(a_SYN_that_nobody_answers_is_told)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	resend(&client, WIRE_SYN_SENT, 1, 6, SECOND);
	watch_advance(w, 2 * SECOND);
	CHECK_TOLD(0, SYN_UNANSWERED);
	resend(&client, WIRE_SYN_SENT, 2, 6, 3 * SECOND);
	watch_advance(w, 4 * SECOND);
	CHECK_TOLD(1, SYN_UNANSWERED);
	assert_int_equal(TOLD(SYN_UNANSWERED, 0)->level, LEVEL_TROUBLE);
	assert_int_equal(TOLD(SYN_UNANSWERED, 0)->resent, 2);
	assert_int_equal(TOLD(SYN_UNANSWERED, 0)->retries, 6);
	resend(&client, WIRE_SYN_SENT, 3, 6, 7 * SECOND);
	watch_advance(w, 60 * SECOND);
	CHECK_TOLD(1, SYN_UNANSWERED);
}

TEST(a_SYN_that_is_answered_late_is_not_told)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	resend(&client, WIRE_SYN_SENT, 1, 6, SECOND);
	GO(w, &client, SYN_SENT, ESTABLISHED, SECOND + 5);
	watch_advance(w, 60 * SECOND);
	CHECK_TOLD(0, SYN_UNANSWERED);
}

/* --- listeners ----------------------------------------------------------------------------------- */

TEST(a_listener_without_room_is_told)
{
	struct make_end listener = make_listener(0x77, make_at("0.0.0.0", 80));
	struct make_end other = make_listener(0x78, make_at("0.0.0.0", 81));

	GO(w, &listener, CLOSE, LISTEN, 0);
	GO(w, &other, CLOSE, LISTEN, 1);
	for (unsigned int i = 0; i < 5; i++)
		overflow(&listener, 10 + i);
	CHECK_TOLD(3, ACCEPT_QUEUE_FULL);
	assert_int_equal(TOLD(ACCEPT_QUEUE_FULL, 2)->count, 4);
	assert_int_equal(TOLD(ACCEPT_QUEUE_FULL, 0)->level, LEVEL_TROUBLE);
	assert_int_equal(TOLD(ACCEPT_QUEUE_FULL, 0)->waiting, 2);
	assert_int_equal(TOLD(ACCEPT_QUEUE_FULL, 0)->room, 1);
	assert_int_equal(TOLD(ACCEPT_QUEUE_FULL, 0)->owner.pid, MAKE_SERVER_PID);
	overflow(&other, 20);
	CHECK_TOLD(4, ACCEPT_QUEUE_FULL);
	assert_int_equal(TOLD(ACCEPT_QUEUE_FULL, 3)->local.port, 81);
}

TEST(a_listener_that_is_not_shown_is_not_told)
{
	struct make_end listener = make_listener(0x77, make_at("0.0.0.0", 80));

	w->filter.pids[w->filter.pid_count++] = MAKE_CLIENT_PID;
	GO(w, &listener, CLOSE, LISTEN, 0);
	overflow(&listener, 10);
	assert_int_equal(w->count, 0);
}

/* --- subjects ------------------------------------------------------------------------------------ */

/* Of 1025 the one that nothing was heard of for the longest is forgotten, and is news when it comes again. */
TEST(subjects_are_bounded)
{
	for (unsigned int i = 0; i < SUBJECTS_MAX; i++) {
		set_ends(i, 1000 + i);
		client.cookie = 0;
		GO(w, &client, CLOSE, SYN_SENT, i, .no_local_port = true);
		resend(&client, WIRE_SYN_SENT, 2, 6, SECOND + i);
	}
	watch_advance(w, 2 * SECOND);
	CHECK_TOLD(SUBJECTS_MAX, SYN_UNANSWERED);
	set_ends(SUBJECTS_MAX, 1000 + SUBJECTS_MAX);
	GO(w, &client, CLOSE, SYN_SENT, 2 * SECOND, .no_local_port = true);
	resend(&client, WIRE_SYN_SENT, 2, 6, 3 * SECOND);
	watch_advance(w, 4 * SECOND);
	CHECK_TOLD(SUBJECTS_MAX + 1, SYN_UNANSWERED);
	assert_int_equal(w->tracker.findings.subjects.used, SUBJECTS_MAX);
	set_ends(0, 1000);
	resend(&client, WIRE_SYN_SENT, 3, 6, 5 * SECOND);
	watch_advance(w, 6 * SECOND);
	CHECK_TOLD(SUBJECTS_MAX + 2, SYN_UNANSWERED);
}

TEST(each_code_has_a_name)
{
	assert_string_equal(finding_name(FINDING_CLOSE_WAIT_HELD), "close-wait-held");
	for (enum finding_code code = FINDING_NONE + 1; code < FINDING_CODES; code++)
		assert_non_null(finding_name(code));
}

#define TEST_OF(name) cmocka_unit_test_setup_teardown(name, start, stop)

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
		TEST_OF(what_has_gone_and_comes_again_is_not_told_again),
		TEST_OF(each_process_is_told),
		TEST_OF(what_is_not_shown_is_not_told),
		TEST_OF(which_transitions_are_shown_does_not_matter),
		TEST_OF(they_can_be_left_out),
		TEST_OF(what_is_looked_at_late_is_told_as_of_when_it_was_due),
		TEST_OF(the_end_of_the_trace_waits_for_nobody),
		TEST_OF(an_orphan_is_told_when_half_its_time_is_over),
		TEST_OF(an_orphan_whose_peer_closes_is_not_told),
		TEST_OF(a_half_close_that_lasts_is_told),
		TEST_OF(a_half_close_that_becomes_an_orphan_is_none),
		TEST_OF(a_FIN_that_is_sent_again_and_again_is_told),
		TEST_OF(a_FIN_that_may_be_sent_once_more_only_is_told_then),
		TEST_OF(a_resend_in_another_state_or_of_another_socket_is_none_of_it),
		TEST_OF(a_FIN_behind_a_closed_window_is_told),
		TEST_OF(a_FIN_behind_data_that_flows_has_more_time),
		TEST_OF(a_first_FIN_may_be_stuck_as_well),
		TEST_OF(a_FIN_that_arrives_in_the_end_is_not_told),
		TEST_OF(ports_in_TIME_WAIT_are_told_from_a_quarter_on),
		TEST_OF(ports_that_can_be_used_again_are_no_trouble),
		TEST_OF(off_loopback_tcp_tw_reuse_2_does_not_help),
		TEST_OF(ports_that_connect_does_not_choose_are_not_counted),
		TEST_OF(of_an_unknown_port_range_nothing_is_said),
		TEST_OF(ports_whose_time_is_over_are_not_counted),
		TEST_OF(a_server_that_closes_first_is_told_once),
		TEST_OF(a_client_that_closes_first_is_as_it_should_be),
		TEST_OF(a_RST_cuts_TIME_WAIT_short),
		TEST_OF(ss_K_cuts_TIME_WAIT_short),
		TEST_OF(a_new_connection_in_its_place_is_no_harm),
		TEST_OF(a_TIME_WAIT_that_is_over_is_not_cut_short),
		TEST_OF(a_TIME_WAIT_for_which_there_is_no_room_is_told),
		TEST_OF(a_close_with_unread_data_is_told),
		TEST_OF(an_abort_without_unread_data_is_not_told),
		TEST_OF(SO_LINGER_is_asked_for),
		TEST_OF(what_happens_often_is_told_each_time_it_has_doubled),
		TEST_OF(a_SYN_that_nobody_answers_is_told),
		TEST_OF(a_SYN_that_is_answered_late_is_not_told),
		TEST_OF(a_listener_without_room_is_told),
		TEST_OF(a_listener_that_is_not_shown_is_not_told),
		TEST_OF(subjects_are_bounded),
		TEST_OF(each_code_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
