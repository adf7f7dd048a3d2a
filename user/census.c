// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each round is a snapshot of its own, taken by the kernel's iterators into a flow of its own: no tracing program is
 * attached, so between two rounds nothing is seen, and nothing costs anything. The flow finds the owners; who
 * is whose other end, and what has changed since the round before, core/roll.h finds.
 */
#include "census.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "core/flow.h"
#include "core/roll.h"
#include "counters.h"
#include "now.h"
#include "render/csv.h"
#include "render/endpoints.h"
#include "render/json.h"
#include "rights.h"
#include "source/snapshot.h"
#include "view.h"

#define NEVER UINT64_MAX

struct census {
	const struct options *options;
	struct rights rights;
	struct screen screen;
	struct style style;
	struct sink *lines; /* NULL: a table is printed */
	struct counters counters;
	struct flow flow; /* of this round */
	struct owner_names names; /* what has been looked up in any round */
	struct filter alone; /* what can be asked without knowing an owner */
	struct roll_counts passed; /* by it, kept or not, in this round */
	uint64_t left_out; /* endpoints that there was no room for */
	struct roll now, before;
	uint64_t rounds;
	int timer_fd, signal_fd;
	uint64_t end_ns; /* -d */
};

/* --- taking -------------------------------------------------------------------------------------- */

static uint32_t conns_of(const struct census *census)
{
	uint32_t count = 0;

	for (int list = 0; list < LISTS; list++)
		count += census->flow.tracker.table.lists[list].count;
	return count;
}

/* What the flow has not looked at yet may take a place each. */
static bool has_room(const struct census *census)
{
	return conns_of(census) + census->flow.merge.count < census->options->max_connections;
}

static void take_name(void *ctx, const void *bytes, size_t size)
{
	struct census *census = ctx;

	flow_record(&census->flow, bytes, size);
}

/* What there is no room for is counted all the same, and its number noted, or it would be taken for lost. */
static void take_record(void *ctx, const void *bytes, size_t size)
{
	struct census *census = ctx;
	struct endpoint found;
	struct event event;

	if (event_decode(bytes, size, &event)) { /* the flow counts it */
		flow_record(&census->flow, bytes, size);
		return;
	}
	if (roll_read(&event, &found)) {
		bool passes = filter_end(&census->alone, &found);

		if (passes)
			roll_count(&census->passed, &found);
		if (!has_room(census)) {
			census->left_out += passes;
			event.type = WIRE_ELSEWHERE;
		}
	}
	lookup_names(&census->rights.lookup, &census->flow.tracker.names, &event, take_name,
		     census);
	flow_event(&census->flow, &event);
}

/* All that there is stands in the ring when the iterators have ended. */
static void read_all(struct census *census)
{
	while (ring_read(census->rights.ring, take_record, census) > 0)
		;
}

/* As in a trace: what is there, and the word that this is all. */
static int take(struct census *census)
{
	struct wire_hooks over = {.hdr = {.size = sizeof(over), .type = WIRE_HOOKS},
				  .hooks = WIRE_HOOK_SNAPSHOT};
	int err;

	counters_begin(&census->counters, &census->flow, census->rights.ring);
	err = snapshot_take(census->rights.ring, take_record, census);
	counters_take(&census->counters, census->rights.ring);
	read_all(census);
	counters_settle(&census->counters, &census->flow);
	over.hdr.ktime_ns = now_ns();
	flow_record(&census->flow, &over, sizeof(over));
	return err;
}

/* --- a round ------------------------------------------------------------------------------------- */

static bool is_wanted(const struct census *census, struct endpoint *end)
{
	const struct filter *filter = &census->options->filter;
	const struct owner_names *names = &census->flow.tracker.names;

	end->in_cgroup = filter_has_cgroup(filter, names_find(&names->cgroups, end->owner.cgroup));
	return filter_end(filter, end);
}

