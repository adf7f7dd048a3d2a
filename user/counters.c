// SPDX-License-Identifier: GPL-2.0-only
#include "counters.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"

int counters_init(struct counters *counters, const struct ring *ring)
{
	counters->cpus = ring_cpus(ring);
	counters->by_cpu = calloc(counters->cpus, sizeof(*counters->by_cpu));
	return counters->by_cpu ? 0 : -ENOMEM;
}

void counters_fini(struct counters *counters)
{
	free(counters->by_cpu);
	counters->by_cpu = NULL;
}

void counters_take(struct counters *counters, const struct ring *ring)
{
	for (unsigned int cpu = 0; cpu < counters->cpus; cpu++)
		counters->by_cpu[cpu].taken = *ring_counters(ring, cpu);
}

void counters_begin(struct counters *counters, struct flow *flow, struct ring *ring)
{
	ring_drain(ring);
	counters_take(counters, ring);
	for (unsigned int cpu = 0; cpu < counters->cpus; cpu++) {
		struct counters_cpu *of = &counters->by_cpu[cpu];

		for (unsigned int program = 0; program < WIRE_PROGRAMS; program++)
			loss_begin(&flow->loss, cpu, (enum wire_program)program,
				   of->taken.attempts[program]);
		of->dropped_before = of->taken.dropped;
	}
}

uint64_t counters_dropped(const struct counters *counters, const struct ring *ring)
{
	uint64_t dropped = 0;

	for (unsigned int cpu = 0; cpu < counters->cpus; cpu++)
		dropped += ring_counters(ring, cpu)->dropped - counters->by_cpu[cpu].dropped_before;
	return dropped;
}

bool counters_all_came(const struct counters *counters, const struct flow *flow)
{
	for (unsigned int cpu = 0; cpu < counters->cpus && cpu < LOSS_CPUS; cpu++) {
		const struct counters_cpu *of = &counters->by_cpu[cpu];
		uint64_t attempts = 0, dropped = of->taken.dropped - of->dropped_before;

		for (unsigned int program = 0; program < WIRE_PROGRAMS; program++)
			attempts += of->taken.attempts[program];
		if (loss_came(&flow->loss, cpu) + dropped < attempts)
			return false;
	}
	return true;
}

static void say_what_passed_by(uint64_t mptcp, uint64_t other)
{
	if (mptcp || other)
		log_detail("%llu events of MPTCP sockets and %llu of SCTP or DCCP passed by: only "
			   "TCP sockets are shown",
			   (unsigned long long)mptcp, (unsigned long long)other);
}

void counters_settle(const struct counters *counters, struct flow *flow)
{
	uint64_t mptcp = 0, other = 0;

	for (unsigned int cpu = 0; cpu < counters->cpus; cpu++) {
		const struct counters_cpu *of = &counters->by_cpu[cpu];

		for (unsigned int program = 0; program < WIRE_PROGRAMS; program++)
			flow_settle(flow, cpu, (enum wire_program)program,
				    of->taken.attempts[program]);
		flow->dropped += of->taken.dropped - of->dropped_before;
		mptcp += of->taken.mptcp;
		other += of->taken.other;
	}
	say_what_passed_by(mptcp, other);
}
