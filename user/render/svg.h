/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * svg: the elements of a picture, one a line of the file. Classes are those of svg.c's style sheet.
 */
#ifndef RENDER_SVG_H
#define RENDER_SVG_H

#include "render/screen.h"

/* A character takes so much at most, in any monospaced font of the size that there is. */
#define SVG_COLUMN_WIDTH 8

struct svg {
	struct screen out;
	char words[4096]; /* of `line` */
	struct text line;
};

/* FD stays the caller's; -1: nothing is written. Returns 0 or -ENOMEM. */
int svg_init(struct svg *svg, int fd);

/* Writes what is left. Returns 0, or -errno of a write that failed. */
int svg_fini(struct svg *svg);

/* The head, the style sheet and the paper; TITLE is ours. */
void svg_begin(struct svg *svg, const char *title, int width, int height);
void svg_end(struct svg *svg);

/* An element, as printf would print it: of numbers and of what is ours alone. */
void svg_put(struct svg *svg, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* WORDS, which may hold anything. ANCHOR, "start", "middle" or "end", says what stands at X; Y is the line they stand on. */
void svg_text(struct svg *svg, int x, int y, const char *class, const char *anchor,
	      const char *words);

/* The same of the first LEN bytes of WORDS. */
void svg_bytes(struct svg *svg, int x, int y, const char *class, const char *anchor,
	       const char *words, size_t len);

/* WORDS in lines of COLUMNS, LINES of them at most, HEIGHT apart. Returns where the next would stand. */
int svg_lines(struct svg *svg, int x, int y, const char *class, const char *words, size_t columns,
	      unsigned int lines, int height);

/* The parts of a verdict, which dots divide (style_glyphs()): the first stands out, and lines end between the others. */
int svg_parts(struct svg *svg, int x, int y, const char *words, size_t columns, int height);

#endif