static void add_conn(struct census *census, const struct conn *conn)
{
	for (int side = 0; side < 2; side++) {
		struct endpoint *end = conn->ends[side];

		if (end && endpoint_shown_state(end) != WIRE_CLOSE)
			roll_add(&census->now, end, is_wanted(census, end));
	}
}

/* A new roll from what the flow has, and that of the round before, whose gone ones it takes in. */
static int fill_roll(struct census *census)
{
	const struct table *table = &census->flow.tracker.table;
	int err = roll_init(&census->now, (size_t)conns_of(census) * 2 + census->before.count,
			    now_ns());

	if (err)
		return err;
	for (int list = 0; list < LISTS; list++)
		for (struct conn *conn = table->lists[list].oldest; conn; conn = conn->newer)
			add_conn(census, conn);
	roll_pair(&census->now);
	roll_keep_wanted(&census->now);
	if (census->left_out && !filter_asks_owner(&census->options->filter))
		census->now.counts = census->passed;
	if (census->rounds > 1)
		roll_compare(&census->now, &census->before);
	roll_sort(&census->now);
	return 0;
}

static void say_what_is_missing(const struct census *census)
{
	uint64_t lost = census->flow.loss.total;

	if (lost)
		log_error("%llu records were lost: this snapshot is not whole",
			  (unsigned long long)lost);
	if (!census->left_out)
		return;
	log_error("%llu endpoints are %s, as there is no room for them: see --max-connections",
		  (unsigned long long)census->left_out,
		  filter_asks_owner(&census->options->filter)
			  ? "neither shown nor counted, whoever owns them"
			  : "counted, but not shown");
}

static void print(struct census *census)
{
	const struct endpoints_round round = {
		.now = &census->now,
		.before = census->rounds > 1 ? &census->before.counts : NULL,
		.names = &census->names,
		.number = census->rounds,
		.watched = census->options->watch_ns,
		.whole = !census->left_out && !census->flow.loss.total,
	};

	if (census->lines)
		endpoints_lines((struct line_sink *)census->lines, &round);
	else
		endpoints_table(&census->screen, &census->style, &round);
	screen_flush(&census->screen);
}

/* What was looked up before is known to the flow as well, and what it learns stays. */
static void swap_names(struct census *census)
{
	struct owner_names names = census->flow.tracker.names;

	census->flow.tracker.names = census->names;
	census->names = names;
}

static int look(struct census *census)
{
	int err;

	census->rounds++;
	census->left_out = 0;
	census->passed = (struct roll_counts){0};
	census->flow.tracker.findings.off = true;
	swap_names(census);
	err = take(census);
	if (!err)
		err = fill_roll(census);
	swap_names(census);
	if (err)
		return err;
	print(census);
	say_what_is_missing(census);
	roll_fini(&census->before);
	census->before = census->now;
	census->now = (struct roll){0};
	return 0;
}

static void drop_change(void *ctx, const struct change *change)
{
	(void)ctx, (void)change;
}

static void drop_tick(void *ctx, uint64_t ns)
{
	(void)ctx, (void)ns;
}

/* Who is asked for is asked for at the end, when all is known: the flow is to keep everything. */
static int run_round(struct census *census)
{
	static const struct filter all;
	const struct flow_sink sink = {drop_change, drop_tick, census};
	int err = flow_init(&census->flow, census->options->max_connections, &all, &sink);

	if (!err)
		err = look(census);
	if (err && err != -ENOTSUP) /* which ring_open() has explained */
		log_error("cannot look at the sockets: %s", strerror(-err));
	flow_fini(&census->flow);
	return err;
}

/* --- watching ------------------------------------------------------------------------------------ */

/* Rounds are due at fixed times: one that takes too long leaves out those that it would overtake. */
static int start_timer(struct census *census)
{
	uint64_t watch_ns = census->options->watch_ns, first_ns = now_ns() + watch_ns;
	const struct itimerspec when = {
		.it_value = {(time_t)(first_ns / 1000000000), (long)(first_ns % 1000000000)},
		.it_interval = {(time_t)(watch_ns / 1000000000), (long)(watch_ns % 1000000000)},
	};

	census->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (census->timer_fd < 0 ||
	    timerfd_settime(census->timer_fd, TFD_TIMER_ABSTIME, &when, NULL) != 0)
		return -errno;
	if (census->options->duration_ns)
		census->end_ns = now_ns() + census->options->duration_ns;
	return 0;
}

