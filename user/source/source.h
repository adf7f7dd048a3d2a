/* SPDX-License-Identifier: GPL-2.0-only */
/* source: where records come from. Each source gives them to a function of this type. */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include <stddef.h>

/* A record of SIZE bytes, valid during the call. */
typedef void take_record_fn(void *ctx, const void *record, size_t size);

#endif
