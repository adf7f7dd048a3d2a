/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * facts: what the deeds of facts.c and of trouble.c share.
 */
#ifndef LIVE_FACTS_H
#define LIVE_FACTS_H

#include <stddef.h>

#include "sockets.h"

struct connection {
	int listener;
	int client;
	int server;
};

uint16_t port_of(int fd);
struct connection make_connection(uint16_t port);
void carry(int from, int to, size_t n);
void wait_for(int fd, size_t n);

struct deed {
	const char *name;
	void (*act)(struct connection *connection);
};

/* Those of trouble.c; the last has no name. */
extern const struct deed trouble[];

#endif
