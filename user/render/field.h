/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * field: what the forms for machines tell, field by field. JSON, CSV and the JSON Schema walk these lists, and nobody
 * else knows what is in a line; the manual is held against them.
 *
 * A list is a macro, with a row for each field: its name, its type, whether it may be null, what sets its value, and a
 * sentence about it.
 *
 *	#define LOST(X, of) \
 *		X(of, lost, NUMBER, ALWAYS, field_number(value, line->change->lost), "So many records never came.")
 *	FIELD_LIST(lost, LOST)
 *
 * makes `static const struct field lost_fields[]`; FIELD_LIST_SHARED one that is not static. What is not known is null, never 0: a value is null until it is set.
 * Names of fields stay; new ones may come.
 */
#ifndef RENDER_FIELD_H
#define RENDER_FIELD_H

#include "core/change.h"
#include "core/verdict.h"
#include "render/sink.h"
#include "render/stamp.h"

/* Raised when a field changes its meaning or goes; in each line. */
#define FIELD_VERSION 1

/* Room for the longest text that a value is made of: each line about a bind() that failed. */
#define FIELD_TEXT_LEN 8192

enum line_kind {
	LINE_TRANSITION,
	LINE_CONNECTION,
	LINE_FINDING,
	LINE_OWNER,
	LINE_PAIRED,
	LINE_GONE,
	LINE_BIND_FAILED,
	LINE_NO_PORT,
	LINE_LOST,
	LINE_CLOCK,
	LINE_SUMMARY,
	LINE_TRACE_KINDS, /* those above are of a trace, those below of `snapshot` */
	LINE_SNAPSHOT = LINE_TRACE_KINDS,
	LINE_ENDPOINT,
	LINE_KINDS
};

/* What fields are told of. An object has a copy of its own, which its row changes: to another end, to an address. */
struct line {
	enum line_kind kind;
	uint64_t ktime_ns; /* CLOCK_MONOTONIC; 0: not known */
	struct stamp *stamp;
	struct text *text; /* for what is put together: valid until the next field */
	const struct change *change; /* NULL for a summary */
	const struct totals *totals; /* of a summary */
	const struct owner_names *names;
	const struct conn *conn;
	const struct verdict *verdict; /* of a connection that ended */
	const struct endpoint *end;
	const struct addr_port *at;
	const struct owner *owner;
	const struct cause *cause;
	const struct finding *finding;
	const struct port_user *user;
	const struct endpoints_round *round; /* of a snapshot and an endpoint */
	const struct roll_row *row; /* of an endpoint */
	struct addr_port made_at; /* where `at` may point to */
	struct owner made_owner; /* ... and `owner` */
	enum side side;
	unsigned int index; /* of an item in its list, from 0 */
	bool minisock;
	uint8_t from, to;
	uint8_t kept_as; /* enum roll_kind of a count */
};

enum value_kind {
	VALUE_NULL,
	VALUE_NUMBER,
	VALUE_BOOL,
	VALUE_WORDS, /* a string that this program made */
	VALUE_BYTES, /* a string from outside */
	VALUE_OBJECT, /* its fields are set from the line */
};

struct value {
	enum value_kind kind;
	uint64_t number; /* of a bool: 0 or 1 */
	const char *bytes; /* of a string: `len` of them */
	size_t len;
};

enum field_type {
	FIELD_CONST, /* the same in each line of its kind */
	FIELD_NUMBER, /* an integer, not negative */
	FIELD_BOOL,
	FIELD_STRING,
	FIELD_TIME, /* RFC 3339 */
	FIELD_NAME, /* a string, one of `names` */
	FIELD_OBJECT, /* of `fields` */
	FIELD_LIST, /* of objects: up to the first index whose value is null */
};

enum field_null {
	ALWAYS,
	OR_NULL,
};

struct field {
	const char *name; /* NULL ends a list */
	const char *about; /* a sentence; for people */
	/* Sets VALUE, which is null; for an object and an item of a list, LINE is its own. */
	void (*get)(struct line *line, struct value *value);
	const char *const *names; /* NULL ends them */
	const struct field *fields;
	enum field_type type;
	enum field_null null;
};

struct line_kind_info {
	const char *name; /* as in "type" */
	const char *about;
	const struct field *fields;
};

extern const struct line_kind_info field_kinds[LINE_KINDS];

/* --- setting values ------------------------------------------------------------------------------ */

void field_number(struct value *value, uint64_t number);
/* 0 is not known. */
void field_positive(struct value *value, uint64_t number);
void field_bool(struct value *value, bool truth);
/* STRING, one of ours; NULL, or empty: null. */
void field_words(struct value *value, const char *string);
/* What LINE->text holds; null if that is nothing. */
void field_text(struct value *value, const struct line *line);
/* Up to LEN bytes from outside, stopping at a NUL. */
void field_bytes(struct value *value, const char *bytes, size_t len);
/* The object is there, if THERE: the line is set. */
void field_object(struct value *value, bool there);

/* --- making lists -------------------------------------------------------------------------------- */

#define FIELD_TYPE_CONST	   .type = FIELD_CONST
#define FIELD_TYPE_NUMBER	   .type = FIELD_NUMBER
#define FIELD_TYPE_BOOL		   .type = FIELD_BOOL
#define FIELD_TYPE_STRING	   .type = FIELD_STRING
#define FIELD_TYPE_TIME		   .type = FIELD_TIME
#define FIELD_TYPE_NAME(names_)	   .type = FIELD_NAME, .names = (names_)
#define FIELD_TYPE_OBJECT(fields_) .type = FIELD_OBJECT, .fields = (fields_)
#define FIELD_TYPE_LIST(fields_)   .type = FIELD_LIST, .fields = (fields_)

#define FIELD_GETTER(of, name, type, null, set, about)                                             \
	static void get_##of##_##name(struct line *line __attribute__((unused)),                   \
				      struct value *value)                                         \
	{                                                                                          \
		set;                                                                               \
	}
#define FIELD_ENTRY(of, name_, type_, null_, set, about_)                                          \
	{#name_, about_, get_##of##_##name_, FIELD_TYPE_##type_, .null = (null_)},

#define FIELD_ARRAY(of, ROWS)                                                                      \
	const struct field of##_fields[] = {ROWS(FIELD_ENTRY, of){.name = NULL}};

#define FIELD_LIST(of, ROWS)                                                                       \
	ROWS(FIELD_GETTER, of)                                                                     \
	static FIELD_ARRAY(of, ROWS)

/* One that other files know as well. */
#define FIELD_LIST_SHARED(of, ROWS)                                                                \
	ROWS(FIELD_GETTER, of)                                                                     \
	FIELD_ARRAY(of, ROWS)

#endif
