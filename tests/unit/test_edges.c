// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "demo/edges.h"

#define WALKERS 3

static struct walk walks[WALKERS];
static char line_bytes[65536];
static struct text lines;

static int forget(void **state)
{
	(void)state;
	memset(walks, 0, sizeof(walks));
	text_init(&lines, line_bytes, sizeof(line_bytes));
	return 0;
}

/* The entry FROM -> TO, EDGES: there is none. */
static unsigned int find(unsigned int from, unsigned int to, bool minisock)
{
	unsigned int i = 0;

	while (i < EDGES && (edge_entries[i].from != from || edge_entries[i].to != to ||
			     edge_entries[i].minisock != minisock))
		i++;
	return i;
}

static void walk_all(void)
{
	for (unsigned int i = 0; i < EDGES; i++)
		if (!edge_entries[i].never)
			edges_walk(&walks[i % WALKERS], edge_entries[i].from, edge_entries[i].to,
				   edge_entries[i].minisock);
}

TEST(each_edge_of_the_kernel_is_listed_and_no_other_can_be_walked)
{
	for (unsigned int from = 0; from < WIRE_STATE_COUNT; from++)
		for (unsigned int to = 0; to < WIRE_STATE_COUNT; to++) {
			unsigned int i = find(from, to, false);

			if (edge_find(from, to))
				assert_int_not_equal(i, EDGES);
			else
				assert_true(i == EDGES || edge_entries[i].never);
		}
}

TEST(each_edge_is_listed_once)
{
	for (unsigned int i = 0; i < EDGES; i++)
		assert_int_equal(find(edge_entries[i].from, edge_entries[i].to,
				      edge_entries[i].minisock),
				 i);
}

/* By hand, from RFC 9293, figure 5 and its notes 1 and 2. */
TEST(each_arrow_of_the_figure_is_listed)
{
	static const char *const arrows[] = {
		"CLOSED -> LISTEN",	      "CLOSED -> SYN-SENT",
		"LISTEN -> CLOSED",	      "LISTEN -> SYN-SENT",
		"LISTEN -> SYN-RECEIVED",     "SYN-SENT -> CLOSED",
		"SYN-SENT -> SYN-RECEIVED",   "SYN-SENT -> ESTABLISHED",
		"SYN-RECEIVED -> LISTEN",     "SYN-RECEIVED -> ESTABLISHED",
		"SYN-RECEIVED -> FIN-WAIT-1", "ESTABLISHED -> FIN-WAIT-1",
		"ESTABLISHED -> CLOSE-WAIT",  "FIN-WAIT-1 -> FIN-WAIT-2",
		"FIN-WAIT-1 -> CLOSING",      "FIN-WAIT-1 -> TIME-WAIT",
		"FIN-WAIT-2 -> TIME-WAIT",    "CLOSING -> TIME-WAIT",
		"TIME-WAIT -> CLOSED",	      "CLOSE-WAIT -> LAST-ACK",
		"LAST-ACK -> CLOSED",
	};

	for (size_t i = 0; i < sizeof(arrows) / sizeof(*arrows); i++) {
		unsigned int found = 0;

		for (unsigned int j = 0; j < EDGES; j++)
			found += edge_entries[j].rfc && strcmp(edge_entries[j].rfc, arrows[i]) == 0;
		assert_int_equal(found, 1);
	}
}

TEST(all_are_walked_by_somebody)
{
	walk_all();
	assert_int_equal(edges_missing(walks, WALKERS, &lines), 0);
	assert_string_equal(lines.at, "");
}

TEST(what_nobody_walks_is_named)
{
	walk_all();
	walks[0] = walks[1] = walks[2];
	assert_true(edges_missing(walks, WALKERS, &lines) > EDGES / 2);

	forget(NULL);
	walk_all();
	for (unsigned int i = 0; i < WALKERS; i++) {
		walks[i].edges[find(WIRE_TIME_WAIT, WIRE_CLOSE, true)] = false;
		walks[i].edges[find(WIRE_CLOSING, WIRE_CLOSE, false)] = false;
	}
	assert_int_equal(edges_missing(walks, WALKERS, &lines), 2);
	assert_string_equal(lines.at, "CLOSING -> CLOSE, TIME_WAIT ~> CLOSE");
}

TEST(a_socket_and_what_is_kept_of_it_walk_apart)
{
	edges_walk(&walks[0], WIRE_FIN_WAIT2, WIRE_CLOSE, true);
	assert_true(walks[0].edges[find(WIRE_FIN_WAIT2, WIRE_CLOSE, true)]);
	assert_false(walks[0].edges[find(WIRE_FIN_WAIT2, WIRE_CLOSE, false)]);
}

TEST(what_is_no_edge_is_left_out)
{
	static const struct walk nothing;

	edges_walk(&walks[0], WIRE_NO_STATE, WIRE_LISTEN, false);
	edges_walk(&walks[0], WIRE_CLOSE, WIRE_ESTABLISHED, false);
	assert_memory_equal(&walks[0], &nothing, sizeof(nothing));
}

TEST(the_table_names_who_walked_each_and_why_nobody_can)
{
	struct scenario *scenarios = calloc(WALKERS, sizeof(*scenarios));

	assert_non_null(scenarios);
	for (unsigned int i = 0; i < WALKERS; i++) {
		memset(scenarios[i].name, 'a' + (int)i, 20);
		edges_walk(&walks[i], WIRE_CLOSE, WIRE_LISTEN, false);
	}
	edges_table(walks, scenarios, WALKERS, 100, &lines);
	assert_false(lines.cut);
	assert_non_null(strstr(lines.at,
			       "CLOSE -> LISTEN                CLOSED -> LISTEN             "
			       "aaaaaaaaaaaaaaaaaaaa\n"
			       "                                                            "
			       "bbbbbbbbbbbbbbbbbbbb\n"));
	assert_non_null(strstr(lines.at,
			       "\nTIME_WAIT ~> CLOSE             TIME-WAIT -> CLOSED          "
			       "nobody\n"));
	assert_non_null(strstr(lines.at, "sk_stream_wait_connect()"));
	free(scenarios);
}

#define EDGES_TEST(test) cmocka_unit_test_setup(test, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EDGES_TEST(each_edge_of_the_kernel_is_listed_and_no_other_can_be_walked),
		EDGES_TEST(each_edge_is_listed_once),
		EDGES_TEST(each_arrow_of_the_figure_is_listed),
		EDGES_TEST(all_are_walked_by_somebody),
		EDGES_TEST(what_nobody_walks_is_named),
		EDGES_TEST(a_socket_and_what_is_kept_of_it_walk_apart),
		EDGES_TEST(what_is_no_edge_is_left_out),
		EDGES_TEST(the_table_names_who_walked_each_and_why_nobody_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
