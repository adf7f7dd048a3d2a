/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * canvas: the file that --svg names. It is opened before anything is traced, and written when all was seen.
 */
#ifndef CANVAS_H
#define CANVAS_H

#include <stdbool.h>

#include "options.h"
#include "render/history.h"

struct canvas {
	const char *path; /* NULL: no picture is wanted */
	int fd;
	uint64_t conn; /* --conn, 0: all */
	bool created; /* the file was not there before */
	bool drawn;
	bool failed;
};

/* Opens what OPTIONS name. Returns 0, or -errno after having said in one sentence why it cannot be written. */
int canvas_open(struct canvas *canvas, const struct options *options);

/* Draws HISTORY. Of several runs of a recording the first is drawn. What fails is said in one sentence. */
void canvas_draw(struct canvas *canvas, const struct history *history, const struct style *style);

/* A file that came into being for nothing goes. Returns 0, or -EIO if the picture could not be drawn. */
int canvas_close(struct canvas *canvas);

#endif
