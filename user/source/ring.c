// SPDX-License-Identifier: GPL-2.0-only
#include "source/ring.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/number.h"
#include "source/capacity.h"
#include "source/probe.h"
#include "wire.h"

#include "tcpstate.skel.h"

/* With a namespace filter: connections whose other end may be elsewhere on this host. */
#define MIRRORED_MAX 65536

/* What kernels may lack, and tracing can do without. */
struct extras {
	bool cookies;
	bool actors;
	bool snapshot;
	bool found; /* by trying each; else they are hoped for */
};

struct ring {
	struct tcpstate *skel;
	struct extras extras;
	struct btf *btf; /* the kernel's, while programs are loaded; NULL: none */
	struct ring_buffer *buffer;
	struct wire_counters *counters;
	size_t counters_bytes;
	unsigned int cpus;
	enum hooks hooks;
	take_record_fn *take; /* these three during ring_read() */
	void *ctx;
	int taken;
};

/* The clock tick, which no header tells: jiffies are in it. CLOCK_REALTIME_COARSE advances once a tick. */
static uint32_t kernel_hz(void)
{
	struct timespec tick;

	if (clock_getres(CLOCK_REALTIME_COARSE, &tick) != 0 || tick.tv_nsec <= 0)
		return 0;
	return (uint32_t)((1000000000 + tick.tv_nsec / 2) / tick.tv_nsec);
}

static void configure_ports(struct tcpstate *skel, const struct filter *filter)
{
	const struct port_set *sets[] = {&filter->either, &filter->local, &filter->remote};

	for (unsigned int i = 0; i < 3; i++)
		for (unsigned int word = 0; word < WIRE_PORT_WORDS; word++)
			skel->rodata->config_ports[word] |= sets[i]->words[word];
	skel->rodata->config.all_ports = !filter_has_ports(filter);
}

static void configure(struct ring *ring, const struct ring_config *config)
{
	struct tcpstate *skel = ring->skel;
	const struct filter *filter = config->filter;
	struct wire_config *wire = &skel->rodata->config;

	wire->netns = filter->netns;
	wire->hz = kernel_hz();
	wire->ipv4 = !filter->ipv6_only;
	wire->ipv6 = !filter->ipv4_only;
	wire->cookies = ring->extras.cookies;
	wire->actors = ring->extras.actors;
	wire->probes = ring->extras.snapshot;
	configure_ports(skel, filter);
	bpf_map__set_max_entries(skel->maps.ring, config->bytes ? config->bytes : capacity_here());
	bpf_map__set_max_entries(skel->maps.counters, ring->cpus);
	if (filter->netns) {
		bpf_map__set_max_entries(skel->maps.handshakes, MIRRORED_MAX);
		bpf_map__set_max_entries(skel->maps.mirrored, MIRRORED_MAX);
	}
	bpf_program__set_autoload(skel->progs.descendant_forks, config->follow);
	bpf_program__set_autoload(skel->progs.descendant_exits, config->follow);
	bpf_program__set_autoload(skel->progs.snapshot_sockets, ring->extras.snapshot);
	bpf_program__set_autoload(skel->progs.snapshot_files, ring->extras.snapshot);
	bpf_program__set_autoload(skel->progs.trace_state, !config->look_only);
	bpf_program__set_autoload(skel->progs.witness_state, !config->look_only);
	hooks_configure(skel, ring->hooks, ring->btf);
	bpf_program__set_autoload(skel->progs.syscall_ends, config->explain_bind &&
								    ring->extras.snapshot &&
								    ring->hooks != HOOKS_FENTRY);
}

/* libbpf goes on without, where it cannot map them: it takes a kernel without memory for an old one. */
static bool has_variables(const struct tcpstate *skel)
{
	return skel->rodata && skel->bss;
}

static int load(struct ring *ring, const struct ring_config *config)
{
	int err;

	ring->skel = tcpstate__open();
	if (!ring->skel)
		return errno ? -errno : -ENOMEM;
	configure(ring, config);
	err = tcpstate__load(ring->skel);
	if (!err && has_variables(ring->skel))
		return 0;
	tcpstate__destroy(ring->skel);
	ring->skel = NULL;
	return err ? err : -ENOMEM;
}

static int map_counters(struct ring *ring)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t bytes = ring->cpus * sizeof(struct wire_counters);
	void *memory;

	ring->counters_bytes = (bytes + page - 1) / page * page;
	memory = mmap(NULL, ring->counters_bytes, PROT_READ, MAP_SHARED,
		      bpf_map__fd(ring->skel->maps.counters), 0);
	if (memory == MAP_FAILED)
		return -errno;
	ring->counters = memory;
	return 0;
}

