// SPDX-License-Identifier: GPL-2.0-only
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#include "sound.h"

/* Not from cmocka, which looks at what was there when the test began even if that is gone at its end. */
struct watch *watch_create(uint32_t capacity)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	assert_non_null(watch);
	assert_int_equal(tracker_init(&watch->tracker, capacity, &watch->filter, watch_deliver,
				      watch),
			 0);
	return watch;
}

void watch_destroy(struct watch *watch)
{
	watch_check(watch);
	tracker_fini(&watch->tracker);
	free(watch);
}

static void copy_conn(struct seen *seen, const struct conn *conn)
{
	seen->conn = *conn;
	for (int side = 0; side < 2; side++) {
		if (!conn->ends[side])
			continue;
		seen->ends[side] = *conn->ends[side];
		seen->ends[side].conn = &seen->conn;
		seen->conn.ends[side] = &seen->ends[side];
		if (!conn->ends[side]->past)
			continue;
		seen->pasts[side] = *conn->ends[side]->past;
		seen->ends[side].past = &seen->pasts[side];
	}
}

void watch_deliver(void *ctx, const struct change *change)
{
	struct watch *watch = ctx;
	struct seen *seen;

	assert_true(watch->count < SEEN_MAX);
	seen = &watch->seen[watch->count++];
	*seen = (struct seen){.change = *change};
	if (change->in_use)
		seen->change.in_use = memcpy(&seen->in_use, change->in_use, sizeof(seen->in_use));
	if (change->used_up)
		seen->change.used_up =
			memcpy(&seen->used_up, change->used_up, sizeof(seen->used_up));
	if (change->finding) {
		seen->finding = *change->finding;
		seen->change.finding = &seen->finding;
	}
	if (!change->conn)
		return;
	copy_conn(seen, change->conn);
	seen->change.conn = &seen->conn;
	seen->verdict = verdict_of(change->conn, change->ktime_ns);
	if (change->end) {
		assert_ptr_equal(change->conn->ends[change->end->side], change->end);
		seen->change.end = &seen->ends[change->end->side];
	}
}

void watch_event(struct watch *watch, const struct event *event)
{
	tracker_event(&watch->tracker, event);
}

void watch_resend(struct watch *watch, const struct make_end *end, uint8_t state, uint8_t times,
		  uint8_t retries, uint64_t us)
{
	struct event event = make_resent(end, state, times, retries, us);

	watch_event(watch, &event);
}

void watch_mini(struct watch *watch, const struct make_mini *mini)
{
	struct event event = make_mini(mini);

	watch_event(watch, &event);
}

void watch_hooks(struct watch *watch, uint32_t hooks)
{
	struct event event = {.type = WIRE_HOOKS, .hooks = hooks};

	watch_event(watch, &event);
}

void watch_advance(struct watch *watch, uint64_t us)
{
	tracker_advance(&watch->tracker, AT(us));
}

void watch_step(struct watch *watch, const struct make_step *step)
{
	struct event event = make_edge(step);

	watch_event(watch, &event);
}

void watch_open(struct watch *watch, const struct make_end *client, const struct make_end *server,
		uint64_t us)
{
	struct event events[MAKE_OPEN_EVENTS];

	make_open(events, client, server, us);
	for (unsigned int i = 0; i < MAKE_OPEN_EVENTS; i++)
		watch_event(watch, &events[i]);
}

void watch_close(struct watch *watch, const struct make_end *first, const struct make_end *second,
		 uint64_t us)
{
	struct event events[MAKE_CLOSE_EVENTS];

	make_close(events, first, second, us);
	for (unsigned int i = 0; i < MAKE_CLOSE_EVENTS; i++)
		watch_event(watch, &events[i]);
}

void watch_abandon(struct watch *watch, const struct make_end *first, const struct make_end *second,
		   uint64_t us)
{
	struct event events[MAKE_CLOSE_EVENTS];

	make_close(events, first, second, us);
	for (unsigned int i = 0; i < 4; i++)
		watch_event(watch, &events[i]);
}

const struct seen *watch_find(const struct watch *watch, enum change_kind kind, unsigned int nth)
{
	for (unsigned int i = 0; i < watch->count; i++)
		if (watch->seen[i].change.kind == kind && nth-- == 0)
			return &watch->seen[i];
	return NULL;
}

unsigned int watch_count(const struct watch *watch, enum change_kind kind)
{
	unsigned int count = 0;

	while (watch_find(watch, kind, count))
		count++;
	return count;
}

const struct finding *watch_told(const struct watch *watch, enum finding_code code,
				 unsigned int nth)
{
	const struct seen *seen;

	for (unsigned int i = 0; (seen = watch_find(watch, CHANGE_FINDING, i)); i++)
		if (seen->finding.code == code && nth-- == 0)
			return &seen->finding;
	return NULL;
}

unsigned int watch_times_told(const struct watch *watch, enum finding_code code)
{
	unsigned int times = 0;

	while (watch_told(watch, code, times))
		times++;
	return times;
}

const struct seen *watch_last(const struct watch *watch)
{
	assert_true(watch->count > 0);
	return &watch->seen[watch->count - 1];
}

const struct change *watch_last_mini(const struct watch *watch, uint8_t from, uint8_t to)
{
	for (unsigned int i = watch->count; i-- > 0;) {
		const struct change *change = &watch->seen[i].change;

		if (change->kind == CHANGE_MINI && change->from == from && change->to == to)
			return change;
	}
	fail_msg("no minisock went from %u to %u", from, to);
	return NULL;
}

/* Each open end of the command's is awaited, as no filter leaves any out. */
void watch_check(const struct watch *watch)
{
	const struct table *table = &watch->tracker.table;
	uint32_t open = 0;

	sound_tracker(&watch->tracker);
	for (enum conn_list list = 0; list < LISTS; list++)
		for (const struct conn *conn = table->lists[list].oldest; conn; conn = conn->newer)
			for (int side = 0; side < 2; side++)
				open += conn->ends[side] && conn->ends[side]->of_command &&
					conn->ends[side]->state != WIRE_CLOSE;
	assert_int_equal(open, watch->tracker.command_open);
}
