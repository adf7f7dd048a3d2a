// SPDX-License-Identifier: GPL-2.0-only
#include "fixture.h"

struct watch *w;
struct make_end client, server;

void fixture_make_ends(void)
{
	client = make_client(0xc00, 5000);
	server = make_peer(&client, 0x500);
}

int fixture_start(void **fixture)
{
	(void)fixture;
	w = watch_create(64);
	fixture_make_ends();
	return 0;
}

int fixture_start_minis(void **fixture)
{
	int err = fixture_start(fixture);

	watch_hooks(w, WIRE_HOOK_TIMEWAIT | WIRE_HOOK_SEGMENTS);
	return err;
}

int fixture_stop(void **fixture)
{
	(void)fixture;
	watch_destroy(w);
	return 0;
}

void fixture_restart(uint32_t capacity)
{
	watch_destroy(w);
	w = watch_create(capacity);
}
