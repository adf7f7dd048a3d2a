/* SPDX-License-Identifier: GPL-2.0-only */
/* diag: what `ss -K` does: sockets of our network namespace are destroyed by sock_diag(7). */
#ifndef DEMO_DIAG_H
#define DEMO_DIAG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Does this kernel destroy sockets? CONFIG_INET_DIAG_DESTROY, and tcp_diag, which may be a module. */
bool diag_can_destroy(void);

/* The TCP socket between two addresses of a family. Returns 0, or an -errno of the kernel. */
int diag_destroy(const struct sockaddr_storage *local, const struct sockaddr_storage *remote);

#endif
