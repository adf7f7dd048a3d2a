// SPDX-License-Identifier: GPL-2.0-only
#include "source/hooks.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "source/symbols.h"
#include "wire.h"

#include "tcpstate.skel.h"

/* 13 MB. Of more minisocks at a time it is not seen what they take. */
#define MINIS_MAX 131072

/* 5 MB. Of more connections at a time it is not told who uses them. */
#define USERS_MAX 65536

#define LEARN_TRIES 100

const char *hooks_name(enum hooks hooks)
{
	static const char *const names[] = {
		[HOOKS_AUTO] = "auto",
		[HOOKS_FENTRY] = "fentry",
		[HOOKS_TRACEPOINT] = "tracepoint",
		[HOOKS_NONE] = "none",
	};

	return names[hooks];
}

uint32_t hooks_see(enum hooks hooks)
{
	if (hooks == HOOKS_NONE)
		return 0;
	return WIRE_HOOK_TIMEWAIT | WIRE_HOOK_SEGMENTS | WIRE_HOOK_REQUESTS | WIRE_HOOK_RESETS;
}

/* ---- functions of the kernel ---------------------------------------------------------------------- */

static void look_up_functions(struct tcpstate *skel)
{
	struct symbol symbols[] = {
		{.line = " tw_timer_handler\n"},
		{.line = " reqsk_timer_handler\n"},
		{.line = " tcp_v4_rcv\n"},
		{.line = " tcp_v6_rcv\n"},
	};
	struct wire_functions *functions = &skel->bss->functions;

	symbols_find(symbols, 4);
	functions->tw_timer_handler = symbols[0].begin;
	functions->reqsk_timer_handler = symbols[1].begin;
	for (unsigned int i = 0; i < 2; i++) {
		functions->rcv[i].begin = symbols[2 + i].begin;
		functions->rcv[i].end = symbols[2 + i].begin ? symbols[2 + i].end : UINT64_MAX;
	}
}

static bool functions_are_known(const struct tcpstate *skel)
{
	return skel->bss->functions.tw_timer_handler && skel->bss->functions.reqsk_timer_handler;
}

/* ---- learning them -------------------------------------------------------------------------------- */

static int enter_own_netns(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd, err = 0;

	if (unshare(CLONE_NEWNET))
		return -errno;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCSIFFLAGS, &lo))
		err = -errno;
	close(fd);
	return err;
}

/* What comes to FD is dropped: a handshake that it begins stays half done. */
static int deafen(int fd)
{
	struct sock_filter drop = {BPF_RET | BPF_K, 0, 0, 0};
	struct sock_fprog program = {1, &drop};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/* A connection that was closed, and one that was only begun: a timewait socket and a request socket. */
static int make_minisocks(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr *addr = (struct sockaddr *)&at;
	socklen_t len = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	int deaf = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), server;

	if (listener < 0 || client < 0 || deaf < 0)
		return -errno;
	if (bind(listener, addr, len) || listen(listener, 8) || getsockname(listener, addr, &len) ||
	    connect(client, addr, len))
		return -errno;
	server = accept(listener, NULL, NULL);
	if (server < 0)
		return -errno;
	close(client);
	close(server);
	if (deafen(deaf) || (connect(deaf, addr, len) && errno != EINPROGRESS))
		return -errno;
	return 0;
}

