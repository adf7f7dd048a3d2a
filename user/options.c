// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/usage.h"
#include "cgroup.h"
#include "core/findings.h"
#include "options_check.h"
#include "setting.h"
#include "value.h"

#define PROGRAM		     "tcpstate-trace"
#define CONNECTIONS_DEFAULT  65536
#define CONNECTIONS_MIN	     16
#define CONNECTIONS_MAX	     (1U << 24)
#define RECORD_FILES_DEFAULT 2
#define RECORD_FILES_MAX     10000
#define FLAGS_MAX	     8 /* options without a value: several may be one word, as -46 */
#define JOBS_MAX	     64

enum key {
	KEY_HOST = 0x100,
	KEY_STATE,
	KEY_COLOUR,
	KEY_MAX_CONNECTIONS,
	KEY_RING,
	KEY_READY_FD,
	KEY_RECORD,
	KEY_WAIT_TIMEWAIT,
	KEY_USER,
	KEY_HOOKS,
	KEY_CGROUP,
	KEY_CMDLINE,
	KEY_EXPLAIN_BIND,
	KEY_TRY,
	KEY_REUSE_ADDR,
	KEY_REUSE_PORT,
	KEY_CLOSE_WAIT_WARN,
	KEY_NO_FINDINGS,
	KEY_SUMMARY,
	KEY_RECORD_SIZE,
	KEY_RECORD_FILES,
	KEY_WATCH,
	KEY_FAST,
	KEY_EDGES,
	KEY_SVG,
	KEY_CONN,
	KEY_TUI,
	KEY_METRICS,
};

/* clang-format off */
static const struct argp_option option_table[] = {
	{NULL, 0, NULL, 0, "What to show:", 1},
	{"port", 'P', "LIST", 0, "Connections with one of these ports at either end: 80,443,8000-8100", 1},
	{"localport", 'L', "LIST", 0, "... at the local end", 1},
	{"remoteport", 'D', "LIST", 0, "... at the remote end", 1},
	{"host", KEY_HOST, "ADDR[/PREFIX]", 0, "Connections to or from this address or network; may be repeated", 1},
	{"ipv4", '4', NULL, 0, "IPv4 only (v4-mapped IPv6 sockets speak IPv4)", 1},
	{"ipv6", '6', NULL, 0, "IPv6 only", 1},
	{"pid", 'p', "LIST", 0, "Connections that one of these processes owns: 4711,4712; may be repeated", 1},
	{"cgroup", KEY_CGROUP, "LIST", 0, "Connections whose owner is in one of these cgroups, or below: /system.slice/nginx.service; may be repeated", 1},
	{"netns", 'N', "NAME|PATH|INODE", 0, "Connections with an end in this network namespace", 1},
	{"state", KEY_STATE, "LIST", 0, "Only transitions into or out of these states: time-wait,close-wait", 1},
	{"close-wait-warn", KEY_CLOSE_WAIT_WARN, "SECONDS", 0, "How long CLOSE_WAIT or a half-close may last before it is a finding (default 60)", 1},
	{"no-findings", KEY_NO_FINDINGS, NULL, 0, "No findings: only what happens, not what is wrong with it", 1},

	{NULL, 0, NULL, 0, "How to show it:", 2},
	{"output", 'o', "FORM", 0, "ladder (default on a terminal), table (default in a pipe), json (a line each) or csv", 2},
	{"summary", KEY_SUMMARY, NULL, 0, "At the end: each edge and how often, time spent in each state, how connections closed, who had them; without -o nothing else", 2},
	{"tui", KEY_TUI, NULL, 0, "Full screen: the connections, the chosen one's ladder, the findings; ? there tells the keys", 2},
	{"svg", KEY_SVG, "FILE", 0, "At the end: the ladders as a picture, written to FILE; - is stdout", 2},
	{"conn", KEY_CONN, "N", 0, "... of the connection with this number alone: the first is 1", 2},
	{"metrics", KEY_METRICS, "[ADDR:]PORT", 0, "Serve what is counted to Prometheus by HTTP at /metrics; without ADDR on 127.0.0.1", 2},
	{"wide", 'w', NULL, 0, "Table: all columns, at the width of IPv6; ladder: uid, cgroup, and how the owner was learnt", 2},
	{"cmdline", KEY_CMDLINE, NULL, 0, "Ladder: the owner's command line, as it was then; recorded as well", 2},
	{"timestamp", 'T', NULL, 0, "Time of day, HH:MM:SS.mmm", 2},
	{"since-start", 't', NULL, 0, "Seconds since the trace began", 2},
	{"no-header", 'H', NULL, 0, "Table: no header line", 2},
	{"color", KEY_COLOUR, "WHEN", 0, "auto, always or never; NO_COLOR is respected", 2},

	{NULL, 0, NULL, 0, "How long:", 3},
	{"count", 'c', "N", 0, "End after N connections have closed", 3},
	{"duration", 'd', "SECONDS", 0, "End after so many seconds", 3},
	{"wait-timewait", KEY_WAIT_TIMEWAIT, NULL, 0, "With -- COMMAND: wait until its TIME_WAITs are over, too", 3},
	{"user", KEY_USER, "NAME", 0, "With -- COMMAND: run it as this user, and not as the one who called sudo", 3},

	{NULL, 0, NULL, 0, "And:", 4},
	{"max-connections", KEY_MAX_CONNECTIONS, "N", 0, "Keep track of at most N connections (default 65536)", 4},
	{"ring", KEY_RING, "SIZE", 0, "Bytes that wait to be read, from 64K to 1G; rounded up to a power of two (default: by the machine)", 4},
	{"record", KEY_RECORD, "FILE", 0, "Write what is seen to FILE as well, for tcpstate-trace replay; - is stdout", 4},
	{"record-size", KEY_RECORD_SIZE, "SIZE", 0, "Begin another file when one has this size, as 64M: FILE.1 is the one before FILE", 4},
	{"record-files", KEY_RECORD_FILES, "N", 0, "... and keep N files in all (default 2)", 4},
	{"hooks", KEY_HOOKS, "SET", 0, "How TIME_WAIT and half-done handshakes are seen: fentry (functions of TCP alone), tracepoint (every kernel, but all timers come by), auto: the first of these that is to be had, or none", 4},
	{"explain-bind", KEY_EXPLAIN_BIND, NULL, 0, "Explain a bind() that fails also where fentry does not attach: this slows down every system call of the machine", 4},
	{"reuse-addr", KEY_REUSE_ADDR, NULL, 0, "With why: for a socket with SO_REUSEADDR", 4},
	{"reuse-port", KEY_REUSE_PORT, NULL, 0, "With why: for a socket with SO_REUSEPORT", 4},
	{"try", KEY_TRY, NULL, 0, "With why: bind a socket there, for a moment, and say what the kernel says", 4},
	{"watch", KEY_WATCH, "SECONDS", 0, "With snapshot: look again and again, and mark what has changed", 4},
	{"quiet", 'q', NULL, 0, "With demo: only a line for each result", 4},
	{"fast", KEY_FAST, NULL, 0, "With demo: shorten the waits that a sysctl shortens (TIME_WAIT is 60 s for all)", 4},
	{"edges", KEY_EDGES, NULL, 0, "With demo: a table of the edges between TCP's states, and who walked them", 4},
	{"jobs", 'j', "N", 0, "With demo --quiet: play N at a time", 4},
	{"ready-fd", KEY_READY_FD, "N", 0, "Write a line to descriptor N once everything is attached", 4},
	{"verbose", 'v', NULL, 0, "Say more on stderr, libbpf's own messages included", 4},
	USAGE_OPTIONS,
	{0},
};
/* clang-format on */

