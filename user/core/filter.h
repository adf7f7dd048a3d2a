/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * filter: which connections a person wants to see.
 *
 * The kernel admits a superset by family, port and namespace. Here the choice is made, for connections
 * as a whole: one is wanted when one of its ends meets all conditions, and then both ends are shown.
 * Ports, owners and the other end become known one by one, so the answer may be "not yet known".
 */
#ifndef CORE_FILTER_H
#define CORE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/addr.h"
#include "core/conn.h"

#define FILTER_HOSTS   32
#define FILTER_PIDS    64
#define FILTER_CGROUPS 64

struct port_set {
	uint64_t words[WIRE_PORT_WORDS]; /* a bit for each port */
	bool used; /* an unused set admits all */
};

/* Without slashes at its ends; "" is the root. */
struct cgroup_path {
	const char *at; /* not ours */
	size_t len;
};

struct filter {
	struct port_set either; /* -P: local or remote port */
	struct port_set local; /* -L */
	struct port_set remote; /* -D */
	struct addr_prefix hosts[FILTER_HOSTS]; /* --host: local or remote address */
	unsigned int host_count;
	uint32_t pids[FILTER_PIDS]; /* -p: owner */
	unsigned int pid_count;
	struct cgroup_path
		cgroups[FILTER_CGROUPS]; /* --cgroup: the owner's is one of these, or below */
	unsigned int cgroup_count;
	uint32_t netns; /* inode number, 0: all */
	bool ipv4_only, ipv6_only;
	bool command_only; /* `-- COMMAND`: owners that belong to it */
	uint32_t states; /* --state: a bit for each state, 0: all */
};

enum match {
	MATCH_NO,
	MATCH_OPEN, /* what is missing may still come */
	MATCH_YES,
};

/*
 * Adds a list like "80,443,8000-8100" to SET. Returns 0, or -EINVAL/-ERANGE with the offending piece of
 * TEXT in RET_WORD/RET_LEN; SET is unchanged then.
 */
int port_set_add(struct port_set *set, const char *text, const char **ret_word, int *ret_len);

bool port_set_has(const struct port_set *set, uint16_t port);

/* Is what it asks for a matter of who owns an end? */
bool filter_asks_owner(const struct filter *filter);

/* Is PATH (NULL: not known) that of a wanted cgroup, or below one? */
bool filter_has_cgroup(const struct filter *filter, const char *path);

/* Is CONN wanted, as far as is known? */
enum match filter_conn(const struct filter *filter, const struct conn *conn);

/* Does END alone meet all conditions, the one on states among them? For who asks about endpoints, not connections. */
bool filter_end(const struct filter *filter, const struct endpoint *end);

/* Is a bind() that failed wanted? Of `-- COMMAND` that is for the caller to say. */
bool filter_bind(const struct filter *filter, const struct bind_event *bind);

/* Does it name a port? */
bool filter_has_ports(const struct filter *filter);

/* Does EVENT belong into the recording of what was asked for? A socket that has no port yet passes the kernel's port filter,
 * whoever's it is: it does if its other port says so. */
bool filter_event(const struct filter *filter, const struct event *event);

/* Is a change between these states wanted (--state)? Pass NO_STATE for what does not apply. */
bool filter_states(const struct filter *filter, uint8_t from, uint8_t to, uint8_t keeps);

#endif