static int give_record(void *ctx, void *record, size_t size)
{
	struct ring *ring = ctx;

	ring->take(ring->ctx, record, size);
	return ++ring->taken < RING_BATCH ? 0 : -EAGAIN;
}

static int attach(struct ring *ring)
{
	int err = hooks_prepare(ring->skel, ring->hooks);

	if (!err)
		err = map_counters(ring);
	if (err)
		return err;
	ring->buffer =
		ring_buffer__new(bpf_map__fd(ring->skel->maps.ring), give_record, ring, NULL);
	if (!ring->buffer)
		return -errno;
	/* In the order of the object: the witness comes behind the program that it watches. */
	return tcpstate__attach(ring->skel);
}

/*
 * One more than the highest number that a CPU may ever have here: numbers can have holes, so it is more
 * than their count. "0-3,8-11" is 12. Returns -errno when the kernel does not tell.
 */
static int cpu_numbers(void)
{
	FILE *file = fopen("/sys/devices/system/cpu/possible", "re");
	char line[4096] = "";
	uint64_t last;
	size_t end, start;

	if (!file)
		return -errno;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	end = start = strcspn(line, "\n");
	while (start > 0 && line[start - 1] >= '0' && line[start - 1] <= '9')
		start--;
	if (number_parse(line + start, end - start, 0, UINT16_MAX, &last))
		return -ENODATA;
	return (int)last + 1;
}

/* Undoes load() and attach(). */
static void unload(struct ring *ring)
{
	ring_buffer__free(ring->buffer);
	ring->buffer = NULL;
	if (ring->counters)
		munmap(ring->counters, ring->counters_bytes);
	ring->counters = NULL;
	tcpstate__destroy(ring->skel);
	ring->skel = NULL;
}

static void find_extras(struct ring *ring)
{
	ring->extras = (struct extras){
		.cookies = probe_program("cookies") == 0,
		.actors = probe_program("current_task") == 0 || probe_program("probe_read") == 0,
		.snapshot = probe_program("probe_read") == 0,
		.found = true,
	};
	if (!ring->extras.cookies)
		log_detail("no socket cookies in tracing programs here: sockets are told apart "
			   "without");
}

/* With all extras, as most kernels have them; else with those that are found by trying each. */
static int load_what_is_there(struct ring *ring, const struct ring_config *config)
{
	int err = load(ring, config);

	if (!err || err == -EPERM || ring->extras.found)
		return err;
	find_extras(ring);
	return load(ring, config);
}

static int try_hooks(struct ring *ring, const struct ring_config *config, enum hooks hooks)
{
	int err = 0;

	ring->hooks = hooks;
	if (hooks == HOOKS_FENTRY &&
	    ring->btf) /* all programs would be loaded to find out at the first */
		err = probe_fentry(ring->btf);
	if (!err)
		err = load_what_is_there(ring, config);
	if (err)
		return err;
	err = attach(ring);
	if (err)
		unload(ring);
	else
		log_detail("hooks for minisocks: %s", hooks_name(hooks));
	return err;
}

/* ENOTSUPP is the kernel's own and has no name outside (arm64 before 6.4 attaches no fentry). */
static const char *reason(int err)
{
	return err == -524 ? "not supported" : strerror(-err);
}

/* No word of the kernel about what it has. */
static bool is_shortage(int err)
{
	return err == -ENOMEM || err == -EMFILE || err == -ENFILE;
}

/* The best that this kernel has, found by trying. */
static int try_all_hooks(struct ring *ring, const struct ring_config *config)
{
	int err = -EPERM;

	for (enum hooks hooks = HOOKS_FENTRY; hooks <= HOOKS_NONE; hooks++) {
		int why = err;

		err = try_hooks(ring, config, hooks);
		if (!err && hooks == HOOKS_NONE && ring->extras.snapshot)
			log_error("what becomes of TIME_WAIT and of half-done handshakes is not "
				  "seen here: %s (-v shows what the kernel said)",
				  reason(why));
		if (!err || !probe_is_entitled())
			break;
		log_detail("minisocks cannot be traced by %s here: %s", hooks_name(hooks),
			   reason(err));
	}
	return err;
}

