/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bind_words: why a port was not to be had, and what would help, in the words of every text form.
 */
#ifndef RENDER_BIND_WORDS_H
#define RENDER_BIND_WORDS_H

#include "core/change.h"

/* Takes a line, which is valid during the call. Those below the first begin with blanks. */
typedef void say_line_fn(void *ctx, const char *line);

/* Says to SAY with CTX who has the port, and what would let the bind() succeed. */
void bind_words(const struct in_use *in_use, say_line_fn *say, void *ctx);

/* ... by what the ports that connect() chooses from are used up. */
void bind_words_used_up(const struct used_up *used_up, say_line_fn *say, void *ctx);

/* CHANGE_BIND or CHANGE_NO_PORT: one of the two. */
void bind_words_change(const struct change *change, say_line_fn *say, void *ctx);

#endif
