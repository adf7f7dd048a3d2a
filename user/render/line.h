/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * line: a sink for machines: each change as a line, or two, of the fields that render/fields.h lists. JSON and CSV are
 * two ways to write such a line down.
 */
#ifndef RENDER_LINE_H
#define RENDER_LINE_H

#include "render/field.h"
#include "render/screen.h"
#include "render/style.h"

/* The longest line, each byte of a name escaped, with eight holders of a port (test_forms.c). */
#define LINE_BYTES (96UL * 1024)

struct line_sink {
	struct sink sink;
	struct screen *screen;
	void (*put)(struct line_sink *sink, struct line *line);
	struct stamp stamp;
	struct text text; /* what values are made of */
	char text_buffer[FIELD_TEXT_LEN];
	struct text line; /* what is to be printed */
	char line_buffer[LINE_BYTES];
};

/* PUT writes a line down. The sink begins a larger one, which free() gives back. */
void line_sink_init(struct line_sink *sink, struct screen *screen, const struct style *style,
		    void (*put)(struct line_sink *sink, struct line *line));

/* The value of FIELD, for which LINE, if it is an object, must be one of its own. */
struct value line_value(struct line *line, const struct field *field);

#endif
