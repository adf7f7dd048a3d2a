/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scenario: one story about TCP, as a text of lines: what each side does, and what must be seen.
 * tests/README.md says how to write one. Pure: a text in, a structure out.
 */
#ifndef DEMO_SCENARIO_H
#define DEMO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "demo/deed.h"

#define SCENARIO_NAME_SIZE  64
#define SCENARIO_ROLE_SIZE  16 /* TASK_COMM_LEN: it is a process name */
#define SCENARIO_ROLES	    8
#define SCENARIO_ACTS	    96
#define SCENARIO_SETTINGS   16
#define SCENARIO_LENGTHS    4
#define SCENARIO_ENDS	    12
#define SCENARIO_ROWS	    160
#define SCENARIO_VERDICTS   12
#define SCENARIO_FINDINGS   8
#define SCENARIO_ABOUT_SIZE 1500
#define SCENARIO_ERROR_SIZE 400

/* How it is played. */
struct circumstances {
	uint32_t kernel; /* as scenario_kernel() has it */
	bool fast; /* --fast */
};

enum pace {
	PACE_ANY,
	PACE_FAST,
	PACE_FULL,
};

/* When a line holds: on these kernels, 0: no bound; at this pace. */
struct when {
	uint32_t from;
	uint32_t before;
	enum pace pace;
};

/* Real seconds that cannot be shortened. */
struct length {
	struct when when;
	uint32_t seconds;
};

/* A sysctl of the namespace. */
struct setting {
	struct when when;
	const char *name; /* net.ipv4.tcp_fin_timeout */
	const char *value;
};

enum need_kind {
	NEED_SYSCTL, /* a kernel may lack it */
	NEED_SOCK_DESTROY,
	NEED_KERNEL, /* what came with this version */
	NEED_COMMAND, /* a program that may not be installed */
	NEEDS
};

struct need {
	struct when when;
	enum need_kind kind;
	const char *name; /* of the sysctl, of the command, "5.14"; else NULL */
};

struct role {
	char name[SCENARIO_ROLE_SIZE];
	bool is_program; /* else a puppet */
};

struct act {
	struct when when;
	unsigned int line;
	const char *said; /* "client connect" */
	unsigned int role;
	enum deed deed;
	struct deed_args args;
};

enum end_kind {
	END_CLIENT,
	END_SERVER,
	END_LISTENER,
};

/* One end of the FIRST connection to the LAST, or these listeners, counted from 1. */
struct expected_end {
	enum end_kind kind;
	unsigned int first, last;
};

/* A row of each of these ends. MINISOCK: an arrow "~>", about what the kernel keeps of a closed socket. */
struct expected_row {
	struct when when;
	unsigned int end; /* index into ends */
	uint8_t from, to;
	bool minisock;
	bool optional; /* how processors meet decides */
	const char *words; /* must be part of what the ladder says of it; NULL: whatever it says */
};

struct expected_verdict {
	struct when when;
	unsigned int first, last; /* of the connections, from 1 */
	const char *words; /* parts, with semicolons between them */
};

struct expected_finding {
	struct when when;
	unsigned int code; /* enum finding_code */
	bool optional; /* not every set of hooks sees it */
	const char *words; /* must be part of its sentence; NULL: whatever it says */
};

struct scenario {
	char name[SCENARIO_NAME_SIZE];
	char *bytes; /* the strings below point into it */
	const char *title;
	char about[SCENARIO_ABOUT_SIZE]; /* one paragraph */
	const char *address; /* of the server */
	uint64_t close_wait_warn_ns; /* 0: as without the option */
	bool explain_bind; /* as the option */
	struct length takes[SCENARIO_LENGTHS];
	struct role roles[SCENARIO_ROLES];
	struct act acts[SCENARIO_ACTS];
	struct need needs[SCENARIO_SETTINGS];
	struct setting sysctls[SCENARIO_SETTINGS];
	struct expected_end ends[SCENARIO_ENDS];
	struct expected_row rows[SCENARIO_ROWS];
	struct expected_verdict verdicts[SCENARIO_VERDICTS];
	struct expected_finding findings[SCENARIO_FINDINGS];
	unsigned int take_count, role_count, act_count, need_count, sysctl_count, end_count,
		row_count, verdict_count, finding_count;
};

/*
 * Reads the LEN bytes at TEXT. Returns 0, and the caller calls scenario_fini(); or -EINVAL or -ENOMEM, with
 * one sentence that names the line in RET_ERROR.
 */
int scenario_parse(const char *name, const char *text, size_t len, struct scenario *ret_scenario,
		   struct text *ret_error);
void scenario_fini(struct scenario *scenario);

/* The kernel's version from the release that uname(2) gives: "6.18.4-foo" is 6018. 0 for what is none. */
uint32_t scenario_kernel(const char *release);

bool when_holds(const struct when *when, const struct circumstances *here);

/* The real seconds that it takes here, 0: a moment. */
uint32_t scenario_takes_s(const struct scenario *scenario, const struct circumstances *here);

#endif
