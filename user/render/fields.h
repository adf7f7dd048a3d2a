/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fields: what each kind of line tells, as lists (render/field.h), and the rows that several of them have.
 */
#ifndef RENDER_FIELDS_H
#define RENDER_FIELDS_H

#include "core/host.h"
#include "render/field.h"

extern const struct field at_fields[], cause_fields[], party_fields[];
extern const struct field transition_fields[], owner_fields[], paired_fields[], gone_fields[],
	lost_fields[], clock_fields[]; /* fields.c */
extern const struct field summary_fields[]; /* fields_summary.c */
extern const struct field connection_fields[]; /* fields_connection.c */
extern const struct field finding_fields[], bind_failed_fields[],
	no_port_fields[]; /* fields_trouble.c */
extern const struct field snapshot_fields[], endpoint_fields[]; /* fields_snapshot.c */

/* NULL ends each. */
extern const char *const state_codes[], *const side_codes[], *const cause_codes[];
extern const char *const why_codes[], *const segment_codes[], *const source_codes[];
extern const char *const call_codes[], *const verdict_codes[], *const finding_codes[];

/* --- values that several lists have --------------------------------------------------------------- */

void fields_time(struct value *value, struct line *line);
/* NO_STATE is null. */
void fields_state(struct value *value, uint8_t state);
void fields_side(struct value *value, enum side side);
void fields_sk(struct value *value, struct line *line);
void fields_cgroup(struct value *value, const struct line *line);
void fields_container(struct value *value, const struct line *line);
void fields_cmdline(struct value *value, const struct line *line);
void fields_signal(struct value *value, struct line *line, uint8_t signal);
void fields_errno(struct value *value, struct line *line, uint16_t err);

/* Where an object with an address is: it is told of AT. */
void fields_at(struct value *value, struct line *line, const struct addr_port *at);
/* An object about an end of the connection: null if it is not on this host. */
void fields_party(struct value *value, struct line *line, enum side side);

static inline bool fields_is_owned(const struct line *line)
{
	return line->owner->source != OWNER_UNKNOWN;
}

/* clang-format off */
#define HEAD_ROWS(X, of) \
	X(of, type, CONST, ALWAYS, field_words(value, field_kinds[line->kind].name), \
	  "What the line is about.") \
	X(of, v, CONST, ALWAYS, field_number(value, FIELD_VERSION), \
	  "Version of this form. It is raised when a field goes or changes its meaning, not when one comes.") \
	X(of, time, TIME, OR_NULL, fields_time(value, line), \
	  "When it happened: wall time in UTC, as of the start of the trace and counted on from there.") \
	X(of, mono_ns, NUMBER, OR_NULL, field_positive(value, line->ktime_ns), \
	  "When it happened: CLOCK_MONOTONIC of the kernel in nanoseconds.")

#define CONN_ROWS(X, of) \
	X(of, conn, NUMBER, ALWAYS, field_number(value, line->conn->id), \
	  "Number of the connection, in the order in which they were first shown.")

/* Of `end`. */
#define END_ROWS(X, of) \
	X(of, host, NUMBER, ALWAYS, field_number(value, host_of(line->end->netns)), \
	  "Which host, in a replay of several; 0 is the first, see `clock`.") \
	X(of, netns, NUMBER, ALWAYS, field_number(value, host_netns(line->end->netns)), \
	  "Network namespace: its inode number.") \
	X(of, sk, STRING, OR_NULL, fields_sk(value, line), \
	  "Cookie of the socket in hexadecimal, as ss -e prints it behind sk:.") \
	X(of, local, OBJECT(at_fields), ALWAYS, fields_at(value, line, &line->end->local), \
	  "Its own address.") \
	X(of, remote, OBJECT(at_fields), ALWAYS, fields_at(value, line, &line->end->remote), \
	  "Address of its peer.")

/* Of `owner`: who it is without how that was learnt. */
#define PROCESS_ROWS(X, of) \
	X(of, pid, NUMBER, OR_NULL, if (fields_is_owned(line)) field_number(value, line->owner->pid), \
	  "Process (thread group) that it belongs to.") \
	X(of, comm, STRING, OR_NULL, \
	  if (fields_is_owned(line)) field_bytes(value, line->owner->comm, sizeof(line->owner->comm)), \
	  "Name of that process.") \
	X(of, uid, NUMBER, OR_NULL, if (line->owner->uid_known) field_number(value, line->owner->uid), \
	  "User who made the socket, as the initial user namespace counts.") \
	X(of, cgroup, STRING, OR_NULL, fields_cgroup(value, line), \
	  "Path of the process's cgroup in the unified hierarchy, at most 255 bytes.") \
	X(of, container, STRING, OR_NULL, fields_container(value, line), \
	  "Container that this path names: 12 digits of its id, or its name.")

#define OWNER_ROWS(X, of) \
	PROCESS_ROWS(X, of) \
	X(of, owner_source, NAME(source_codes), OR_NULL, \
	  field_words(value, owner_source_code(line->owner->source)), \
	  "How the process was learnt, see OWNERS in the manual.") \
	X(of, cmdline, STRING, OR_NULL, fields_cmdline(value, line), \
	  "Command line of the process, with --cmdline, at most 255 bytes.") \
	X(of, kernel_socket, BOOL, ALWAYS, field_bool(value, line->owner->kernel), \
	  "The socket is the kernel's own.")
/* clang-format on */

#endif
