/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * confine: what a process may do from here on, whatever becomes of it: which capabilities are left (by libcap-ng), which
 * files it can open (Landlock) and which system calls it can make (by libseccomp). None of it can be undone.
 */
#ifndef CONFINE_H
#define CONFINE_H

#include <stdbool.h>
#include <stdint.h>

/* What some do beyond reading what is open and what is below /proc, printing and waiting. */
enum confine_deed {
	CONFINE_NOTHING = 0,
	CONFINE_WRITE = 1 << 0, /* makes, renames and removes files */
	CONFINE_SIGNAL = 1 << 1, /* sends signals to other processes */
	CONFINE_SERVE =
		1 << 2, /* takes connections of a socket that listens already, and answers */
};

#define CONFINE_FILES 3

struct confinement {
	uint64_t capabilities; /* bits CONFINE_CAP(CAP_...): they stay, as far as they are there */
	unsigned int deeds; /* enum confine_deed */
	const char
		*files[CONFINE_FILES]; /* CONFINE_WRITE: in the directories of these; NULL: none */
	bool any_file; /* files are not restricted */
	bool any_call; /* nor are system calls */
};

#define CONFINE_CAP(number) (UINT64_C(1) << (number))

/*
 * For the calling thread, which must be the only one, and for all that it makes. A system call that is not on the list ends the
 * process by SIGSYS. Landlock (Linux 5.13) and seccomp(2) may be missing in the kernel, or be refused by who runs us in a
 * sandbox: log_detail() says so, and it goes on without. Returns 0, or -errno if capabilities could not be given up.
 */
int confine(const struct confinement *confinement);

#endif
