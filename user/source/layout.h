/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * layout: turns round the bytes of each number in what another machine has written.
 */
#ifndef SOURCE_LAYOUT_H
#define SOURCE_LAYOUT_H

#include <stddef.h>

#include "source/head.h"

/* Of a record of SIZE bytes, at least a struct wire_hdr. Of a type that this version does not know, or shorter than
 * its type has it, the struct wire_hdr alone. Twice is once too often: it is as before. */
void layout_swap_record(void *record, size_t size);

void layout_swap_head(struct head *head);

#endif
