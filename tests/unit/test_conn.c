// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <string.h>

#include "core/conn.h"

/* By hand, from RFC 9293, figure 5, and the kernel: not the list under test. */
static bool is_legal(unsigned int from, unsigned int to)
{
	static const uint8_t edges[][2] = {
		{WIRE_CLOSE, WIRE_SYN_SENT},	     {WIRE_CLOSE, WIRE_LISTEN},
		{WIRE_LISTEN, WIRE_SYN_RECV},	     {WIRE_LISTEN, WIRE_CLOSE},
		{WIRE_SYN_SENT, WIRE_ESTABLISHED},   {WIRE_SYN_SENT, WIRE_SYN_RECV},
		{WIRE_SYN_SENT, WIRE_CLOSE},	     {WIRE_SYN_RECV, WIRE_ESTABLISHED},
		{WIRE_SYN_RECV, WIRE_FIN_WAIT1},     {WIRE_SYN_RECV, WIRE_CLOSE_WAIT},
		{WIRE_SYN_RECV, WIRE_CLOSE},	     {WIRE_ESTABLISHED, WIRE_FIN_WAIT1},
		{WIRE_ESTABLISHED, WIRE_CLOSE_WAIT}, {WIRE_ESTABLISHED, WIRE_CLOSE},
		{WIRE_FIN_WAIT1, WIRE_FIN_WAIT2},    {WIRE_FIN_WAIT1, WIRE_CLOSING},
		{WIRE_FIN_WAIT1, WIRE_CLOSE},	     {WIRE_FIN_WAIT2, WIRE_CLOSE},
		{WIRE_CLOSING, WIRE_CLOSE},	     {WIRE_CLOSE_WAIT, WIRE_LAST_ACK},
		{WIRE_CLOSE_WAIT, WIRE_CLOSE},	     {WIRE_LAST_ACK, WIRE_CLOSE},
	};

	for (size_t i = 0; i < sizeof(edges) / sizeof(*edges); i++)
		if (edges[i][0] == from && edges[i][1] == to)
			return true;
	return false;
}

static enum conn_result expected_result(unsigned int current, unsigned int from, unsigned int to)
{
	if (current != from)
		return CONN_JUMPED;
	if (from == to)
		return CONN_NOTED;
	return is_legal(from, to) ? CONN_MOVED : CONN_JUMPED;
}

static struct pasts pasts;

static int start(void **fixture)
{
	(void)fixture;
	slabs_init(&pasts.slabs, sizeof(struct past));
	return 0;
}

static int stop(void **fixture)
{
	(void)fixture;
	slabs_fini(&pasts.slabs);
	return 0;
}

/* Applies the edge of STEP, with its cause; where END's addresses come from does not matter. */
static enum conn_result apply_step(struct endpoint *end, struct make_step *step, uint64_t *ret_ns)
{
	struct make_end made = make_client(0xc0, 5000);
	struct event event;
	struct cause cause;

	if (!step->end)
		step->end = &made;
	event = make_edge(step);
	cause = cause_of(&event.edge);
	return conn_apply(&pasts, end, &event, &cause, ret_ns);
}

static uint64_t in_state_ns;

#define APPLY(end_, ...) apply_step(end_, STEP(NULL, __VA_ARGS__), &in_state_ns)

TEST(every_edge_from_every_state_has_its_result)
{
	for (uint8_t current = 1; current <= 12; current++)
		for (uint8_t from = 1; from <= 12; from++)
			for (uint8_t to = 1; to <= 12; to++) {
				struct endpoint end = {.state = current};
				struct make_step step = {.from = from, .to = to, .us = 5};

				assert_int_equal(apply_step(&end, &step, &in_state_ns),
						 expected_result(current, from, to));
			}
}

/* The kernel is believed, always. */
TEST(the_state_afterwards_is_what_the_kernel_says)
{
	for (uint8_t current = 1; current <= 12; current++)
		for (uint8_t from = 1; from <= 12; from++)
			for (uint8_t to = 1; to <= 12; to++) {
				struct endpoint end = {.state = current};
				struct make_step step = {.from = from, .to = to, .us = 5};

				apply_step(&end, &step, &in_state_ns);
				assert_int_equal(end.state, to);
			}
}

