// SPDX-License-Identifier: GPL-2.0-only
#include "sound.h"

#include "make.h"

void sound_conn(const struct conn *conn)
{
	assert_true(conn->ends[SIDE_CLIENT] || conn->ends[SIDE_SERVER]);
	for (uint8_t side = 0; side < 2; side++) {
		if (!conn->ends[side])
			continue;
		assert_ptr_equal(conn->ends[side]->conn, conn);
		assert_int_equal(conn->ends[side]->side, side);
	}
}

/* Each entry is its connection's, and none is due before the one above it. */
static void check_due(const struct due *due, uint32_t waiting)
{
	assert_int_equal(due->count, waiting);
	for (uint32_t slot = 1; slot <= due->count; slot++) {
		assert_int_equal(due->entries[slot].conn->due_slot, slot);
		assert_true(due->entries[slot / 2].when_ns <= due->entries[slot].when_ns);
	}
}

/* What is held of CONN speaks of CONN and its ends, which live. Returns how many changes it is. */
static uint32_t check_held(const struct conn *conn)
{
	const struct held_change *held = conn->held;
	uint32_t count = 0;

	for (; held && (!count || held != conn->held); count++) {
		held = held->next;
		assert_ptr_equal(held->change.conn, conn);
		if (held->change.end)
			assert_ptr_equal(conn->ends[held->change.end->side], held->change.end);
	}
	if (count)
		assert_int_equal(conn->selection, SELECTION_HELD);
	return count;
}

/* An end that can be found is found, by its address or hidden behind a younger one. */
static void check_indexes(const struct table *table, const struct endpoint *end)
{
	const struct endpoint *at = table_at(table, end->address);

	if (at)
		assert_int_equal(at->address, end->address);
	if (end->in_pairs && end->keeps)
		assert_non_null(table_timewait(table, end->netns, &end->local, &end->remote));
	if (end->in_pairs && end->state == WIRE_NEW_SYN_RECV)
		assert_non_null(table_request(table, end->netns, &end->local, &end->remote));
	if (past_of(end)->ending)
		assert_true(end->conn->due_slot);
}

/* A subject has as many ends as it says, each of them alive and its own. Returns how many these are. */
static uint32_t check_subjects(const struct tracker *tracker)
{
	const struct subject *subject;
	uint32_t subjects = 0, ends = 0;

	for (subject = tracker->findings.subjects.oldest; subject; subject = subject->newer) {
		const struct endpoint *end = subject->oldest, *last = NULL;
		uint64_t count = 0;

		for (; end; last = end, end = end->past->held.newer, count++) {
			assert_ptr_equal(end->past->held.subject, subject);
			assert_ptr_equal(end->past->held.older, last);
			assert_ptr_equal(end->conn->ends[end->side], end);
			assert_int_equal(end->conn->selection, SELECTION_SHOWN);
		}
		assert_ptr_equal(subject->newest, last);
		if (count)
			assert_int_equal(subject->count, count);
		ends += (uint32_t)count;
		subjects++;
	}
	assert_int_equal(subjects, tracker->findings.subjects.used);
	return ends;
}

void sound_tracker(const struct tracker *tracker)
{
	const struct table *table = &tracker->table;
	uint32_t conns = 0, command_open = 0, held = 0, waiting = 0, subjected = 0;
	uint32_t ends = 0;

	for (enum conn_list list = 0; list < LISTS; list++) {
		uint32_t before = conns;

		for (const struct conn *conn = table->lists[list].oldest; conn;
		     conn = conn->newer) {
			conns++;
			sound_conn(conn);
			held += check_held(conn);
			waiting += conn->due_slot != 0;
			assert_int_equal(conn->list, list);
			assert_int_equal(conn_is_over(conn), list == LIST_DONE);
			assert_true(list != LIST_DONE || conn->due_slot);
			for (int side = 0; side < 2; side++) {
				if (!conn->ends[side])
					continue;
				ends++;
				command_open += conn->ends[side]->awaited;
				subjected += past_of(conn->ends[side])->held.subject != NULL;
				check_indexes(table, conn->ends[side]);
			}
		}
		assert_int_equal(table->lists[list].count, conns - before);
	}
	check_due(&tracker->due, waiting);
	assert_int_equal(check_subjects(tracker), subjected);
	assert_int_equal(held, tracker->held.items);
	assert_int_equal(conns, table->conns.items);
	assert_int_equal(ends, table->endpoints.items);
	assert_true(conns <= table->capacity);
	assert_true(held <= tracker->held_capacity);
	assert_int_equal(tracker->command_open, command_open);
}
