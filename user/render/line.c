// SPDX-License-Identifier: GPL-2.0-only
#include "render/line.h"

#include <stdlib.h>
#include <string.h>

struct value line_value(struct line *line, const struct field *field)
{
	struct value value = {.kind = VALUE_NULL};

	text_reset(line->text);
	field->get(line, &value);
	return value;
}

static enum line_kind kind_of(enum change_kind kind)
{
	switch (kind) {
	case CHANGE_MOVED:
	case CHANGE_NOTED:
	case CHANGE_JUMPED:
	case CHANGE_MINI:
	case CHANGE_INFERRED:
	case CHANGE_FOUND:
		return LINE_TRANSITION;
	case CHANGE_OWNER:
		return LINE_OWNER;
	case CHANGE_PAIRED:
		return LINE_PAIRED;
	case CHANGE_ENDED:
		return LINE_CONNECTION;
	case CHANGE_GONE:
		return LINE_GONE;
	case CHANGE_LOST:
		return LINE_LOST;
	case CHANGE_BIND:
		return LINE_BIND_FAILED;
	case CHANGE_NO_PORT:
		return LINE_NO_PORT;
	case CHANGE_CLOCK:
		return LINE_CLOCK;
	case CHANGE_FINDING:
		break;
	}
	return LINE_FINDING;
}

/* He has not got the socket that he wants: how he is known is that he called. */
static void set_caller(struct line *line, const struct bind_event *wants)
{
	line->made_owner = (struct owner){
		.cgroup = wants->actor.cgroup,
		.pid = wants->actor.pid,
		.uid = wants->uid,
		.uid_known = true,
		.source = wants->actor.pid ? OWNER_LISTEN : OWNER_UNKNOWN,
	};
	memcpy(line->made_owner.comm, wants->actor.comm, sizeof(line->made_owner.comm));
	line->owner = &line->made_owner;
}

static void set_trouble(struct line *line, const struct change *change)
{
	line->finding = change->finding;
	if (change->finding)
		line->owner = &change->finding->owner;
	if (change->in_use)
		set_caller(line, &change->in_use->wants);
	if (change->used_up)
		line->owner = &change->used_up->owner;
}

static void set_change(struct line *line, const struct change *change)
{
	line->kind = kind_of(change->kind);
	line->ktime_ns = change->ktime_ns;
	line->change = change;
	line->names = change->names;
	line->conn = change->conn;
	line->end = change->end;
	line->cause = &change->cause;
	line->from = change->from;
	line->to = change->to;
	if (change->end) {
		line->owner = &change->end->owner;
		line->minisock = change_is_of_minisock(change);
	}
	set_trouble(line, change);
}

static void line_change(struct sink *sink, const struct change *change)
{
	struct line_sink *lines = (struct line_sink *)sink;
	struct line line = {.stamp = &lines->stamp, .text = &lines->text};
	struct verdict verdict;

	set_change(&line, change);
	if (line.kind == LINE_CONNECTION) {
		verdict = verdict_of(change->conn, change->ktime_ns);
		line.verdict = &verdict;
	}
	lines->put(lines, &line);
	if (line.kind == LINE_TRANSITION && change_leaves_minisock(change)) {
		line.minisock = true;
		line.to = change->cause.keeps;
		lines->put(lines, &line);
	}
}

static void line_total(struct sink *sink, const struct totals *totals)
{
	struct line_sink *lines = (struct line_sink *)sink;
	struct line line = {.kind = LINE_SUMMARY,
			    .stamp = &lines->stamp,
			    .text = &lines->text,
			    .totals = totals,
			    .ktime_ns = totals->ktime_ns};

	lines->put(lines, &line);
}

static void line_destroy(struct sink *sink)
{
	free(sink);
}

void line_sink_init(struct line_sink *sink, struct screen *screen, const struct style *style,
		    void (*put)(struct line_sink *sink, struct line *line))
{
	sink->sink.change = line_change;
	sink->sink.total = line_total;
	sink->sink.destroy = line_destroy;
	sink->screen = screen;
	sink->put = put;
	stamp_init(&sink->stamp, style->trace_start_ns, style->realtime_ns);
	text_init(&sink->text, sink->text_buffer, sizeof(sink->text_buffer));
	text_init(&sink->line, sink->line_buffer, sizeof(sink->line_buffer));
}
