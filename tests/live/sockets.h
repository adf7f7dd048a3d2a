/* SPDX-License-Identifier: GPL-2.0-only */
/* sockets: what the live tests' programs do with them. What must not fail ends the program with status 1. */
#ifndef TESTS_SOCKETS_H
#define TESTS_SOCKETS_H

#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define CANNOT 77 /* exit status: the kernel here cannot do it */

/* Ends the program: WHAT has failed, and errno says why. */
_Noreturn void die(const char *what);
void must(bool done, const char *what);

int make_socket(void);
void set(int fd, int level, int option, int value);

/* On 127.0.0.1. */
struct sockaddr_in address_of(uint16_t port);
int listen_on(uint16_t port, int backlog);
void connect_to(int fd, uint16_t port);

/* Its status must be 0. */
void wait_for_child(pid_t child);

/* One descriptor over the socket OVER of AF_UNIX. */
void pass_fd(int over, int fd);
int take_fd(int over);

/* Submits one entry to io_uring, by io_uring_enter() itself or, if it must, by a worker; returns its result. */
int submit(struct io_uring_sqe sqe);

#endif
