// SPDX-License-Identifier: GPL-2.0-only
#include "core/state.h"

#include <ctype.h>
#include <errno.h>

static const char *const state_names[WIRE_STATE_COUNT] = {
#define STATE_NAME(number, name) [number] = #name,
	WIRE_STATES(STATE_NAME)
#undef STATE_NAME
};

struct edge_slot {
	bool exists;
	struct edge edge;
};

static const struct edge_slot edges[WIRE_STATE_COUNT][WIRE_STATE_COUNT] = {
#define EDGE_SLOT(from, to, came, sent, maker)                                                     \
	[WIRE_##from][WIRE_##to] = {true, {SEGMENT_##came, SEGMENT_##sent, EDGE_BY_##maker}},
	WIRE_EDGES(EDGE_SLOT)
#undef EDGE_SLOT
};

const struct edge *edge_find(unsigned int from, unsigned int to)
{
	if (from >= WIRE_STATE_COUNT || to >= WIRE_STATE_COUNT || !edges[from][to].exists)
		return NULL;
	return &edges[from][to].edge;
}

bool edge_is_birth(unsigned int from, unsigned int to)
{
	if (from == WIRE_CLOSE)
		return to == WIRE_SYN_SENT || to == WIRE_LISTEN;
	return from == WIRE_LISTEN && to == WIRE_SYN_RECV;
}

const char *state_name(unsigned int state)
{
	if (state >= WIRE_STATE_COUNT || !state_names[state])
		return "?";
	return state_names[state];
}

/* The next character that matters, in lower case; -1 at the end. */
static int next_letter(const char *name, size_t len, size_t *at)
{
	while (*at < len && (name[*at] == '_' || name[*at] == '-'))
		++*at;
	return *at < len ? tolower((unsigned char)name[(*at)++]) : -1;
}

static bool names_agree(const char *ours, const char *theirs, size_t len)
{
	size_t i = 0, j = 0, ours_len = 0;
	int a, b;

	while (ours[ours_len])
		ours_len++;
	do {
		a = next_letter(ours, ours_len, &i);
		b = next_letter(theirs, len, &j);
		if (a != b)
			return false;
	} while (a >= 0);
	return true;
}

int state_parse(const char *name, size_t len, uint8_t *ret_state)
{
	for (unsigned int state = 1; state < WIRE_STATE_COUNT; state++) {
		if (!names_agree(state_names[state], name, len))
			continue;
		*ret_state = (uint8_t)state;
		return 0;
	}
	return -EINVAL;
}

const char *segment_name(enum segment segment)
{
	static const char *const names[] = {
		[SEGMENT_NONE] = "",   [SEGMENT_SYN] = "SYN", [SEGMENT_SYN_ACK] = "SYN,ACK",
		[SEGMENT_ACK] = "ACK", [SEGMENT_FIN] = "FIN", [SEGMENT_RST] = "RST",
	};

	return names[segment];
}
