/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * picture: ladders as SVG, for a browser, a bug report or an article. Text stays text; light or dark is the reader's
 * choice. What is drawn where is for place.c to say.
 */
#ifndef RENDER_PICTURE_H
#define RENDER_PICTURE_H

#include "render/history.h"
#include "render/style.h"

/* Connections in one picture: it tells of how many more there were. */
#define PICTURE_CONNS 20

/* How many connections a picture of all of them leaves out. */
uint64_t picture_beyond(const struct history *history);

/*
 * Writes the connection with the number CONN, or with 0 all of them, oldest first, and what was found, to FD, which stays
 * the caller's. Times are told in STYLE's form. Returns 0, -ENOENT if there is no such connection, -ENOMEM, also where
 * that has kept HISTORY from being whole, or -errno of a write.
 */
int picture_write(const struct history *history, uint64_t conn, const struct style *style, int fd);

#endif
