// SPDX-License-Identifier: GPL-2.0-only
#include "core/flow.h"

#include <errno.h>

#define MERGE_CAPACITY 65536

int flow_init(struct flow *flow, uint32_t capacity, const struct filter *filter,
	      const struct flow_sink *sink)
{
	*flow = (struct flow){.sink = *sink};
	if (merge_init(&flow->merge, MERGE_CAPACITY) == 0 && loss_init(&flow->loss) == 0 &&
	    tracker_init(&flow->tracker, capacity, filter, sink->deliver, sink->ctx) == 0)
		return 0;
	flow_fini(flow);
	return -ENOMEM;
}

void flow_fini(struct flow *flow)
{
	merge_fini(&flow->merge);
	loss_fini(&flow->loss);
	tracker_fini(&flow->tracker);
}

static void pass_time(struct flow *flow, uint64_t now_ns)
{
	if (now_ns > flow->newest_ns)
		flow->newest_ns = now_ns;
	tracker_advance(&flow->tracker, now_ns);
	flow->sink.tick(flow->sink.ctx, now_ns);
}

static void pass_event(struct flow *flow, const struct event *event)
{
	pass_time(flow, event->ktime_ns);
	tracker_event(&flow->tracker, event);
}

static void pass_events(struct flow *flow, uint64_t now_ns, bool all)
{
	const struct event *event;

	while ((event = merge_pop(&flow->merge, now_ns, all)))
		pass_event(flow, event);
}

static void note_lost(struct flow *flow, uint64_t lost)
{
	if (lost)
		tracker_lost(&flow->tracker, lost, flow->newest_ns);
}

static void take_event(struct flow *flow, const struct event *event)
{
	note_lost(flow, loss_note(&flow->loss, event));
	if (event->ktime_ns > flow->newest_ns)
		flow->newest_ns = event->ktime_ns;
	if (event->type == WIRE_ELSEWHERE) { /* time has passed all the same, as it had live */
		pass_events(flow, flow->newest_ns, false);
		return;
	}
	if (merge_is_full(&flow->merge))
		pass_event(flow, merge_pop(&flow->merge, 0, true));
	merge_push(&flow->merge, event);
	pass_events(flow, flow->newest_ns, false);
}

/* Recorded totals count what the numbers on the records cannot show: losses behind the last one. */
static void take_totals(struct flow *flow, const struct event *event)
{
	flow->dropped = event->totals.dropped;
	if (event->totals.lost <= flow->loss.total)
		return;
	note_lost(flow, event->totals.lost - flow->loss.total);
	flow->loss.total = event->totals.lost;
}

/* Whether any is lost behind this one is counted from it on. */
static void take_before(struct flow *flow, const struct event *event)
{
	loss_begin(&flow->loss, event->cpu, event->program, event->seq);
}

/* What came before it was seen without. */
static void take_hooks(struct flow *flow, const struct event *event)
{
	pass_events(flow, flow->newest_ns, true);
	tracker_event(&flow->tracker, event);
}

void flow_event(struct flow *flow, const struct event *event)
{
	if (event->type == WIRE_TICK)
		flow_advance(flow, event->ktime_ns);
	else if (event->type == WIRE_TOTALS)
		take_totals(flow, event);
	else if (event->type == WIRE_HOOKS)
		take_hooks(flow, event);
	else if (event->type == WIRE_BEFORE)
		take_before(flow, event);
	else if (event->type == WIRE_CGROUP || event->type == WIRE_CMDLINE)
		tracker_event(&flow->tracker, event); /* of what comes behind it: no need to wait */
	else
		take_event(flow, event);
}

void flow_record(struct flow *flow, const void *record, size_t size)
{
	struct event *event = merge_room(&flow->merge);
	int err = event_decode(record, size, event);

	if (err == -ENOTSUP)
		flow->unknown++;
	else if (err)
		flow->damaged++;
	else
		flow_event(flow, event);
}

void flow_advance(struct flow *flow, uint64_t now_ns)
{
	pass_events(flow, now_ns, false);
	pass_time(flow, now_ns);
}

uint64_t flow_due_ns(const struct flow *flow)
{
	uint64_t merge_ns = merge_due_ns(&flow->merge);
	uint64_t tracker_ns = tracker_due_ns(&flow->tracker);

	return merge_ns < tracker_ns ? merge_ns : tracker_ns;
}

void flow_finish(struct flow *flow)
{
	pass_events(flow, flow->newest_ns, true);
	tracker_finish(&flow->tracker, flow->newest_ns);
}

void flow_settle(struct flow *flow, uint32_t cpu, enum wire_program program, uint64_t attempts)
{
	note_lost(flow, loss_settle(&flow->loss, cpu, program, attempts));
}
