// SPDX-License-Identifier: GPL-2.0-only
#include "core/blocker.h"

#include <string.h>
#include <sys/socket.h>

/* What an AF_INET6 socket has as its IPv4 address when it has one of IPv6 (LOOPBACK4_IPV6, include/net/ipv6.h). */
static const uint8_t not_v4[4] = {127, 0, 0, 6};
static const uint8_t any_v4[4] = {0};

static const uint8_t *v4_of(const struct addr *addr)
{
	if (addr_is_v4(addr))
		return addr->bytes + 12;
	return addr_is_any(addr) ? any_v4 : not_v4;
}

static bool is_any_v6(const struct addr *addr)
{
	return addr_is_any(addr) && !addr_is_v4(addr);
}

static bool overlap_as_v4(const struct claim *wants, const struct claim *has)
{
	const uint8_t *a = v4_of(&wants->local), *b = v4_of(&has->local);

	if (has->v6_only)
		return false;
	return memcmp(a, b, 4) == 0 || memcmp(a, any_v4, 4) == 0 || memcmp(b, any_v4, 4) == 0;
}

/* A wildcard covers all addresses of its family, and [::] those of IPv4 too unless it is told not to. */
static bool covers(const struct claim *wildcard, const struct claim *other)
{
	return is_any_v6(&wildcard->local) && !(wildcard->v6_only && addr_is_v4(&other->local));
}

static bool overlap(const struct claim *wants, const struct claim *has)
{
	if (wants->family == AF_INET || (addr_is_v4(&wants->local) && addr_is_v4(&has->local)))
		return overlap_as_v4(wants, has);
	return covers(wants, has) || covers(has, wants) || addr_equal(&wants->local, &has->local);
}

bool blocker_stands(const struct claim *wants, const struct claim *has)
{
	if (!overlap(wants, has))
		return false;
	if (wants->reuse_addr && has->reuse_addr && !has->listens)
		return false;
	return !(wants->reuse_port && has->reuse_port && (has->minisock || wants->uid == has->uid));
}
