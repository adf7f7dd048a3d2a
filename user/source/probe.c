// SPDX-License-Identifier: GPL-2.0-only
#include "source/probe.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <cap-ng.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

#include "probe.skel.h"

static int log_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	log_detail_va(format, args);
	return 0;
}

void probe_hear_libbpf(void)
{
	libbpf_set_print(log_libbpf);
}

static int attach(const struct bpf_program *program)
{
	struct bpf_link *link = bpf_program__attach(program);

	if (!link)
		return -errno;
	bpf_link__destroy(link);
	return 0;
}

int probe_program(const char *name)
{
	struct probe *skel = probe__open();
	struct bpf_program *program;
	int err;

	if (!skel)
		return -errno;
	bpf_object__for_each_program(program, skel->obj)
		bpf_program__set_autoload(program, strcmp(bpf_program__name(program), name) == 0);
	err = probe__load(skel);
	if (!err)
		err = attach(bpf_object__find_program_by_name(skel->obj, name));
	probe__destroy(skel);
	return err;
}

/* Any function would do: this one is never inlined, and seldom runs. */
int probe_fentry(const struct btf *btf)
{
	static const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FENTRY);
	__s32 function = btf__find_by_name_kind(btf, "tcp_abort", BTF_KIND_FUNC);
	int program, link;

	if (function < 0)
		return function;
	opts.attach_btf_id = (__u32)function;
	program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "fentry", "Dual BSD/GPL", nothing, 2, &opts);
	if (program < 0)
		return program;
	link = bpf_raw_tracepoint_open(NULL, program);
	close(program);
	if (link < 0)
		return link;
	close(link);
	return 0;
}

int probe_ring_buffer(void)
{
	__u32 page = (__u32)sysconf(_SC_PAGESIZE);
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, NULL, 0, 0, page, NULL);

	if (fd < 0)
		return fd; /* libbpf: -errno */
	close(fd);
	return 0;
}

static bool has_capability(unsigned int capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability) == 1;
}

bool probe_is_entitled(void)
{
	if (geteuid() == 0)
		return true;
	return capng_get_caps_process() == 0 &&
	       (has_capability(CAP_SYS_ADMIN) ||
		(has_capability(CAP_BPF) && has_capability(CAP_PERFMON)));
}

void probe_say_why_not(int err)
{
	if ((err == -EPERM || err == -EACCES) && !probe_is_entitled())
		log_error("tracing needs root: run it with sudo");
	else if (err == -EPERM)
		log_error("BPF programs are refused to root here (%s): by the container's lack of "
			  "CAP_BPF and CAP_PERFMON, a seccomp filter or a security module",
			  strerror(-err));
	else if (err == -ENOSYS)
		log_error("there is no bpf(2) here: the kernel is built without it, or a seccomp "
			  "filter hides it");
	else if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		log_error("this kernel tells no types (/sys/kernel/btf/vmlinux: %s): it must be "
			  "built with CONFIG_DEBUG_INFO_BTF, as Debian's are from 5.10 on",
			  strerror(errno));
	else if (probe_ring_buffer() == -EINVAL)
		log_error("this kernel is too old: it has no BPF ring buffer; 5.10 or newer is "
			  "needed");
	else
		log_error("cannot load the BPF programs: %s (-v shows what the kernel said)",
			  strerror(-err));
}