TEST(an_end_is_uncertain_exactly_after_a_jump)
{
	for (uint8_t current = 1; current <= 12; current++)
		for (uint8_t from = 1; from <= 12; from++)
			for (uint8_t to = 1; to <= 12; to++) {
				struct endpoint end = {.state = current};
				struct make_step step = {.from = from, .to = to, .us = 5};
				enum conn_result result = apply_step(&end, &step, &in_state_ns);

				assert_int_equal(end.uncertain, result == CONN_JUMPED);
			}
}

TEST(once_uncertain_an_end_stays_so)
{
	struct endpoint end = {.state = WIRE_SYN_SENT};

	assert_int_equal(APPLY(&end, ESTABLISHED, FIN_WAIT1, 1), CONN_JUMPED);
	assert_int_equal(APPLY(&end, FIN_WAIT1, FIN_WAIT2, 2), CONN_MOVED);
	assert_true(end.uncertain);
}

TEST(times_in_a_state_are_measured)
{
	struct endpoint end = {.state = WIRE_CLOSE};

	APPLY(&end, CLOSE, SYN_SENT, 10);
	assert_int_equal(in_state_ns, 0);
	APPLY(&end, SYN_SENT, ESTABLISHED, 35);
	assert_int_equal(in_state_ns, 25 * US);
	assert_int_equal(end.since_ns, AT(35));
	assert_true(end.since_known);
}

TEST(no_time_is_invented_for_a_state_entered_before_the_start)
{
	struct endpoint end = {.state = WIRE_CLOSE_WAIT};

	APPLY(&end, CLOSE_WAIT, LAST_ACK, 10);
	assert_int_equal(in_state_ns, 0);
	assert_int_equal(endpoint_wait_ns(&end, WIRE_CLOSE_WAIT), 0);
}

TEST(no_time_is_invented_across_a_jump)
{
	struct endpoint end = {.state = WIRE_CLOSE};

	APPLY(&end, CLOSE, SYN_SENT, 10);
	APPLY(&end, CLOSE_WAIT, LAST_ACK, 100);
	assert_int_equal(in_state_ns, 0);
	assert_int_equal(endpoint_wait_ns(&end, WIRE_CLOSE_WAIT), 0);
	APPLY(&end, LAST_ACK, CLOSE, 130);
	assert_int_equal(in_state_ns, 30 * US);
}

TEST(time_that_runs_backwards_is_no_time)
{
	struct endpoint end = {.state = WIRE_CLOSE};

	APPLY(&end, CLOSE, SYN_SENT, 100);
	APPLY(&end, SYN_SENT, ESTABLISHED, 50);
	assert_int_equal(in_state_ns, 0);
}

TEST(a_noted_edge_does_not_restart_the_clock)
{
	struct endpoint end = {.state = WIRE_FIN_WAIT1};

	APPLY(&end, FIN_WAIT1, FIN_WAIT2, 10);
	assert_int_equal(APPLY(&end, FIN_WAIT2, FIN_WAIT2, 40), CONN_NOTED);
	assert_int_equal(in_state_ns, 30 * US);
	APPLY(&end, FIN_WAIT2, CLOSE, 100, .peer_fin = true);
	assert_int_equal(in_state_ns, 90 * US);
	assert_int_equal(endpoint_wait_ns(&end, WIRE_FIN_WAIT2), 90 * US);
}

TEST(waits_are_summed_up)
{
	struct endpoint end = {.state = WIRE_ESTABLISHED};

	APPLY(&end, ESTABLISHED, CLOSE_WAIT, 10);
	APPLY(&end, CLOSE_WAIT, LAST_ACK, 1010);
	assert_int_equal(endpoint_wait_ns(&end, WIRE_CLOSE_WAIT), 1000 * US);
	assert_int_equal(endpoint_wait_ns(&end, WIRE_FIN_WAIT2), 0);
}

/* --- the witness ----------------------------------------------------------------------------------- */

TEST(the_witness_repeating_an_edge_is_a_duplicate)
{
	struct endpoint end = {.state = WIRE_ESTABLISHED}, before;

	APPLY(&end, ESTABLISHED, FIN_WAIT1, 10);
	before = end;
	assert_int_equal(APPLY(&end, ESTABLISHED, FIN_WAIT1, 11, .program = WIRE_BY_WITNESS),
			 CONN_DUPLICATE);
	assert_memory_equal(&end, &before, sizeof(end));
	assert_int_equal(in_state_ns, 0);
}

