// SPDX-License-Identifier: GPL-2.0-only
#include "demo/demo.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/log.h"
#include "base/usage.h"
#include "demo/crew.h"
#include "demo/edges.h"
#include "demo/expect.h"
#include "demo/library.h"
#include "demo/scenario.h"
#include "demo/stage.h"
#include "source/ring.h"
#include "trace.h"

#define STATUS_SKIPPED 77 /* as automake's tests have it */

#define FILE_MAX_BYTES 65536
#define LINES_SIZE     16384
#define NAME_COLUMNS   32
#define COLUMNS_MAX    100
#define LADDERS_MAX    20 /* that anybody would read */
#define TABLE_SIZE     131072
#define TABLE_COLUMNS  140

enum result {
	RESULT_EXPECTED,
	RESULT_DIFFERENT,
	RESULT_SKIPPED,
	RESULTS
};

/* What those who play side by side have in common. */
struct progress {
	atomic_uint next;
	atomic_uint results[RESULTS];
	struct walk walks[]; /* of each scenario */
};

struct demo {
	const struct options *options;
	struct circumstances here;
	struct scenario *scenarios;
	unsigned int count;
	bool whole; /* all of the library */
	bool alone; /* those are due that others must not play beside */
	struct progress *progress;
	struct ring *ring; /* opened once: that takes longer than most plays */
	bool broken_off;
};

/* One play, and what came of it. */
struct play {
	const struct scenario *scenario;
	struct beside beside; /* first: what the trace knows of us */
	struct stage stage;
	struct text why, notes, lines;
	char why_bytes[SCENARIO_ERROR_SIZE], note_bytes[STAGE_NOTES_SIZE];
	char line_bytes[LINES_SIZE];
};

/* --- scenarios ----------------------------------------------------------------------------------- */

static int read_text(struct scenario *scenario, const char *name, const char *text, size_t len)
{
	char sentence[SCENARIO_ERROR_SIZE];
	struct text error;
	int err;

	text_init(&error, sentence, sizeof(sentence));
	err = scenario_parse(name, text, len, scenario, &error);
	if (err)
		log_error("%s", err == -ENOMEM ? strerror(ENOMEM) : sentence);
	return err;
}

static int read_file(struct scenario *scenario, const char *path)
{
	char *text = malloc(FILE_MAX_BYTES), quoted[USAGE_QUOTE_SIZE];
	FILE *file = text ? fopen(path, "re") : NULL;
	size_t len = file ? fread(text, 1, FILE_MAX_BYTES, file) : 0;
	int err = 0;

	if (!file || ferror(file)) {
		err = errno ? -errno : -EIO;
		log_error("cannot read %s: %s", usage_quote(path, quoted), strerror(-err));
	} else if (len == FILE_MAX_BYTES) {
		err = -EFBIG;
		log_error("%s is too long: write a scenario of less than %d bytes",
			  usage_quote(path, quoted), FILE_MAX_BYTES);
	} else {
		err = read_text(scenario, path, text, len);
	}
	if (file)
		fclose(file);
	free(text);
	return err;
}

static int read_one(struct demo *demo, const char *name)
{
	const struct library_entry *entry = library_find(name);
	struct scenario *scenario = &demo->scenarios[demo->count];
	char quoted[USAGE_QUOTE_SIZE];
	int err;

	if (strchr(name, '/')) {
		err = read_file(scenario, name);
	} else if (entry) {
		err = read_text(scenario, name, entry->text, strlen(entry->text));
	} else {
		log_error("there is no scenario %s: `tcpstate-trace demo` lists them; a file of "
			  "your own needs a slash, as ./mine.scenario",
			  usage_quote(name, quoted));
		err = -ENOENT;
	}
	demo->count += !err;
	return err;
}

