// SPDX-License-Identifier: GPL-2.0-only
#include "judge.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the program puts before each sentence of its own. */
#define SENTENCE "tcpstate-trace: "

/* By so many at its end it is seen that a file is whole. */
#define END_BYTES 8

/* --- files --------------------------------------------------------------------------------------- */

static void add_file(FILE *to, const char *path)
{
	FILE *file = fopen(path, "re");
	char bytes[4096];
	size_t n;

	while (file && (n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		fwrite(bytes, 1, n, to);
	if (file)
		fclose(file);
}

static char *read_file(const char *path)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	add_file(to, path);
	fclose(to);
	return text;
}

static int is_visible(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* The files of the directory but SKIPPED (NULL: all), by name and, unless they vary, with what is in them. */
static char *read_files(const struct judge *judge, const char *skipped)
{
	struct dirent **entries;
	int count = scandir(judge->here, &entries, is_visible, alphasort);
	char *text = NULL, path[4096];
	size_t size;
	FILE *to = open_memstream(&text, &size);

	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;

		if (!skipped || strcmp(name, skipped) != 0) {
			fprintf(to, "%s\n", name);
			snprintf(path, sizeof(path), "%s/%s", judge->here, name);
			if (!judge->varies)
				add_file(to, path);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	fclose(to);
	return text;
}

void judge_tidy(const struct judge *judge)
{
	struct dirent **entries;
	int count = scandir(judge->here, &entries, is_visible, NULL);
	char path[4096];

	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", judge->here, entries[i]->d_name);
		unlink(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

/* --- the rules ----------------------------------------------------------------------------------- */

/* How many sentences TEXT is made of; -1: there is something else in it. */
static int count_sentences(const char *text)
{
	int count = 0;

	while (*text) {
		const char *end = strchr(text, '\n');

		if (strncmp(text, SENTENCE, strlen(SENTENCE)) != 0 || !end)
			return -1;
		count++;
		text = end + 1;
	}
	return count;
}

static const char *check_end(const struct judge *judge, const struct run *run)
{
	int status = WEXITSTATUS(run->status);

	if (run->hung)
		return "it hangs";
	if (WIFSIGNALED(run->status))
		return strsignal(WTERMSIG(run->status));
	if (run->left_process)
		return "it left a process behind";
	if (status > 2 && !(judge->commands && status >= 125 && status <= 127))
		return "its exit status is none that it should have";
	return NULL;
}

/* What goes on in silence must come to the same. */
static const char *check_success(const struct judge *judge, int sentences)
{
	char *out, *files;
	bool same;

	if (sentences > 0)
		return NULL;
	out = read_file(judge->out);
	files = read_files(judge, NULL);
	same = (judge->varies || strcmp(out, judge->wanted_out) == 0) &&
	       strcmp(files, judge->wanted_files) == 0;
	free(out);
	free(files);
	return same ? NULL : "its result is another one, without a word";
}

/* What was not written to its end is none. */
static bool kept_is_whole(const struct judge *judge)
{
	char path[4096], *text;
	bool whole;
	size_t len;

	if (!judge->kept || judge->varies)
		return true;
	snprintf(path, sizeof(path), "%s/%s", judge->here, judge->kept);
	text = read_file(path);
	len = strlen(text);
	whole = access(path, F_OK) != 0 ||
		(len >= END_BYTES && strstr(judge->wanted_files, text + len - END_BYTES));
	free(text);
	return whole;
}

static const char *check_failure(const struct judge *judge, int sentences)
{
	char *files = read_files(judge, judge->kept);
	bool clean = !*files;

	free(files);
	if (sentences < 1 || sentences > judge->sentences)
		return sentences ? "it fails in too many sentences" : "it fails without a word";
	if (!kept_is_whole(judge))
		return "it fails and leaves half a file behind";
	return clean ? NULL : "it fails and leaves a file behind";
}

const char *judge_run(const struct judge *judge, const struct run *run)
{
	const char *wrong = check_end(judge, run);
	char *err;
	int sentences;

	if (wrong)
		return wrong;
	err = read_file(judge->err);
	sentences = count_sentences(err);
	free(err);
	if (sentences < 0)
		return "what it says on stderr is no sentence of its own";
	return WEXITSTATUS(run->status) ? check_failure(judge, sentences)
					: check_success(judge, sentences);
}

const char *judge_begin(struct judge *judge, const struct run *run)
{
	judge->wanted_out = read_file(judge->out);
	judge->wanted_files = read_files(judge, NULL);
	if (run->status != 0)
		return "it fails without a fault";
	return judge_run(judge, run);
}

void judge_end(struct judge *judge)
{
	free(judge->wanted_out);
	free(judge->wanted_files);
}
