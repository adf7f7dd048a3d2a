/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * random: events that no kernel makes, and lives of connections as one makes them. What is drawn comes from a seed, or
 * from the bytes of a fuzzer.
 */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include "../unit/make.h"

/* From now on numbers are drawn from this seed. */
void random_begin(uint64_t seed);

/* From now on they are chosen by the SIZE bytes at BYTES, which must outlive that; behind the last all are 0. */
void random_choose(const uint8_t *bytes, size_t size);

/* Are there bytes that have chosen nothing yet? */
bool random_left(void);

/* A number below BELOW. */
uint64_t random_draw(uint64_t below);

/* True once in N times. */
bool random_one_in(uint64_t n);

/* An event of any type at US; addresses and ports are few, so they are reused all the time. */
struct event random_event(uint64_t us);

/* Gives who acted in EVENT, if anybody did, a name of ../unit/nasty.h. */
void random_rename(struct event *event);

/* One of these. */
const char *random_name(void);

/* An edge of a socket between any two states. */
struct event random_edge(uint64_t us);

/* The whole life of a connection between two of few addresses, as a kernel makes it. Returns how many EVENTS these are. */
unsigned int random_life(struct event *events, uint64_t us);

#endif
