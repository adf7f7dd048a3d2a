// SPDX-License-Identifier: GPL-2.0-only
#include "feature.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/stdio.h"
#include "base/text.h"
#include "source/probe.h"
#include "source/ring.h"

#define VALUE_SIZE 64
#define LINE_SIZE  1024

/* What tells the kernel's own unsupported from EOPNOTSUPP, and has no name outside of it. */
#define KERNEL_ENOTSUPP 524

/* One thing that kernels have or lack, or differ in. */
struct feature {
	const char *name;
	/* Tries WHAT. Returns 0 or -errno; what is more than a yes is appended to VALUE. */
	int (*find)(const char *what, struct text *value);
	const char *what;
	const char *used_for;
	const char *instead; /* what is done without it */
};

struct finding {
	int err;
	struct text value; /* empty: yes or no, as ERR says */
	char buffer[VALUE_SIZE];
};

/* ---- finding -------------------------------------------------------------------------------- */

static int find_program(const char *name, struct text *value)
{
	(void)value;
	return probe_program(name);
}

static int find_ring_buffer(const char *what, struct text *value)
{
	(void)what, (void)value;
	return probe_ring_buffer();
}

static int find_file(const char *path, struct text *value)
{
	(void)value;
	return access(path, R_OK) == 0 ? 0 : -errno;
}

/* LINE is "ADDRESS TYPE NAME", and a module may follow. */
static bool names_symbol(const char *line, const char *name)
{
	const char *at = strchr(line, ' ');
	size_t len = strlen(name);

	return at && strlen(at) > 3 && strncmp(at + 3, name, len) == 0 &&
	       strchr(" \t\n", at[3 + len]);
}

/* Can its address be read? To those that must not know it, it is 0. */
static int find_symbol(const char *name, struct text *value)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	int err = -ENODATA;
	char line[512];

	(void)value;
	if (!file)
		return -errno;
	while (err == -ENODATA && fgets(line, sizeof(line), file))
		if (names_symbol(line, name))
			err = strtoull(line, NULL, 16) ? 0 : -EACCES;
	fclose(file);
	return err;
}

/* The first line of a small file; of "none [integrity] confidentiality" the choice. */
static int find_setting(const char *path, struct text *value)
{
	FILE *file = fopen(path, "re");
	char line[VALUE_SIZE] = "";
	const char *from;

	if (!file)
		return -errno;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	from = strchr(line, '[');
	from = from ? from + 1 : line;
	text_escape(value, from, strcspn(from, "]\n"), VALUE_SIZE);
	return value->len ? 0 : -ENODATA;
}

/* The tracer itself is asked, and says why it cannot trace here: the last word of all. */
static int find_hooks(const char *what, struct text *value)
{
	const struct filter everything = {0};
	const struct ring_config config = {.filter = &everything, .hooks = HOOKS_AUTO};
	struct ring *ring;
	int err;

	(void)what;
	fflush(stdout);
	err = ring_open(&config, &ring);
	if (err)
		return err;
	text_add(value, ring_hooks_name(ring));
	ring_close(ring);
	return 0;
}

/* clang-format off */
static const struct feature features[] = {
	{"btf", find_file, "/sys/kernel/btf/vmlinux",
	 "the kernel's types, which all else is fitted to", "nothing can be traced"},
	{"ring_buffer", find_ring_buffer, NULL,
	 "what happened comes through it", "nothing can be traced"},
	{"tracepoint", find_program, "tracepoint",
	 "sock:inet_sock_set_state: each transition", "nothing can be traced"},
	{"cookies", find_program, "cookies",
	 "which socket it is, as ss -e prints it", "sockets are told apart by address and birth"},
	{"current_task", find_program, "current_task",
	 "who did it, read directly", "who did it takes probe_read"},
	{"probe_read", find_program, "probe_read",
	 "who did it, where there is no current_task", "who did it takes current_task"},
	{"fentry", find_program, "fentry",
	 "minisocks: TCP's own functions, and no other timers", "minisocks are seen by tracepoints"},
	{"timer_start", find_program, "timer_start",
	 "when a minisock begins, without fentry", "its planned time is shown"},
	{"timer_cancel", find_program, "timer_cancel",
	 "when a minisock is cut short, without fentry", "its planned time is shown"},
	{"timer_expire", find_program, "timer_expire",
	 "when a minisock's time is over, without fentry", "its planned time is shown"},
	{"kfree_skb", find_program, "kfree_skb",
	 "what segments a minisock meets, without fentry", "why it ended is guessed"},
	{"kallsyms", find_symbol, "tw_timer_handler",
	 "which timers are a minisock's, without fentry", "one of iter_tcp tells, made for it"},
	{"iter_tcp", find_program, "iter_tcp",
	 "sockets older than the trace", "they are seen when they move"},
	{"timewait_cast", find_program, "timewait_cast",
	 "minisocks older than the trace", "they are not seen"},
	{"iter_task_file", find_program, "iter_task_file",
	 "who holds the older sockets", "who makes a system call on them is seen"},
	{"lockdown", find_setting, "/sys/kernel/security/lockdown",
	 "confidentiality takes probe_read away", "probe_read tells enough"},
	{"unprivileged_bpf", find_setting, "/proc/sys/kernel/unprivileged_bpf_disabled",
	 "kernel.unprivileged_bpf_disabled: no matter to root", "no matter to root"},
	{"kptr_restrict", find_setting, "/proc/sys/kernel/kptr_restrict",
	 "kernel.kptr_restrict: 2 hides kallsyms", "kallsyms tells enough"},
	{"hooks", find_hooks, NULL,
	 "what shows TIME_WAIT and half-done handshakes", "nothing can be traced"},
};
/* clang-format on */

