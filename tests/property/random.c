// SPDX-License-Identifier: GPL-2.0-only
#include "random.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "../unit/nasty.h"

static uint64_t seed;
static const uint8_t *chosen; /* NULL: numbers are drawn from the seed */
static size_t left;

void random_begin(uint64_t from)
{
	chosen = NULL;
	seed = from;
}

void random_choose(const uint8_t *bytes, size_t size)
{
	chosen = bytes;
	left = size;
}

bool random_left(void)
{
	return left > 0;
}

/* As few bytes as will do; zeroes behind the last. */
static uint64_t choose(uint64_t below)
{
	uint64_t number = 0;

	for (uint64_t most = below - 1; most > 0 && left > 0; most >>= 8, left--)
		number = number << 8 | *chosen++;
	return number % below;
}

/* splitmix64: the same numbers on every machine. */
uint64_t random_draw(uint64_t below)
{
	uint64_t z;

	if (chosen)
		return choose(below);
	z = seed += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % below;
}

bool random_one_in(uint64_t n)
{
	return random_draw(n) == 0;
}

/* A few sockets, so that addresses are reused all the time. */
static struct make_end random_end(void)
{
	struct make_end client =
		make_client(0x1000 + 64 * random_draw(12), (uint16_t)(5000 + random_draw(4)));
	struct make_end end = random_one_in(2) ? client : make_peer(&client, client.sk + 0x10000);

	end.cookie = random_one_in(3) ? 0 : end.cookie + random_draw(3);
	end.netns += (uint32_t)random_draw(2);
	end.pid = (uint32_t)(100 + random_draw(4));
	end.snd_una = (uint32_t)random_draw(3);
	end.rcv_nxt = (uint32_t)random_draw(3);
	return end;
}

struct event random_edge(uint64_t us)
{
	static const uint16_t errs[] = {0, 0, 0, ECONNRESET, ETIMEDOUT, ECONNABORTED, EPIPE};
	const struct make_end end = random_end();
	struct make_step step = {
		.end = &end,
		.from = (uint8_t)(1 + random_draw(12)),
		.to = (uint8_t)(1 + random_draw(12)),
		.us = us,
		.err = errs[random_draw(7)],
		.shutdown = (uint8_t)random_draw(4),
		.fin_time_ms = random_one_in(2) ? 60000 : 0,
		.program = random_one_in(5) ? WIRE_BY_WITNESS : WIRE_BY_TRACE,
		.orphan = random_one_in(2),
		.peer_fin = random_one_in(2),
		.kthread = random_one_in(9),
		.nobody = random_one_in(9),
		.no_local_port = random_one_in(7),
		.no_remote = random_one_in(7),
	};

	return make_edge(&step);
}

/* Some addresses of minisocks are those of sockets. Half of them are births, or few would be known. */
static struct event random_mini(uint64_t us)
{
	static const uint8_t states[] = {WIRE_NEW_SYN_RECV, WIRE_FIN_WAIT2, WIRE_TIME_WAIT};
	const struct make_end end = random_end();
	struct make_mini mini = {
		.end = &end,
		.what = random_one_in(2)
				? WIRE_MINI_BORN
				: (enum wire_mini_what)(1 + random_draw(WIRE_MINI_WHATS - 1)),
		.state = states[random_draw(3)],
		.us = us,
		.left_ms = (uint32_t)random_draw(3) * 30000,
		.segment = (uint8_t)random_draw(32),
		.pid = random_one_in(3) ? 0 : end.pid,
		.kthread = random_one_in(9),
		.mini = random_one_in(3) ? 0x1000 + 64 * random_draw(24) : 0,
	};

	return make_mini(&mini);
}

static struct event random_found(uint64_t us)
{
	struct event event = random_edge(us);

	event.type = WIRE_FOUND;
	event.program = WIRE_BY_SNAPSHOT;
	event.edge.from = WIRE_NO_STATE;
	return event;
}

static struct event random_holder(uint64_t us)
{
	const struct make_end end = random_end();

