// SPDX-License-Identifier: GPL-2.0-only
#include "base/usage.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/stdio.h"
#include "base/text.h"

void usage_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	error_t err = argp_parse(argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, input);

	if (err)
		usage_fail("cannot read the command line: %s", strerror(err));
}

static const char *blamed;

void usage_blame(const char *what)
{
	blamed = what;
}

void usage_fail(const char *format, ...)
{
	char sentence[512];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	log_error("%s%s%s", blamed ? blamed : "", blamed ? ": " : "", sentence);
	exit(USAGE_EXIT_STATUS);
}

const char *usage_quote(const char *word, char *buffer)
{
	struct text text;

	text_init(&text, buffer, USAGE_QUOTE_SIZE);
	text_add(&text, "'");
	text_escape(&text, word, strlen(word), USAGE_QUOTE_SIZE - 8);
	text_add(&text, "'");
	return buffer;
}

/* The word that getopt stumbled over: the one before next, or, inside "-xyz", the one at next. The hook
 * points behind the last option that was right. */
static const char *option_word(const struct argp_state *state)
{
	char **behind = state->argv + state->next;

	if (behind > (char **)state->hook && behind[-1][0] == '-')
		return behind[-1];
	return *behind ? *behind : "";
}

/* A table ends in an empty entry; the heading of a group has no name and no key either. */
static bool is_last(const struct argp_option *option)
{
	return !option->name && !option->key && !option->doc && !option->group;
}

/* The option --WORD, perhaps shortened and with "=VALUE". */
static const struct argp_option *long_option(const struct argp_option *options, const char *word)
{
	size_t len = strcspn(word, "=");

	for (; len > 0 && !is_last(options); options++)
		if (options->name && strncmp(options->name, word, len) == 0)
			return options;
	return NULL;
}

/* The option of a bundle as -wP that is wrong without being unknown: the last, for want of a value. */
static const struct argp_option *short_option(const struct argp_option *options,
					      const char *letters)
{
	const struct argp_option *option = NULL;

	for (; *letters; letters++) {
		for (option = options; !is_last(option) && option->key != *letters; option++)
			;
		if (is_last(option))
			return NULL;
	}
	return option;
}

/* The option that WORD means, if it means one. */
static const struct argp_option *option_meant(const struct argp_option *options, const char *word)
{
	if (strncmp(word, "--", 2) == 0)
		return long_option(options, word + 2);
	return word[0] == '-' ? short_option(options, word + 1) : NULL;
}

static _Noreturn void option_wrong(const struct argp_state *state, const char *program)
{
	const char *word = option_word(state);
	const struct argp_option *meant = option_meant(state->root_argp->options, word);
	char quoted[USAGE_QUOTE_SIZE];

	if (meant && meant->arg && meant->name)
		usage_fail("--%s needs its %s: --%s %s", meant->name, meant->arg, meant->name,
			   meant->arg);
	if (meant && meant->name)
		usage_fail("--%s takes no value: write it alone, not as %s", meant->name,
			   usage_quote(word, quoted));
	usage_fail("unknown option %s: %s --help lists those there are", usage_quote(word, quoted),
		   program);
}

error_t usage_key(int key, struct argp_state *state, const char *program)
{
	char name[64];

	switch (key) {
	case ARGP_KEY_INIT:
		state->hook = state->argv + 1;
		return 0;
	case ARGP_KEY_ERROR:
		option_wrong(state, program);
	case 'h':
		snprintf(name, sizeof(name), "%s", program);
		argp_help(state->root_argp, stdout, ARGP_HELP_STD_HELP, name);
		exit(stdio_flush() ? EXIT_FAILURE : EXIT_SUCCESS);
	case 'V':
		printf("%s %s\n", program, USAGE_VERSION);
		exit(stdio_flush() ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	if (key != ARGP_KEY_ARG)
		state->hook = state->argv + state->next;
	return ARGP_ERR_UNKNOWN;
}
