/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * summary: a sink that counts, and prints what it has counted at the end: each edge, the time spent in each state, how
 * connections closed, and whose they were. In STYLE's form, or as JSON.
 */
#ifndef RENDER_SUMMARY_H
#define RENDER_SUMMARY_H

#include "render/screen.h"
#include "render/sink.h"
#include "render/style.h"

/* NULL: no memory. SCREEN and STYLE must outlive it. */
struct sink *summary_create(struct screen *screen, const struct style *style);

#endif
