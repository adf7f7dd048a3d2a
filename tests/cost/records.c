// SPDX-License-Identifier: GPL-2.0-only
#include "records.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#define NETNS	    4026531840U
#define SERVER_PORT 80
#define STEP_NS	    4000
#define WAIT_MS	    60000

enum side {
	SERVER,
	CLIENT,
};

enum what {
	LAST, /* of a script: none any more */
	EDGE,
	COUNTED,
	REQUEST, /* a minisock: `to` says what became of it */
	KEPT, /* ... in state `from` */
	RESET,
};

/* A record of one end. */
struct step {
	enum what what;
	enum side side;
	uint8_t from, to;
	uint8_t shutdown;
	uint8_t call;
	uint16_t flags;
	uint16_t err;
};

/* clang-format off */
#define CALLED	 WIRE_ACTOR
#define CLOSED	 (WIRE_ACTOR | WIRE_RELEASED)

#define OPENS \
	{EDGE,    CLIENT, WIRE_CLOSE,       WIRE_SYN_SENT,    0, WIRE_CALL_CONNECT, CALLED, 0}, \
	{REQUEST, SERVER, 0,                WIRE_MINI_BORN,   0, 0, 0, 0}, \
	{EDGE,    CLIENT, WIRE_SYN_SENT,    WIRE_ESTABLISHED, 0, 0, 0, 0}, \
	{EDGE,    SERVER, WIRE_LISTEN,      WIRE_SYN_RECV,    0, 0, 0, 0}, \
	{REQUEST, SERVER, 0,                WIRE_MINI_STOPPED, 0, 0, CALLED, 0}, \
	{EDGE,    SERVER, WIRE_SYN_RECV,    WIRE_ESTABLISHED, 0, 0, 0, 0}

#define CLOSES(first, second) \
	{COUNTED, first,  WIRE_ESTABLISHED, WIRE_FIN_WAIT1,   3, WIRE_CALL_CLOSE, CLOSED, 0}, \
	{COUNTED, second, WIRE_ESTABLISHED, WIRE_CLOSE_WAIT,  1, 0, WIRE_PEER_FIN, 0}, \
	{COUNTED, second, WIRE_CLOSE_WAIT,  WIRE_LAST_ACK,    3, WIRE_CALL_CLOSE, CLOSED | WIRE_PEER_FIN, 0}, \
	{COUNTED, first,  WIRE_FIN_WAIT1,   WIRE_FIN_WAIT2,   3, 0, WIRE_ORPHAN, 0}, \
	{KEPT,    first,  WIRE_TIME_WAIT,   WIRE_MINI_BORN,   0, 0, 0, 0}, \
	{COUNTED, first,  WIRE_FIN_WAIT2,   WIRE_CLOSE,       3, 0, WIRE_ORPHAN | WIRE_PEER_FIN, 0}, \
	{COUNTED, second, WIRE_LAST_ACK,    WIRE_CLOSE,       3, 0, WIRE_ORPHAN | WIRE_PEER_FIN, 0}, \
	{LAST}

#define ORPHANED(first, second) \
	{COUNTED, first,  WIRE_ESTABLISHED, WIRE_FIN_WAIT1,   3, WIRE_CALL_CLOSE, CLOSED, 0}, \
	{COUNTED, second, WIRE_ESTABLISHED, WIRE_CLOSE_WAIT,  1, 0, WIRE_PEER_FIN, 0}, \
	{COUNTED, first,  WIRE_FIN_WAIT1,   WIRE_FIN_WAIT2,   3, 0, WIRE_ORPHAN, 0}, \
	{KEPT,    first,  WIRE_FIN_WAIT2,   WIRE_MINI_BORN,   0, 0, 0, 0}, \
	{COUNTED, first,  WIRE_FIN_WAIT2,   WIRE_CLOSE,       3, 0, WIRE_ORPHAN, 0}, \
	{COUNTED, second, WIRE_CLOSE_WAIT,  WIRE_LAST_ACK,    3, WIRE_CALL_CLOSE, CLOSED | WIRE_PEER_FIN, 0}, \
	{KEPT,    first,  WIRE_TIME_WAIT,   WIRE_MINI_SEGMENT, 0, 0, 0, 0}, \
	{COUNTED, second, WIRE_LAST_ACK,    WIRE_CLOSE,       3, 0, WIRE_ORPHAN | WIRE_PEER_FIN, 0}, \
	{LAST}

#define RESETS(first, second) \
	{RESET,   first,  WIRE_ESTABLISHED, 0,                0, 0, 0, 0}, \
	{COUNTED, first,  WIRE_ESTABLISHED, WIRE_CLOSE,       3, WIRE_CALL_CLOSE, CLOSED | WIRE_LINGER_0, 0}, \
	{COUNTED, second, WIRE_ESTABLISHED, WIRE_CLOSE,       3, 0, 0, 104}, \
	{LAST}

