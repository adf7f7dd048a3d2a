// SPDX-License-Identifier: GPL-2.0-only
#include "source/frame.h"

#include <errno.h>
#include <string.h>

#define CRC_AT 16

/* No text has the first byte, and no UTF-8 either. */
static const unsigned char magic[4] = {0xf7, 'T', 'S', 'R'};

static void put(unsigned char *at, unsigned int bytes, uint32_t number)
{
	for (; bytes > 0; bytes--, number >>= 8)
		*at++ = (unsigned char)number;
}

static uint32_t get(const unsigned char *at, unsigned int bytes)
{
	uint32_t number = 0;

	while (bytes-- > 0)
		number = number << 8 | at[bytes];
	return number;
}

static uint32_t checksum(const unsigned char *frame, size_t stored)
{
	uLong crc = crc32(0, frame, CRC_AT);

	return (uint32_t)crc32(crc, frame + FRAME_HEADER_SIZE, (uInt)stored);
}

/* Returns the size of the BODY deflated, or 0 if that is not less. */
static size_t pack_body(z_stream *stream, const void *body, size_t size, unsigned char *ret_bytes)
{
	deflateReset(stream);
	stream->next_in = (Bytef *)body;
	stream->avail_in = (uInt)size;
	stream->next_out = ret_bytes;
	stream->avail_out = size ? (uInt)size - 1 : 0;
	if (!size || deflate(stream, Z_FINISH) != Z_STREAM_END)
		return 0;
	return size - 1 - stream->avail_out;
}

size_t frame_pack(z_stream *stream, enum frame_kind kind, const void *body, size_t size,
		  unsigned char *ret_bytes)
{
	size_t stored = pack_body(stream, body, size, ret_bytes + FRAME_HEADER_SIZE);
	bool deflated = stored > 0;

	if (!deflated) {
		stored = size;
		memcpy(ret_bytes + FRAME_HEADER_SIZE, body, size);
	}
	memcpy(ret_bytes, magic, sizeof(magic));
	put(ret_bytes + 4, 2, FRAME_VERSION);
	put(ret_bytes + 6, 1, kind);
	put(ret_bytes + 7, 1, deflated);
	put(ret_bytes + 8, 4, (uint32_t)stored);
	put(ret_bytes + 12, 4, (uint32_t)size);
	put(ret_bytes + CRC_AT, 4, checksum(ret_bytes, stored));
	return FRAME_HEADER_SIZE + stored;
}

/* No more than SIZE bytes come out, whatever is in it. */
static bool unpack_body(z_stream *stream, const unsigned char *bytes, size_t stored, void *ret_body,
			size_t size)
{
	inflateReset(stream);
	stream->next_in = (Bytef *)bytes;
	stream->avail_in = (uInt)stored;
	stream->next_out = ret_body;
	stream->avail_out = (uInt)size;
	return inflate(stream, Z_FINISH) == Z_STREAM_END && stream->avail_out == 0;
}

int64_t frame_unpack(z_stream *stream, const unsigned char *bytes, size_t size, uint8_t *ret_kind,
		     void *ret_body, size_t *ret_body_size)
{
	size_t begun = size < sizeof(magic) ? size : sizeof(magic), stored, raw;

	if (memcmp(bytes, magic, begun) != 0)
		return -EBADMSG;
	if (size < FRAME_HEADER_SIZE)
		return -EAGAIN;
	stored = get(bytes + 8, 4);
	raw = get(bytes + 12, 4);
	if (stored > FRAME_BODY_MAX || raw > FRAME_BODY_MAX)
		return -EBADMSG;
	if (size < FRAME_HEADER_SIZE + stored)
		return -EAGAIN;
	if (get(bytes + CRC_AT, 4) != checksum(bytes, stored))
		return -EBADMSG;
	if (get(bytes + 4, 2) > FRAME_VERSION)
		return -ENOTSUP;
	if (!bytes[7] && stored == raw)
		memcpy(ret_body, bytes + FRAME_HEADER_SIZE, raw);
	else if (!bytes[7] ||
		 !unpack_body(stream, bytes + FRAME_HEADER_SIZE, stored, ret_body, raw))
		return -EBADMSG;
	*ret_kind = bytes[6];
	*ret_body_size = raw;
	return (int64_t)(FRAME_HEADER_SIZE + stored);
}

size_t frame_search(const unsigned char *bytes, size_t size)
{
	for (size_t at = 0; at < size; at++) {
		size_t left = size - at;

		if (memcmp(bytes + at, magic, left < sizeof(magic) ? left : sizeof(magic)) == 0)
			return at;
	}
	return size;
}
