// SPDX-License-Identifier: GPL-2.0-only
#include "make.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "source/frame.h"
#include "source/head.h"
#include "source/layout.h"
#include "source/recorder.h"
#include "source/recording.h"

#define RECORDS	  24
#define BYTES_MAX (4 * FRAME_SIZE_MAX)

/* A recording of RECORDS records in several frames, as bytes; and what is said of it, in place of stderr. */
static int file, said;
static unsigned char bytes[BYTES_MAX];
static size_t len;
static size_t frame_at[64], frames; /* where each frame begins */

static const struct recording_setting settings[] = {{"port", "80,443"}, {"ipv4", ""}, {NULL, NULL}};

static struct state_record record_at(unsigned int number)
{
	struct make_end end = make_client(0x1000 + number, (uint16_t)(40000 + number));
	struct event event = make_edge(STEP(&end, CLOSE, SYN_SENT, number));
	struct state_record record = make_record(&event);

	record.state.hdr.seq = number;
	return record;
}

static const char *path_of(int fd)
{
	static char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

static void load(void)
{
	ssize_t got = pread(file, bytes, sizeof(bytes), 0);

	assert_true(got > 0);
	len = (size_t)got;
	for (size_t at = 0; at < len; frames++) {
		frame_at[frames] = at;
		at += FRAME_HEADER_SIZE + bytes[at + 8] + 256U * bytes[at + 9];
	}
}

static int start(void **fixture)
{
	struct recorder_config config = {
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.about = {.start_ns = MAKE_START_NS,
			  .realtime_ns = 7,
			  .netns = 9,
			  .host = "somewhere"},
		.settings = settings,
	};
	struct recorder *recorder;

	(void)fixture;
	file = memfd_create("recording", 0);
	said = memfd_create("said", MFD_CLOEXEC);
	config.path = path_of(file);
	frames = 0;
	assert_int_equal(recorder_open(&config, &recorder), 0);
	for (unsigned int i = 0; i < RECORDS; i++) {
		struct state_record record = record_at(i);

		assert_int_equal(recorder_write(recorder, &record, sizeof(record)), 0);
		if (i % 7 == 6)
			recorder_tick(recorder, UINT64_MAX);
	}
	assert_int_equal(recorder_close(recorder), 0);
	load();
	return 0;
}

static int stop(void **fixture)
{
	(void)fixture;
	close(file);
	close(said);
	return 0;
}

static void store(const unsigned char *at, size_t size)
{
	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(pwrite(file, at, size, 0), size);
}

struct outcome {
	int status; /* of recording_open(), else of the last recording_next() */
	unsigned int records;
	unsigned int sentences;
	char text[256];
};

/* What comes must be records of ours, whole and in their order. */
static unsigned int read_records(struct recording *recording, int *ret_status)
{
	unsigned int count = 0, number = 0;
	const void *record;
	size_t size;

	while ((*ret_status = recording_next(recording, &record, &size)) > 0) {
		struct state_record want;

		for (; number < RECORDS; number++) {
			want = record_at(number);
			if (size == sizeof(want) && memcmp(record, &want, size) == 0)
				break;
		}
		assert_true(number++ < RECORDS);
		assert_int_equal((uintptr_t)record % 8, 0);
		count++;
	}
	return count;
}

/* Reads what is stored. */
static struct outcome outcome(void)
{
	int terminal = dup(STDERR_FILENO);
	struct outcome outcome = {0};
	struct recording *recording;

	assert_int_equal(ftruncate(said, 0), 0);
	lseek(said, 0, SEEK_SET);
	dup2(said, STDERR_FILENO);
	outcome.status = recording_open(path_of(file), &recording);
	if (!outcome.status) {
		outcome.records = read_records(recording, &outcome.status);
		recording_close(recording);
	}
	dup2(terminal, STDERR_FILENO);
	close(terminal);
	assert_true(pread(said, outcome.text, sizeof(outcome.text) - 1, 0) >= 0);
	for (const char *at = outcome.text; (at = strchr(at, '\n')); at++)
		outcome.sentences++;
	return outcome;
}

#define CHECK_SAYS(outcome_, text_)                                                                \
	do {                                                                                       \
		if (!strstr((outcome_).text, text_))                                               \
			fail_msg("it said: %s", (outcome_).text);                                  \
	} while (0)

TEST(it_comes_back_as_it_was_written)
{
	struct recording *recording;
	struct outcome whole = outcome();

	assert_int_equal(whole.status, 0);
	assert_int_equal(whole.records, RECORDS);
	assert_int_equal(whole.sentences, 0);
	assert_int_equal(recording_open(path_of(file), &recording), 0);
	assert_int_equal(recording_about(recording)->start_ns, MAKE_START_NS);
	assert_int_equal(recording_about(recording)->realtime_ns, 7);
	assert_int_equal(recording_about(recording)->netns, 9);
	assert_int_equal(recording_about(recording)->part, 0);
	assert_string_equal(recording_about(recording)->host, "somewhere");
	assert_string_equal(recording_setting(recording, 0)->name, "port");
	assert_string_equal(recording_setting(recording, 0)->value, "80,443");
	assert_string_equal(recording_setting(recording, 1)->value, "");
	assert_null(recording_setting(recording, 2));
	recording_close(recording);
}

/* Two heads, then frames of up to seven records, then the end. */
static unsigned int whole_before(size_t size)
{
	unsigned int records = 0;

	for (size_t i = 2; i + 2 < frames && frame_at[i + 1] <= size; i++)
		records += 7;
	return size >= frame_at[frames - 1] ? RECORDS : records;
}

TEST(cut_at_any_byte_it_gives_what_is_whole_and_says_so_once)
{
	for (size_t size = 0; size < len; size++) {
		struct outcome cut;

		store(bytes, size);
		cut = outcome();
		assert_int_equal(cut.status, -EBADMSG);
		assert_int_equal(cut.sentences, 1);
		assert_int_equal(cut.records, whole_before(size));
	}
}

static unsigned char changed[BYTES_MAX];

/* What is lost is at most the frame that was changed, and all of it is told once. */
TEST(any_changed_byte_is_found_and_loses_no_other_frame)
{
	for (size_t at = 0; at < len; at++) {
		for (unsigned int bit = 0; bit < 8; bit += 3) {
			struct outcome damaged;

			memcpy(changed, bytes, len);
			changed[at] ^= (unsigned char)(1U << bit);
			store(changed, len);
			damaged = outcome();
			assert_int_equal(damaged.status, -EBADMSG);
			assert_int_equal(damaged.sentences, 1);
			assert_true(damaged.records + 7 >= RECORDS);
			CHECK_SAYS(damaged, " at byte ");
		}
	}
}

TEST(random_bytes_do_no_harm)
{
	srand(1);
	for (int i = 0; i < 2000; i++) {
		memcpy(changed, bytes, len);
		for (int changes = rand() % 20; changes >= 0; changes--)
			changed[(size_t)rand() % len] = (unsigned char)rand();
		store(changed, 1 + (size_t)rand() % len);
		assert_true(outcome().sentences <= 1);
	}
}

/* What stands between frames belongs to none. */
TEST(bytes_that_were_put_in_are_passed_over)
{
	size_t at = frame_at[3];

	memcpy(changed, bytes, at);
	memset(changed + at, 0xf7, 100000);
	memcpy(changed + at + 100000, bytes + at, len - at);
	store(changed, len + 100000);
	assert_int_equal(outcome().records, RECORDS);
	CHECK_SAYS(outcome(), "is damaged at byte ");
}

TEST(one_of_the_two_heads_will_do)
{
	store(bytes + frame_at[1], len - frame_at[1]);
	assert_int_equal(outcome().records, RECORDS);
	store(bytes + frame_at[2], len - frame_at[2]);
	assert_int_equal(outcome().records, 0);
	CHECK_SAYS(outcome(), "its head is damaged");
}

TEST(what_is_none_is_said_to_be_none)
{
	memset(changed, 'x', sizeof(changed));
	store(changed, sizeof(changed));
	CHECK_SAYS(outcome(), "it is no recording of tcpstate-trace");
	store(bytes, 0);
	CHECK_SAYS(outcome(), "it is empty");
	store(bytes, 3);
	CHECK_SAYS(outcome(), "it is cut within its head");
}

TEST(without_its_end_it_is_not_whole)
{
	store(bytes, frame_at[frames - 1]);
	assert_int_equal(outcome().status, -EBADMSG);
	CHECK_SAYS(outcome(), "has no end, but stops at byte ");
}

/* --- other machines, other versions -------------------------------------------------------------- */

static z_stream deflater, inflater;

/* Turns the frame at FROM round, appends it to what is at CHANGED, and returns the new length. */
static size_t append_swapped(size_t to, const unsigned char *from, size_t size)
{
	_Alignas(8) static unsigned char body[FRAME_BODY_MAX];
	uint8_t kind;
	uint16_t record;
	size_t body_size;

	assert_true(frame_unpack(&inflater, from, size, &kind, body, &body_size) > 0);
	if (kind == FRAME_HEAD)
		layout_swap_head((struct head *)body);
	for (size_t at = 0; kind == FRAME_RECORDS && at < body_size; at += record) {
		memcpy(&record, body + at, sizeof(record));
		layout_swap_record(body + at, record);
	}
	return to + frame_pack(&deflater, kind, body, body_size, changed + to);
}

TEST(of_the_other_byte_order_it_says_the_same)
{
	size_t size = 0;

	deflateInit(&deflater, 1);
	inflateInit(&inflater);
	for (size_t i = 0; i < frames; i++)
		size = append_swapped(size, bytes + frame_at[i], len - frame_at[i]);
	store(changed, size);
	assert_memory_not_equal(changed, bytes, len);
	assert_int_equal(outcome().status, 0);
	assert_int_equal(outcome().records, RECORDS);
	deflateEnd(&deflater);
	inflateEnd(&inflater);
}

static void put_crc(unsigned char *frame)
{
	size_t stored = frame[8] + 256U * frame[9] + 65536U * frame[10];
	uint32_t crc =
		(uint32_t)crc32(crc32(0, frame, 16), frame + FRAME_HEADER_SIZE, (uInt)stored);

	for (int i = 0; i < 4; i++, crc >>= 8)
		frame[16 + i] = (unsigned char)crc;
}

TEST(a_newer_version_says_so)
{
	memcpy(changed, bytes, len);
	changed[4]++;
	put_crc(changed);
	store(changed, len);
	CHECK_SAYS(outcome(), "a newer tcpstate-trace made it: use that one");
	assert_int_equal(outcome().sentences, 1);
}

/* It begins with a record that is right, and inflates to far more than it says. */
TEST(a_bomb_does_not_go_off)
{
	static unsigned char zeros[1000000];
	uLongf packed = sizeof(changed) - len - FRAME_HEADER_SIZE;
	unsigned char *frame = changed + frame_at[2];
	struct state_record record = record_at(0);

	memcpy(zeros, &record, sizeof(record));
	memcpy(changed, bytes, frame_at[2]);
	memcpy(frame, bytes + frame_at[2], FRAME_HEADER_SIZE);
	assert_int_equal(compress(frame + FRAME_HEADER_SIZE, &packed, zeros, sizeof(zeros)), Z_OK);
	frame[7] = 1;
	frame[8] = (unsigned char)packed;
	frame[9] = (unsigned char)(packed >> 8);
	frame[12] = sizeof(record);
	frame[13] = 0;
	put_crc(frame);
	store(changed, frame_at[2] + FRAME_HEADER_SIZE + packed);
	assert_int_equal(outcome().records, 0);
	CHECK_SAYS(outcome(), "is damaged at byte ");
}

/* --- layouts ------------------------------------------------------------------------------------- */

TEST(a_record_that_is_swapped_twice_is_as_before)
{
	_Alignas(8) unsigned char record[512], before[512];

	for (unsigned int type = 0; type < 256; type++) {
		for (size_t size = sizeof(struct wire_hdr); size <= sizeof(record); size += 8) {
			for (size_t i = 0; i < sizeof(record); i++)
				record[i] = (unsigned char)(i * 37);
			record[2] = (unsigned char)type;
			memcpy(before, record, sizeof(before));
			layout_swap_record(record, size);
			assert_memory_not_equal(record, before, sizeof(struct wire_hdr));
			layout_swap_record(record, size);
			assert_memory_equal(record, before, sizeof(before));
		}
	}
}

TEST(each_number_of_a_record_is_turned_round_by_itself)
{
	struct {
		struct wire_state state;
		struct wire_counts counts;
		struct wire_actor actor;
	} counted = {.state = {.hdr = {.size = 0x0102, .type = WIRE_COUNTED, .cpu = 3},
			       .sk = 0x0102030405060708,
			       .local_addr = {1, 2, 3},
			       .remote_port = 0x0102,
			       .unread = 0x01020304,
			       .err = 0x0102,
			       .flags = 0x0304,
			       .from = 1},
		     .counts = {.bytes_received = 1, .retries = 0x01020304},
		     .actor = {.cgroup = 2, .pid = 0x01020304, .comm = "some"}};

	layout_swap_record(&counted, sizeof(counted));
	assert_int_equal(counted.state.hdr.size, 0x0201);
	assert_int_equal(counted.state.hdr.cpu, 0x03000000);
	assert_int_equal(counted.state.sk, 0x0807060504030201);
	assert_int_equal(counted.state.local_addr[1], 2);
	assert_int_equal(counted.state.remote_port, 0x0201);
	assert_int_equal(counted.state.unread, 0x04030201);
	assert_int_equal(counted.state.err, 0x0201);
	assert_int_equal(counted.state.flags, 0x0403);
	assert_int_equal(counted.state.from, 1);
	assert_int_equal(counted.counts.bytes_received, UINT64_C(1) << 56);
	assert_int_equal(counted.counts.retries, 0x04030201);
	assert_int_equal(counted.actor.cgroup, UINT64_C(2) << 56);
	assert_int_equal(counted.actor.pid, 0x04030201);
	assert_string_equal(counted.actor.comm, "some");
}

#define RECORDING_TEST_OF(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORDING_TEST_OF(it_comes_back_as_it_was_written),
		RECORDING_TEST_OF(cut_at_any_byte_it_gives_what_is_whole_and_says_so_once),
		RECORDING_TEST_OF(any_changed_byte_is_found_and_loses_no_other_frame),
		RECORDING_TEST_OF(random_bytes_do_no_harm),
		RECORDING_TEST_OF(bytes_that_were_put_in_are_passed_over),
		RECORDING_TEST_OF(one_of_the_two_heads_will_do),
		RECORDING_TEST_OF(what_is_none_is_said_to_be_none),
		RECORDING_TEST_OF(without_its_end_it_is_not_whole),
		RECORDING_TEST_OF(of_the_other_byte_order_it_says_the_same),
		RECORDING_TEST_OF(a_newer_version_says_so),
		RECORDING_TEST_OF(a_bomb_does_not_go_off),
		cmocka_unit_test(a_record_that_is_swapped_twice_is_as_before),
		cmocka_unit_test(each_number_of_a_record_is_turned_round_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
