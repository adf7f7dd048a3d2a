// SPDX-License-Identifier: GPL-2.0-only
/* Bytes choose events and names: what --svg draws of them is well-formed, whatever was seen, all of it or one connection. */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../property/random.h"
#include "../unit/harmless.h"
#include "../unit/make.h"
#include "render/picture.h"

#define PICTURE_BYTES (4UL << 20)
#define EVENTS	      300 /* what comes behind draws nothing new */

static char picture[PICTURE_BYTES + 1];

static void tell(void *ctx, const struct change *change)
{
	struct sink *sink = history_sink(ctx);

	sink->tick(sink, change->ktime_ns);
	sink->change(sink, change);
}

static void draw(const struct history *history, uint64_t conn, const struct style *style)
{
	int fd = memfd_create("picture", 0);
	ssize_t n;

	fuzz_check(fd >= 0 && picture_write(history, conn, style, fd) == 0);
	n = pread(fd, picture, PICTURE_BYTES, 0);
	fuzz_check(n > 0 && n < (ssize_t)PICTURE_BYTES);
	picture[n] = '\0';
	harmless_xml(picture, (size_t)n);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct filter filter;
	struct style style = {.columns = 100, .utf8 = true};
	struct history *history;
	struct tracker tracker;
	uint64_t us = 1;

	random_choose(bytes, size);
	style.time_form = (enum time_form)random_draw(3);
	style.hosts[0].name = random_one_in(2) ? random_name() : NULL;
	history = history_create(&style, 8);
	if (!history || tracker_init(&tracker, 8, &filter, tell, history))
		abort();
	for (unsigned int n = 0; random_left() && n < EVENTS;
	     n++, us += random_draw(1 << 16) * 100) {
		struct event event = random_event(us);

		random_rename(&event);
		tracker_event(&tracker, &event);
	}
	tracker_finish(&tracker, AT(us));
	history_sink(history)->finish(history_sink(history));
	draw(history, 0, &style);
	if (history_newest(history, true))
		draw(history, history_newest(history, true)->heading.conn_id, &style);
	history_destroy(history);
	tracker_fini(&tracker);
	return 0;
}
