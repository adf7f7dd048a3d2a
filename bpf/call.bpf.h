/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * call: which system call a task is in, from the registers with which it entered the kernel.
 *
 * The numbers are those of arch/x86/entry/syscalls/syscall_{64,32}.tbl, include/uapi/asm-generic/unistd.h (arm64)
 * and arch/arm/tools/syscall.tbl; from 424 on, all have the same. Which machine this is, the types of its kernel
 * tell: so one source serves all.
 */
#ifndef CALL_BPF_H
#define CALL_BPF_H

#define X32_SYSCALL_BIT	    0x40000000 /* arch/x86/include/uapi/asm/unistd.h */
#define CALL_IO_URING_ENTER 426
#define CALL_CLOSE_RANGE    436
#define I386_SOCKETCALL	    102

static __always_inline enum wire_call call_of_x86_64(__u32 number)
{
	switch (number & ~X32_SYSCALL_BIT) {
	case 42:
		return WIRE_CALL_CONNECT;
	case 44: /* sendto */
	case 46: /* sendmsg */
	case 307: /* sendmmsg */
	case 518: /* x32: sendmsg */
	case 538: /* x32: sendmmsg */
		return WIRE_CALL_SEND;
	case 49:
		return WIRE_CALL_BIND;
	case 50:
		return WIRE_CALL_LISTEN;
	case 43: /* accept */
	case 288: /* accept4 */
		return WIRE_CALL_ACCEPT;
	case 48:
		return WIRE_CALL_SHUTDOWN;
	case 3:
		return WIRE_CALL_CLOSE;
	case 33: /* dup2 */
	case 292: /* dup3 */
		return WIRE_CALL_DUP;
	case 59: /* execve */
	case 322: /* execveat */
	case 520: /* x32: execve */
	case 545: /* x32: execveat */
		return WIRE_CALL_EXEC;
	}
	return WIRE_CALL_OTHER;
}

static __always_inline enum wire_call call_of_i386(__u32 number)
{
	switch (number) {
	case 362:
		return WIRE_CALL_CONNECT;
	case 345: /* sendmmsg */
	case 369: /* sendto */
	case 370: /* sendmsg */
		return WIRE_CALL_SEND;
	case 361:
		return WIRE_CALL_BIND;
	case 363:
		return WIRE_CALL_LISTEN;
	case 364: /* accept4 */
		return WIRE_CALL_ACCEPT;
	case 373:
		return WIRE_CALL_SHUTDOWN;
	case 6:
		return WIRE_CALL_CLOSE;
	case 63: /* dup2 */
	case 330: /* dup3 */
		return WIRE_CALL_DUP;
	case 11: /* execve */
	case 358: /* execveat */
		return WIRE_CALL_EXEC;
	}
	return WIRE_CALL_OTHER;
}

/* The first argument of i386's socketcall(); include/uapi/linux/net.h. */
static __always_inline enum wire_call call_of_socketcall(__u32 number)
{
	switch (number) {
	case 2:
		return WIRE_CALL_BIND;
	case 3:
		return WIRE_CALL_CONNECT;
	case 4:
		return WIRE_CALL_LISTEN;
	case 5: /* accept */
	case 18: /* accept4 */
		return WIRE_CALL_ACCEPT;
	case 9: /* send */
	case 11: /* sendto */
	case 16: /* sendmsg */
	case 20: /* sendmmsg */
		return WIRE_CALL_SEND;
	case 13:
		return WIRE_CALL_SHUTDOWN;
	}
	return WIRE_CALL_OTHER;
}

