// SPDX-License-Identifier: GPL-2.0-only
/* A whole command line, an argument a line, as main() reads it. What it would run then is not run, and exit() comes back. */
#include "fuzz.h"

#include <setjmp.h>
#include <string.h>

#include "options.h"

#define WORDS 32

int program_main(int argc, char **argv);
int __wrap_run(const struct options *options);
void __wrap_options_parse(struct options *options, int argc, char **argv);
void __real_options_parse(struct options *options, int argc, char **argv);
void __wrap_exit(int status) __attribute__((noreturn));
void __real_exit(int status) __attribute__((noreturn));

static jmp_buf back;
static bool parsing;
static struct options *begun; /* what exit() leaves behind */

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
	fuzz_check(status == 0 || status == 2);
	options_fini(begun);
	longjmp(back, 1);
}

int __wrap_run(const struct options *options)
{
	fuzz_check(options->form <= FORM_NONE && options->max_connections > 0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = strndup((const char *)bytes, size), *rest = text, *word;
	char name[] = "tcpstate-trace", *argv[WORDS + 2] = {name};
	int argc = 1;

	while (argc <= WORDS && (word = strsep(&rest, "\n")))
		argv[argc++] = word;
	parsing = true;
	if (!setjmp(back))
		program_main(argc, argv);
	parsing = false;
	free(text);
	return 0;
}
