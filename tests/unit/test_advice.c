// SPDX-License-Identifier: GPL-2.0-only
/* The sentences and the advice of findings. */
#include "fixture.h"

#include <errno.h>
#include <string.h>

#include "render/advice.h"

#define STARTER_PID 300

static char said[ADVICE_TEXT_LEN];

static const char *sentence_of(const struct finding *finding)
{
	struct text text;

	text_init(&text, said, sizeof(said));
	advice_finding(&text, finding);
	return said;
}

static const char *advice_of(const struct finding *finding)
{
	struct text text;

	text_init(&text, said, sizeof(said));
	advice_add(&text, finding);
	return said;
}

#define SENTENCE(code)	     sentence_of(TOLD(code, 0))
#define ADVICE(code)	     advice_of(TOLD(code, 0))
#define CHECK_HAS(text, s)   assert_non_null(strstr(text, s))
#define CHECK_LACKS(text, s) assert_null(strstr(text, s))

/* --- who closed ------------------------------------------------------------------------------- */

/* The server's process has read, so it is the owner. */
static void open_and_read(void)
{
	struct event event;

	watch_open(w, &client, &server, 0);
	event = make_owner(&server, WIRE_OWNER_READ, MAKE_SERVER_PID, "server", 5);
	watch_event(w, &event);
}

/* `server` closes with data unread: STEP says how. */
#define CLOSE_UNREAD(...)                                                                          \
	do {                                                                                       \
		open_and_read();                                                                   \
		GO(w, &server, ESTABLISHED, CLOSE, 10, .shutdown = SHUTDOWN_BOTH, .unread = 9,     \
		   .released = true, __VA_ARGS__);                                                 \
		GO(w, &client, ESTABLISHED, CLOSE, 11, .err = ECONNRESET);                         \
	} while (0)

TEST(who_closed_is_named_and_not_who_read)
{
	CLOSE_UNREAD(.pid = STARTER_PID, .call = WIRE_CALL_CLOSE);
	assert_int_equal(TOLD(RST_UNREAD, 0)->owner.pid, STARTER_PID);
	CHECK_HAS(SENTENCE(RST_UNREAD), "[300] closed 127.0.0.1:80 with");
	CHECK_HAS(ADVICE(RST_UNREAD), "Before close(), read");
}

TEST(who_was_killed_has_not_closed)
{
	CLOSE_UNREAD(.exiting = true, .signaled = true, .signal = 9);
	CHECK_HAS(SENTENCE(RST_UNREAD), "[200] was killed by SIGKILL and left 127.0.0.1:80 with");
	CHECK_LACKS(ADVICE(RST_UNREAD), "close()");
}

TEST(who_exited_has_not_closed)
{
	CLOSE_UNREAD(.exiting = true);
	CHECK_HAS(SENTENCE(RST_UNREAD), "[200] exited and left 127.0.0.1:80 with");
}

TEST(who_sent_the_FIN_of_an_orphan_is_named)
{
	open_and_read();
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH, .released = true,
	   .pid = STARTER_PID, .exiting = true, .signaled = true, .signal = 15);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &server, FIN_WAIT1, FIN_WAIT2, 12, .nobody = true, .orphan = true);
	GO(w, &server, FIN_WAIT2, CLOSE, 13, .nobody = true, .orphan = true, .fin_time_ms = 60000);
	watch_advance(w, 40 * SECOND);
	CHECK_HAS(SENTENCE(FIN_WAIT2_ORPHAN), "[300] was killed by SIGTERM and left 127.0.0.1:80");
}

TEST(of_a_TIME_WAIT_is_told_who_closed_first)
{
	open_and_read();
	GO(w, &server, ESTABLISHED, FIN_WAIT1, 10, .shutdown = SHUTDOWN_BOTH, .released = true,
	   .pid = STARTER_PID, .exiting = true);
	GO(w, &client, ESTABLISHED, CLOSE_WAIT, 11);
	GO(w, &server, FIN_WAIT1, FIN_WAIT2, 12, .nobody = true, .orphan = true);
	GO(w, &client, CLOSE_WAIT, LAST_ACK, 13, .shutdown = SHUTDOWN_BOTH);
	GO(w, &server, FIN_WAIT2, CLOSE, 14, .nobody = true, .peer_fin = true, .orphan = true);
	GO(w, &client, LAST_ACK, CLOSE, 15);
	CHECK_HAS(SENTENCE(TIME_WAIT_SERVER), "[300] exited first, so");
}

