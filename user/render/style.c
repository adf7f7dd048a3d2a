// SPDX-License-Identifier: GPL-2.0-only
#include "render/style.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "base/number.h"
#include "tcp_states.h"

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)

#define COLUMNS_DEFAULT 100

const struct glyphs *style_glyphs(const struct style *style)
{
	static const struct glyphs utf8 = {
		.line = "─",
		.dash = "╌",
		.left = "◀",
		.right = "▶",
		.gap = "⋮",
		.dot = "·",
		.full = "█",
		.empty = "░",
		.arrow = "→",
	};
	static const struct glyphs ascii = {
		.line = "-",
		.dash = ".",
		.left = "<",
		.right = ">",
		.gap = ":",
		.dot = "-",
		.full = "#",
		.empty = ".",
		.arrow = "->",
	};

	return style->utf8 ? &utf8 : &ascii;
}

static unsigned int columns_from_environment(unsigned int otherwise)
{
	const char *columns = getenv("COLUMNS");
	uint64_t number;

	if (!columns ||
	    number_parse(columns, strlen(columns), STYLE_COLUMNS_MIN, STYLE_COLUMNS_MAX, &number))
		return otherwise ? otherwise : COLUMNS_DEFAULT;
	return (unsigned int)number;
}

void style_measure(struct style *style, int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
		style->columns = columns_from_environment(style->columns);
		return;
	}
	style->screen_columns = size.ws_col < STYLE_COLUMNS_MAX ? size.ws_col : STYLE_COLUMNS_MAX;
	style->screen_rows = size.ws_row < STYLE_ROWS_MAX ? size.ws_row : STYLE_ROWS_MAX;
	style->columns = style->screen_columns;
	if (style->columns < STYLE_COLUMNS_MIN)
		style->columns = STYLE_COLUMNS_MIN;
}

void style_add(const struct style *style, struct text *text, enum meaning meaning,
	       const char *string)
{
	static const char *const sequences[] = {
		[MEANING_OPEN] = "\033[32m",  [MEANING_WAIT] = "\033[33m",
		[MEANING_BAD] = "\033[1;31m", [MEANING_FAINT] = "\033[2m",
		[MEANING_HEAD] = "\033[1m",
	};
	bool coloured = style->colour && !style->marks && meaning != MEANING_PLAIN;

	if (style->marks)
		text_control(text, (char[]){(char)(STYLE_MARK + meaning), '\0'});
	if (coloured)
		text_control(text, sequences[meaning]);
	text_add(text, string);
	if (coloured)
		text_control(text, "\033[0m");
	if (style->marks)
		text_control(text, (char[]){STYLE_MARK, '\0'});
}

enum meaning style_state_meaning(uint8_t state)
{
	switch (state) {
	case WIRE_ESTABLISHED:
	case WIRE_LISTEN:
		return MEANING_OPEN;
	case WIRE_CLOSE:
		return MEANING_FAINT;
	}
	return MEANING_WAIT;
}

static void time_of_day(const struct style *style, struct text *text, uint64_t ktime_ns)
{
	uint64_t real_ns = style->realtime_ns + (ktime_ns - style->trace_start_ns);
	time_t seconds = (time_t)(real_ns / NS_PER_S);
	struct tm tm = {0};

	localtime_r(&seconds, &tm);
	text_addf(text, "%02d:%02d:%02d.%03u", tm.tm_hour, tm.tm_min, tm.tm_sec,
		  (unsigned int)(real_ns % NS_PER_S / NS_PER_MS));
}

void style_time(const struct style *style, struct text *text, uint64_t ktime_ns,
		uint64_t conn_start_ns)
{
	uint64_t from_ns = style->time_form == TIME_OF_CONN ? conn_start_ns : style->trace_start_ns;
	uint64_t ns = ktime_ns > from_ns ? ktime_ns - from_ns : 0;

	if (style->time_form == TIME_OF_DAY)
		time_of_day(style, text, ktime_ns);
	else
		text_addf(text, "%5" PRIu64 ".%06" PRIu64, ns / NS_PER_S,
			  ns % NS_PER_S / NS_PER_US);
}

void style_duration(struct text *text, uint64_t ns)
{
	if (ns < NS_PER_MS)
		text_addf(text, "%" PRIu64 " us", ns / NS_PER_US);
	else if (ns < NS_PER_S)
		text_addf(text, "%.1f ms", (double)ns / (double)NS_PER_MS);
	else if (ns % NS_PER_S < NS_PER_MS)
		text_addf(text, "%" PRIu64 " s", ns / NS_PER_S);
	else
		text_addf(text, "%.3f s", (double)ns / (double)NS_PER_S);
}
