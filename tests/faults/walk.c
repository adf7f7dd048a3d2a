// SPDX-License-Identifier: GPL-2.0-only
/*
 * walk: runs a program again and again, each time with another thing failing, until there is nothing left that has not:
 *
 *	faults [OPTION...] NAME PROGRAM [ARGUMENT...]
 *
 *	-a	allocations fail (else system calls do, see call.c)
 *	-f	... and all behind the one that fails
 *	-i	system calls are interrupted
 *	-e N	only each Nth of them
 *	-m N	it may fail in N sentences
 *	-n N	the Nth alone
 *	-k FILE	may stay when the program fails
 *	-c	it runs a command, which may fail as well
 *	-d	what it says and writes differs from run to run
 *	-v	tells each run
 *
 * Each run must end in status 0, and then, if nothing was said, with the same result as the run without a fault, or in
 * one sentence and status 1 or 2; by no signal, in time, and with nothing left behind: no other file, no process and
 * nothing in the kernel. It prints one line, as run.sh wants it, and above it what was wrong.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "judge.h"
#include "kernel.h"
#include "run.h"

struct walk {
	const char *name;
	struct run_plan plan;
	struct judge judge;
	unsigned long every, only;
	bool detailed;
	unsigned long runs, wrong;
	char directory[64];
	char here[80], out[80], err[80], preload[PATH_MAX];
};

/* --- one run ------------------------------------------------------------------------------------- */

static void print_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[1024];

	while (file && fgets(line, sizeof(line), file))
		printf("#     %s%s", line, strchr(line, '\n') ? "" : "\n");
	if (file)
		fclose(file);
}

static void tell(const struct walk *walk, const struct run *run, const char *wrong)
{
	if (!wrong && !walk->detailed)
		return;
	printf("# %s: %lu: %s: status %d: %s\n", walk->name, walk->plan.number, run->fault,
	       WEXITSTATUS(run->status), wrong ? wrong : "well");
	print_file(walk->err);
}

/* Returns false when there was nothing more to fail. */
static bool run_with(struct walk *walk, unsigned long number)
{
	const char *wrong;
	struct run run;

	walk->plan.number = number;
	if (run_once(&walk->plan, &run)) {
		walk->wrong++;
		return false;
	}
	if (run.fault[0]) {
		wrong = judge_run(&walk->judge, &run);
		walk->runs++;
		walk->wrong += wrong != NULL;
		tell(walk, &run, wrong);
	}
	judge_tidy(&walk->judge);
	return run.fault[0];
}

/* --- all of them --------------------------------------------------------------------------------- */

static const char *begin(struct walk *walk)
{
	const char *wrong;
	struct run run;

	walk->plan.number = 0;
	if (run_once(&walk->plan, &run))
		return "it cannot be run";
	wrong = judge_begin(&walk->judge, &run);
	if (wrong)
		print_file(walk->err);
	judge_tidy(&walk->judge);
	return wrong;
}

static int walk_all(struct walk *walk)
{
	static const char *const what[] = {"allocations", "system calls", "interrupted calls"};
	const char *wrong = begin(walk);

	if (wrong) {
		printf("not ok - %s: %s\n", walk->name, wrong);
		return EXIT_FAILURE;
	}
	if (walk->only)
		run_with(walk, walk->only);
	for (unsigned long number = 1; !walk->only && run_with(walk, number); number += walk->every)
		;
	walk->wrong += kernel_left();
	if (walk->wrong)
		printf("not ok - %s: %lu of %lu %s end badly\n", walk->name, walk->wrong,
		       walk->runs, what[walk->plan.fault]);
	else
		printf("ok - %s: %lu %s\n", walk->name, walk->runs, what[walk->plan.fault]);
	return walk->wrong || !walk->runs ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* --- before and after ---------------------------------------------------------------------------- */

static bool take_option(struct walk *walk, int option)
{
	switch (option) {
	case 'a':
		walk->plan.fault = RUN_ALLOCATION;
		return true;
	case 'f':
		walk->plan.for_good = true;
		return true;
	case 'i':
		walk->plan.fault = RUN_INTERRUPTION;
		return true;
	case 'e':
		walk->every = strtoul(optarg, NULL, 10);
		return walk->every > 0;
	case 'm':
		walk->judge.sentences = atoi(optarg);
		return true;
	case 'n':
		walk->only = strtoul(optarg, NULL, 10);
		return walk->only > 0;
	case 'k':
		walk->judge.kept = optarg;
		return true;
	case 'c':
		walk->judge.commands = true;
		return true;
	case 'd':
		walk->judge.varies = true;
		return true;
	case 'v':
		walk->detailed = true;
		return true;
	}
	return false;
}

/* The library stands beside this program. */
static bool find_preload(struct walk *walk)
{
	ssize_t len = readlink("/proc/self/exe", walk->preload, sizeof(walk->preload) - 4);

	if (len < 0)
		return false;
	memcpy(walk->preload + len, ".so", 4);
	return access(walk->preload, R_OK) == 0;
}

static bool make_directories(struct walk *walk)
{
	strcpy(walk->directory, "/tmp/faults-XXXXXX");
	if (!mkdtemp(walk->directory))
		return false;
	snprintf(walk->here, sizeof(walk->here), "%s/here", walk->directory);
	snprintf(walk->out, sizeof(walk->out), "%s/out", walk->directory);
	snprintf(walk->err, sizeof(walk->err), "%s/err", walk->directory);
	return mkdir(walk->here, 0700) == 0;
}

static void remove_directories(const struct walk *walk)
{
	unlink(walk->out);
	unlink(walk->err);
	rmdir(walk->here);
	rmdir(walk->directory);
}

int main(int argc, char **argv)
{
	struct walk walk = {.every = 1, .plan.fault = RUN_CALL, .judge.sentences = 1};
	int option, status;

	setlinebuf(stdout);
	while ((option = getopt(argc, argv, "+acdfie:k:m:n:v")) != -1)
		if (!take_option(&walk, option))
			return 2;
	if (argc - optind < 2 || !find_preload(&walk) || !make_directories(&walk)) {
		fprintf(stderr, "faults: %s\n", errno ? strerror(errno) : "wrong usage");
		return 2;
	}
	walk.name = argv[optind];
	walk.plan.argv = argv + optind + 1;
	walk.plan.preload = walk.preload;
	walk.plan.here = walk.judge.here = walk.here;
	walk.plan.out = walk.judge.out = walk.out;
	walk.plan.err = walk.judge.err = walk.err;
	status = walk_all(&walk);
	judge_end(&walk.judge);
	remove_directories(&walk);
	return status;
}
