// SPDX-License-Identifier: GPL-2.0-only
/*
 * meter: what the kernel counts, for tests/bench/bench.py. It takes a line on stdin at a time, and answers by one:
 *
 *	stats	has the kernel count the runs of BPF programs and their time, as kernel.bpf_stats_enabled does, but only for
 *		as long as the meter lives; answers {}
 *	quiet	no longer; answers {}
 *	read	answers {"everywhere": N, "here": N, "missed": N, "programs": {"ID": {"ns": N, "runs": N}, ...}}:
 *		transitions that the counting program saw, on the machine and in this network namespace; how often the kernel
 *		did not run it, as it was running already; and all BPF programs that there are
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "count.h"

#include "counter.skel.h"

static struct count sum_counts(const struct counter *bpf)
{
	int cpus = libbpf_num_possible_cpus();
	struct count *by_cpu = calloc((size_t)cpus, sizeof(*by_cpu));
	struct count sum = {0};
	__u32 zero = 0;

	if (by_cpu && bpf_map_lookup_elem(bpf_map__fd(bpf->maps.counts), &zero, by_cpu) == 0) {
		for (int cpu = 0; cpu < cpus; cpu++) {
			sum.everywhere += by_cpu[cpu].everywhere;
			sum.here += by_cpu[cpu].here;
		}
	}
	free(by_cpu);
	return sum;
}

/* Returns 0 or -errno. */
static int program_info(int fd, struct bpf_prog_info *ret_info)
{
	__u32 size = sizeof(*ret_info);

	memset(ret_info, 0, sizeof(*ret_info));
	return bpf_obj_get_info_by_fd(fd, ret_info, &size);
}

static void print_programs(void)
{
	const char *separator = "";
	struct bpf_prog_info info;
	__u32 id = 0;

	while (bpf_prog_get_next_id(id, &id) == 0) {
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd < 0) /* it is gone meanwhile */
			continue;
		if (program_info(fd, &info) == 0) {
			printf("%s\"%u\": {\"ns\": %llu, \"runs\": %llu}", separator, id,
			       (unsigned long long)info.run_time_ns,
			       (unsigned long long)info.run_cnt);
			separator = ", ";
		}
		close(fd);
	}
}

static void print_all(const struct counter *bpf)
{
	struct count sum = sum_counts(bpf);
	struct bpf_prog_info info = {0};

	program_info(bpf_program__fd(bpf->progs.count_state), &info);
	printf("{\"everywhere\": %llu, \"here\": %llu, \"missed\": %llu, \"programs\": {",
	       sum.everywhere, sum.here, (unsigned long long)info.recursion_misses);
	print_programs();
	puts("}}");
}

static void obey(const struct counter *bpf)
{
	char line[16];
	int stats = -1;

	while (fgets(line, sizeof(line), stdin)) {
		if (strcmp(line, "stats\n") == 0 && stats < 0)
			stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
		if (strcmp(line, "quiet\n") == 0 && stats >= 0) {
			close(stats);
			stats = -1;
		}
		if (strcmp(line, "read\n") == 0)
			print_all(bpf);
		else
			puts("{}");
		fflush(stdout);
	}
}

int main(void)
{
	struct stat own;
	struct counter *bpf = counter__open();

	if (!bpf || stat("/proc/self/ns/net", &own) != 0)
		return EXIT_FAILURE;
	bpf->rodata->own_netns = (__u32)own.st_ino;
	if (counter__load(bpf) != 0 || counter__attach(bpf) != 0)
		return EXIT_FAILURE;
	obey(bpf);
	counter__destroy(bpf);
	return EXIT_SUCCESS;
}
