// SPDX-License-Identifier: GPL-2.0-only
/*
 * fields: prints what stands under FIELDS in tcpstate-trace(8), in mdoc, from the lists of render/field.h. It runs when
 * the manual is built, and is no part of a program.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "render/fields.h"

#define COLUMNS	  79
#define LISTS_MAX 64

/* What roff would take for its own. */
static void put_escaped(const char *bytes, size_t len)
{
	static const char *const escapes[] = {['-'] = "\\-",   ['\\'] = "\\e",	 ['~'] = "\\(ti",
					      ['`'] = "\\(ga", ['\''] = "\\(aq", ['^'] = "\\(ha"};

	for (size_t i = 0; i < len; i++) {
		size_t at = (unsigned char)bytes[i];

		if (at < sizeof(escapes) / sizeof(*escapes) && escapes[at])
			fputs(escapes[at], stdout);
		else if (strncmp(bytes + i, "()", 2) == 0)
			fputs("\\&(", stdout); /* no function that wants markup */
		else
			putchar(bytes[i]);
	}
}

/* Each sentence on lines of its own, as mdoc wants it. */
static void put_sentences(const char *words)
{
	size_t column = 0;

	while (*words) {
		size_t len = strcspn(words, " ");

		if (column && column + 1 + len > COLUMNS) {
			putchar('\n');
			column = 0;
		}
		if (column++)
			putchar(' ');
		else if (words[0] == '.')
			printf("\\&"); /* no request */
		put_escaped(words, len);
		column += len;
		if (words[len] && strchr(".?!", words[len - 1])) {
			putchar('\n');
			column = 0;
		}
		words += len + (words[len] == ' ');
	}
	putchar('\n');
}

static const char *type_of(const struct field *field)
{
	static const char *const types[] = {
		[FIELD_NUMBER] = "number", [FIELD_BOOL] = "boolean",  [FIELD_STRING] = "string",
		[FIELD_TIME] = "time",	   [FIELD_OBJECT] = "object", [FIELD_LIST] = "list",
	};

	return types[field->type];
}

static void put_term(const struct field *field)
{
	printf(".It Va ");
	put_escaped(field->name, strlen(field->name));
	if (type_of(field))
		printf(" Pq %s%s", type_of(field), field->null == OR_NULL ? ", null" : "");
	putchar('\n');
}

static void put_names(const struct field *field)
{
	printf("One of\n.Cm");
	for (const char *const *name = field->names; *name; name++) {
		putchar(' ');
		put_escaped(*name, strlen(*name));
		printf(name[1] || field->null == OR_NULL ? " ," : " .\n");
	}
	if (field->null == OR_NULL)
		printf(" null .\n");
}

/* True when FIELDS were told before; else they are from now on. Many objects have the same. */
static bool were_told(const struct field *fields)
{
	static const struct field *told[LISTS_MAX];
	unsigned int i = 0;

	while (i < LISTS_MAX - 1 && told[i] && told[i] != fields)
		i++;
	if (told[i] == fields)
		return true;
	told[i] = fields;
	return false;
}

static void put_fields(const struct field *fields)
{
	printf(".Bl -tag -width Ds -compact\n");
	for (const struct field *field = fields; field->name; field++) {
		put_term(field);
		put_sentences(field->about);
		if (field->type == FIELD_NAME)
			put_names(field);
		if (field->fields && were_told(field->fields))
			printf("Its fields are listed above.\n");
		else if (field->fields)
			put_fields(field->fields);
	}
	printf(".El\n");
}

int main(void)
{
	for (unsigned int kind = 0; kind < LINE_KINDS; kind++) {
		printf(".Ss ");
		put_escaped(field_kinds[kind].name, strlen(field_kinds[kind].name));
		putchar('\n');
		put_sentences(field_kinds[kind].about);
		put_fields(field_kinds[kind].fields);
	}
	return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
