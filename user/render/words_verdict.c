// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "render/words.h"

#define WAIT_WORTH_TELLING_NS UINT64_C(1000000)

static const char *side_name(const struct conn *conn, enum side side)
{
	if (conn->sides_known)
		return side == SIDE_CLIENT ? "client" : "server";
	if (conn->ends[!side] && conn->ends[side])
		return side == SIDE_CLIENT ? "client?" : "server?";
	return conn->ends[side] ? "this end" : "the other end";
}

static void add_first(struct text *text, const struct conn *conn, const struct verdict *verdict)
{
	switch (verdict->first) {
	case FIRST_NOBODY:
		text_add(text, "nobody closed");
		return;
	case FIRST_BOTH:
		text_add(text, "closed by both at once");
		return;
	case FIRST_CLIENT:
	case FIRST_SERVER:
		text_addf(text, "closed by %s first",
			  side_name(conn,
				    verdict->first == FIRST_CLIENT ? SIDE_CLIENT : SIDE_SERVER));
		return;
	}
}

/* --- how it ended -------------------------------------------------------------------------------- */

static const char *why_reset(const struct cause *cause)
{
	switch (cause->by) {
	case CAUSE_DATA:
		return "data after close()";
	case CAUSE_LISTENER:
		return "never accepted, its listener closed";
	case CAUSE_DISCONNECT:
		return "disconnected";
	case CAUSE_ORPHAN:
		return "an orphan given up";
	default:
		return NULL;
	}
}

static void add_reset(struct text *text, const struct conn *conn, const struct verdict *verdict)
{
	const char *why = why_reset(&verdict->cause);

	text_add(text, "reset");
	if (verdict->reset_by_known)
		text_addf(text, " by %s", side_name(conn, verdict->reset_by));
	if (!verdict->caused)
		return;
	if (verdict->cause.why) {
		text_add(text, ": ");
		words_why(text, &verdict->cause);
	} else if (why) {
		text_addf(text, ": %s", why);
	}
}

static void add_timeout(struct text *text, const char *before, const struct cause *cause)
{
	char buffer[128];
	struct text what;

	text_init(&what, buffer, sizeof(buffer));
	if (words_timeout(&what, cause))
		text_addf(text, "%s%s", before, what.at);
}

static void add_how(struct text *text, const struct conn *conn, const struct verdict *verdict)
{
	switch (verdict->how) {
	case HOW_OPEN:
		text_add(text, "still open");
		return;
	case HOW_HALF_OPEN:
		text_add(text, "half-open");
		return;
	case HOW_FIN_HALF:
		text_add(text, "half-closed");
		return;
	case HOW_FIN_BOTH:
		text_add(text, "FIN both ways");
		return;
	case HOW_RESET:
		add_reset(text, conn, verdict);
		return;
	case HOW_REFUSED:
		text_add(text, "connection refused");
		if (verdict->cause.why == WHY_NO_SOCKET)
			text_add(text, ": nobody listens");
		return;
	case HOW_TIMEOUT:
		text_add(text, "timed out");
		add_timeout(text, ": ", &verdict->cause);
		return;
	case HOW_ABORTED:
		text_add(text, "aborted from outside");
		return;
	case HOW_FAILED:
		text_add(text, "not connected");
		add_timeout(text, ": ", &verdict->cause);
		return;
	case HOW_UNSEEN:
		text_add(text, "its end was missed");
		return;
	case HOW_COUNT:
		return;
	}
}

/* --- how long ------------------------------------------------------------------------------------ */

/* Where each end is, and since when. */
static void add_states(struct text *text, const struct conn *conn, uint64_t now_ns, const char *dot)
{
	for (int side = 0; side < 2; side++) {
		const struct endpoint *end = conn->ends[side];

		if (!end)
			continue;
		text_addf(text, " %s %s at %s", dot, state_name(endpoint_shown_state(end)),
			  side_name(conn, (enum side)side));
		if (endpoint_shown_state(end) == WIRE_CLOSE)
			add_timeout(text, ": ", &past_of(end)->end);
		else if (end->state != WIRE_ESTABLISHED && end->since_known &&
			 now_ns > end->since_ns + WAIT_WORTH_TELLING_NS) {
			text_add(text, " for ");
			style_duration(text, now_ns - end->since_ns);
		}
	}
}