/* They are blocked, so that a write which nobody reads can be given up for them, too. */
static int catch_signals(struct census *census)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	census->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC);
	return census->signal_fd < 0 ? -errno : 0;
}

static struct timespec time_until(uint64_t end_ns)
{
	uint64_t now = now_ns(), ns = end_ns > now ? end_ns - now : 0;

	return (struct timespec){(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
}

/* Returns false when a signal, or the end of -d, came first. */
static bool wait_for_round(struct census *census)
{
	struct pollfd fds[] = {{.fd = census->timer_fd, .events = POLLIN},
			       {.fd = census->signal_fd, .events = POLLIN}};
	struct timespec left = time_until(census->end_ns);
	uint64_t expirations;
	int n;

	do
		n = ppoll(fds, 2, census->end_ns == NEVER ? NULL : &left, NULL);
	while (n < 0 && errno == EINTR);
	if (n <= 0 || fds[1].revents || now_ns() >= census->end_ns)
		return false;
	return read(census->timer_fd, &expirations, sizeof(expirations)) == sizeof(expirations);
}

static int watch(struct census *census)
{
	int err = catch_signals(census);

	if (!err)
		err = start_timer(census);
	if (err) {
		log_error("cannot watch: %s", strerror(-err));
		return err;
	}
	do
		err = run_round(census);
	while (!err && !census->screen.broken && !census->screen.err && wait_for_round(census));
	return err;
}

/* --- the whole ----------------------------------------------------------------------------------- */

static int create_lines(struct census *census)
{
	enum form form = census->options->form;

	if (form != FORM_JSON && form != FORM_CSV)
		return 0;
	census->lines = form == FORM_JSON
				? json_create(&census->screen, &census->style)
				: csv_create_for_snapshot(&census->screen, &census->style);
	return census->lines ? 0 : -ENOMEM;
}

static int prepare(struct census *census)
{
	const struct options *options = census->options;
	const struct rights *rights = &census->rights;
	int err = screen_init(&census->screen, STDOUT_FILENO);

	census->style = view_style(options, rights->start_ns, rights->realtime_ns, rights->netns);
	census->alone = options->filter;
	census->alone.pid_count = census->alone.cgroup_count = 0;
	if (!err)
		err = create_lines(census);
	if (!err)
		err = counters_init(&census->counters, rights->ring);
	if (!err)
		err = names_init(&census->names.cgroups);
	if (!err)
		err = names_init(&census->names.cmdlines);
	if (err)
		log_error("cannot begin: %s", strerror(-err));
	return err;
}

static void give_back(struct census *census)
{
	names_fini(&census->names.cgroups);
	names_fini(&census->names.cmdlines);
	counters_fini(&census->counters);
	roll_fini(&census->now);
	roll_fini(&census->before);
	if (census->lines)
		census->lines->destroy(census->lines);
	screen_fini(&census->screen);
	if (census->timer_fd >= 0)
		close(census->timer_fd);
	if (census->signal_fd >= 0)
		close(census->signal_fd);
	rights_close(&census->rights);
}

int census_run(struct options *options)
{
	struct census census = {.options = options,
				.timer_fd = -1,
				.signal_fd = -1,
				.end_ns = NEVER};
	int status, err;

	signal(SIGPIPE, SIG_IGN);
	options->hooks = HOOKS_NONE;
	status = rights_open(&census.rights, options, NULL);
	if (status)
		return status;
	err = prepare(&census);
	if (!err)
		err = rights_give_up(options);
	if (!err)
		err = options->watch_ns ? watch(&census) : run_round(&census);
	if (census.screen.err) {
		log_error("cannot write to stdout: %s", strerror(census.screen.err));
		err = -census.screen.err;
	}
	give_back(&census);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
