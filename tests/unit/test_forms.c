// SPDX-License-Identifier: GPL-2.0-only
/* The forms for machines: what they are made of, and that a line is whole whatever is in it. */
#include "make.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/tally.h"
#include "render/csv.h"
#include "render/fields.h"
#include "render/json.h"
#include "render/line.h"

#define SAID_BYTES (4UL * LINE_BYTES)

static const struct style style = {.header = true, .realtime_ns = 1795382045123456789};

static struct screen screen;
static struct sink *sink;
static FILE *file;
static char *said;

/* --- what is said ----------------------------------------------------------------------------------- */

static int begin(void **fixture)
{
	(void)fixture;
	said = test_calloc(1, SAID_BYTES);
	file = tmpfile();
	return !file || screen_init(&screen, fileno(file));
}

static int end(void **fixture)
{
	(void)fixture;
	sink->destroy(sink);
	sink = NULL;
	screen_fini(&screen);
	test_free(said);
	return fclose(file);
}

static const char *what_was_said(void)
{
	size_t len;

	screen_flush(&screen);
	rewind(file);
	len = fread(said, 1, SAID_BYTES - 1, file);
	said[len] = '\0';
	return said;
}

static const char *say(const struct change *change)
{
	sink->change(sink, change);
	return what_was_said();
}

/* Each brace and quote has its other one; what is in strings is no matter. */
static void check_json(const char *line)
{
	bool in_string = false;
	int depth = 0;

	assert_memory_equal(line, "{\"type\":\"", 9);
	for (const char *at = line; *at; at++) {
		if (in_string && *at == '\\')
			at++;
		else if (*at == '"')
			in_string = !in_string;
		else if (!in_string && strchr("{[", *at))
			depth++;
		else if (!in_string && strchr("}]", *at))
			depth--;
		assert_true(depth > 0 || strcmp(at, "}\n") == 0 || strcmp(at, "\n") == 0);
	}
	assert_false(in_string);
}

/* As many cells as columns in each line, and CR LF behind it. */
static void check_csv(const char *lines)
{
	unsigned int commas = 0, columns = 0;
	bool quoted = false;

	for (const char *at = lines; *at; at++) {
		if (*at == '"')
			quoted = !quoted;
		commas += *at == ',' && !quoted;
		if (*at != '\n' || quoted)
			continue;
		assert_int_equal(at[-1], '\r');
		columns = columns ? columns : commas;
		assert_int_equal(commas, columns);
		commas = 0;
	}
	assert_false(quoted);
	assert_int_equal(commas, 0);
	assert_true(columns > 100);
}

/* --- all of it at its most --------------------------------------------------------------------------- */

#define ID 7

static struct owner_names names;
static struct endpoint ends[2];
static struct past pasts[2];
static struct conn conn;
static struct in_use in_use;
static struct used_up used_up;
static struct finding finding;

/* Each byte takes six: "\u00NN", or "\ufffd". */
static struct owner make_owner_at_most(void)
{
	struct owner owner = {.cgroup = ID,
			      .pid = UINT32_MAX,
			      .uid = UINT32_MAX,
			      .source = OWNER_READ,
			      .uid_known = true,
			      .kernel = true};

	memset(owner.comm, '\x01', sizeof(owner.comm));
	return owner;
}

/* What stands behind "lxc.payload." is a container's name as well. */
static void name_at_most(struct names *of, uint64_t id, char byte)
{
	static const char begin[] = "/lxc.payload.";
	struct name_event name = {.id = id};

	memset(name.text, byte, sizeof(name.text) - 1);
	memcpy(name.text, begin, strlen(begin));
	assert_int_equal(names_init(of), 0);
	names_put(of, &name);
}

static struct cause make_cause_at_most(void)
{
	struct cause cause = {.by = CAUSE_SIGNAL,
			      .came = SEGMENT_SYN_ACK,
			      .sent = SEGMENT_RST,
			      .err = UINT16_MAX,
			      .unread = UINT32_MAX,
			      .count = UINT8_MAX,
			      .why = WHY_UNREAD,
			      .by_owner = true,
			      .actor = {.pid = UINT32_MAX,
					.signal = UINT8_MAX,
					.call = WIRE_CALL_IO_URING}};

	memset(cause.actor.comm, '\xff', sizeof(cause.actor.comm));
	return cause;
}

static void make_end_at_most(struct endpoint *of, enum side side)
{
	*of = (struct endpoint){.conn = &conn,
				.cookie = UINT64_MAX,
				.local = make_at("ffff:ffff:ffff:ffff:ffff:ffff:1.1.1.1",
						 UINT16_MAX),
				.netns = UINT32_MAX,
				.state = WIRE_CLOSE,
				.last_from = WIRE_ESTABLISHED,
				.owner = make_owner_at_most(),
				.past = &pasts[side],
				.side = (uint8_t)side};
	pasts[side] = (struct past){
		.closer = make_owner_at_most(),
		.end = make_cause_at_most(),
		.gave_up_ns = UINT64_MAX,
		.gave_up_by = CAUSE_SIGNAL,
		.gave_up_signal = UINT8_MAX,
		.counts_known = true,
		.counts = {UINT64_MAX, UINT64_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX,
			   UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX},
	};
	of->remote = of->local;
	for (unsigned int state = 0; state < WIRE_STATE_COUNT; state++)
		pasts[side].waits_ns[state] = UINT64_MAX;
	conn.ends[side] = of;
}

