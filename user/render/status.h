/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * status: the lines at the bottom of a terminal. From the top: how connections have ended, on a rule; what was found and what
 * failed; how many endpoints are in each state; and a bar for each wait with a known end: an orphan in FIN_WAIT2, a
 * TIME_WAIT. Those that wait alike, for the same server, have one bar, until the last of them.
 */
#ifndef RENDER_STATUS_H
#define RENDER_STATUS_H

#include "core/change.h"
#include "core/tally.h"
#include "render/screen.h"
#include "render/style.h"

struct status;

/* It shows the counts of TALLY, which is told of each change before it is. Both must outlive it. NULL without memory. */
struct status *status_create(const struct style *style, const struct tally *tally);
void status_destroy(struct status *status);

void status_change(struct status *status, const struct change *change);

/* When the lines change next by themselves: a second on while a bar runs, else UINT64_MAX. */
uint64_t status_due_ns(const struct status *status);

/* They were taken off the screen: they are stale until they are drawn anew. */
void status_hidden(struct status *status);

/* Would they differ at once? */
bool status_is_stale(const struct status *status);

/* Draws the lines as of NOW_NS at the end of SCREEN, in place of those that are there, if they would
 * differ. */
void status_draw(struct status *status, struct screen *screen, uint64_t now_ns);

#endif
