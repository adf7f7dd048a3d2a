// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <stdlib.h>
#include <time.h>

#include "zone.h"

TEST(zones_of_POSIX_are_known)
{
	static const char *const zones[] = {
		"UTC0",		"CET-1CEST,M3.5.0,M10.5.0/3",
		"EST5EDT",	"EST5EDT4,J60,300",
		"<+0530>-5:30", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
		"NST3:30:15",	"IST-2IDT,M3.4.4/26,M10.5.0",
	};

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		assert_true(zone_is_posix(zones[i]));
}

TEST(what_is_none_is_refused)
{
	static const char *const others[] = {
		"",
		"UTC",
		":UTC0",
		"/etc/passwd",
		"Europe/Berlin",
		"../../x",
		"CET-1\n",
		"C-1",
		"CET-25",
		"CET-1CEST,M3.5.0",
		"CET-1CEST,M13.5.0,M10.5.0",
		"CET-1x",
		"<CET-1",
		"CET-1CEST,",
		"CET-1CEST,M3.5.0,M10.5.0/3/4",
		"CET-1:60",
		"CET-99999999999999999999",
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (zone_is_posix(others[i]))
			fail_msg("%s is taken for one", others[i]);
}

static long offset_of(const char *tz)
{
	time_t now = time(NULL);
	struct tm tm;

	setenv("TZ", tz, 1);
	tzset();
	localtime_r(&now, &tm);
	return tm.tm_gmtoff;
}

/* Whatever TZ names: also what cannot be, which is UTC to the C library. */
TEST(what_is_found_shows_the_same_time)
{
	static const char *const zones[] = {
		"UTC0",
		"CET-1CEST,M3.5.0,M10.5.0/3",
		"Europe/Berlin",
		":Asia/Kolkata",
		"",
		"/no/such/file",
		"/etc/passwd",
		"America/St_Johns",
		"Africa/Casablanca",
		"<+0530>-5:30",
	};
	char found[ZONE_SIZE];

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		long offset = offset_of(zones[i]);

		zone_find(found);
		assert_string_equal(getenv("TZ"), zones[i]);
		assert_true(zone_is_posix(found));
		assert_int_equal(offset_of(found), offset);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_of_POSIX_are_known),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(what_is_found_shows_the_same_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