static void make_holders(void)
{
	in_use = (struct in_use){.wants = {.local = ends[0].local,
					   .err = EADDRINUSE,
					   .actor = {.pid = UINT32_MAX, .cgroup = ID}},
				 .times = UINT32_MAX,
				 .listed = INUSE_LISTED,
				 .count = UINT32_MAX,
				 .blockers = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}};
	memset(in_use.wants.actor.comm, '\xff', WIRE_COMM_LEN);
	for (unsigned int i = 0; i < INUSE_LISTED; i++)
		in_use.users[i] = (struct port_user){.claim = {.local = ends[0].local.addr},
						     .remote = ends[0].local,
						     .owner = make_owner_at_most(),
						     .state = WIRE_ESTABLISHED,
						     .gave_up = true,
						     .gave_up_by = CAUSE_SIGNAL,
						     .signal = UINT8_MAX,
						     .blocks = true};
}

static struct change make_change_at_most(enum change_kind kind)
{
	struct owner owner = make_owner_at_most();
	bool ends_told = kind <= CHANGE_FOUND || kind == CHANGE_GONE;

	conn = (struct conn){.id = UINT64_MAX};
	make_end_at_most(&ends[0], SIDE_CLIENT);
	make_end_at_most(&ends[1], SIDE_SERVER);
	make_holders();
	used_up = (struct used_up){.remote = ends[0].local, .owner = owner};
	finding = (struct finding){.code = FINDING_RST_UNREAD,
				   .count = UINT64_MAX,
				   .owner = owner,
				   .local = ends[0].local,
				   .remote = ends[0].local,
				   .by = CAUSE_SIGNAL,
				   .signal = UINT8_MAX};
	return (struct change){.kind = kind,
			       .ktime_ns = UINT64_MAX,
			       .conn = kind < CHANGE_LOST ? &conn : NULL,
			       .end = ends_told ? &ends[0] : NULL,
			       .finding = kind == CHANGE_FINDING ? &finding : NULL,
			       .in_use = kind == CHANGE_BIND ? &in_use : NULL,
			       .used_up = kind == CHANGE_NO_PORT ? &used_up : NULL,
			       .from = WIRE_ESTABLISHED,
			       .to = WIRE_CLOSE,
			       .in_state_known = true,
			       .in_state_ns = UINT64_MAX,
			       .cause = make_cause_at_most(),
			       .names = &names,
			       .lost = UINT64_MAX};
}

static void say_all(void (*check)(const char *lines))
{
	struct owner owner = make_owner_at_most();

	name_at_most(&names.cgroups, ID, '\x7f');
	name_at_most(&names.cmdlines, owner_cmdline_id(owner.pid, owner.comm), '\xff');
	for (unsigned int kind = 0; kind <= CHANGE_FINDING; kind++) {
		struct change change = make_change_at_most(kind);

		check(say(&change));
		assert_int_equal(ftruncate(fileno(file), 0), 0);
		rewind(file);
	}
	names_fini(&names.cgroups);
	names_fini(&names.cmdlines);
}

static void check_json_line(const char *lines)
{
	assert_int_equal(strchr(lines, '\n') - lines, strlen(lines) - 1);
	check_json(lines);
}

TEST(json_is_whole_with_all_at_its_most)
{
	sink = json_create(&screen, &style);
	say_all(check_json_line);
}

static const char *csv_header;

static void check_csv_line(const char *lines)
{
	char *both = test_calloc(2, SAID_BYTES);

	if (!csv_header)
		csv_header = strndup(lines, strcspn(lines, "\n") + 1);
	snprintf(both, 2 * SAID_BYTES, "%s%s", csv_header, lines);
	check_csv(both);
	test_free(both);
}

TEST(csv_is_whole_with_all_at_its_most)
{
	sink = csv_create(&screen, &style);
	say_all(check_csv_line);
}

/* --- values ----------------------------------------------------------------------------------------- */

/* All edges, and names that take the most bytes. */
static void tally_at_most(struct tally *tally)
{
	memset(tally->edges, 0xff, sizeof(tally->edges));
	memset(tally->minis, 0xff, sizeof(tally->minis));
	memset(tally->sockets, 0xff, sizeof(tally->sockets));
	memset(tally->minisocks, 0xff, sizeof(tally->minisocks));
	memset(tally->verdicts, 0x1f, sizeof(tally->verdicts));
	memset(tally->told, 0xff, sizeof(tally->told));
	memset(tally->cases, 0xff, sizeof(tally->cases));
	for (char i = 0; i < TOP_LINES; i++) {
		struct owner owner = {.source = OWNER_READ};
		struct top_entry *entry;

		memset(owner.comm, '\x7f', sizeof(owner.comm));
		owner.comm[0] = (char)('\x01' + i);
		entry = top_count(&tally->top, &owner);
		entry->ends = entry->client = entry->first = entry->rst_sent = entry->rst_received =
			entry->open = entry->missed = UINT64_MAX;
	}
}

