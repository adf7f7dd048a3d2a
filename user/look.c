// SPDX-License-Identifier: GPL-2.0-only
#include "look.h"

#include <string.h>

#include "base/log.h"
#include "source/snapshot.h"
#include "wire.h"

#define LOOK_EVERY_NS UINT64_C(100000000)

void look_note(struct look *look, const struct event *event)
{
	const struct addr_port *wanted = &event->bind.local;
	bool other;

	if (event->type != WIRE_BIND || !wanted->port)
		return;
	other = look->due_ns != UINT64_MAX && look->port != wanted->port;
	look->port = other ? RING_ALL_PORTS : wanted->port;
	look->due_ns = look->done_ns + LOOK_EVERY_NS;
}

void look_take(struct look *look, struct ring *ring, take_record_fn *take, void *ctx,
	       uint64_t now_ns)
{
	uint32_t port = look->port;
	int err;

	*look = LOOK_NONE; /* what fails meanwhile takes another one */
	look->done_ns = now_ns;
	err = snapshot_look(ring, port, take, ctx);
	if (err)
		log_detail("cannot look who has the port: %s", strerror(-err));
}
