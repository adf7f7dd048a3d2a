/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mail: a descriptor that goes from one process to another by a UNIX socket (SCM_RIGHTS, unix(7)).
 */
#ifndef DEMO_MAIL_H
#define DEMO_MAIL_H

/* Puts DESCRIPTOR, which stays the caller's as well, into FD. Returns 0, or -1 with errno. */
int mail_pass(int fd, int descriptor);

/* Returns the oldest one that was put in, which the caller closes; or -1 with errno, EAGAIN for none. */
int mail_take(int fd);

#endif
