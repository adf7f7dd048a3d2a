/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * options: the command line of tcpstate-trace, read and checked.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/addr.h"
#include "core/filter.h"
#include "render/style.h"
#include "source/hooks.h"
#include "source/recording.h"

enum form {
	FORM_AUTO, /* the ladder on a terminal, else the table */
	FORM_LADDER,
	FORM_TABLE,
	FORM_JSON,
	FORM_CSV,
	FORM_NONE, /* demo --quiet: only its result */
};

enum verb {
	VERB_TRACE,
	VERB_REPLAY,
	VERB_DEMO,
	VERB_WHY,
	VERB_FEATURES,
	VERB_SNAPSHOT,
	VERB_SCHEMA,
};

struct options {
	enum verb verb;
	const char *verb_name; /* NULL: that of tracing has none */
	struct filter filter; /* netns is resolved later: see netns_name */
	const char *netns_name; /* -N, NULL: all; this and all strings belong to argv */
	enum form form;
	enum colour_when colour;
	enum time_form time_form;
	bool wide;
	bool cmdline;
	bool summary;
	bool no_header;
	bool verbose;
	bool quiet; /* these four of demo */
	bool fast;
	bool edges;
	unsigned int jobs; /* 0: one after the other */
	bool wait_timewait;
	bool tracing; /* an option was given that says what to trace, or how */
	uint64_t count; /* 0: no limit */
	uint64_t duration_ns; /* 0: no limit */
	bool no_findings;
	uint64_t close_wait_warn_ns;
	uint32_t max_connections;
	uint32_t ring_bytes; /* a power of two; 0: what suits the machine */
	int ready_fd; /* -1: none */
	enum hooks hooks;
	bool explain_bind;
	bool try_bind; /* these three of why */
	bool reuse_addr;
	bool reuse_port;
	bool tui; /* --tui */
	const char *svg_path; /* --svg, NULL: none; "-": stdout */
	uint64_t svg_conn; /* --conn, 0: all */
	struct addr_port metrics; /* --metrics; port 0: none */
	const char *record_path; /* NULL: none; "-": stdout */
	uint64_t record_bytes; /* of a file, when the next one is begun; 0: never */
	unsigned int record_files; /* at most so many are kept */
	struct recording_setting
		*given; /* of what recordings keep: as it was written; ends in one without a name */
	uint32_t followed; /* of a recording: the process that `-- COMMAND` was, 0: none */
	unsigned int columns; /* of a recording: the width of lines, 0: not told */
	const char *zone; /* of a recording: the time zone, NULL: not told */
	uint64_t watch_ns; /* of snapshot; 0: once */
	const char *user; /* COMMAND runs as this one, NULL: as who called sudo */
	char **command; /* after "--", NULL-terminated; NULL: none */
	char **files; /* of replay, the names of demo, the port of why; NULL-terminated */
};

/* Reads the command line. Exits with one sentence and status 2 when it is wrong, with 0 after -h, -V. */
void options_parse(struct options *options, int argc, char **argv);

/* Reads the long option NAME once more, as from the command line. Exits as options_parse() does. */
void options_read(struct options *options, const char *name, const char *value);

/* --record - */
bool options_record_to_stdout(const struct options *options);

/* --svg - */
bool options_svg_to_stdout(const struct options *options);

void options_fini(struct options *options);

#endif
