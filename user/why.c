// SPDX-License-Identifier: GPL-2.0-only
#include "why.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/number.h"
#include "base/stdio.h"
#include "base/usage.h"
#include "core/flow.h"
#include "netns.h"
#include "now.h"
#include "render/bind_words.h"
#include "source/ring.h"
#include "source/snapshot.h"

struct why {
	const struct options *options;
	struct wire_bind wants; /* as if it had failed, but with no error */
	struct filter filter; /* for the kernel: the port alone */
	struct flow flow;
	bool fails; /* what was found */
	bool told;
};

/* ---- what is asked for -------------------------------------------------------------------------- */

static void check(const struct options *options)
{
	const struct filter *filter = &options->filter;

	if (!options->files[0] || options->files[1])
		usage_fail("why needs one port: tcpstate-trace why [ADDRESS:]PORT");
	if (filter_has_ports(filter) || filter->host_count || filter->pid_count || filter->states ||
	    options->command || options->count || options->duration_ns || options->record_path ||
	    options->ready_fd >= 0 || options->explain_bind || options->hooks != HOOKS_AUTO ||
	    options->form != FORM_AUTO)
		usage_fail("why looks once at one port: of the options it takes -4, -6, --netns, "
			   "--reuse-addr, --reuse-port, --try and -v alone");
}

static _Noreturn void fail_target(const char *target)
{
	char quoted[USAGE_QUOTE_SIZE];

	usage_fail("why: %s is no port: write 80, 127.0.0.1:80 or [::1]:80",
		   usage_quote(target, quoted));
}

/* Without an address: that of a server which serves all that there is. */
static void choose_address(struct why *why)
{
	const struct filter *filter = &why->options->filter;

	why->wants.family = AF_INET6;
	if (filter->ipv6_only)
		why->wants.flags |= WIRE_V6ONLY;
	if (filter->ipv6_only || (!filter->ipv4_only && access("/proc/net/tcp6", F_OK) == 0))
		return;
	why->wants.family = AF_INET;
	memset(why->wants.local_addr + 10, 0xff, 2);
}

static void read_target(struct why *why, const char *target)
{
	const struct filter *filter = &why->options->filter;
	struct addr_port at = {0};
	bool has_address;

	if (addr_parse_port(target, &at, &has_address))
		fail_target(target);
	why->wants.local_port = at.port;
	why->filter.local.used = true;
	why->filter.local.words[at.port / 64] |= UINT64_C(1) << at.port % 64;
	if (!has_address) {
		choose_address(why);
		return;
	}
	if (filter->ipv4_only || filter->ipv6_only)
		usage_fail("why: -4 and -6 choose an address: leave out the one before the port");
	memcpy(why->wants.local_addr, at.addr.bytes, sizeof(why->wants.local_addr));
	why->wants.family = addr_is_v4(&at.addr) ? AF_INET : AF_INET6;
}

static int read_wants(struct why *why)
{
	const struct options *options = why->options;
	int err = 0;

	check(options);
	read_target(why, options->files[0]);
	if (options->netns_name && options->try_bind)
		usage_fail("--try binds in the namespace that it runs in: leave out --netns, and "
			   "run it by nsenter --net=...");
	why->wants.hdr = (struct wire_hdr){.size = sizeof(why->wants),
					   .type = WIRE_BIND,
					   .program = WIRE_BY_BIND};
	why->wants.flags |= (uint16_t)((options->reuse_addr ? WIRE_REUSEADDR : 0) |
				       (options->reuse_port ? WIRE_REUSEPORT : 0));
	why->wants.call = WIRE_CALL_BIND;
	why->wants.uid = geteuid();
	why->wants.netns = netns_own();
	if (options->netns_name)
		err = netns_resolve(options->netns_name, &why->wants.netns);
	return err;
}

/* ---- looking ------------------------------------------------------------------------------------ */

static void say(void *ctx, const char *line)
{
	(void)ctx;
	puts(line);
}

static void take_change(void *ctx, const struct change *change)
{
	struct why *why = ctx;

	if (change->kind != CHANGE_BIND)
		return;
	why->told = true;
	why->fails = change->in_use->blockers[0];
	bind_words(change->in_use, say, NULL);
}

