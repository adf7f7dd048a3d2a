// SPDX-License-Identifier: GPL-2.0-only
#include "core/owner.h"

#include <string.h>

void owner_learn_socket(struct owner *owner, uint32_t uid, bool kernel)
{
	owner->uid = uid;
	owner->uid_known = true;
	owner->kernel = owner->kernel || kernel;
}

static int rank_of(enum owner_source source)
{
	switch (source) {
	case OWNER_UNKNOWN:
		return 0;
	case OWNER_LISTENER:
		return 1;
	case OWNER_CLOSE:
		return 2;
	case OWNER_SNAPSHOT:
	case OWNER_CONNECT:
	case OWNER_LISTEN:
	case OWNER_ACCEPT:
		return 3;
	case OWNER_READ:
	case OWNER_SOURCES:
		break;
	}
	return 4;
}

/* Who came behind him is not told. */
static bool may_be_outdated(const struct owner *owner)
{
	return owner->source == OWNER_READ && owner->reads >= WIRE_OWNER_READS;
}

/* Who reads his own socket is no news, who reads another's is, as often as it is passed on. */
static bool is_news(const struct owner *owner, const struct actor *actor, enum owner_source source)
{
	bool settled = rank_of(owner->source) > rank_of(OWNER_CLOSE);

	if ((source == OWNER_READ && settled) || (source == OWNER_CLOSE && may_be_outdated(owner)))
		return owner->pid != actor->pid;
	return rank_of(source) > rank_of(owner->source);
}

bool owner_learn(struct owner *owner, const struct actor *actor, enum owner_source source)
{
	if (source == OWNER_READ && owner->reads < WIRE_OWNER_READS)
		owner->reads++;
	if (!actor->pid || (actor->kthread && !owner->kernel) || !is_news(owner, actor, source))
		return false;
	owner->source = source;
	owner->pid = actor->pid;
	owner->cgroup = actor->cgroup;
	memcpy(owner->comm, actor->comm, sizeof(owner->comm));
	return true;
}

bool owner_inherit(struct owner *owner, const struct owner *parent)
{
	const struct owner own = *owner;

	if (owner->source != OWNER_UNKNOWN || parent->source == OWNER_UNKNOWN)
		return false;
	*owner = *parent;
	owner->source = OWNER_LISTENER;
	if (own.uid_known)
		owner_learn_socket(owner, own.uid, own.kernel);
	return true;
}

const char *owner_source_name(enum owner_source source)
{
	static const char *const names[OWNER_SOURCES] = {
		[OWNER_UNKNOWN] = "-",	     [OWNER_LISTENER] = "listener",
		[OWNER_CLOSE] = "close",     [OWNER_SNAPSHOT] = "snapshot",
		[OWNER_CONNECT] = "connect", [OWNER_LISTEN] = "listen",
		[OWNER_ACCEPT] = "accept",   [OWNER_READ] = "first read",
	};

	return names[source];
}

const char *owner_source_code(enum owner_source source)
{
#define SOURCE_CODE(name, code) [OWNER_##name] = (code),
	static const char *const codes[OWNER_SOURCES] = {OWNER_SOURCES_KNOWN(SOURCE_CODE)};
#undef SOURCE_CODE

	return codes[source];
}

/* FNV-1a (draft-eastlake-fnv) over the name, above the number. */
uint64_t owner_cmdline_id(uint32_t pid, const char *comm)
{
	uint32_t hash = 2166136261;

	for (unsigned int i = 0; i < WIRE_COMM_LEN && comm[i]; i++)
		hash = (hash ^ (uint8_t)comm[i]) * 16777619;
	return (uint64_t)hash << 32 | pid;
}
