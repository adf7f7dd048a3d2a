/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * echo: what echo-server and echo-client share: their command lines and the names of addresses.
 */
#ifndef ECHO_H
#define ECHO_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Room for any name that echo_name() makes, scope included. */
#define ECHO_NAME_SIZE 96

/* Bytes moved at a time. A line may be longer: nothing here needs a whole line. */
#define ECHO_CHUNK 16384

/*
 * The start of both programs: names them in log.h, keeps a closed pipe from killing them and keeps
 * descriptors 0 to 2 from becoming sockets when they were closed.
 */
void echo_init(const char *program);

/* The argument PORT; exits with a sentence when it is none. */
uint16_t echo_port(const char *word);

/*
 * Looks HOST up, an address (an IPv6 one with or without brackets) or a name. FLAGS are further
 * AI_ flags. Returns 0 and a list that the caller frees with freeaddrinfo(); -1 after having said
 * why not.
 */
int echo_resolve(const char *host, uint16_t port, int flags, struct addrinfo **ret_list);

/*
 * Connects to HOST, trying each address that it has. Returns a non-blocking socket, which the caller closes;
 * -1 after having said which address was last and why not.
 */
int echo_connect(const char *host, uint16_t port);

/* "127.0.0.1 port 80" or "[::1] port 80" in BUFFER of ECHO_NAME_SIZE bytes, which it returns. */
const char *echo_name(const struct sockaddr *address, socklen_t len, char *buffer);

/* True for an errno that only means "later" and needs no word. */
bool echo_must_retry(int err);

#endif
