// SPDX-License-Identifier: GPL-2.0-only
/* What a tracker's changes come to for Prometheus. The two ends are those of the fixture. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#include "core/tally.h"
#include "render/metrics.h"

#define PAGE_BYTES 100000

static struct tally *tally;
static struct tracker tracker;
static struct filter filter;
static char *page;
static struct metrics_program programs[] = {{"trace_state", 12, 3000000001, 1},
					    {"odd \"\\\n", 0, 0, 0}};

static void deliver(void *ctx, const struct change *change)
{
	tally_change(ctx, change);
}

static int begin(void **fixture)
{
	(void)fixture;
	memset(&filter, 0, sizeof(filter));
	tally = test_calloc(1, sizeof(*tally));
	page = test_calloc(1, PAGE_BYTES);
	fixture_make_ends();
	return tracker_init(&tracker, 64, &filter, deliver, tally);
}

static int finish(void **fixture)
{
	(void)fixture;
	tracker_fini(&tracker);
	test_free(tally);
	test_free(page);
	return 0;
}

static void take(const struct event *events, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		tracker_event(&tracker, &events[i]);
}

static void open_both(uint64_t us)
{
	struct event events[MAKE_OPEN_EVENTS];

	make_open(events, &client, &server, us);
	take(events, MAKE_OPEN_EVENTS);
}

static void close_both(uint64_t us)
{
	struct event events[MAKE_CLOSE_EVENTS];

	make_close(events, &client, &server, us);
	take(events, MAKE_CLOSE_EVENTS);
}

static void print(enum metrics_form form)
{
	const struct totals totals = {.tally = tally,
				      .events = 10,
				      .lost = 5,
				      .dropped = 4,
				      .evicted = 3,
				      .damaged = 2,
				      .unknown = 1};
	const struct metrics metrics = {
		.totals = &totals,
		.tracked = {.held = 1, .live = 2, .done = 3, .capacity = 64},
		.programs = programs,
		.program_count = 2,
		.version = "0.1",
		.hooks = "fentry",
	};
	struct text text;

	text_init(&text, page, PAGE_BYTES);
	metrics_print(&metrics, form, &text);
	assert_false(text.cut);
}

/* Exactly one line of the page is LINE. */
static void check_line(const char *line)
{
	char whole[512];
	const char *at;

	snprintf(whole, sizeof(whole), "\n%s\n", line);
	at = strstr(page, whole);
	if (!at)
		fail_msg("there is no line %s", line);
	assert_null(strstr(at + 1, whole));
}

static void check_no(const char *text)
{
	if (strstr(page, text))
		fail_msg("there is %s", text);
}

#define EDGE(from, to, kind)                                                                       \
	"tcpstate_transitions_total{from=\"" from "\",to=\"" to "\",kind=\"" kind "\"} "
#define NOW(state, kind) "tcpstate_endpoints{state=\"" state "\",kind=\"" kind "\"} "
#define TIME(what, state, kind, more)                                                              \
	"tcpstate_state_seconds" what "{state=\"" state "\",kind=\"" kind "\"" more "} "
#define CLOSES(verdict, first) "tcpstate_closes_total{verdict=\"" verdict "\",first=\"" first "\"} "

TEST(what_can_occur_is_there_with_0)
{
	print(METRICS_TEXT);
	check_line(EDGE("SYN_SENT", "ESTABLISHED", "full") "0");
	check_line(EDGE("LISTEN", "NEW_SYN_RECV", "request") "0");
	check_line(EDGE("NEW_SYN_RECV", "CLOSE", "request") "0");
	check_line(EDGE("TIME_WAIT", "CLOSE", "minisock") "0");
	check_line(NOW("LISTEN", "full") "0");
	check_line(NOW("FIN_WAIT2", "full") "0");
	check_line(NOW("FIN_WAIT2", "minisock") "0");
	check_line(NOW("NEW_SYN_RECV", "request") "0");
	check_line(TIME("_bucket", "TIME_WAIT", "minisock", ",le=\"65.0\"") "0");
	check_line(TIME("_sum", "TIME_WAIT", "minisock", "") "0.000000000");
	check_line(CLOSES("reset", "nobody") "0");
	check_line("tcpstate_findings_total{finding=\"close-wait-held\"} 0");
	check_no("state=\"CLOSE\"");
	check_no("finding=\"\"");
	check_no("to=\"LISTEN\",kind=\"minisock\"");
}

TEST(what_occurs_is_counted)
{
	open_both(0);
	close_both(100);
	tracker_finish(&tracker, AT(200));
	print(METRICS_TEXT);
	check_line(EDGE("SYN_SENT", "ESTABLISHED", "full") "1");
	check_line(EDGE("FIN_WAIT2", "TIME_WAIT", "minisock") "1");
	check_line(NOW("TIME_WAIT", "minisock") "1");
	check_line(NOW("ESTABLISHED", "full") "0");
	check_line(CLOSES("closed", "client") "1");
	check_line(CLOSES("closed", "server") "0");
}

