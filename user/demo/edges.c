// SPDX-License-Identifier: GPL-2.0-only
#include "demo/edges.h"

#include <string.h>

#include "core/state.h"

#define KERNEL_COLUMNS 31
#define RFC_COLUMNS    29
#define LEFT	       (KERNEL_COLUMNS + RFC_COLUMNS) /* of who walked it */
#define WIDTH_LEAST    32

/*
 * A socket that goes to CLOSE and leaves a minisock walks that one's edge, "~>": FIN_WAIT2 -> CLOSE below is
 * the end of all. A RST from or to anywhere, which figure 5 leaves out (note 3), a timeout and an ABORT
 * (section 3.10.5) all take the same edge.
 *
 * No edge depends on the kernel's version, from 5.10 to 7.3, nor on the hooks.
 */
/* clang-format off */
#define SOCKET(from, to, ...)   {WIRE_##from, WIRE_##to, false, __VA_ARGS__}
#define MINISOCK(from, to, ...) {WIRE_##from, WIRE_##to, true, __VA_ARGS__}

const struct edge_entry edge_entries[EDGES] = {
	SOCKET(CLOSE, LISTEN, "CLOSED -> LISTEN", NULL),
	SOCKET(CLOSE, SYN_SENT, "CLOSED -> SYN-SENT", NULL),
	SOCKET(CLOSE, CLOSE, NULL,
	       "a race of tcp_abort() with close(), gone in 6.12 (bac76cf89816)"),
	SOCKET(LISTEN, CLOSE, "LISTEN -> CLOSED", NULL),
	SOCKET(LISTEN, SYN_SENT, "LISTEN -> SYN-SENT",
	       "Linux has no send() on a listener: EPIPE (sk_stream_wait_connect())"),
	MINISOCK(LISTEN, NEW_SYN_RECV, "LISTEN -> SYN-RECEIVED", NULL),
	MINISOCK(NEW_SYN_RECV, NEW_SYN_RECV, NULL, NULL),
	MINISOCK(NEW_SYN_RECV, CLOSE, "SYN-RECEIVED -> LISTEN", NULL),
	SOCKET(LISTEN, SYN_RECV, NULL, NULL),
	SOCKET(SYN_SENT, SYN_RECV, "SYN-SENT -> SYN-RECEIVED", NULL),
	SOCKET(SYN_SENT, ESTABLISHED, "SYN-SENT -> ESTABLISHED", NULL),
	SOCKET(SYN_SENT, CLOSE, "SYN-SENT -> CLOSED", NULL),
	SOCKET(SYN_RECV, ESTABLISHED, "SYN-RECEIVED -> ESTABLISHED", NULL),
	SOCKET(SYN_RECV, FIN_WAIT1, "SYN-RECEIVED -> FIN-WAIT-1", NULL),
	SOCKET(SYN_RECV, CLOSE_WAIT, "SYN-RECEIVED -> CLOSE-WAIT",
	       "only a FIN in the SYN of a Fast Open, and tcp_rcv_state_process() drops a SYN with a FIN; a "
	       "later one waits for ESTABLISHED"),
	SOCKET(SYN_RECV, CLOSE, "SYN-RECEIVED -> CLOSED", NULL),
	SOCKET(ESTABLISHED, FIN_WAIT1, "ESTABLISHED -> FIN-WAIT-1", NULL),
	SOCKET(ESTABLISHED, CLOSE_WAIT, "ESTABLISHED -> CLOSE-WAIT", NULL),
	SOCKET(ESTABLISHED, CLOSE, "ESTABLISHED -> CLOSED", NULL),
	SOCKET(FIN_WAIT1, FIN_WAIT1, NULL, NULL),
	SOCKET(FIN_WAIT1, FIN_WAIT2, "FIN-WAIT-1 -> FIN-WAIT-2", NULL),
	SOCKET(FIN_WAIT1, CLOSING, "FIN-WAIT-1 -> CLOSING", NULL),
	MINISOCK(FIN_WAIT1, TIME_WAIT, "FIN-WAIT-1 -> TIME-WAIT",
		 "a FIN that brings the ACK (note 2) goes through FIN_WAIT2, in one call of "
		 "tcp_rcv_state_process(): see simultaneous-close"),
	SOCKET(FIN_WAIT1, CLOSE, "FIN-WAIT-1 -> CLOSED", NULL),
	SOCKET(FIN_WAIT2, FIN_WAIT2, NULL, NULL),
	MINISOCK(FIN_WAIT2, FIN_WAIT2, NULL, NULL),
	MINISOCK(FIN_WAIT2, TIME_WAIT, "FIN-WAIT-2 -> TIME-WAIT", NULL),
	SOCKET(FIN_WAIT2, CLOSE, "FIN-WAIT-2 -> CLOSED", NULL),
	MINISOCK(FIN_WAIT2, CLOSE, "FIN-WAIT-2 -> CLOSED", NULL),
	SOCKET(CLOSING, CLOSING, NULL, NULL),
	MINISOCK(CLOSING, TIME_WAIT, "CLOSING -> TIME-WAIT", NULL),
	SOCKET(CLOSING, CLOSE, "CLOSING -> CLOSED", NULL),
	MINISOCK(TIME_WAIT, TIME_WAIT, NULL, NULL),
	MINISOCK(TIME_WAIT, CLOSE, "TIME-WAIT -> CLOSED", NULL),
	SOCKET(CLOSE_WAIT, LAST_ACK, "CLOSE-WAIT -> LAST-ACK", NULL),
	SOCKET(CLOSE_WAIT, CLOSE, "CLOSE-WAIT -> CLOSED", NULL),
	SOCKET(LAST_ACK, LAST_ACK, NULL, NULL),
	SOCKET(LAST_ACK, CLOSE, "LAST-ACK -> CLOSED", NULL),
};
/* clang-format on */

