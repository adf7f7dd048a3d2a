// SPDX-License-Identifier: GPL-2.0-only
#include "account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/number.h"

static bool read_id(const char *text, uint64_t *ret_id)
{
	return text && number_parse(text, strlen(text), 0, UINT32_MAX - 1, ret_id) == 0;
}

struct account account_caller(void)
{
	uint64_t uid, gid;

	if (geteuid() != 0 || !read_id(getenv("SUDO_UID"), &uid) ||
	    !read_id(getenv("SUDO_GID"), &gid))
		return ACCOUNT_OURS;
	return (struct account){.uid = (uid_t)uid, .gid = (gid_t)gid};
}

int account_find(const char *name, struct account *ret_account)
{
	const struct passwd *user;
	uint64_t uid;

	errno = 0;
	user = getpwnam(name);
	if (!user && read_id(name, &uid))
		user = getpwuid((uid_t)uid);
	if (!user)
		return errno && errno != ESRCH && errno != EBADF && errno != EPERM ? -errno
										   : -ENOENT;
	*ret_account = (struct account){.uid = user->pw_uid, .gid = user->pw_gid};
	return 0;
}

int account_become(struct account account)
{
	const struct passwd *user;

	if (account.uid == (uid_t)-1)
		return 0;
	user = getpwuid(account.uid);
	if (user ? initgroups(user->pw_name, account.gid) : setgroups(0, NULL))
		return -errno;
	if (setgid(account.gid) || setuid(account.uid))
		return -errno;
	if (user) {
		setenv("HOME", user->pw_dir, 1);
		setenv("USER", user->pw_name, 1);
		setenv("LOGNAME", user->pw_name, 1);
	}
	return 0;
}

void account_give(int fd)
{
	struct account caller = account_caller();

	if (caller.uid != (uid_t)-1 && fchown(fd, caller.uid, caller.gid) != 0)
		log_detail("a file stays root's: %s", strerror(errno));
}
