/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * probe: what this kernel gives to BPF programs. Found by trying, never by its version.
 */
#ifndef SOURCE_PROBE_H
#define SOURCE_PROBE_H

#include <stdbool.h>

struct btf;

/* What libbpf has to say goes to log_detail() from now on: with -v. */
void probe_hear_libbpf(void);

/*
 * Loads and attaches the program NAME of bpf/probe.bpf.c, which does nothing, and takes it away again.
 * Returns 0 if that went well, else -errno: -ESRCH is libbpf's for "not in the kernel's BTF", -EINVAL the
 * verifier's for a helper that is not there.
 */
int probe_program(const char *name);

/* Does the same with a program by fentry, far sooner: BTF is the kernel's. */
int probe_fentry(const struct btf *btf);

/* Makes a small ring buffer. Returns 0 or -errno: -EINVAL where there is none (before 5.8). */
int probe_ring_buffer(void);

/* Are we root, or another user with the capabilities that tracing takes, CAP_BPF and CAP_PERFMON? What is refused to such a one
 * is refused by the kernel that it is. */
bool probe_is_entitled(void);

/* Says in one sentence why the tracer's programs could not be loaded, which gave ERR, a -errno. */
void probe_say_why_not(int err);

#endif
