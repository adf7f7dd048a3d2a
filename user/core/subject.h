/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * subject: what findings are about, up to a number: how many belong to it, and what was told last. Of
 * more, the one that nothing was heard of for the longest goes; should it come again, it is new.
 */
#ifndef CORE_SUBJECT_H
#define CORE_SUBJECT_H

#include "core/finding.h"

#define SUBJECTS_MAX	1024
#define SUBJECT_BUCKETS 1024

/* No holes: it is compared and hashed as bytes. What does not matter to a rule is 0. */
struct subject_key {
	struct addr_port at;
	uint16_t code; /* enum finding_code */
	struct addr from;
	uint8_t server; /* the connection's server end */
	uint8_t pad;
	uint16_t why; /* enum cause_by */
	uint32_t netns;
	uint32_t pid;
};

struct subject {
	struct subject_key key;
	struct subject *next; /* of the bucket */
	struct subject *older, *newer; /* by when it was last heard of */
	struct endpoint *oldest, *newest; /* the ends that belong to it, by when they came */
	uint64_t count; /* of those ends, or of what has happened */
	uint64_t told_count; /* 0: it was not told */
	uint64_t told_age_ns;
	uint64_t told_ns;
};

struct subjects {
	struct subject *pool;
	uint32_t used;
	struct subject *oldest, *newest;
	struct subject *buckets[SUBJECT_BUCKETS];
};

/* Returns 0 or -ENOMEM. */
int subjects_init(struct subjects *subjects);
void subjects_fini(struct subjects *subjects);

/* Of END under the rule CODE, by the address that is served or called: a client has another port each time. Its
 * process is left to the caller. */
struct subject_key subject_key_of(const struct endpoint *end, enum finding_code code);

/* The subject of KEY, new if need be. */
struct subject *subject_of(struct subjects *subjects, const struct subject_key *key);

/* Are there twice as many as when it was last told? */
bool subject_has_grown(const struct subject *subject);

/* END, which belongs to none, comes to belong to SUBJECT; END leaves the one that it belongs to, if any. */
void subject_join(struct subject *subject, struct endpoint *end);
void subject_leave(struct endpoint *end);

#endif
