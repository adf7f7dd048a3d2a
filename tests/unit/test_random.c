// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sequences of events that no kernel makes, and those of kernels that lose, repeat and swap: whatever
 * comes, some things hold. UNIT_SEED in the environment gives another seed than the fixed one.
 */
#include "make.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <string.h>

#include "core/flow.h"
#include "core/verdict.h"
#include "sound.h"

#define CAPACITY  32
#define SEQUENCES 150
#define EVENTS	  3000
#define IDS	  (2 * EVENTS + 1)

static uint64_t seed;

/* splitmix64: the same numbers on every machine. */
static uint64_t draw(uint64_t below)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % below;
}

static bool one_in(uint64_t n)
{
	return draw(n) == 0;
}

/* What the sinks have been told, and what must be true of it. */
struct witness {
	struct tracker *tracker;
	uint64_t now_ns;
	uint8_t verdicts[IDS]; /* by connection number */
	uint64_t changes;
};

static void check_in_use(const struct in_use *in_use)
{
	uint32_t blockers = 0;

	for (uint32_t i = 0; i < in_use->listed; i++) {
		blockers += in_use->users[i].blocks;
		assert_true(i == 0 || in_use->users[i - 1].blocks || !in_use->users[i].blocks);
	}
	assert_true(in_use->listed <= in_use->count && in_use->blockers[0] <= in_use->count);
	assert_true(blockers == in_use->blockers[0] || in_use->listed == INUSE_LISTED);
	assert_true(in_use->lasting <= in_use->blockers[0]);
}

static void check_change(void *ctx, const struct change *change)
{
	struct witness *witness = ctx;

	witness->changes++;
	if (change->kind == CHANGE_BIND)
		check_in_use(change->in_use);
	switch (change->kind) {
	case CHANGE_LOST:
	case CHANGE_FINDING:
	case CHANGE_BIND:
	case CHANGE_NO_PORT:
		assert_null(change->conn);
		return;
	default:
		break;
	}
	assert_true(change->in_state_ns <= witness->now_ns - AT(0));
	assert_true(change->quiet_ns <= witness->now_ns - AT(0));
	assert_in_range(change->conn->id, 1, IDS - 1);
	sound_conn(change->conn);
	if (change->end)
		assert_ptr_equal(change->conn->ends[change->end->side], change->end);
	if (change->kind == CHANGE_ENDED)
		assert_int_equal(++witness->verdicts[change->conn->id], 1);
	verdict_of(change->conn, change->ktime_ns);
}

static void no_tick(void *ctx, uint64_t now_ns)
{
	(void)ctx;
	(void)now_ns;
}

/* A few sockets, so that addresses are reused all the time. */
static struct make_end random_end(void)
{
	struct make_end client = make_client(0x1000 + 64 * draw(12), (uint16_t)(5000 + draw(4)));
	struct make_end end = one_in(2) ? client : make_peer(&client, client.sk + 0x10000);

	end.cookie = one_in(3) ? 0 : end.cookie + draw(3);
	end.netns += (uint32_t)draw(2);
	end.pid = (uint32_t)(100 + draw(4));
	end.snd_una = (uint32_t)draw(3);
	end.rcv_nxt = (uint32_t)draw(3);
	return end;
}

static struct event random_edge(uint64_t us)
{
	static const uint16_t errs[] = {0, 0, 0, ECONNRESET, ETIMEDOUT, ECONNABORTED, EPIPE};
	const struct make_end end = random_end();
	struct make_step step = {
		.end = &end,
		.from = (uint8_t)(1 + draw(12)),
		.to = (uint8_t)(1 + draw(12)),
		.us = us,
		.err = errs[draw(7)],
		.shutdown = (uint8_t)draw(4),
		.fin_time_ms = one_in(2) ? 60000 : 0,
		.program = one_in(5) ? WIRE_BY_WITNESS : WIRE_BY_TRACE,
		.orphan = one_in(2),
		.peer_fin = one_in(2),
		.kthread = one_in(9),
		.nobody = one_in(9),
		.no_local_port = one_in(7),
		.no_remote = one_in(7),
	};

	return make_edge(&step);
}

/* Some addresses of minisocks are those of sockets. Half of them are births, or few would be known. */
static struct event random_mini(uint64_t us)
{
	static const uint8_t states[] = {WIRE_NEW_SYN_RECV, WIRE_FIN_WAIT2, WIRE_TIME_WAIT};
	const struct make_end end = random_end();
	struct make_mini mini = {
		.end = &end,
		.what = one_in(2) ? WIRE_MINI_BORN
				  : (enum wire_mini_what)(1 + draw(WIRE_MINI_WHATS - 1)),
		.state = states[draw(3)],
		.us = us,
		.left_ms = (uint32_t)draw(3) * 30000,
		.segment = (uint8_t)draw(32),
		.pid = one_in(3) ? 0 : end.pid,
		.kthread = one_in(9),
		.mini = one_in(3) ? 0x1000 + 64 * draw(24) : 0,
	};

