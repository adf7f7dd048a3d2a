/* SPDX-License-Identifier: GPL-2.0-only */
/* stdio: descriptors 0 to 2. */
#ifndef BASE_STDIO_H
#define BASE_STDIO_H

/* Opens /dev/null for those of 0 to 2 that are closed: the next socket or file must not become stdout. */
void stdio_fill(void);

/* Writes what stdio's stdout holds. Returns 0, or -EIO if this or an earlier write has failed, which it says. */
int stdio_flush(void);

#endif
