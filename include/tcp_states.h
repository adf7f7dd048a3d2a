/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The TCP states, once. Names, numbers, legal edges and the check against the kernel come from here.
 *
 * Numbers are the kernel's (include/net/tcp_states.h), which are UAPI in all but name: `ss`,
 * /proc/net/tcp and sock_diag print them. NEW_SYN_RECV is a request socket's state; a 13th,
 * BOUND_INACTIVE (kernel 6.8), exists for sock_diag only and no socket is ever in it.
 */
#ifndef TCP_STATES_H
#define TCP_STATES_H

/* X(number, NAME as the kernel spells it) */
/* clang-format off */
#define WIRE_STATES(X) \
	X(1, ESTABLISHED) \
	X(2, SYN_SENT) \
	X(3, SYN_RECV) \
	X(4, FIN_WAIT1) \
	X(5, FIN_WAIT2) \
	X(6, TIME_WAIT) \
	X(7, CLOSE) \
	X(8, CLOSE_WAIT) \
	X(9, LAST_ACK) \
	X(10, LISTEN) \
	X(11, CLOSING) \
	X(12, NEW_SYN_RECV)

enum wire_tcp_state {
	WIRE_NO_STATE = 0,
#define WIRE_STATE_NUMBER(number, name) WIRE_##name = (number),
	WIRE_STATES(WIRE_STATE_NUMBER)
#undef WIRE_STATE_NUMBER
	WIRE_STATE_COUNT
};

/*
 * Every edge that the kernel's tcp_set_state()/inet_sk_set_state() makes of a full socket.
 * X(FROM, TO, segment that came, segment that goes out, made by a system call of the owner)
 *
 * Segments are those that the edge cannot happen without (RFC 9293, figure 5). An edge to CLOSE says
 * nothing alone: a RST, a timeout, the last ACK or a call may have made it; see core/cause.c.
 * FIN_WAIT2 -> FIN_WAIT2 and its like are the close() of a socket that was shut down for writing before
 * (tcp_close_state(), measured on 5.10 to 7.3); CLOSE -> CLOSE an abort of what was closed already.
 */
#define WIRE_EDGES(X) \
	X(CLOSE, SYN_SENT, NONE, SYN, CALL) \
	X(CLOSE, LISTEN, NONE, NONE, CALL) \
	X(CLOSE, CLOSE, NONE, NONE, MAYBE) \
	X(LISTEN, SYN_RECV, ACK, NONE, PEER) \
	X(LISTEN, CLOSE, NONE, NONE, CALL) \
	X(SYN_SENT, ESTABLISHED, SYN_ACK, NONE, PEER) \
	X(SYN_SENT, SYN_RECV, SYN, SYN_ACK, PEER) \
	X(SYN_SENT, CLOSE, NONE, NONE, MAYBE) \
	X(SYN_RECV, ESTABLISHED, ACK, NONE, PEER) \
	X(SYN_RECV, FIN_WAIT1, NONE, FIN, CALL) \
	X(SYN_RECV, CLOSE_WAIT, FIN, NONE, PEER) \
	X(SYN_RECV, CLOSE, NONE, NONE, MAYBE) \
	X(ESTABLISHED, FIN_WAIT1, NONE, FIN, CALL) \
	X(ESTABLISHED, CLOSE_WAIT, FIN, NONE, PEER) \
	X(ESTABLISHED, CLOSE, NONE, NONE, MAYBE) \
	X(FIN_WAIT1, FIN_WAIT1, NONE, NONE, CALL) \
	X(FIN_WAIT1, FIN_WAIT2, ACK, NONE, PEER) \
	X(FIN_WAIT1, CLOSING, FIN, NONE, PEER) \
	X(FIN_WAIT1, CLOSE, NONE, NONE, MAYBE) \
	X(FIN_WAIT2, FIN_WAIT2, NONE, NONE, CALL) \
	X(FIN_WAIT2, CLOSE, NONE, NONE, MAYBE) \
	X(CLOSING, CLOSING, NONE, NONE, CALL) \
	X(CLOSING, CLOSE, NONE, NONE, MAYBE) \
	X(CLOSE_WAIT, LAST_ACK, NONE, FIN, CALL) \
	X(CLOSE_WAIT, CLOSE, NONE, NONE, MAYBE) \
	X(LAST_ACK, LAST_ACK, NONE, NONE, CALL) \
	X(LAST_ACK, CLOSE, NONE, NONE, MAYBE)
/* clang-format on */

#endif
