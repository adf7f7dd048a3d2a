// SPDX-License-Identifier: GPL-2.0-only
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call.h"
#include "kernel.h"
#include "mark.h"

#define LIMIT_S 20

/* Some files are read in thousands of pieces, some directories have thousands of entries: so many in a row will do. */
#define ROW 3

/* What happens to a system call, in stops of the process that makes it. */
struct tracing {
	const struct run_plan *plan;
	struct run *run;
	pid_t pid; /* of the program; what it forks is traced until it runs another one */
	bool has_begun; /* main() has */
	unsigned long count;
	uint64_t last_number,
		last_argument; /* of the call before, and how many such there were in a row */
	unsigned int row;
	pid_t failing; /* whose call fails at its next stop; 0: nobody's */
	int error;
};

/* --- the program --------------------------------------------------------------------------------- */

static void redirect(const char *path, int flags, int to)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0 || dup2(fd, to) < 0)
		_exit(99);
}

static _Noreturn void become_program(const struct run_plan *plan, int told)
{
	bool allocation = plan->fault == RUN_ALLOCATION;
	char wanted[64];

	redirect("/dev/null", O_RDONLY, STDIN_FILENO);
	redirect(plan->out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
	redirect(plan->err, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
	snprintf(wanted, sizeof(wanted), "%lu:%d:%d", allocation ? plan->number : 0, told,
		 plan->for_good);
	setenv("FAULTS", wanted, 1);
	setenv("LD_PRELOAD", plan->preload, 1);
	setsid();
	if (chdir(plan->here))
		_exit(99);
	if (!allocation && (ptrace(PTRACE_TRACEME, 0, 0, 0) || raise(SIGSTOP)))
		_exit(99);
	execv(plan->argv[0], plan->argv);
	_exit(99);
}

/* --- a call that fails --------------------------------------------------------------------------- */

/* The path that some calls have as their second argument. */
static void add_path(pid_t pid, const struct __ptrace_syscall_info *info, char *words, size_t size)
{
	char path[64] = "";
	struct iovec here = {path, sizeof(path) - 1};
	struct iovec there = {(void *)(uintptr_t)info->entry.args[1], sizeof(path) - 1};
	size_t len = strlen(words);

	if (info->entry.nr == SYS_openat && process_vm_readv(pid, &here, 1, &there, 1, 0) > 0)
		snprintf(words + len, size - len, " of %s", path);
}

static void describe(struct tracing *tracing, pid_t pid, const struct call *call,
		     const struct __ptrace_syscall_info *info)
{
	char *words = tracing->run->fault;

	snprintf(words, sizeof(tracing->run->fault), "%s(%#llx, %#llx) with %s", call->name,
		 (unsigned long long)info->entry.args[0], (unsigned long long)info->entry.args[1],
		 strerrorname_np(tracing->error));
	add_path(pid, info, words, sizeof(tracing->run->fault));
}

/* Is it one of many in a row, beyond those that will do? */
static bool is_more_of_it(struct tracing *tracing, const struct __ptrace_syscall_info *info)
{
	bool same = info->entry.nr == tracing->last_number &&
		    info->entry.args[0] == tracing->last_argument;

	tracing->row = same ? tracing->row + 1 : 1;
	tracing->last_number = info->entry.nr;
	tracing->last_argument = info->entry.args[0];
	return tracing->row > ROW &&
	       (info->entry.nr == SYS_read || info->entry.nr == SYS_newfstatat);
}

/* Nothing is needed to take a descriptor out again; libmicrohttpd aborts if it cannot. */
static bool cannot_fail(const struct __ptrace_syscall_info *info)
{
	return info->entry.nr == SYS_epoll_ctl && info->entry.args[1] == EPOLL_CTL_DEL;
}

static void note_entry(struct tracing *tracing, pid_t pid, const struct __ptrace_syscall_info *info)
{
	enum call_fault fault = tracing->plan->fault == RUN_CALL ? CALL_FAILS : CALL_IS_INTERRUPTED;
	const struct call *call = call_find((int64_t)info->entry.nr);

	if (info->entry.nr == SYS_prctl && info->entry.args[0] == FAULTS_MARK)
		tracing->has_begun = true;
	if (!tracing->has_begun || !call || !call->errors[fault] || cannot_fail(info) ||
	    is_more_of_it(tracing, info) || ++tracing->count != tracing->plan->number)
		return;
	kernel_note(tracing->pid); /* an orderly end leaves nothing to be noted */
	call_skip(pid);
	tracing->failing = pid;
	tracing->error = call->errors[fault];
	describe(tracing, pid, call, info);
}

static void note_call(struct tracing *tracing, pid_t pid)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		note_entry(tracing, pid, &info);
	if (info.op != PTRACE_SYSCALL_INFO_EXIT || tracing->failing != pid)
		return;
	call_answer(pid, tracing->error);
	tracing->failing = 0;
}

/* --- its life ------------------------------------------------------------------------------------ */

static void go_on(struct tracing *tracing, pid_t pid, int status)
{
	int signal = WSTOPSIG(status), event = status >> 16;

	if (signal == (SIGTRAP | 0x80))
		note_call(tracing, pid);
	if (event == PTRACE_EVENT_EXIT && pid == tracing->pid)
		kernel_note(pid);
	if (event == PTRACE_EVENT_EXEC && pid != tracing->pid)
		ptrace(PTRACE_DETACH, pid, 0, 0);
	else
		ptrace(PTRACE_SYSCALL, pid, 0,
		       event || (signal & 0x80) || signal == SIGTRAP || signal == SIGSTOP ? 0
											  : signal);
}

/* It has stopped itself. */
static int trace(pid_t pid)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK |
			     PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
			     PTRACE_O_TRACEEXIT;
	int status;

	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, pid, 0, options) || ptrace(PTRACE_SYSCALL, pid, 0, 0))
		return -ECHILD;
	return 0;
}

