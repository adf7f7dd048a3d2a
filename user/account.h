/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * account: for whom root works: whose files and whose command it is.
 */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <stdbool.h>
#include <sys/types.h>

struct account {
	uid_t uid; /* -1, and so is gid: the one that we run as */
	gid_t gid;
};

#define ACCOUNT_OURS ((struct account){.uid = (uid_t)-1, .gid = (gid_t)-1})

/* Who called sudo(8), if that made us root; else ACCOUNT_OURS. */
struct account account_caller(void);

/* That of NAME, which may be a number. Returns 0; -ENOENT: there is none; another -errno: it cannot be looked up. */
int account_find(const char *name, struct account *ret_account);

/* For ever, with its groups, and in the environment with its home and names. Returns 0 or -errno: it may have become a half of
 * it then, and must end. */
int account_become(struct account account);

/* Gives what FD is to who called sudo, where the file system knows of owners. */
void account_give(int fd);

#endif
