// SPDX-License-Identifier: GPL-2.0-only
#include "options_check.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/usage.h"
#include "terminal.h"

#define RECORD_BYTES_MIN 65536

static void check_features(const struct options *options)
{
	if (options->command)
		usage_fail("features runs no command: leave out -- and what follows");
	if (options->tracing)
		usage_fail("features traces nothing: of the options it takes -o json and -v alone");
	if (options->form != FORM_AUTO && options->form != FORM_JSON)
		usage_fail("features prints a list, or JSON with -o json: leave out any other "
			   "--output");
}

/* The scenarios say what goes on, and how long. */
static void check_demo(const struct options *options)
{
	const struct filter *filter = &options->filter;

	if (filter_has_ports(filter) || filter->host_count || filter_asks_owner(filter) ||
	    filter->ipv4_only || filter->ipv6_only || filter->states || options->netns_name)
		usage_fail("demo shows connections of its own: leave out what chooses some");
	if (options->command || options->count || options->duration_ns || options->record_path ||
	    options->ready_fd >= 0)
		usage_fail("demo plays scenarios to their end: leave out --count, --duration, "
			   "--record, --ready-fd and -- COMMAND");
	if (options->jobs && !options->quiet)
		usage_fail("--jobs goes with --quiet: plays side by side cannot be watched");
}

static void check_snapshot(const struct options *options)
{
	if (options->command)
		usage_fail("snapshot runs no command: leave out -- and what follows");
	if (options->form == FORM_LADDER)
		usage_fail("snapshot has no ladder: write -o table, json or csv");
	if (options->record_path || options->count || options->summary || options->ready_fd >= 0)
		usage_fail("snapshot traces nothing: leave out --record, --count, --summary and "
			   "--ready-fd");
	if (options->hooks != HOOKS_AUTO || options->explain_bind || options->cmdline)
		usage_fail("snapshot only looks: leave out --hooks, --explain-bind and --cmdline");
	if (options->duration_ns && !options->watch_ns)
		usage_fail("snapshot looks once: --duration goes with --watch SECONDS");
}

/* ... is a file of bytes: nothing may stand between them. */
static void check_record_to_stdout(const struct options *options)
{
	if (options->form != FORM_AUTO || options->summary)
		usage_fail("--record - has stdout for the recording: leave out --output and "
			   "--summary");
	if (options->command)
		usage_fail("--record - has stdout for the recording, and COMMAND may write there: "
			   "name "
			   "a file");
	if (isatty(STDOUT_FILENO))
		usage_fail("--record - writes no text: name a file, or put a pipe behind it");
}

/* A trace, or what was recorded of one, can be looked at in these. */
static void check_looks(const struct options *options)
{
	bool shows = options->verb == VERB_TRACE || options->verb == VERB_REPLAY;

	if (!shows && (options->tui || options->svg_path || options->metrics.port))
		usage_fail("--tui, --svg and --metrics go with a trace or a replay");
	if (options->verb == VERB_REPLAY && options->metrics.port)
		usage_fail("--metrics tells what happens now: a replay has none");
	if (options->svg_conn && !options->svg_path)
		usage_fail("--conn says which connection --svg FILE is to show");
	if (options->tui && (options->form != FORM_AUTO || options->summary || options->command))
		usage_fail("--tui has the screen: leave out --output, --summary and -- COMMAND");
	if (options->tui && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		usage_fail("--tui needs a terminal: stdin and stdout must be one");
	if (options->tui && terminal_refuses())
		usage_fail("--tui %s", terminal_refuses());
	if (options_svg_to_stdout(options) &&
	    (options->form != FORM_AUTO || options->summary || options->tui || options->command ||
	     options_record_to_stdout(options)))
		usage_fail(
			"--svg - has stdout for the picture: leave out --output, --summary, --tui, "
			"--record - and -- COMMAND");
}

/* Would what is written to A be written over B? A device or a pipe takes both. */
static bool is_same_file(const char *a, const char *b)
{
	struct stat here, there;

	if (stat(a, &here) || stat(b, &there))
		return strcmp(a, b) == 0;
	return S_ISREG(here.st_mode) && here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

static void check_picture_file(const struct options *options)
{
	char quoted[USAGE_QUOTE_SIZE];

	if (options->record_path && is_same_file(options->svg_path, options->record_path))
		usage_fail("--svg and --record write two files: %s is one",
			   usage_quote(options->svg_path, quoted));
	for (char **file = options->files; options->verb == VERB_REPLAY && *file; file++)
		if (is_same_file(options->svg_path, *file))
			usage_fail("--svg would write over the recording %s: name another file",
				   usage_quote(*file, quoted));
}

void options_check(const struct options *options)
{
	if (options->verb == VERB_FEATURES)
		check_features(options);
	if (options->filter.ipv4_only && options->filter.ipv6_only)
		usage_fail("-4 and -6 exclude each other: leave both out to see both");
	if (options->verb == VERB_REPLAY && !options->files[0])
		usage_fail("replay needs a recording: tcpstate-trace replay FILE...");
	if (options->verb == VERB_REPLAY && options->command)
		usage_fail("replay runs no command: leave out -- and what follows");
	if (options->verb == VERB_REPLAY && options->record_path)
		usage_fail("replay reads recordings: leave out --record");
	if (options->record_bytes && !options->record_path)
		usage_fail("--record-size goes with --record FILE");
	if (options->record_bytes && options_record_to_stdout(options))
		usage_fail("--record-size needs files to go from one to the next: name one, not -");
	if (options->record_bytes && options->record_bytes < RECORD_BYTES_MIN)
		usage_fail("--record-size: a file has at least 64K");
	if (options_record_to_stdout(options))
		check_record_to_stdout(options);
	if (options->watch_ns && options->verb != VERB_SNAPSHOT)
		usage_fail("--watch goes with snapshot");
	if (options->verb == VERB_SNAPSHOT)
		check_snapshot(options);
	if (options->verb == VERB_REPLAY && (options->duration_ns || options->ready_fd >= 0))
		usage_fail("replay has its own time: leave out --duration and --ready-fd");
	if (options->verb != VERB_WHY &&
	    (options->try_bind || options->reuse_addr || options->reuse_port))
		usage_fail("--try, --reuse-addr and --reuse-port go with why");
	if (options->verb == VERB_REPLAY && options->explain_bind)
		usage_fail("replay shows what was recorded: leave out --explain-bind");
	check_looks(options);
	if (options->svg_path && !options_svg_to_stdout(options))
		check_picture_file(options);
	if (options->verb == VERB_DEMO)
		check_demo(options);
	else if (options->quiet || options->fast || options->edges || options->jobs)
		usage_fail("--quiet, --fast, --edges and --jobs go with demo");
	if (options->ring_bytes && options->verb != VERB_TRACE)
		usage_fail("--ring is for tracing: leave it out with %s", options->verb_name);
	if (options->wait_timewait && !options->command)
		usage_fail("--wait-timewait goes with -- COMMAND");
	if (options->user && !options->command)
		usage_fail("--user goes with -- COMMAND");
}