static const char arguments_doc[] = "\n-- COMMAND [ARG...]\nreplay FILE...\nsnapshot\ndemo "
				    "[NAME...]\nwhy [ADDRESS:]PORT\nfeatures\nschema";

static const char doc[] =
	"Shows every TCP state transition on this host as it happens, and draws each connection's "
	"handshakes as a ladder of its two ends.\n\n"
	"With -- COMMAND, runs COMMAND as the user who called sudo and shows its connections until "
	"it "
	"has ended and none of its sockets is open; when the trace ends first, COMMAND is ended "
	"too. "
	"With replay, shows recordings; those of two hosts become one. With snapshot, shows what "
	"there is now: who is in which state, since when or for how long. With demo, lists "
	"scenarios; demo NAME... (or all) plays "
	"them in a network namespace of their own and says whether all was as expected. With "
	"why, says who has a port and what would let a bind() to it succeed. With "
	"features, tells what this kernel gives and what is done without it. With schema, prints "
	"the JSON Schema of -o json."
	"\v"
	"EXIT STATUS\n"
	"  0, also when a signal ended it; 1 when something failed; 2 for wrong usage.\n"
	"  With -- COMMAND that of COMMAND; 128 and the signal when one killed it, 126\n"
	"  when it could not be run, 127 when it was not found.\n"
	"  With demo 0 when all was as expected, 1 when not, 77 when this kernel lacks\n"
	"  what it needs.\n"
	"  With why 0 when the port can be had, 1 when not.\n"
	"\n"
	"EXAMPLES\n"
	"  sudo tcpstate-trace --port 19999         draw every connection of this port\n"
	"  sudo tcpstate-trace -P 80,443 -c 1       draw one connection, then end\n"
	"  sudo tcpstate-trace -L 8080 -o table     one line per transition\n"
	"  sudo tcpstate-trace --state close-wait   who goes into CLOSE_WAIT and out\n"
	"  sudo tcpstate-trace -- curl example.org  the connections of one command\n"
	"  sudo tcpstate-trace --record it.rec      keep what is seen ...\n"
	"  tcpstate-trace replay it.rec             ... and show it later, without root\n"
	"  sudo tcpstate-trace demo client-quits    play a scenario, and explain it\n"
	"  sudo tcpstate-trace why 19999            who has the port\n"
	"  sudo tcpstate-trace features             what this kernel gives\n";

