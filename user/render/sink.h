/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sink: where changes go. Each form of output is one file behind this interface, and none knows of
 * another. A sink embeds a struct sink as its first member.
 */
#ifndef RENDER_SINK_H
#define RENDER_SINK_H

#include "core/change.h"

struct sink {
	/* A change; what it points to is valid during the call only. */
	void (*change)(struct sink *sink, const struct change *change);
	/* It is NOW_NS: give up waiting for what should have come by now. May be NULL. */
	void (*tick)(struct sink *sink, uint64_t now_ns);
	/* When `tick` is next wanted; UINT64_MAX: not at all. May be NULL. */
	uint64_t (*due_ns)(const struct sink *sink);
	/* The trace ends: print what is held. May be NULL. */
	void (*finish)(struct sink *sink);
	/* Gives back its memory, itself included. */
	void (*destroy)(struct sink *sink);
};

#endif
