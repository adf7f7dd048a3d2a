/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watch: a tracker whose changes are kept. A test names two ends and says which edges they go along:
 *
 *	struct make_end c = make_client(0xc0, 5000), s = make_peer(&c, 0x50);
 *	struct watch *w = watch_create(16);
 *
 *	GO(w, &c, CLOSE, SYN_SENT, 10, .no_local_port = true);
 */
#ifndef TESTS_WATCH_H
#define TESTS_WATCH_H

#include "core/verdict.h"
#include "make.h"

/* A change, with a copy of all that it pointed to. */
struct seen {
	struct change change; /* points into the copy */
	struct conn conn;
	struct endpoint ends[2]; /* conn.ends point here */
	struct past pasts[2]; /* ... and those here */
	struct verdict verdict; /* as of the change */
	struct in_use in_use;
	struct used_up used_up;
	struct finding finding; /* change.finding points here */
};

#define SEEN_MAX 4096

struct watch {
	struct filter filter; /* may be set until the first event */
	struct tracker tracker;
	struct seen seen[SEEN_MAX];
	unsigned int count;
};

struct watch *watch_create(uint32_t capacity);
void watch_destroy(struct watch *watch);

/* A deliver_fn for a struct watch. */
void watch_deliver(void *ctx, const struct change *change);

void watch_event(struct watch *watch, const struct event *event);
void watch_resend(struct watch *watch, const struct make_end *end, uint8_t state, uint8_t times,
		  uint8_t retries, uint64_t us);
void watch_mini(struct watch *watch, const struct make_mini *mini);

/* The trace can see these (enum wire_hook). */
void watch_hooks(struct watch *watch, uint32_t hooks);

/* Nothing happens until US. */
void watch_advance(struct watch *watch, uint64_t us);

void watch_step(struct watch *watch, const struct make_step *step);
void watch_open(struct watch *watch, const struct make_end *client, const struct make_end *server,
		uint64_t us);
void watch_close(struct watch *watch, const struct make_end *first, const struct make_end *second,
		 uint64_t us);

/* FIRST, which is open, closes and becomes an orphan, and SECOND does not close: 4 us. */
void watch_abandon(struct watch *watch, const struct make_end *first, const struct make_end *second,
		   uint64_t us);

/* The Nth change of KIND, from 0, or NULL. */
const struct seen *watch_find(const struct watch *watch, enum change_kind kind, unsigned int nth);
unsigned int watch_count(const struct watch *watch, enum change_kind kind);

/* What was told the NTH time by the rule CODE, from 0, or NULL; and how many times. */
const struct finding *watch_told(const struct watch *watch, enum finding_code code,
				 unsigned int nth);
unsigned int watch_times_told(const struct watch *watch, enum finding_code code);

/* The last change; there must be one. */
const struct seen *watch_last(const struct watch *watch);

/* The last change of a minisock between these states; there must be one. */
const struct change *watch_last_mini(const struct watch *watch, uint8_t from, uint8_t to);

/* Does what the tracker says of itself hold (sound.h), its count of the command's open ends included? */
void watch_check(const struct watch *watch);

#define MINI(watch_, end_, what_, state_, us_, ...)                                                \
	watch_mini(watch_, &(struct make_mini){.end = (end_),                                      \
					       .what = WIRE_MINI_##what_,                          \
					       .state = WIRE_##state_,                             \
					       .us = (us_),                                        \
					       __VA_ARGS__})

#define GO(watch_, ...) watch_step(watch_, STEP(__VA_ARGS__))

#endif
