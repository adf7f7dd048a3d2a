/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * heading: what stands above the lanes of a connection: who its two ends are.
 */
#ifndef RENDER_HEADING_H
#define RENDER_HEADING_H

#include "render/lanes.h"
#include "render/rows.h"

void heading_print(const struct lanes *lanes, const struct heading *heading);

/* Namespaces are told where there is more than one, or another than the tracer's own. */
bool heading_tells_netns(const struct style *style, const struct heading *heading, enum side side);

#endif