static error_t read_filter_option(int key, char *arg, struct options *options)
{
	struct filter *filter = &options->filter;

	switch (key) {
	case 'P':
		value_ports(&filter->either, "--port", arg);
		return 0;
	case 'L':
		value_ports(&filter->local, "--localport", arg);
		return 0;
	case 'D':
		value_ports(&filter->remote, "--remoteport", arg);
		return 0;
	case KEY_HOST:
		value_host(filter, arg);
		return 0;
	case '4':
		filter->ipv4_only = true;
		return 0;
	case '6':
		filter->ipv6_only = true;
		return 0;
	case 'p':
		value_pids(filter, arg);
		return 0;
	case KEY_CGROUP:
		cgroup_want(filter, arg);
		return 0;
	case 'N':
		options->netns_name = arg;
		return 0;
	case KEY_STATE:
		value_states(filter, arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t read_form_option(int key, char *arg, struct options *options)
{
	switch (key) {
	case 'o':
		options->form = value_form(arg);
		return 0;
	case 'w':
		options->wide = true;
		return 0;
	case KEY_CMDLINE:
		options->cmdline = true;
		return 0;
	case KEY_SUMMARY:
		options->summary = true;
		return 0;
	case KEY_TUI:
		options->tui = true;
		return 0;
	case KEY_SVG:
		options->svg_path = arg;
		return 0;
	case KEY_CONN:
		options->svg_conn = value_number("--conn", arg, 1, UINT64_MAX);
		return 0;
	case KEY_METRICS:
		options->metrics = value_listen("--metrics", arg);
		return 0;
	case 'T':
		options->time_form = TIME_OF_DAY;
		return 0;
	case 't':
		options->time_form = TIME_OF_TRACE;
		return 0;
	case 'H':
		options->no_header = true;
		return 0;
	case KEY_COLOUR:
		options->colour = value_colour(arg);
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case KEY_EDGES:
		options->edges = true;
		return 0;
	case 'j':
		options->jobs = (unsigned int)value_number("--jobs", arg, 1, JOBS_MAX);
		return 0;
	case 'v':
		options->verbose = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t read_run_option(int key, char *arg, struct options *options)
{
	switch (key) {
	case 'c':
		options->count = value_number("--count", arg, 1, UINT32_MAX);
		return 0;
	case 'd':
		options->duration_ns = value_seconds("--duration", arg);
		return 0;
	case KEY_CLOSE_WAIT_WARN:
		options->close_wait_warn_ns = value_seconds("--close-wait-warn", arg);
		return 0;
	case KEY_NO_FINDINGS:
		options->no_findings = true;
		return 0;
	case KEY_FAST:
		options->fast = true;
		return 0;
	case KEY_WAIT_TIMEWAIT:
		options->wait_timewait = true;
		return 0;
	case KEY_USER:
		options->user = arg;
		return 0;
	case KEY_MAX_CONNECTIONS:
		options->max_connections = (uint32_t)value_number("--max-connections", arg,
								  CONNECTIONS_MIN, CONNECTIONS_MAX);
		return 0;
	case KEY_RING:
		options->ring_bytes = value_ring(arg);
		return 0;
	case KEY_RECORD:
		options->record_path = arg;
		return 0;
	case KEY_RECORD_SIZE:
		options->record_bytes = value_bytes("--record-size", arg);
		return 0;
	case KEY_RECORD_FILES:
		options->record_files =
			(unsigned int)value_number("--record-files", arg, 1, RECORD_FILES_MAX);
		return 0;
	case KEY_HOOKS:
		options->hooks = value_hooks(arg);
		return 0;
	case KEY_EXPLAIN_BIND:
		options->explain_bind = true;
		return 0;
	case KEY_READY_FD:
		options->ready_fd = (int)value_number("--ready-fd", arg, 0, 65535);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t read_verb_option(int key, char *arg, struct options *options)
{
	switch (key) {
	case KEY_WATCH:
		options->watch_ns = value_seconds("--watch", arg);
		return 0;
	case KEY_TRY:
		options->try_bind = true;
		return 0;
	case KEY_REUSE_ADDR:
		options->reuse_addr = true;
		return 0;
	case KEY_REUSE_PORT:
		options->reuse_port = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct {
	const char *name;
	enum verb verb;
} verbs[] = {
	{"replay", VERB_REPLAY}, {"snapshot", VERB_SNAPSHOT}, {"demo", VERB_DEMO},
	{"why", VERB_WHY},	 {"features", VERB_FEATURES}, {"schema", VERB_SCHEMA},
};

static bool takes_arguments(enum verb verb)
{
	return verb == VERB_REPLAY || verb == VERB_DEMO || verb == VERB_WHY;
}

static error_t read_argument(struct argp_state *state, char *arg, struct options *options)
{
	char quoted[USAGE_QUOTE_SIZE];

	for (size_t i = 0; state->arg_num == 0 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(arg, verbs[i].name) != 0)
			continue;
		options->verb = verbs[i].verb;
		options->verb_name = verbs[i].name;
		return 0;
	}
	if (options->verb == VERB_TRACE)
		usage_fail("unexpected argument %s: a command to trace goes behind --, a recording "
			   "behind replay",
			   usage_quote(arg, quoted));
	if (!takes_arguments(options->verb))
		usage_fail("%s takes no argument: leave out %s", options->verb_name,
			   usage_quote(arg, quoted));
	options->files[state->arg_num - 1] = arg;
	return 0;
}

/* What recordings keep is kept, for one or from one. */
static void remember(struct options *options, int key, const char *arg)
{
	struct recording_setting *given = options->given;
	const struct argp_option *option = option_table;

	while (option->key != key)
		option++;
	while (given->name && (arg || given->name != option->name)) /* a flag is given once */
		given++;
	if (setting_is_kept(option->name))
		*given = (struct recording_setting){option->name, arg ? arg : ""};
}

static error_t read_kept_option(int key, char *arg, struct options *options)
{
	error_t err = read_filter_option(key, arg, options);

	if (err == ARGP_ERR_UNKNOWN)
		err = read_run_option(key, arg, options);
	return err;
}

void options_read(struct options *options, const char *name, const char *value)
{
	for (const struct argp_option *option = option_table; option->name || option->doc; option++)
		if (option->name && strcmp(option->name, name) == 0)
			read_kept_option(option->key, (char *)value, options);
}

static error_t read_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	error_t err = usage_key(key, state, PROGRAM);

	if (err != ARGP_ERR_UNKNOWN)
		return err;
	if (key == ARGP_KEY_ARG)
		return read_argument(state, arg, options);
	err = read_kept_option(key, arg, options);
	if (!err)
		remember(options, key, arg);
	if (err == ARGP_ERR_UNKNOWN)
		err = read_form_option(key, arg, options);
	if (err == ARGP_ERR_UNKNOWN)
		err = read_verb_option(key, arg, options);
	if (!err && key != 'o' && key != 'v')
		options->tracing = true;
	return err;
}

/* What stands behind "--" is COMMAND's own business: argp never sees it. */
static int cut_command(int argc, char **argv, char ***ret_command)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		if (!argv[i + 1])
			usage_fail("no command behind --: write -- COMMAND [ARG...]");
		*ret_command = &argv[i + 1];
		argv[i] = NULL;
		return i;
	}
	return argc;
}

bool options_record_to_stdout(const struct options *options)
{
	return options->record_path && strcmp(options->record_path, "-") == 0;
}

bool options_svg_to_stdout(const struct options *options)
{
	return options->svg_path && strcmp(options->svg_path, "-") == 0;
}

void options_fini(struct options *options)
{
	free(options->files);
	free(options->given);
}

void options_parse(struct options *options, int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = read_option,
		.args_doc = arguments_doc,
		.doc = doc,
	};

	*options = (struct options){.ready_fd = -1,
				    .max_connections = CONNECTIONS_DEFAULT,
				    .record_files = RECORD_FILES_DEFAULT,
				    .close_wait_warn_ns = FINDINGS_PATIENCE_NS};
	options->files = calloc((size_t)argc + 1, sizeof(*options->files));
	options->given = calloc((size_t)argc + FLAGS_MAX + 1, sizeof(*options->given));
	if (!options->files || !options->given)
		usage_fail("no memory to read the command line");
	argc = cut_command(argc, argv, &options->command);
	usage_parse(&argp, argc, argv, options);
	options_check(options);
	options->filter.command_only = options->command;
	log_init(PROGRAM, options->verbose);
}
