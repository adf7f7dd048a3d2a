/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * emit: a numbered place in the ring buffer, and a wakeup only for a consumer that sleeps.
 */
#ifndef EMIT_BPF_H
#define EMIT_BPF_H

/* Records. Inserted by the programs, read by the one consumer; full: the attempt is counted in
 * wire_counters and the record is gone. The size is set before load. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 24);
} ring SEC(".maps");

/* struct wire_counters by CPU number. Written by the programs, read by the user side through mmap.
 * max_entries is set to the number of possible CPUs before load, so it is never full. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct wire_counters);
} counters SEC(".maps");

/* Set by the consumer when it has found the ring empty and is about to sleep, cleared by whoever
 * wakes it: one wakeup per batch, and none at all for a consumer that is awake. (The ring's default
 * notification costs more than all the rest of the program.) */
volatile __u32 consumer_asleep;

static __always_inline struct wire_counters *counters_here(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &cpu);
}

/*
 * A place for a record of SIZE bytes with its header filled in, or NULL. Every attempt takes a number,
 * also one that fails: a gap in the numbers is a loss, and cannot be hidden.
 *
 * The number is read before it is raised: where a softirq runs the same program in between (kernels
 * before 6.2) two records share a number and one number stays unused, so counts stay exact.
 */
static __always_inline void *emit_reserve(__u32 program, __u8 type, __u16 size)
{
	struct wire_counters *here = counters_here();
	struct wire_hdr *hdr;
	__u64 seq, ktime_ns;

	if (!here)
		return NULL;
	ktime_ns = bpf_ktime_get_ns();
	seq = *(volatile __u64 *)&here->attempts[program];
	__sync_fetch_and_add(&here->attempts[program], 1);
	hdr = bpf_ringbuf_reserve(&ring, size, 0);
	if (!hdr) {
		__sync_fetch_and_add(&here->dropped, 1);
		return NULL;
	}
	hdr->size = size;
	hdr->type = type;
	hdr->program = program;
	hdr->cpu = bpf_get_smp_processor_id();
	hdr->seq = seq;
	hdr->ktime_ns = ktime_ns;
	return hdr;
}

/*
 * Hands the record over. A consumer that declared itself asleep before the flag was read is woken by
 * the record itself; one that did so while the record was being committed has looked at the ring too
 * early, and is woken by an empty place. (The commit is a full barrier on both sides: xchg in
 * kernel/bpf/ringbuf.c, a fence in the consumer.)
 */
static __always_inline void emit_submit(void *record)
{
	void *empty;

	if (consumer_asleep) {
		consumer_asleep = 0;
		bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
		return;
	}
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	if (!consumer_asleep)
		return;
	consumer_asleep = 0;
	empty = bpf_ringbuf_reserve(&ring, sizeof(struct wire_hdr), 0);
	if (empty)
		bpf_ringbuf_discard(empty, BPF_RB_FORCE_WAKEUP);
	else
		consumer_asleep = 1; /* for the next one to wake */
}

static __always_inline void emit_process(__u32 program, __u8 type, __u32 pid, __u32 child)
{
	struct wire_process *record = emit_reserve(program, type, sizeof(*record));

	if (!record)
		return;
	record->pid = pid;
	record->child = child;
	emit_submit(record);
}

#endif