/* No name, or "all", stands for the whole library. */
static int read_scenarios(struct demo *demo, char **names)
{
	unsigned int count = 0, library_count = 0;
	int err = 0;

	while (names[count])
		count++;
	while (library[library_count].name)
		library_count++;
	demo->scenarios = calloc(count + library_count + 1, sizeof(*demo->scenarios));
	if (!demo->scenarios) {
		log_error("%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	demo->whole = !count || (count == 1 && strcmp(names[0], "all") == 0);
	if (demo->whole) {
		for (unsigned int i = 0; i < library_count && !err; i++)
			err = read_one(demo, library[i].name);
		return err;
	}
	for (unsigned int i = 0; i < count && !err; i++)
		err = read_one(demo, names[i]);
	return err;
}

static void list(const struct demo *demo)
{
	for (unsigned int i = 0; i < demo->count; i++) {
		const struct scenario *scenario = &demo->scenarios[i];
		uint32_t takes_s = scenario_takes_s(scenario, &demo->here);

		printf("%-*s %s", NAME_COLUMNS, scenario->name, scenario->title);
		if (takes_s)
			printf(" (takes %u s)", takes_s);
		puts("");
	}
}

/* --- one play ------------------------------------------------------------------------------------ */

static void begin(struct beside *beside)
{
	stage_begin(&((struct play *)((char *)beside - offsetof(struct play, beside)))->stage);
}

static bool is_crowd(const struct scenario *scenario)
{
	for (unsigned int i = 0; i < scenario->end_count; i++)
		if (scenario->ends[i].last > LADDERS_MAX)
			return true;
	return false;
}

static enum form form_of(const struct options *options, const struct scenario *scenario)
{
	if (options->quiet)
		return FORM_NONE;
	if (options->form != FORM_AUTO)
		return options->form;
	if (!is_crowd(scenario))
		return FORM_LADDER;
	puts("(so many connections are drawn with -o ladder or -o table only)");
	return FORM_NONE;
}

/* Traces the play, and nothing else. Returns false when it was broken off. */
static bool trace(const struct demo *demo, struct play *play, struct expect *expect)
{
	struct options options = *demo->options;
	int status;

	options.filter.netns = play->stage.netns;
	if (play->scenario->close_wait_warn_ns)
		options.close_wait_warn_ns = play->scenario->close_wait_warn_ns;
	options.form = form_of(demo->options, play->scenario);
	play->beside = (struct beside){.ring = demo->ring,
				       .netns = play->stage.netns,
				       .fd = play->stage.fd,
				       .sink = expect_sink(expect),
				       .begin = begin};
	fflush(stdout);
	status = trace_run(&options, &play->beside);
	if (status != EXIT_SUCCESS)
		text_add(&play->why, "the trace failed");
	else if (!play->beside.over)
		text_add(&play->why, "broken off");
	else
		stage_result(&play->stage, &play->why, &play->notes);
	return play->beside.over;
}

static struct walk *walk_of(const struct demo *demo, const struct play *play)
{
	return &demo->progress->walks[play->scenario - demo->scenarios];
}

static enum result play_on_stage(struct demo *demo, struct play *play)
{
	static const struct style style = {.columns = COLUMNS_MAX};
	struct expect *expect = expect_create(&style);
	unsigned int differences;

	if (!expect) {
		text_add(&play->why, strerror(ENOMEM));
		return RESULT_DIFFERENT;
	}
	demo->broken_off = !trace(demo, play, expect);
	differences = demo->broken_off
			      ? 0
			      : expect_compare(expect, play->scenario, &demo->here, &play->lines);
	expect_walk(expect, walk_of(demo, play));
	expect_destroy(expect);
	return differences || play->why.len ? RESULT_DIFFERENT : RESULT_EXPECTED;
}

static enum result play_one(struct demo *demo, struct play *play)
{
	enum result result;

	switch (stage_create(play->scenario, &demo->here, &play->stage, &play->why)) {
	case STAGE_READY:
		result = play_on_stage(demo, play);
		stage_destroy(&play->stage);
		return result;
	case STAGE_LACKS:
		return RESULT_SKIPPED;
	case STAGE_FAILED:
	case STAGE_OVER:
		break;
	}
	return RESULT_DIFFERENT;
}

/* --- what is said of it -------------------------------------------------------------------------- */

/* In lines of the terminal's width. */
static void print_paragraph(const char *words)
{
	struct style style = {0};
	size_t columns, used = 0;

	style_measure(&style, STDOUT_FILENO);
	columns = style.columns < COLUMNS_MAX ? style.columns : COLUMNS_MAX;
	while (*words) {
		size_t len = strcspn(words, " ");

		if (used && used + 1 + len > columns) {
			puts("");
			used = 0;
		}
		printf("%s%.*s", used ? " " : "", (int)len, words);
		used += len + (used != 0);
		words += len;
		words += strspn(words, " ");
	}
	puts("");
}

static void print_lines(const char *lines, const char *indent)
{
	while (*lines) {
		size_t len = strcspn(lines, "\n");

		printf("%s%.*s\n", indent, (int)len, lines);
		lines += len;
		lines += *lines == '\n';
	}
}

static void report_quietly(const struct play *play, enum result result)
{
	static const char *const words[RESULTS] = {"ok", "not ok", "skip"};
	const char *lines = play->lines.at, *why = play->why.at;

	printf("%s - %s", words[result], play->scenario->name);
	if (*why)
		printf(": %s", why);
	else if (*lines)
		printf(": %.*s", (int)strcspn(lines, "\n"), lines);
	puts("");
	print_lines(lines, "#   ");
}

static void report(const struct play *play, enum result result)
{
	puts("");
	if (play->notes.len) {
		print_lines(play->notes.at, "");
		puts("");
	}
	print_paragraph(play->scenario->about);
	puts("");
	if (result == RESULT_EXPECTED)
		puts("as expected");
	else if (result == RESULT_SKIPPED)
		printf("skipped: %s\n", play->why.at);
	else if (play->why.len)
		printf("not as expected: %s\n", play->why.at);
	else
		puts("not as expected (- was expected, + was seen):");
	print_lines(play->lines.at, "  ");
}

/* For all namespaces: those of the plays are made later. */
static int open_ring(struct demo *demo)
{
	const struct filter everything = {0};
	struct ring_config config = {
		.filter = &everything,
		.hooks = demo->options->hooks,
		.explain_bind = demo->options->explain_bind,
	};

	for (unsigned int i = 0; i < demo->count; i++)
		config.explain_bind |= demo->scenarios[i].explain_bind;
	return ring_open(&config, &demo->ring);
}

static void play_and_report(struct demo *demo, struct play *play, const struct scenario *scenario)
{
	bool quiet = demo->options->quiet;
	enum result result;

	*play = (struct play){.scenario = scenario};
	text_init(&play->why, play->why_bytes, sizeof(play->why_bytes));
	text_init(&play->notes, play->note_bytes, sizeof(play->note_bytes));
	text_init(&play->lines, play->line_bytes, sizeof(play->line_bytes));
	if (!quiet)
		printf("%s%s: %s\n\n", scenario == demo->scenarios ? "" : "\n", scenario->name,
		       scenario->title);
	result = play_one(demo, play);
	atomic_fetch_add(&demo->progress->results[result], 1);
	(quiet ? report_quietly : report)(play, result);
	fflush(stdout);
}

/* The number of a namespace that goes is the next one's at once: what is played there would be taken for this play. */
static bool needs_quiet(const struct scenario *scenario)
{
	for (unsigned int i = 0; i < scenario->act_count; i++)
		if (scenario->acts[i].deed == DEED_LEAVES_NAMESPACE)
			return true;
	return false;
}

/* Of those who play side by side. In their first round come those that take long. */
static bool is_due(const struct demo *demo, const struct scenario *scenario, bool first_round)
{
	return needs_quiet(scenario) == demo->alone &&
	       (scenario_takes_s(scenario, &demo->here) != 0) == first_round;
}

/* Plays what nobody plays yet, in order. */
static int play_rest(void *context)
{
	struct demo *demo = context;
	struct play *play = open_ring(demo) ? NULL : calloc(1, sizeof(*play));
	unsigned int rounds = demo->options->jobs > 1 ? 2 : 1, turn;

	while (play && !demo->broken_off &&
	       (turn = atomic_fetch_add(&demo->progress->next, 1)) < demo->count * rounds) {
		const struct scenario *scenario = &demo->scenarios[turn % demo->count];

		if (rounds == 1 || is_due(demo, scenario, turn < demo->count))
			play_and_report(demo, play, scenario);
	}
	ring_close(demo->ring);
	if (!play)
		return EXIT_FAILURE;
	free(play);
	return EXIT_SUCCESS;
}

/* Returns how many edges of those that can be walked were not. */
static unsigned int report_edges(const struct demo *demo)
{
	const struct walk *walks = demo->progress->walks;
	char *bytes = calloc(2, TABLE_SIZE);
	struct text table, missing;
	unsigned int count;

	if (!bytes)
		return EDGES;
	text_init(&table, bytes, TABLE_SIZE);
	text_init(&missing, bytes + TABLE_SIZE, TABLE_SIZE);
	edges_table(walks, demo->scenarios, demo->count, TABLE_COLUMNS, &table);
	count = edges_missing(walks, demo->count, &missing);
	printf("\n%s\n%s - edges%s%s\n", table.at, count ? "not ok" : "ok",
	       count ? ": nobody walks " : "", missing.at);
	free(bytes);
	return count;
}

static int sum_up(const struct demo *demo)
{
	const atomic_uint *results = demo->progress->results;
	unsigned int unwalked = demo->options->edges ? report_edges(demo) : 0;

	if (demo->count > 1 && !demo->options->quiet)
		printf("\n%u as expected, %u not, %u skipped\n", results[RESULT_EXPECTED],
		       results[RESULT_DIFFERENT], results[RESULT_SKIPPED]);
	if (results[RESULT_DIFFERENT] || (unwalked && demo->whole))
		return EXIT_FAILURE;
	return results[RESULT_EXPECTED] ? EXIT_SUCCESS : STATUS_SKIPPED;
}

/* Who must not have others beside him comes behind them. */
static int play_side_by_side(struct demo *demo)
{
	int status = crew_run(demo->options->jobs, play_rest, demo);

	for (unsigned int i = 0; i < demo->count && !demo->alone; i++)
		demo->alone = needs_quiet(&demo->scenarios[i]);
	if (!demo->alone || status != EXIT_SUCCESS)
		return status;
	demo->progress->next = 0;
	return crew_run(1, play_rest, demo);
}

static int play_all(struct demo *demo)
{
	size_t size = sizeof(*demo->progress) + demo->count * sizeof(struct walk);
	int status;

	demo->progress =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (demo->progress == MAP_FAILED) {
		log_error("%s", strerror(errno));
		return EXIT_FAILURE;
	}
	status = demo->options->jobs > 1 ? play_side_by_side(demo) : play_rest(demo);
	if (status == EXIT_SUCCESS)
		status = sum_up(demo);
	munmap(demo->progress, size);
	return status;
}

int demo_run(const struct options *options)
{
	struct demo demo = {.options = options};
	struct utsname system;
	int status = EXIT_SUCCESS;

	uname(&system);
	demo.here.fast = options->fast;
	demo.here.kernel = scenario_kernel(system.release);
	if (read_scenarios(&demo, options->files)) {
		status = USAGE_EXIT_STATUS;
	} else if (!options->files[0]) {
		list(&demo);
	} else if (geteuid() != 0) {
		log_error("tracing needs root: run it with sudo");
		status = EXIT_FAILURE;
	} else {
		status = play_all(&demo);
	}
	for (unsigned int i = 0; i < demo.count; i++)
		scenario_fini(&demo.scenarios[i]);
	free(demo.scenarios);
	if (fflush(stdout) && status == EXIT_SUCCESS)
		status = EXIT_FAILURE;
	return status;
}