/* --- CLOSE_WAIT ------------------------------------------------------------------------------- */

TEST(who_is_only_guessed_is_not_accused)
{
	struct finding finding = {.code = FINDING_CLOSE_WAIT_HELD,
				  .count = 1,
				  .owner = {.source = OWNER_LISTENER, .pid = 7, .comm = "master"}};

	CHECK_HAS(sentence_of(&finding),
		  "a process that accepts for master[7], not seen to read, holds ");
	CHECK_LACKS(advice_of(&finding), "this process");
	finding.owner.source = OWNER_ACCEPT;
	CHECK_HAS(sentence_of(&finding), ": master[7] holds ");
	CHECK_HAS(advice_of(&finding), "by this process");
}

/* The peer may have shut down its side alone, and read on. */
TEST(a_CLOSE_WAIT_that_is_in_use_is_no_leak)
{
	struct finding finding = {.code = FINDING_CLOSE_WAIT_HELD, .count = 1};

	CHECK_HAS(advice_of(&finding), "Unless it is still sending, look");
}

/* --- a FIN behind data ------------------------------------------------------------------------ */

TEST(of_data_at_the_close_no_more_is_said)
{
	struct finding finding = {.code = FINDING_FIN_WAIT1_STUCK,
				  .count = 1,
				  .unsent = 5000,
				  .window_full = true};

	CHECK_HAS(sentence_of(&finding), ": 5000 bytes were not sent at the close of ");
	CHECK_HAS(sentence_of(&finding), "(the peer's window was full then): its FIN waits");
	CHECK_LACKS(advice_of(&finding), "lost");
	finding.resent = 2;
	CHECK_HAS(sentence_of(&finding), "is not acknowledged");
	CHECK_LACKS(sentence_of(&finding), "5000");
	CHECK_HAS(advice_of(&finding), "lost");
}

TEST(why_a_server_has_TIME_WAITs_is_explained_once)
{
	for (uint16_t i = 0; i < 2; i++) {
		client = make_end(0xc00 + i * 64U, make_at("127.0.0.1", 40000),
				  make_at("127.0.0.1", (uint16_t)(80 + i)));
		server = make_peer(&client, 0x500 + i * 64U);
		watch_open(w, &client, &server, i * 100U);
		watch_close(w, &server, &client, i * 100U + 10);
	}
	CHECK_TOLD(2, TIME_WAIT_SERVER);
	CHECK_HAS(advice_of(TOLD(TIME_WAIT_SERVER, 0)), "SO_REUSEADDR");
	assert_string_equal(advice_of(TOLD(TIME_WAIT_SERVER, 1)), "");
}

TEST(what_limits_an_orphan_is_named_if_known)
{
	struct finding finding = {.code = FINDING_FIN_WAIT2_ORPHAN, .by_option = true};

	CHECK_LACKS(advice_of(&finding), "tcp_fin_timeout");
	finding.by_option = false;
	finding.by_sysctl = true;
	CHECK_LACKS(advice_of(&finding), "TCP_LINGER2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OF(who_closed_is_named_and_not_who_read),
		TEST_OF(who_was_killed_has_not_closed),
		TEST_OF(who_exited_has_not_closed),
		TEST_OF(who_sent_the_FIN_of_an_orphan_is_named),
		TEST_OF(of_a_TIME_WAIT_is_told_who_closed_first),
		cmocka_unit_test(who_is_only_guessed_is_not_accused),
		cmocka_unit_test(a_CLOSE_WAIT_that_is_in_use_is_no_leak),
		TEST_OF(why_a_server_has_TIME_WAITs_is_explained_once),
		cmocka_unit_test(what_limits_an_orphan_is_named_if_known),
		cmocka_unit_test(of_data_at_the_close_no_more_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