/* Shorter ones, and those that a round trip takes, are no news. */
static bool is_worth_telling(const struct endpoint *end, uint8_t state)
{
	uint64_t trips_ns = (uint64_t)past_of(end)->counts.srtt_us * 2000;

	return endpoint_wait_ns(end, state) >= WAIT_WORTH_TELLING_NS &&
	       past_of(end)->waits_ns[state] >= trips_ns;
}

static void add_waits_of(struct text *text, const struct endpoint *end, const char *name,
			 const char *dot)
{
	static const uint8_t states[] = {WIRE_SYN_SENT,	 WIRE_SYN_RECV,	 WIRE_CLOSE_WAIT,
					 WIRE_FIN_WAIT1, WIRE_FIN_WAIT2, WIRE_CLOSING,
					 WIRE_LAST_ACK};

	for (unsigned int i = 0; i < sizeof(states); i++) {
		if (!is_worth_telling(end, states[i]))
			continue;
		text_addf(text, " %s %s ", dot, state_name(states[i]));
		style_duration(text, endpoint_wait_ns(end, states[i]));
		text_addf(text, " at %s", name);
	}
	if (past_of(end)->end.keeps == WIRE_FIN_WAIT2 && end->keeps == WIRE_FIN_WAIT2)
		text_addf(text, " %s orphan FIN_WAIT2 up to %" PRIu32 " s at %s", dot,
			  words_seconds(past_of(end)->end.keeps_ms), name);
	if (end->keeps == WIRE_TIME_WAIT)
		text_addf(text, " %s TIME_WAIT %d s at %s", dot, TIME_WAIT_MS / 1000, name);
}

/* What each end waited in, and what the kernel still keeps of it. */
static void add_waits(struct text *text, const struct conn *conn, const char *dot)
{
	for (int side = 0; side < 2; side++)
		if (conn->ends[side])
			add_waits_of(text, conn->ends[side], side_name(conn, (enum side)side), dot);
}

/* --- how much ------------------------------------------------------------------------------------ */

static void add_way(struct text *text, const struct conn *conn, const struct verdict *verdict,
		    enum side from, const char *dot)
{
	const struct verdict_way *way = &verdict->ways[from];

	if (!way->known)
		return;
	text_addf(text, " %s %" PRIu64 " B in %" PRIu32 " %s from %s", dot, way->bytes,
		  way->segments, way->segments == 1 ? "segment" : "segments",
		  side_name(conn, from));
	if (way->retrans)
		text_addf(text, ", %" PRIu32 " sent again", way->retrans);
}

static void add_numbers(struct text *text, const struct conn *conn, const struct verdict *verdict,
			const char *dot)
{
	add_way(text, conn, verdict, SIDE_CLIENT, dot);
	add_way(text, conn, verdict, SIDE_SERVER, dot);
	if (verdict->srtt_us) {
		text_addf(text, " %s rtt ", dot);
		style_duration(text, (uint64_t)verdict->srtt_us * 1000);
	}
	text_addf(text, " %s lasted ", dot);
	style_duration(text, verdict->lifetime_ns);
}

/* --- the line ------------------------------------------------------------------------------------ */

static bool is_uncertain(const struct conn *conn)
{
	for (int side = 0; side < 2; side++)
		if (conn->ends[side] && conn->ends[side]->uncertain)
			return true;
	return conn->uncertain;
}

void words_verdict(const struct style *style, struct text *text, const struct conn *conn,
		   uint64_t now_ns)
{
	struct verdict verdict = verdict_of(conn, now_ns);
	const char *dot = style_glyphs(style)->dot;
	bool over = conn_is_over(conn);

	if (style->wide)
		text_addf(text, "[%s] ", verdict_code(verdict.how));
	if (verdict.first != FIRST_NOBODY && verdict.how != HOW_REFUSED) {
		add_first(text, conn, &verdict);
		text_addf(text, " %s ", dot);
	}
	if (!over && conn->evicted)
		text_addf(text, "no longer watched: the table is full %s ", dot);
	add_how(text, conn, &verdict);
	if (over)
		add_waits(text, conn, dot);
	else
		add_states(text, conn, now_ns, dot);
	add_numbers(text, conn, &verdict, dot);
	if (conn->likely)
		text_addf(text, " %s ends paired by address alone", dot);
	if (is_uncertain(conn))
		text_addf(text, " %s uncertain: records were lost or missed", dot);
}