static const struct step client_closes[] = {OPENS, CLOSES(CLIENT, SERVER)};
static const struct step server_closes[] = {OPENS, CLOSES(SERVER, CLIENT)};
static const struct step client_leaves[] = {OPENS, ORPHANED(CLIENT, SERVER)};
static const struct step client_resets[] = {OPENS, RESETS(CLIENT, SERVER)};
static const struct step client_elsewhere[] = {
	{REQUEST, SERVER, 0,                WIRE_MINI_BORN,   0, 0, 0, 0},
	{EDGE,    SERVER, WIRE_LISTEN,      WIRE_SYN_RECV,    0, 0, 0, 0},
	{REQUEST, SERVER, 0,                WIRE_MINI_STOPPED, 0, 0, 0, 0},
	{EDGE,    SERVER, WIRE_SYN_RECV,    WIRE_ESTABLISHED, 0, 0, 0, 0},
	{COUNTED, SERVER, WIRE_ESTABLISHED, WIRE_CLOSE_WAIT,  1, 0, WIRE_PEER_FIN, 0},
	{COUNTED, SERVER, WIRE_CLOSE_WAIT,  WIRE_LAST_ACK,    3, WIRE_CALL_CLOSE, CLOSED | WIRE_PEER_FIN, 0},
	{COUNTED, SERVER, WIRE_LAST_ACK,    WIRE_CLOSE,       3, 0, WIRE_ORPHAN | WIRE_PEER_FIN, 0},
	{LAST}
};
/* clang-format on */

static const struct step *const scripts[] = {
	client_closes, server_closes, client_closes, client_resets, client_closes,
	server_closes, client_leaves, client_closes, server_closes, client_elsewhere,
};

#define SCRIPTS (sizeof(scripts) / sizeof(scripts[0]))

static const struct step *step_of(const struct records_life *life)
{
	return &scripts[life->number % SCRIPTS][life->step];
}

/* --- what a connection is, by its number ---------------------------------------------------------- */

/* Sockets are reused at once, timewait sockets when they are over. */
static uint64_t sk_of(uint64_t place, enum side side)
{
	return UINT64_C(0xffff888100000000) + (place * 2 + side) * 2432;
}

static uint64_t request_at(uint64_t place)
{
	return UINT64_C(0xffff888200000000) + place * 320;
}

static uint64_t kept_at(uint64_t number)
{
	return UINT64_C(0xffff888400000000) + number * 256;
}

struct address {
	uint8_t bytes[16];
	uint16_t port;
};

static struct address v4(uint32_t host, uint16_t port)
{
	return (struct address){{[10] = 0xff,
				 0xff,
				 (uint8_t)(host >> 24),
				 (uint8_t)(host >> 16),
				 (uint8_t)(host >> 8),
				 (uint8_t)host},
				port};
}

/* Each address of 127/8 has its own ports. */
static struct address address_of(uint64_t number, enum side side)
{
	if (side == CLIENT)
		return v4(0x7f000001, (uint16_t)(32768 + number % 28000));
	return v4(0x7f000001 + (uint32_t)(number / 28000), SERVER_PORT);
}

static uint32_t first_seq(uint64_t number, enum side side)
{
	return (uint32_t)(number * 2654435761U + side * 40503);
}

/* --- records -------------------------------------------------------------------------------------- */

static void begin(struct records *records, size_t size, enum wire_type type,
		  enum wire_program program, uint32_t cpu)
{
	records->now_ns += STEP_NS;
	memset(&records->record, 0, size);
	records->record.hdr = (struct wire_hdr){
		.size = (uint16_t)size,
		.type = (uint8_t)type,
		.program = (uint8_t)program,
		.cpu = cpu,
		.seq = records->seqs[cpu][program]++,
		.ktime_ns = records->now_ns,
	};
}

static void fill_actor(enum side side, __u64 *ret_cgroup, __u32 *ret_pid, char *ret_comm)
{
	*ret_cgroup = 4711;
	*ret_pid = side == CLIENT ? 100 : 200;
	memcpy(ret_comm, side == CLIENT ? "client" : "server", 6);
}

