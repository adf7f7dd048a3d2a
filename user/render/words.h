/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * words: causes and verdicts in the words of every text form.
 */
#ifndef RENDER_WORDS_H
#define RENDER_WORDS_H

#include "base/text.h"
#include "core/change.h"
#include "core/verdict.h"
#include "render/style.h"

/* Appends "name[pid]", the name escaped, or "-" for an owner that is not known. */
void words_owner(struct text *text, const struct owner *owner);

/* Appends "SIGINT", or the number of a signal without a name. */
void words_signal(struct text *text, uint8_t signal);

/* Appends what is to be said beside a step, or nothing: who closed it, what is waited for, what was
 * missed. */
void words_note(struct text *text, const struct change *change);

/* Appends the line that closes a connection. */
void words_verdict(const struct style *style, struct text *text, const struct conn *conn,
		   uint64_t now_ns);

#endif