static int open_ring(struct ring *ring, const struct ring_config *config)
{
	int cpus = cpu_numbers(), err;

	if (cpus < 0) {
		probe_say_why_not(cpus);
		return cpus;
	}
	ring->cpus = (unsigned int)cpus;
	ring->btf = btf__load_vmlinux_btf();
	if (config->hooks == HOOKS_AUTO)
		err = try_all_hooks(ring, config);
	else
		err = try_hooks(ring, config, config->hooks);
	btf__free(ring->btf);
	ring->btf = NULL;
	if (err && config->hooks != HOOKS_AUTO && !config->look_only && probe_is_entitled() &&
	    !is_shortage(err))
		log_error("--hooks=%s: this kernel refuses it (%s): leave it out",
			  hooks_name(config->hooks), reason(err));
	else if (err)
		probe_say_why_not(err);
	if (!err && !ring->extras.snapshot)
		log_error("lockdown=confidentiality keeps this kernel from telling of TIME_WAIT, "
			  "of "
			  "half-done handshakes, and of what was there before%s",
			  ring->extras.actors ? ""
					      : "; nor does it tell who makes a transition, as "
						"5.11 and newer do");
	return err;
}

int ring_open(const struct ring_config *config, struct ring **ret_ring)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	int err;

	if (!ring) {
		log_error("no memory");
		return -ENOMEM;
	}
	probe_hear_libbpf();
	ring->extras = (struct extras){.cookies = true, .actors = true, .snapshot = true};
	err = open_ring(ring, config);
	if (err)
		free(ring);
	else
		*ret_ring = ring;
	return err;
}

void ring_close(struct ring *ring)
{
	if (!ring)
		return;
	unload(ring);
	free(ring);
}

const char *ring_hooks_name(const struct ring *ring)
{
	return hooks_name(ring->hooks);
}

uint32_t ring_hooks(const struct ring *ring)
{
	return hooks_see(ring->hooks) | (ring->skel->rodata->config.owners ? WIRE_HOOK_OWNERS : 0);
}

int ring_fd(const struct ring *ring)
{
	return ring_buffer__epoll_fd(ring->buffer);
}

int ring_read(struct ring *ring, take_record_fn *take, void *ctx)
{
	int n;

	ring->take = take;
	ring->ctx = ctx;
	ring->taken = 0;
	n = ring_buffer__consume(ring->buffer);
	return n < 0 && n != -EAGAIN ? n : ring->taken;
}

static void throw_away(void *ctx, const void *record, size_t size)
{
	(void)ctx, (void)record, (void)size;
}

void ring_drain(struct ring *ring)
{
	while (ring_read(ring, throw_away, NULL) > 0)
		;
}

void ring_sleep(struct ring *ring)
{
	ring->skel->bss->consumer_asleep = 1;
	/* The other half of emit_submit(): either it sees the flag, or we see its record. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void ring_wake(struct ring *ring)
{
	ring->skel->bss->consumer_asleep = 0;
}

int ring_follow(struct ring *ring, uint32_t pid)
{
	uint8_t one = 1;

	return bpf_map__update_elem(ring->skel->maps.descendants, &pid, sizeof(pid), &one,
				    sizeof(one), BPF_ANY);
}

int ring_iterate(const struct ring *ring, enum ring_iterator iterator)
{
	const struct bpf_link *link = iterator == RING_FILES ? ring->skel->links.snapshot_files
							     : ring->skel->links.snapshot_sockets;
	int fd;

	if (!link)
		return -ENOTSUP;
	fd = bpf_iter_create(bpf_link__fd(link));
	return fd < 0 ? -errno : fd;
}

void ring_look_at(struct ring *ring, uint32_t port)
{
	ring->skel->bss->look_port = port;
}

bool ring_nth_program(const struct ring *ring, unsigned int nth, struct ring_program *ret_program)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, ring->skel->obj)
	{
		struct bpf_prog_info info = {0};
		uint32_t size = sizeof(info);
		int fd = bpf_program__fd(program); /* negative: not loaded */

		if (fd < 0 || nth-- || bpf_obj_get_info_by_fd(fd, &info, &size))
			continue;
		*ret_program = (struct ring_program){
			.name = bpf_program__name(program),
			.runs = info.run_cnt,
			.run_ns = info.run_time_ns,
			.missed = info.recursion_misses,
		};
		return true;
	}
	return false;
}

void ring_detach(struct ring *ring)
{
	tcpstate__detach(ring->skel);
}

unsigned int ring_cpus(const struct ring *ring)
{
	return ring->cpus;
}

const volatile struct wire_counters *ring_counters(const struct ring *ring, unsigned int cpu)
{
	return &ring->counters[cpu];
}