static void fill_edge(struct wire_state *state, const struct step *step, uint64_t number,
		      uint64_t place)
{
	struct address local = address_of(number, step->side);
	struct address remote = address_of(number, !step->side);

	memcpy(state->local_addr, local.bytes, 16);
	memcpy(state->remote_addr, remote.bytes, 16);
	state->sk = sk_of(place, step->side);
	state->cookie = step->from == WIRE_LISTEN ? 0 : number * 2 + step->side + 1;
	state->local_port = step->to == WIRE_SYN_SENT ? 0 : local.port;
	state->remote_port = remote.port;
	state->netns = NETNS;
	state->snd_una = first_seq(number, step->side);
	state->rcv_nxt = first_seq(number, !step->side);
	state->fin_time_ms =
		step->from == WIRE_FIN_WAIT1 || step->from == WIRE_FIN_WAIT2 ? WAIT_MS : 0;
	state->err = step->err;
	state->flags = step->flags;
	state->from = step->from;
	state->to = step->to;
	state->family = AF_INET;
	state->shutdown = step->shutdown;
	state->call = step->call;
}

/* What is not told of every edge stands behind it. */
static size_t add_counts(struct records_edge *edge)
{
	const struct wire_counts counts = {
		.bytes_sent = 1000,
		.bytes_received = 1000,
		.segs_out = 4,
		.segs_in = 4,
		.srtt_us = 9,
		.snd_wnd = 65536,
		.retries = 8,
	};

	memcpy(edge->parts, &counts, sizeof(counts));
	return sizeof(counts);
}

static size_t add_actor(struct records_edge *edge, size_t at, enum side side)
{
	struct wire_actor actor = {0};

	fill_actor(side, &actor.cgroup, &actor.pid, actor.comm);
	memcpy(edge->parts + at, &actor, sizeof(actor));
	return sizeof(actor);
}

static void make_edge(struct records *records, const struct step *step, uint64_t number,
		      uint64_t place)
{
	struct records_edge *edge = &records->record.edge;
	bool counted = step->what == COUNTED;
	size_t parts = 0;

	begin(records, sizeof(*edge), counted ? WIRE_COUNTED : WIRE_STATE, WIRE_BY_TRACE,
	      place % 2);
	fill_edge(&edge->state, step, number, place);
	if (counted)
		parts += add_counts(edge);
	if (step->flags & WIRE_ACTOR)
		parts += add_actor(edge, parts, step->side);
	edge->state.hdr.size = (uint16_t)(sizeof(edge->state) + parts);
}

static void make_reset(struct records *records, const struct step *step, uint64_t number,
		       uint64_t place)
{
	struct address local = address_of(number, step->side);
	struct address remote = address_of(number, !step->side);
	struct wire_reset *reset = &records->record.reset;

	begin(records, sizeof(*reset), WIRE_RESET, WIRE_BY_RESET, place % 2);
	memcpy(reset->local_addr, local.bytes, 16);
	memcpy(reset->remote_addr, remote.bytes, 16);
	reset->sk = sk_of(place, step->side);
	reset->cookie = number * 2 + step->side + 1;
	reset->local_port = local.port;
	reset->remote_port = remote.port;
	reset->netns = NETNS;
	reset->reason = WIRE_RESET_STATE;
	reset->state = step->from;
}

static void make_mini(struct records *records, uint64_t mini, const struct step *step,
		      uint64_t number, uint64_t place)
{
	struct address local = address_of(number, step->side);
	struct address remote = address_of(number, !step->side);
	struct wire_mini *record = &records->record.mini;

	begin(records, sizeof(*record), WIRE_MINI, WIRE_BY_MINI, place % 2);
	memcpy(record->local_addr, local.bytes, 16);
	memcpy(record->remote_addr, remote.bytes, 16);
	record->mini = mini;
	record->local_port = local.port;
	record->remote_port = remote.port;
	record->netns = NETNS;
	record->snd_una = first_seq(number, step->side);
	record->rcv_nxt = first_seq(number, !step->side);
	record->what = step->to;
	record->flags = step->flags;
	record->family = AF_INET;
	record->pid = step->flags & WIRE_ACTOR ? 100 : 0;
}

static void make_request(struct records *records, const struct step *step, uint64_t number,
			 uint64_t place)
{
	make_mini(records, request_at(place), step, number, place);
	records->record.mini.state = WIRE_NEW_SYN_RECV;
	records->record.mini.left_ms = 1000;
}

static void make_kept(struct records *records, const struct step *step, uint64_t number,
		      uint64_t place)
{
	make_mini(records, kept_at(number), step, number, place);
	records->record.mini.cookie = number * 2 + step->side + 1;
	records->record.mini.state = step->from;
	records->record.mini.left_ms = WAIT_MS;
	records->record.mini.segment = step->to == WIRE_MINI_SEGMENT ? 0x11 : 0; /* FIN, ACK */
}

static void make_step(struct records *records, const struct step *step, uint64_t number,
		      uint64_t place)
{
	switch (step->what) {
	case EDGE:
	case COUNTED:
		make_edge(records, step, number, place);
		break;
	case REQUEST:
		make_request(records, step, number, place);
		break;
	case KEPT:
		make_kept(records, step, number, place);
		break;
	case RESET:
		make_reset(records, step, number, place);
		break;
	case LAST:
		break;
	}
}

