/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * mini: what becomes of timewait and request sockets, which no state tracepoint shows.
 *
 * There are two sets of hooks for it, tracepoints and fentry, of which the user side attaches one
 * (user/source/hooks.c). Both come down to the handlers at the end of this file. A handler takes a record
 * that says which minisock it is about, and what is read of it: read_timewait(), read_request().
 *
 * A minisock lives while its timer runs, and the timer says nearly all: a birth starts it, an end stops it
 * or lets it run out. What it cannot say is which segment came: that is read from the segment.
 */
#ifndef MINI_BPF_H
#define MINI_BPF_H

#define PROTO_UDP    17
#define TCP_FLAGS_AT 13 /* in its header; RFC 9293, 3.1 */
#define TCP_FIN	     0x01
#define TCP_SYN	     0x02
#define TCP_RST	     0x04

/* How long after its end a minisock may be named by the segment that ended it: both come from the same
 * call of tcp_v4_rcv(). */
#define MINI_JUST_NOW_NS 10000000

struct wire_functions functions;

/* What a segment names a minisock by; the same bytes as in struct wire_mini, from local_addr on. */
struct mini_ends {
	__u64 words[5];
};

_Static_assert(offsetof(struct wire_mini, left_ms) - offsetof(struct wire_mini, local_addr) ==
		       sizeof(struct mini_ends),
	       "the ends of a minisock are not together");

/* Which minisock has these ends. */
struct mini_known {
	__u64 mini;
	__u64 serial; /* see read_timewait() */
	__u8 is_request;
	__u8 pad[7];
};

/* With tracepoints only, for segments: the minisocks whose timers run. Inserted and deleted as these start
 * and stop; full: what a minisock takes is not seen. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct mini_ends);
	__type(value, struct mini_known);
} minis SEC(".maps");

/* The last one on this CPU whose timer stopped or ran out. The kernel starts a running timer anew by
 * stopping it first, both in one piece: so a timer that starts was this one, or is new. */
struct mini_stopped {
	struct wire_mini mini;
	__u64 serial; /* 0: none, or alive again */
	__u64 ktime_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mini_stopped);
} stopped SEC(".maps");

/* ---- reading -------------------------------------------------------------------------------------- */

static __always_inline __u32 jiffies_to_ms(__s64 jiffies)
{
	if (jiffies <= 0 || config.hz == 0)
		return 0;
	return (__u64)jiffies * 1000 / config.hz;
}

static __always_inline __u32 read_left_ms(const struct timer_list *timer)
{
	return jiffies_to_ms(BPF_CORE_READ(timer, expires) - bpf_jiffies64());
}

/* Room for a struct sock_common, as large as any kernel has it. */
struct common_copy {
	__u64 words[20];
};

/* By one read, where one for each member would cost more than all the rest. The members of what it returns are read
 * like any variable, where this kernel has them; behind a pointer it is probing again. */
static __always_inline const struct sock_common *copy_common(struct common_copy *copy,
							     const struct sock_common *common)
{
	bpf_probe_read_kernel(copy, bpf_core_type_size(struct sock_common), common);
	return (const void *)copy;
}

/* What a timewait and a request socket have in common, of a copy. */
static __always_inline void read_mini(struct wire_mini *mini, const struct sock_common *common)
{
	mini->family = common->skc_family;
	if (mini->family == AF_INET) {
		read_v4(mini->local_addr, common->skc_rcv_saddr);
		read_v4(mini->remote_addr, common->skc_daddr);
	} else {
		read_v6(mini->local_addr, &common->skc_v6_rcv_saddr);
		read_v6(mini->remote_addr, &common->skc_v6_daddr);
	}
	mini->local_port = common->skc_num;
	mini->remote_port = bpf_ntohs(common->skc_dport);
	mini->netns = BPF_CORE_READ(common->skc_net.net, ns.inum);
}

/* Fills in MINI but for its header and what happened. Returns its serial: a number that the next one at this
 * address is not likely to have; or 0 if it is none that was asked for. */
static __always_inline __u64 read_timewait(struct wire_mini *mini,
					   const struct inet_timewait_sock *tw)
{
	struct common_copy copy;
	const struct sock_common *common = copy_common(&copy, &tw->__tw_common);

	*mini = (struct wire_mini){.mini = (__u64)tw};
	read_mini(mini, common);
	if (!filter_admits_mini(mini))
		return 0;
	mini->cookie = common->skc_cookie.counter;
	mini->flags = read_port_options(common);
	mini->state = BPF_CORE_READ(tw, tw_substate);
	mini->left_ms = read_left_ms(&tw->tw_timer);
	return 1ULL << 32 | common->skc_tw_snd_nxt;
}

