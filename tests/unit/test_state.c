// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <errno.h>
#include <string.h>

#include "core/state.h"

/* By hand, from include/net/tcp_states.h of the kernel: not the list under test. */
static const struct {
	unsigned int number;
	const char *name;
} names[] = {
	{1, "ESTABLISHED"}, {2, "SYN_SENT"},  {3, "SYN_RECV"}, {4, "FIN_WAIT1"},
	{5, "FIN_WAIT2"},   {6, "TIME_WAIT"}, {7, "CLOSE"},    {8, "CLOSE_WAIT"},
	{9, "LAST_ACK"},    {10, "LISTEN"},   {11, "CLOSING"}, {12, "NEW_SYN_RECV"},
};

#define NAMES (sizeof(names) / sizeof(*names))

TEST(states_have_the_kernels_numbers_and_names)
{
	assert_int_equal(WIRE_STATE_COUNT, 13);
	for (size_t i = 0; i < NAMES; i++)
		assert_string_equal(state_name(names[i].number), names[i].name);
}

TEST(a_number_that_is_no_state_has_no_name)
{
	assert_string_equal(state_name(0), "?");
	assert_string_equal(state_name(13), "?");
	assert_string_equal(state_name(255), "?");
	assert_string_equal(state_name(UINT32_MAX), "?");
}

static int parse(const char *name, uint8_t *ret_state)
{
	return state_parse(name, strlen(name), ret_state);
}

TEST(each_state_is_read_back)
{
	for (size_t i = 0; i < NAMES; i++) {
		uint8_t state = 0;

		assert_int_equal(parse(names[i].name, &state), 0);
		assert_int_equal(state, names[i].number);
	}
}

TEST(a_state_is_read_in_every_spelling)
{
	static const struct {
		const char *name;
		uint8_t state;
	} good[] = {
		{"FIN_WAIT1", WIRE_FIN_WAIT1},	 {"FIN-WAIT-1", WIRE_FIN_WAIT1},
		{"fin-wait-1", WIRE_FIN_WAIT1},	 {"FinWait1", WIRE_FIN_WAIT1},
		{"FIN_WAIT_2", WIRE_FIN_WAIT2},	 {"finwait2", WIRE_FIN_WAIT2},
		{"time-wait", WIRE_TIME_WAIT},	 {"TimeWait", WIRE_TIME_WAIT},
		{"close-wait", WIRE_CLOSE_WAIT}, {"close", WIRE_CLOSE},
		{"closing", WIRE_CLOSING},	 {"last-ack", WIRE_LAST_ACK},
		{"syn-recv", WIRE_SYN_RECV},	 {"new-syn-recv", WIRE_NEW_SYN_RECV},
		{"listen", WIRE_LISTEN},	 {"Established", WIRE_ESTABLISHED},
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		uint8_t state = 0;

		assert_int_equal(parse(good[i].name, &state), 0);
		assert_int_equal(state, good[i].state);
	}
}

TEST(a_name_that_is_no_state_is_refused)
{
	static const char *const bad[] =
		{"",	     "-",	   "_",		 "FIN",		  "FIN_WAIT",
		 "FINWAIT3", "FIN_WAIT12", "1FIN_WAIT1", "FIN WAIT1",	  "FIN.WAIT1",
		 " CLOSE",   "CLOSE ",	   "CLOSED",	 "CLOS",	  "SYN",
		 "7",	     "?",	   "ESTAB",	 "BOUND_INACTIVE"};
	uint8_t state = 99;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(parse(bad[i], &state), -EINVAL);
	assert_int_equal(state, 99);
}

TEST(a_state_needs_no_NUL_behind_it)
{
	uint8_t state = 0;

	assert_int_equal(state_parse("close-wait,close", 10, &state), 0);
	assert_int_equal(state, WIRE_CLOSE_WAIT);
	assert_int_equal(state_parse("close-wait", 5, &state), 0);
	assert_int_equal(state, WIRE_CLOSE);
	assert_int_equal(state_parse("close-wait", 8, &state), -EINVAL);
}

TEST(a_NUL_does_not_end_a_state)
{
	uint8_t state = 0;

	assert_int_equal(state_parse("CLOSE\0junk", 10, &state), -EINVAL);
}

