/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * style: how it is to look: colours by meaning, glyphs, width, and how a time is written.
 */
#ifndef RENDER_STYLE_H
#define RENDER_STYLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "core/host.h"

enum colour_when {
	COLOUR_AUTO, /* on a terminal, unless NO_COLOR is set (no-color.org) */
	COLOUR_ALWAYS,
	COLOUR_NEVER,
};

/* What a colour says. */
enum meaning {
	MEANING_PLAIN,
	MEANING_OPEN, /* data can flow */
	MEANING_WAIT, /* waits for the peer or for time */
	MEANING_BAD, /* a RST, a timeout, something lost */
	MEANING_FAINT, /* the far end, what is guessed, what is seldom looked at */
	MEANING_HEAD,
};

enum time_form {
	TIME_OF_CONN, /* seconds since the connection's first edge */
	TIME_OF_TRACE, /* -t: seconds since the trace began */
	TIME_OF_DAY, /* -T: HH:MM:SS.mmm, local time */
};

/* Nothing that is printed has bytes like these, as all from outside is escaped. */
#define STYLE_MARK 1

#define STYLE_COLUMNS_MIN 40
#define STYLE_COLUMNS_MAX 1000
#define STYLE_ROWS_MAX	  1000

struct style {
	bool terminal; /* stdout is one */
	bool colour;
	bool marks; /* what is coloured stands between STYLE_MARK + its meaning, a byte, and STYLE_MARK: for a grid */
	bool utf8; /* else ASCII */
	unsigned int columns; /* to write lines in; at least 40 */
	unsigned int screen_columns,
		screen_rows; /* as they are, up to the most; 0 where stdout is no terminal */
	enum time_form time_form;
	uint64_t trace_start_ns; /* CLOCK_MONOTONIC */
	uint64_t realtime_ns; /* CLOCK_REALTIME at trace_start_ns */
	bool header; /* not -H */
	bool wide; /* -w */
	bool cmdline; /* --cmdline */
	struct style_host {
		const char *name; /* any bytes; NULL: this trace is of one host alone */
		uint32_t netns; /* as in events: the one that needs no mention */
	} hosts[HOSTS_MAX]; /* by host_of() */
};

struct glyphs {
	const char *line, *dash; /* a segment known, and one guessed */
	const char *left, *right; /* arrow heads */
	const char *gap; /* time passed */
	const char *dot; /* between the parts of a verdict */
	const char *full, *empty; /* of a bar */
	const char *arrow; /* between two addresses */
};

const struct glyphs *style_glyphs(const struct style *style);

/* Sets the sizes: those of the terminal at descriptor FD; else lines are $COLUMNS wide, else as they are, else 100. */
void style_measure(struct style *style, int fd);

/* Appends STRING, which this program made, in the colour of MEANING, or with marks. */
void style_add(const struct style *style, struct text *text, enum meaning meaning,
	       const char *string);

/* What a state means for whoever looks at it. */
enum meaning style_state_meaning(uint8_t state);

/* Appends a time in the form asked for; a time of TIME_OF_CONN counts from CONN_START_NS. */
void style_time(const struct style *style, struct text *text, uint64_t ktime_ns,
		uint64_t conn_start_ns);

/* Appends a length of time for people: "42 us", "3.002 s", "60 s". */
void style_duration(struct text *text, uint64_t ns);

#endif
