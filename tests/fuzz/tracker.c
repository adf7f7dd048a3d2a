// SPDX-License-Identifier: GPL-2.0-only
/* Bytes choose events, most of which no kernel makes; the oracle is that of the properties. */
#include "fuzz.h"

#include "../property/judge.h"
#include "../property/random.h"
#include "../unit/sound.h"

#define CAPACITY 8

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct filter filter;
	struct judge *judge = judge_create();
	struct tracker tracker;
	uint64_t us = 1;

	if (tracker_init(&tracker, CAPACITY, &filter, judge_change, judge))
		abort();
	for (random_choose(bytes, size); random_left();) {
		struct event event = random_event(us);

		judge->now_ns = event.ktime_ns;
		tracker_event(&tracker, &event);
		us += random_draw(2) ? random_draw(64) : random_draw(1 << 16) * 1000;
		judge->now_ns = AT(us);
		tracker_advance(&tracker, AT(us));
		sound_tracker(&tracker);
		judge_gauges(judge, &tracker);
	}
	tracker_finish(&tracker, judge->now_ns);
	judge_finish(judge);
	tracker_fini(&tracker);
	judge_destroy(judge);
	return 0;
}
