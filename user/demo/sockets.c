// SPDX-License-Identifier: GPL-2.0-only
#include "demo/sockets.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcp_states.h"

static bool port_fits(uint16_t wanted, unsigned long port)
{
	return !wanted || wanted == port;
}

/* Reads the number behind the next colon, and goes behind it; 0 when there is none. */
static unsigned long take_port(char **at)
{
	char *colon = strchr(*at, ':');

	return colon ? strtoul(colon + 1, at, 16) : 0;
}

static unsigned int count_in(const char *path, uint16_t local, uint16_t remote, uint8_t state)
{
	FILE *file = fopen(path, "re");
	char line[512];
	unsigned int count = 0;

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		/* "SLOT: ADDRESS:PORT ADDRESS:PORT STATE ...", in hexadecimal */
		char *at = strchr(line, ':');
		unsigned long its_local, its_remote, its_state;

		if (!at)
			continue; /* the heading */
		at++;
		its_local = take_port(&at);
		its_remote = take_port(&at);
		its_state = strtoul(at, NULL, 16);
		count += port_fits(local, its_local) && port_fits(remote, its_remote) &&
			 (state ? its_state == state : its_state != WIRE_LISTEN);
	}
	fclose(file);
	return count;
}

unsigned int sockets_count(uint16_t local, uint16_t remote, uint8_t state)
{
	return count_in("/proc/net/tcp", local, remote, state) +
	       count_in("/proc/net/tcp6", local, remote, state);
}
