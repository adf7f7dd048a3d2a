// SPDX-License-Identifier: GPL-2.0-only
#include "core/verdict.h"

static enum verdict_first first_of(enum side side)
{
	return side == SIDE_CLIENT ? FIRST_CLIENT : FIRST_SERVER;
}

/* Both sent a FIN without having the other's: a simultaneous close, with CLOSING at either end. With
 * one end in sight, its own way through CLOSING tells. */
static bool closed_at_once(const struct endpoint *client, const struct endpoint *server)
{
	if (client && server)
		return client->sent_fin_first && server->sent_fin_first;
	client = client ? client : server;
	return client->sent_fin_first && client->last_from == WIRE_CLOSING;
}

/* Who gave up first: sent the first FIN, or the RST that ended it. */
static enum verdict_first find_first(const struct conn *conn)
{
	const struct endpoint *client = conn->ends[SIDE_CLIENT], *server = conn->ends[SIDE_SERVER];
	const struct endpoint *end = conn_any_end(conn);

	if (closed_at_once(client, server))
		return FIRST_BOTH;
	if (client && server && client->gave_up_ns && server->gave_up_ns)
		return client->gave_up_ns <= server->gave_up_ns ? FIRST_CLIENT : FIRST_SERVER;
	if (client && server && (client->gave_up_ns || server->gave_up_ns))
		return client->gave_up_ns ? FIRST_CLIENT : FIRST_SERVER;
	if (end->gave_up_ns && !(end->got_fin && end->sent_fin && !end->sent_fin_first))
		return first_of(end->side);
	if (end->got_fin || end->end.came == SEGMENT_RST)
		return first_of(!end->side);
	return FIRST_NOBODY;
}

/* Did this end go to CLOSE in a way that is no orderly close? */
static bool find_trouble(const struct endpoint *end, struct verdict *verdict)
{
	verdict->err = end->end.err;
	switch (end->end.by) {
	case CAUSE_TIMEOUT:
		verdict->how = HOW_TIMEOUT;
		return true;
	case CAUSE_ABORT:
		verdict->how = HOW_ABORTED;
		return true;
	case CAUSE_UNSEEN:
		verdict->how = HOW_UNSEEN;
		return true;
	case CAUSE_ERROR:
	case CAUSE_NO_ROUTE:
		verdict->how = HOW_FAILED;
		return true;
	default:
		break;
	}
	if (end->end.sent == SEGMENT_RST || end->end.came == SEGMENT_RST) {
		bool refused = end->last_from == WIRE_SYN_SENT;

		verdict->how = refused ? HOW_REFUSED : HOW_RESET;
		verdict->reset_by = end->end.sent == SEGMENT_RST ? end->side : !end->side;
		return true;
	}
	return false;
}

static enum verdict_how how_orderly(const struct conn *conn)
{
	bool fins[2] = {false, false};

	for (int side = 0; side < 2; side++) {
		const struct endpoint *end = conn->ends[side];

		if (!end)
			continue;
		fins[side] = fins[side] || end->sent_fin;
		fins[!side] = fins[!side] || end->got_fin;
	}
	if (fins[0] && fins[1])
		return HOW_FIN_BOTH;
	return fins[0] || fins[1] ? HOW_FIN_HALF : HOW_FAILED;
}

struct verdict verdict_of(const struct conn *conn, uint64_t now_ns)
{
	struct verdict verdict = {.how = HOW_OPEN};

	verdict.lifetime_ns = now_ns > conn->start_ns ? now_ns - conn->start_ns : 0;
	verdict.first = find_first(conn);
	if (!conn_is_over(conn))
		return verdict;
	for (int side = 0; side < 2; side++)
		if (conn->ends[side] && find_trouble(conn->ends[side], &verdict))
			return verdict;
	verdict.how = how_orderly(conn);
	return verdict;
}
