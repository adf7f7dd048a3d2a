/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * trouble: RSTs that go out, a SYN or FIN that is sent again, and listeners that have no room.
 */
#ifndef TROUBLE_BPF_H
#define TROUBLE_BPF_H

/* ---- RSTs ----------------------------------------------------------------------------------------- */

/* Does the kernel know this reason, and is it the one? */
#define REASON_IS(reason, name)                                                                    \
	(bpf_core_enum_value_exists(enum sk_rst_reason, SK_RST_REASON_##name) &&                   \
	 (reason) == bpf_core_enum_value(enum sk_rst_reason, SK_RST_REASON_##name))

/* enum sk_rst_reason, include/net/rstreason.h, whose numbers move. */
static __always_inline enum wire_reset_reason reason_of(__u32 reason)
{
	if (REASON_IS(reason, NOT_SPECIFIED))
		return WIRE_RESET_NONE;
	if (REASON_IS(reason, NO_SOCKET))
		return WIRE_RESET_NO_SOCKET;
	if (REASON_IS(reason, TCP_ABORT_ON_CLOSE))
		return WIRE_RESET_UNREAD;
	if (REASON_IS(reason, TCP_ABORT_ON_LINGER))
		return WIRE_RESET_LINGER;
	if (REASON_IS(reason, TCP_ABORT_ON_MEMORY))
		return WIRE_RESET_MEMORY;
	if (REASON_IS(reason, TCP_STATE))
		return WIRE_RESET_STATE;
	if (REASON_IS(reason, TCP_KEEPALIVE_TIMEOUT))
		return WIRE_RESET_KEEPALIVE;
	if (REASON_IS(reason, TCP_DISCONNECT_WITH_DATA))
		return WIRE_RESET_DISCONNECT;
	if (REASON_IS(reason, TCP_ABORT_ON_DATA) || REASON_IS(reason, TCP_TIMEWAIT_SOCKET))
		return WIRE_RESET_DATA;
	if (REASON_IS(reason, TCP_INVALID_ACK_SEQUENCE) || REASON_IS(reason, TCP_RFC7323_PAWS) ||
	    REASON_IS(reason, TCP_TOO_OLD_ACK) || REASON_IS(reason, TCP_ACK_UNSENT_DATA) ||
	    REASON_IS(reason, TCP_FLAGS) || REASON_IS(reason, TCP_OLD_ACK) ||
	    REASON_IS(reason, INVALID_SYN))
		return WIRE_RESET_INVALID;
	return WIRE_RESET_OTHER;
}

/* The ends of a socket in any state; of a full one the port is longest in inet_sport. */
static __always_inline void read_ends(struct wire_mini *ends, const struct sock *sk, __u8 state)
{
	struct common_copy copy;

	read_mini(ends, copy_common(&copy, &sk->__sk_common));
	if (state != WIRE_TIME_WAIT && state != WIRE_NEW_SYN_RECV)
		ends->local_port =
			bpf_ntohs(BPF_CORE_READ((const struct inet_sock *)sk, inet_sport));
}

static __always_inline void emit_reset(const struct wire_mini *ends, const struct sock *sk,
				       __u8 state, enum wire_reset_reason reason, bool answers)
{
	struct wire_reset *record = emit_reserve(WIRE_BY_RESET, WIRE_RESET, sizeof(*record));

	if (!record)
		return;
	record->sk = (__u64)sk;
	record->cookie = sk ? BPF_CORE_READ(sk, __sk_common.skc_cookie.counter) : 0;
	*(struct mini_ends *)record->local_addr = *(const struct mini_ends *)ends->local_addr;
	record->reason = reason;
	record->state = state;
	record->answers = answers;
	__builtin_memset(record->pad, 0, sizeof(record->pad));
	emit_submit(record);
}

/* SK, SKB: NULL where there is none. A listener knows no peer: the segment does. */
static __always_inline void reset_goes(const struct sock *sk, const struct sk_buff *skb,
				       enum wire_reset_reason reason)
{
	__u8 state = sk ? BPF_CORE_READ(sk, __sk_common.skc_state) : 0;
	struct wire_mini ends = {0};

	if (sk && state != WIRE_LISTEN)
		read_ends(&ends, sk, state);
	else if (!skb || !read_segment(&ends, skb))
		return;
	if (filter_admits_mini(&ends))
		emit_reset(&ends, sk, state, reason, skb);
}

/* Arguments that may be NULL, which some kernels (6.2 to 6.12) believe they are not, and leave out what is done where
 * they are: so they are looked at where they stand. */
static __always_inline bool is_given(const __u64 *argument)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), argument);
	return value;
}

