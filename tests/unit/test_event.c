// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* A record whose every field has a value of its own. */
static struct state_record whole_record(void)
{
	struct state_record wire = {
		.state =
			{
				.hdr = {.size = sizeof(wire),
					.type = WIRE_STATE,
					.program = WIRE_BY_WITNESS,
					.cpu = 3,
					.seq = UINT64_C(0x123456789a),
					.ktime_ns = UINT64_C(0xabcdef0123)},
				.sk = UINT64_C(0xffff888012345680),
				.cookie = 0x4242,
				.local_port = 50000,
				.remote_port = 80,
				.netns = MAKE_NETNS,
				.snd_una = 0x11111111,
				.rcv_nxt = 0x22222222,
				.fin_time_ms = 60000,
				.err = ECONNRESET,
				.flags = WIRE_ORPHAN | WIRE_PEER_FIN | WIRE_ACTOR | WIRE_EXITING |
					 WIRE_SIGNALED | WIRE_KTHREAD,
				.from = WIRE_FIN_WAIT2,
				.to = WIRE_CLOSE,
				.family = AF_INET6,
				.shutdown = 3,
				.signal = 9,
			},
		.actor = {.pid = 4711, .comm = "0123456789abcdef"},
	};

	memset(wire.state.local_addr, 0x11, 16);
	memset(wire.state.remote_addr, 0x22, 16);
	return wire;
}

static int decode(const struct state_record *wire, struct event *ret_event)
{
	return event_decode(wire, sizeof(*wire), ret_event);
}

TEST(each_field_of_an_edge_arrives)
{
	struct state_record wire = whole_record();
	struct event event;
	const struct edge_event *edge = &event.edge;

	assert_int_equal(decode(&wire, &event), 0);
	assert_int_equal(event.type, WIRE_STATE);
	assert_int_equal(event.program, WIRE_BY_WITNESS);
	assert_int_equal(event.cpu, 3);
	assert_int_equal(event.seq, UINT64_C(0x123456789a));
	assert_int_equal(event.ktime_ns, UINT64_C(0xabcdef0123));
	assert_int_equal(edge->sk, UINT64_C(0xffff888012345680));
	assert_int_equal(edge->cookie, 0x4242);
	assert_memory_equal(edge->local.addr.bytes, wire.state.local_addr, 16);
	assert_memory_equal(edge->remote.addr.bytes, wire.state.remote_addr, 16);
	assert_int_equal(edge->local.port, 50000);
	assert_int_equal(edge->remote.port, 80);
	assert_int_equal(edge->netns, MAKE_NETNS);
	assert_int_equal(edge->snd_una, 0x11111111);
	assert_int_equal(edge->rcv_nxt, 0x22222222);
	assert_int_equal(edge->fin_time_ms, 60000);
	assert_int_equal(edge->err, ECONNRESET);
	assert_int_equal(edge->from, WIRE_FIN_WAIT2);
	assert_int_equal(edge->to, WIRE_CLOSE);
	assert_int_equal(edge->family, AF_INET6);
	assert_int_equal(edge->shutdown, 3);
}

TEST(the_actor_arrives)
{
	struct state_record wire = whole_record();
	struct event event;
	const struct actor *actor = &event.edge.actor;

	assert_int_equal(decode(&wire, &event), 0);
	assert_int_equal(actor->pid, 4711);
	assert_memory_equal(actor->comm, "0123456789abcdef", 16);
	assert_int_equal(actor->signal, 9);
	assert_true(actor->exiting && actor->signaled && actor->kthread);
}

/* As exit_group() kills the other threads, which close what the process had. */
TEST(a_thread_that_was_killed_by_no_signal_ends_by_an_exit)
{
	struct state_record wire = whole_record();
	struct event event;

	wire.state.signal = 0;
	assert_int_equal(decode(&wire, &event), 0);
	assert_true(event.edge.actor.exiting);
	assert_false(event.edge.actor.signaled);
}

TEST(each_flag_is_read_alone)
{
	for (unsigned int bit = 0; bit < 16; bit++) {
		struct state_record wire = whole_record();
		const unsigned int flag = 1U << bit;
		struct event event;

		wire.state.flags = (uint16_t)(flag | WIRE_ACTOR);
		assert_int_equal(decode(&wire, &event), 0);
		assert_int_equal(event.edge.orphan, flag == WIRE_ORPHAN);
		assert_int_equal(event.edge.peer_fin, flag == WIRE_PEER_FIN);
		assert_int_equal(event.edge.actor.exiting, flag == WIRE_EXITING);
		assert_int_equal(event.edge.actor.signaled, flag == WIRE_SIGNALED);
		assert_int_equal(event.edge.actor.kthread, flag == WIRE_KTHREAD);
	}
}

