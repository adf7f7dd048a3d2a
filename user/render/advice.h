/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * advice: findings in words: what is, and what to do about it. The man page says more of each.
 */
#ifndef RENDER_ADVICE_H
#define RENDER_ADVICE_H

#include "base/text.h"
#include "core/finding.h"
#include "render/style.h"

/* Room for either of the texts below. */
#define ADVICE_TEXT_LEN 768

/* Appends "CODE (LEVEL): " and one sentence. */
void advice_finding(struct text *text, const struct finding *finding);

/* That sentence alone. */
void advice_sentence(struct text *text, const struct finding *finding);

/* "note", "warning" or "trouble". */
const char *advice_level_name(enum finding_level level);

/* Appends what it means and what to do, in a few sentences; nothing where that was said and need not be again. */
void advice_add(struct text *text, const struct finding *finding);

/* The colour of a level. */
enum meaning advice_meaning(enum finding_level level);

#endif