static __always_inline __u64 read_request(struct wire_mini *mini,
					  const struct request_sock *request)
{
	const struct tcp_request_sock *tcp = (const void *)request;
	struct common_copy copy;

	*mini = (struct wire_mini){.mini = (__u64)request, .state = WIRE_NEW_SYN_RECV};
	read_mini(mini, copy_common(&copy, &request->__req_common));
	if (!filter_admits_mini(mini))
		return 0;
	mini->resent = BPF_CORE_READ(request, num_retrans);
	mini->left_ms = read_left_ms(&request->rsk_timer);
	mini->snd_una = BPF_CORE_READ(tcp, snt_isn) + 1;
	mini->rcv_nxt = BPF_CORE_READ(tcp, rcv_isn) + 1;
	return 1ULL << 32 | mini->snd_una;
}

/* A segment: whom it is for, as the ends of MINI, and its flags. From its headers, as they came. */
static __always_inline bool read_segment(struct wire_mini *mini, const struct sk_buff *skb)
{
	__u8 ip[40], tcp[TCP_FLAGS_AT + 1];
	const struct in6_addr *v6 = (void *)ip + 8; /* RFC 8200, 3: source, destination */
	const __be32 *v4 = (void *)ip + 12; /* RFC 791, 3.1: the same */

	if (bpf_probe_read_kernel(ip, sizeof(ip), skb->head + skb->network_header) ||
	    bpf_probe_read_kernel(tcp, sizeof(tcp), skb->head + skb->transport_header))
		return false;
	switch (ip[0] >> 4) {
	case 4:
		if (ip[9] != PROTO_TCP)
			return false;
		read_v4(mini->remote_addr, v4[0]);
		read_v4(mini->local_addr, v4[1]);
		break;
	case 6:
		if (ip[6] == PROTO_UDP) /* TCP may stand behind other headers */
			return false;
		read_v6(mini->remote_addr, &v6[0]);
		read_v6(mini->local_addr, &v6[1]);
		break;
	default:
		return false;
	}
	mini->remote_port = bpf_ntohs(*(__be16 *)&tcp[0]);
	mini->local_port = bpf_ntohs(*(__be16 *)&tcp[2]);
	mini->netns = skb->dev->nd_net.net->ns.inum; /* no device: 0 */
	mini->segment = tcp[TCP_FLAGS_AT];
	return true;
}

/* ---- handlers ------------------------------------------------------------------------------------- */

static __always_inline struct mini_ends *ends_of(struct wire_mini *mini)
{
	return (struct mini_ends *)mini->local_addr;
}

static __always_inline bool same_ends(const struct mini_ends *a, const struct mini_ends *b)
{
	return a->words[0] == b->words[0] && a->words[1] == b->words[1] &&
	       a->words[2] == b->words[2] && a->words[3] == b->words[3] &&
	       a->words[4] == b->words[4];
}

static __always_inline struct mini_stopped *stopped_here(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&stopped, &zero);
}

static __always_inline bool has_stopped(const struct wire_mini *mini, __u64 serial)
{
	const struct mini_stopped *slot = stopped_here();

	return slot && slot->serial == serial && slot->mini.mini == mini->mini;
}

static __always_inline void note_stopped(const struct wire_mini *mini, __u64 serial)
{
	struct mini_stopped *slot = stopped_here();

	if (slot)
		*slot = (struct mini_stopped){*mini, serial, bpf_ktime_get_ns()};
}

static __always_inline void emit_mini(const struct wire_mini *mini, enum wire_mini_what what)
{
	struct wire_mini *record = emit_reserve(WIRE_BY_MINI, WIRE_MINI, sizeof(*record));
	struct wire_hdr hdr;

	if (!record)
		return;
	hdr = record->hdr;
	*record = *mini;
	record->hdr = hdr;
	record->what = what;
	emit_submit(record);
}

/* Its timer runs anew. */
static __always_inline void mini_goes_on(const struct wire_mini *mini)
{
	struct mini_stopped *slot = stopped_here();

	if (slot && slot->mini.mini == mini->mini)
		slot->serial = 0;
	emit_mini(mini, WIRE_MINI_ARMED);
}

static __always_inline void mini_stops(struct wire_mini *mini, __u64 serial)
{
	struct actor actor;

	note_stopped(mini, serial);
	read_actor(&actor, false);
	mini->flags |= actor.flags;
	mini->pid = actor.pid;
	__builtin_memcpy(mini->comm, actor.comm, sizeof(mini->comm));
	emit_mini(mini, WIRE_MINI_STOPPED);
}

static __always_inline void mini_expires(struct wire_mini *mini, __u64 serial)
{
	note_stopped(mini, serial);
	emit_mini(mini, WIRE_MINI_EXPIRED);
}

static __always_inline void mini_takes(struct wire_mini *mini, __u64 serial, __u8 segment)
{
	if (has_stopped(mini, serial))
		mini->left_ms = 0;
	mini->segment = segment;
	emit_mini(mini, WIRE_MINI_SEGMENT);
}

/* ---- by tracepoints ------------------------------------------------------------------------------- */

/* Whose timer it is. */
static __always_inline const struct inet_timewait_sock *timewait_of(const struct timer_list *timer)
{
	return (const void *)timer - bpf_core_field_offset(struct inet_timewait_sock, tw_timer);
}

