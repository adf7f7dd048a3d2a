// SPDX-License-Identifier: GPL-2.0-only
#include "demo/reader.h"

#include <errno.h>
#include <string.h>

#include "base/usage.h"

int reader_complain(struct reader *reader, const char *wrong, const char *word, const char *right)
{
	char quoted[USAGE_QUOTE_SIZE];

	text_addf(reader->error, "%s%s%s: %s", wrong, word ? " " : "",
		  word ? usage_quote(word, quoted) : "", right);
	return -EINVAL;
}

int reader_too_many(struct reader *reader, const char *what)
{
	return reader_complain(reader, "too many", what, "write two scenarios");
}

struct when reader_take_when(struct reader *reader)
{
	struct when when = reader->when;

	reader->when = (struct when){0};
	reader->conditional = false;
	return when;
}

char *reader_trim(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		text[--len] = '\0';
	return text;
}
