// SPDX-License-Identifier: GPL-2.0-only
#include "render/bind_words.h"

#include <inttypes.h>
#include <string.h>

#include "render/words.h"

#define LINE_SIZE 512

struct says {
	say_line_fn *say;
	void *ctx;
	struct text line;
	char buffer[LINE_SIZE];
};

static void begin(struct says *says, say_line_fn *say, void *ctx)
{
	says->say = say;
	says->ctx = ctx;
	text_init(&says->line, says->buffer, sizeof(says->buffer));
}

static void end_line(struct says *says)
{
	says->say(says->ctx, says->line.at);
	text_reset(&says->line);
}

static uint32_t seconds_until(uint64_t until_ns, uint64_t now_ns)
{
	return until_ns > now_ns ? (uint32_t)((until_ns - now_ns + 999999999) / 1000000000) : 0;
}

/* ---- a socket that has the port ----------------------------------------------------------------- */

static void add_owner(struct text *text, const struct port_user *user)
{
	bool gone = user->until_ns || user->gave_up;

	if (user->owner.source == OWNER_UNKNOWN) {
		text_add(text, gone ? ", whose it was is not known" : ", whose it is is not known");
		return;
	}
	text_add(text, gone ? ", was " : ", ");
	words_owner(text, &user->owner);
	text_add(text, "'s");
	if (user->gave_up && user->gave_up_by == CAUSE_SIGNAL) {
		text_add(text, " (killed by ");
		words_signal(text, user->signal);
		text_add(text, ")");
	}
	if (user->gave_up && user->gave_up_by == CAUSE_EXIT)
		text_add(text, " (which has ended)");
}

static void add_options(struct text *text, const struct claim *claim)
{
	if (claim->reuse_addr && claim->reuse_port)
		text_add(text, ", with SO_REUSEADDR and SO_REUSEPORT");
	else if (claim->reuse_port)
		text_add(text, ", with SO_REUSEPORT, without SO_REUSEADDR");
	else
		text_add(text,
			 claim->reuse_addr ? ", with SO_REUSEADDR" : ", without SO_REUSEADDR");
}

static void add_lasting(struct text *text, const struct port_user *user)
{
	switch (user->state) {
	case WIRE_FIN_WAIT1:
	case WIRE_CLOSING:
	case WIRE_LAST_ACK:
		text_add(text, "lasts until its peer acknowledges, or the kernel gives up");
		return;
	case WIRE_FIN_WAIT2:
		text_add(text, "lasts until its peer closes, then TIME_WAIT 60 s");
		return;
	case WIRE_SYN_SENT:
	case WIRE_SYN_RECV:
		text_add(text, "lasts until it is connected and closed, or given up");
		return;
	default:
		text_add(text, "lasts until it is closed");
	}
}

static void add_time(struct text *text, const struct port_user *user, uint64_t now_ns)
{
	uint32_t left = seconds_until(user->until_ns, now_ns);

	text_add(text, "; ");
	if (!user->until_ns)
		add_lasting(text, user);
	else if (user->state == WIRE_FIN_WAIT2)
		text_addf(text,
			  "ends in up to %" PRIu32 " s, or goes to TIME_WAIT for 60 s when its "
			  "peer closes",
			  left);
	else
		text_addf(text, "ends in %" PRIu32 " s", left);
}

static void add_user(struct text *text, const struct port_user *user, uint64_t now_ns)
{
	struct addr_port local = {user->claim.local, 0};
	char at[ADDR_PORT_TEXT_LEN];

	addr_format(&local.addr, at);
	if (user->state == WIRE_CLOSE)
		text_addf(text, "bound only, to %s", at);
	else
		text_addf(text, "%s at %s", state_name(user->state), at);
	if (user->remote.port) {
		addr_port_format(&user->remote, at);
		text_addf(text, " with %s", at);
	}
	add_owner(text, user);
	add_options(text, &user->claim);
	add_time(text, user, now_ns);
}

