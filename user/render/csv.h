/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * csv: a sink that prints comma-separated values (RFC 4180), a header first. render/fields.h has what is in them.
 */
#ifndef RENDER_CSV_H
#define RENDER_CSV_H

#include "render/screen.h"
#include "render/sink.h"
#include "render/style.h"

/* NULL: no memory. SCREEN and STYLE must outlive it. */
struct sink *csv_create(struct screen *screen, const struct style *style);

/* The same with the columns of what `snapshot` tells. */
struct sink *csv_create_for_snapshot(struct screen *screen, const struct style *style);

#endif
