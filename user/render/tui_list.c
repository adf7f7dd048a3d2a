// SPDX-License-Identifier: GPL-2.0-only
#include "render/tui_parts.h"

#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "render/words.h"

/* --- what is said of one ------------------------------------------------------------------------- */

/* What is looked at first: ends that somebody must end, those that wait, those that live, what is over. */
static unsigned int rank_of(uint8_t state)
{
	static const uint8_t ranks[WIRE_STATE_COUNT] = {
		[WIRE_CLOSE_WAIT] = 1,	 [WIRE_LAST_ACK] = 2,  [WIRE_CLOSING] = 3,
		[WIRE_FIN_WAIT1] = 4,	 [WIRE_SYN_SENT] = 5,  [WIRE_SYN_RECV] = 6,
		[WIRE_NEW_SYN_RECV] = 6, [WIRE_FIN_WAIT2] = 7, [WIRE_TIME_WAIT] = 8,
		[WIRE_ESTABLISHED] = 9,	 [WIRE_LISTEN] = 10,   [WIRE_CLOSE] = 11,
	};

	return state < WIRE_STATE_COUNT && ranks[state] ? ranks[state] : 12;
}

uint8_t tui_item_state(const struct tui_item *item)
{
	uint8_t client = item->ends[SIDE_CLIENT].state, server = item->ends[SIDE_SERVER].state;

	return rank_of(client) <= rank_of(server) ? client : server;
}

const struct history_end *tui_item_wait(const struct tui_item *item, uint64_t now_ns)
{
	const struct history_end *wait = NULL;

	for (int side = 0; side < 2; side++) {
		const struct history_end *end = &item->ends[side];

		if (end->until_ns > now_ns && (!wait || end->until_ns < wait->until_ns))
			wait = end;
	}
	return wait;
}

const char *tui_order_name(enum tui_order by)
{
	static const char *const names[TUI_ORDERS] = {
		[TUI_BY_STATE] = "state", [TUI_BY_NUMBER] = "number",	[TUI_BY_LEFT] = "wait left",
		[TUI_BY_AGE] = "age",	  [TUI_BY_ADDRESS] = "address",
	};

	return names[by];
}

/* --- filter -------------------------------------------------------------------------------------- */

/* Address and port, owner and state of either end, in a line. */
static void describe(const struct tui_item *item, struct text *text)
{
	char at[ADDR_PORT_TEXT_LEN];

	for (int side = 0; side < 2; side++) {
		uint8_t state = item->ends[side].state;

		addr_port_format(&item->at[side], at);
		text_addf(text, "%s ", at);
		words_owner(text, &item->conn->heading.owners[side]);
		text_addf(text, " %s ", state ? state_name(state) : "");
	}
}

static bool is_wanted(const struct tui *tui, const struct tui_item *item)
{
	char buffer[512];
	struct text text;

	if (!tui->filter[0])
		return true;
	text_init(&text, buffer, sizeof(buffer));
	describe(item, &text);
	return strcasestr(buffer, tui->filter) != NULL;
}

/* --- order --------------------------------------------------------------------------------------- */

static uint64_t word_of(const struct addr *addr, unsigned int from)
{
	uint64_t word = 0;

	for (unsigned int i = from; i < from + 8; i++)
		word = word << 8 | addr->bytes[i];
	return word;
}

/* The server's first: whose clients these are. */
static void set_address_keys(struct tui_item *item)
{
	const struct addr_port *server = &item->at[SIDE_SERVER], *client = &item->at[SIDE_CLIENT];
	uint64_t *keys = item->node.keys;

	keys[0] = word_of(&server->addr, 0);
	keys[1] = word_of(&server->addr, 8);
	keys[2] = server->port;
	keys[3] = word_of(&client->addr, 0);
	keys[4] = word_of(&client->addr, 8);
	keys[5] = (uint64_t)client->port << 48;
	keys[5] |= item->id & 0xFFFFFFFFFFFF;
}

