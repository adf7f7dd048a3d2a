/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * make: events and records of sockets that do not exist.
 *
 * Times are in microseconds after MAKE_START_NS, so that none is 0.
 */
#ifndef TESTS_MAKE_H
#define TESTS_MAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/tracker.h"
#include "wire.h"

#define TEST(name) static void name(void **fixture __attribute__((unused)))

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

#define MAKE_START_NS (1000 * S)
#define AT(us)	      (MAKE_START_NS + (us)*US)

#define MAKE_CLIENT_PID 100
#define MAKE_SERVER_PID 200
#define MAKE_NETNS	4026531840U

#define SHUTDOWN_SEND 2
#define SHUTDOWN_BOTH 3

/* Of a segment: flags of the TCP header. */
#define HEADER_FIN 0x01
#define HEADER_RST 0x04
#define HEADER_PSH 0x08
#define HEADER_ACK 0x10

/* One end as the kernel knows it. The actor of its edges is its owner, unless a step says otherwise. */
struct make_end {
	uint64_t sk;
	uint64_t cookie;
	struct addr_port local, remote;
	uint32_t netns;
	uint32_t snd_una, rcv_nxt;
	uint32_t pid;
	const char *comm;
};

/* One edge of one end. What is left out is 0. */
struct make_step {
	const struct make_end *end;
	uint8_t from, to;
	uint64_t us;
	uint32_t pid; /* of the actor, where it is not the owner */
	uint32_t fin_time_ms;
	uint32_t unread;
	uint32_t uid;
	uint64_t cgroup; /* of the actor */
	uint16_t err;
	uint8_t shutdown;
	uint8_t signal;
	uint8_t retransmits, probes;
	enum wire_call call;
	enum wire_program program;
	const struct counts *counts; /* NULL: not counted */
	bool orphan, peer_fin, released, kernel;
	bool linger_0, keepalive, user_timeout, reuse_addr, reuse_port;
	bool exiting, signaled, kthread, io_worker, compat; /* the actor */
	bool nobody; /* no actor is told */
	bool no_local_port, no_remote, no_cookie;
};

/* "127.0.0.1" or "::1". */
struct addr make_addr(const char *text);
struct addr_port make_at(const char *text, uint16_t port);

/* An end at LOCAL whose peer is at REMOTE. Its cookie and sequence numbers come from its SK. */
struct make_end make_end(uint64_t sk, struct addr_port local, struct addr_port remote);

/* Something became of END's minisock. */
struct make_mini {
	const struct make_end *end;
	enum wire_mini_what what;
	uint8_t state;
	uint64_t us;
	uint32_t left_ms;
	uint8_t segment;
	uint32_t pid; /* of the actor, 0: not told */
	bool kthread;
	uint64_t mini; /* its address where END's has more than one; 0: MAKE_MINI */
};

/* Where END's minisock is. */
#define MAKE_MINI(end) ((end)->sk + 0x1000000)

struct event make_mini(const struct make_mini *mini);

/* 127.0.0.1:PORT -> 127.0.0.1:80, owned by MAKE_CLIENT_PID. */
struct make_end make_client(uint64_t sk, uint16_t port);

/* The other end of END: addresses and numbers turned round, owned by MAKE_SERVER_PID. */
struct make_end make_peer(const struct make_end *end, uint64_t sk);

/* The ends of connection NUMBER, from 0, of a client's process PID to one server; its port is 40000 + NUMBER. */
void make_nth(unsigned int number, uint32_t pid, struct make_end *ret_client,
	      struct make_end *ret_server);

/* A listener at LOCAL, owned by MAKE_SERVER_PID. */
struct make_end make_listener(uint64_t sk, struct addr_port local);

struct event make_edge(const struct make_step *step);
/* PID has come to use END's socket. */
struct event make_owner(const struct make_end *end, enum wire_owner_how how, uint32_t pid,
			const char *comm, uint64_t us);
/* END sends its SYN or FIN again, in STATE. */
struct event make_resent(const struct make_end *end, uint8_t state, uint8_t times, uint8_t retries,
			 uint64_t us);
/* END sends a RST. */
struct event make_reset(const struct make_end *end, enum wire_reset_reason reason, bool answers,
			uint64_t us);
/* Whoever END talks to has no socket, and answers by a RST. */
struct event make_stray(const struct make_end *end, enum wire_reset_reason reason, uint64_t us);
struct event make_process(enum wire_type type, uint32_t pid, uint32_t child, uint64_t us);

/* An edge that somebody may have made. */
struct state_record {
	struct wire_state state;
	struct wire_actor actor;
};

/* The record that decodes to EVENT, which is an edge. */
struct state_record make_record(const struct event *event);

/* EVENTS of a whole handshake, of an orderly close that FIRST begins; the time of each is one more
 * microsecond. */
#define MAKE_OPEN_EVENTS  4
#define MAKE_CLOSE_EVENTS 6
void make_open(struct event *events, const struct make_end *client, const struct make_end *server,
	       uint64_t us);
void make_close(struct event *events, const struct make_end *first, const struct make_end *second,
		uint64_t us);

#define STEP(end_, from_, to_, us_, ...)                                                           \
	(&(struct make_step){.end = (end_),                                                        \
			     .from = WIRE_##from_,                                                 \
			     .to = WIRE_##to_,                                                     \
			     .us = (us_),                                                          \
			     __VA_ARGS__})

#endif
