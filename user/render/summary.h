/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * summary: a sink that counts (core/tally.h), and prints at the end what it has counted: each edge, the time spent in each
 * state, how connections closed, whose they were, what was found and what was lost.
 */
#ifndef RENDER_SUMMARY_H
#define RENDER_SUMMARY_H

#include "render/screen.h"
#include "render/sink.h"
#include "render/style.h"

/* BESIDE: something else stands above it. NULL: no memory. SCREEN and STYLE must outlive it. */
struct sink *summary_create(struct screen *screen, const struct style *style, bool beside);

#endif
