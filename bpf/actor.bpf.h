/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * actor: whoever runs here, and which system call it is in.
 */
#ifndef ACTOR_BPF_H
#define ACTOR_BPF_H

#define PF_EXITING   0x00000004 /* include/linux/sched.h */
#define PF_IO_WORKER 0x00000010
#define PF_SIGNALED  0x00000400
#define PF_KTHREAD   0x00200000
#define TS_COMPAT    0x0002 /* arch/x86/include/asm/thread_info.h */
#define TIF_32BIT    22 /* arch/arm64/include/asm/thread_info.h */

struct actor {
	__u64 cgroup;
	__u32 pid;
	__u16 flags; /* enum wire_flag */
	__u8 signal;
	__u8 call; /* enum wire_call */
	char comm[WIRE_COMM_LEN];
};

/* What is read of a task but not told as it is. */
struct actor_task {
	__u32 flags;
	__u32 exit_code;
	bool compat;
};

/* From here a task's members are read like any variable, and lockdown=confidentiality leaves that be. */
static __always_inline void read_task(struct actor *actor, struct actor_task *told,
				      const struct task_struct *task)
{
	const __u64 *comm = (const __u64 *)task->group_leader->comm;
	const struct thread_info___x86 *x86 = (const void *)&task->thread_info;

	actor->pid = task->tgid;
	((__u64 *)actor->comm)[0] = comm[0];
	((__u64 *)actor->comm)[1] = comm[1];
	told->flags = task->flags;
	told->exit_code = task->signal->group_exit_code;
	if (bpf_core_field_exists(struct task_struct, cgroups))
		actor->cgroup = task->cgroups->dfl_cgrp->kn->id;
	told->compat =
		is_x86() ? !!(x86->status & TS_COMPAT) : task->thread_info.flags >> TIF_32BIT & 1;
}

/* The same where there is no bpf_get_current_task_btf() (before 5.11). */
static __always_inline void probe_task(struct actor *actor, struct actor_task *told,
				       const struct task_struct *task)
{
	const struct thread_info___x86 *x86 = (const void *)&task->thread_info;

	actor->pid = BPF_CORE_READ(task, tgid);
	BPF_CORE_READ_INTO(&actor->comm, task, group_leader, comm);
	told->flags = BPF_CORE_READ(task, flags);
	told->exit_code = BPF_CORE_READ(task, signal, group_exit_code);
	if (bpf_core_field_exists(struct task_struct, cgroups))
		actor->cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	told->compat = is_x86() ? !!(BPF_CORE_READ(x86, status) & TS_COMPAT)
				: BPF_CORE_READ(task, thread_info.flags) >> TIF_32BIT & 1;
}

static __always_inline void actor_is_told(struct actor *actor, const struct actor_task *told)
{
	actor->flags = WIRE_ACTOR;
	if (told->flags & PF_EXITING)
		actor->flags |= WIRE_EXITING;
	if (told->flags & PF_SIGNALED)
		actor->signal = told->exit_code & 0x7f;
	if (actor->signal) /* exit_group() kills the other threads, with none */
		actor->flags |= WIRE_SIGNALED;
	if (told->flags & PF_KTHREAD)
		actor->flags |= WIRE_KTHREAD;
	if (told->flags & PF_IO_WORKER)
		actor->flags |= WIRE_IO_WORKER;
	if (told->compat)
		actor->flags |= WIRE_COMPAT;
}

/* One that dies, and one that never left the kernel, is in no call. */
static __always_inline bool is_in_call(const struct actor_task *told)
{
	return !(told->flags & (PF_EXITING | PF_KTHREAD | PF_IO_WORKER));
}

/*
 * By the name of the whole process, which a thread cannot change for itself. IN_CALL: in process context,
 * where the task is the one that acts; then its call is told as well.
 */
static __always_inline void read_actor(struct actor *actor, bool in_call)
{
	struct actor_task told = {0};
	struct task_struct *task;

	*actor = (struct actor){0};
	if (!config.actors)
		return;
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)) {
		task = bpf_get_current_task_btf();
		read_task(actor, &told, task);
	} else {
		task = (void *)bpf_get_current_task();
		probe_task(actor, &told, task);
	}
	actor_is_told(actor, &told);
	if (!in_call || !is_in_call(&told))
		return;
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		actor->call = call_by_helper(task, told.compat);
	else if (config.probes)
		actor->call = call_by_stack(task, told.compat);
}

#endif
