// SPDX-License-Identifier: GPL-2.0-only
#include "core/filter.h"

#include <errno.h>
#include <string.h>

#include "base/number.h"

static int parse_range(const char *word, size_t len, uint64_t *ret_first, uint64_t *ret_last)
{
	const char *dash = memchr(word, '-', len);
	size_t first_len = dash ? (size_t)(dash - word) : len;
	int err = number_parse(word, first_len, 1, UINT16_MAX, ret_first);

	*ret_last = *ret_first;
	if (!err && dash)
		err = number_parse(dash + 1, len - first_len - 1, *ret_first, UINT16_MAX, ret_last);
	return err;
}

int port_set_add(struct port_set *set, const char *text, const char **ret_word, int *ret_len)
{
	struct port_set added = *set;
	uint64_t first, last;

	added.used = true;
	for (;;) {
		size_t len = strcspn(text, ",");
		int err = parse_range(text, len, &first, &last);

		if (err) {
			*ret_word = text;
			*ret_len = (int)len;
			return err;
		}
		for (uint64_t port = first; port <= last; port++)
			added.words[port / 64] |= UINT64_C(1) << port % 64;
		if (!text[len])
			break;
		text += len + 1;
	}
	*set = added;
	return 0;
}

bool port_set_has(const struct port_set *set, uint16_t port)
{
	return set->words[port / 64] >> port % 64 & 1;
}

static enum match match_worse(enum match a, enum match b)
{
	return a < b ? a : b;
}

static enum match match_better(enum match a, enum match b)
{
	return a > b ? a : b;
}

static enum match match_port(const struct port_set *set, uint16_t port)
{
	if (!set->used || port_set_has(set, port))
		return MATCH_YES;
	return port ? MATCH_NO : MATCH_OPEN;
}

static enum match match_family(const struct filter *filter, const struct endpoint *end)
{
	bool v4 = addr_is_v4(&end->remote.addr);
	bool listens = end->state == WIRE_LISTEN ||
		       (end->last_from == WIRE_LISTEN && end->last_to == WIRE_CLOSE);

	/* A listener on [::] may serve IPv4 too: whether it does its connections will show. */
	if (listens && addr_is_any(&end->local.addr))
		return !filter->ipv6_only || !v4 ? MATCH_YES : MATCH_NO;
	if ((filter->ipv4_only && !v4) || (filter->ipv6_only && v4))
		return MATCH_NO;
	return MATCH_YES;
}

static enum match match_hosts(const struct filter *filter, const struct endpoint *end)
{
	if (filter->host_count == 0)
		return MATCH_YES;
	for (unsigned int i = 0; i < filter->host_count; i++)
		if (addr_in_prefix(&end->local.addr, &filter->hosts[i]) ||
		    addr_in_prefix(&end->remote.addr, &filter->hosts[i]))
			return MATCH_YES;
	return end->local.port && end->remote.port ? MATCH_NO : MATCH_OPEN;
}

bool filter_asks_owner(const struct filter *filter)
{
	return filter->command_only || filter->pid_count || filter->cgroup_count;
}

static bool is_at_or_below(const struct cgroup_path *wanted, const char *path)
{
	if (wanted->len == 0)
		return true;
	path += strspn(path, "/");
	return strncmp(path, wanted->at, wanted->len) == 0 &&
	       (path[wanted->len] == '/' || !path[wanted->len]);
}

bool filter_has_cgroup(const struct filter *filter, const char *path)
{
	if (!path || !path[0])
		return false;
	for (unsigned int i = 0; i < filter->cgroup_count; i++)
		if (is_at_or_below(&filter->cgroups[i], path))
			return true;
	return false;
}

static bool has_pid(const struct filter *filter, const struct owner *owner)
{
	for (unsigned int i = 0; i < filter->pid_count; i++)
		if (owner->source != OWNER_UNKNOWN && filter->pids[i] == owner->pid)
			return true;
	return false;
}

static bool has_owner(const struct filter *filter, const struct endpoint *end)
{
	if (filter->command_only && !end->of_command)
		return false;
	if (filter->cgroup_count && !end->in_cgroup)
		return false;
	return filter->pid_count == 0 || has_pid(filter, &end->owner);
}

/* An open socket may be passed on to a process that is wanted. A listener may not: who accepts is told of each
 * child. */
static enum match match_owner(const struct filter *filter, const struct endpoint *end)
{
	bool open = end->state != WIRE_CLOSE;

