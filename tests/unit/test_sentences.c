// SPDX-License-Identifier: GPL-2.0-only
/* The sentences of causes and verdicts. */
#include "fixture.h"

#include <errno.h>
#include <string.h>

#include "render/words.h"

static char said[512];

static const char *note_of(struct make_step *step)
{
	struct change change = {.kind = CHANGE_MOVED,
				.from = step->from,
				.to = step->to,
				.cause = fixture_cause(step)};
	struct text text;

	text_init(&text, said, sizeof(said));
	words_note(&text, &change);
	return said;
}

#define CHECK_NOTE(words, ...) assert_string_equal(note_of(STEP(NULL, __VA_ARGS__)), words)

TEST(calls_are_called_by_name)
{
	CHECK_NOTE("close() by client[100]", ESTABLISHED, FIN_WAIT1, 0, .released = true,
		   .call = WIRE_CALL_CLOSE, .shutdown = SHUTDOWN_BOTH);
	CHECK_NOTE("close_range() by client[100]", ESTABLISHED, FIN_WAIT1, 0, .released = true,
		   .call = WIRE_CALL_CLOSE_RANGE, .shutdown = SHUTDOWN_BOTH);
	CHECK_NOTE("dup2() over it by client[100]", ESTABLISHED, FIN_WAIT1, 0, .released = true,
		   .call = WIRE_CALL_DUP, .shutdown = SHUTDOWN_BOTH);
	CHECK_NOTE("close-on-exec by client[100]", ESTABLISHED, FIN_WAIT1, 0, .released = true,
		   .call = WIRE_CALL_EXEC, .shutdown = SHUTDOWN_BOTH);
	CHECK_NOTE("32-bit close() by client[100]", ESTABLISHED, FIN_WAIT1, 0, .released = true,
		   .call = WIRE_CALL_CLOSE, .shutdown = SHUTDOWN_BOTH, .compat = true);
	CHECK_NOTE("deferred close, in another call, by client[100]", ESTABLISHED, FIN_WAIT1, 0,
		   .released = true, .call = WIRE_CALL_OTHER, .shutdown = SHUTDOWN_BOTH);
	CHECK_NOTE("shutdown(SHUT_RDWR) by client[100]", ESTABLISHED, FIN_WAIT1, 0,
		   .call = WIRE_CALL_SHUTDOWN, .shutdown = SHUTDOWN_BOTH);
	CHECK_NOTE("shutdown(SHUT_WR) by client[100]", ESTABLISHED, FIN_WAIT1, 0,
		   .call = WIRE_CALL_SHUTDOWN, .shutdown = SHUTDOWN_SEND);
	CHECK_NOTE("shutdown() by client[100]", CLOSE_WAIT, LAST_ACK, 0, .call = WIRE_CALL_SHUTDOWN,
		   .shutdown = SHUTDOWN_BOTH);
	CHECK_NOTE("closed by client[100]", CLOSE_WAIT, LAST_ACK, 0, .shutdown = SHUTDOWN_BOTH);
	CHECK_NOTE("connect(AF_UNSPEC) by client[100]", ESTABLISHED, CLOSE, 0,
		   .call = WIRE_CALL_CONNECT);
	CHECK_NOTE("killed by SIGKILL: the kernel closed for client[100] (RST: 5 bytes unread)",
		   ESTABLISHED, CLOSE, 0, .exiting = true, .signaled = true, .signal = 9,
		   .unread = 5, .shutdown = SHUTDOWN_BOTH, .released = true);
}

TEST(io_uring_is_named)
{
	CHECK_NOTE("close() through io_uring by client[100]", ESTABLISHED, FIN_WAIT1, 0,
		   .released = true, .call = WIRE_CALL_IO_URING, .shutdown = SHUTDOWN_BOTH);
	CHECK_NOTE("close() through io_uring by client[100]", ESTABLISHED, FIN_WAIT1, 0,
		   .released = true, .io_worker = true, .shutdown = SHUTDOWN_BOTH);
	CHECK_NOTE("shutdown(SHUT_WR) through io_uring by client[100]", ESTABLISHED, FIN_WAIT1, 0,
		   .io_worker = true, .shutdown = SHUTDOWN_SEND);
	CHECK_NOTE("connect() through io_uring", CLOSE, SYN_SENT, 0, .call = WIRE_CALL_IO_URING);
}

TEST(the_kernel_is_named)
{
	CHECK_NOTE("deferred close by a kernel thread", ESTABLISHED, FIN_WAIT1, 0, .kthread = true,
		   .released = true, .shutdown = SHUTDOWN_BOTH);
	CHECK_NOTE("closed by the kernel: its own socket", ESTABLISHED, FIN_WAIT1, 0,
		   .kernel = true, .shutdown = SHUTDOWN_BOTH);
	CHECK_NOTE("connect() by the kernel", CLOSE, SYN_SENT, 0, .kthread = true);
	CHECK_NOTE("listen() by the kernel", CLOSE, LISTEN, 0, .kernel = true);
}