void edges_walk(struct walk *walk, uint8_t from, uint8_t to, bool minisock)
{
	for (unsigned int i = 0; i < EDGES; i++) {
		const struct edge_entry *edge = &edge_entries[i];

		if (edge->from == from && edge->to == to && edge->minisock == minisock)
			walk->edges[i] = true;
	}
}

/* --- what came of it ----------------------------------------------------------------------------- */

static void add_edge(struct text *text, const struct edge_entry *edge)
{
	text_addf(text, "%s %s %s", state_name(edge->from), edge->minisock ? "~>" : "->",
		  state_name(edge->to));
}

static bool is_walked(const struct walk *walks, unsigned int count, unsigned int edge)
{
	for (unsigned int i = 0; i < count; i++)
		if (walks[i].edges[edge])
			return true;
	return false;
}

/* Lines of words; those behind the first begin as far to the right. */
struct column {
	struct text *lines;
	size_t width, used;
};

static void add_word(struct column *column, const char *word, size_t len)
{
	if (column->used && column->used + 1 + len > column->width) {
		text_addf(column->lines, "\n%*s", LEFT, "");
		column->used = 0;
	}
	text_addf(column->lines, "%s%.*s", column->used ? " " : "", (int)len, word);
	column->used += len + (column->used != 0);
}

static void add_words(struct column *column, const char *words)
{
	for (size_t len; *words; words += len, words += strspn(words, " ")) {
		len = strcspn(words, " ");
		add_word(column, words, len);
	}
}

static void add_line(struct text *lines, const struct edge_entry *edge)
{
	char bytes[KERNEL_COLUMNS];
	struct text name;

	text_init(&name, bytes, sizeof(bytes));
	add_edge(&name, edge);
	text_addf(lines, "%-*s%-*s", KERNEL_COLUMNS, name.at, RFC_COLUMNS,
		  edge->rfc ? edge->rfc : "");
}

void edges_table(const struct walk *walks, const struct scenario *scenarios, unsigned int count,
		 size_t columns, struct text *ret_lines)
{
	for (unsigned int i = 0; i < EDGES; i++) {
		struct column column = {.lines = ret_lines, .width = columns - LEFT};

		if (columns < LEFT + WIDTH_LEAST)
			column.width = WIDTH_LEAST;
		add_line(ret_lines, &edge_entries[i]);
		for (unsigned int j = 0; j < count; j++)
			if (walks[j].edges[i])
				add_word(&column, scenarios[j].name, strlen(scenarios[j].name));
		if (!column.used && edge_entries[i].never)
			add_words(&column, edge_entries[i].never);
		else if (!column.used)
			add_words(&column, "nobody");
		text_add(ret_lines, "\n");
	}
}

unsigned int edges_missing(const struct walk *walks, unsigned int count, struct text *ret_names)
{
	unsigned int missing = 0;

	for (unsigned int i = 0; i < EDGES; i++) {
		if (edge_entries[i].never || is_walked(walks, count, i))
			continue;
		text_add(ret_names, missing++ ? ", " : "");
		add_edge(ret_names, &edge_entries[i]);
	}
	return missing;
}