static void say_users(struct says *says, const struct in_use *in_use)
{
	bool asked = !in_use->wants.err;
	uint32_t said = 0, all = asked ? in_use->count : in_use->blockers[0];

	for (uint32_t i = 0; i < in_use->listed; i++) {
		const struct port_user *user = &in_use->users[i];

		if (!user->blocks && !asked)
			continue;
		text_add(&says->line, user->blocks ? "  in the way: " : "  beside it: ");
		add_user(&says->line, user, in_use->ktime_ns);
		end_line(says);
		said++;
	}
	if (all > said) {
		text_addf(&says->line, "  and %" PRIu32 " more", all - said);
		end_line(says);
	}
}

/* ---- what would help ---------------------------------------------------------------------------- */

/* What people try first, and why it does not do. */
static void say_reuse_addr(struct says *says, const struct in_use *in_use)
{
	bool set = in_use->wants.reuse_addr;

	if (!set && !in_use->blockers[INUSE_REUSE_ADDR])
		return;
	if (in_use->listeners)
		text_add(&says->line, "  SO_REUSEADDR does not help beside a socket in LISTEN");
	else if (in_use->no_reuse_addr)
		text_addf(&says->line,
			  "  SO_REUSEADDR on the new socket%s does not help: the old one lacks it",
			  set ? ", which is set," : " alone");
	else
		return;
	end_line(says);
}

static void add_remedy(struct text *text, bool *any)
{
	text_add(text, *any ? "; or " : "  what would help: ");
	*any = true;
}

/* No process holds what is in the way: it is closed, but for what the peer has yet to say. */
static bool is_all_given_up(const struct in_use *in_use)
{
	for (uint32_t i = 0; i < in_use->listed; i++)
		if (in_use->users[i].blocks && !in_use->users[i].until_ns &&
		    !in_use->users[i].gave_up)
			return false;
	return in_use->listed == in_use->count;
}

/* Those that must be stopped, by name, each once. The caller need not be, where it has the port itself. */
static void add_stops(struct text *text, const struct in_use *in_use)
{
	uint32_t last = 0, named = 0;
	bool own = false;

	for (uint32_t i = 0; i < in_use->listed; i++) {
		const struct port_user *user = &in_use->users[i];

		if (!user->blocks || user->until_ns || user->gave_up ||
		    user->owner.source == OWNER_UNKNOWN || user->owner.pid == last)
			continue;
		last = user->owner.pid;
		if (last == in_use->wants.actor.pid) {
			own = true;
			continue;
		}
		text_add(text, named++ ? ", " : "stop ");
		words_owner(text, &user->owner);
	}
	if (own)
		text_addf(text, "%sclose the caller's own other socket first", named ? ", " : "");
	else if (!named && is_all_given_up(in_use))
		text_add(text, "wait until the peer has acknowledged, or end it by ss -K");
	else if (!named)
		text_add(text, "have whoever holds what is in the way close it (ss -K ends it)");
}

static void add_wait(struct text *text, const struct in_use *in_use)
{
	text_addf(text, "wait %s%" PRIu32 " s", in_use->fin_wait2 ? "up to " : "",
		  seconds_until(in_use->until_ns, in_use->ktime_ns) + (in_use->fin_wait2 ? 60 : 0));
}

static const char *const option_names[INUSE_OPTIONS] = {
	[INUSE_REUSE_ADDR] = "SO_REUSEADDR",
	[INUSE_REUSE_PORT] = "SO_REUSEPORT",
	[INUSE_REUSE_ADDR | INUSE_REUSE_PORT] = "SO_REUSEADDR and SO_REUSEPORT",
};

/* Would these options do, and no part of them? */
static bool is_least_help(const struct in_use *in_use, unsigned int options)
{
	for (unsigned int part = 0; part < options; part++)
		if ((part & options) == part && !in_use->blockers[part])
			return false;
	return !in_use->blockers[options];
}

