// SPDX-License-Identifier: GPL-2.0-only
#include "core/verdict.h"

static enum verdict_first first_of(enum side side)
{
	return side == SIDE_CLIENT ? FIRST_CLIENT : FIRST_SERVER;
}

/* Who gave up first, as END saw it: sent a FIN or a RST while the peer had sent none. */
static enum verdict_first first_seen_by(const struct endpoint *end)
{
	if (end->sent_fin_first)
		return first_of(end->side);
	if (end->got_fin)
		return first_of(!end->side);
	if (end->end.sent == SEGMENT_RST)
		return first_of(end->side);
	if (end->end.came == SEGMENT_RST)
		return first_of(!end->side);
	return FIRST_NOBODY;
}

/* Was OTHER still there when END gave up? */
static bool met_in_time(const struct endpoint *end, const struct endpoint *other)
{
	return other->state != WIRE_CLOSE || other->last_ktime_ns >= end->gave_up_ns;
}

/* Each says that it was itself: their segments crossed. Two FINs are a simultaneous close (RFC 9293,
 * 3.6, case 3); of a FIN and a RST the earlier one counts. */
static enum verdict_first settle_dispute(const struct endpoint *client,
					 const struct endpoint *server)
{
	if (client->sent_fin_first && server->sent_fin_first && met_in_time(client, server) &&
	    met_in_time(server, client))
		return FIRST_BOTH;
	return client->gave_up_ns <= server->gave_up_ns ? FIRST_CLIENT : FIRST_SERVER;
}

static enum verdict_first find_first(const struct conn *conn)
{
	const struct endpoint *client = conn->ends[SIDE_CLIENT], *server = conn->ends[SIDE_SERVER];
	const struct endpoint *end = conn_any_end(conn);
	enum verdict_first by_client, by_server;

	if (!client || !server) /* one end alone knows of a simultaneous close by CLOSING */
		return end->sent_fin_first && end->last_from == WIRE_CLOSING ? FIRST_BOTH
									     : first_seen_by(end);
	by_client = first_seen_by(client);
	by_server = first_seen_by(server);
	if (by_client == FIRST_CLIENT && by_server == FIRST_SERVER)
		return settle_dispute(client, server);
	return by_client != FIRST_NOBODY ? by_client : by_server;
}

/* Did END go to CLOSE for a reason of its own, which is none of the peer's? */
static bool find_cause(const struct endpoint *end, struct verdict *verdict)
{
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
		verdict->err = end->end.err;
		return true;
	default:
		return false;
	}
}

static bool find_reset(const struct endpoint *end, struct verdict *verdict)
{
	if (end->end.by == CAUSE_RESET) { /* the other end, if it is seen, knows who sent it */
		verdict->how = HOW_RESET;
		verdict->reset_by_known = false;
		return !conn_peer(end);
	}
	if (end->end.sent != SEGMENT_RST && end->end.came != SEGMENT_RST)
		return false;
	verdict->how = end->last_from == WIRE_SYN_SENT ? HOW_REFUSED : HOW_RESET;
	verdict->reset_by_known = true;
	verdict->reset_by = end->end.sent == SEGMENT_RST ? end->side : !end->side;
	return true;
}

/* A cause at one end explains the RST at the other. */
static bool find_trouble(const struct conn *conn, struct verdict *verdict)
{
	for (int side = 0; side < 2; side++)
		if (conn->ends[side] && find_cause(conn->ends[side], verdict))
			return true;
	for (int side = 0; side < 2; side++)
		if (conn->ends[side] && find_reset(conn->ends[side], verdict))
			return true;
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
	if (!find_trouble(conn, &verdict))
		verdict.how = how_orderly(conn);
	return verdict;
}
