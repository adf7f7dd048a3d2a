/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recorder: writes records to a file as they come, to be read by recording.h.
 *
 * They gather to frames of up to 64 KiB (source/frame.h), which go out when they are full, and with recorder_tick().
 */
#ifndef SOURCE_RECORDER_H
#define SOURCE_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "source/recording.h"

struct recorder;

struct recorder_config {
	const char *path; /* "-": stdout */
	uint64_t max_bytes; /* of a file, when the next one is to be begun; 0: never */
	unsigned int max_files; /* at most so many are kept: PATH, PATH.1 before it, ... */
	uid_t uid; /* who is to have the files, -1: who makes them */
	gid_t gid;
	struct recording_about about; /* but for `run` and `part` */
	const struct recording_setting *settings; /* up to one with the name NULL */
};

/* Begins a new or emptied file, which only its owner may read. Returns 0 or -errno. CONFIG need not outlive the call. */
int recorder_open(const struct recorder_config *config, struct recorder **ret_recorder);

/* Appends a record of SIZE bytes, up to 65535. Returns 0 or -errno; where recorder_lacks_room() is true of that, a frame was
 * left out, and what comes later is tried: the numbers on the events then show the gap. */
int recorder_write(struct recorder *recorder, const void *record, size_t size);

/* It is NOW_NS (CLOCK_MONOTONIC): writes out what is older than a second; UINT64_MAX: all. Returns 0 or -errno. */
int recorder_tick(struct recorder *recorder, uint64_t now_ns);

/* Is ERR, of recorder_write() or recorder_tick(), that of a disk that is full? */
bool recorder_lacks_room(int err);

/* Was the last frame left out? */
bool recorder_is_stuck(const struct recorder *recorder);

/* How many events were left out as the disk was full? */
uint64_t recorder_missing(const struct recorder *recorder);

/* Has the file its size? Then recorder_next() is to be called. */
bool recorder_is_full(const struct recorder *recorder);

/* Ends the file, and begins the next part in a new one. To be called where the replay of what was written so far needs
 * nothing of what follows. Returns 0 or -errno. */
int recorder_next(struct recorder *recorder);

/* As recorder_write(), but for who has none of the parts before: right behind recorder_next(). */
int recorder_write_checkpoint(struct recorder *recorder, const void *record, size_t size);

/* Writes out the rest, and frees it; NULL is none. Returns 0, or -errno if not all could be written. */
int recorder_close(struct recorder *recorder);

#endif
