// SPDX-License-Identifier: GPL-2.0-only
#include "core/subject.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct subject_key) == 18 + 2 + 16 + 2 + 2 + 4 + 4, "a key has a hole");

int subjects_init(struct subjects *subjects)
{
	*subjects = (struct subjects){.pool = calloc(SUBJECTS_MAX, sizeof(*subjects->pool))};
	return subjects->pool ? 0 : -ENOMEM;
}

void subjects_fini(struct subjects *subjects)
{
	free(subjects->pool);
	*subjects = (struct subjects){0};
}

struct subject_key subject_key_of(const struct endpoint *end, enum finding_code code)
{
	bool server = end->side == SIDE_SERVER;

	return (struct subject_key){
		.at = server ? end->local : end->remote,
		.code = (uint16_t)code,
		.server = server,
		.netns = end->netns,
	};
}

/* FNV-1a. */
static struct subject **bucket_of(struct subjects *subjects, const struct subject_key *key)
{
	const unsigned char *bytes = (const unsigned char *)key;
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < sizeof(*key); i++)
		hash = (hash ^ bytes[i]) * 16777619U;
	return &subjects->buckets[hash % SUBJECT_BUCKETS];
}

/* --- by when they were last heard of ------------------------------------------------------------- */

static void unlink_subject(struct subjects *subjects, struct subject *subject)
{
	*(subject->older ? &subject->older->newer : &subjects->oldest) = subject->newer;
	*(subject->newer ? &subject->newer->older : &subjects->newest) = subject->older;
}

static void link_newest(struct subjects *subjects, struct subject *subject)
{
	subject->newer = NULL;
	subject->older = subjects->newest;
	*(subjects->newest ? &subjects->newest->newer : &subjects->oldest) = subject;
	subjects->newest = subject;
}

static void forget(struct subjects *subjects, struct subject *subject)
{
	struct subject **link = bucket_of(subjects, &subject->key);

	while (subject->oldest)
		subject_leave(subject->oldest);
	while (*link != subject)
		link = &(*link)->next;
	*link = subject->next;
	unlink_subject(subjects, subject);
}

static struct subject *make(struct subjects *subjects, const struct subject_key *key)
{
	struct subject **bucket = bucket_of(subjects, key);
	struct subject *subject = subjects->oldest;

	if (subjects->used < SUBJECTS_MAX)
		subject = &subjects->pool[subjects->used++];
	else
		forget(subjects, subject);
	*subject = (struct subject){.key = *key, .next = *bucket};
	*bucket = subject;
	link_newest(subjects, subject);
	return subject;
}

struct subject *subject_of(struct subjects *subjects, const struct subject_key *key)
{
	struct subject *subject = *bucket_of(subjects, key);

	while (subject && memcmp(&subject->key, key, sizeof(*key)) != 0)
		subject = subject->next;
	if (!subject)
		return make(subjects, key);
	unlink_subject(subjects, subject);
	link_newest(subjects, subject);
	return subject;
}

bool subject_has_grown(const struct subject *subject)
{
	return subject->count >= 2 * subject->told_count;
}

/* --- the ends that belong to one ----------------------------------------------------------------- */

void subject_join(struct subject *subject, struct endpoint *end)
{
	struct endpoint *newest = subject->newest;
	struct held_end *held = &end->past->held;

	held->subject = subject;
	held->newer = NULL;
	held->older = newest;
	*(newest ? &newest->past->held.newer : &subject->oldest) = end;
	subject->newest = end;
	subject->count++;
}

void subject_leave(struct endpoint *end)
{
	struct held_end *held = end->past ? &end->past->held : NULL;
	struct subject *subject = held ? held->subject : NULL;

	if (!subject)
		return;
	*(held->older ? &held->older->past->held.newer : &subject->oldest) = held->newer;
	*(held->newer ? &held->newer->past->held.older : &subject->newest) = held->older;
	held->subject = NULL;
	subject->count--;
}