/* Of a connection that ends now, a minisock without SO_REUSEADDR may be left. */
static bool leaves_time_wait(const struct in_use *in_use)
{
	for (uint32_t i = 0; i < in_use->listed; i++) {
		const struct port_user *user = &in_use->users[i];

		if (user->blocks && !user->until_ns && user->remote.port && !user->claim.reuse_addr)
			return true;
	}
	return false;
}

static void say_remedies(struct says *says, const struct in_use *in_use)
{
	struct text *text = &says->line;
	bool any = false;

	for (unsigned int options = 1; options < INUSE_OPTIONS; options++)
		if (is_least_help(in_use, options)) {
			add_remedy(text, &any);
			text_addf(text, "%s on the new socket", option_names[options]);
		}
	add_remedy(text, &any);
	if (in_use->lasting)
		add_stops(text, in_use);
	else
		add_wait(text, in_use);
	if (leaves_time_wait(in_use))
		text_add(text,
			 ", and then wait: its connections may leave FIN_WAIT2 and TIME_WAIT, "
			 "60 s each");
	end_line(says);
	if (in_use->no_reuse_addr > in_use->listeners) {
		text_add(text, "  from the next start on: SO_REUSEADDR before bind(), on old and "
			       "new alike");
		end_line(says);
	}
}

/* ---- a bind() ----------------------------------------------------------------------------------- */

/* Of others we do not know whether this host has them. */
static bool is_of_each_host(const struct addr *addr)
{
	static const struct addr loopback_v6 = {.bytes = {[15] = 1}};

	return addr_is_any(addr) || addr_equal(addr, &loopback_v6) ||
	       (addr_is_v4(addr) && addr->bytes[12] == 127);
}

/* The kernel remembers of a port that its sockets had SO_REUSEPORT, and may then leave out the rules. */
static void add_forecast(struct text *text, const struct in_use *in_use)
{
	if (in_use->blockers[0])
		text_addf(text, " would fail%s: EADDRINUSE",
			  in_use->wants.reuse_port ? " by the rules" : "");
	else
		text_addf(text, " would succeed%s: %s",
			  is_of_each_host(&in_use->wants.local.addr)
				  ? ""
				  : " if this host has the address",
			  in_use->count ? "nothing is in the way" : "nobody has the port");
}

static void say_call(struct says *says, const struct in_use *in_use)
{
	const struct bind_event *wants = &in_use->wants;
	struct owner caller = {.pid = wants->actor.pid, .source = OWNER_CLOSE};
	char at[ADDR_PORT_TEXT_LEN];

	memcpy(caller.comm, wants->actor.comm, sizeof(caller.comm));
	addr_port_format(&wants->local, at);
	if (caller.pid) {
		words_owner(&says->line, &caller);
		text_add(&says->line, ": ");
	}
	text_addf(&says->line, "%s(%s)", wants->actor.call == WIRE_CALL_LISTEN ? "listen" : "bind",
		  at);
	if (wants->reuse_addr)
		text_add(&says->line, " with SO_REUSEADDR");
	if (wants->reuse_port)
		text_add(&says->line,
			 wants->reuse_addr ? " and SO_REUSEPORT" : " with SO_REUSEPORT");
	if (!wants->err)
		add_forecast(&says->line, in_use);
	else if (in_use->times > 1)
		text_addf(&says->line, " failed %" PRIu32 " times by now: EADDRINUSE",
			  in_use->times);
	else
		text_add(&says->line, " failed: EADDRINUSE");
	end_line(says);
}

static void say_nothing_known(struct says *says, const struct in_use *in_use)
{
	if (in_use->wants.local.port)
		text_add(&says->line,
			 in_use->looked
				 ? "  what was in the way is gone already, or was not seen"
				 : "  nothing that was seen is in the way; what is only bound "
				   "was not looked for");
	else
		text_add(&says->line, "  each port that the kernel chooses from is in use "
				      "(net.ipv4.ip_local_port_range)");
	end_line(says);
}