TEST(what_is_ordinary_is_not_said)
{
	CHECK_NOTE("", CLOSE, SYN_SENT, 0, .call = WIRE_CALL_CONNECT);
	CHECK_NOTE("", CLOSE, LISTEN, 0, .call = WIRE_CALL_LISTEN);
	CHECK_NOTE("", ESTABLISHED, CLOSE_WAIT, 0);
	CHECK_NOTE("", ESTABLISHED, CLOSE, 0, .err = ECONNRESET);
	CHECK_NOTE("sendto() with MSG_FASTOPEN", CLOSE, SYN_SENT, 0, .call = WIRE_CALL_SEND);
	CHECK_NOTE("32-bit connect()", CLOSE, SYN_SENT, 0, .call = WIRE_CALL_CONNECT,
		   .compat = true);
}

TEST(RSTs_say_why)
{
	CHECK_NOTE("close() by client[100] (RST: 1 byte unread)", ESTABLISHED, CLOSE, 0,
		   .unread = 1, .shutdown = SHUTDOWN_BOTH, .released = true);
	CHECK_NOTE("close() by client[100] (RST: SO_LINGER 0)", ESTABLISHED, CLOSE, 0,
		   .linger_0 = true, .shutdown = SHUTDOWN_BOTH, .released = true);
	CHECK_NOTE("the kernel gave the orphan up (RST: too many orphans, or no memory)", FIN_WAIT1,
		   CLOSE, 0, .orphan = true, .nobody = true, .shutdown = SHUTDOWN_BOTH);
	CHECK_NOTE("the kernel gave the orphan up (RST: TCP_LINGER2 below 0)", FIN_WAIT2, CLOSE, 0,
		   .orphan = true, .nobody = true, .shutdown = SHUTDOWN_BOTH);
	CHECK_NOTE("its listener is closed by client[100], it was never accepted", ESTABLISHED,
		   CLOSE, 0, .call = WIRE_CALL_CLOSE);
	CHECK_NOTE("aborted from outside (ss -K): ECONNABORTED", ESTABLISHED, CLOSE, 0,
		   .err = ECONNABORTED);
	CHECK_NOTE("aborted from outside (ss -K)", LISTEN, CLOSE, 0, .call = WIRE_CALL_SEND);
}

TEST(a_refusal_is_a_RST_or_comes_by_ICMP)
{
	CHECK_NOTE("or ICMP: port unreachable", SYN_SENT, CLOSE, 0, .err = ECONNREFUSED);
}

/* What a timer was set to is read when a jiffy may have gone. */
TEST(a_jiffy_is_no_second_less)
{
	assert_int_equal(words_seconds(60000), 60);
	assert_int_equal(words_seconds(59996), 60);
	assert_int_equal(words_seconds(996), 1);
	assert_int_equal(words_seconds(60499), 60);
	CHECK_NOTE("orphan: up to 1 s for the peer's FIN", FIN_WAIT2, CLOSE, 0, .orphan = true,
		   .fin_time_ms = 996);
}

TEST(timeouts_say_which)
{
	static const struct counts closed = {.unsent = 9};

	CHECK_NOTE("no answer: ETIMEDOUT", ESTABLISHED, CLOSE, 0, .err = ETIMEDOUT);
	CHECK_NOTE("no answer: ETIMEDOUT (SYN sent 3 times)", SYN_SENT, CLOSE, 0, .err = ETIMEDOUT,
		   .retransmits = 2);
	CHECK_NOTE("no answer: ETIMEDOUT", SYN_RECV, CLOSE, 0, .err = ETIMEDOUT, .retransmits = 2);
	CHECK_NOTE("no answer: ETIMEDOUT (15 retransmissions)", ESTABLISHED, CLOSE, 0,
		   .err = ETIMEDOUT, .retransmits = 15);
	CHECK_NOTE("no answer: ETIMEDOUT (tcp_orphan_retries, 8 retransmissions)", LAST_ACK, CLOSE,
		   0, .err = ETIMEDOUT, .retransmits = 8, .orphan = true);
	CHECK_NOTE("no answer: ETIMEDOUT (keepalive, 1 probe)", ESTABLISHED, CLOSE, 0,
		   .err = ETIMEDOUT, .probes = 1, .keepalive = true);
	CHECK_NOTE("no answer: ETIMEDOUT (the peer's window stayed closed, 15 probes)", ESTABLISHED,
		   CLOSE, 0, .err = ETIMEDOUT, .probes = 15, .counts = &closed);
	CHECK_NOTE("no answer: ETIMEDOUT (TCP_USER_TIMEOUT, sent again 2 times)", ESTABLISHED,
		   CLOSE, 0, .err = ETIMEDOUT, .retransmits = 2, .user_timeout = true);
	CHECK_NOTE("ICMP error: EHOSTUNREACH", SYN_SENT, CLOSE, 0, .err = EHOSTUNREACH);
	CHECK_NOTE("ICMP error: EHOSTUNREACH, 15 retransmissions", ESTABLISHED, CLOSE, 0,
		   .err = EHOSTUNREACH, .retransmits = 15);
}