	return make_mini(&mini);
}

static struct event random_found(uint64_t us)
{
	struct event event = random_edge(us);

	event.type = WIRE_FOUND;
	event.program = WIRE_BY_SNAPSHOT;
	event.edge.from = WIRE_NO_STATE;
	return event;
}

static struct event random_holder(uint64_t us)
{
	const struct make_end end = random_end();

	return (struct event){.type = WIRE_HOLDER,
			      .program = WIRE_BY_SNAPSHOT,
			      .ktime_ns = AT(us),
			      .holder = {.sk = end.sk, .actor = {.pid = end.pid}}};
}

static struct event random_resent(uint64_t us)
{
	const struct make_end end = random_end();

	return make_resent(&end, (uint8_t)(1 + draw(12)), (uint8_t)draw(5), (uint8_t)draw(5), us);
}

static struct event random_limits(uint64_t us)
{
	return (struct event){.type = WIRE_LIMITS,
			      .ktime_ns = AT(us),
			      .limits = {.netns = MAKE_NETNS + (uint32_t)draw(2),
					 .port_first = 5000,
					 .port_last = (uint16_t)(5000 + draw(8))}};
}

static struct event random_process(uint64_t us)
{
	return make_process(one_in(2) ? WIRE_FORK : WIRE_EXIT, (uint32_t)(100 + draw(4)),
			    (uint32_t)(100 + draw(4)), us);
}

static struct event random_bind(uint64_t us)
{
	const struct make_end end = random_end();

	return (struct event){
		.type = WIRE_BIND,
		.program = WIRE_BY_BIND,
		.ktime_ns = AT(us),
		.bind = {.sk = end.sk,
			 .local = end.local,
			 .netns = end.netns,
			 .family = AF_INET,
			 .reuse_addr = one_in(2),
			 .actor = {.pid = end.pid}},
	};
}

static struct event random_hooks(uint64_t us)
{
	return (struct event){.type = WIRE_HOOKS, .ktime_ns = AT(us), .hooks = (uint32_t)draw(16)};
}

static struct event random_event(uint64_t us)
{
	uint64_t kind = draw(100);

	if (kind < 2)
		return random_process(us);
	if (kind < 3)
		return random_hooks(us);
	if (kind < 5)
		return random_holder(us);
	if (kind < 6)
		return random_bind(us);
	if (kind < 16)
		return random_found(us);
	if (kind < 20)
		return one_in(4) ? random_limits(us) : random_resent(us);
	return kind < 56 ? random_mini(us) : random_edge(us);
}

/* The whole life of a connection between two of few addresses, as a kernel makes it. */
static unsigned int random_life(struct event *events, uint64_t us)
{
	struct make_end client = make_client(0x1000 + 64 * draw(12), (uint16_t)(5000 + draw(50)));
	struct make_end server = make_peer(&client, client.sk + 0x10000);

	client.cookie += us;
	server.cookie += us;
	client.snd_una = server.rcv_nxt = (uint32_t)us;
	server.netns += one_in(2);
	make_open(events, &client, &server, us);
	if (one_in(2))
		make_close(events + MAKE_OPEN_EVENTS, &client, &server, us + draw(3000));
	else
		make_close(events + MAKE_OPEN_EVENTS, &server, &client, us + draw(3000));
	return MAKE_OPEN_EVENTS + MAKE_CLOSE_EVENTS;
}

static void set_filter(struct filter *filter)
{
	const char *word;
	int len;

	*filter = (struct filter){0};
	filter->command_only = one_in(4);
	if (one_in(3))
		port_set_add(&filter->local, "80,5001", &word, &len);
	if (one_in(4))
		filter->states = (uint32_t)draw(8192);
	if (one_in(4))
		filter->pids[filter->pid_count++] = 101;
}

