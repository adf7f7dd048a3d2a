/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hooks: by which of the kernel's functions or tracepoints minisocks are seen.
 *
 * With fentry only TCP's own functions are hooked. With tracepoints those of all timers are, and kfree_skb,
 * which every kernel since 5.10 has. Both give the same records.
 */
#ifndef SOURCE_HOOKS_H
#define SOURCE_HOOKS_H

#include <stdint.h>

struct btf;
struct tcpstate;

enum hooks {
	HOOKS_AUTO, /* the first of the following that this kernel has */
	HOOKS_FENTRY,
	HOOKS_TRACEPOINT,
	HOOKS_NONE, /* minisocks are not seen */
};

/* The name as --hooks has it. */
const char *hooks_name(enum hooks hooks);

/* Chooses the programs of SKEL that are to be loaded and attached. BTF: the kernel's, NULL: it has none, and nothing
 * loads. */
void hooks_configure(struct tcpstate *skel, enum hooks hooks, const struct btf *btf);

/* Between load and attach: has the programs know what they must know of this kernel. Returns 0, or -errno
 * when it cannot be found. */
int hooks_prepare(struct tcpstate *skel, enum hooks hooks);

/* What they see: enum wire_hook. */
uint32_t hooks_see(enum hooks hooks);

#endif
