/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * head: the body of a recording's first frame. Behind it stand the settings, each as NAME=VALUE and NUL.
 */
#ifndef SOURCE_HEAD_H
#define SOURCE_HEAD_H

#include <stdint.h>

#define HEAD_BYTE_ORDER UINT32_C(0x01020304)
#define HEAD_SETTINGS	256 /* no more than so many */

struct head {
	uint32_t byte_order; /* HEAD_BYTE_ORDER as the recorder has it: it holds for all bodies */
	uint32_t wire_version;
	uint8_t run[16];
	uint32_t part;
	uint32_t netns;
	uint64_t start_ns;
	uint64_t realtime_ns;
	char host[72]; /* NUL-padded */
};

_Static_assert(sizeof(struct head) == 120, "head has a hole");

#endif
