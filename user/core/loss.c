// SPDX-License-Identifier: GPL-2.0-only
#include "core/loss.h"

#include <errno.h>
#include <stdlib.h>

int loss_init(struct loss *loss)
{
	*loss = (struct loss){0};
	loss->streams = calloc(LOSS_CPUS, sizeof(*loss->streams));
	return loss->streams ? 0 : -ENOMEM;
}

void loss_fini(struct loss *loss)
{
	free(loss->streams);
	loss->streams = NULL;
}

void loss_begin(struct loss *loss, uint32_t cpu, enum wire_program program, uint64_t attempts)
{
	struct loss_stream *stream;

	if (cpu >= LOSS_CPUS)
		return;
	stream = &loss->streams[cpu][program];
	stream->next = stream->came = attempts;
}

static uint64_t count_lost(struct loss *loss, struct loss_stream *stream, uint64_t lost)
{
	uint64_t news = lost > stream->counted ? lost - stream->counted : 0;

	stream->counted += news;
	loss->total += news;
	return news;
}

static uint64_t missing_of(const struct loss_stream *stream)
{
	return stream->next > stream->came ? stream->next - stream->came : 0;
}

uint64_t loss_note(struct loss *loss, const struct event *event)
{
	struct loss_stream *stream;
	uint64_t missing_before;

	if (event->cpu >= LOSS_CPUS)
		return 0;
	stream = &loss->streams[event->cpu][event->program];
	stream->came++;
	if (event->seq >= stream->next)
		stream->next = event->seq + 1;
	missing_before = stream->missing;
	stream->missing = missing_of(stream);
	return count_lost(loss, stream,
			  stream->missing < missing_before ? stream->missing : missing_before);
}

uint64_t loss_came(const struct loss *loss, uint32_t cpu)
{
	uint64_t came = 0;

	for (unsigned int program = 0; program < WIRE_PROGRAMS && cpu < LOSS_CPUS; program++)
		came += loss->streams[cpu][program].came;
	return came;
}

uint64_t loss_settle(struct loss *loss, uint32_t cpu, enum wire_program program, uint64_t attempts)
{
	struct loss_stream *stream;

	if (cpu >= LOSS_CPUS)
		return 0;
	stream = &loss->streams[cpu][program];
	if (attempts > stream->next)
		stream->next = attempts;
	stream->missing = missing_of(stream);
	return count_lost(loss, stream, stream->missing);
}
