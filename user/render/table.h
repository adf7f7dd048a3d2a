/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * table: one line per transition, with the columns that people know from tcpstates.
 */
#ifndef RENDER_TABLE_H
#define RENDER_TABLE_H

#include "render/screen.h"
#include "render/sink.h"
#include "render/style.h"

/* SCREEN and STYLE must outlive it. NULL without memory. */
struct sink *table_create(struct screen *screen, const struct style *style);

#endif
