/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reel: the recordings of one run, read as one in the order in which they were written.
 */
#ifndef REEL_H
#define REEL_H

#include <stdbool.h>

#include "source/recording.h"

struct reel_part {
	struct recording *recording;
	const char *path; /* not ours */
	unsigned int place; /* among those that were given */
	unsigned int group; /* the place of the first of its run */
};

struct reel {
	struct reel_part *parts; /* belong to the struct reels */
	unsigned int count;
	unsigned int at; /* the part that is read */
	int err; /* of the first part that failed so far, 0: none */
};

struct reels {
	struct reel *reels; /* in the order of the first parts that were named */
	struct reel_part *parts;
	unsigned int count, part_count;
	bool whole; /* all that were given could be opened */
};

/* Opens the recordings at PATHS, up to a NULL, which must outlive it. Returns 0 or -ENOMEM; what cannot be opened was said
 * in one sentence each. */
int reels_open(char **paths, struct reels *ret_reels);
void reels_close(struct reels *reels);

/* Of its first part. */
const struct recording_about *reel_about(const struct reel *reel);

/* As recording_next(); what a part lacks ends the reel not, but its end is -EBADMSG then. */
int reel_next(struct reel *reel, const void **ret_record, size_t *ret_size);

/* As recording_must_read(). */
bool reel_must_read(const struct reel *reel);

/* Can it be read twice? */
bool reel_can_rewind(const struct reel *reel);

/* Begins again with the first record, as if none had been read. Returns 0, or -errno after having said why not. */
int reel_rewind(struct reel *reel);

/* From now on nothing is said of what is damaged or cut; until it is rewound. */
void reel_say_nothing(struct reel *reel);

#endif
