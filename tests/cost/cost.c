// SPDX-License-Identifier: GPL-2.0-only
/*
 * cost storm COUNT [TRACKED]: what the core takes for COUNT records of a storm (records.h), while TRACKED more endpoints
 * are open. Prints:
 *
 *	records COUNT ns NS
 *
 * NS are of the decoder and the tracker alone: the records are made before, and nobody looks at what comes of them. Under
 * valgrind --tool=callgrind --instr-atstart=no --collect-atstart=no these alone are counted, too.
 *
 * cost memory COUNT KIND: what the core takes to know COUNT endpoints: KIND is pairs (ESTABLISHED, both ends here), ends
 * (ESTABLISHED, the other end elsewhere) or waits (TIME_WAIT). Prints:
 *
 *	endpoints COUNT bytes BYTES		resident, more than before
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <valgrind/callgrind.h>

#include "core/flow.h"
#include "records.h"

/* Behind the beginning, where there is more and more of all. */
#define WARM_UP 60000

/* So many records are made, then taken. */
#define BATCH 4096

#define CONNS_MAX 1100000

static struct flow flow;
static struct filter filter;
static struct records records;

static void drop(void *ctx, const struct change *change)
{
	(void)ctx;
	(void)change;
}

static void no_tick(void *ctx, uint64_t now_ns)
{
	(void)ctx;
	(void)now_ns;
}

static void take(const struct wire_hdr *hdr)
{
	flow_record(&flow, hdr, hdr->size);
}

static void begin(void)
{
	static const struct flow_sink sink = {.deliver = drop, .tick = no_tick};

	if (flow_init(&flow, CONNS_MAX, &filter, &sink) != 0) {
		fprintf(stderr, "cost: no memory\n");
		exit(1);
	}
	records_init(&records, CONNS_MAX);
	take(records_hooks(&records));
	take(records_listener(&records));
}

/* --- time ----------------------------------------------------------------------------------------- */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static char batch[BATCH * sizeof(struct records_edge)];

static size_t make_batch(unsigned int count)
{
	size_t size = 0;

	for (unsigned int i = 0; i < count; i++) {
		const struct wire_hdr *hdr = records_next(&records);

		memcpy(batch + size, hdr, hdr->size);
		size += hdr->size;
	}
	return size;
}

static uint64_t take_batch(size_t size)
{
	uint64_t began_ns = now_ns();

	CALLGRIND_TOGGLE_COLLECT;
	for (size_t at = 0; at < size;) {
		struct wire_hdr hdr;

		memcpy(&hdr, batch + at, sizeof(hdr));
		flow_record(&flow, batch + at, hdr.size);
		at += hdr.size;
	}
	CALLGRIND_TOGGLE_COLLECT;
	return now_ns() - began_ns;
}

static void storm(uint64_t count)
{
	uint64_t ns = 0;

	for (uint64_t i = 0; i < WARM_UP; i++)
		take(records_next(&records));
	CALLGRIND_START_INSTRUMENTATION;
	for (uint64_t left = count, n; left; left -= n) {
		n = left < BATCH ? left : BATCH;
		ns += take_batch(make_batch((unsigned int)n));
	}
	CALLGRIND_STOP_INSTRUMENTATION;
	printf("records %llu ns %llu\n", (unsigned long long)count, (unsigned long long)ns);
}

/* --- memory --------------------------------------------------------------------------------------- */

static uint64_t resident(void)
{
	unsigned long long total, pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (!file || fscanf(file, "%llu %llu", &total, &pages) != 2)
		pages = 0;
	if (file)
		fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void open_ends(uint64_t count, int ends)
{
	for (uint64_t number = 0; number < count / (unsigned int)ends; number++)
		for (int client = 0; client < ends; client++) {
			take(records_open(&records, number, client));
			take(records_holder(&records, number, client));
		}
	take(records_hooks(&records)); /* the snapshot ends */
}

static void wait_ends(uint64_t count)
{
	for (uint64_t number = 0; number < count; number++)
		take(records_waiting(&records, number));
}

static void memory(uint64_t count, const char *kind)
{
	uint64_t before = resident();

	if (strcmp(kind, "waits") == 0)
		wait_ends(count);
	else
		open_ends(count, strcmp(kind, "pairs") == 0 ? 2 : 1);
	flow_advance(&flow, records.now_ns + 200000000);
	printf("endpoints %llu bytes %llu\n", (unsigned long long)count,
	       (unsigned long long)(resident() - before));
}

/* Records that no kernel could have made would cost something else. */
static void check(void)
{
	if (!flow.damaged && !flow.unknown && !flow.loss.total && !flow.tracker.duplicates &&
	    !flow.tracker.gave_up)
		return;
	fprintf(stderr, "cost: the records are not those of a storm\n");
	exit(1);
}

int main(int argc, char **argv)
{
	begin();
	if (argc == 4 && strcmp(argv[1], "memory") == 0) {
		memory(strtoull(argv[2], NULL, 10), argv[3]);
	} else if (argc >= 3 && strcmp(argv[1], "storm") == 0) {
		if (argc == 4)
			open_ends(strtoull(argv[3], NULL, 10), 2);
		storm(strtoull(argv[2], NULL, 10));
	} else {
		fprintf(stderr,
			"usage: cost storm COUNT [TRACKED] | memory COUNT pairs|ends|waits\n");
		return 2;
	}
	check();
	flow_fini(&flow);
	return 0;
}