static __always_inline const struct request_sock *request_of(const struct timer_list *timer)
{
	return (const void *)timer - bpf_core_field_offset(struct request_sock, rsk_timer);
}

static __always_inline __u64 read_owner(struct wire_mini *mini, const struct timer_list *timer)
{
	__u64 function = (__u64)timer->function;

	if (function == functions.tw_timer_handler)
		return read_timewait(mini, timewait_of(timer));
	if (function == functions.reqsk_timer_handler)
		return read_request(mini, request_of(timer));
	return 0;
}

static __always_inline void know_mini(struct wire_mini *mini, __u64 serial)
{
	struct mini_known known = {
		.mini = mini->mini,
		.serial = serial,
		.is_request = mini->state == WIRE_NEW_SYN_RECV,
	};

	bpf_map_update_elem(&minis, ends_of(mini), &known, BPF_ANY);
}

static __always_inline void forget_mini(struct wire_mini *mini)
{
	const struct mini_known *known = bpf_map_lookup_elem(&minis, ends_of(mini));

	if (known && known->mini == mini->mini)
		bpf_map_delete_elem(&minis, ends_of(mini));
}

static __always_inline __u64 read_known(struct wire_mini *mini, const struct mini_known *known)
{
	if (known->is_request)
		return read_request(mini, (const void *)known->mini);
	return read_timewait(mini, (const void *)known->mini);
}

static __always_inline bool is_in_rcv(__u64 location)
{
	return (location >= functions.rcv[0].begin && location < functions.rcv[0].end) ||
	       (location >= functions.rcv[1].begin && location < functions.rcv[1].end);
}

/* A segment that ended in tcp_v4_rcv() or tcp_v6_rcv(), as all do that a minisock takes. */
static __always_inline void segment_ends(const struct sk_buff *skb)
{
	struct wire_mini segment = {0}, mini;
	const struct mini_stopped *slot;
	const struct mini_known *known;
	__u64 serial;

	if (!read_segment(&segment, skb))
		return;
	known = bpf_map_lookup_elem(&minis, ends_of(&segment));
	if (known) {
		serial = read_known(&mini, known);
		if (serial && serial == known->serial &&
		    same_ends(ends_of(&mini), ends_of(&segment)))
			mini_takes(&mini, serial, segment.segment);
		return;
	}
	slot = stopped_here();
	if (!slot || !slot->serial || bpf_ktime_get_ns() - slot->ktime_ns > MINI_JUST_NOW_NS)
		return;
	mini = slot->mini;
	if (same_ends(ends_of(&mini), ends_of(&segment)))
		mini_takes(&mini, slot->serial, segment.segment);
}

/* ---- by fentry ------------------------------------------------------------------------------------ */

/* TIMEO: jiffies. The timer itself is not set yet. */
static __always_inline void timewait_is_born(const struct inet_timewait_sock *tw, int timeo)
{
	struct wire_mini mini;

	if (!read_timewait(&mini, tw))
		return;
	mini.left_ms = jiffies_to_ms(timeo);
	emit_mini(&mini, WIRE_MINI_BORN);
}

static __always_inline void timewait_is_refused(const struct sock *sk, int state)
{
	struct wire_mini mini = {.state = state};
	struct common_copy copy;

	read_mini(&mini, copy_common(&copy, &sk->__sk_common));
	mini.local_port = bpf_ntohs(BPF_CORE_READ((const struct inet_sock *)sk, inet_sport));
	if (!filter_admits_mini(&mini))
		return;
	mini.cookie = sk->__sk_common.skc_cookie.counter;
	emit_mini(&mini, WIRE_MINI_REFUSED);
}

/* Nobody holds one that was not let in, as it was there already. */
static __always_inline void request_is_born(const struct request_sock *request)
{
	struct wire_mini mini;

	if (BPF_CORE_READ(request, __req_common.skc_refcnt.refs.counter) &&
	    read_request(&mini, request))
		emit_mini(&mini, WIRE_MINI_BORN);
}

static __always_inline void request_is_armed(const struct request_sock *request)
{
	struct wire_mini mini;

	if (read_request(&mini, request))
		mini_goes_on(&mini);
}

/* The ACK that completes the handshake goes on to the socket. */
static __always_inline void request_is_told(const struct request_sock *request,
					    const struct sk_buff *skb)
{
	struct wire_mini mini, segment = {0};
	__u64 serial;

	if (!read_segment(&segment, skb) || !(segment.segment & (TCP_SYN | TCP_RST)))
		return;
	serial = read_request(&mini, request);
	if (serial)
		mini_takes(&mini, serial, segment.segment);
}

static __always_inline void request_ends(const struct request_sock *request)
{
	struct wire_mini mini;
	__u64 serial = read_request(&mini, request);

	if (serial && !has_stopped(&mini, serial))
		mini_stops(&mini, serial);
}

#endif
