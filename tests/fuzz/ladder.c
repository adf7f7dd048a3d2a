// SPDX-License-Identifier: GPL-2.0-only
/* Bytes choose a width, a style and events: no line of the ladder is wider than asked, and the full-screen view keeps within
 * any screen and survives any key. */
#include "fuzz.h"

#include "../property/random.h"
#include "../property/width.h"
#include "render/tui.h"

static struct width *width;
static struct tui *tui;

static void tell(void *ctx, const struct change *change)
{
	struct sink *sink = tui_sink(tui);

	(void)ctx;
	width_change(width, change);
	sink->change(sink, change);
}

static void press_and_draw(uint64_t now_ns)
{
	struct grid grid;

	if (grid_init(&grid, 1 + (unsigned int)random_draw(40), 1 + (unsigned int)random_draw(200)))
		abort();
	tui_press(tui, random_one_in(2)
			       ? TUI_KEY_UP + (uint32_t)random_draw(TUI_KEY_NONE - TUI_KEY_UP)
			       : (uint32_t)random_draw(256));
	tui_draw(tui, &grid, now_ns);
	grid_fini(&grid);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct filter filter;
	struct tracker tracker;
	struct style style;
	uint64_t us = 1;

	random_choose(bytes, size);
	style = width_style();
	width = width_create(&style);
	tui = tui_create(&style, 8);
	if (!tui || tracker_init(&tracker, 8, &filter, tell, NULL))
		abort();
	for (; random_left(); us += random_draw(1 << 16) * 100) {
		struct event event = random_event(us);

		random_rename(&event);
		tracker_event(&tracker, &event);
		width_tick(width, AT(us));
		if (random_one_in(4))
			press_and_draw(AT(us));
	}
	tracker_finish(&tracker, AT(us));
	width_destroy(width);
	tui_destroy(tui);
	tracker_fini(&tracker);
	return 0;
}
