/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * witness: what the first program has handled on this CPU, for the second one to compare.
 *
 * A softirq between the two may overwrite the slot, and a preemptible kernel may mix two tasks in it:
 * each costs a duplicate, which the user side recognises, never a loss.
 */
#ifndef WITNESS_BPF_H
#define WITNESS_BPF_H

struct witness {
	__u64 sk;
	int from;
	int to;
};

/* One slot per CPU. Written by trace_state; cleared by witness_state when it matches, so that a stale
 * one cannot match the next socket at the same address. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct witness);
} witnessed SEC(".maps");

static __always_inline void witness_leave(const struct sock *sk, int from, int to)
{
	__u32 zero = 0;
	struct witness *slot = bpf_map_lookup_elem(&witnessed, &zero);

	if (slot)
		*slot = (struct witness){(__u64)sk, from, to};
}

static __always_inline bool witness_finds(const struct sock *sk, int from, int to)
{
	__u32 zero = 0;
	struct witness *slot = bpf_map_lookup_elem(&witnessed, &zero);

	if (!slot || slot->sk != (__u64)sk || slot->from != from || slot->to != to)
		return false;
	slot->sk = 0;
	return true;
}

#endif
