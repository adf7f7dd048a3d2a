/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * deed: what the roles of a scenario can do, as one table: the parser reads it, the conductor and the
 * puppets play it.
 */
#ifndef DEMO_DEED_H
#define DEMO_DEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum deed {
	/* a puppet's own, with its one listening socket and its one connection */
	DEED_BIND,
	DEED_REUSE_ADDR,
	DEED_REUSE_PORT,
	DEED_LISTEN,
	DEED_CONNECT,
	DEED_CONNECTS,
	DEED_BEGIN_CONNECT,
	DEED_FAST_OPEN,
	DEED_MPTCP,
	DEED_ACCEPT,
	DEED_ACCEPTS,
	DEED_SEND,
	DEED_RECV,
	DEED_SHUTDOWN,
	DEED_CLOSE,
	DEED_FORGETS,
	DEED_PASSES,
	DEED_TAKES,
	DEED_CLOSE_LISTENER,
	DEED_DISCONNECT,
	DEED_LINGER,
	DEED_LINGER2,
	DEED_KEEPALIVE,
	DEED_USER_TIMEOUT,
	DEED_DEAF,
	DEED_HEARS,
	DEED_HEARS_SYN,
	DEED_DESTROY,
	DEED_OVERHEARS,
	DEED_REPEATS_FIN,
	DEED_REPEATS_SYN,
	DEED_UNREACHABLE,
	DEED_EXIT,
	/* of a real program */
	DEED_RUNS,
	DEED_TYPES,
	DEED_SAYS,
	DEED_EXITS,
	/* of both */
	DEED_SIGNAL,
	DEED_IN,
	DEED_GONE,
	DEED_WAITS,
	DEED_LEAVES_NAMESPACE,
	DEED_COUNTS,
	DEED_SNAPSHOT,
	DEEDS
};

/* What DEED_COUNTS runs: the line that many know. */
#define DEED_NETSTAT "netstat -ant | awk '{print $6}' | sort | uniq -c"

/* Who has it. */
enum deed_actor {
	ACTOR_PUPPET,
	ACTOR_PROGRAM,
	ACTOR_ANY,
};

enum deed_arg {
	ARG_NONE,
	ARG_NUMBER, /* may be negative */
	ARG_COUNT, /* of connections */
	ARG_PORT,
	ARG_CODE, /* of ICMP's destination unreachable: net, host, protocol, port */
	ARG_HOW, /* of shutdown(): wr, rd, rdwr */
	ARG_SIGNAL, /* INT, KILL, ... */
	ARG_STATE, /* as a socket list shows it */
	ARG_STATUS, /* an exit status, or SIGINT, ... for who was killed: 128 and its number */
	ARG_TEXT, /* the rest of the line, in quotes or not */
};

#define DEED_NUMBERS	 3
#define DEED_CONNECTIONS 300 /* so many a puppet has at most */

struct deed_entry {
	const char *name;
	enum deed_actor actor;
	enum deed_arg args[DEED_NUMBERS];
	unsigned int required; /* so many of them */
	const char *usage; /* the arguments, for people */
};

/* What is said behind it. */
struct deed_args {
	int64_t numbers[DEED_NUMBERS]; /* ports, states, signals, ... in their places */
	unsigned int count; /* so many were given */
	const char *text; /* ARG_TEXT, NULL: none */
	int fails; /* the errno that is expected, 0: none */
};

const struct deed_entry *deed_entry(enum deed deed);

/* Returns 0, or -EINVAL if there is none of this name. */
int deed_find(const char *name, enum deed *ret_deed);

/*
 * Reads LINE, what stands behind DEED, which is cut into words in place; what is kept of it points into it.
 * Returns 0, or -EINVAL with what is wrong and what would be right in RET_ERROR.
 */
int deed_read(enum deed deed, char *line, struct deed_args *ret_args, struct text *ret_error);

/* Cuts the next word off *LINE; NULL when there is none. */
char *deed_word(char **line);

/* The number of a signal by its name without "SIG", or 0. */
int deed_signal(const char *name);

#endif
