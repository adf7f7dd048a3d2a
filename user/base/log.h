/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * log: what the program tells the person, on stderr, one sentence a line.
 *
 * Data goes to stdout and never through here. A function either logs an error or returns it,
 * never both; what is logged from outside must be escaped first (text_escape()).
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>

/* Names the program in front of each line and says whether log_detail() speaks (-v). The string
 * must live as long as the program. */
void log_init(const char *program, bool detailed);

/* True after -v. */
bool log_is_detailed(void);

/* "PROGRAM: sentence\n". The sentence carries its own full stop or none; no newline is needed. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, only after -v. */
void log_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The va_list form of log_detail(), for libraries that bring their own arguments. */
void log_detail_va(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

#endif