	if (!filter_asks_owner(filter))
		return MATCH_YES;
	if (has_owner(filter, end))
		return open && past_of(end)->accept_until_ns ? MATCH_OPEN : MATCH_YES;
	if (end->owner.source == OWNER_UNKNOWN)
		return MATCH_OPEN;
	return open && end->state != WIRE_LISTEN ? MATCH_OPEN : MATCH_NO;
}

/* What holds for both ends, whichever we look at. (Through NAT it may not: name both ports.) */
static enum match match_shared(const struct filter *filter, const struct endpoint *end)
{
	enum match ports = match_better(match_port(&filter->either, end->local.port),
					match_port(&filter->either, end->remote.port));

	return match_worse(ports, match_worse(match_family(filter, end), match_hosts(filter, end)));
}

static enum match match_end(const struct filter *filter, const struct endpoint *end)
{
	enum match match = match_shared(filter, end);

	match = match_worse(match, match_port(&filter->local, end->local.port));
	match = match_worse(match, match_port(&filter->remote, end->remote.port));
	match = match_worse(match, match_owner(filter, end));
	if (filter->netns && filter->netns != end->netns)
		match = MATCH_NO;
	return match;
}

bool filter_end(const struct filter *filter, const struct endpoint *end)
{
	return match_end(filter, end) == MATCH_YES &&
	       filter_states(filter, WIRE_NO_STATE, endpoint_shown_state(end), WIRE_NO_STATE);
}

/* Could the other end, which was not seen (yet), be wanted? Its ports are END's turned round; its
 * owner and namespace may be any. */
static enum match match_unseen_peer(const struct filter *filter, const struct endpoint *end)
{
	enum match match = match_worse(MATCH_OPEN, match_shared(filter, end));

	match = match_worse(match, match_port(&filter->local, end->remote.port));
	return match_worse(match, match_port(&filter->remote, end->local.port));
}

enum match filter_conn(const struct filter *filter, const struct conn *conn)
{
	const struct endpoint *client = conn->ends[SIDE_CLIENT], *server = conn->ends[SIDE_SERVER];

	if (client && server)
		return match_better(match_end(filter, client), match_end(filter, server));
	if (server && conn_is_listener(conn))
		return match_end(filter, server);
	if (!client)
		client = server;
	return client ? match_better(match_end(filter, client), match_unseen_peer(filter, client))
		      : MATCH_NO;
}

static bool bind_has_host(const struct filter *filter, const struct addr *local)
{
	for (unsigned int i = 0; i < filter->host_count; i++)
		if (addr_in_prefix(local, &filter->hosts[i]))
			return true;
	return filter->host_count == 0 || addr_is_any(local);
}

static bool bind_has_pid(const struct filter *filter, uint32_t pid)
{
	for (unsigned int i = 0; i < filter->pid_count; i++)
		if (filter->pids[i] == pid)
			return true;
	return filter->pid_count == 0;
}

bool filter_has_ports(const struct filter *filter)
{
	return filter->either.used || filter->local.used || filter->remote.used;
}

bool filter_event(const struct filter *filter, const struct event *event)
{
	uint16_t port;

	if (!filter_has_ports(filter) || event->type != WIRE_STATE || event->edge.local.port)
		return true;
	port = event->edge.remote.port;
	return port_set_has(&filter->either, port) || port_set_has(&filter->local, port) ||
	       port_set_has(&filter->remote, port);
}

bool filter_bind(const struct filter *filter, const struct bind_event *bind)
{
	const struct addr *local = &bind->local.addr;
	bool v4 = addr_is_v4(local), both = !v4 && addr_is_any(local) && !bind->v6_only;

	if ((filter->ipv4_only && !v4 && !both) || (filter->ipv6_only && v4))
		return false;
	if (filter->netns && filter->netns != bind->netns)
		return false;
	if (filter->remote.used || match_port(&filter->either, bind->local.port) != MATCH_YES ||
	    match_port(&filter->local, bind->local.port) != MATCH_YES)
		return false;
	return bind_has_host(filter, local) && bind_has_pid(filter, bind->actor.pid);
}

bool filter_states(const struct filter *filter, uint8_t from, uint8_t to, uint8_t keeps)
{
	uint32_t states = 1U << from | 1U << to | 1U << keeps;

	if (states & 1U << WIRE_NEW_SYN_RECV) /* RFC 9293 has one SYN-RECEIVED */
		states |= 1U << WIRE_SYN_RECV;
	if (from == WIRE_LISTEN && to == WIRE_SYN_RECV) /* the child's: its listener stays */
		states = 1U << to;
	return filter->states == 0 || (filter->states & states & ~1U);
}
