// SPDX-License-Identifier: GPL-2.0-only
#include "reel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- the recordings ------------------------------------------------------------------------------ */

static unsigned int group_of(const struct reel_part *parts, unsigned int count,
			     const struct recording_about *about, unsigned int place)
{
	for (unsigned int i = 0; i < count; i++)
		if (memcmp(recording_about(parts[i].recording)->run, about->run,
			   sizeof(about->run)) == 0)
			return parts[i].group;
	return place;
}

static int in_order(const void *a, const void *b)
{
	const struct reel_part *one = a, *other = b;
	uint32_t one_part = recording_about(one->recording)->part;
	uint32_t other_part = recording_about(other->recording)->part;

	if (one->group != other->group)
		return one->group < other->group ? -1 : 1;
	if (one_part != other_part)
		return one_part < other_part ? -1 : 1;
	return one->place < other->place ? -1 : 1;
}

/* Those that can be opened, the parts of each run in their order. Returns how many. */
static unsigned int open_parts(char **paths, struct reel_part *ret_parts, bool *ret_whole)
{
	unsigned int count = 0;

	*ret_whole = true;
	for (unsigned int place = 0; paths[place]; place++) {
		struct reel_part *part = &ret_parts[count];

		*part = (struct reel_part){.path = paths[place], .place = place};
		if (recording_open(part->path, &part->recording)) {
			*ret_whole = false;
			continue;
		}
		part->group = group_of(ret_parts, count, recording_about(part->recording), place);
		count++;
	}
	qsort(ret_parts, count, sizeof(*ret_parts), in_order);
	return count;
}

/* Does the second of them go on where the first ends, or, where a part is missing, behind that? One that is given twice
 * is another reel. */
static bool goes_on(const struct reel_part *parts)
{
	return parts[0].group == parts[1].group &&
	       recording_about(parts[0].recording)->part <
		       recording_about(parts[1].recording)->part;
}

static void skip_checkpoints(const struct reel *reel)
{
	for (unsigned int i = 1; i < reel->count; i++)
		recording_skip_checkpoint(reel->parts[i].recording);
}

static void wind(struct reels *reels)
{
	for (unsigned int begin = 0, end; begin < reels->part_count; begin = end) {
		struct reel *reel = &reels->reels[reels->count++];

		for (end = begin + 1; end < reels->part_count && goes_on(&reels->parts[end - 1]);
		     end++)
			;
		*reel = (struct reel){.parts = &reels->parts[begin], .count = end - begin};
		skip_checkpoints(reel);
	}
}

int reels_open(char **paths, struct reels *ret_reels)
{
	unsigned int given = 0;
	struct reels reels = {0};

	while (paths[given])
		given++;
	reels.reels = calloc(given + 1, sizeof(*reels.reels));
	reels.parts = calloc(given + 1, sizeof(*reels.parts));
	if (!reels.reels || !reels.parts) {
		free(reels.reels);
		free(reels.parts);
		return -ENOMEM;
	}
	reels.part_count = open_parts(paths, reels.parts, &reels.whole);
	wind(&reels);
	*ret_reels = reels;
	return 0;
}

void reels_close(struct reels *reels)
{
	for (unsigned int i = 0; i < reels->part_count; i++)
		recording_close(reels->parts[i].recording);
	free(reels->reels);
	free(reels->parts);
}

const struct recording_about *reel_about(const struct reel *reel)
{
	return recording_about(reel->parts[0].recording);
}

/* --- reading ------------------------------------------------------------------------------------- */

int reel_next(struct reel *reel, const void **ret_record, size_t *ret_size)
{
	for (; reel->at < reel->count; reel->at++) {
		int got = recording_next(reel->parts[reel->at].recording, ret_record, ret_size);

		if (got > 0)
			return got;
		if (!reel->err)
			reel->err = got;
	}
	return reel->err;
}

bool reel_must_read(const struct reel *reel)
{
	return reel->at < reel->count && recording_must_read(reel->parts[reel->at].recording);
}

bool reel_can_rewind(const struct reel *reel)
{
	for (unsigned int i = 0; i < reel->count; i++)
		if (!recording_can_rewind(reel->parts[i].recording))
			return false;
	return true;
}

int reel_rewind(struct reel *reel)
{
	for (unsigned int i = 0; i < reel->count; i++) {
		int err = recording_rewind(&reel->parts[i].recording);

		if (err)
			return err;
	}
	reel->at = 0;
	reel->err = 0;
	skip_checkpoints(reel);
	return 0;
}

void reel_say_nothing(struct reel *reel)
{
	for (unsigned int i = 0; i < reel->count; i++)
		recording_say_nothing(reel->parts[i].recording);
}