static const char *total_at_most(void)
{
	struct tally *tally = test_calloc(1, sizeof(*tally));
	struct totals totals;

	memset(&totals, 0xff, sizeof(totals));
	totals.tally = tally;
	tally_at_most(tally);
	sink->total(sink, &totals);
	test_free(tally);
	return what_was_said();
}

TEST(a_summary_is_whole_with_all_at_its_most)
{
	sink = json_create(&screen, &style);
	check_json_line(total_at_most());
	assert_non_null(strstr(said, "\"no_ports\":0}}\n"));
	assert_non_null(strstr(said, "{\"code\":\"accept-queue-full\","));
}

TEST(so_it_is_as_csv)
{
	sink = csv_create(&screen, &style);
	assert_non_null(strstr(total_at_most(), "{\"\"code\"\":\"\"accept-queue-full\"\","));
	assert_string_equal(said + strlen(said) - 7, "\",0,0\r\n");
}

static void check_has(const char *part)
{
	if (!strstr(said, part))
		fail_msg("it has no %s:\n%s", part, said);
}

TEST(what_is_not_known_is_null)
{
	struct endpoint nobody = {.conn = &conn, .state = WIRE_SYN_SENT};
	struct change change = {.kind = CHANGE_MOVED,
				.ktime_ns = 1,
				.conn = &conn,
				.end = &nobody,
				.from = WIRE_CLOSE,
				.to = WIRE_SYN_SENT};

	sink = json_create(&screen, &style);
	conn = (struct conn){.id = 1, .ends = {&nobody}};
	say(&change);
	check_has("\"pid\":null,\"comm\":null,\"uid\":null,\"cgroup\":null");
	check_has("\"sk\":null,\"local\":{\"addr\":null,\"port\":null}");
	check_has("\"in_state_ns\":null");
	check_has("\"side\":null");
	check_has("\"owner_source\":null");
}

TEST(time_is_that_of_the_wall_with_all_its_digits)
{
	struct change change = {.kind = CHANGE_LOST, .ktime_ns = 1000000001, .lost = 3};

	sink = json_create(&screen, &style);
	say(&change);
	assert_string_equal(said, "{\"type\":\"lost\",\"v\":1,\"time\":\"2026-11-22T21:14:06."
				  "123456790Z\","
				  "\"mono_ns\":1000000001,\"lost\":3}\n");
}

/* Its pid would be whoever a softirq interrupted. */
TEST(nobody_is_named_for_what_he_did_not_do)
{
	struct change change = make_change_at_most(CHANGE_MINI);

	sink = json_create(&screen, &style);
	change.cause.by = CAUSE_UNKNOWN;
	change.cause.by_owner = false;
	change.cause.actor.pid = 4711;
	change.names = NULL;
	say(&change);
	check_has("\"cause\":{\"code\":\"unknown\",\"pid\":null,\"comm\":null,\"call\":null,"
		  "\"signal\":null");
	assert_null(strstr(said, "4711"));
}

/* --- the lists --------------------------------------------------------------------------------------- */

static void check_list(const struct field *fields)
{
	for (const struct field *field = fields; field->name; field++) {
		size_t len = strlen(field->about);

		assert_true(field->about[len - 1] == '.' || strchr("!?", field->about[len - 1]));
		assert_int_equal(field->fields != NULL,
				 field->type == FIELD_OBJECT || field->type == FIELD_LIST);
		assert_int_equal(field->names != NULL, field->type == FIELD_NAME);
		for (const struct field *other = fields; other < field; other++)
			assert_string_not_equal(other->name, field->name);
		if (field->fields)
			check_list(field->fields);
	}
}

TEST(each_field_is_described_once)
{
	for (unsigned int kind = 0; kind < LINE_KINDS; kind++)
		check_list(field_kinds[kind].fields);
}

#define FORM_TEST_OF(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FORM_TEST_OF(json_is_whole_with_all_at_its_most),
		FORM_TEST_OF(csv_is_whole_with_all_at_its_most),
		FORM_TEST_OF(a_summary_is_whole_with_all_at_its_most),
		FORM_TEST_OF(so_it_is_as_csv),
		FORM_TEST_OF(what_is_not_known_is_null),
		FORM_TEST_OF(time_is_that_of_the_wall_with_all_its_digits),
		FORM_TEST_OF(nobody_is_named_for_what_he_did_not_do),
		cmocka_unit_test(each_field_is_described_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
