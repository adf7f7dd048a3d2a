/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * frame: what a recording is made of. Each stands for itself: it says how long it is, and whether it is whole.
 *
 *	offset  bytes
 *	     0  4      magic, to find the next frame by where one is damaged
 *	     4  2      version of the format
 *	     6  1      kind
 *	     7  1      1: the body is deflated (RFC 1950), 0: as it is
 *	     8  4      bytes of the body as it stands here
 *	    12  4      ... and inflated
 *	    16  4      CRC-32 (that of RFC 1952) of the 16 bytes above and of the body as it stands here
 *	    20         body
 *
 * These numbers are little-endian, and every version begins a frame so. What stands in a body is in the byte order of
 * who recorded.
 */
#ifndef SOURCE_FRAME_H
#define SOURCE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#define FRAME_VERSION	  3
#define FRAME_HEADER_SIZE 20
#define FRAME_BODY_MAX	  65536
#define FRAME_SIZE_MAX	  (FRAME_HEADER_SIZE + FRAME_BODY_MAX)

enum frame_kind {
	FRAME_HEAD =
		1, /* struct head (source/head.h); twice at the begin of each file: one may be damaged */
	FRAME_RECORDS, /* whole records, one behind the other */
	FRAME_CHECKPOINT, /* the same: what was there when this part began, for who has none of the parts before */
	FRAME_END, /* no body: nothing is missing behind it */
};

/*
 * Packs the SIZE bytes (up to FRAME_BODY_MAX) at BODY into the FRAME_SIZE_MAX bytes at RET_BYTES, deflated by STREAM
 * where that makes less of them. Returns how many there are.
 */
size_t frame_pack(z_stream *stream, enum frame_kind kind, const void *body, size_t size,
		  unsigned char *ret_bytes);

/*
 * Unpacks the frame at the beginning of SIZE bytes. Returns how many of them it takes, and its kind and body (up to
 * FRAME_BODY_MAX bytes); -EAGAIN where it is longer than SIZE; -EBADMSG where there is no whole one; -ENOTSUP for one
 * of a newer version.
 */
int64_t frame_unpack(z_stream *stream, const unsigned char *bytes, size_t size, uint8_t *ret_kind,
		     void *ret_body, size_t *ret_body_size);

/* Where in the SIZE bytes the next frame may begin, even if no more than one byte of it is there; SIZE: nowhere. */
size_t frame_search(const unsigned char *bytes, size_t size);

#endif
