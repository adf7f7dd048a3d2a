// SPDX-License-Identifier: GPL-2.0-only
/*
 * faults.so, preloaded by run.c: since main() has begun, the allocation that $FAULTS names as "NUMBER:FD:FOR_GOOD" fails, and
 * if FOR_GOOD is 1 all behind it, whoever makes them, the program or a library for it. Of those that one place in the code
 * makes the first few count. FD is told which one it was. What the program runs is left alone.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "mark.h"

typedef int main_fn(int argc, char **argv, char **environment);
typedef int start_fn(main_fn *program, int argc, char **argv, void (*init)(void),
		     void (*fini)(void), void (*rtld_fini)(void), void *stack_end);

start_fn __libc_start_main;

static unsigned long made; /* so far */
static unsigned long first; /* that fails; 0: none does */
static bool for_good; /* all behind it do, too */
static bool told;
static bool
	loading; /* a library: what begins in that is as little ours as what begins before main() */
static int told_fd;
static main_fn *program_main;

static void *next_of(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* --- which count --------------------------------------------------------------------------------- */

/* libbpf makes ten thousands of them from a few hundred places. */
#define OF_PLACE 3
#define PLACES	 4096

static struct place {
	const void *caller;
	unsigned int count;
} places[PLACES];

/* No two threads of the program are at work at a time. */
static bool does_count(const void *caller)
{
	size_t at = (uintptr_t)caller % PLACES;

	while (places[at].caller && places[at].caller != caller)
		at = (at + 1) % PLACES;
	places[at].caller = caller;
	return ++places[at].count <= OF_PLACE;
}

/* --- which one ----------------------------------------------------------------------------------- */

static void tell(const char *name, const void *caller)
{
	Dl_info where = {0};
	const char *file = "?";
	char words[256];
	int len;

	if (dladdr(caller, &where) && where.dli_fname)
		file = strrchr(where.dli_fname, '/') ? strrchr(where.dli_fname, '/') + 1
						     : where.dli_fname;
	len = snprintf(words, sizeof(words), "%s of %s+0x%zx%s%s", name, file,
		       (size_t)((const char *)caller - (const char *)where.dli_fbase),
		       where.dli_sname ? " in " : "", where.dli_sname ? where.dli_sname : "");
	if (write(told_fd, words, (size_t)len) < 0)
		_exit(99);
}

static bool fails(const char *name, const void *caller)
{
	if (!first || loading || (told && !for_good))
		return false;
	if (!told && (!does_count(caller) || ++made < first))
		return false;
	if (!told)
		tell(name, caller);
	told = true;
	errno = ENOMEM;
	return true;
}

static int begin(int argc, char **argv, char **environment)
{
	const char *wanted = getenv("FAULTS");
	unsigned long number;
	int all;

	if (!wanted || sscanf(wanted, "%lu:%d:%d", &number, &told_fd, &all) != 3)
		_exit(99);
	unsetenv("FAULTS");
	unsetenv("LD_PRELOAD");
	prctl(FAULTS_MARK, 0, 0, 0, 0); /* no kernel knows it; run.c does */
	for_good = all;
	first = number;
	return program_main(argc, argv, environment);
}

int __libc_start_main(main_fn *program, int argc, char **argv, void (*init)(void),
		      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	start_fn *start = (start_fn *)next_of("__libc_start_main");

	program_main = program;
	return start(begin, argc, argv, init, fini, rtld_fini, stack_end);
}

void *dlopen(const char *file, int mode)
{
	void *(*next)(const char *file, int mode) = (void *(*)(const char *, int))next_of("dlopen");
	void *library;

	loading = true;
	library = next(file, mode);
	loading = false;
	return library;
}

/* --- the functions ------------------------------------------------------------------------------- */

void *malloc(size_t size)
{
	static void *(*next)(size_t size);

	if (!next)
		next = (void *(*)(size_t))next_of("malloc");
	return fails("malloc", __builtin_return_address(0)) ? NULL : next(size);
}

void *calloc(size_t count, size_t size)
{
	static void *(*next)(size_t count, size_t size);

	if (!next)
		next = (void *(*)(size_t, size_t))next_of("calloc");
	return fails("calloc", __builtin_return_address(0)) ? NULL : next(count, size);
}

void *realloc(void *memory, size_t size)
{
	static void *(*next)(void *memory, size_t size);

	if (!next)
		next = (void *(*)(void *, size_t))next_of("realloc");
	return fails("realloc", __builtin_return_address(0)) ? NULL : next(memory, size);
}

void *reallocarray(void *memory, size_t count, size_t size)
{
	static void *(*next)(void *memory, size_t count, size_t size);

	if (!next)
		next = (void *(*)(void *, size_t, size_t))next_of("reallocarray");
	return fails("reallocarray", __builtin_return_address(0)) ? NULL
								  : next(memory, count, size);
}

int posix_memalign(void **ret_memory, size_t alignment, size_t size)
{
	static int (*next)(void **ret_memory, size_t alignment, size_t size);

	if (!next)
		next = (int (*)(void **, size_t, size_t))next_of("posix_memalign");
	return fails("posix_memalign", __builtin_return_address(0))
		       ? ENOMEM
		       : next(ret_memory, alignment, size);
}