static void run_tracker(void)
{
	static struct filter filter;
	struct tracker tracker;
	struct witness *witness = test_calloc(1, sizeof(*witness));

	set_filter(&filter);
	witness->tracker = &tracker;
	assert_int_equal(tracker_init(&tracker, CAPACITY, &filter, check_change, witness), 0);
	tracker_follow(&tracker, 101);
	for (uint64_t us = 1, n = 0; n < EVENTS; n++) {
		struct event event = random_event(us);

		witness->now_ns = event.ktime_ns;
		tracker_event(&tracker, &event);
		if (one_in(40))
			tracker_lost(&tracker, 1, event.ktime_ns);
		us += one_in(30) ? draw(30000000) : draw(50);
		witness->now_ns = AT(us);
		tracker_advance(&tracker, AT(us));
		assert_true(tracker_due_ns(&tracker) > AT(us));
		sound_tracker(&tracker);
	}
	tracker_finish(&tracker, witness->now_ns); /* nothing is put away any more */
	tracker_fini(&tracker);
	test_free(witness);
}

TEST(whatever_events_come_the_tracker_agrees_with_itself)
{
	for (int i = 0; i < SEQUENCES; i++)
		run_tracker();
}

/* Lives that overlap, through the whole core, with records that are lost, repeated and swapped. */
static void run_flow(void)
{
	static struct event events[EVENTS];
	struct witness *witness = test_calloc(1, sizeof(*witness));
	const struct flow_sink sink = {check_change, no_tick, witness};
	static struct filter filter;
	struct flow flow;
	unsigned int count = 0;

	set_filter(&filter);
	assert_int_equal(flow_init(&flow, CAPACITY, &filter, &sink), 0);
	witness->tracker = &flow.tracker;
	for (uint64_t us = 1; count + 10 <= EVENTS; us += draw(400))
		count += random_life(events + count, us);
	for (unsigned int i = 0; i + 1 < count;
	     i++) { /* swap neighbours, and neighbours of those */
		unsigned int k = i + 1 + (unsigned int)draw(20);

		if (k < count && one_in(2)) {
			struct event swapped = events[i];

			events[i] = events[k];
			events[k] = swapped;
		}
	}
	for (unsigned int i = 0; i < count; i++) {
		struct state_record wire;

		events[i].seq = i;
		wire = make_record(&events[i]);
		if (events[i].ktime_ns > witness->now_ns)
			witness->now_ns = events[i].ktime_ns;
		if (!one_in(20))
			flow_record(&flow, &wire, sizeof(wire));
		wire.state.hdr.program = WIRE_BY_WITNESS;
		if (one_in(20))
			flow_record(&flow, &wire, sizeof(wire));
		sound_tracker(&flow.tracker);
	}
	flow_finish(&flow);
	sound_tracker(&flow.tracker);
	assert_int_equal(flow.damaged, 0);
	flow_fini(&flow);
	test_free(witness);
}

TEST(whatever_is_lost_repeated_or_swapped_the_core_agrees_with_itself)
{
	for (int i = 0; i < SEQUENCES; i++)
		run_flow();
}

/* Bytes that are no recording at all, or one with a few bytes changed. */
TEST(whatever_bytes_come_the_core_survives)
{
	struct witness *witness = test_calloc(1, sizeof(*witness));
	const struct flow_sink sink = {check_change, no_tick, witness};
	static struct filter filter;
	struct flow flow;

	filter =
		(struct filter){.ipv6_only = true}; /* the times are wild: only survival is asked */
	assert_int_equal(flow_init(&flow, CAPACITY, &filter, &sink), 0);
	for (unsigned int n = 0; n < 100000; n++) {
		struct event event = random_edge(n);
		struct state_record wire = make_record(&event);
		uint8_t bytes[sizeof(wire) + 8] = {0};
		size_t size = one_in(10) ? draw(sizeof(bytes)) : sizeof(wire);

		memcpy(bytes, &wire, sizeof(wire));
		for (uint64_t k = draw(4); k > 0; k--)
			bytes[draw(sizeof(wire))] = (uint8_t)draw(256);
		memset(bytes + offsetof(struct wire_state, local_addr), 0, 10); /* stays IPv4 */
		memset(bytes + offsetof(struct wire_state, remote_addr), 0, 10);
		memset(bytes + offsetof(struct wire_state, remote_addr) + 10, 0xff, 2);
		flow_record(&flow, bytes, size);
	}
	flow_finish(&flow);
	sound_tracker(&flow.tracker);
	flow_fini(&flow);
	test_free(witness);
}

static int choose_seed(void **fixture)
{
	const char *text = getenv("UNIT_SEED");

	(void)fixture;
	seed = text ? strtoull(text, NULL, 0) : 5;
	print_message("UNIT_SEED=%" PRIu64 "\n", seed);
	return 0;
}

#define TEST_OF(name) cmocka_unit_test_setup(name, choose_seed)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(whatever_events_come_the_tracker_agrees_with_itself),
		TEST_OF(whatever_is_lost_repeated_or_swapped_the_core_agrees_with_itself),
		TEST_OF(whatever_bytes_come_the_core_survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
