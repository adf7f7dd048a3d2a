// SPDX-License-Identifier: GPL-2.0-only
#include "render/words.h"

#include <inttypes.h>
#include <string.h>

#include "core/container.h"

/* A name of 16 bytes, each of them escaped. */
#define COMM_COLUMNS (WIRE_COMM_LEN * 4UL)

#define CONTAINER_COLUMNS 64

void words_process(struct text *text, const char *comm, uint32_t pid)
{
	if (!pid) {
		text_add(text, "-");
		return;
	}
	text_escape(text, comm, WIRE_COMM_LEN, COMM_COLUMNS);
	text_addf(text, "[%" PRIu32 "]", pid);
}

void words_owner(struct text *text, const struct owner *owner)
{
	if (owner->source == OWNER_UNKNOWN)
		text_add(text, "-");
	else
		words_process(text, owner->comm, owner->pid);
	if (owner->kernel)
		text_add(text, " (kernel)");
}

/* Names of other hosts, as long as they may be (HOST_NAME_MAX). */
#define HOST_COLUMNS 64

void words_host(struct text *text, const char *host)
{
	size_t before = text->len;

	text_escape(text, host, HOST_COLUMNS, HOST_COLUMNS);
	if (text->len == before)
		text_add(text, "a host without a name");
}

/* As a clock is read: two of them are compared to the microsecond, however far apart they are. */
static void add_clock_seconds(struct text *text, uint64_t ns)
{
	text_addf(text, "%" PRIu64 ".%06" PRIu64 " s", ns / 1000000000, ns % 1000000000 / 1000);
}

void words_clock(struct text *text, const struct host_clock *clock)
{
	const struct clock_offset *offset = &clock->offset;
	bool ahead = offset->ahead_ns >= 0;

	text_add(text, "the clock of ");
	words_host(text, clock->second);
	text_add(text, " is ");
	add_clock_seconds(text, ahead ? (uint64_t)offset->ahead_ns : -(uint64_t)offset->ahead_ns);
	text_add(text, ahead ? " ahead of that of " : " behind that of ");
	words_host(text, clock->first);
	text_add(text, ", to within ");
	add_clock_seconds(text, offset->uncertainty_ns);
	text_addf(text, ", by %" PRIu64 " connection%s between them", offset->connections,
		  offset->connections == 1 ? "" : "s");
	if (!offset->contradiction_ns)
		return;
	text_add(text, "; but the bounds contradict each other by ");
	add_clock_seconds(text, offset->contradiction_ns);
	text_add(text,
		 ": the clocks do not run equally fast, and an arrow may run backwards by that");
}

void words_cut(struct text *text, const char *bytes, size_t columns)
{
	char buffer[WIRE_NAME_LEN * 4];
	struct text whole;

	text_init(&whole, buffer, sizeof(buffer));
	text_escape(&whole, bytes, WIRE_NAME_LEN, sizeof(buffer));
	if (whole.columns <= columns) {
		text_add(text, whole.at);
		return;
	}
	text_escape(text, bytes, WIRE_NAME_LEN, columns - 3);
	text_add(text, "...");
}

void words_container(struct text *text, const char *cgroup)
{
	size_t len;
	const char *container = container_find(cgroup, &len);

	if (!container)
		return;
	text_add(text, ", container ");
	text_escape(text, container, len, CONTAINER_COLUMNS);
}

void words_owner_more(struct text *text, const struct owner *owner, const char *cgroup,
		      size_t columns)
{
	if (owner->uid_known)
		text_addf(text, "uid %" PRIu32, owner->uid);
	if (owner->source == OWNER_UNKNOWN)
		return;
	text_addf(text, "%s", owner->uid_known ? ", " : "");
	if (cgroup[0]) {
		words_cut(text, cgroup, columns);
		text_add(text, ", ");
	}
	text_addf(text, "learnt by %s", owner_source_name(owner->source));
}

void words_signal(struct text *text, uint8_t signal)
{
	const char *name = sigabbrev_np(signal);

	if (name)
		text_addf(text, "SIG%s", name);
	else
		text_addf(text, "signal %u", signal);
}

uint32_t words_seconds(uint32_t ms)
{
	return ms / 1000 + (ms % 1000 >= 500);
}