/* What is alike stands with the newest first. */
static void set_keys(const struct tui *tui, struct tui_item *item)
{
	uint64_t *keys = item->node.keys;
	const struct history_end *wait = tui_item_wait(item, 0);

	memset(keys, 0, sizeof(item->node.keys));
	keys[2] = ~item->id;
	switch (tui->by) {
	case TUI_BY_STATE:
		keys[0] = rank_of(tui_item_state(item));
		keys[1] = ~item->last_ns;
		break;
	case TUI_BY_LEFT:
		keys[0] = wait ? wait->until_ns : UINT64_MAX;
		break;
	case TUI_BY_AGE:
		keys[0] = item->start_ns;
		break;
	case TUI_BY_ADDRESS:
		set_address_keys(item);
		break;
	case TUI_BY_NUMBER:
	case TUI_ORDERS:
		break;
	}
}

static void sort_in(struct tui *tui, struct tui_item *item)
{
	order_remove(&tui->order, &item->node);
	if (!item->id || !is_wanted(tui, item))
		return;
	set_keys(tui, item);
	order_add(&tui->order, &item->node);
}

void tui_list_sort(struct tui *tui)
{
	for (int over = 0; over < 2; over++)
		for (struct history_conn *conn = history_newest(tui->history, over); conn;
		     conn = conn->older)
			if (conn->mark)
				sort_in(tui, conn->mark);
}

/* --- what has changed ---------------------------------------------------------------------------- */

static void leave_changed(struct tui *tui, struct tui_item *item)
{
	if (!item->changed)
		return;
	*(item->newer ? &item->newer->older : &tui->changed) = item->older;
	if (item->older)
		item->older->newer = item->newer;
	item->newer = item->older = NULL;
	item->changed = false;
}

void tui_list_change(struct tui *tui, struct history_conn *conn)
{
	struct tui_item *item = conn->mark;

	if (!item) {
		item = calloc(1, sizeof(*item));
		if (!item)
			return; /* it is not listed */
		item->conn = conn;
		conn->mark = item;
	}
	if (item->changed)
		return;
	item->changed = true;
	item->older = tui->changed;
	if (tui->changed)
		tui->changed->newer = item;
	tui->changed = item;
}

void tui_list_forget(void *ctx, struct history_conn *conn)
{
	struct tui *tui = ctx;
	struct tui_item *item = conn->mark;

	if (!item)
		return;
	leave_changed(tui, item);
	order_remove(&tui->order, &item->node);
	free(item);
	conn->mark = NULL;
}

static void look_at(struct tui_item *item)
{
	const struct history_conn *conn = item->conn;

	item->id = conn->heading.conn_id;
	item->start_ns = conn->heading.start_ns;
	item->last_ns = conn->last_ns;
	item->listener = conn->heading.listener;
	memcpy(item->at, conn->heading.at, sizeof(item->at));
	memcpy(item->ends, conn->ends, sizeof(item->ends));
}

/* --- which is chosen ----------------------------------------------------------------------------- */

/* From the top to the order's own and back. */
static uint32_t turned(const struct tui *tui, uint32_t place)
{
	return tui->reversed ? order_count(&tui->order) - 1 - place : place;
}

const struct tui_item *tui_list_at(const struct tui *tui, uint32_t place)
{
	if (place >= order_count(&tui->order))
		return NULL;
	return (const struct tui_item *)order_at(&tui->order, turned(tui, place));
}

void tui_list_choose(struct tui *tui, uint32_t place)
{
	uint32_t count = order_count(&tui->order);
	uint64_t before = tui->chosen;
	const struct tui_item *item;

	tui->place = place < count ? place : count ? count - 1 : 0;
	item = tui_list_at(tui, tui->place);
	tui->chosen = item ? item->id : 0;
	if (tui->chosen != before)
		tui->ladder_follows = true;
}

/* Where the chosen one is now; where it is gone, what took its place is chosen. */
static void find_chosen(struct tui *tui)
{
	const struct history_conn *conn = history_find(tui->history, tui->chosen);
	const struct tui_item *item = conn ? conn->mark : NULL;

	if (tui->follows)
		tui_list_choose(tui, 0);
	else if (tui->chosen && item && item->node.in)
		tui->place = turned(tui, order_place(&item->node));
	else
		tui_list_choose(tui, tui->place);
}

void tui_list_update(struct tui *tui)
{
	while (tui->changed && !tui->paused) {
		struct tui_item *item = tui->changed;

		leave_changed(tui, item);
		look_at(item);
		sort_in(tui, item);
	}
	find_chosen(tui);
}
