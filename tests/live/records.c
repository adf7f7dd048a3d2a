// SPDX-License-Identifier: GPL-2.0-only
/*
 * records FILE: what a recording says of minisocks, one line a record:
 *
 *	MINI COOKIE WHAT STATE LOCAL REMOTE left=MS segment=FLAGS resent=N COMM[PID]
 *
 * and first of all "hooks" with what the trace could see.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "wire.h"

#define HEADER_BYTES 40 /* struct recording_header, user/source/recording.h */

static const char *const whats[WIRE_MINI_WHATS] = {
	[WIRE_MINI_FOUND] = "found",	 [WIRE_MINI_BORN] = "born",
	[WIRE_MINI_REFUSED] = "refused", [WIRE_MINI_SEGMENT] = "segment",
	[WIRE_MINI_RESENT] = "resent",	 [WIRE_MINI_ARMED] = "armed",
	[WIRE_MINI_EXPIRED] = "expired", [WIRE_MINI_STOPPED] = "stopped",
};

static const char *state_name(unsigned int state)
{
	switch (state) {
	case WIRE_NEW_SYN_RECV:
		return "NEW_SYN_RECV";
	case WIRE_FIN_WAIT2:
		return "FIN_WAIT2";
	case WIRE_TIME_WAIT:
		return "TIME_WAIT";
	}
	return "?";
}

static void print_end(const __u8 addr[16], unsigned int port)
{
	char text[INET6_ADDRSTRLEN];

	printf(" [%s]:%u", inet_ntop(AF_INET6, addr, text, sizeof(text)), port);
}

static void print_mini(const struct wire_mini *mini)
{
	static const char letters[] = "FSRPAUEC";

	printf("%llx %llx %s %s", mini->mini, mini->cookie,
	       mini->what < WIRE_MINI_WHATS ? whats[mini->what] : "?", state_name(mini->state));
	print_end(mini->local_addr, mini->local_port);
	print_end(mini->remote_addr, mini->remote_port);
	printf(" left=%u segment=", mini->left_ms);
	for (unsigned int i = 0; i < 8; i++)
		if (mini->segment >> i & 1)
			putchar(letters[i]);
	printf(" resent=%u %.*s[%u]\n", mini->resent, WIRE_COMM_LEN, mini->comm, mini->pid);
}

static void print_record(const void *record, const struct wire_hdr *hdr)
{
	struct wire_hooks hooks;
	struct wire_mini mini;

	if (hdr->type == WIRE_HOOKS && hdr->size == sizeof(hooks)) {
		memcpy(&hooks, record, sizeof(hooks));
		printf("hooks %u\n", hooks.hooks);
	} else if (hdr->type == WIRE_MINI && hdr->size == sizeof(mini)) {
		memcpy(&mini, record, sizeof(mini));
		print_mini(&mini);
	}
}

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "re") : NULL;
	unsigned char record[4096];
	struct wire_hdr hdr;

	if (!file || fseek(file, HEADER_BYTES, SEEK_SET) != 0) {
		fprintf(stderr, "usage: records FILE\n");
		return 2;
	}
	while (fread(&hdr, sizeof(hdr), 1, file) == 1) {
		if (hdr.size < sizeof(hdr) || hdr.size > sizeof(record))
			return 1;
		memcpy(record, &hdr, sizeof(hdr));
		if (hdr.size > sizeof(hdr) &&
		    fread(record + sizeof(hdr), hdr.size - sizeof(hdr), 1, file) != 1)
			return 1;
		print_record(record, &hdr);
	}
	fclose(file);
	return 0;
}