/* Shows the sockets of this namespace to the program behind LINK. */
static int iterate(const struct bpf_link *link)
{
	int fd = bpf_iter_create(bpf_link__fd(link));
	char nothing[64];
	int err = 0;

	if (fd < 0)
		return -errno;
	if (read(fd, nothing, sizeof(nothing)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int learn_from(const struct bpf_link *link, const struct tcpstate *skel)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	int err = enter_own_netns();

	if (!err)
		err = make_minisocks();
	for (int i = 0; !err && i < LEARN_TRIES; i++) {
		err = iterate(link);
		if (functions_are_known(skel))
			return 0;
		nanosleep(&moment, NULL);
	}
	return err ? err : -ENOENT;
}

/* In a child, whose namespace ends with it: the iterator shows the one that it is opened in. */
static int learn_functions(struct tcpstate *skel)
{
	struct bpf_link *link = bpf_program__attach(skel->progs.learn_handlers);
	int status = 0;
	pid_t child;

	if (!link)
		return -errno;
	child = fork();
	if (child == 0)
		_exit(-learn_from(link, skel));
	if (child > 0)
		waitpid(child, &status, 0);
	bpf_link__destroy(link);
	if (child < 0)
		return -EAGAIN;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

/* ---- the sets ------------------------------------------------------------------------------------- */

enum {
	TRACEPOINT = 1 << HOOKS_TRACEPOINT,
	FENTRY = 1 << HOOKS_FENTRY,
};

#define PROGRAM(name) offsetof(struct tcpstate, progs.name)

static const struct {
	size_t program; /* where the skeleton points to it */
	unsigned int sets; /* which load it */
} programs[] = {
	{PROGRAM(timer_starts), TRACEPOINT},
	{PROGRAM(timer_stops), TRACEPOINT},
	{PROGRAM(timer_expires), TRACEPOINT},
	{PROGRAM(skb_ends), TRACEPOINT},
	{PROGRAM(learn_handlers), TRACEPOINT},
	{PROGRAM(timewait_is_made), FENTRY},
	{PROGRAM(timewait_is_hashed), FENTRY},
	{PROGRAM(timewait_is_scheduled), FENTRY},
	{PROGRAM(timewait_takes), FENTRY},
	{PROGRAM(timewait_expires), FENTRY},
	{PROGRAM(timewait_ends), FENTRY},
	{PROGRAM(request_is_hashed), FENTRY},
	{PROGRAM(request_takes), FENTRY},
	{PROGRAM(request_expires), FENTRY},
	{PROGRAM(request_goes_on), FENTRY},
	{PROGRAM(request_is_dropped), FENTRY},
	{PROGRAM(request_is_put), FENTRY},
	{PROGRAM(request_is_completed), FENTRY},
	{PROGRAM(synack_is_resent), TRACEPOINT | FENTRY},
	{PROGRAM(port_is_refused), FENTRY},
	{PROGRAM(socket_is_read), TRACEPOINT | FENTRY},
	{PROGRAM(socket_is_accepted), FENTRY},
	{PROGRAM(reset_is_sent), TRACEPOINT | FENTRY},
	{PROGRAM(reset_is_sent_why), TRACEPOINT | FENTRY},
	{PROGRAM(skb_is_resent), TRACEPOINT | FENTRY},
	{PROGRAM(syn_comes), FENTRY},
};

static void load_set(struct tcpstate *skel, enum hooks hooks)
{
	for (unsigned int i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		struct bpf_program **program = (void *)((char *)skel + programs[i].program);

		bpf_program__set_autoload(*program, programs[i].sets & 1U << hooks);
	}
}

static void configure_tracepoints(struct tcpstate *skel)
{
	bpf_map__set_max_entries(skel->maps.minis, MINIS_MAX);
	look_up_functions(skel);
	bpf_program__set_autoattach(skel->progs.learn_handlers, false);
	bpf_program__set_autoload(skel->progs.learn_handlers, !functions_are_known(skel));
}

/* Where it cannot be read who runs, there is nothing to be told. */
static void configure_owners(struct tcpstate *skel)
{
	if (skel->rodata->config.actors) {
		skel->rodata->config.owners = 1;
		bpf_map__set_max_entries(skel->maps.users, USERS_MAX);
		bpf_map__set_max_entries(skel->maps.connectors, WIRE_CONNECTORS);
		return;
	}
	bpf_program__set_autoload(skel->progs.socket_is_read, false);
	bpf_program__set_autoload(skel->progs.socket_is_accepted, false);
}

/* The number of arguments of a tracepoint, with that for its data; 0: there is none. */
static unsigned int count_arguments(const struct btf *btf, const char *tracepoint)
{
	__s32 id = btf__find_by_name_kind(btf, tracepoint, BTF_KIND_TYPEDEF);
	const struct btf_type *type;

	if (id < 0)
		return 0;
	type = btf__type_by_id(btf, btf__type_by_id(btf, (__u32)id)->type); /* a pointer */
	return btf_vlen(btf__type_by_id(btf, type->type));
}

static bool has_function(const struct btf *btf, const char *name)
{
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

/* Of two programs for the same the one that fits; and of those that want functions which a kernel need not have. */
static void choose(struct tcpstate *skel, const struct btf *btf, enum hooks hooks)
{
	bool hashes = has_function(btf, "inet_twsk_hashdance_schedule");
	bool grafts = has_function(btf, "security_sock_graft"); /* CONFIG_SECURITY_NETWORK */
	bool says_why = count_arguments(btf, "btf_trace_tcp_send_reset") > 3;
	bool probes = skel->rodata->config.probes;

	if (hooks == HOOKS_FENTRY) {
		bpf_program__set_autoload(skel->progs.timewait_is_hashed, hashes);
		bpf_program__set_autoload(skel->progs.timewait_is_scheduled, !hashes);
	}
	if (!grafts)
		bpf_program__set_autoload(skel->progs.socket_is_accepted, false);
	bpf_program__set_autoload(skel->progs.reset_is_sent, probes && !says_why);
	bpf_program__set_autoload(skel->progs.reset_is_sent_why, probes && says_why);
}

static void configure_more(struct tcpstate *skel, enum hooks hooks, const struct btf *btf)
{
	skel->rodata->config.limits = 1;
	configure_owners(skel);
	if (btf)
		choose(skel, btf, hooks);
}

void hooks_configure(struct tcpstate *skel, enum hooks hooks, const struct btf *btf)
{
	load_set(skel, hooks);
	if (hooks == HOOKS_TRACEPOINT)
		configure_tracepoints(skel);
	if (hooks != HOOKS_NONE)
		configure_more(skel, hooks, btf);
}

int hooks_prepare(struct tcpstate *skel, enum hooks hooks)
{
	if (hooks != HOOKS_TRACEPOINT || functions_are_known(skel))
		return 0;
	log_detail("/proc/kallsyms hides the kernel's functions: they are learnt from sockets");
	return learn_functions(skel);
}
