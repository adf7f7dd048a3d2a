// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as one record: from this machine and from one of the other byte order. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "core/event.h"
#include "source/layout.h"

static void decode(const void *record, size_t size)
{
	struct event event;

	if (event_decode(record, size, &event) == 0 && event.type == WIRE_STATE)
		fuzz_check(event.edge.from < WIRE_STATE_COUNT && event.edge.to < WIRE_STATE_COUNT);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	unsigned char *copy = malloc(size + 1); /* of its own size, so that ASan sees its end */

	memcpy(copy, bytes, size);
	decode(copy, size);
	if (size >= sizeof(struct wire_hdr)) {
		layout_swap_record(copy, size);
		decode(copy, size);
		layout_swap_record(copy, size);
		fuzz_check(memcmp(copy, bytes, size) == 0);
	}
	free(copy);
	return 0;
}