static __always_inline enum wire_call call_of_arm64(__u32 number)
{
	switch (number) {
	case 203:
		return WIRE_CALL_CONNECT;
	case 206: /* sendto */
	case 211: /* sendmsg */
	case 269: /* sendmmsg */
		return WIRE_CALL_SEND;
	case 200:
		return WIRE_CALL_BIND;
	case 201:
		return WIRE_CALL_LISTEN;
	case 202: /* accept */
	case 242: /* accept4 */
		return WIRE_CALL_ACCEPT;
	case 210:
		return WIRE_CALL_SHUTDOWN;
	case 57:
		return WIRE_CALL_CLOSE;
	case 24: /* dup3 */
		return WIRE_CALL_DUP;
	case 221: /* execve */
	case 281: /* execveat */
		return WIRE_CALL_EXEC;
	}
	return WIRE_CALL_OTHER;
}

static __always_inline enum wire_call call_of_arm(__u32 number)
{
	switch (number) {
	case 283:
		return WIRE_CALL_CONNECT;
	case 289: /* send */
	case 290: /* sendto */
	case 296: /* sendmsg */
	case 374: /* sendmmsg */
		return WIRE_CALL_SEND;
	case 282:
		return WIRE_CALL_BIND;
	case 284:
		return WIRE_CALL_LISTEN;
	case 285: /* accept */
	case 366: /* accept4 */
		return WIRE_CALL_ACCEPT;
	case 293:
		return WIRE_CALL_SHUTDOWN;
	case 6:
		return WIRE_CALL_CLOSE;
	case 63: /* dup2 */
	case 358: /* dup3 */
		return WIRE_CALL_DUP;
	case 11: /* execve */
	case 387: /* execveat */
		return WIRE_CALL_EXEC;
	}
	return WIRE_CALL_OTHER;
}

/* ---- from the registers --------------------------------------------------------------------------- */

static __always_inline bool is_x86(void)
{
	return bpf_core_field_exists(struct pt_regs___x86, orig_ax);
}

/* ARGUMENT: the first. */
static __always_inline enum wire_call call_of(__u32 number, __u32 argument, bool compat)
{
	if (number == CALL_IO_URING_ENTER)
		return WIRE_CALL_IO_URING;
	if (number == CALL_CLOSE_RANGE)
		return WIRE_CALL_CLOSE_RANGE;
	if (!is_x86())
		return compat ? call_of_arm(number) : call_of_arm64(number);
	if (!compat)
		return call_of_x86_64(number);
	return number == I386_SOCKETCALL ? call_of_socketcall(argument) : call_of_i386(number);
}

/* From 5.15 on a task's registers are to be had for the asking. */
static __always_inline enum wire_call call_by_helper(struct task_struct *task, bool compat)
{
	void *regs = (void *)bpf_task_pt_regs(task);
	const struct pt_regs___x86 *x86 = regs;
	const struct pt_regs___arm64 *arm64 = regs;

	if (is_x86())
		return call_of(x86->orig_ax, x86->bx, compat);
	return call_of(arm64->syscallno, 0, compat);
}

/*
 * Before, they are at the end of its stack (task_pt_regs() of either machine), which has 16 KiB but in kernels
 * for debugging. So the level that the task came from is looked at as well: where it is not that of a program,
 * these are no registers.
 */
#define STACK_BYTES  16384
#define CS_LEVEL     3 /* of a program: the same */
#define PSTATE_LEVEL 0xf /* ... 0 */

static __always_inline enum wire_call call_by_stack(const struct task_struct *task, bool compat)
{
	const void *end = BPF_CORE_READ(task, stack) + STACK_BYTES;
	const struct pt_regs___x86 *x86 = end - bpf_core_type_size(struct pt_regs___x86);
	const struct pt_regs___arm64 *arm64 = end - bpf_core_type_size(struct pt_regs___arm64);

	if (is_x86()) {
		if ((BPF_CORE_READ(x86, cs) & CS_LEVEL) != CS_LEVEL)
			return WIRE_CALL_NONE;
		return call_of(BPF_CORE_READ(x86, orig_ax), BPF_CORE_READ(x86, bx), compat);
	}
	if (BPF_CORE_READ(arm64, pstate) & PSTATE_LEVEL)
		return WIRE_CALL_NONE;
	return call_of(BPF_CORE_READ(arm64, syscallno), 0, compat);
}

#endif