/* By hand, from RFC 9293, figure 5, and the kernel: what each edge implies. */
static const struct {
	unsigned int from, to;
	struct edge edge;
} edges[] = {
	{7, 2, {SEGMENT_NONE, SEGMENT_SYN, EDGE_BY_CALL}},
	{7, 10, {SEGMENT_NONE, SEGMENT_NONE, EDGE_BY_CALL}},
	{7, 7, {SEGMENT_NONE, SEGMENT_NONE, EDGE_BY_MAYBE}},
	{10, 3, {SEGMENT_ACK, SEGMENT_NONE, EDGE_BY_PEER}},
	{10, 7, {SEGMENT_NONE, SEGMENT_NONE, EDGE_BY_CALL}},
	{2, 1, {SEGMENT_SYN_ACK, SEGMENT_NONE, EDGE_BY_PEER}},
	{2, 3, {SEGMENT_SYN, SEGMENT_SYN_ACK, EDGE_BY_PEER}},
	{2, 7, {SEGMENT_NONE, SEGMENT_NONE, EDGE_BY_MAYBE}},
	{3, 1, {SEGMENT_ACK, SEGMENT_NONE, EDGE_BY_PEER}},
	{3, 4, {SEGMENT_NONE, SEGMENT_FIN, EDGE_BY_CALL}},
	{3, 8, {SEGMENT_FIN, SEGMENT_NONE, EDGE_BY_PEER}},
	{3, 7, {SEGMENT_NONE, SEGMENT_NONE, EDGE_BY_MAYBE}},
	{1, 4, {SEGMENT_NONE, SEGMENT_FIN, EDGE_BY_CALL}},
	{1, 8, {SEGMENT_FIN, SEGMENT_NONE, EDGE_BY_PEER}},
	{1, 7, {SEGMENT_NONE, SEGMENT_NONE, EDGE_BY_MAYBE}},
	{4, 5, {SEGMENT_ACK, SEGMENT_NONE, EDGE_BY_PEER}},
	{4, 11, {SEGMENT_FIN, SEGMENT_NONE, EDGE_BY_PEER}},
	{4, 7, {SEGMENT_NONE, SEGMENT_NONE, EDGE_BY_MAYBE}},
	{4, 4, {SEGMENT_NONE, SEGMENT_NONE, EDGE_BY_CALL}},
	{11, 11, {SEGMENT_NONE, SEGMENT_NONE, EDGE_BY_CALL}},
	{9, 9, {SEGMENT_NONE, SEGMENT_NONE, EDGE_BY_CALL}},
	{5, 5, {SEGMENT_NONE, SEGMENT_NONE, EDGE_BY_CALL}},
	{5, 7, {SEGMENT_NONE, SEGMENT_NONE, EDGE_BY_MAYBE}},
	{11, 7, {SEGMENT_NONE, SEGMENT_NONE, EDGE_BY_MAYBE}},
	{8, 9, {SEGMENT_NONE, SEGMENT_FIN, EDGE_BY_CALL}},
	{8, 7, {SEGMENT_NONE, SEGMENT_NONE, EDGE_BY_MAYBE}},
	{9, 7, {SEGMENT_NONE, SEGMENT_NONE, EDGE_BY_MAYBE}},
};

TEST(each_edge_implies_its_segments)
{
	for (size_t i = 0; i < sizeof(edges) / sizeof(*edges); i++) {
		const struct edge *edge = edge_find(edges[i].from, edges[i].to);

		assert_non_null(edge);
		assert_int_equal(edge->came, edges[i].edge.came);
		assert_int_equal(edge->sent, edges[i].edge.sent);
		assert_int_equal(edge->maker, edges[i].edge.maker);
	}
}

TEST(there_are_no_other_edges)
{
	size_t count = 0;

	for (unsigned int from = 0; from < 300; from++)
		for (unsigned int to = 0; to < 300; to++)
			count += edge_find(from, to) != NULL;
	assert_int_equal(count, sizeof(edges) / sizeof(*edges));
	assert_null(edge_find(UINT32_MAX, 7));
	assert_null(edge_find(7, UINT32_MAX));
}

TEST(connect_listen_and_the_child_of_a_listener_are_births)
{
	for (unsigned int from = 0; from < 14; from++)
		for (unsigned int to = 0; to < 14; to++)
			assert_int_equal(edge_is_birth(from, to), (from == 7 && to == 2) ||
									  (from == 7 && to == 10) ||
									  (from == 10 && to == 3));
}

TEST(segments_have_names)
{
	assert_string_equal(segment_name(SEGMENT_NONE), "");
	assert_string_equal(segment_name(SEGMENT_SYN), "SYN");
	assert_string_equal(segment_name(SEGMENT_SYN_ACK), "SYN,ACK");
	assert_string_equal(segment_name(SEGMENT_ACK), "ACK");
	assert_string_equal(segment_name(SEGMENT_FIN), "FIN");
	assert_string_equal(segment_name(SEGMENT_RST), "RST");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_have_the_kernels_numbers_and_names),
		cmocka_unit_test(a_number_that_is_no_state_has_no_name),
		cmocka_unit_test(each_state_is_read_back),
		cmocka_unit_test(a_state_is_read_in_every_spelling),
		cmocka_unit_test(a_name_that_is_no_state_is_refused),
		cmocka_unit_test(a_state_needs_no_NUL_behind_it),
		cmocka_unit_test(a_NUL_does_not_end_a_state),
		cmocka_unit_test(each_edge_implies_its_segments),
		cmocka_unit_test(there_are_no_other_edges),
		cmocka_unit_test(connect_listen_and_the_child_of_a_listener_are_births),
		cmocka_unit_test(segments_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
