// SPDX-License-Identifier: GPL-2.0-only
/*
 * One thread, one epoll loop. Each turn reads what is in the ring, lets time pass, and waits for the next
 * thing: records, a signal, or the time at which something is due. Idle, nothing is due, and it sleeps
 * without end.
 */
#include "trace.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "counters.h"
#include "look.h"
#include "meter.h"
#include "now.h"
#include "rights.h"
#include "signals.h"
#include "source/snapshot.h"
#include "tape.h"
#include "view.h"

/* Records come in bursts: behind the first of them the others may gather for so long, awake and so without
 * a wakeup each. Under load this is the size of a batch. */
#define NAP_MS 1

#define SETTLE_TRIES 100

/* What is called when its descriptor can be read. */
struct waker {
	void (*wake)(void *ctx);
	void *ctx;
};

#define WAKERS_MAX 8

struct trace {
	const struct options *options;
	struct rights rights;
	struct view view;
	struct beside *beside; /* NULL: nothing */
	int epoll_fd, timer_fd, signal_fd;
	struct waker wakers[WAKERS_MAX];
	unsigned int waker_count;
	uint64_t end_ns; /* -d, UINT64_MAX: none */
	struct look look;
	struct tape tape;
	struct canvas canvas;
	struct counters counters;
	struct meter meter;
	uint32_t snapshot; /* WIRE_HOOK_SNAPSHOT if there was one, else 0 */
	bool interrupted; /* by a signal */
};

/* --- records ------------------------------------------------------------------------------------- */

static void take_as_it_is(void *ctx, const void *bytes, size_t size)
{
	struct trace *trace = ctx;

	tape_record(&trace->tape, bytes, size);
	flow_record(&trace->view.flow, bytes, size);
}

static void say_what_is_seen(struct trace *trace, uint64_t look_ns)
{
	const uint64_t now = now_ns();
	const struct wire_hooks hooks = {
		.hdr = {.size = sizeof(hooks), .type = WIRE_HOOKS, .ktime_ns = now},
		.hooks = ring_hooks(trace->rights.ring) | trace->snapshot,
		.look_us = look_ns ? (uint32_t)((now - look_ns) / 1000) : 0,
	};

	tape_record(&trace->tape, &hooks, sizeof(hooks));
	flow_record(&trace->view.flow, &hooks, sizeof(hooks));
}

/* With the word of what is seen the flow holds nothing any more, in the replay as here. */
static void turn_tape(struct trace *trace)
{
	say_what_is_seen(trace, 0);
	tape_turn(&trace->tape, now_ns());
}

/* What its numbers are called comes before it. */
static void take_record(void *ctx, const void *bytes, size_t size)
{
	struct trace *trace = ctx;
	struct event event;

	if (event_decode(bytes, size, &event)) { /* the flow counts it */
		take_as_it_is(ctx, bytes, size);
		return;
	}
	if (tape_is_full(&trace->tape))
		turn_tape(trace);
	look_note(&trace->look, &event);
	tape_stir(&trace->tape, event.ktime_ns);
	if (filter_event(&trace->options->filter, &event)) {
		lookup_names(&trace->rights.lookup, &trace->view.flow.tracker.names, &event,
			     take_as_it_is, trace);
		tape_record(&trace->tape, bytes, size);
	} else {
		tape_number(&trace->tape, bytes);
	}
	flow_event(&trace->view.flow, &event);
}

/* The word of what is seen ends it. It is for all that has failed before it began, so these are read first. */
static void look_at_port(struct trace *trace)
{
	uint64_t began_ns = now_ns();

	ring_read(trace->rights.ring, take_record, trace);
	look_take(&trace->look, trace->rights.ring, take_record, trace, began_ns);
	say_what_is_seen(trace, began_ns);
}

/* A recording has the moments that any form would wait for. */
static uint64_t data_due_ns(const struct trace *trace)
{
	uint64_t due_ns = view_data_due_ns(&trace->view);

	return trace->tape.due_ns < due_ns ? trace->tape.due_ns : due_ns;
}

/* Lets time pass, and has the recording know it if that matters. */
static void pass_time(struct trace *trace, uint64_t now, bool last)
{
	const struct wire_hdr tick = {.size = sizeof(tick), .type = WIRE_TICK, .ktime_ns = now};

	if (last || data_due_ns(trace) <= now) {
		if (trace->tape.due_ns <= now)
			trace->tape.due_ns = UINT64_MAX;
		tape_record(&trace->tape, &tick, sizeof(tick));
		flow_advance(&trace->view.flow, now);
	}
	view_show(&trace->view, now);
	tape_write(&trace->tape, now);
}

/* --- waiting ------------------------------------------------------------------------------------- */

