// SPDX-License-Identifier: GPL-2.0-only
#include "core/verdict.h"

#include <errno.h>

const char *verdict_code(enum verdict_how how)
{
#define VERDICT_CODE(name, code) [HOW_##name] = (code),
	static const char *const codes[] = {VERDICTS(VERDICT_CODE)};
#undef VERDICT_CODE

	return codes[how];
}

const char *verdict_first_code(enum verdict_first first)
{
#define VERDICT_CODE(name, code) [FIRST_##name] = (code),
	static const char *const codes[] = {VERDICT_FIRSTS(VERDICT_CODE)};
#undef VERDICT_CODE

	return codes[first];
}

const char *verdict_end_code(enum verdict_end end)
{
#define VERDICT_CODE(name, code) [END_##name] = (code),
	static const char *const codes[] = {VERDICT_ENDS(VERDICT_CODE)};
#undef VERDICT_CODE

	return codes[end];
}

/* --- who was first ------------------------------------------------------------------------------- */

static enum verdict_first first_of(enum side side)
{
	return side == SIDE_CLIENT ? FIRST_CLIENT : FIRST_SERVER;
}

static bool is_timeout(const struct endpoint *end)
{
	return past_of(end)->end.err == ETIMEDOUT;
}

/* Who gave up first, as END saw it: sent a FIN or a RST while the peer had sent none. Keepalive's RST is nobody's
 * close. */
static enum verdict_first first_seen_by(const struct endpoint *end)
{
	if (end->sent_fin_first)
		return first_of(end->side);
	if (end->got_fin)
		return first_of(!end->side);
	if (past_of(end)->end.sent == SEGMENT_RST && !is_timeout(end))
		return first_of(end->side);
	if (past_of(end)->end.came == SEGMENT_RST)
		return first_of(!end->side);
	return FIRST_NOBODY;
}

/* Was OTHER still there when END gave up? */
static bool met_in_time(const struct endpoint *end, const struct endpoint *other)
{
	return other->state != WIRE_CLOSE || other->last_ktime_ns >= past_of(end)->gave_up_ns;
}

/* Each says that it was itself: their segments crossed. Two FINs are a simultaneous close (RFC 9293,
 * 3.6, case 3); of a FIN and a RST the earlier one counts. */
