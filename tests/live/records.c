// SPDX-License-Identifier: GPL-2.0-only
/*
 * records FILE: the records of a recording that tell of sockets, one a line, in the order in which they came:
 *
 *	TYPE at=NS key=value ...
 *
 * TYPE is that of enum wire_type, without WIRE_. All values are numbers but for states, addresses, calls, reasons,
 * flags, names and the letters of a segment's flags, so a line can be cut at its blanks; a name's blanks are
 * printed as underscores.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/recording.h"
#include "wire.h"

/* What is printed, and by which function. */
#define TYPES(X)                                                                                   \
	X(STATE, state)                                                                            \
	X(FOUND, found)                                                                            \
	X(MINI, mini)                                                                              \
	X(HOLDER, holder)                                                                          \
	X(OWNER, owner)                                                                            \
	X(COUNTED, counted)                                                                        \
	X(RESET, reset)                                                                            \
	X(RESENT, resent)                                                                          \
	X(OVERFLOW, overflow)                                                                      \
	X(LIMITS, limits)                                                                          \
	X(HOOKS, hooks)

static const char *const states[WIRE_STATE_COUNT] = {"NO_STATE",
#define STATE(number, name) [number] = #name,
						     WIRE_STATES(STATE)
#undef STATE
};

static const char *state_name(unsigned int state)
{
	return state < WIRE_STATE_COUNT ? states[state] : "?";
}

/* The NAMES of the bits that are set, with commas between. */
static void print_bits(const char *key, unsigned int bits, const char *const *names,
		       unsigned int count)
{
	const char *comma = "";

	printf(" %s=", key);
	for (unsigned int i = 0; i < count; i++) {
		if (!(bits >> i & 1))
			continue;
		printf("%s%s", comma, names[i]);
		comma = ",";
	}
}

static void print_flags(unsigned int flags)
{
	static const char *const names[] = {
		"ORPHAN",    "PEER_FIN", "ACTOR",    "EXITING",	  "SIGNALED",	  "KTHREAD",
		"RELEASED",  "KERNEL",	 "LINGER_0", "KEEPALIVE", "USER_TIMEOUT", "REUSEADDR",
		"REUSEPORT", "V6ONLY",	 "COMPAT",   "IO_WORKER",
	};

	print_bits("flags", flags, names, sizeof(names) / sizeof(names[0]));
}

static const char *call_name(unsigned int call)
{
	static const char *const names[WIRE_CALLS] = {
		"NONE",	    "OTHER", "CONNECT",	    "SEND", "BIND", "LISTEN",	"ACCEPT",
		"SHUTDOWN", "CLOSE", "CLOSE_RANGE", "DUP",  "EXEC", "IO_URING",
	};

	return call < WIRE_CALLS ? names[call] : "?";
}

static void print_address(const char *key, const __u8 *addr, unsigned int port)
{
	static const __u8 mapped[12] = {[10] = 0xff, [11] = 0xff};
	char text[INET6_ADDRSTRLEN];

	if (memcmp(addr, mapped, sizeof(mapped)) == 0)
		inet_ntop(AF_INET, addr + 12, text, sizeof(text));
	else
		inet_ntop(AF_INET6, addr, text, sizeof(text));
	printf(" %s=%s:%u", key, text, port);
}

static void print_comm(const char *comm)
{
	printf(" comm=");
	for (int i = 0; i < WIRE_COMM_LEN && comm[i]; i++)
		putchar(isgraph((unsigned char)comm[i]) ? comm[i] : '_');
}

static void print_found(const struct wire_state *state)
{
	printf(" sk=%llx cookie=%llu from=%s to=%s", state->sk, state->cookie,
	       state_name(state->from), state_name(state->to));
	print_address("local", state->local_addr, state->local_port);
	print_address("remote", state->remote_addr, state->remote_port);
	printf(" netns=%u family=%u una=%u nxt=%u err=%u", state->netns, state->family,
	       state->snd_una, state->rcv_nxt, state->err);
	print_flags(state->flags);
	printf(" shutdown=%u fin_ms=%u unread=%u retransmits=%u probes=%u uid=%u", state->shutdown,
	       state->fin_time_ms, state->unread, state->retransmits, state->probes, state->uid);
	printf(" signal=%u call=%s", state->signal, call_name(state->call));
}

/* AT: where he stands, unless the record ends there. */
static void print_actor(const struct wire_state *state, const void *at)
{
	const struct wire_actor *actor = at;

	if ((const char *)state + state->hdr.size == at)
		return;
	printf(" cgroup=%llu pid=%u", actor->cgroup, actor->pid);
	print_comm(actor->comm);
}

static void print_state(const struct wire_state *state)
{
	print_found(state);
	print_actor(state, state + 1);
}

static void print_segment(unsigned int flags)
{
	static const char letters[] = "FSRPAUEC";

	printf(" segment=");
	for (unsigned int i = 0; i < 8; i++)
		if (flags >> i & 1)
			putchar(letters[i]);
}

