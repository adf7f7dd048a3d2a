/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recording: reads what recorder wrote (source/recorder.h), on any machine.
 *
 * It reads on and never back, so a pipe will do. Whatever stands in the file, it takes no more memory, and what it gives
 * are whole records as far as their checksums tell; what they say is for event_decode() to judge.
 */
#ifndef SOURCE_RECORDING_H
#define SOURCE_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORDING_HOST_SIZE 65 /* HOST_NAME_MAX, and NUL */

/* What a recording says of the run that it is of. */
struct recording_about {
	uint8_t run[16]; /* the same in all files of one run, and in no other */
	uint32_t part; /* which of its files, from 0 */
	uint32_t netns; /* inode number of the network namespace of the tracer */
	uint64_t start_ns; /* CLOCK_MONOTONIC when the trace began */
	uint64_t realtime_ns; /* CLOCK_REALTIME at the same time */
	char host[RECORDING_HOST_SIZE]; /* any bytes, and NUL */
};

/* How it was traced and shown: the name of a long option, or "columns", "zone", "command"; and its value. */
struct recording_setting {
	const char *name, *value; /* they live as long as the recording; any bytes, and NUL */
};

struct recording;

/* Opens PATH, "-" for stdin. Returns 0, or -errno after having said in one sentence why not. */
int recording_open(const char *path, struct recording **ret_recording);
void recording_close(struct recording *recording);

/* Can it be read once more? A pipe cannot. */
bool recording_can_rewind(const struct recording *recording);

/* Begins it anew, as recording_open() would. Returns 0, or -errno after having said why not, and it stays as it was. */
int recording_rewind(struct recording **recording);

const struct recording_about *recording_about(const struct recording *recording);

/* The INDEXth setting, from 0; NULL behind the last. */
const struct recording_setting *recording_setting(const struct recording *recording,
						  unsigned int index);

/* For who has had the part before: what was there when this one began is known. */
void recording_skip_checkpoint(struct recording *recording);

/* From now on nothing is said of what is damaged or cut. */
void recording_say_nothing(struct recording *recording);

/* Does the next record have to be waited for, as far as is known? */
bool recording_must_read(const struct recording *recording);

/*
 * The next record, valid until the next call, aligned to 8 bytes and in this machine's byte order. Returns 1;
 * 0 at the end; -EBADMSG after having said where the file is damaged or cut: what could be read was given.
 */
int recording_next(struct recording *recording, const void **ret_record, size_t *ret_size);

#endif
