// SPDX-License-Identifier: GPL-2.0-only
#include "demo/sockets.h"

#include <stdio.h>

#include "tcp_states.h"

static bool port_fits(uint16_t wanted, unsigned int port)
{
	return !wanted || wanted == port;
}

static bool file_has(const char *path, uint16_t local, uint16_t remote, uint8_t state)
{
	unsigned int its_local, its_remote, its_state;
	FILE *file = fopen(path, "re");
	char line[512];
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file)) {
		/* "sl: ADDRESS:PORT ADDRESS:PORT STATE ...", all but the first in hexadecimal */
		if (sscanf(line, "%*u: %*[0-9A-F]:%x %*[0-9A-F]:%x %x", &its_local, &its_remote, /* NOLINT(cert-err34-c): the kernel's own */
			   &its_state) != 3)
			continue;
		found = port_fits(local, its_local) && port_fits(remote, its_remote) &&
			(state ? its_state == state : its_state != WIRE_LISTEN);
	}
	fclose(file);
	return found;
}

bool sockets_have(uint16_t local, uint16_t remote, uint8_t state)
{
	return file_has("/proc/net/tcp", local, remote, state) ||
	       file_has("/proc/net/tcp6", local, remote, state);
}
