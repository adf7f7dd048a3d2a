/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * zone: the time zone as a recording carries it: as TZ has it in POSIX (IEEE 1003.1-2017, 8.3), which needs no file.
 */
#ifndef ZONE_H
#define ZONE_H

#include <stdbool.h>

#define ZONE_SIZE 128

/* Is TEXT such a zone, as "CET-1CEST,M3.5.0,M10.5.0/3" or "<+0530>-5:30"? With the times of RFC 9636, 3.3.1. */
bool zone_is_posix(const char *text);

/* That of this process, in RET_ZONE of ZONE_SIZE bytes: $TZ, or what stands at the end of the file that $TZ or
 * /etc/localtime names (RFC 9636, 3.3); else, and where that is not what holds now, the offset that does. */
void zone_find(char *ret_zone);

#endif