/* ---- sent again ----------------------------------------------------------------------------------- */

/* The states in which nothing but a SYN or a FIN may be on its way. */
static __always_inline bool may_resend(__u8 state)
{
	return state == WIRE_SYN_SENT || state == WIRE_FIN_WAIT1 || state == WIRE_CLOSING ||
	       state == WIRE_LAST_ACK;
}

/* The low half of the flags that it is sent with. */
static __always_inline __u8 read_sent_flags(const struct sk_buff *skb)
{
	__u32 offset = bpf_core_field_offset(struct tcp_skb_cb___wide, tcp_flags);
	const __u8 *cb = (const __u8 *)&skb->cb;

	barrier_var(offset); /* else libbpf takes it for a member of this size */
	return cb[offset];
}

static __always_inline void segment_is_resent(const struct sock *sk, const struct sk_buff *skb)
{
	__u8 state = sk->__sk_common.skc_state, segment;
	struct wire_resent *record;
	const struct tcp_sock *tp;

	if (!may_resend(state))
		return;
	segment = read_sent_flags(skb);
	if (!(segment & (TCP_FIN | TCP_SYN)))
		return;
	tp = filter_admits(sk, state, state);
	record = tp ? emit_reserve(WIRE_BY_RESENT, WIRE_RESENT, sizeof(*record)) : NULL;
	if (!record)
		return;
	record->sk = (__u64)sk;
	record->cookie = read_cookie(sk, state, state);
	record->state = state;
	record->segment = segment;
	record->times = tp->inet_conn.icsk_retransmits;
	record->retries = state == WIRE_SYN_SENT
				  ? read_syn_retries(tp)
				  : read_retries(tp, sk->__sk_common.skc_flags & SOCK_DEAD);
	record->snd_wnd = tp->snd_wnd;
	emit_submit(record);
}

/* ---- no room -------------------------------------------------------------------------------------- */

/* Of one listener, records are so far apart. */
#define OVERFLOW_EVERY_NS 1000000000

struct overflowing {
	__u64 ktime_ns; /* of the last record */
	__u64 times; /* since */
};

/* Address of a listener -> its last overflow. Inserted and read at each; full: the least recently used goes, and is
 * told of sooner. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u64);
	__type(value, struct overflowing);
} overflowings SEC(".maps");

/* How often since the last record, this time included; 0: it is too early for one. */
static __always_inline __u64 overflow_is_due(const struct sock *sk)
{
	struct overflowing fresh = {.ktime_ns = bpf_ktime_get_ns()}, *seen;
	__u64 address = (__u64)sk, times;

	seen = bpf_map_lookup_elem(&overflowings, &address);
	if (!seen) {
		bpf_map_update_elem(&overflowings, &address, &fresh, BPF_ANY);
		return 1;
	}
	__sync_fetch_and_add(&seen->times, 1);
	if (fresh.ktime_ns - seen->ktime_ns < OVERFLOW_EVERY_NS)
		return 0;
	times = seen->times;
	*seen = fresh;
	return times;
}

static __always_inline void emit_overflow(const struct tcp_sock *tp, __u64 times)
{
	const struct sock *sk = sock_of(tp);
	struct wire_overflow *record =
		emit_reserve(WIRE_BY_OVERFLOW, WIRE_OVERFLOW, sizeof(*record));

	if (!record)
		return;
	record->sk = (__u64)sk;
	record->cookie = read_cookie(sk, WIRE_LISTEN, WIRE_LISTEN);
	read_local_addr(record->local_addr, sk);
	record->local_port = read_local_port(sk, tp, WIRE_LISTEN);
	record->times = times > 0xffff ? 0xffff : times;
	record->netns = read_netns(sk);
	record->waiting = sk->sk_ack_backlog;
	record->room = sk->sk_max_ack_backlog;
	emit_submit(record);
}

/* sk_acceptq_is_full(), include/net/sock.h: one more than listen() asked for has room. */
static __always_inline void listener_may_be_full(const struct sock *sk)
{
	const struct tcp_sock *tp;
	__u64 times;

	if (sk->sk_ack_backlog <= sk->sk_max_ack_backlog)
		return;
	tp = filter_admits(sk, WIRE_LISTEN, WIRE_LISTEN);
	if (!tp)
		return;
	times = overflow_is_due(sk);
	if (times)
		emit_overflow(tp, times);
}

#endif
