// SPDX-License-Identifier: GPL-2.0-only
#include "render/stamp.h"

#include <stdio.h>
#include <time.h>

#define NS_PER_S   UINT64_C(1000000000)
#define YEAR_10000 UINT64_C(253402300800)

static void set_date(struct stamp *stamp, uint64_t second)
{
	time_t time = (time_t)second;
	struct tm tm;

	stamp->second = second;
	stamp->date[0] = '\0';
	if (second < YEAR_10000 && gmtime_r(&time, &tm))
		strftime(stamp->date, sizeof(stamp->date), "%Y-%m-%dT%H:%M:%S", &tm);
}

void stamp_init(struct stamp *stamp, uint64_t trace_start_ns, uint64_t realtime_ns)
{
	stamp->trace_start_ns = trace_start_ns;
	stamp->realtime_ns = realtime_ns;
	set_date(stamp, realtime_ns / NS_PER_S);
}

void stamp_add(struct stamp *stamp, struct text *text, uint64_t ktime_ns)
{
	uint64_t real_ns = stamp->realtime_ns + (ktime_ns - stamp->trace_start_ns);
	uint64_t fraction = real_ns % NS_PER_S;
	char digits[] = ".000000000Z";

	if (real_ns / NS_PER_S != stamp->second)
		set_date(stamp, real_ns / NS_PER_S);
	if (!stamp->date[0])
		return;
	for (unsigned int i = 9; i > 0; i--, fraction /= 10)
		digits[i] = (char)('0' + fraction % 10);
	text_add(text, stamp->date);
	text_add(text, digits);
}
