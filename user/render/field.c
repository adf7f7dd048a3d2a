// SPDX-License-Identifier: GPL-2.0-only
#include "render/field.h"

#include <string.h>

void field_number(struct value *value, uint64_t number)
{
	value->kind = VALUE_NUMBER;
	value->number = number;
}

void field_positive(struct value *value, uint64_t number)
{
	if (number)
		field_number(value, number);
}

void field_bool(struct value *value, bool truth)
{
	value->kind = VALUE_BOOL;
	value->number = truth;
}

static void set_string(struct value *value, enum value_kind kind, const char *bytes, size_t len)
{
	value->kind = kind;
	value->bytes = bytes;
	value->len = len;
}

void field_words(struct value *value, const char *string)
{
	if (string && string[0])
		set_string(value, VALUE_WORDS, string, strlen(string));
}

void field_text(struct value *value, const struct line *line)
{
	if (line->text->len)
		set_string(value, VALUE_WORDS, line->text->at, line->text->len);
}

void field_bytes(struct value *value, const char *bytes, size_t len)
{
	set_string(value, VALUE_BYTES, bytes, strnlen(bytes, len));
}

void field_object(struct value *value, bool there)
{
	if (there)
		value->kind = VALUE_OBJECT;
}
