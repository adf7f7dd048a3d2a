// SPDX-License-Identifier: GPL-2.0-only
#include "demo/count.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "core/state.h"

/* Where the program is that runs us. */
#define OURS "TCPSTATE_TRACE"

bool count_is_deed(enum deed deed)
{
	return deed == DEED_COUNTS || deed == DEED_SNAPSHOT;
}

const char *count_name(enum deed deed)
{
	return deed == DEED_COUNTS ? DEED_NETSTAT : "tcpstate-trace snapshot";
}

static void add_count(struct text *text, const char *number, const char *state, const char *kind)
{
	uint8_t known;

	if (state_parse(state, strlen(state), &known) == 0)
		text_addf(text, "%s%s %s%s%s", text->len ? ", " : "", number, state,
			  *kind ? " " : "", kind);
}

/* Two words of its header are counted as well, and are no states. */
static void read_netstat(FILE *lines, struct text *text)
{
	char number[12], state[32];

	while (fscanf(lines, "%11s %31s", number, state) == 2)
		add_count(text, number, state, "");
}

/* Up to the line of the total. */
static void read_snapshot(FILE *lines, struct text *text)
{
	char number[12], state[32], kind[16];

	while (fscanf(lines, "%31s %11s %15s", state, number, kind) == 3 &&
	       strcmp(state, "total") != 0)
		add_count(text, number, state, kind);
}

static void name_ours(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[n < 0 ? 0 : n] = '\0';
	setenv(OURS, path, 1);
}

const char *count(enum deed deed, char *buffer)
{
	const char *command = DEED_NETSTAT;
	struct text text;
	FILE *lines;

	if (deed == DEED_SNAPSHOT) {
		name_ours();
		command = "\"$" OURS "\" snapshot -o table -N /proc/self/ns/net 2>/dev/null";
	}
	text_init(&text, buffer, COUNT_SIZE);
	lines = popen(command, "re"); /* NOLINT(cert-env33-c): a constant line */
	if (!lines)
		return buffer;
	(deed == DEED_SNAPSHOT ? read_snapshot : read_netstat)(lines, &text);
	pclose(lines);
	return buffer;
}
