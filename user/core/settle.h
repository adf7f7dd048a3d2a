/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * settle: the end of a connection: its verdict, what is kept of it, and when its memory is given back;
 * within the core only.
 */
#ifndef CORE_SETTLE_H
#define CORE_SETTLE_H

#include "core/tracker.h"

/* After every change of CONN: is it over, is anything left of it, when must it be looked at again? Frees it
 * if it is over and nothing is left. */
void settle(struct tracker *tracker, struct conn *conn, uint64_t now_ns);

/* Tells the verdict, once. */
void settle_verdict(struct tracker *tracker, struct conn *conn, uint64_t now_ns);

/* END is not to be counted any more: its minisock is gone, or taken to be. */
void settle_drop_minisock(struct tracker *tracker, struct endpoint *end, uint64_t now_ns);

/* A minisock at address MINI has taken the place of END's socket: END is found by it from now on. */
void settle_replace(struct tracker *tracker, struct endpoint *end, uint64_t mini);

/* END's minisock has ended: the snapshot may find it still. */
void settle_remember_mini(struct tracker *tracker, const struct endpoint *end);

/* Is WANTED the last of a socket or minisock that has just gone? */
bool settle_remembers(const struct tracker *tracker, const struct recent_end *wanted);

/* What is held of CONN need not wait any longer. */
void settle_show(struct tracker *tracker, struct conn *conn);

/* END's end was missed, by NOW_NS. To be followed by settle(). */
void settle_lose(struct tracker *tracker, struct endpoint *end, uint64_t now_ns);

/* Another socket lives at END's address: its end was missed. May free END. */
void settle_bury(struct tracker *tracker, struct endpoint *end, uint64_t now_ns);

/* The table is full: one connection goes. */
void settle_evict_one(struct tracker *tracker, uint64_t now_ns);

/* CONN goes. */
void settle_evict(struct tracker *tracker, struct conn *conn, uint64_t now_ns);

#endif