static void arm_timer(struct trace *trace)
{
	uint64_t due_ns = view_due_ns(&trace->view);
	struct itimerspec when = {0};

	if (trace->tape.due_ns < due_ns)
		due_ns = trace->tape.due_ns;
	if (trace->end_ns < due_ns)
		due_ns = trace->end_ns;
	if (trace->look.due_ns < due_ns)
		due_ns = trace->look.due_ns;
	if (due_ns != UINT64_MAX) {
		when.it_value.tv_sec = (time_t)(due_ns / 1000000000);
		when.it_value.tv_nsec = (long)(due_ns % 1000000000);
	}
	timerfd_settime(trace->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void take_signal(void *ctx)
{
	struct trace *trace = ctx;
	struct signalfd_siginfo info;
	struct command *command = &trace->rights.command;

	if (read(trace->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGCHLD:
		command_reap(command);
		return;
	case SIGWINCH:
		view_resize(&trace->view);
		return;
	case SIGTSTP:
		view_hide_status(&trace->view); /* it would be in the shell's way */
		signals_suspend();
		return;
	case SIGCONT:
		view_resume(&trace->view);
		return;
	case SIGTERM:
	case SIGHUP:
		if (command->pid && !command->ended)
			kill(command->pid, (int)info.ssi_signo);
		trace->interrupted = true;
		return;
	case SIGINT:
		/* The terminal gives it to the command as well: how that ends is worth seeing. */
		if (command->pid && !command->ended && !command->interrupted)
			command->interrupted = true;
		else
			trace->interrupted = true;
		return;
	}
}

static void take_time(void *ctx)
{
	struct trace *trace = ctx;
	uint64_t expirations;

	/* It only has to be read; what is due is looked up. */
	if (read(trace->timer_fd, &expirations, sizeof(expirations)) < 0)
		return;
}

static void take_end(void *ctx)
{
	struct trace *trace = ctx;

	trace->beside->over = true;
}

static void take_keys(void *ctx)
{
	struct trace *trace = ctx;

	fullscreen_take_keys(trace->view.full);
}

static void wait_for_something(struct trace *trace, int timeout_ms)
{
	struct epoll_event events[WAKERS_MAX];
	int n = epoll_wait(trace->epoll_fd, events, WAKERS_MAX, timeout_ms);

	for (int i = 0; i < n; i++) {
		const struct waker *waker = events[i].data.ptr;

		if (waker->wake)
			waker->wake(waker->ctx);
	}
}

/* --- the loop ------------------------------------------------------------------------------------ */

/* -- COMMAND has ended, and its connections with it. */
static bool command_is_over(const struct trace *trace)
{
	const struct command *command = &trace->rights.command;
	const struct tracker *tracker = &trace->view.flow.tracker;

	if (!command->ended || trace->view.flow.merge.count)
		return false;
	if (trace->view.flow.loss.total) /* a lost CLOSE would keep us for ever */
		return true;
	if (tracker->command_open)
		return false;
	return !trace->options->wait_timewait || !tracker_command_waits(tracker);
}

static bool is_over(const struct trace *trace)
{
	return trace->interrupted || trace->tape.gone || view_is_done(&trace->view) ||
	       command_is_over(trace) || (trace->beside && trace->beside->over) ||
	       now_ns() >= trace->end_ns;
}

static void loop(struct trace *trace)
{
	struct ring *ring = trace->rights.ring;
	int records;

	for (;;) {
		records = ring_read(ring, take_record, trace);
		if (trace->look.due_ns <= now_ns())
			look_at_port(trace);
		pass_time(trace, now_ns(), false);
		if (is_over(trace))
			return;
		if (records > 0) {
			wait_for_something(trace, records < RING_BATCH ? NAP_MS : 0);
			continue;
		}
		ring_sleep(ring);
		if (ring_read(ring, take_record, trace) == 0) {
			tape_write(&trace->tape, UINT64_MAX);
			arm_timer(trace);
			wait_for_something(trace, -1);
		}
		ring_wake(ring);
	}
}

/* --- before and after ---------------------------------------------------------------------------- */

static int watch(struct trace *trace, int fd, void (*wake)(void *ctx), void *ctx)
{
	struct waker *waker = &trace->wakers[trace->waker_count++];
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = waker};

	*waker = (struct waker){wake, ctx};
	return epoll_ctl(trace->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int watch_exporter(struct trace *trace)
{
	struct exporter *exporter = trace->rights.exporter;

	trace->meter = (struct meter){&trace->view, &trace->counters, trace->rights.ring};
	exporter_serve(exporter, meter_print, &trace->meter);
	return watch(trace, exporter_fd(exporter), exporter_wake, exporter);
}

static int prepare_loop(struct trace *trace)
{
	sigset_t signals;
	int err;

	signals_of_interest(&signals, trace->options->tui);
	trace->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	trace->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	trace->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (trace->epoll_fd < 0 || trace->timer_fd < 0 || trace->signal_fd < 0)
		return -errno;
	err = watch(trace, trace->timer_fd, take_time, trace);
	if (!err)
		err = watch(trace, trace->signal_fd, take_signal, trace);
	if (!err)
		err = watch(trace, ring_fd(trace->rights.ring), NULL, NULL); /* read in any case */
	if (!err && trace->rights.exporter)
		err = watch_exporter(trace);
	if (!err && trace->beside)
		err = watch(trace, trace->beside->fd, take_end, trace);
	if (!err && trace->view.full)
		err = watch(trace, STDIN_FILENO, take_keys, trace);
	return err;
}

static void look_around(struct trace *trace)
{
	int err = snapshot_take(trace->rights.ring, take_record, trace);

	ring_read(trace->rights.ring, take_record, trace);
	if (err && err != -ENOTSUP)
		log_error("what was there before is not known: %s", strerror(-err));
	if (err)
		return;
	trace->snapshot = WIRE_HOOK_SNAPSHOT;
	say_what_is_seen(trace, 0);
}

static void say_ready(const struct trace *trace)
{
	int fd = trace->options->ready_fd;

	if (fd >= 0 && write(fd, "ready\n", 6) == 6 && fd > STDERR_FILENO)
		close(fd);
	log_detail("attached");
}

static void read_the_rest(struct trace *trace)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	if (!trace->rights.ring_is_lent)
		ring_detach(trace->rights.ring);
	counters_take(&trace->counters, trace->rights.ring);
	for (int i = 0; i < SETTLE_TRIES; i++) {
		ring_read(trace->rights.ring, take_record, trace);
		if (counters_all_came(&trace->counters, &trace->view.flow))
			return;
		nanosleep(&moment, NULL);
	}
}

static void finish(struct trace *trace)
{
	const struct flow *flow = &trace->view.flow;
	struct wire_totals totals = {.hdr = {.size = sizeof(totals), .type = WIRE_TOTALS}};

	if (trace->look.due_ns != UINT64_MAX)
		look_at_port(trace);
	read_the_rest(trace);
	counters_settle(&trace->counters, &trace->view.flow);
	totals.lost = flow->loss.total + tape_missing(&trace->tape);
	totals.dropped = flow->dropped;
	tape_record(&trace->tape, &totals, sizeof(totals));
	pass_time(trace, now_ns(), true);
	tape_end(&trace->tape);
	view_finish(&trace->view);
	view_summarise(&trace->view);
}

static int exit_status(const struct trace *trace)
{
	if (view_has_failed(&trace->view))
		return EXIT_FAILURE;
	if (trace->rights.command.pid)
		return trace->rights.command.status;
	return trace->tape.failed || trace->tape.has_gaps ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int run(struct trace *trace)
{
	const struct options *options = trace->options;
	int err = view_init(&trace->view, options, &trace->canvas, trace->rights.start_ns,
			    trace->rights.realtime_ns, trace->rights.netns);

	tape_init(&trace->tape, trace->rights.recorder, options_record_to_stdout(options),
		  &trace->view);
	if (!err)
		err = prepare_loop(trace);
	if (!err)
		err = counters_init(&trace->counters, trace->rights.ring);
	if (err) {
		log_error("cannot begin: %s", strerror(-err));
		return EXIT_FAILURE;
	}
	if (trace->beside)
		trace->view.beside = trace->beside->sink;
	if (options->duration_ns)
		trace->end_ns = now_ns() + options->duration_ns;
	if (options->command)
		tracker_follow(&trace->view.flow.tracker, (uint32_t)trace->rights.command.pid);
	if (trace->rights.ring_is_lent)
		counters_begin(&trace->counters, &trace->view.flow, trace->rights.ring);
	ring_read(trace->rights.ring, take_record, trace); /* of before all was attached */
	trace->snapshot = trace->rights.ring_is_lent ? WIRE_HOOK_SNAPSHOT : 0;
	say_what_is_seen(trace, 0);
	if (!trace->rights.ring_is_lent) {
		look_around(trace);
		view_show(&trace->view, now_ns()); /* opens what it is shown on */
		if (rights_give_up(options))
			return EXIT_FAILURE;
	}
	say_ready(trace);
	command_run(&trace->rights.command);
	if (trace->beside)
		trace->beside->begin(trace->beside);
	loop(trace);
	finish(trace);
	command_end(&trace->rights.command);
	return exit_status(trace);
}

int trace_run(struct options *options, struct beside *beside)
{
	struct trace trace = {.options = options,
			      .beside = beside,
			      .end_ns = UINT64_MAX,
			      .look = LOOK_NONE,
			      .epoll_fd = -1,
			      .timer_fd = -1,
			      .signal_fd = -1};
	sigset_t signals;
	int status, err;

	signals_of_interest(&signals, options->tui);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* ignored by who called us, it would never come */
	if (canvas_open(&trace.canvas, options))
		return EXIT_FAILURE;
	status = rights_open(&trace.rights, options, beside ? beside->ring : NULL);
	if (status) {
		canvas_close(&trace.canvas);
		return status;
	}
	if (beside)
		trace.rights.netns = beside->netns;
	status = run(&trace);
	view_fini(&trace.view);
	counters_fini(&trace.counters);
	close(trace.epoll_fd);
	close(trace.timer_fd);
	close(trace.signal_fd);
	if (canvas_close(&trace.canvas) && status == EXIT_SUCCESS)
		status = EXIT_FAILURE;
	err = rights_close(&trace.rights);
	if (!err || trace.tape.failed || trace.tape.gone)
		return status;
	log_error("the recording is not whole: %s", strerror(-err));
	return status == EXIT_SUCCESS ? EXIT_FAILURE : status;
}
