/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fixture: what a test of the tracker begins with: a watch, and the two ends of one connection.
 *
 * Each test that main() lists as TEST_OF(name) has them to itself. One that is listed as MINI_TEST_OF(name)
 * sees TIME_WAIT and orphans as well.
 */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include "watch.h"

extern struct watch *w; /* of up to 64 connections */
extern struct make_end client, server;

int fixture_start(void **fixture);
int fixture_start_minis(void **fixture);
int fixture_stop(void **fixture);

/* `client` and `server` alone, as they begin. */
void fixture_make_ends(void);

/* A new watch takes the place of `w`. */
void fixture_restart(uint32_t capacity);

/* An end alone becomes ESTABLISHED, from 0 on. */
void fixture_open_client(void);
void fixture_open_server(void);

/* Both ends are open from US on; then `server` closes, and `client` stays in CLOSE_WAIT. */
void fixture_leave_in_close_wait(uint64_t us);

/* Of the one connection that has ended. */
struct verdict fixture_verdict(void);

/* The cause of the edge of one socket whose owner, the client, runs. */
struct cause fixture_cause(struct make_step *step);
#define CAUSE(...) fixture_cause(STEP(NULL, __VA_ARGS__))

void fixture_check_owner(const struct cause *cause);
void fixture_check_nobody(const struct cause *cause);

/* Of findings: a second in microseconds, and how long what has one reason is gathered. */
#define SECOND UINT64_C(1000000)
#define MOMENT UINT64_C(100000)

#define TOLD(code, nth)	    watch_told(w, FINDING_##code, nth)
#define CHECK_TOLD(n, code) assert_int_equal(watch_times_told(w, FINDING_##code), n)

#define TEST_OF(name)	   cmocka_unit_test_setup_teardown(name, fixture_start, fixture_stop)
#define MINI_TEST_OF(name) cmocka_unit_test_setup_teardown(name, fixture_start_minis, fixture_stop)

#endif