static enum verdict_first settle_dispute(const struct endpoint *client,
					 const struct endpoint *server)
{
	if (client->sent_fin_first && server->sent_fin_first && met_in_time(client, server) &&
	    met_in_time(server, client))
		return FIRST_BOTH;
	return past_of(client)->gave_up_ns <= past_of(server)->gave_up_ns ? FIRST_CLIENT
									  : FIRST_SERVER;
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

/* --- how each end ended -------------------------------------------------------------------------- */

static bool is_gone(const struct endpoint *end)
{
	return end->state == WIRE_CLOSE && !end->keeps && past_of(end)->end.by != CAUSE_UNSEEN;
}

static enum verdict_end end_of_open(const struct endpoint *end)
{
	const struct endpoint *peer = conn_peer(end);

	if (peer && is_gone(peer))
		return END_HALF_OPEN;
	return end->sent_fin != end->got_fin ? END_HALF_CLOSED : END_OPEN;
}

static enum verdict_end end_of_mini(const struct endpoint *end)
{
	switch ((enum mini_ended)past_of(end)->mini_end) {
	case MINI_ENDED_BY_RST:
		return END_RST_RECEIVED;
	case MINI_ENDED_BY_DATA:
		return END_RST_SENT;
	case MINI_ENDED_REUSED:
		return END_REUSED;
	case MINI_ENDED_DESTROYED:
		return END_ABORTED;
	case MINI_ENDED_IN_TIME:
		break;
	}
	return end->sent_fin && end->got_fin ? END_FIN : END_HALF_CLOSED;
}

static bool was_opening(const struct endpoint *end)
{
	return end->last_from == WIRE_SYN_SENT || end->last_from == WIRE_SYN_RECV ||
	       end->last_from == WIRE_NEW_SYN_RECV;
}

/* By the segments that were on their way. */
static enum verdict_end end_of_segments(const struct endpoint *end)
{
	if (past_of(end)->end.sent == SEGMENT_RST)
		return END_RST_SENT;
	if (past_of(end)->end.came == SEGMENT_RST)
		return end->last_from == WIRE_SYN_SENT ? END_REFUSED : END_RST_RECEIVED;
	return end->sent_fin || end->got_fin ? END_FIN : END_FAILED;
}

static enum verdict_end end_of_closed(const struct endpoint *end)
{
	switch (past_of(end)->end.by) {
	case CAUSE_TIMEOUT:
	case CAUSE_SYN_TIMEOUT:
	case CAUSE_RETRANSMISSION:
	case CAUSE_ORPHAN_RETRIES:
	case CAUSE_WINDOW:
	case CAUSE_KEEPALIVE:
	case CAUSE_USER_TIMEOUT:
		return END_TIMEOUT;
	case CAUSE_ERROR: /* of a connection: what its timeout is told as */
		return was_opening(end) ? END_FAILED : END_TIMEOUT;
	case CAUSE_NO_ROUTE:
		return END_FAILED;
	case CAUSE_ABORT:
		return END_ABORTED;
	case CAUSE_UNSEEN:
		return END_UNSEEN;
	case CAUSE_RESET:
		return END_RST;
	default:
		return end_of_segments(end);
	}
}

static enum verdict_end end_of(const struct endpoint *end)
{
	if (!end)
		return END_ELSEWHERE;
	if (end->state != WIRE_CLOSE)
		return end_of_open(end);
	if (past_of(end)->end.keeps)
		return end_of_mini(end);
	return end_of_closed(end);
}

/* --- how the connection ended -------------------------------------------------------------------- */

/* Did END go to CLOSE for a reason of its own, which is none of the peer's? */
static bool find_cause(const struct endpoint *end, struct verdict *verdict)
{
	if (past_of(end)->end.keeps)
		return false;
	switch (end_of_closed(end)) {
	case END_TIMEOUT:
		verdict->how = HOW_TIMEOUT;
		break;
	case END_ABORTED:
		verdict->how = HOW_ABORTED;
		break;
	case END_UNSEEN:
		verdict->how = HOW_UNSEEN;
		break;
	case END_FAILED:
		if (past_of(end)->end.by != CAUSE_ERROR && past_of(end)->end.by != CAUSE_NO_ROUTE)
			return false;
		verdict->how = HOW_FAILED;
		break;
	default:
		return false;
	}
	verdict->caused = true;
	verdict->cause = past_of(end)->end;
	return true;
}

/* The one who sent the RST knows why; else the one who got it may. */
static void tell_why(const struct endpoint *end, struct verdict *verdict)
{
	const struct endpoint *peer = conn_peer(end);

	verdict->caused = true;
	verdict->cause = past_of(end)->end;
	if (past_of(end)->end.sent == SEGMENT_RST || !peer)
		return;
	if (past_of(peer)->end.sent == SEGMENT_RST && !past_of(peer)->end.keeps)
		verdict->cause = past_of(peer)->end;
	else if (past_of(peer)->mini_end == MINI_ENDED_BY_DATA)
		verdict->cause = (struct cause){.by = CAUSE_DATA, .sent = SEGMENT_RST};
}

static bool find_reset(const struct endpoint *end, struct verdict *verdict)
{
	if (past_of(end)->end.by ==
	    CAUSE_RESET) { /* the other end, if it is seen, knows who sent it */
		verdict->how = HOW_RESET;
		verdict->reset_by_known = false;
		return !conn_peer(end);
	}
	if (past_of(end)->end.sent != SEGMENT_RST && past_of(end)->end.came != SEGMENT_RST)
		return false;
	verdict->how = end->last_from == WIRE_SYN_SENT ? HOW_REFUSED : HOW_RESET;
	verdict->reset_by_known = true;
	verdict->reset_by = past_of(end)->end.sent == SEGMENT_RST ? end->side : !end->side;
	tell_why(end, verdict);
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

static enum verdict_how how_open(const struct verdict *verdict)
{
	const enum verdict_end *ends = verdict->ends;

	if (ends[SIDE_CLIENT] == END_HALF_OPEN || ends[SIDE_SERVER] == END_HALF_OPEN)
		return HOW_HALF_OPEN;
	if (ends[SIDE_CLIENT] == END_HALF_CLOSED || ends[SIDE_SERVER] == END_HALF_CLOSED)
		return HOW_FIN_HALF;
	return HOW_OPEN;
}

/* --- in numbers ---------------------------------------------------------------------------------- */

static void count(const struct conn *conn, struct verdict *verdict)
{
	for (int side = 0; side < 2; side++) {
		const struct endpoint *end = conn->ends[side], *peer = conn->ends[!side];

		if (end && past_of(end)->counts_known)
			verdict->ways[side] =
				(struct verdict_way){past_of(end)->counts.bytes_sent,
						     past_of(end)->counts.segs_out,
						     past_of(end)->counts.retrans, true};
		else if (peer && past_of(peer)->counts_known)
			verdict->ways[side] =
				(struct verdict_way){past_of(peer)->counts.bytes_received,
						     past_of(peer)->counts.segs_in, 0, true};
		if (end && past_of(end)->counts_known && !verdict->srtt_us)
			verdict->srtt_us = past_of(end)->counts.srtt_us;
	}
}

struct verdict verdict_of(const struct conn *conn, uint64_t now_ns)
{
	struct verdict verdict = {.how = HOW_OPEN};

	verdict.lifetime_ns = now_ns > conn->start_ns ? now_ns - conn->start_ns : 0;
	verdict.first = find_first(conn);
	for (int side = 0; side < 2; side++)
		verdict.ends[side] = end_of(conn->ends[side]);
	count(conn, &verdict);
	if (!conn_is_over(conn))
		verdict.how = how_open(&verdict);
	else if (!find_trouble(conn, &verdict))
		verdict.how = how_orderly(conn);
	return verdict;
}
