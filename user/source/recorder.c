// SPDX-License-Identifier: GPL-2.0-only
#include "source/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "source/frame.h"
#include "source/head.h"
#include "wire.h"

#define HELD_NS UINT64_C(1000000000)

/* What a disk that was full must have: a little room is left when a frame does not fit, and goes at once. */
#define ROOM_BYTES (UINT64_C(8) * FRAME_BODY_MAX)

struct recorder {
	int fd; /* -1: the next file could not be begun */
	char path[PATH_MAX];
	uint64_t max_bytes, bytes; /* of this file, but for how it begins: that may have any size */
	unsigned int max_files;
	uid_t uid;
	gid_t gid;
	z_stream deflate;
	enum frame_kind kind; /* of what has gathered */
	size_t len; /* bytes of it */
	uint64_t oldest_ns; /* the time of its first record */
	uint64_t events; /* the records in it that have a number of the kernel side */
	uint64_t missing; /* events that were left out, as the disk was full */
	bool is_stuck; /* the last frame was left out */
	uint64_t retry_ns; /* the time from which on the next one may fit */
	size_t head_size;
	char head[FRAME_BODY_MAX]; /* as it begins each file: a struct head, and the settings */
	char body[FRAME_BODY_MAX];
	unsigned char frame[FRAME_SIZE_MAX];
};

/* --- frames -------------------------------------------------------------------------------------- */

static int write_all(int fd, const unsigned char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t wrote = write(fd, bytes, size);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return -errno;
		bytes += wrote;
		size -= (size_t)wrote;
	}
	return 0;
}

/* A frame is there as a whole or not at all, as far as the file lets itself be cut. */
static int write_frame(struct recorder *recorder, enum frame_kind kind, const void *body,
		       size_t size)
{
	size_t framed = frame_pack(&recorder->deflate, kind, body, size, recorder->frame);
	off_t begin = lseek(recorder->fd, 0, SEEK_CUR);
	int err = write_all(recorder->fd, recorder->frame, framed);

	if (!err && kind == FRAME_RECORDS)
		recorder->bytes += framed;
	if (err && begin >= 0 && ftruncate(recorder->fd, begin) == 0)
		lseek(recorder->fd, begin, SEEK_SET);
	return err;
}

bool recorder_lacks_room(int err)
{
	return err == -ENOSPC || err == -EDQUOT;
}

/* While the disk is full it is looked at once a second. */
static bool has_room(struct recorder *recorder)
{
	struct statvfs disk;

	if (!recorder->is_stuck)
		return true;
	if (recorder->oldest_ns < recorder->retry_ns)
		return false;
	recorder->retry_ns = recorder->oldest_ns + HELD_NS;
	return fstatvfs(recorder->fd, &disk) != 0 || disk.f_bavail * disk.f_frsize >= ROOM_BYTES;
}

static int flush(struct recorder *recorder)
{
	size_t len = recorder->len;
	int err = -ENOSPC;

	if (len == 0)
		return 0;
	if (has_room(recorder))
		err = write_frame(recorder, recorder->kind, recorder->body, len);
	if (recorder_lacks_room(err))
		recorder->missing += recorder->events;
	recorder->is_stuck = recorder_lacks_room(err);
	recorder->events = recorder->len = 0;
	return err;
}

/* Does it have a number, so that it is missed where it is not? */
static bool is_event(const struct wire_hdr *hdr)
{
	return hdr->type < WIRE_TICK || hdr->type == WIRE_ELSEWHERE;
}

static int append(struct recorder *recorder, enum frame_kind kind, const void *record, size_t size)
{
	struct wire_hdr hdr;
	int err = 0;

	if (recorder->kind != kind || recorder->len + size > sizeof(recorder->body))
		err = flush(recorder);
	if (err && !recorder_lacks_room(err))
		return err;
	memcpy(&hdr, record, sizeof(hdr));
	if (recorder->len == 0)
		recorder->oldest_ns = hdr.ktime_ns;
	recorder->kind = kind;
	memcpy(recorder->body + recorder->len, record, size);
	recorder->len += size;
	recorder->events += kind == FRAME_RECORDS && is_event(&hdr);
	return err;
}

int recorder_write(struct recorder *recorder, const void *record, size_t size)
{
	return append(recorder, FRAME_RECORDS, record, size);
}

int recorder_write_checkpoint(struct recorder *recorder, const void *record, size_t size)
{
	return append(recorder, FRAME_CHECKPOINT, record, size);
}

int recorder_tick(struct recorder *recorder, uint64_t now_ns)
{
	if (now_ns < recorder->oldest_ns || now_ns - recorder->oldest_ns < HELD_NS)
		return 0;
	return flush(recorder);
}

bool recorder_is_stuck(const struct recorder *recorder)
{
	return recorder->is_stuck;
}

uint64_t recorder_missing(const struct recorder *recorder)
{
	return recorder->missing;
}

/* --- files --------------------------------------------------------------------------------------- */

