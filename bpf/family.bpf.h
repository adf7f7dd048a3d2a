/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * family: the processes of `-- COMMAND` and its descendants.
 */
#ifndef FAMILY_BPF_H
#define FAMILY_BPF_H

/* Thread group ids. The first is inserted by the user side before the command runs, the others by the
 * fork of a member; deleted when the process ends. Full: a descendant is not followed. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u8);
} family SEC(".maps");

static __always_inline bool family_has(__u32 pid)
{
	return bpf_map_lookup_elem(&family, &pid);
}

/* A new process of a member, not just a thread? Then it is a member from now on. */
static __always_inline bool family_grows(__u32 parent, __u32 child)
{
	__u8 one = 1;

	if (parent == child || !family_has(parent))
		return false;
	bpf_map_update_elem(&family, &child, &one, BPF_ANY);
	return true;
}

/* The last thread of a member has gone: no member any more, as its number may be given away. */
static __always_inline bool family_leaves(__u32 pid)
{
	return bpf_map_delete_elem(&family, &pid) == 0;
}

#endif