/* What is not told must not be shown: "-" and never a wrong process. */
TEST(an_actor_that_is_not_told_is_nobody)
{
	struct state_record wire = whole_record();
	static const struct actor nobody;
	struct event event;

	wire.state.flags &= (uint16_t)~WIRE_ACTOR;
	assert_int_equal(decode(&wire, &event), 0);
	assert_int_equal(event.edge.actor.pid, 0);
	assert_memory_equal(event.edge.actor.comm, nobody.comm, WIRE_COMM_LEN);
	assert_false(event.edge.actor.exiting || event.edge.actor.signaled ||
		     event.edge.actor.kthread);

	wire.state.hdr.size = sizeof(wire.state);
	assert_int_equal(event_decode(&wire, sizeof(wire.state), &event), 0);
	assert_memory_equal(&event.edge.actor, &nobody, sizeof(nobody));
	wire.state.flags |= WIRE_ACTOR;
	assert_int_equal(event_decode(&wire, sizeof(wire.state), &event), -EBADMSG);
}

TEST(a_record_needs_no_alignment)
{
	struct state_record wire = whole_record();
	char buffer[sizeof(wire) + 8];

	for (size_t shift = 0; shift < 8; shift++) {
		struct event event;

		memcpy(buffer + shift, &wire, sizeof(wire));
		assert_int_equal(event_decode(buffer + shift, sizeof(wire), &event), 0);
		assert_int_equal(event.edge.sk, wire.state.sk);
	}
}

/* The record is in memory of just its size, so that reading behind it is seen. */
static int decode_exactly(const void *record, size_t size, struct event *ret_event)
{
	void *copy = test_malloc(size + !size);
	int err;

	memcpy(copy, record, size);
	err = event_decode(copy, size, ret_event);
	test_free(copy);
	return err;
}

/* RECORD of SIZE bytes, cut anywhere, with the size of its own corrected or not. */
static void check_truncations(void *record, size_t size)
{
	struct wire_hdr *hdr = record;

	for (size_t cut = 0; cut < size; cut++) {
		struct event event, before;

		memset(&before, 0x5a, sizeof(before));
		event = before;
		hdr->size = (uint16_t)size;
		assert_int_equal(decode_exactly(record, cut, &event), -EBADMSG);
		hdr->size = (uint16_t)cut;
		assert_int_equal(decode_exactly(record, cut, &event), -EBADMSG);
		assert_memory_equal(&event, &before, sizeof(event));
	}
	hdr->size = (uint16_t)size;
}

TEST(every_truncation_is_refused)
{
	struct state_record wire = whole_record();
	struct wire_process fork = {.hdr = {.size = sizeof(fork), .type = WIRE_FORK}};
	struct wire_process end = {.hdr = {.size = sizeof(end), .type = WIRE_EXIT}};
	struct wire_totals totals = {.hdr = {.size = sizeof(totals), .type = WIRE_TOTALS}};
	struct wire_hdr tick = {.size = sizeof(tick), .type = WIRE_TICK};

	check_truncations(&wire, sizeof(wire));
	check_truncations(&fork, sizeof(fork));
	check_truncations(&end, sizeof(end));
	check_truncations(&totals, sizeof(totals));
	check_truncations(&tick, sizeof(tick));
}

TEST(every_longer_record_is_refused)
{
	static const uint8_t types[] = {WIRE_STATE, WIRE_FORK, WIRE_EXIT, WIRE_TICK, WIRE_TOTALS};

	for (size_t i = 0; i < sizeof(types); i++) {
		struct {
			struct state_record wire;
			char more[8];
		} record = {.wire = whole_record()};
		struct event event;

		record.wire.state.hdr.type = types[i];
		record.wire.state.hdr.size = sizeof(record);
		assert_int_equal(decode_exactly(&record, sizeof(record), &event), -EBADMSG);
	}
}

TEST(a_size_of_its_own_that_differs_is_refused)
{
	struct state_record wire = whole_record();
	struct event event;

	for (unsigned int size = 0; size < 1024; size++) {
		wire.state.hdr.size = (uint16_t)size;
		assert_int_equal(decode(&wire, &event), size == sizeof(wire) ? 0 : -EBADMSG);
	}
}

TEST(only_the_12_states_are_states)
{
	for (unsigned int from = 0; from < 256; from++)
		for (unsigned int to = 0; to < 256; to++) {
			struct state_record wire = whole_record();
			bool good = from >= 1 && from <= 12 && to >= 1 && to <= 12;
			struct event event;

			wire.state.from = (uint8_t)from;
			wire.state.to = (uint8_t)to;
			assert_int_equal(decode(&wire, &event), good ? 0 : -EBADMSG);
		}
}

TEST(only_two_families_are_known)
{
	for (unsigned int family = 0; family < 256; family++) {
		struct state_record wire = whole_record();
		bool good = family == AF_INET || family == AF_INET6;
		struct event event;

		wire.state.family = (uint8_t)family;
		assert_int_equal(decode(&wire, &event), good ? 0 : -EBADMSG);
	}
}

