// SPDX-License-Identifier: GPL-2.0-only
/*
 * verifier: what each BPF program of ours costs the verifier of the running kernel. Prints lines
 *
 *	# verifier PROGRAM INSTRUCTIONS		# verifier PROGRAM refused
 *
 * Each is loaded by itself, set up as user/source/ring.c does it for the filters that take the most
 * instructions: a namespace and ports.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "wire.h"

#include "tcpstate.skel.h"

#define LOG_STATS 4 /* BPF_LOG_STATS, linux/bpf_verifier.h: nothing but the counts */

static char log_text[1U << 16];

static int print_nothing(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/* What kernels may lack: the program takes what is there, and so is it measured. */
static const struct extras {
	bool cookies;
	bool actors;
} EXTRAS[] = {{true, true}, {false, true}, {true, false}, {false, false}};

static void configure(struct tcpstate *skel, const struct extras *extras)
{
	skel->rodata->config.netns = 1;
	skel->rodata->config.hz = 250;
	skel->rodata->config.ipv4 = 1;
	skel->rodata->config.cookies = extras->cookies;
	skel->rodata->config.actors = extras->actors;
	skel->rodata->config.probes = 1;
	skel->rodata->config.owners = 1;
	skel->rodata->config.limits = 1;
}

/* The verifier's view of the program at this PLACE in the object; 0: it refuses it. */
static unsigned long count_instructions(unsigned int place, const struct extras *extras)
{
	struct tcpstate *skel = tcpstate__open();
	struct bpf_program *program;
	unsigned int number = 0;
	const char *count = NULL;

	if (!skel)
		return 0;
	configure(skel, extras);
	log_text[0] = '\0';
	bpf_object__for_each_program(program, skel->obj)
	{
		bpf_program__set_autoload(program, number++ == place);
		bpf_program__set_log_level(program, LOG_STATS);
		bpf_program__set_log_buf(program, log_text, sizeof(log_text));
	}
	if (tcpstate__load(skel) == 0)
		count = strstr(log_text, "processed ");
	tcpstate__destroy(skel);
	return count ? strtoul(count + strlen("processed "), NULL, 10) : 0;
}

static void measure(unsigned int place, const char *name)
{
	const unsigned int ways = sizeof(EXTRAS) / sizeof(EXTRAS[0]);
	unsigned long count = 0;

	for (unsigned int i = 0; i < ways && count == 0; i++)
		count = count_instructions(place, &EXTRAS[i]);
	if (count)
		printf("# verifier %s %lu\n", name, count);
	else
		printf("# verifier %s refused\n", name);
}

int main(void)
{
	struct tcpstate *skel;
	struct bpf_program *program;
	unsigned int place = 0;

	libbpf_set_print(print_nothing);
	skel = tcpstate__open();
	if (!skel)
		return EXIT_FAILURE;
	bpf_object__for_each_program(program, skel->obj)
		measure(place++, bpf_program__name(program));
	tcpstate__destroy(skel);
	return EXIT_SUCCESS;
}
