/* SPDX-License-Identifier: GPL-2.0-only */
/* width: ladders of whatever comes, of which no line may be wider than its style says, or do harm to a terminal. The test
 * fails where one is. */
#ifndef TESTS_WIDTH_H
#define TESTS_WIDTH_H

#include "core/change.h"
#include "render/style.h"

struct width;

/* A style of any width, drawn by random_draw(). */
struct style width_style(void);

/* STYLE must outlive it. */
struct width *width_create(const struct style *style);

/* Draws what is left. */
void width_destroy(struct width *width);

void width_change(struct width *width, const struct change *change);
void width_tick(struct width *width, uint64_t now_ns);

#endif
