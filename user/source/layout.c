// SPDX-License-Identifier: GPL-2.0-only
#include "source/layout.h"

#include "wire.h"

/* How many fields of which width stand one behind the other. */
#define HDR(F)	      F(1, 2) F(2, 1) F(1, 4) F(2, 8)
#define STATE(F)      HDR(F) F(2, 8) F(32, 1) F(2, 2) F(6, 4) F(2, 2) F(8, 1)
#define PROCESS(F)    HDR(F) F(2, 4)
#define MINI(F)	      HDR(F) F(2, 8) F(32, 1) F(2, 2) F(5, 4) F(1, 2) F(22, 1)
#define HOLDER(F)     HDR(F) F(2, 8) F(2, 4) F(16, 1)
#define COUNTED(F)    STATE(F) F(2, 8) F(8, 4)
#define ACTOR(F)      F(1, 8) F(2, 4) F(16, 1)
#define OWNER(F)      HDR(F) F(3, 8) F(2, 4) F(1, 2) F(22, 1)
#define RESET(F)      HDR(F) F(2, 8) F(32, 1) F(2, 2) F(1, 4) F(8, 1)
#define RESENT(F)     HDR(F) F(2, 8) F(4, 1) F(1, 4)
#define OVERFLOWED(F) HDR(F) F(2, 8) F(16, 1) F(2, 2) F(3, 4)
#define LIMITS(F)     HDR(F) F(1, 4) F(2, 2) F(2, 4) F(8, 1)
#define BIND(F)	      HDR(F) F(2, 8) F(16, 1) F(2, 2) F(3, 4) F(1, 2) F(22, 1)
#define TOTALS(F)     HDR(F) F(2, 8)
#define HOOKS(F)      HDR(F) F(2, 4)
#define NAME(F)	      HDR(F) F(1, 8) F(WIRE_NAME_LEN, 1)
#define HEAD(F)	      F(2, 4) F(16, 1) F(2, 4) F(2, 8) F(72, 1)

struct counted {
	struct wire_state state;
	struct wire_counts counts;
};

/* What each type of record begins with, and as which struct. */
#define TYPES(X)                                                                                   \
	X(WIRE_STATE, STATE, wire_state)                                                           \
	X(WIRE_FORK, PROCESS, wire_process)                                                        \
	X(WIRE_EXIT, PROCESS, wire_process)                                                        \
	X(WIRE_MINI, MINI, wire_mini)                                                              \
	X(WIRE_FOUND, STATE, wire_state)                                                           \
	X(WIRE_HOLDER, HOLDER, wire_holder)                                                        \
	X(WIRE_COUNTED, COUNTED, counted)                                                          \
	X(WIRE_OWNER, OWNER, wire_owner)                                                           \
	X(WIRE_RESET, RESET, wire_reset)                                                           \
	X(WIRE_RESENT, RESENT, wire_resent)                                                        \
	X(WIRE_OVERFLOW, OVERFLOWED, wire_overflow)                                                \
	X(WIRE_LIMITS, LIMITS, wire_limits)                                                        \
	X(WIRE_BIND, BIND, wire_bind)                                                              \
	X(WIRE_TICK, HDR, wire_hdr)                                                                \
	X(WIRE_ELSEWHERE, HDR, wire_hdr)                                                           \
	X(WIRE_BEFORE, HDR, wire_hdr)                                                              \
	X(WIRE_TOTALS, TOTALS, wire_totals)                                                        \
	X(WIRE_HOOKS, HOOKS, wire_hooks)                                                           \
	X(WIRE_CGROUP, NAME, wire_name)                                                            \
	X(WIRE_CMDLINE, NAME, wire_name)

struct fields {
	uint16_t count;
	uint16_t width; /* 0: no more */
};

#define FIELDS_MAX 16

/* NOLINTNEXTLINE(bugprone-macro-parentheses): one more term */
#define BYTES(count, width) +(count) * (width)
#define WHOLE(type, layout, name)                                                                  \
	_Static_assert(0 layout(BYTES) == sizeof(struct name), #name " is not as its layout");
TYPES(WHOLE)
WHOLE(0, ACTOR, wire_actor)
WHOLE(0, HEAD, head)

#define FIELDS(count, width)	   {count, width},
#define LAYOUT(type, layout, name) [type] = {layout(FIELDS)},

static const struct fields layouts[][FIELDS_MAX] = {TYPES(LAYOUT)};
static const struct fields hdr_layout[FIELDS_MAX] = {HDR(FIELDS)};
static const struct fields actor_layout[FIELDS_MAX] = {ACTOR(FIELDS)};
static const struct fields head_layout[FIELDS_MAX] = {HEAD(FIELDS)};

static void swap_field(unsigned char *at, unsigned int width)
{
	for (unsigned int i = 0; i < width / 2; i++) {
		unsigned char byte = at[i];

		at[i] = at[width - 1 - i];
		at[width - 1 - i] = byte;
	}
}

static size_t size_of(const struct fields *fields)
{
	size_t size = 0;

	for (unsigned int i = 0; i < FIELDS_MAX && fields[i].width; i++)
		size += (size_t)fields[i].count * fields[i].width;
	return size;
}

/* Returns where they end. */
static unsigned char *swap(const struct fields *fields, unsigned char *at)
{
	for (unsigned int i = 0; i < FIELDS_MAX && fields[i].width; i++)
		for (unsigned int n = 0; n < fields[i].count; n++, at += fields[i].width)
			swap_field(at, fields[i].width);
	return at;
}

void layout_swap_record(void *record, size_t size)
{
	uint8_t type = ((const struct wire_hdr *)record)->type;
	const struct fields *fields = hdr_layout;
	unsigned char *end;

	if (type < sizeof(layouts) / sizeof(layouts[0]) && layouts[type][0].width &&
	    size >= size_of(layouts[type]))
		fields = layouts[type];
	end = swap(fields, record);
	if ((type == WIRE_STATE || type == WIRE_COUNTED) &&
	    end + size_of(actor_layout) == (unsigned char *)record + size)
		swap(actor_layout, end);
}

void layout_swap_head(struct head *head)
{
	swap(head_layout, (unsigned char *)head);
}
