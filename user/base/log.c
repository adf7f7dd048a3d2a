// SPDX-License-Identifier: GPL-2.0-only
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *log_program = "tcpstate-trace";
static bool log_detailed;

void log_init(const char *program, bool detailed)
{
	log_program = program;
	log_detailed = detailed;
}

bool log_is_detailed(void)
{
	return log_detailed;
}

static void log_line(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* In one call, so that lines of two processes on one terminal do not mix. */
static void print_line(const char *sentence)
{
	size_t len = strlen(sentence);

	fprintf(stderr, "%s: %s%s", log_program, sentence,
		len > 0 && sentence[len - 1] == '\n' ? "" : "\n");
}

/* Of any length: what the verifier has to say fills pages, and the reason stands at their end. Without memory what
 * begins it is said. */
static void log_line(const char *format, va_list args)
{
	char *sentence, begin[512];
	va_list again;

	va_copy(again, args);
	if (vasprintf(&sentence, format, args) >= 0) {
		print_line(sentence);
		free(sentence);
	} else {
		vsnprintf(begin, sizeof(begin), format, again);
		print_line(begin);
	}
	va_end(again);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(format, args);
	va_end(args);
}

void log_detail_va(const char *format, va_list args)
{
	if (log_detailed)
		log_line(format, args);
}

void log_detail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_detail_va(format, args);
	va_end(args);
}
