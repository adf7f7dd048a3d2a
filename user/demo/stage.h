/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stage: a process in a network namespace of its own, in which a scenario is played while we watch. It ends
 * with us, and takes all roles with it.
 */
#ifndef DEMO_STAGE_H
#define DEMO_STAGE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"
#include "demo/scenario.h"

/* What was counted while it was played. */
#define STAGE_NOTES_SIZE 2048

struct stage {
	pid_t pid;
	int fd; /* readable when the play is over */
	uint32_t netns; /* inode number of its network namespace */
};

enum stage_news {
	STAGE_READY, /* all is set, nothing has happened yet */
	STAGE_LACKS, /* this kernel cannot play it */
	STAGE_OVER, /* the play is over */
	STAGE_FAILED, /* it cannot be set, or the play went wrong */
};

/*
 * Makes the namespace and sets its sysctls. Returns STAGE_READY, and the caller calls stage_destroy() at the
 * end; else STAGE_LACKS or STAGE_FAILED, with one sentence in RET_WHY.
 */
enum stage_news stage_create(const struct scenario *scenario, const struct circumstances *here,
			     struct stage *ret_stage, struct text *ret_why);

/* The play begins. */
void stage_begin(const struct stage *stage);

/* To be called when the play is over: STAGE_OVER, or STAGE_FAILED with one sentence in RET_WHY. What was
 * counted is added to RET_NOTES, a line each. */
enum stage_news stage_result(const struct stage *stage, struct text *ret_why,
			     struct text *ret_notes);

/* Ends whatever is still on it, and waits for that. */
void stage_destroy(struct stage *stage);

#endif