static void note_kept(struct text *text, const struct cause *cause)
{
	if (cause->keeps == WIRE_TIME_WAIT)
		text_addf(text, "TIME_WAIT %" PRIu32 " s", words_seconds(cause->keeps_ms));
	if (cause->keeps == WIRE_TIME_WAIT && cause->held)
		text_add(text, ", its descriptor still open");
	if (cause->keeps == WIRE_FIN_WAIT2)
		text_addf(text, "orphan: up to %" PRIu32 " s for the peer's FIN",
			  words_seconds(cause->keeps_ms));
}

static void note_jump(struct text *text, const struct change *change)
{
	if (change->was == change->from)
		text_addf(text, "%s -> %s is no edge that we know", state_name(change->from),
			  state_name(change->to));
	else
		text_addf(text, "from %s: edges before it were missed (we had %s)",
			  state_name(change->from), state_name(change->was));
}

static void add_seconds(struct text *text, uint32_t ms)
{
	uint32_t tenths = ms / 100 + (ms % 100 >= 50);

	text_addf(text, "%" PRIu32, tenths / 10);
	if (tenths % 10)
		text_addf(text, ".%" PRIu32, tenths % 10);
	text_add(text, " s");
}

/* How long a minisock lived, and what was planned. */
static void note_life(struct text *text, const struct change *change)
{
	if (!change->in_state_known)
		return;
	text_add(text, " after ");
	style_duration(text, change->in_state_ns);
	if (!change->planned_ms)
		return;
	text_add(text, " (planned ");
	add_seconds(text, change->planned_ms);
	if (change->again && change->from == WIRE_TIME_WAIT)
		text_addf(text, ", begun anew %u %s", change->again,
			  change->again == 1 ? "time" : "times");
	text_add(text, ")");
}

static void note_end(struct text *text, const struct change *change)
{
	const struct cause *cause = &change->cause;

	if (cause->by == CAUSE_EXPIRED)
		text_add(text,
			 change->from == WIRE_TIME_WAIT ? "2MSL over" : "FIN_WAIT_2 time over");
	else if (cause->came == SEGMENT_RST)
		text_add(text, change->from == WIRE_TIME_WAIT ? "TIME_WAIT assassinated by a RST"
							      : "RST received");
	else if (cause->by == CAUSE_TIMEOUT)
		text_addf(text, "handshake given up, SYN,ACK sent %u %s", change->again + 1U,
			  change->again ? "times" : "time");
	else
		words_cause(text, change);
	note_life(text, change);
}

/* What became of a minisock. */
static void note_mini(struct text *text, const struct change *change)
{
	if (change->to == WIRE_CLOSE)
		note_end(text, change);
	else if (change->cause.by == CAUSE_AGAIN)
		text_addf(text, "%s again: TIME_WAIT begins anew (%u)",
			  segment_name(change->cause.came), change->again);
	else if (change->cause.by == CAUSE_RESENT)
		text_addf(text, "SYN,ACK again (%u)", change->again);
	else if (change->cause.keeps)
		note_kept(text, &change->cause);
	else
		words_cause(text, change);
}

static void note_found(struct text *text, const struct change *change)
{
	text_addf(text, "since before %s", change->after_gap ? "we looked" : "the start");
	if (!change->cause.keeps)
		return;
	text_add(text, ", ");
	add_seconds(text, change->cause.keeps_ms);
	text_add(text, " left");
}

void words_note(struct text *text, const struct change *change)
{
	if (change->kind == CHANGE_MINI) {
		note_mini(text, change);
		return;
	}
	if (change->kind == CHANGE_FOUND) {
		note_found(text, change);
		return;
	}
	if (change->kind == CHANGE_JUMPED) {
		note_jump(text, change);
		return;
	}
	if (change->kind == CHANGE_NOTED) {
		words_cause(text, change);
		return;
	}
	if (change->cause.keeps)
		note_kept(text, &change->cause);
	else if (change->cause.full_ms)
		text_addf(text, "orphan: a full socket for %" PRIu32 " s, then a minisock",
			  words_seconds(change->cause.full_ms));
	else
		words_cause(text, change);
}