/* A recording may hold command lines and whom somebody talks to: it is nobody else's business. */
static int open_file(struct recorder *recorder)
{
	struct stat status;
	int fd;

	if (strcmp(recorder->path, "-") == 0)
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	else
		fd = open(recorder->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    fchown(fd, recorder->uid, recorder->gid) != 0 && errno != EPERM) {
		close(fd);
		return -errno;
	}
	recorder->fd = fd;
	recorder->bytes = 0;
	return 0;
}

/* Twice: without one nothing could be read. */
static int begin_file(struct recorder *recorder)
{
	int err = open_file(recorder);

	for (int copy = 0; copy < 2 && !err; copy++)
		err = write_frame(recorder, FRAME_HEAD, recorder->head, recorder->head_size);
	return err;
}

/* Returns 0 or -errno. One that ends in a gap is not marked as whole. */
static int end_file(struct recorder *recorder)
{
	int err = flush(recorder);

	if (recorder->is_stuck)
		err = -ENOSPC;
	if (!err)
		err = write_frame(recorder, FRAME_END, "", 0);
	if (close(recorder->fd) != 0 && !err)
		err = -errno;
	recorder->fd = -1;
	return err;
}

bool recorder_is_full(const struct recorder *recorder)
{
	return recorder->max_bytes && recorder->bytes >= recorder->max_bytes;
}

/* PATH.N for NUMBER n, PATH itself for 0. */
static void name_of(const struct recorder *recorder, unsigned int number, char *ret_path,
		    size_t size)
{
	if (number)
		snprintf(ret_path, size, "%s.%u", recorder->path, number);
	else
		snprintf(ret_path, size, "%s", recorder->path);
}

/* Each takes the name of the one before it, the oldest goes. */
static void shift_files(const struct recorder *recorder)
{
	char from[PATH_MAX + 16], to[PATH_MAX + 16];

	for (unsigned int number = recorder->max_files - 1; number > 0; number--) {
		name_of(recorder, number - 1, from, sizeof(from));
		name_of(recorder, number, to, sizeof(to));
		rename(from, to);
	}
}

int recorder_next(struct recorder *recorder)
{
	struct head head;
	int err = end_file(recorder);

	if (err && !recorder_lacks_room(err)) /* the oldest file makes room */
		return err;
	shift_files(recorder);
	recorder->is_stuck = false;
	memcpy(&head, recorder->head, sizeof(head));
	head.part++;
	memcpy(recorder->head, &head, sizeof(head));
	return begin_file(recorder);
}

/* --- the whole ----------------------------------------------------------------------------------- */

static int add_setting(struct recorder *recorder, const struct recording_setting *setting)
{
	size_t room = sizeof(recorder->head) - recorder->head_size;
	int len = snprintf(recorder->head + recorder->head_size, room, "%s=%s", setting->name,
			   setting->value);

	if (len < 0 || (size_t)len >= room)
		return -E2BIG;
	recorder->head_size += (size_t)len + 1;
	return 0;
}

static int make_head(struct recorder *recorder, const struct recorder_config *config)
{
	const struct recording_about *about = &config->about;
	struct head head = {
		.byte_order = HEAD_BYTE_ORDER,
		.wire_version = WIRE_VERSION,
		.netns = about->netns,
		.start_ns = about->start_ns,
		.realtime_ns = about->realtime_ns,
	};
	unsigned int count;
	int err = 0;

	if (getrandom(head.run, sizeof(head.run), 0) != sizeof(head.run))
		return -EIO;
	memcpy(head.host, about->host, sizeof(about->host));
	memcpy(recorder->head, &head, sizeof(head));
	recorder->head_size = sizeof(head);
	for (count = 0; config->settings && config->settings[count].name && !err; count++)
		err = count == HEAD_SETTINGS ? -E2BIG
					     : add_setting(recorder, &config->settings[count]);
	return err;
}

static int prepare(struct recorder *recorder, const struct recorder_config *config)
{
	size_t len = strlen(config->path);

	if (len >= sizeof(recorder->path))
		return -ENAMETOOLONG;
	memcpy(recorder->path, config->path, len);
	recorder->max_bytes = config->max_bytes;
	recorder->max_files = config->max_files;
	recorder->uid = config->uid;
	recorder->gid = config->gid;
	if (deflateInit(&recorder->deflate, Z_BEST_SPEED) != Z_OK)
		return -ENOMEM;
	return make_head(recorder, config);
}

static void destroy(struct recorder *recorder)
{
	deflateEnd(&recorder->deflate);
	free(recorder);
}

int recorder_open(const struct recorder_config *config, struct recorder **ret_recorder)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	int err;

	if (!recorder)
		return -ENOMEM;
	recorder->fd = -1;
	err = prepare(recorder, config);
	if (!err)
		err = begin_file(recorder);
	if (err) {
		if (recorder->fd >= 0)
			close(recorder->fd);
		destroy(recorder);
		return err;
	}
	*ret_recorder = recorder;
	return 0;
}

int recorder_close(struct recorder *recorder)
{
	int err = 0;

	if (!recorder)
		return 0;
	if (recorder->fd >= 0)
		err = end_file(recorder);
	destroy(recorder);
	return err;
}
