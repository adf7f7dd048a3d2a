/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * descendants: the process of `-- COMMAND` and those that come from it.
 */
#ifndef DESCENDANTS_BPF_H
#define DESCENDANTS_BPF_H

/* Thread group ids. The first is inserted by the user side before the command runs, the others by the
 * fork of a member; deleted when the process ends. Full: a descendant is not followed. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u8);
} descendants SEC(".maps");

static __always_inline bool descendants_has(__u32 pid)
{
	return bpf_map_lookup_elem(&descendants, &pid);
}

/* A new process of a member, not just a thread? Then it is a member from now on. */
static __always_inline bool descendants_grow(__u32 parent, __u32 child)
{
	__u8 one = 1;

	if (parent == child || !descendants_has(parent))
		return false;
	bpf_map_update_elem(&descendants, &child, &one, BPF_ANY);
	return true;
}

/* The last thread of a member has gone: no member any more, as its number may be given away. */
static __always_inline bool descendants_lose(__u32 pid)
{
	return bpf_map_delete_elem(&descendants, &pid) == 0;
}

#endif