/* An edge between two states cannot follow itself, so time does not matter. */
TEST(a_duplicate_may_come_late)
{
	struct endpoint end = {.state = WIRE_ESTABLISHED};

	APPLY(&end, ESTABLISHED, FIN_WAIT1, 10);
	assert_int_equal(APPLY(&end, ESTABLISHED, FIN_WAIT1, 90000000, .program = WIRE_BY_WITNESS),
			 CONN_DUPLICATE);
}

TEST(what_only_the_witness_saw_is_no_duplicate)
{
	struct endpoint end = {.state = WIRE_ESTABLISHED};

	APPLY(&end, ESTABLISHED, FIN_WAIT1, 10);
	assert_int_equal(APPLY(&end, FIN_WAIT1, FIN_WAIT2, 11, .program = WIRE_BY_WITNESS),
			 CONN_MOVED);
	assert_int_equal(APPLY(&end, FIN_WAIT2, CLOSE, 12, .peer_fin = true), CONN_MOVED);
	assert_false(end.uncertain);
}

TEST(the_first_program_never_repeats_itself)
{
	struct endpoint end = {.state = WIRE_ESTABLISHED};

	APPLY(&end, ESTABLISHED, FIN_WAIT1, 10);
	assert_int_equal(APPLY(&end, ESTABLISHED, FIN_WAIT1, 11), CONN_JUMPED);
}

TEST(only_the_last_edge_can_be_repeated)
{
	struct endpoint end = {.state = WIRE_ESTABLISHED};

	APPLY(&end, ESTABLISHED, FIN_WAIT1, 10);
	APPLY(&end, FIN_WAIT1, FIN_WAIT2, 11);
	assert_int_equal(APPLY(&end, ESTABLISHED, FIN_WAIT1, 12, .program = WIRE_BY_WITNESS),
			 CONN_JUMPED);
}

/* An edge from a state to itself can be made twice: there time decides. */
TEST(an_edge_to_itself_is_repeated_within_the_window)
{
	struct endpoint end = {.state = WIRE_FIN_WAIT2};

	APPLY(&end, FIN_WAIT2, FIN_WAIT2, 10);
	assert_int_equal(APPLY(&end, FIN_WAIT2, FIN_WAIT2, 11, .program = WIRE_BY_WITNESS),
			 CONN_DUPLICATE);
	assert_int_equal(APPLY(&end, FIN_WAIT2, FIN_WAIT2, 10009, .program = WIRE_BY_WITNESS),
			 CONN_DUPLICATE);
}

TEST(an_edge_to_itself_is_made_again_beyond_the_window)
{
	struct endpoint end = {.state = WIRE_FIN_WAIT2};

	APPLY(&end, FIN_WAIT2, FIN_WAIT2, 10);
	assert_int_equal(APPLY(&end, FIN_WAIT2, FIN_WAIT2, 10010, .program = WIRE_BY_WITNESS),
			 CONN_NOTED);
	assert_int_equal(APPLY(&end, FIN_WAIT2, FIN_WAIT2, 10011), CONN_NOTED);
}

/* --- what an edge teaches -------------------------------------------------------------------------- */

TEST(the_local_port_is_learnt_when_it_is_chosen)
{
	struct endpoint end = {.state = WIRE_CLOSE};

	APPLY(&end, CLOSE, SYN_SENT, 1, .no_local_port = true);
	assert_int_equal(end.local.port, 0);
	assert_int_equal(end.remote.port, 80);
	APPLY(&end, SYN_SENT, ESTABLISHED, 2);
	assert_int_equal(end.local.port, 5000);
}

TEST(ports_that_are_gone_again_are_not_forgotten)
{
	struct endpoint end = {.state = WIRE_CLOSE};

	APPLY(&end, CLOSE, SYN_SENT, 1);
	APPLY(&end, SYN_SENT, CLOSE, 2, .no_local_port = true, .no_remote = true,
	      .no_cookie = true);
	assert_int_equal(end.local.port, 5000);
	assert_int_equal(end.remote.port, 80);
	assert_int_not_equal(end.cookie, 0);
}

TEST(who_connects_owns_the_socket_whoever_closes_it)
{
	struct endpoint end = {.state = WIRE_CLOSE};

	APPLY(&end, CLOSE, SYN_SENT, 1);
	assert_int_equal(end.owner.source, OWNER_CONNECT);
	assert_int_equal(end.owner.pid, MAKE_CLIENT_PID);
	assert_string_equal(end.owner.comm, "client");
	APPLY(&end, SYN_SENT, ESTABLISHED, 2);
	APPLY(&end, ESTABLISHED, FIN_WAIT1, 3, .pid = 777);
	assert_int_equal(end.owner.source, OWNER_CONNECT);
	assert_int_equal(end.owner.pid, MAKE_CLIENT_PID);
}