static void be_woken(int signal)
{
	(void)signal;
}

/* A second time a second later, if the first one came at a bad moment. */
static void set_limit(time_t seconds)
{
	const struct sigaction wake = {.sa_handler = be_woken};
	const struct itimerval limit = {.it_interval.tv_sec = 1, .it_value.tv_sec = seconds};

	sigaction(SIGALRM, &wake, NULL);
	setitimer(ITIMER_REAL, &limit, NULL);
}

static void follow(struct tracing *tracing)
{
	int status;
	pid_t pid;

	do {
		pid = waitpid(-1, &status, __WALL);
		if (pid < 0 && errno == EINTR) {
			tracing->run->hung = true;
			kill(-tracing->pid, SIGKILL);
		} else if (pid > 0 && WIFSTOPPED(status)) {
			go_on(tracing, pid, status);
		}
	} while (pid != tracing->pid || WIFSTOPPED(status));
	tracing->run->status = status;
}

/* Whose parent has ended is our child. */
static void kill_children(void)
{
	FILE *list = fopen("/proc/thread-self/children", "re");
	int pid;

	while (list && fscanf(list, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	if (list)
		fclose(list);
}

/* One that is traced stops once more on its way out. */
static void end_the_rest(struct tracing *tracing)
{
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);

	if (pid == 0 || (pid > 0 && WIFSTOPPED(status)))
		tracing->run->left_process = true;
	do {
		kill_children();
		if (pid > 0 && WIFSTOPPED(status))
			ptrace(PTRACE_CONT, pid, 0, 0);
		pid = waitpid(-1, &status, __WALL);
	} while (pid >= 0 || errno == EINTR);
}

static void read_fault(struct run *run, int told)
{
	ssize_t n = pread(told, run->fault, sizeof(run->fault) - 1, 0);

	run->fault[n > 0 ? n : 0] = '\0';
}

int run_once(const struct run_plan *plan, struct run *ret_run)
{
	struct tracing tracing = {.plan = plan, .run = ret_run};
	int told = memfd_create("told", 0), err = 0;

	*ret_run = (struct run){0};
	if (told < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		return -errno;
	tracing.pid = fork();
	if (tracing.pid == 0)
		become_program(plan, told);
	if (tracing.pid < 0)
		return -errno;
	set_limit(LIMIT_S);
	if (plan->fault != RUN_ALLOCATION)
		err = trace(tracing.pid);
	if (!err)
		follow(&tracing);
	set_limit(0);
	end_the_rest(&tracing);
	if (plan->fault == RUN_ALLOCATION)
		read_fault(ret_run, told);
	close(told);
	return err;
}