/* --- the storm ------------------------------------------------------------------------------------ */

void records_init(struct records *records, uint64_t number)
{
	*records = (struct records){.now_ns = 1000000000, .begun = number};
	for (unsigned int place = 0; place < RECORDS_WIDTH; place++)
		records->lives[place] = (struct records_life){records->begun++, 0};
}

/* Whose TIME_WAIT it is. */
static enum side waits(uint64_t number)
{
	return scripts[number % SCRIPTS] == server_closes ? SERVER : CLIENT;
}

/* The oldest TIME_WAIT is over. */
static const struct wire_hdr *expire(struct records *records)
{
	uint64_t number = records->waiting[records->wait_first];
	const struct step over = {KEPT, waits(number), WIRE_TIME_WAIT, WIRE_MINI_EXPIRED, 0, 0, 0,
				  0};

	records->wait_first = (records->wait_first + 1) % RECORDS_WAITING;
	records->wait_count--;
	make_step(records, &over, number, number % RECORDS_WIDTH);
	records->record.mini.left_ms = 0;
	return &records->record.hdr;
}

static void note_wait(struct records *records, uint64_t number)
{
	records->waiting[(records->wait_first + records->wait_count++) % RECORDS_WAITING] = number;
}

const struct wire_hdr *records_next(struct records *records)
{
	unsigned int place = records->turn;
	struct records_life *life = &records->lives[place];
	const struct step *step = step_of(life);

	if (records->wait_count == RECORDS_WAITING)
		return expire(records);
	records->turn = (place + 1) % RECORDS_WIDTH;
	make_step(records, step, life->number, place);
	if (step->what == KEPT && step->to == WIRE_MINI_BORN)
		note_wait(records, life->number);
	life->step++;
	if (step_of(life)->what == LAST)
		*life = (struct records_life){records->begun++, 0};
	return &records->record.hdr;
}

const struct wire_hdr *records_hooks(struct records *records)
{
	begin(records, sizeof(records->record.hooks), WIRE_HOOKS, WIRE_BY_TRACE, 0);
	records->seqs[0][WIRE_BY_TRACE]--; /* it has no number of its own */
	records->record.hooks.hooks = WIRE_HOOK_TIMEWAIT | WIRE_HOOK_SEGMENTS | WIRE_HOOK_REQUESTS |
				      WIRE_HOOK_SNAPSHOT | WIRE_HOOK_OWNERS | WIRE_HOOK_RESETS;
	return &records->record.hdr;
}

const struct wire_hdr *records_listener(struct records *records)
{
	static const struct step listens = {EDGE, SERVER,	    WIRE_CLOSE, WIRE_LISTEN,
					    0,	  WIRE_CALL_LISTEN, CALLED,	0};
	struct wire_state *state = &records->record.edge.state;

	make_edge(records, &listens, 0, 0);
	state->sk = UINT64_C(0xffff888000000000);
	memset(state->local_addr + 12, 0, 4);
	memset(state->remote_addr + 12, 0, 4);
	state->remote_port = 0;
	return &records->record.hdr;
}

const struct wire_hdr *records_open(struct records *records, uint64_t number, int client)
{
	const struct step found =
		{EDGE, client ? CLIENT : SERVER, WIRE_NO_STATE, WIRE_ESTABLISHED, 0, 0, 0, 0};
	struct wire_hdr *hdr = &records->record.hdr;

	make_edge(records, &found, number, number + RECORDS_WIDTH);
	records->seqs[hdr->cpu][WIRE_BY_TRACE]--;
	hdr->type = WIRE_FOUND;
	hdr->program = WIRE_BY_SNAPSHOT;
	hdr->seq = records->seqs[hdr->cpu][WIRE_BY_SNAPSHOT]++;
	return hdr;
}

const struct wire_hdr *records_holder(struct records *records, uint64_t number, int client)
{
	struct wire_holder *holder = &records->record.holder;

	begin(records, sizeof(*holder), WIRE_HOLDER, WIRE_BY_SNAPSHOT, number % 2);
	holder->sk = sk_of(number + RECORDS_WIDTH, client ? CLIENT : SERVER);
	fill_actor(client ? CLIENT : SERVER, &holder->cgroup, &holder->pid, holder->comm);
	return &records->record.hdr;
}

const struct wire_hdr *records_waiting(struct records *records, uint64_t number)
{
	const struct step found = {KEPT, SERVER, WIRE_TIME_WAIT, WIRE_MINI_FOUND, 0, 0, 0, 0};

	make_step(records, &found, number, number % RECORDS_WIDTH);
	return &records->record.hdr;
}