TEST(who_closes_owns_a_socket_that_had_its_listeners_owner)
{
	struct endpoint end = {.state = WIRE_ESTABLISHED,
			       .owner = {.pid = 1, .source = OWNER_LISTENER, .comm = "parent"}};

	APPLY(&end, ESTABLISHED, CLOSE_WAIT, 1, .pid = 55);
	assert_int_equal(end.owner.pid, 1);
	APPLY(&end, CLOSE_WAIT, LAST_ACK, 2, .pid = 66);
	assert_int_equal(end.owner.pid, 66);
	assert_int_equal(end.owner.source, OWNER_CLOSE);
}

TEST(whoever_a_softirq_interrupts_owns_nothing)
{
	struct endpoint end = {.state = WIRE_ESTABLISHED};

	APPLY(&end, ESTABLISHED, CLOSE_WAIT, 1);
	assert_int_equal(end.owner.source, OWNER_UNKNOWN);
	APPLY(&end, CLOSE_WAIT, LAST_ACK, 2, .kthread = true);
	assert_int_equal(end.owner.source, OWNER_UNKNOWN);
}

TEST(FINs_are_kept_in_mind_with_their_order)
{
	struct endpoint first = {.state = WIRE_ESTABLISHED}, second = first;

	APPLY(&first, ESTABLISHED, FIN_WAIT1, 10);
	assert_true(first.sent_fin && first.sent_fin_first && !first.got_fin);
	assert_int_equal(past_of(&first)->gave_up_ns, AT(10));
	APPLY(&first, FIN_WAIT1, CLOSING, 20);
	assert_true(first.got_fin && first.sent_fin_first);
	APPLY(&second, ESTABLISHED, CLOSE_WAIT, 10);
	assert_true(second.got_fin && !second.sent_fin);
	APPLY(&second, CLOSE_WAIT, LAST_ACK, 20);
	assert_true(second.sent_fin && !second.sent_fin_first);
	assert_int_equal(past_of(&second)->gave_up_ns, AT(20));
}

TEST(a_minisock_is_kept_with_its_planned_end)
{
	struct endpoint end = {.state = WIRE_FIN_WAIT2};

	APPLY(&end, FIN_WAIT2, CLOSE, 10, .orphan = true, .fin_time_ms = 3000);
	assert_int_equal(end.keeps, WIRE_FIN_WAIT2);
	assert_int_equal(end.keeps_until_ns, AT(10) + 3 * S);
	assert_int_equal(endpoint_shown_state(&end), WIRE_FIN_WAIT2);
	end.keeps = WIRE_NO_STATE;
	assert_int_equal(endpoint_shown_state(&end), WIRE_CLOSE);
}

/* --- connections ----------------------------------------------------------------------------------- */

TEST(a_connection_is_over_when_each_end_it_has_is_closed)
{
	struct endpoint client = {.state = WIRE_CLOSE, .side = SIDE_CLIENT};
	struct endpoint server = {.state = WIRE_LAST_ACK, .side = SIDE_SERVER};
	struct conn conn = {.ends = {&client, &server}};

	client.conn = server.conn = &conn;
	assert_false(conn_is_over(&conn));
	server.state = WIRE_CLOSE;
	assert_true(conn_is_over(&conn));
	conn.ends[SIDE_CLIENT] = NULL;
	assert_true(conn_is_over(&conn));
	server.state = WIRE_ESTABLISHED;
	assert_false(conn_is_over(&conn));
}

TEST(each_end_finds_the_other)
{
	struct endpoint client = {.side = SIDE_CLIENT}, server = {.side = SIDE_SERVER};
	struct conn conn = {.ends = {&client, &server}};

	client.conn = server.conn = &conn;
	assert_ptr_equal(conn_peer(&client), &server);
	assert_ptr_equal(conn_peer(&server), &client);
	assert_ptr_equal(conn_any_end(&conn), &client);
	conn.ends[SIDE_CLIENT] = NULL;
	assert_null(conn_peer(&server));
	assert_ptr_equal(conn_any_end(&conn), &server);
}

