/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pairing: finding the other end of a connection on this host; within the core only.
 *
 * The two ends of a handshake know the same two sequence numbers, crossed: one's snd_una is the other's
 * rcv_nxt. That pairs them across network namespaces and through NAT, where the addresses say nothing
 * (two pairs of namespaces may use the same ones) or differ. Where the handshake was not seen, the
 * addresses turned round pair two ends within one namespace, and the pairing is marked as likely.
 */
#ifndef CORE_PAIRING_H
#define CORE_PAIRING_H

#include "core/tracker.h"

/* END has become ESTABLISHED with these numbers. Joins it with its other end, if that is known. */
void pairing_meet(struct tracker *tracker, struct endpoint *end, const struct edge_event *edge);

/* END was seen for the first time, not at its birth, or is opening actively. Joins it by addresses. */
void pairing_guess(struct tracker *tracker, struct endpoint *end);

/* END was there at the start. Joins it by addresses, minisocks included. */
void pairing_found(struct tracker *tracker, struct endpoint *end);

/* CLIENT has begun to open actively. If it has no port yet, a request may tell it. */
void pairing_note_connect(struct tracker *tracker, const struct endpoint *client);

/* END is a request. Joins it with a client here that does not know its port yet, if that can be one alone. */
void pairing_request(struct tracker *tracker, struct endpoint *end);

#endif