	return (struct event){.type = WIRE_HOLDER,
			      .program = WIRE_BY_SNAPSHOT,
			      .ktime_ns = AT(us),
			      .holder = {.sk = end.sk, .actor = {.pid = end.pid}}};
}

static struct event random_resent(uint64_t us)
{
	const struct make_end end = random_end();

	return make_resent(&end, (uint8_t)(1 + random_draw(12)), (uint8_t)random_draw(5),
			   (uint8_t)random_draw(5), us);
}

static struct event random_limits(uint64_t us)
{
	return (struct event){.type = WIRE_LIMITS,
			      .ktime_ns = AT(us),
			      .limits = {.netns = MAKE_NETNS + (uint32_t)random_draw(2),
					 .port_first = 5000,
					 .port_last = (uint16_t)(5000 + random_draw(8))}};
}

static struct event random_process(uint64_t us)
{
	return make_process(random_one_in(2) ? WIRE_FORK : WIRE_EXIT,
			    (uint32_t)(100 + random_draw(4)), (uint32_t)(100 + random_draw(4)), us);
}

static struct event random_bind(uint64_t us)
{
	const struct make_end end = random_end();

	return (struct event){
		.type = WIRE_BIND,
		.program = WIRE_BY_BIND,
		.ktime_ns = AT(us),
		.bind = {.sk = end.sk,
			 .local = end.local,
			 .netns = end.netns,
			 .family = AF_INET,
			 .reuse_addr = random_one_in(2),
			 .actor = {.pid = end.pid}},
	};
}

static struct event random_hooks(uint64_t us)
{
	return (struct event){.type = WIRE_HOOKS,
			      .ktime_ns = AT(us),
			      .hooks = (uint32_t)random_draw(16)};
}

struct event random_event(uint64_t us)
{
	uint64_t kind = random_draw(100);

	if (kind < 2)
		return random_process(us);
	if (kind < 3)
		return random_hooks(us);
	if (kind < 5)
		return random_holder(us);
	if (kind < 6)
		return random_bind(us);
	if (kind < 16)
		return random_found(us);
	if (kind < 20)
		return random_one_in(4) ? random_limits(us) : random_resent(us);
	return kind < 56 ? random_mini(us) : random_edge(us);
}

static const struct nasty *random_nasty(void)
{
	return &nasties[random_draw(nasty_count)];
}

const char *random_name(void)
{
	return random_nasty()->bytes;
}

static struct actor *actor_of(struct event *event)
{
	switch (event->type) {
	case WIRE_STATE:
	case WIRE_FOUND:
		return &event->edge.actor;
	case WIRE_MINI:
		return &event->mini.actor;
	case WIRE_HOLDER:
		return &event->holder.actor;
	case WIRE_BIND:
		return &event->bind.actor;
	default:
		return NULL;
	}
}

void random_rename(struct event *event)
{
	const struct nasty *nasty = random_nasty();
	struct actor *actor = actor_of(event);

	if (actor)
		memcpy(actor->comm, nasty->bytes,
		       nasty->len < WIRE_COMM_LEN ? nasty->len : WIRE_COMM_LEN);
}

unsigned int random_life(struct event *events, uint64_t us)
{
	struct make_end client =
		make_client(0x1000 + 64 * random_draw(12), (uint16_t)(5000 + random_draw(50)));
	struct make_end server = make_peer(&client, client.sk + 0x10000);

	client.cookie += us;
	server.cookie += us;
	client.snd_una = server.rcv_nxt = (uint32_t)us;
	server.netns += random_one_in(2);
	make_open(events, &client, &server, us);
	if (random_one_in(2))
		make_close(events + MAKE_OPEN_EVENTS, &client, &server, us + random_draw(3000));
	else
		make_close(events + MAKE_OPEN_EVENTS, &server, &client, us + random_draw(3000));
	return MAKE_OPEN_EVENTS + MAKE_CLOSE_EVENTS;
}
