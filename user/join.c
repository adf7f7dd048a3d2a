// SPDX-License-Identifier: GPL-2.0-only
#include "join.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define ALL_HOOKS UINT32_MAX

/* --- whose clocks can be compared ------------------------------------------------------------------ */

/* What REEL proves, or NULL. Each is read twice; what it lacks is said the second time. */
static struct clock *look_at(struct reel *reel)
{
	struct clock *clock = clock_create();
	struct event event;
	const void *record;
	size_t size;

	if (!clock)
		return NULL;
	reel_say_nothing(reel);
	while (reel_next(reel, &record, &size) > 0)
		if (event_decode(record, size, &event) == 0)
			clock_note(clock, &event);
	return clock;
}

static void add_host(struct join *join, struct reel *reel, const struct join_host *by,
		     const struct clock_offset *offset)
{
	join->hosts[join->count++] = (struct join_host){
		.reel = reel,
		.offset = *offset,
		.by = by,
		.hooks = ALL_HOOKS,
	};
}

/* Can the clock of this reel be told by one of the hosts that are joined? */
static bool find_place(struct join *join, struct clock *const *clocks, const unsigned int *places,
		       struct reel *reel, const struct clock *clock)
{
	struct clock_offset offset;

	for (unsigned int i = 0; i < join->count; i++) {
		if (clock_compare(clocks[places[i]], clock, &offset))
			continue;
		offset.ahead_ns += join->hosts[i].offset.ahead_ns;
		offset.uncertainty_ns += join->hosts[i].offset.uncertainty_ns;
		add_host(join, reel, &join->hosts[i], &offset);
		return true;
	}
	return false;
}

/* Again and again, for one that is joined may bring another. */
static void join_all(struct join *join, struct reel *reels, unsigned int count,
		     struct clock *const *clocks, bool *ret_joined)
{
	unsigned int places[HOSTS_MAX] = {0};
	bool found = true;

	add_host(join, &reels[0], NULL, &(struct clock_offset){0});
	ret_joined[0] = true;
	while (found) {
		found = false;
		for (unsigned int i = 1; i < count && join->count < HOSTS_MAX; i++) {
			if (ret_joined[i] ||
			    !find_place(join, clocks, places, &reels[i], clocks[i]))
				continue;
			places[join->count - 1] = i;
			ret_joined[i] = true;
			found = true;
		}
	}
}

int join_create(struct reel *reels, unsigned int count, struct join *ret_join, bool *ret_joined)
{
	struct clock **clocks = calloc(count, sizeof(struct clock *));
	int err = clocks ? 0 : -ENOMEM;

	*ret_join = (struct join){0};
	memset(ret_joined, 0, count * sizeof(*ret_joined));
	for (unsigned int i = 0; i < count && !err; i++) {
		clocks[i] = look_at(&reels[i]);
		err = clocks[i] ? reel_rewind(&reels[i]) : -ENOMEM;
	}
	if (!err)
		join_all(ret_join, reels, count, clocks, ret_joined);
	for (unsigned int i = 0; clocks && i < count; i++)
		clock_destroy(clocks[i]);
	free(clocks);
	return err;
}

/* --- one stream ------------------------------------------------------------------------------------ */

/* What silence tells must hold for all of them. */
static void agree_on_hooks(struct join *join, struct join_host *host, struct event *event)
{
	host->hooks = event->hooks;
	for (unsigned int i = 0; i < join->count; i++)
		event->hooks &= join->hosts[i].hooks;
}

/* Keeps what cannot be told before all have ended. Returns whether EVENT is one to be given. */
static bool take_event(struct join *join, struct join_host *host, struct event *event)
{
	if (event->type == WIRE_TOTALS) {
		host->lost += event->totals.lost;
		host->dropped += event->totals.dropped;
		return false;
	}
	host_enter(event, (unsigned int)(host - join->hosts), host->offset.ahead_ns);
	return true;
}

/* Until HOST has a next event, or none any more. */
static void read_on(struct join *join, struct join_host *host)
{
	const void *record;
	size_t size;
	int got;

	while (!host->has_next && (got = reel_next(host->reel, &record, &size)) != 0) {
		int err = got < 0 ? 0 : event_decode(record, size, &host->next);

		if (got < 0) {
			join->err = got;
			return;
		}
		join->damaged += err && err != -ENOTSUP;
		join->unknown += err == -ENOTSUP;
		host->has_next = !err && take_event(join, host, &host->next);
	}
}

static struct join_host *earliest(struct join *join)
{
	struct join_host *first = NULL;

	for (unsigned int i = 0; i < join->count; i++) {
		struct join_host *host = &join->hosts[i];

		read_on(join, host);
		if (host->has_next && (!first || host->next.ktime_ns < first->next.ktime_ns))
			first = host;
	}
	return first;
}

bool join_next(struct join *join, struct event *ret_event)
{
	struct join_host *host = earliest(join);

	if (!host) {
		*ret_event = (struct event){.type = WIRE_TOTALS};
		for (unsigned int i = 0; i < join->count; i++) {
			ret_event->totals.lost += join->hosts[i].lost;
			ret_event->totals.dropped += join->hosts[i].dropped;
		}
		return false;
	}
	*ret_event = host->next;
	host->has_next = false;
	if (ret_event->type == WIRE_HOOKS)
		agree_on_hooks(join, host, ret_event);
	return true;
}
