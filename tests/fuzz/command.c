// SPDX-License-Identifier: GPL-2.0-only
/*
 * A whole command line, an argument a line, as main() reads it. What it would run then is not run, and exit() comes back:
 * what argp has allocated by then is freed here. What is wrong must be said in one sentence of printable ASCII.
 */
#include "fuzz.h"

#include <argp.h>
#include <sanitizer/allocator_interface.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "options.h"

#define WORDS 32
#define NAME  "tcpstate-trace"

int program_main(int argc, char **argv);
int __wrap_run(const struct options *options);
void __wrap_options_parse(struct options *options, int argc, char **argv);
void __real_options_parse(struct options *options, int argc, char **argv);
void __wrap_exit(int status) __attribute__((noreturn));
void __real_exit(int status) __attribute__((noreturn));

error_t __wrap_argp_parse(const struct argp *argp, int argc, char **argv, unsigned int flags,
			  int *index, void *input);
error_t __real_argp_parse(const struct argp *argp, int argc, char **argv, unsigned int flags,
			  int *index, void *input);

static jmp_buf back;
static bool parsing;
static struct options *begun; /* what exit() leaves behind ... */
static void *argp_own; /* ... and what argp_parse() does: it allocates once, before all else */
static bool argp_begins;

static void note_malloc(const volatile void *at, size_t size)
{
	(void)size;
	if (argp_begins)
		argp_own = (void *)at;
	argp_begins = false;
}

static void note_free(const volatile void *at)
{
	(void)at;
}

error_t __wrap_argp_parse(const struct argp *argp, int argc, char **argv, unsigned int flags,
			  int *index, void *input)
{
	error_t err;

	argp_begins = true;
	err = __real_argp_parse(argp, argc, argv, flags, index, input);
	argp_own = NULL;
	return err;
}

void __wrap_options_parse(struct options *options, int argc, char **argv)
{
	*options = (struct options){0};
	begun = options;
	__real_options_parse(options, argc, argv);
}

void __wrap_exit(int status)
{
	if (!parsing)
		__real_exit(status);
	options_fini(begun);
	free(argp_own);
	argp_own = NULL;
	longjmp(back, 1 + status);
}

int __wrap_run(const struct options *options)
{
	fuzz_check(options->form <= FORM_NONE && options->max_connections > 0);
	return 0;
}

static void check_sentence(const char *said, size_t len)
{
	fuzz_check(len > strlen(NAME ": \n") && strncmp(said, NAME ": ", strlen(NAME ": ")) == 0);
	fuzz_check(said[len - 1] == '\n');
	for (size_t i = 0; i + 1 < len; i++)
		fuzz_check(said[i] >= ' ' && said[i] <= '~');
}

/* Returns the status of exit(), -1 without one. */
static int run(int argc, char **argv)
{
	int left;

	parsing = true;
	left = setjmp(back);
	if (!left)
		program_main(argc, argv);
	parsing = false;
	return left - 1;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return !__sanitizer_install_malloc_and_free_hooks(note_malloc, note_free);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = strndup((const char *)bytes, size), *rest = text, *word, *said = NULL;
	char name[] = NAME, *argv[WORDS + 2] = {name};
	FILE *terminal = stderr;
	size_t said_len = 0;
	int argc = 1, status;

	while (argc <= WORDS && (word = strsep(&rest, "\n")))
		argv[argc++] = word;
	stderr = open_memstream(&said, &said_len);
	status = run(argc, argv);
	fclose(stderr);
	stderr = terminal;
	fuzz_check(status == -1 || status == 0 || status == 2);
	if (status == 2)
		check_sentence(said, said_len);
	free(said);
	free(text);
	return 0;
}