TEST(buckets_hold_all_that_is_less)
{
	open_both(0);
	close_both(2000); /* both ends were open for less than 2 ms */
	print(METRICS_TEXT);
	check_line(TIME("_bucket", "ESTABLISHED", "full", ",le=\"0.00001\"") "0");
	check_line(TIME("_bucket", "ESTABLISHED", "full", ",le=\"0.001\"") "0");
	check_line(TIME("_bucket", "ESTABLISHED", "full", ",le=\"0.01\"") "2");
	check_line(TIME("_bucket", "ESTABLISHED", "full", ",le=\"86400.0\"") "2");
	check_line(TIME("_bucket", "ESTABLISHED", "full", ",le=\"+Inf\"") "2");
	check_line(TIME("_count", "ESTABLISHED", "full", "") "2");
	check_line(TIME("_sum", "ESTABLISHED", "full", "") "0.003997000");
}

TEST(an_edge_that_nobody_knows_is_there_when_it_occurs)
{
	open_both(0);
	print(METRICS_TEXT);
	check_no("from=\"FIN_WAIT2\",to=\"LAST_ACK\"");
	take(&(struct event[]){make_edge(STEP(&client, FIN_WAIT2, LAST_ACK, 50))}[0], 1);
	print(METRICS_TEXT);
	check_line(EDGE("FIN_WAIT2", "LAST_ACK", "full") "1");
}

TEST(the_tracer_tells_of_itself)
{
	print(METRICS_TEXT);
	check_line("tcpstate_events_total 10");
	check_line("tcpstate_lost_events_total 5");
	check_line("tcpstate_dropped_events_total 4");
	check_line("tcpstate_evicted_connections_total 3");
	check_line("tcpstate_damaged_records_total 3");
	check_line("tcpstate_tracked_connections{list=\"live\"} 2");
	check_line("tcpstate_tracked_connections_limit 64");
	check_line("tcpstate_bpf_runs_total{program=\"trace_state\"} 12");
	check_line("tcpstate_bpf_run_seconds_total{program=\"trace_state\"} 3.000000001");
	check_line("tcpstate_bpf_recursion_misses_total{program=\"trace_state\"} 1");
	check_line("tcpstate_build_info{version=\"0.1\",hooks=\"fentry\"} 1");
}

TEST(labels_are_escaped)
{
	print(METRICS_TEXT);
	check_line("tcpstate_bpf_runs_total{program=\"odd \\\"\\\\\\n\"} 0");
	print(METRICS_OPEN);
	check_line("tcpstate_bpf_runs_total{program=\"odd \\\"\\\\\\n\"} 0");
}

TEST(text_names_families_as_their_samples)
{
	print(METRICS_TEXT);
	check_line("# TYPE tcpstate_transitions_total counter");
	check_line("# TYPE tcpstate_state_seconds histogram");
	check_line("# TYPE tcpstate_build_info gauge");
	check_no("# UNIT");
	check_no("# EOF");
}

TEST(OpenMetrics_names_them_without_the_suffix_and_ends)
{
	static const char eof[] = "\n# EOF\n";

	print(METRICS_OPEN);
	check_line("# TYPE tcpstate_transitions counter");
	check_line("# TYPE tcpstate_bpf_run_seconds counter");
	check_line("# UNIT tcpstate_bpf_run_seconds seconds");
	check_line("# UNIT tcpstate_state_seconds seconds");
	check_line("# TYPE tcpstate_build info");
	check_line(EDGE("SYN_SENT", "ESTABLISHED", "full") "0");
	assert_string_equal(page + strlen(page) - strlen(eof), eof);
}

/* What Prometheus 2.42 sends, and curl. */
TEST(the_form_is_what_the_client_wants_most)
{
	assert_int_equal(metrics_form_wanted(
				 "application/openmetrics-text;version=1.0.0,application/"
				 "openmetrics-text;"
				 "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
			 METRICS_OPEN);
	assert_int_equal(metrics_form_wanted("text/plain;version=0.0.4;q=1,*/*;q=0.1"),
			 METRICS_TEXT);
	assert_int_equal(metrics_form_wanted("*/*"), METRICS_TEXT);
	assert_int_equal(metrics_form_wanted(NULL), METRICS_TEXT);
	assert_int_equal(metrics_form_wanted("application/openmetrics-text;version=2.0.0"),
			 METRICS_TEXT);
	assert_string_equal(metrics_content_type(METRICS_OPEN),
			    "application/openmetrics-text; version=1.0.0; charset=utf-8");
	assert_string_equal(metrics_content_type(METRICS_TEXT),
			    "text/plain; version=0.0.4; charset=utf-8");
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_can_occur_is_there_with_0),
		T(what_occurs_is_counted),
		T(buckets_hold_all_that_is_less),
		T(an_edge_that_nobody_knows_is_there_when_it_occurs),
		T(the_tracer_tells_of_itself),
		T(labels_are_escaped),
		T(text_names_families_as_their_samples),
		T(OpenMetrics_names_them_without_the_suffix_and_ends),
		T(the_form_is_what_the_client_wants_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
