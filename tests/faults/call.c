// SPDX-License-Identifier: GPL-2.0-only
#include "call.h"

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

#define CALL(name, ...)                                                                            \
	{                                                                                          \
		SYS_##name, #name,                                                                 \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

/* What is not here cannot fail, or, as close(), nobody could do anything about it; brk() tells its failure in another way. */
static const struct call calls[] = {
	CALL(accept4, EMFILE),
	CALL(bind, EADDRINUSE),
	CALL(bpf, ENOMEM),
	CALL(clock_getres, EINVAL),
	CALL(clock_nanosleep, EINVAL, EINTR),
	CALL(clone, EAGAIN),
	CALL(clone3, EAGAIN),
	CALL(connect, ECONNREFUSED),
	CALL(epoll_create1, EMFILE),
	CALL(epoll_ctl, ENOSPC),
	CALL(epoll_pwait, EBADF, EINTR),
	CALL(eventfd2, EMFILE),
	CALL(execve, ENOMEM),
	CALL(fchown, EPERM),
	CALL(fcntl, EMFILE),
	CALL(fstatfs, EIO),
	CALL(ftruncate, EIO, EINTR),
	CALL(getdents64, EIO),
	CALL(getrandom, ENOSYS),
	CALL(getsockname, ENOBUFS),
	CALL(getsockopt, ENOBUFS),
	CALL(ioctl, EIO),
	CALL(kill, EPERM),
	CALL(listen, EADDRINUSE),
	CALL(lseek, EIO),
	CALL(memfd_create, EMFILE),
	CALL(mmap, ENOMEM),
	CALL(mprotect, ENOMEM),
	CALL(mremap, ENOMEM),
	CALL(newfstatat, ENOMEM),
	CALL(open_by_handle_at, ESTALE),
	CALL(openat, EMFILE),
	CALL(perf_event_open, EMFILE),
	CALL(pipe2, EMFILE),
	CALL(ppoll, ENOMEM, EINTR),
	CALL(prlimit64, EPERM),
	CALL(pwrite64, ENOSPC),
	CALL(read, EIO, EINTR),
	CALL(readlinkat, EIO),
	CALL(recvfrom, ENOMEM, EINTR),
	CALL(recvmsg, ENOMEM, EINTR),
	CALL(sendmsg, ENOBUFS, EINTR),
	CALL(sendto, ENOBUFS, EINTR),
	CALL(setgid, EPERM),
	CALL(setgroups, EPERM),
	CALL(setns, EPERM),
	CALL(setsockopt, ENOBUFS),
	CALL(setuid, EAGAIN),
	CALL(signalfd4, EMFILE),
	CALL(socket, EMFILE),
	CALL(socketpair, EMFILE),
	CALL(statfs, EIO),
	CALL(timerfd_create, EMFILE),
	CALL(timerfd_settime, EINVAL),
	CALL(uname, EFAULT),
	CALL(unshare, EPERM),
	CALL(wait4, ECHILD, EINTR),
	CALL(write, ENOSPC, EINTR),
	CALL(writev, ENOSPC, EINTR),
#ifdef SYS_open /* those that newer machines leave to the ones above */
	CALL(access, EACCES),
	CALL(epoll_wait, EBADF, EINTR),
	CALL(fork, EAGAIN),
	CALL(open, EMFILE),
	CALL(poll, ENOMEM, EINTR),
	CALL(readlink, EIO),
	CALL(rename, EIO),
	CALL(stat, ENOMEM),
	CALL(unlink, EIO),
	CALL(vfork, EAGAIN),
#endif
};

const struct call *call_find(int64_t number)
{
	for (unsigned int i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

/* What is made in place of one that fails: it does nothing, and no filter of system calls forbids it. */
#define NOTHING SYS_getpid

#if defined(__x86_64__)

void call_skip(pid_t pid)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax), (long)NOTHING);
}

void call_answer(pid_t pid, int error)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rax), (long)-error);
}

#elif defined(__aarch64__)

void call_skip(pid_t pid)
{
	int number = NOTHING;
	struct iovec iov = {&number, sizeof(number)};

	ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &iov);
}

void call_answer(pid_t pid, int error)
{
	struct user_regs_struct regs;
	struct iovec iov = {&regs, sizeof(regs)};

	ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov);
	regs.regs[0] = (unsigned long long)-(long long)error;
	ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov);
}

#else
#error "say here how ptrace(2) changes a system call"
#endif
