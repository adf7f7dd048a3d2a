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

/* Appends "name[pid]", the name escaped, or "-" for an owner that is not known; of the kernel's own sockets
 * "name[pid] (kernel)". */
void words_owner(struct text *text, const struct owner *owner);

/* Appends ", container 0123456789ab" where CGROUP, a path, names one. */
void words_container(struct text *text, const char *cgroup);

/* Appends "uid 0, /system.slice/nginx.service, learnt by accept": what is known of these. The path takes at most
 * COLUMNS. */
void words_owner_more(struct text *text, const struct owner *owner, const char *cgroup,
		      size_t columns);

/* The longest text of words_clock(). */
#define WORDS_CLOCK_LEN 800

/* Appends the name of a host, escaped. */
void words_host(struct text *text, const char *host);

/* Appends how far the clocks of two hosts are apart, how sure that is, and by what. */
void words_clock(struct text *text, const struct host_clock *clock);

/* Appends BYTES, which came from outside, in at most COLUMNS, which are more than 3; "..." where they are cut. */
void words_cut(struct text *text, const char *bytes, size_t columns);

/* How long a timer runs that was read when it had just been set, perhaps some jiffies ago: MS in seconds, to the nearest. */
uint32_t words_seconds(uint32_t ms);

/* Appends "SIGINT", or the number of a signal without a name. */
void words_signal(struct text *text, uint8_t signal);

/* Appends what is to be said beside a step, or nothing: who closed it, what is waited for, what was
 * missed. */
void words_note(struct text *text, const struct change *change);

/* Appends why a step was made, in the words that no state name says, or nothing. */
void words_cause(struct text *text, const struct change *change);

/* Appends "name[pid]", the name escaped, or "-" for 0. */
void words_process(struct text *text, const char *comm, uint32_t pid);

/* Appends "EHOSTUNREACH". */
void words_errno(struct text *text, uint16_t err);

/* Appends why a RST was sent: "99 bytes unread"; nothing where the cause is all that is known. */
void words_why(struct text *text, const struct cause *cause);

/* Appends what ran out of time: "keepalive, 3 probes". Returns false where it was no timeout that can be named. */
bool words_timeout(struct text *text, const struct cause *cause);

/* Appends the line that closes a connection. */
void words_verdict(const struct style *style, struct text *text, const struct conn *conn,
		   uint64_t now_ns);

#endif
