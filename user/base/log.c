// SPDX-License-Identifier: GPL-2.0-only
#include "base/log.h"

#include <stdio.h>
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

/* One write per line, so that lines of two processes on one terminal do not mix. */
static void log_line(const char *format, va_list args)
{
	char line[1024];
	int n = snprintf(line, sizeof(line), "%s: ", log_program);
	size_t used = n < 0 ? 0 : (size_t)n;

	n = vsnprintf(line + used, sizeof(line) - used, format, args);
	if (n < 0)
		return;
	used = strlen(line);
	if (used == sizeof(line) - 1)
		used--;
	if (used == 0 || line[used - 1] != '\n')
		line[used++] = '\n';
	fwrite(line, 1, used, stderr);
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