TEST(one_time_is_no_times)
{
	struct change change = {.kind = CHANGE_MINI,
				.from = WIRE_NEW_SYN_RECV,
				.to = WIRE_CLOSE,
				.cause = {.by = CAUSE_TIMEOUT}};
	struct text text;

	text_init(&text, said, sizeof(said));
	words_note(&text, &change);
	assert_string_equal(said, "handshake given up, SYN,ACK sent 1 time");
	change.again = 5;
	text_reset(&text);
	words_note(&text, &change);
	assert_string_equal(said, "handshake given up, SYN,ACK sent 6 times");
}

/* --- verdicts -------------------------------------------------------------------------------------- */

static const char *verdict_words(bool wide)
{
	const struct seen *seen = watch_find(w, CHANGE_ENDED, 0);
	const struct style style = {.columns = 100, .wide = wide};
	struct text text;

	assert_non_null(seen);
	text_init(&text, said, sizeof(said));
	words_verdict(&style, &text, &seen->conn, seen->change.ktime_ns);
	return said;
}

TEST(a_verdict_ends_in_numbers)
{
	static const struct counts counts = {.bytes_sent = 5,
					     .bytes_received = 7,
					     .segs_out = 6,
					     .segs_in = 1,
					     .retrans = 2,
					     .srtt_us = 40};

	fixture_open_client();
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 10);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 3000010, .shutdown = SHUTDOWN_BOTH);
	GO(w, &client, LAST_ACK, CLOSE, 3000050, .counts = &counts);
	assert_string_equal(verdict_words(false),
			    "closed by server first - FIN both ways - CLOSE_WAIT 3 s at client "
			    "- 5 B in 6 segments from client, 2 sent again - 7 B in 1 segment from "
			    "server - rtt 40 us - lasted 3 s");
	assert_non_null(strstr(verdict_words(true), "[closed] closed by server first - FIN"));
}

TEST(a_reset_says_why)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, CLOSE, 10, .shutdown = SHUTDOWN_BOTH, .unread = 99);
	GO(w, &client, ESTABLISHED, CLOSE, 11, .err = ECONNRESET);
	assert_string_equal(verdict_words(false), "closed by server first - reset by server: 99 "
						  "bytes unread - lasted 11 us");
}

TEST(a_half_open_connection_says_what_the_gone_end_died_of)
{
	watch_open(w, &client, &server, 0);
	GO(w, &client, ESTABLISHED, CLOSE, 10, .err = ETIMEDOUT, .keepalive = true, .probes = 9);
	tracker_finish(&w->tracker, AT(100));
	assert_string_equal(verdict_words(true),
			    "[half-open] half-open - CLOSE at client: "
			    "keepalive, 9 probes - ESTABLISHED at server - lasted 100 us");
}

TEST(a_half_closed_connection_says_for_how_long)
{
	watch_open(w, &client, &server, 0);
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_SEND);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &server, FIN_WAIT1, FIN_WAIT2, 12);
	tracker_finish(&w->tracker, AT(5000012));
	assert_string_equal(verdict_words(false),
			    "closed by server first - half-closed - CLOSE_WAIT at client for 5 s"
			    " - FIN_WAIT2 at server for 5 s - lasted 5 s");
}

TEST(a_wait_of_a_round_trip_is_no_news)
{
	static const struct counts far = {.srtt_us = 20000};

	fixture_open_client();
	GO(w, &client, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH, .counts = &far);
	GO(w, &client, FIN_WAIT1, FIN_WAIT2, 21000, .counts = &far);
	GO(w, &client, FIN_WAIT2, CLOSE, 81000, .peer_fin = true, .counts = &far);
	assert_null(strstr(verdict_words(false), "FIN_WAIT1"));
	assert_non_null(strstr(verdict_words(false), "FIN_WAIT2 60.0 ms at client"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_time_is_no_times),
		cmocka_unit_test(calls_are_called_by_name),
		cmocka_unit_test(io_uring_is_named),
		cmocka_unit_test(the_kernel_is_named),
		cmocka_unit_test(what_is_ordinary_is_not_said),
		cmocka_unit_test(RSTs_say_why),
		cmocka_unit_test(a_refusal_is_a_RST_or_comes_by_ICMP),
		cmocka_unit_test(timeouts_say_which),
		cmocka_unit_test(a_jiffy_is_no_second_less),
		TEST_OF(a_verdict_ends_in_numbers),
		TEST_OF(a_reset_says_why),
		TEST_OF(a_half_open_connection_says_what_the_gone_end_died_of),
		TEST_OF(a_half_closed_connection_says_for_how_long),
		TEST_OF(a_wait_of_a_round_trip_is_no_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
