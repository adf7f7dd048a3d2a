// SPDX-License-Identifier: GPL-2.0-only
#include "core/pairing.h"

#include <string.h>

#include "core/show.h"

/* Of two connections that turn out to be one, the shown one stays, else the older one. */
static bool stays(const struct conn *a, const struct conn *b)
{
	if ((a->selection == SELECTION_SHOWN) != (b->selection == SELECTION_SHOWN))
		return a->selection == SELECTION_SHOWN;
	return a->id < b->id;
}

/* Whose sides were seen decides who is the client. */
static void agree_on_sides(struct conn *into, const struct conn *from)
{
	struct endpoint *end = conn_any_end(into);
	enum side wanted = conn_any_end(from)->side == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;

	if (into->sides_known || !from->sides_known)
		return;
	into->ends[end->side] = NULL;
	into->ends[wanted] = end;
	end->side = (uint8_t)wanted;
	into->sides_known = true;
}

static void join(struct tracker *tracker, struct conn *into, struct conn *from, bool likely)
{
	bool both_shown = from->selection == SELECTION_SHOWN;
	uint64_t joined = from->id;
	uint64_t now_ns = from->last_ns > into->last_ns ? from->last_ns : into->last_ns;

	agree_on_sides(into, from);
	due_remove(&tracker->due, from);
	show_join(into, from);
	into->likely = likely;
	into->embryo = false;
	into->judged = into->judged && from->judged;
	if (from->held_until_ns < into->held_until_ns)
		into->held_until_ns = from->held_until_ns;
	if (from->start_ns < into->start_ns)
		into->start_ns = from->start_ns;
	into->last_ns = now_ns;
	table_join(&tracker->table, into, from);
	show_decide(tracker, into);
	if (both_shown)
		show_change(tracker, into,
			    &(struct change){.kind = CHANGE_PAIRED,
					     .ktime_ns = now_ns,
					     .conn = into,
					     .joined = joined});
}

static void join_ends(struct tracker *tracker, struct endpoint *a, struct endpoint *b, bool likely)
{
	if (stays(a->conn, b->conn))
		join(tracker, a->conn, b->conn, likely);
	else
		join(tracker, b->conn, a->conn, likely);
}

static bool is_opening(const struct endpoint *end)
{
	return end->state == WIRE_SYN_SENT || end->state == WIRE_SYN_RECV ||
	       end->state == WIRE_NEW_SYN_RECV;
}

/* A client may be open while its server's end is still a request, if it came to be so after that. */
static bool completes(const struct endpoint *request, const struct endpoint *client)
{
	return request->state == WIRE_NEW_SYN_RECV && client->since_ns >= request->since_ns;
}

/* Two ends whose handshakes were both seen and do not cross are strangers, whatever their addresses; so
 * are one that is still opening and one that is open: a peer would be opening too, or be open by the
 * handshake that we would have seen. */
static bool are_strangers(const struct endpoint *a, const struct endpoint *b)
{
	if (completes(a, b) || completes(b, a))
		return false;
	return (a->met && b->met) || is_opening(a) != is_opening(b);
}

void pairing_guess(struct tracker *tracker, struct endpoint *end)
{
	struct endpoint *other = table_by_mirror(&tracker->table, end, false);

	if (other && !are_strangers(end, other))
		join_ends(tracker, other, end, true);
}

/* Its verdict was given as that of a connection with one end here; what was found closed has none. */
static bool was_told(const struct endpoint *end)
{
	return end->conn->judged && end->last_to != WIRE_NO_STATE;
}

/* On an idle connection each end expects what the other has had acknowledged. */
void pairing_found(struct tracker *tracker, struct endpoint *end)
{
	struct endpoint *other = table_by_mirror(&tracker->table, end, true);

	if (other && !(other->met && end->met) && !was_told(other))
		join_ends(tracker, other, end,
			  end->snd_una != other->rcv_nxt || end->rcv_nxt != other->snd_una);
}

void pairing_meet(struct tracker *tracker, struct endpoint *end, const struct edge_event *edge)
{
	struct endpoint *peer = conn_peer(end);

	if (end->met)
		return;
	end->snd_una = edge->snd_una;
	end->rcv_nxt = edge->rcv_nxt;
	if (peer) { /* guessed before: the numbers tell */
		table_enter_handshake(&tracker->table, end);
		if (peer->met && peer->snd_una == end->rcv_nxt && peer->rcv_nxt == end->snd_una)
			end->conn->likely = false;
		return;
	}
	peer = table_by_handshake(&tracker->table, end);
	table_enter_handshake(&tracker->table, end);
	if (peer)
		join_ends(tracker, peer, end, false);
	else
		pairing_guess(tracker, end);
}

/*
 * A SYN leaves with the call that made its socket SYN_SENT, which may have no port before that. On the same host it arrives
 * at once, or when ksoftirqd has its turn on a busy processor. What has not come when it is sent again was dropped on its way
 * (the initial RTO: RFC 6298, section 2.1), and its port is known by then.
 */
#define SYN_TRAVELS_NS	 UINT64_C(50000000)
#define SYN_IS_RESENT_NS UINT64_C(1000000000)

/* It opens actively, and nobody knows from which port. */
static bool is_portless(const struct endpoint *client)
{
	return client && client->state == WIRE_SYN_SENT && !client->local.port &&
	       !conn_peer(client);
}

static void forget_ported(struct tracker *tracker)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < tracker->portless_count; i++)
		if (is_portless(table_at(&tracker->table, tracker->portless[i])))
			tracker->portless[kept++] = tracker->portless[i];
	tracker->portless_count = kept;
}

void pairing_note_connect(struct tracker *tracker, const struct endpoint *client)
{
	enum {
		HALF = TRACKER_PORTLESS / 2
	};

	if (!is_portless(client))
		return;
	if (tracker->portless_count == TRACKER_PORTLESS)
		forget_ported(tracker);
	if (tracker->portless_count == TRACKER_PORTLESS) {
		memmove(tracker->portless, tracker->portless + HALF,
			HALF * sizeof(*tracker->portless));
		tracker->portless_count = HALF;
	}
	tracker->portless[tracker->portless_count++] = client->address;
}

static bool may_have_sent(const struct endpoint *client, const struct endpoint *request)
{
	return client->netns == request->netns &&
	       client->since_ns + SYN_IS_RESENT_NS >= request->since_ns &&
	       addr_port_equal(&client->remote, &request->local) &&
	       addr_equal(&client->local.addr, &request->remote.addr);
}

static bool has_just_sent(const struct endpoint *client, const struct endpoint *request)
{
	return client->since_ns + SYN_TRAVELS_NS >= request->since_ns;
}

/* Who has sent it alone, or alone has just sent it; NULL if that may be more than one. */
static struct endpoint *sender_of(const struct tracker *tracker, const struct endpoint *request)
{
	struct endpoint *found = NULL;

	for (uint32_t i = tracker->portless_count; i-- > 0;) {
		struct endpoint *client = table_at(&tracker->table, tracker->portless[i]);

		if (client == found || !may_have_sent(client, request))
			continue;
		if (found && has_just_sent(client, request) == has_just_sent(found, request))
			return NULL;
		if (!found)
			found = client;
	}
	return found;
}

void pairing_request(struct tracker *tracker, struct endpoint *end)
{
	struct endpoint *client;

	if (conn_peer(end))
		return;
	forget_ported(tracker);
	client = sender_of(tracker, end);
	if (!client)
		return;
	client->local = end->remote;
	table_enter_pair(&tracker->table, client);
	join_ends(tracker, client, end, true);
}