TEST(a_program_that_is_none_is_refused)
{
	for (unsigned int program = 0; program < 256; program++) {
		struct state_record wire = whole_record();
		struct event event;

		wire.state.hdr.program = (uint8_t)program;
		assert_int_equal(decode(&wire, &event), program < WIRE_PROGRAMS ? 0 : -EBADMSG);
	}
}

/* A later version may have more: those are skipped and counted, not taken for damage. */
TEST(an_unknown_type_may_be_skipped)
{
	for (unsigned int type = 0; type < 256; type++) {
		struct wire_hdr hdr = {.size = sizeof(hdr), .type = (uint8_t)type};
		struct event event;
		int expected = -ENOTSUP;

		if (type == WIRE_TICK || type == WIRE_ELSEWHERE || type == WIRE_BEFORE)
			expected = 0;
		else if ((type >= WIRE_STATE && type <= WIRE_BIND) ||
			 (type >= WIRE_TOTALS && type <= WIRE_CMDLINE))
			expected = -EBADMSG;
		assert_int_equal(event_decode(&hdr, sizeof(hdr), &event), expected);
	}
}

TEST(processes_arrive)
{
	struct wire_process wire = {
		.hdr = {.size = sizeof(wire), .type = WIRE_FORK, .program = WIRE_BY_FORK},
		.pid = 10,
		.child = 11,
	};
	struct event event;

	assert_int_equal(event_decode(&wire, sizeof(wire), &event), 0);
	assert_int_equal(event.type, WIRE_FORK);
	assert_int_equal(event.process.pid, 10);
	assert_int_equal(event.process.child, 11);
	wire.hdr.type = WIRE_EXIT;
	wire.hdr.program = WIRE_BY_EXIT;
	assert_int_equal(event_decode(&wire, sizeof(wire), &event), 0);
	assert_int_equal(event.type, WIRE_EXIT);
	assert_int_equal(event.process.pid, 10);
}

TEST(ticks_carry_the_time)
{
	struct wire_hdr wire = {.size = sizeof(wire), .type = WIRE_TICK, .ktime_ns = 12345};
	struct event event;

	assert_int_equal(event_decode(&wire, sizeof(wire), &event), 0);
	assert_int_equal(event.type, WIRE_TICK);
	assert_int_equal(event.ktime_ns, 12345);
}

TEST(totals_carry_the_counters)
{
	struct wire_totals wire = {
		.hdr = {.size = sizeof(wire), .type = WIRE_TOTALS},
		.lost = UINT64_MAX,
		.dropped = 5,
	};
	struct event event;

	assert_int_equal(event_decode(&wire, sizeof(wire), &event), 0);
	assert_int_equal(event.type, WIRE_TOTALS);
	assert_true(event.totals.lost == UINT64_MAX);
	assert_int_equal(event.totals.dropped, 5);
}

/* What the other tests are built from must itself be right. */
TEST(a_made_record_decodes_to_its_event)
{
	struct make_end client = make_client(0xc0, 5000);
	struct event made = make_edge(STEP(&client, FIN_WAIT2, CLOSE, 5, .err = 7, .orphan = true,
					   .exiting = true, .signaled = true, .signal = 9,
					   .fin_time_ms = 3000, .shutdown = 3));
	struct state_record wire = make_record(&made);
	struct event event;

	assert_int_equal(decode(&wire, &event), 0);
	assert_int_equal(event.ktime_ns, made.ktime_ns);
	assert_memory_equal(&event.edge.local, &made.edge.local, sizeof(made.edge.local));
	assert_memory_equal(&event.edge.actor, &made.edge.actor, sizeof(made.edge.actor));
	assert_int_equal(event.edge.orphan, true);
	assert_int_equal(event.edge.err, 7);
	assert_int_equal(event.edge.fin_time_ms, 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field_of_an_edge_arrives),
		cmocka_unit_test(the_actor_arrives),
		cmocka_unit_test(a_thread_that_was_killed_by_no_signal_ends_by_an_exit),
		cmocka_unit_test(each_flag_is_read_alone),
		cmocka_unit_test(an_actor_that_is_not_told_is_nobody),
		cmocka_unit_test(a_record_needs_no_alignment),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_longer_record_is_refused),
		cmocka_unit_test(a_size_of_its_own_that_differs_is_refused),
		cmocka_unit_test(only_the_12_states_are_states),
		cmocka_unit_test(only_two_families_are_known),
		cmocka_unit_test(a_program_that_is_none_is_refused),
		cmocka_unit_test(an_unknown_type_may_be_skipped),
		cmocka_unit_test(processes_arrive),
		cmocka_unit_test(ticks_carry_the_time),
		cmocka_unit_test(totals_carry_the_counters),
		cmocka_unit_test(a_made_record_decodes_to_its_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
