// SPDX-License-Identifier: GPL-2.0-only
#include "demo/demo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/log.h"
#include "base/usage.h"
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

enum result {
	RESULT_EXPECTED,
	RESULT_DIFFERENT,
	RESULT_SKIPPED,
	RESULTS
};

struct demo {
	const struct options *options;
	struct circumstances here;
	struct scenario *scenarios;
	unsigned int count;
	unsigned int results[RESULTS];
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
	if (!count || (count == 1 && strcmp(names[0], "all") == 0)) {
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
		puts("$ " DEED_NETSTAT);
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

static int play_all(struct demo *demo)
{
	bool quiet = demo->options->quiet;
	struct play *play = open_ring(demo) ? NULL : calloc(1, sizeof(*play));

	for (unsigned int i = 0; play && i < demo->count && !demo->broken_off; i++) {
		enum result result;

		*play = (struct play){.scenario = &demo->scenarios[i]};
		text_init(&play->why, play->why_bytes, sizeof(play->why_bytes));
		text_init(&play->notes, play->note_bytes, sizeof(play->note_bytes));
		text_init(&play->lines, play->line_bytes, sizeof(play->line_bytes));
		if (!quiet)
			printf("%s%s: %s\n\n", i ? "\n" : "", play->scenario->name,
			       play->scenario->title);
		result = play_one(demo, play);
		demo->results[result]++;
		(quiet ? report_quietly : report)(play, result);
	}
	ring_close(demo->ring);
	if (!play)
		return EXIT_FAILURE;
	free(play);
	if (demo->count > 1 && !quiet)
		printf("\n%u as expected, %u not, %u skipped\n", demo->results[RESULT_EXPECTED],
		       demo->results[RESULT_DIFFERENT], demo->results[RESULT_SKIPPED]);
	if (demo->results[RESULT_DIFFERENT])
		return EXIT_FAILURE;
	return demo->results[RESULT_EXPECTED] ? EXIT_SUCCESS : STATUS_SKIPPED;
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