TEST(a_listener_is_a_server_without_a_peer)
{
	struct endpoint end = {.state = WIRE_LISTEN, .side = SIDE_SERVER, .local.port = 80};
	struct conn conn = {.ends = {NULL, &end}};

	end.conn = &conn;
	assert_true(conn_is_listener(&conn));
	conn.embryo = true; /* a child has no peer either, at first */
	assert_false(conn_is_listener(&conn));
	conn.embryo = false;
	end.remote.port = 5000;
	assert_false(conn_is_listener(&conn));
}

TEST(time_is_counted_in_every_state_that_waits)
{
	struct endpoint end = {.state = WIRE_CLOSE};

	APPLY(&end, CLOSE, SYN_SENT, 10);
	APPLY(&end, SYN_SENT, ESTABLISHED, 30);
	APPLY(&end, ESTABLISHED, FIN_WAIT1, 100);
	APPLY(&end, FIN_WAIT1, CLOSING, 103);
	APPLY(&end, CLOSING, CLOSE, 107);
	assert_int_equal(endpoint_wait_ns(&end, WIRE_SYN_SENT), 20 * US);
	assert_int_equal(endpoint_wait_ns(&end, WIRE_FIN_WAIT1), 3 * US);
	assert_int_equal(endpoint_wait_ns(&end, WIRE_CLOSING), 4 * US);
	assert_int_equal(endpoint_wait_ns(&end, WIRE_LAST_ACK), 0);
}

/* An edge that counts nothing takes nothing away. */
TEST(the_last_counts_stay)
{
	static const struct counts some = {.bytes_sent = 5}, more = {.bytes_sent = 7};
	struct endpoint end = {.state = WIRE_ESTABLISHED};

	assert_false(past_of(&end)->counts_known);
	APPLY(&end, ESTABLISHED, FIN_WAIT1, 1, .counts = &some);
	APPLY(&end, FIN_WAIT1, FIN_WAIT2, 2, .counts = &more);
	APPLY(&end, FIN_WAIT2, CLOSE, 3);
	assert_true(past_of(&end)->counts_known);
	assert_int_equal(past_of(&end)->counts.bytes_sent, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_is_counted_in_every_state_that_waits),
		cmocka_unit_test(the_last_counts_stay),
		cmocka_unit_test(every_edge_from_every_state_has_its_result),
		cmocka_unit_test(the_state_afterwards_is_what_the_kernel_says),
		cmocka_unit_test(an_end_is_uncertain_exactly_after_a_jump),
		cmocka_unit_test(once_uncertain_an_end_stays_so),
		cmocka_unit_test(times_in_a_state_are_measured),
		cmocka_unit_test(no_time_is_invented_for_a_state_entered_before_the_start),
		cmocka_unit_test(no_time_is_invented_across_a_jump),
		cmocka_unit_test(time_that_runs_backwards_is_no_time),
		cmocka_unit_test(a_noted_edge_does_not_restart_the_clock),
		cmocka_unit_test(waits_are_summed_up),
		cmocka_unit_test(the_witness_repeating_an_edge_is_a_duplicate),
		cmocka_unit_test(a_duplicate_may_come_late),
		cmocka_unit_test(what_only_the_witness_saw_is_no_duplicate),
		cmocka_unit_test(the_first_program_never_repeats_itself),
		cmocka_unit_test(only_the_last_edge_can_be_repeated),
		cmocka_unit_test(an_edge_to_itself_is_repeated_within_the_window),
		cmocka_unit_test(an_edge_to_itself_is_made_again_beyond_the_window),
		cmocka_unit_test(the_local_port_is_learnt_when_it_is_chosen),
		cmocka_unit_test(ports_that_are_gone_again_are_not_forgotten),
		cmocka_unit_test(who_connects_owns_the_socket_whoever_closes_it),
		cmocka_unit_test(who_closes_owns_a_socket_that_had_its_listeners_owner),
		cmocka_unit_test(whoever_a_softirq_interrupts_owns_nothing),
		cmocka_unit_test(FINs_are_kept_in_mind_with_their_order),
		cmocka_unit_test(a_minisock_is_kept_with_its_planned_end),
		cmocka_unit_test(a_connection_is_over_when_each_end_it_has_is_closed),
		cmocka_unit_test(each_end_finds_the_other),
		cmocka_unit_test(a_listener_is_a_server_without_a_peer),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
