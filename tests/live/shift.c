// SPDX-License-Identifier: GPL-2.0-only
/*
 * shift IN OUT HOST NETNS AHEAD_US: of the recording IN what happened in the network namespace with the inode number
 * NETNS, as another machine would have recorded it whose name is HOST and whose clock is AHEAD_US ahead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/event.h"
#include "source/recorder.h"
#include "source/recording.h"

/* Where it happened, 0: that is not told. */
static uint32_t netns_of(const struct event *event)
{
	switch (event->type) {
	case WIRE_STATE:
	case WIRE_FOUND:
		return event->edge.netns;
	case WIRE_MINI:
		return event->mini.netns;
	case WIRE_RESET:
		return event->reset.netns;
	case WIRE_OVERFLOW:
		return event->overflow.netns;
	case WIRE_LIMITS:
		return event->limits.netns;
	default:
		return 0;
	}
}

/* What happened elsewhere leaves its number. */
static int copy(struct recorder *recorder, const void *record, size_t size, uint32_t netns,
		int64_t ahead_ns)
{
	_Alignas(8) char bytes[4096];
	struct wire_hdr *hdr = (struct wire_hdr *)bytes;
	struct event event;

	if (size > sizeof(bytes) || event_decode(record, size, &event))
		return -1;
	memcpy(bytes, record, size);
	if (netns_of(&event) && netns_of(&event) != netns) {
		hdr->type = WIRE_ELSEWHERE;
		hdr->size = sizeof(*hdr);
	}
	if (hdr->ktime_ns)
		hdr->ktime_ns += (uint64_t)ahead_ns;
	return recorder_write(recorder, bytes, hdr->size);
}

static int shift(struct recording *recording, const char *path, const char *host, uint32_t netns,
		 int64_t ahead_ns)
{
	static const struct recording_setting none = {0};
	struct recorder_config config = {
		.path = path,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.about = *recording_about(recording),
		.settings = &none,
	};
	struct recorder *recorder;
	const void *record;
	size_t size;
	int got;

	config.about.start_ns += (uint64_t)ahead_ns;
	config.about.netns = netns;
	snprintf(config.about.host, sizeof(config.about.host), "%s", host);
	if (recorder_open(&config, &recorder))
		return -1;
	while ((got = recording_next(recording, &record, &size)) > 0)
		if (copy(recorder, record, size, netns, ahead_ns))
			return -1;
	return recorder_close(recorder) || got ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct recording *recording;
	int err;

	if (argc != 6) {
		fputs("shift IN OUT HOST NETNS AHEAD_US\n", stderr);
		return 2;
	}
	if (recording_open(argv[1], &recording))
		return EXIT_FAILURE;
	err = shift(recording, argv[2], argv[3], (uint32_t)strtoul(argv[4], NULL, 10),
		    strtoll(argv[5], NULL, 10) * 1000);
	recording_close(recording);
	if (err)
		fputs("shift: it cannot be copied\n", stderr);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