void bind_words(const struct in_use *in_use, say_line_fn *say, void *ctx)
{
	struct says says;

	begin(&says, say, ctx);
	say_call(&says, in_use);
	say_users(&says, in_use);
	if (in_use->blockers[0]) {
		say_reuse_addr(&says, in_use);
		say_remedies(&says, in_use);
	} else if (in_use->wants.err) {
		say_nothing_known(&says, in_use);
	}
}

/* ---- a connect() -------------------------------------------------------------------------------- */

static void say_range(struct says *says, const struct used_up *used_up)
{
	const struct limits *limits = &used_up->limits;

	if (limits->port_last)
		text_addf(&says->line,
			  "  of the %u local ports %u-%u, %" PRIu32 " are connected there",
			  limits->port_last - limits->port_first + 1U, limits->port_first,
			  limits->port_last, used_up->there);
	else
		text_addf(&says->line, "  %" PRIu32 " local ports are connected there",
			  used_up->there);
	for (unsigned int state = 0, any = 0; state < WIRE_STATE_COUNT; state++)
		if (used_up->in_state[state])
			text_addf(&says->line, "%s%" PRIu32 " %s", any++ ? ", " : ": ",
				  used_up->in_state[state], state_name(state));
	end_line(says);
}

static void say_free_again(struct says *says, const struct used_up *used_up)
{
	const struct limits *limits = &used_up->limits;

	if (!used_up->in_state[WIRE_TIME_WAIT])
		return;
	text_addf(&says->line, "  the first TIME_WAIT ends in %" PRIu32 " s",
		  seconds_until(used_up->first_ns, used_up->ktime_ns));
	if (limits->port_last && limits->tw_reuse != 1)
		text_addf(&says->line,
			  "; net.ipv4.tcp_tw_reuse=1 lets connect() take one after a second "
			  "(here it is %u%s)",
			  limits->tw_reuse, limits->tw_reuse == 2 ? ": on loopback alone" : "");
	end_line(says);
}

/* It is bound, and just this connection is there. */
static void say_same(struct says *says, const struct used_up *used_up)
{
	uint8_t state = WIRE_NO_STATE;

	while (state < WIRE_STATE_COUNT - 1 && !used_up->in_state[state])
		state++;
	text_addf(&says->line, "  port %u has that connection already, in %s", used_up->local_port,
		  state_name(state));
	if (used_up->first_ns)
		text_addf(&says->line, " for %" PRIu32 " s",
			  seconds_until(used_up->first_ns, used_up->ktime_ns));
	end_line(says);
	text_add(&says->line, "  what would help: no bind() before connect(), which then chooses "
			      "another port");
	end_line(says);
}

static void say_none_left(struct says *says, const struct used_up *used_up)
{
	const struct limits *limits = &used_up->limits;

	say_range(says, used_up);
	if (limits->port_last && used_up->there < limits->port_last - limits->port_first + 1U) {
		text_add(&says->line, "  the others are bound or reserved "
				      "(net.ipv4.ip_local_reserved_ports), or were not seen");
		end_line(says);
	}
	say_free_again(says, used_up);
	text_add(&says->line,
		 "  what would help: more ports (net.ipv4.ip_local_port_range), another "
		 "address at either end, fewer connections that close first");
	end_line(says);
}

void bind_words_used_up(const struct used_up *used_up, say_line_fn *say, void *ctx)
{
	char at[ADDR_PORT_TEXT_LEN];
	struct says says;

	begin(&says, say, ctx);
	addr_port_format(&used_up->remote, at);
	words_owner(&says.line, &used_up->owner);
	text_addf(&says.line, ": connect(%s) failed: EADDRNOTAVAIL%s", at,
		  used_up->local_port ? "" : ": no local port is left");
	end_line(&says);
	if (used_up->local_port)
		say_same(&says, used_up);
	else
		say_none_left(&says, used_up);
}

void bind_words_change(const struct change *change, say_line_fn *say, void *ctx)
{
	if (change->kind == CHANGE_BIND)
		bind_words(change->in_use, say, ctx);
	else
		bind_words_used_up(change->used_up, say, ctx);
}
