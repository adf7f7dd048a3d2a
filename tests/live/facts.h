/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * facts: what the deeds of facts.c and of trouble.c share. What fails ends the process with a sentence.
 */
#ifndef LIVE_FACTS_H
#define LIVE_FACTS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CANNOT 77 /* exit status: it cannot be done here */

struct connection {
	int listener;
	int client;
	int server;
};

void die(const char *what);
void must(bool done, const char *what);
void set(int fd, int level, int option, int value);
int make_socket(void);
struct sockaddr_in address_of(uint16_t port);
uint16_t port_of(int fd);
void connect_to(int fd, uint16_t port);
struct connection make_connection(uint16_t port);
void carry(int from, int to, size_t n);
void wait_for(int fd, size_t n);
void wait_for_child(pid_t child);

struct deed {
	const char *name;
	void (*act)(struct connection *connection);
};

/* Those of trouble.c; the last has no name. */
extern const struct deed trouble[];

#endif
