/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sound: what holds of a tracker whatever events have come. The test fails where it does not.
 */
#ifndef TESTS_SOUND_H
#define TESTS_SOUND_H

#include "core/tracker.h"

/* CONN and its ends point at each other. */
void sound_conn(const struct conn *conn);

/* The tracker's own view of itself: endpoints and connections agree, the cap holds, so do the counts. */
void sound_tracker(const struct tracker *tracker);

#endif
