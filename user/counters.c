// SPDX-License-Identifier: GPL-2.0-only
#include "counters.h"

#include "base/log.h"

void counters_begin(struct flow *flow, struct ring *ring)
{
	ring_drain(ring);
	for (unsigned int cpu = 0; cpu < ring_cpus(ring); cpu++) {
		const volatile struct wire_counters *counters = ring_counters(ring, cpu);

		for (unsigned int program = 0; program < WIRE_PROGRAMS; program++)
			loss_begin(&flow->loss, cpu, (enum wire_program)program,
				   counters->attempts[program]);
		flow->loss.came -= counters->dropped;
		flow->dropped -= counters->dropped;
	}
}

bool counters_all_came(const struct flow *flow, const struct ring *ring)
{
	uint64_t attempts = 0, dropped = 0;

	for (unsigned int cpu = 0; cpu < ring_cpus(ring); cpu++) {
		const volatile struct wire_counters *counters = ring_counters(ring, cpu);

		for (unsigned int program = 0; program < WIRE_PROGRAMS; program++)
			attempts += counters->attempts[program];
		dropped += counters->dropped;
	}
	return flow->loss.came + dropped >= attempts;
}

static void say_what_passed_by(uint64_t mptcp, uint64_t other)
{
	if (mptcp || other)
		log_detail("%llu events of MPTCP sockets and %llu of SCTP or DCCP passed by: only "
			   "TCP sockets are shown",
			   (unsigned long long)mptcp, (unsigned long long)other);
}

void counters_settle(struct flow *flow, const struct ring *ring)
{
	uint64_t mptcp = 0, other = 0;

	for (unsigned int cpu = 0; cpu < ring_cpus(ring); cpu++) {
		const volatile struct wire_counters *counters = ring_counters(ring, cpu);

		for (unsigned int program = 0; program < WIRE_PROGRAMS; program++)
			flow_settle(flow, cpu, (enum wire_program)program,
				    counters->attempts[program]);
		flow->dropped += counters->dropped;
		mptcp += counters->mptcp;
		other += counters->other;
	}
	say_what_passed_by(mptcp, other);
}
