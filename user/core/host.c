// SPDX-License-Identifier: GPL-2.0-only
#include "core/host.h"

#include "core/loss.h"

#define NETNS_SHIFT 30
#define NETNS_MASK  (UINT32_C(3) << NETNS_SHIFT)

/* Kernel addresses and numbers of cgroups leave the upper byte alone: all bits are the same there. */
#define NUMBER_SHIFT 56

#define HOST_CPUS (LOSS_CPUS / HOSTS_MAX)

static void enter_netns(uint32_t *netns, unsigned int host)
{
	if (*netns)
		*netns ^= host << NETNS_SHIFT;
}

static void enter_number(uint64_t *number, unsigned int host)
{
	if (*number)
		*number ^= (uint64_t)host << NUMBER_SHIFT;
}

static void enter_body(struct event *event, unsigned int host)
{
	switch (event->type) {
	case WIRE_STATE:
	case WIRE_COUNTED:
	case WIRE_FOUND:
		enter_number(&event->edge.sk, host);
		enter_number(&event->edge.actor.cgroup, host);
		enter_netns(&event->edge.netns, host);
		break;
	case WIRE_MINI:
		enter_number(&event->mini.mini, host);
		enter_number(&event->mini.actor.cgroup, host);
		enter_netns(&event->mini.netns, host);
		break;
	case WIRE_HOLDER:
		enter_number(&event->holder.sk, host);
		enter_number(&event->holder.actor.cgroup, host);
		break;
	case WIRE_OWNER:
		enter_number(&event->owner.sk, host);
		enter_number(&event->owner.actor.cgroup, host);
		break;
	case WIRE_RESET:
		enter_number(&event->reset.sk, host);
		enter_netns(&event->reset.netns, host);
		break;
	case WIRE_RESENT:
		enter_number(&event->resent.sk, host);
		break;
	case WIRE_OVERFLOW:
		enter_number(&event->overflow.sk, host);
		enter_netns(&event->overflow.netns, host);
		break;
	case WIRE_LIMITS:
		enter_netns(&event->limits.netns, host);
		break;
	case WIRE_BIND:
		enter_number(&event->bind.sk, host);
		enter_number(&event->bind.actor.cgroup, host);
		enter_netns(&event->bind.netns, host);
		break;
	case WIRE_CGROUP:
		enter_number(&event->name.id, host);
		break;
	case WIRE_CMDLINE: /* its number is made of a process's name and number */
	case WIRE_FORK:
	case WIRE_EXIT:
	case WIRE_TICK:
	case WIRE_ELSEWHERE:
	case WIRE_BEFORE:
	case WIRE_TOTALS:
	case WIRE_HOOKS:
		break;
	}
}

void host_enter(struct event *event, unsigned int host, int64_t ahead_ns)
{
	if (event->ktime_ns)
		event->ktime_ns -= (uint64_t)ahead_ns;
	event->cpu = event->cpu % HOST_CPUS + host * HOST_CPUS;
	enter_body(event, host);
}

unsigned int host_of(uint32_t netns)
{
	return netns ? ((netns ^ NETNS_MASK) & NETNS_MASK) >> NETNS_SHIFT : 0;
}

uint32_t host_netns(uint32_t netns)
{
	return netns ? netns | NETNS_MASK : 0;
}