static void take_tick(void *ctx, uint64_t ns)
{
	(void)ctx, (void)ns;
}

static void take_record(void *ctx, const void *record, size_t size)
{
	struct why *why = ctx;

	flow_record(&why->flow, record, size);
}

/* As in a trace: who is there, the bind(), who is only bound, and the word that this is all. */
static int look(struct why *why, struct ring *ring)
{
	struct wire_hooks over = {.hdr = {.size = sizeof(over), .type = WIRE_HOOKS}};
	int err = snapshot_take(ring, take_record, why);

	if (err)
		return err;
	ring_read(ring, take_record, why);
	why->wants.hdr.ktime_ns = now_ns();
	flow_record(&why->flow, &why->wants, sizeof(why->wants));
	err = snapshot_look(ring, why->wants.local_port, take_record, why);
	over.hdr.ktime_ns = now_ns();
	over.look_us = (uint32_t)((over.hdr.ktime_ns - why->wants.hdr.ktime_ns) / 1000);
	flow_record(&why->flow, &over, sizeof(over));
	return err;
}

static int open_and_look(struct why *why)
{
	static const struct filter all;
	const struct flow_sink sink = {take_change, take_tick, why};
	const struct ring_config config = {.filter = &why->filter,
					   .hooks = HOOKS_NONE,
					   .look_only = true};
	struct ring *ring;
	int err = ring_open(&config, &ring);

	if (err)
		return err; /* it has said why */
	err = flow_init(&why->flow, why->options->max_connections, &all, &sink);
	if (!err)
		err = look(why, ring);
	if (err && err != -ENOTSUP) /* which ring_open() has explained */
		log_error("cannot look at the sockets: %s", strerror(-err));
	else if (!err && why->flow.tracker.gave_up)
		log_error("there are more sockets than --max-connections: not all were counted");
	flow_fini(&why->flow);
	ring_close(ring);
	return err;
}

/* ---- trying ------------------------------------------------------------------------------------- */

static socklen_t make_name(const struct wire_bind *wants, struct sockaddr_storage *name)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)name;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)name;

	memset(name, 0, sizeof(*name));
	name->ss_family = wants->family;
	if (wants->family == AF_INET) {
		v4->sin_port = htons(wants->local_port);
		memcpy(&v4->sin_addr, wants->local_addr + 12, 4);
		return sizeof(*v4);
	}
	v6->sin6_port = htons(wants->local_port);
	memcpy(&v6->sin6_addr, wants->local_addr, 16);
	return sizeof(*v6);
}

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* Returns 0 or -errno of what the kernel refused. */
static int try_bind(const struct wire_bind *wants)
{
	struct sockaddr_storage name;
	socklen_t len = make_name(wants, &name);
	int fd = socket(wants->family, SOCK_STREAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return -errno;
	if (set(fd, SOL_SOCKET, SO_REUSEADDR, !!(wants->flags & WIRE_REUSEADDR)) ||
	    set(fd, SOL_SOCKET, SO_REUSEPORT, !!(wants->flags & WIRE_REUSEPORT)) ||
	    (wants->family == AF_INET6 &&
	     set(fd, IPPROTO_IPV6, IPV6_V6ONLY, !!(wants->flags & WIRE_V6ONLY))) ||
	    bind(fd, (struct sockaddr *)&name, len))
		err = -errno;
	close(fd);
	return err;
}

static void say_tried(int err)
{
	if (err == -EADDRNOTAVAIL)
		puts("  tried: bind() failed: EADDRNOTAVAIL: this host does not have the address");
	else if (err)
		printf("  tried: bind() failed: %s\n", strerrorname_np(-err));
	else
		puts("  tried: bind() succeeded");
}

int why_run(struct options *options)
{
	struct why why = {.options = options};
	int err = read_wants(&why);

	if (err)
		return USAGE_EXIT_STATUS;
	signal(SIGPIPE, SIG_IGN);
	err = open_and_look(&why);
	if (err)
		return EXIT_FAILURE;
	if (options->try_bind) {
		err = try_bind(&why.wants);
		why.fails = err;
		say_tried(err);
	}
	return stdio_flush() == 0 && why.told && !why.fails ? EXIT_SUCCESS : EXIT_FAILURE;
}
