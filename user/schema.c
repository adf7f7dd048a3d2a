// SPDX-License-Identifier: GPL-2.0-only
#include "schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/stdio.h"
#include "render/fields.h"

#define SCHEMA_BYTES (256UL * 1024)

#define DIALECT "https://json-schema.org/draft/2020-12/schema"
#define TITLE	"tcpstate-trace -o json: one line"

static void put_words(struct text *text, const char *key, const char *words)
{
	json_put_string(text, key, words, strlen(words));
}

/* --- types ------------------------------------------------------------------------------------------ */

/* "string", or ["string","null"] */
static void put_type(struct text *text, const struct field *field, const char *type)
{
	if (field->null == ALWAYS) {
		put_words(text, "type", type);
		return;
	}
	json_open(text, "type", '[');
	put_words(text, NULL, type);
	put_words(text, NULL, "null");
	json_close(text, ']');
}

static void put_const(struct text *text, const struct field *field, enum line_kind kind)
{
	struct line line = {.kind = kind};
	struct value value = {.kind = VALUE_NULL};

	field->get(&line, &value);
	if (value.kind == VALUE_NUMBER)
		json_put_number(text, "const", value.number);
	else
		json_put_string(text, "const", value.bytes, value.len);
}

static void put_number(struct text *text, const struct field *field)
{
	put_type(text, field, "integer");
	json_put_number(text, "minimum", 0);
}

static void put_names(struct text *text, const struct field *field)
{
	json_open(text, "enum", '[');
	for (const char *const *name = field->names; *name; name++)
		put_words(text, NULL, *name);
	if (field->null == OR_NULL)
		json_put_null(text, NULL);
	json_close(text, ']');
}

static void put_fields(struct text *text, const struct field *fields, enum line_kind kind);

static void put_list(struct text *text, const struct field *field, enum line_kind kind)
{
	put_type(text, field, "array");
	json_open(text, "items", '{');
	put_words(text, "type", "object");
	put_fields(text, field->fields, kind);
	json_close(text, '}');
}

static void put_field(struct text *text, const struct field *field, enum line_kind kind)
{
	json_open(text, field->name, '{');
	put_words(text, "description", field->about);
	switch (field->type) {
	case FIELD_CONST:
		put_const(text, field, kind);
		break;
	case FIELD_NUMBER:
		put_number(text, field);
		break;
	case FIELD_BOOL:
		put_type(text, field, "boolean");
		break;
	case FIELD_TIME:
		put_type(text, field, "string");
		put_words(text, "format", "date-time");
		break;
	case FIELD_STRING:
		put_type(text, field, "string");
		break;
	case FIELD_NAME:
		put_names(text, field);
		break;
	case FIELD_OBJECT:
		put_type(text, field, "object");
		put_fields(text, field->fields, kind);
		break;
	case FIELD_LIST:
		put_list(text, field, kind);
		break;
	}
	json_close(text, '}');
}

/* --- objects ---------------------------------------------------------------------------------------- */

/* Each field is there, and no other: a new one comes with a new schema. */
static void put_fields(struct text *text, const struct field *fields, enum line_kind kind)
{
	json_open(text, "properties", '{');
	for (const struct field *field = fields; field->name; field++)
		put_field(text, field, kind);
	json_close(text, '}');
	json_open(text, "required", '[');
	for (const struct field *field = fields; field->name; field++)
		put_words(text, NULL, field->name);
	json_close(text, ']');
	json_put_bool(text, "additionalProperties", false);
}

static void put_kind(struct text *text, enum line_kind kind)
{
	json_open(text, field_kinds[kind].name, '{');
	put_words(text, "description", field_kinds[kind].about);
	put_words(text, "type", "object");
	put_fields(text, field_kinds[kind].fields, kind);
	json_close(text, '}');
}

static void put_reference(struct text *text, enum line_kind kind)
{
	char reference[64];

	snprintf(reference, sizeof(reference), "#/$defs/%s", field_kinds[kind].name);
	json_open(text, NULL, '{');
	put_words(text, "$ref", reference);
	json_close(text, '}');
}

static void put_schema(struct text *text)
{
	json_open(text, NULL, '{');
	put_words(text, "$schema", DIALECT);
	put_words(text, "title", TITLE);
	json_open(text, "oneOf", '[');
	for (unsigned int kind = 0; kind < LINE_KINDS; kind++)
		put_reference(text, kind);
	json_close(text, ']');
	json_open(text, "$defs", '{');
	for (unsigned int kind = 0; kind < LINE_KINDS; kind++)
		put_kind(text, kind);
	json_close(text, '}');
	json_close(text, '}');
}

int schema_run(const struct options *options)
{
	char *buffer = malloc(SCHEMA_BYTES);
	struct text text;

	(void)options;
	if (!buffer) {
		log_error("no memory");
		return EXIT_FAILURE;
	}
	text_init(&text, buffer, SCHEMA_BYTES);
	put_schema(&text);
	puts(text.at);
	free(buffer);
	return stdio_flush() ? EXIT_FAILURE : EXIT_SUCCESS;
}
