/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ladder: the picture people come for. Two lanes, client and server, and the segments between them.
 *
 * On a terminal, status lines at the bottom count the endpoints per state and run a bar for each wait
 * with a known end.
 */
#ifndef RENDER_LADDER_H
#define RENDER_LADDER_H

#include "render/screen.h"
#include "render/sink.h"
#include "render/style.h"

/* ALL: draw every connection, else only as many as a person may read (render/crowd.h). SCREEN and STYLE must outlive it.
 * NULL without memory. */
struct sink *ladder_create(struct screen *screen, const struct style *style, bool all);

#endif
