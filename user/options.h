/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * options: the command line of tcpstate-trace, read and checked.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/filter.h"
#include "render/style.h"
#include "source/hooks.h"

enum form {
	FORM_AUTO, /* the ladder on a terminal, else the table */
	FORM_LADDER,
	FORM_TABLE,
	FORM_JSON, /* of features */
	FORM_NONE, /* demo --quiet: only its result */
};

enum verb {
	VERB_TRACE,
	VERB_REPLAY,
	VERB_DEMO,
	VERB_WHY,
	VERB_FEATURES,
};

struct options {
	enum verb verb;
	struct filter filter; /* netns is resolved later: see netns_name */
	const char *netns_name; /* -N, NULL: all; this and all strings belong to argv */
	enum form form;
	enum colour_when colour;
	enum time_form time_form;
	bool wide;
	bool cmdline;
	bool no_header;
	bool verbose;
	bool quiet; /* these three of demo */
	bool edges;
	unsigned int jobs; /* 0: one after the other */
	bool wait_timewait;
	bool tracing; /* an option was given that says what to trace, or how */
	uint64_t count; /* 0: no limit */
	uint64_t duration_ns; /* 0: no limit */
	bool no_findings;
	uint64_t close_wait_warn_ns;
	uint32_t max_connections;
	int ready_fd; /* -1: none */
	enum hooks hooks;
	bool explain_bind;
	bool try_bind; /* these three of why */
	bool reuse_addr;
	bool reuse_port;
	const char *record_path; /* NULL: none */
	char **command; /* after "--", NULL-terminated; NULL: none */
	char **files; /* of replay, the names of demo, the port of why; NULL-terminated */
};

/* Reads the command line. Exits with one sentence and status 2 when it is wrong, with 0 after -h, -V. */
void options_parse(struct options *options, int argc, char **argv);
void options_fini(struct options *options);

#endif
