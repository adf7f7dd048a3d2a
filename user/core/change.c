// SPDX-License-Identifier: GPL-2.0-only
#include "core/change.h"

bool change_is_of_minisock(const struct change *change)
{
	return change->kind == CHANGE_MINI || change->kind == CHANGE_INFERRED ||
	       (change->kind == CHANGE_FOUND && change->cause.keeps) ||
	       change->to == WIRE_NEW_SYN_RECV;
}

bool change_leaves_minisock(const struct change *change)
{
	return change->to == WIRE_CLOSE && change->cause.keeps;
}
