/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * edges: every edge that a TCP connection can take, of RFC 9293's figure 5 and of the kernel, and which
 * scenarios were seen to walk it. Pure.
 */
#ifndef DEMO_EDGES_H
#define DEMO_EDGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "demo/scenario.h"

#define EDGES 38

struct edge_entry {
	uint8_t from, to; /* enum wire_tcp_state */
	/* what the kernel keeps of a socket, or has before there is one, "~>"; else a socket, "->" */
	bool minisock;
	const char *rfc; /* the same by RFC 9293's names; NULL: the kernel's own */
	const char *never; /* why no scenario can walk it, with the source; NULL: one must */
};

extern const struct edge_entry edge_entries[EDGES];

/* The edges that one scenario has walked. No pointers: it may be shared with the processes that play. */
struct walk {
	bool edges[EDGES];
};

/* What is in no entry is left out: to know it is the tracker's part. */
void edges_walk(struct walk *walk, uint8_t from, uint8_t to, bool minisock);

/* A line per edge, with who walked it, in lines of COLUMNS. WALKS are those of the COUNT SCENARIOS. */
void edges_table(const struct walk *walks, const struct scenario *scenarios, unsigned int count,
		 size_t columns, struct text *ret_lines);

/* Those that somebody must walk and nobody did, with commas between them. Returns their number. */
unsigned int edges_missing(const struct walk *walks, unsigned int count, struct text *ret_names);

#endif
