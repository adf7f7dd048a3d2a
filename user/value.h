/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * value: reads the values of options. Each exits with one sentence and status 2 when a value is wrong.
 *
 * OPTION is the option's name as that sentence has it: "--port". Lists are added to what is there.
 */
#ifndef VALUE_H
#define VALUE_H

#include "options.h"

/* "80,443,8000-8100" */
void value_ports(struct port_set *set, const char *option, const char *list);

/* An address, or "10.0.0.0/8": one more host of FILTER. */
void value_host(struct filter *filter, const char *host);

/* "4711,4712" */
void value_pids(struct filter *filter, const char *list);

/* "time-wait,CLOSE_WAIT" */
void value_states(struct filter *filter, const char *list);

/* A number from MIN to MAX, both included. */
uint64_t value_number(const char *option, const char *number, uint64_t min, uint64_t max);

/* "10" or "0.5", in nanoseconds. */
uint64_t value_seconds(const char *option, const char *seconds);

/* "1000", "64K", "10M" or "2G": bytes, in powers of 1024. */
uint64_t value_bytes(const char *option, const char *bytes);

/* "9919", "127.0.0.1:9919" or "[::1]:9919"; without an address that of the loopback interface. */
struct addr_port value_listen(const char *option, const char *at);

/* As value_bytes(), from 64K to 1G: the power of two that holds so many. */
uint32_t value_ring(const char *bytes);

enum form value_form(const char *form);
enum colour_when value_colour(const char *when);
enum hooks value_hooks(const char *hooks);

#endif
