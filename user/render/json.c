// SPDX-License-Identifier: GPL-2.0-only
#include "render/json.h"

#include <stdlib.h>

#include "base/json.h"
#include "render/fields.h"
#include "render/line.h"

void json_list(struct text *text, const char *key, const struct line *line,
	       const struct field *field)
{
	struct line item = *line;

	json_open(text, key, '[');
	for (item.index = 0; line_value(&item, field).kind != VALUE_NULL; item.index++) {
		json_open(text, NULL, '{');
		json_fields(text, &item, field->fields);
		json_close(text, '}');
	}
	json_close(text, ']');
}

static void put_object(struct text *text, const struct line *line, const struct field *field)
{
	struct line inner = *line;

	if (line_value(&inner, field).kind == VALUE_NULL) {
		json_put_null(text, field->name);
		return;
	}
	json_open(text, field->name, '{');
	json_fields(text, &inner, field->fields);
	json_close(text, '}');
}

static void put_plain(struct text *text, struct line *line, const struct field *field)
{
	struct value value = line_value(line, field);

	switch (value.kind) {
	case VALUE_NUMBER:
		json_put_number(text, field->name, value.number);
		return;
	case VALUE_BOOL:
		json_put_bool(text, field->name, value.number);
		return;
	case VALUE_WORDS:
	case VALUE_BYTES:
		json_put_string(text, field->name, value.bytes, value.len);
		return;
	case VALUE_NULL:
	case VALUE_OBJECT:
		break;
	}
	json_put_null(text, field->name);
}

void json_fields(struct text *text, struct line *line, const struct field *fields)
{
	for (const struct field *field = fields; field->name; field++)
		if (field->type == FIELD_OBJECT)
			put_object(text, line, field);
		else if (field->type == FIELD_LIST)
			json_list(text, field->name, line, field);
		else
			put_plain(text, line, field);
}

static void put_line(struct line_sink *sink, struct line *line)
{
	text_reset(&sink->line);
	json_open(&sink->line, NULL, '{');
	json_fields(&sink->line, line, field_kinds[line->kind].fields);
	json_close(&sink->line, '}');
	screen_line(sink->screen, &sink->line);
}

struct sink *json_create(struct screen *screen, const struct style *style)
{
	struct line_sink *sink = calloc(1, sizeof(*sink));

	if (!sink)
		return NULL;
	line_sink_init(sink, screen, style, put_line);
	return &sink->sink;
}
