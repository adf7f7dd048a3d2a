/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * accept: what an HTTP client wants, by its header Accept (RFC 9110, section 12.5.1). It comes from outside: whatever is in it,
 * there is an answer.
 */
#ifndef BASE_ACCEPT_H
#define BASE_ACCEPT_H

/* How much ACCEPT wants TYPE ("text/plain") with VERSION as its parameter of that name: 0, not at all, to 1000. A range
 * without a version takes any. What names the type counts before what names its first half, and that before all types. An
 * ACCEPT of NULL takes everything. */
unsigned int accept_weight(const char *accept, const char *type, const char *version);

#endif
