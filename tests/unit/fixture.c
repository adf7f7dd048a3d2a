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

void fixture_open_client(void)
{
	GO(w, &client, CLOSE, SYN_SENT, 0, .no_local_port = true);
	GO(w, &client, SYN_SENT, ESTABLISHED, 1);
}

void fixture_open_server(void)
{
	GO(w, &server, LISTEN, SYN_RECV, 0, .no_remote = true, .no_cookie = true);
	GO(w, &server, SYN_RECV, ESTABLISHED, 1);
}

void fixture_leave_in_close_wait(uint64_t us)
{
	watch_open(w, &client, &server, us);
	watch_abandon(w, &server, &client, us + 10);
}

struct verdict fixture_verdict(void)
{
	assert_int_equal(watch_count(w, CHANGE_ENDED), 1);
	return watch_find(w, CHANGE_ENDED, 0)->verdict;
}

struct cause fixture_cause(struct make_step *step)
{
	struct make_end end = make_client(0xc0, 5000);
	struct event event;

	step->end = &end;
	event = make_edge(step);
	return cause_of(&event.edge);
}

void fixture_check_owner(const struct cause *cause)
{
	assert_true(cause->by_owner);
	assert_int_equal(cause->actor.pid, MAKE_CLIENT_PID);
	assert_string_equal(cause->actor.comm, "client");
}

void fixture_check_nobody(const struct cause *cause)
{
	assert_false(cause->by_owner);
	assert_int_equal(cause->actor.pid, 0);
}
