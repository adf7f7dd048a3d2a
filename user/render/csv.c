// SPDX-License-Identifier: GPL-2.0-only
/*
 * One header for all kinds of lines: each column is a field's path, its names with "_" between, and a kind has those
 * columns empty that it knows nothing of. Two kinds with the same path share a column.
 */
#include "render/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/json.h"
#include "render/fields.h"
#include "render/json.h"
#include "render/line.h"

#define COLUMNS_MAX 256
#define KIND_MAX    128 /* fields of one kind, those of its objects included */
#define PATH_LEN    48

struct cell {
	const char *at;
	size_t len;
};

struct csv_sink {
	struct line_sink lines;
	bool header;
	unsigned int columns;
	char names[COLUMNS_MAX][PATH_LEN];
	uint8_t column_of[LINE_KINDS][KIND_MAX]; /* in the order of the kind's fields */
	struct cell cells[COLUMNS_MAX]; /* of the line, in `made` */
	struct text made;
	char made_buffer[LINE_BYTES];
};

/* --- columns ---------------------------------------------------------------------------------------- */

static unsigned int find_column(struct csv_sink *csv, const char *path)
{
	unsigned int column = 0;

	while (column < csv->columns && strcmp(csv->names[column], path) != 0)
		column++;
	if (column == csv->columns) {
		memcpy(csv->names[column], path, strlen(path) + 1);
		csv->columns++;
	}
	return column;
}

/* Gives the fields below PREFIX of KIND, from number NEXT on, their columns. Returns the number behind them. */
static unsigned int name_columns(struct csv_sink *csv, enum line_kind kind, const char *prefix,
				 const struct field *fields, unsigned int next)
{
	for (const struct field *field = fields; field->name; field++) {
		char path[PATH_LEN];
		struct text text;

		text_init(&text, path, sizeof(path));
		text_addf(&text, "%s%s", prefix, field->name);
		if (field->type == FIELD_OBJECT) {
			text_add(&text, "_");
			next = name_columns(csv, kind, path, field->fields, next);
		} else {
			csv->column_of[kind][next++] = (uint8_t)find_column(csv, path);
		}
	}
	return next;
}

static void put_header(struct csv_sink *csv)
{
	struct text *line = &csv->lines.line;

	text_reset(line);
	for (unsigned int i = 0; i < csv->columns; i++) {
		if (i)
			csv_next(line);
		text_add(line, csv->names[i]);
	}
	csv_end(line);
	screen_line(csv->lines.screen, line);
}

/* --- cells ------------------------------------------------------------------------------------------ */

/* A list is JSON in one cell, as each line has the same columns. */
static void add_list(struct csv_sink *csv, struct line *line, const struct field *field)
{
	struct text *list = &csv->lines.line;

	text_reset(list);
	json_list(list, NULL, line, field);
	csv_words(&csv->made, list->at, list->len);
}

static void add_value(struct text *made, struct line *line, const struct field *field)
{
	struct value value = line_value(line, field);

	switch (value.kind) {
	case VALUE_NUMBER:
		text_number(made, value.number);
		return;
	case VALUE_BOOL:
		text_add(made, value.number ? "true" : "false");
		return;
	case VALUE_WORDS:
		csv_words(made, value.bytes, value.len);
		return;
	case VALUE_BYTES:
		csv_string(made, value.bytes, value.len);
		return;
	case VALUE_NULL:
	case VALUE_OBJECT:
		return;
	}
}

static void make_cell(struct csv_sink *csv, struct line *line, const struct field *field,
		      struct cell *ret_cell)
{
	size_t start = csv->made.len;

	if (field->type == FIELD_LIST)
		add_list(csv, line, field);
	else
		add_value(&csv->made, line, field);
	*ret_cell = (struct cell){csv->made.at + start, csv->made.len - start};
}

/* Fills the cells of FIELDS, numbered from NEXT on, from LINE; NULL: of an object that is not there. Returns the number
 * behind them. */
static unsigned int make_cells(struct csv_sink *csv, struct line *line, const struct field *fields,
			       enum line_kind kind, unsigned int next)
{
	for (const struct field *field = fields; field->name; field++) {
		struct line inner;
		bool there;

		if (field->type != FIELD_OBJECT) {
			if (line)
				make_cell(csv, line, field,
					  &csv->cells[csv->column_of[kind][next]]);
			next++;
			continue;
		}
		if (line)
			inner = *line;
		there = line && line_value(&inner, field).kind != VALUE_NULL;
		next = make_cells(csv, there ? &inner : NULL, field->fields, kind, next);
	}
	return next;
}

static void put_line(struct line_sink *sink, struct line *line)
{
	struct csv_sink *csv = (struct csv_sink *)sink;

	if (csv->header)
		put_header(csv);
	csv->header = false;
	text_reset(&csv->made);
	memset(csv->cells, 0, csv->columns * sizeof(*csv->cells));
	make_cells(csv, line, field_kinds[line->kind].fields, line->kind, 0);
	text_reset(&sink->line);
	for (unsigned int i = 0; i < csv->columns; i++) {
		if (i)
			csv_next(&sink->line);
		text_put(&sink->line, csv->cells[i].at, csv->cells[i].len);
	}
	csv_end(&sink->line);
	screen_line(sink->screen, &sink->line);
}

struct sink *csv_create(struct screen *screen, const struct style *style)
{
	struct csv_sink *csv = calloc(1, sizeof(*csv));

	if (!csv)
		return NULL;
	line_sink_init(&csv->lines, screen, style, put_line);
	text_init(&csv->made, csv->made_buffer, sizeof(csv->made_buffer));
	csv->header = style->header;
	for (unsigned int kind = 0; kind < LINE_KINDS; kind++)
		name_columns(csv, kind, "", field_kinds[kind].fields, 0);
	return &csv->lines.sink;
}
