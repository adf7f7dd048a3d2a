/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * json: a sink that prints JSON Lines: one object a line, each whole and written at once. render/fields.h has what is in them.
 */
#ifndef RENDER_JSON_H
#define RENDER_JSON_H

#include "render/field.h"
#include "render/screen.h"
#include "render/sink.h"
#include "render/style.h"

/* NULL: no memory. SCREEN and STYLE must outlive it. */
struct sink *json_create(struct screen *screen, const struct style *style);

/* Appends FIELDS of LINE, without braces. */
void json_fields(struct text *text, struct line *line, const struct field *fields);

/* Appends the items of FIELD, which is a list. */
void json_list(struct text *text, const char *key, const struct line *line,
	       const struct field *field);

#endif