static void print_mini(const struct wire_mini *mini)
{
	static const char *const whats[WIRE_MINI_WHATS] = {
		[WIRE_MINI_FOUND] = "FOUND",	 [WIRE_MINI_BORN] = "BORN",
		[WIRE_MINI_REFUSED] = "REFUSED", [WIRE_MINI_SEGMENT] = "SEGMENT",
		[WIRE_MINI_RESENT] = "RESENT",	 [WIRE_MINI_ARMED] = "ARMED",
		[WIRE_MINI_EXPIRED] = "EXPIRED", [WIRE_MINI_STOPPED] = "STOPPED",
	};
	const char *what = mini->what < WIRE_MINI_WHATS ? whats[mini->what] : NULL;

	printf(" mini=%llx cookie=%llu what=%s state=%s", mini->mini, mini->cookie,
	       what ? what : "?", state_name(mini->state));
	print_address("local", mini->local_addr, mini->local_port);
	print_address("remote", mini->remote_addr, mini->remote_port);
	print_segment(mini->segment);
	printf(" netns=%u family=%u left_ms=%u resent=%u", mini->netns, mini->family, mini->left_ms,
	       mini->resent);
	print_flags(mini->flags);
	printf(" pid=%u", mini->pid);
	print_comm(mini->comm);
}

static void print_holder(const struct wire_holder *holder)
{
	printf(" sk=%llx cgroup=%llu pid=%u fd=%u", holder->sk, holder->cgroup, holder->pid,
	       holder->fd);
	print_comm(holder->comm);
}

static void print_hooks(const struct wire_hooks *hooks)
{
	printf(" hooks=%u", hooks->hooks);
}

static void print_owner(const struct wire_owner *owner)
{
	static const char *const hows[WIRE_OWNER_HOWS] = {"?", "ACCEPT", "READ"};

	printf(" sk=%llx cookie=%llu how=%s", owner->sk, owner->cookie,
	       hows[owner->how < WIRE_OWNER_HOWS ? owner->how : 0]);
	print_flags(owner->flags);
	printf(" uid=%u cgroup=%llu pid=%u", owner->uid, owner->cgroup, owner->pid);
	print_comm(owner->comm);
}

static void print_counted(const struct wire_state *state)
{
	const struct wire_counts *counted = (const void *)(state + 1);

	print_found(state);
	print_actor(state, counted + 1);
	printf(" sent=%llu received=%llu segs_out=%u segs_in=%u retrans=%u srtt_us=%u unsent=%u "
	       "unacked=%u snd_wnd=%u retries=%u",
	       counted->bytes_sent, counted->bytes_received, counted->segs_out, counted->segs_in,
	       counted->retrans, counted->srtt_us, counted->unsent, counted->unacked,
	       counted->snd_wnd, counted->retries);
}

static void print_reset(const struct wire_reset *reset)
{
	static const char *const reasons[WIRE_RESET_REASONS] = {
		"NONE",	 "OTHER",     "NO_SOCKET",  "UNREAD", "LINGER",	 "MEMORY",
		"STATE", "KEEPALIVE", "DISCONNECT", "DATA",   "INVALID",
	};

	printf(" sk=%llx cookie=%llu", reset->sk, reset->cookie);
	print_address("local", reset->local_addr, reset->local_port);
	print_address("remote", reset->remote_addr, reset->remote_port);
	printf(" netns=%u reason=%s state=%s answers=%u", reset->netns,
	       reset->reason < WIRE_RESET_REASONS ? reasons[reset->reason] : "?",
	       state_name(reset->state), reset->answers);
}

static void print_resent(const struct wire_resent *resent)
{
	printf(" sk=%llx cookie=%llu state=%s", resent->sk, resent->cookie,
	       state_name(resent->state));
	print_segment(resent->segment);
	printf(" times=%u retries=%u snd_wnd=%u", resent->times, resent->retries, resent->snd_wnd);
}

static void print_overflow(const struct wire_overflow *overflow)
{
	printf(" sk=%llx cookie=%llu", overflow->sk, overflow->cookie);
	print_address("local", overflow->local_addr, overflow->local_port);
	printf(" netns=%u times=%u waiting=%u room=%u", overflow->netns, overflow->times,
	       overflow->waiting, overflow->room);
}

static void print_limits(const struct wire_limits *limits)
{
	printf(" netns=%u ports=%u-%u fin_ms=%u buckets=%u tw_reuse=%u syn_retries=%u retries2=%u "
	       "orphan_retries=%u",
	       limits->netns, limits->port_first, limits->port_last, limits->fin_timeout_ms,
	       limits->max_tw_buckets, limits->tw_reuse, limits->syn_retries, limits->retries2,
	       limits->orphan_retries);
}

static void print_body(const void *record)
{
	switch (((const struct wire_hdr *)record)->type) {
#define PRINT(TYPE, type)                                                                          \
	case WIRE_##TYPE:                                                                          \
		print_##type(record);                                                              \
		break;
		TYPES(PRINT)
#undef PRINT
	}
}

static void print_record(const void *record)
{
	static const char *const types[] = {
#define NAME(TYPE, type) [WIRE_##TYPE] = #TYPE,
		TYPES(NAME)
#undef NAME
	};
	const struct wire_hdr *hdr = record;

	if (hdr->type >= sizeof(types) / sizeof(types[0]) || !types[hdr->type])
		return;
	printf("%s at=%llu program=%u", types[hdr->type], hdr->ktime_ns, hdr->program);
	print_body(record);
	putchar('\n');
}

/* What is being written has no end yet. */
int main(int argc, char **argv)
{
	struct recording *recording;
	const void *record;
	size_t size;

	if (argc != 2) {
		fputs("records FILE\n", stderr);
		return 2;
	}
	if (recording_open(argv[1], &recording))
		return EXIT_FAILURE;
	while (recording_next(recording, &record, &size) > 0)
		print_record(record);
	recording_close(recording);
	return EXIT_SUCCESS;
}
