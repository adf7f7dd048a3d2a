/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * find: whose socket is it? Within the core only.
 */
#ifndef CORE_FIND_H
#define CORE_FIND_H

#include "core/tracker.h"

/* The endpoint that EVENT (WIRE_STATE) is about, new if need be; NULL: there is nothing to tell. */
struct endpoint *find_endpoint(struct tracker *tracker, const struct event *event);

/* A new connection with one end at SIDE, found by ADDRESS; never NULL: the table makes room. */
struct endpoint *find_begin(struct tracker *tracker, enum side side, uint64_t address,
			    uint64_t now_ns);

/* ... for the socket of EVENT (WIRE_STATE, WIRE_FOUND), which is seen for the first time. */
struct endpoint *find_begin_socket(struct tracker *tracker, const struct event *event);

/* Of two ends with these addresses, is the local one the server? RET_SURE: by a listener at one
 * of the two, else by the lower port. */
enum side find_guess_side(const struct tracker *tracker, uint32_t netns,
			  const struct addr_port *local, const struct addr_port *remote,
			  bool *ret_sure);

#endif