static void find(const struct feature *feature, struct finding *finding)
{
	text_init(&finding->value, finding->buffer, sizeof(finding->buffer));
	finding->err = feature->find(feature->what, &finding->value);
	if (finding->err && feature->find == find_setting)
		text_add(&finding->value, "unknown");
}

/* ---- printing ------------------------------------------------------------------------------- */

static const char *reason_of(int err)
{
	if (err == -ESRCH)
		return "not in the kernel's BTF";
	if (err == -KERNEL_ENOTSUPP)
		return "not supported by the kernel";
	return strerror(-err);
}

/* What is done without it, and the reason. */
static void explain(struct text *text, const struct feature *feature, int err)
{
	text_addf(text, "%s (%s)", feature->instead, reason_of(err));
}

static void print_row(const char *name, const char *value, const char *sentence)
{
	printf("%-16s  %-3s%s%s\n", name, value, *sentence ? "  " : "", sentence);
}

static int print_feature(const struct feature *feature)
{
	struct finding finding;
	char buffer[LINE_SIZE];
	struct text text;

	find(feature, &finding);
	if (!finding.value.len)
		text_add(&finding.value, finding.err ? "no" : "yes");
	text_init(&text, buffer, sizeof(buffer));
	if (finding.err)
		explain(&text, feature, finding.err);
	else
		text_add(&text, feature->used_for);
	print_row(feature->name, finding.value.at, text.at);
	return finding.err;
}

/* Returns how the last of them, the tracer, was found. */
static int print_table(const struct utsname *kernel)
{
	int err = 0;

	print_row("kernel", kernel->release, "");
	print_row("architecture", kernel->machine, "");
	for (size_t i = 0; i < sizeof(features) / sizeof(*features); i++)
		err = print_feature(&features[i]);
	return err;
}

static void add_string(struct text *text, const char *key, const char *string)
{
	text_addf(text, "\"%s\":", key);
	json_string(text, string, strlen(string));
}

static void add_value(struct text *text, const struct finding *finding)
{
	if (finding->value.len)
		add_string(text, "value", finding->value.at);
	else
		text_addf(text, "\"value\":%s", finding->err ? "false" : "true");
}

static void add_reason(struct text *text, const struct feature *feature, int err)
{
	char buffer[LINE_SIZE];
	struct text reason;

	if (!err) {
		text_add(text, "\"reason\":null");
		return;
	}
	text_init(&reason, buffer, sizeof(buffer));
	explain(&reason, feature, err);
	add_string(text, "reason", reason.at);
}

static int add_feature(struct text *text, const struct feature *feature)
{
	struct finding finding;

	find(feature, &finding);
	text_add(text, "{");
	add_string(text, "name", feature->name);
	text_add(text, ",");
	add_value(text, &finding);
	text_add(text, ",");
	add_string(text, "used_for", feature->used_for);
	text_add(text, ",");
	add_reason(text, feature, finding.err);
	text_add(text, "}");
	return finding.err;
}

/* The same as one object, in one line. */
static int print_json(const struct utsname *kernel)
{
	char buffer[LINE_SIZE];
	struct text text;
	int err = 0;

	text_init(&text, buffer, sizeof(buffer));
	text_add(&text, "{\"type\":\"features\",\"v\":1,");
	add_string(&text, "kernel", kernel->release);
	text_add(&text, ",");
	add_string(&text, "arch", kernel->machine);
	printf("%s,\"features\":[", text.at);
	for (size_t i = 0; i < sizeof(features) / sizeof(*features); i++) {
		text_reset(&text);
		err = add_feature(&text, &features[i]);
		printf("%s%s", i ? "," : "", text.at);
	}
	printf("]}\n");
	return err;
}

/* ---- running -------------------------------------------------------------------------------- */

int feature_run(const struct options *options)
{
	struct utsname kernel;
	int err, last;

	probe_hear_libbpf();
	err = probe_is_entitled() ? 0 : probe_program("tracepoint");
	if (err == -EPERM || err == -EACCES) {
		probe_say_why_not(err);
		return EXIT_FAILURE;
	}
	signal(SIGPIPE, SIG_IGN);
	uname(&kernel);
	last = options->form == FORM_JSON ? print_json(&kernel) : print_table(&kernel);
	return last || stdio_flush() ? EXIT_FAILURE : EXIT_SUCCESS;
}
