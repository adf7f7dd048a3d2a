// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two recordings, read and put together as `replay ONE OTHER` does it. The first byte says how they come: as the bytes stand,
 * cut in two; or as whole frames around them, for behind a checksum few bytes come through.
 */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "join.h"
#include "source/frame.h"

static void write_frame(int fd, enum frame_kind kind, const void *body, size_t size)
{
	static unsigned char frame[FRAME_SIZE_MAX];
	z_stream stream = {0};
	size_t len;

	if (deflateInit(&stream, 1) != Z_OK)
		abort();
	len = frame_pack(&stream, kind, body, size, frame);
	deflateEnd(&stream);
	if (write(fd, frame, len) < 0)
		abort();
}

/* A frame: a byte for its kind, two for the size of its body. */
static void write_frames(int fd, const uint8_t *bytes, size_t size)
{
	while (size >= 3) {
		size_t body = bytes[1] | (size_t)bytes[2] << 8;

		if (body > size - 3)
			body = size - 3;
		write_frame(fd, (enum frame_kind)(1 + bytes[0] % 5), bytes + 3, body);
		bytes += 3 + body;
		size -= 3 + body;
	}
}

static int make_file(const uint8_t *bytes, size_t size, bool framed, char *ret_path)
{
	int fd = memfd_create("recording", 0);

	if (fd < 0)
		abort();
	if (framed)
		write_frames(fd, bytes, size);
	else if (write(fd, bytes, size) < 0)
		abort();
	sprintf(ret_path, "/proc/self/fd/%d", fd);
	return fd;
}

static void read_all(char **paths)
{
	struct reels reels;
	struct event event;

	if (reels_open(paths, &reels))
		abort();
	if (reels.count > 0) {
		bool joined[2] = {false};
		struct join join;

		if (join_create(reels.reels, reels.count, &join, joined) == 0)
			while (join_next(&join, &event))
				;
	}
	reels_close(&reels);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char one[32], other[32], *paths[] = {one, other, NULL};
	size_t first;
	int fds[2];

	if (size < 3)
		return 0;
	first = ((size_t)bytes[1] | (size_t)bytes[2] << 8) % (size - 2);
	fds[0] = make_file(bytes + 3, first ? first - 1 : 0, bytes[0] & 1, one);
	fds[1] = make_file(bytes + 3 + (first ? first - 1 : 0), size - 3 - (first ? first - 1 : 0),
			   bytes[0] & 1, other);
	read_all(paths);
	close(fds[0]);
	close(fds[1]);
	return 0;
}
