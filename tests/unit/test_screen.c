// SPDX-License-Identifier: GPL-2.0-only
/* The default screen, ladder and status lines, on a terminal that is made of cells: what is written to it, and what becomes of it. */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/tally.h"
#include "render/ladder.h"
#include "render/status.h"

/* --- a terminal ---------------------------------------------------------------------------------- */

#define COLUMNS_MAX 200
#define LINES_MAX   12000

/* All lines that there ever were; the last ROWS of them are on the screen. Of a character only its first byte is kept. */
static struct {
	unsigned int rows, columns;
	char lines[LINES_MAX][COLUMNS_MAX + 1];
	unsigned int row, column, top;
	unsigned int wrapped,
		jumps; /* lines that were too long; moves to lines that had scrolled away */
	bool cleared; /* all from the cursor on, and nothing came behind it yet */
} terminal;

static void terminal_begin(unsigned int rows, unsigned int columns)
{
	memset(&terminal, 0, sizeof(terminal));
	for (unsigned int i = 0; i < LINES_MAX; i++)
		memset(terminal.lines[i], ' ', columns);
	terminal.rows = rows;
	terminal.columns = columns;
}

static void new_line(void)
{
	terminal.column = 0;
	assert_true(++terminal.row < LINES_MAX);
	if (terminal.row - terminal.top == terminal.rows)
		terminal.top++;
}

static void character(char byte)
{
	assert_false(terminal.cleared); /* what is drawn was not cleared before */
	if (terminal.column == terminal.columns) {
		terminal.wrapped++;
		new_line();
	}
	terminal.lines[terminal.row][terminal.column++] = byte;
}

/* ESC [ NUMBER END */
static void control(char end, unsigned int number)
{
	switch (end) {
	case 'm':
		return;
	case 'A':
		terminal.jumps += number > terminal.row - terminal.top;
		terminal.row -= number < terminal.row ? number : terminal.row;
		return;
	case 'K':
		assert_true(terminal.column < terminal.columns);
		memset(terminal.lines[terminal.row] + terminal.column, ' ',
		       terminal.columns - terminal.column);
		return;
	case 'J':
		assert_int_equal(terminal.column, 0);
		for (unsigned int i = terminal.row; i < terminal.top + terminal.rows; i++)
			memset(terminal.lines[i], ' ', terminal.columns);
		terminal.cleared = true;
		return;
	}
	fail_msg("ESC [ %u %c is not expected", number, end);
}

static const char *escape(const char *bytes)
{
	unsigned int number;
	char *end;

	assert_int_equal(*bytes, '[');
	number = (unsigned int)strtoul(bytes + 1, &end, 10);
	end += strspn(end, ";0123456789");
	control(*end, number);
	return end;
}

static void terminal_take(const char *bytes)
{
	terminal.cleared = false;
	for (; *bytes; bytes++) {
		if (*bytes == '\033')
			bytes = escape(bytes + 1);
		else if (*bytes == '\r')
			terminal.column = 0;
		else if (*bytes == '\n')
			new_line();
		else if (((unsigned char)*bytes & 0xc0) != 0x80)
			character(*bytes);
	}
}

/* Line NUMBER without the blanks at its end. */
static const char *line(unsigned int number)
{
	static char copy[COLUMNS_MAX + 1];
	size_t len = terminal.columns;

	memcpy(copy, terminal.lines[number], len);
	while (len && copy[len - 1] == ' ')
		len--;
	copy[len] = '\0';
	return copy;
}

/* How many lines hold WORDS, of all or of those on the screen? */
static unsigned int lines_with(const char *words, bool ever)
{
	unsigned int count = 0;

	for (unsigned int i = ever ? 0 : terminal.top; i <= terminal.row; i++)
		count += strstr(line(i), words) != NULL;
	return count;
}

/* --- the program's side -------------------------------------------------------------------------- */

#define BYTES_MAX (1024UL * 1024)

static struct style style;
static struct screen screen;
static struct sink *ladder;
static struct status *status;
static struct tally tally;
static struct tracker tracker;
static struct filter filter;
static int fds[2];
static unsigned int writes_max; /* of one drawing */
static char *plain; /* what would have come in a pipe */

static void deliver(void *ctx, const struct change *change)
{
	(void)ctx;
	ladder->change(ladder, change);
	if (!status)
		return;
	tally_change(&tally, change);
	status_change(status, change);
}

/* Each write is a message. */
static void receive(void)
{
	static char bytes[BYTES_MAX];
	unsigned int writes = 0;
	ssize_t n;

	while ((n = recv(fds[1], bytes, sizeof(bytes) - 1, MSG_DONTWAIT)) > 0) {
		bytes[n] = '\0';
		if (status)
			terminal_take(bytes);
		else
			strcat(plain, bytes);
		writes++;
	}
	if (writes > writes_max)
		writes_max = writes;
}

static void show(uint64_t now_ns)
{
	ladder->tick(ladder, now_ns);
	if (status)
		status_draw(status, &screen, now_ns);
	screen_flush(&screen);
	receive();
}

static void feed(const struct event *events, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		tracker_advance(&tracker, events[i].ktime_ns);
		tracker_event(&tracker, &events[i]);
		show(events[i].ktime_ns);
	}
}

/* ROWS and COLUMNS of the terminal; 0 rows: it is a pipe. */
static void begin(unsigned int rows, unsigned int columns, bool all)
{
	style = (struct style){.columns = columns < STYLE_COLUMNS_MIN ? STYLE_COLUMNS_MIN : columns,
			       .utf8 = true,
			       .colour = rows,
			       .screen_columns = columns,
			       .screen_rows = rows};
	writes_max = 0;
	tally = (struct tally){0};
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	assert_int_equal(screen_init(&screen, fds[0]), 0);
	ladder = ladder_create(&screen, &style, all);
	status = rows ? status_create(&style, &tally) : NULL;
	assert_int_equal(tracker_init(&tracker, 4096, &filter, deliver, NULL), 0);
	tracker.findings.off = true;
	if (!rows)
		return;
	screen_resize(&screen, rows, columns);
	terminal_begin(rows, columns);
}

static void end(void)
{
	ladder->finish(ladder);
	screen_wipe_status(&screen);
	screen_flush(&screen);
	receive();
	ladder->destroy(ladder);
	status_destroy(status);
	tracker_fini(&tracker);
	screen_fini(&screen);
	close(fds[0]);
	close(fds[1]);
}

/* --- what happens -------------------------------------------------------------------------------- */

static void open_nth(unsigned int number, uint64_t us)
{
	struct make_end c, s;
	struct event events[MAKE_OPEN_EVENTS];

	make_nth(number, MAKE_CLIENT_PID, &c, &s);
	make_open(events, &c, &s, us);
	feed(events, MAKE_OPEN_EVENTS);
}

static void close_nth(unsigned int number, bool by_server, uint64_t us)
{
	struct make_end c, s;
	struct event events[MAKE_CLOSE_EVENTS];

	make_nth(number, MAKE_CLIENT_PID, &c, &s);
	make_close(events, by_server ? &s : &c, by_server ? &c : &s, us);
	feed(events, MAKE_CLOSE_EVENTS);
}

static void reset_nth(unsigned int number, uint64_t us)
{
	struct make_end c, s;
	struct event events[2];

	make_nth(number, MAKE_CLIENT_PID, &c, &s);
	events[0] = make_edge(STEP(&c, ESTABLISHED, CLOSE, us, .linger_0 = true));
	events[1] = make_edge(STEP(&s, ESTABLISHED, CLOSE, us + 1, .err = ECONNRESET));
	feed(events, 2);
}

/* Connections come and go, and seconds pass. */
static void happen(void)
{
	for (unsigned int i = 0; i < 12; i++)
		open_nth(i, 10000 * i);
	for (unsigned int i = 0; i < 10; i++)
		close_nth(i, i % 2, 1000000 + 200000 * i);
	reset_nth(10, 4000000);
	show(AT(5000000));
	show(AT(6000000));
}

/* --- tests --------------------------------------------------------------------------------------- */

/* On any terminal, what has scrolled by is what a pipe would have had, and the status lines are gone at the end. */
static void check_size(unsigned int rows, unsigned int columns)
{
	unsigned int number = 0;
	char *want, *rest;

	plain = test_calloc(1, BYTES_MAX);
	begin(0, columns, true);
	happen();
	end();
	begin(rows, columns, true);
	happen();
	assert_true(lines_with("ESTABLISHED 2", false) || rows < 6);
	end();
	assert_int_equal(terminal.wrapped, 0);
	assert_int_equal(terminal.jumps, 0);
	assert_int_equal(writes_max, 1);
	for (want = plain; *want; want = rest) {
		char ascii[COLUMNS_MAX * 4], *to = ascii;

		rest = strchr(want, '\n');
		*rest++ = '\0';
		for (; *want; want++)
			if (((unsigned char)*want & 0xc0) != 0x80)
				*to++ = *want;
		*to = '\0';
		assert_string_equal(line(number++), ascii);
	}
	assert_int_equal(number, terminal.row);
	test_free(plain);
}

TEST(what_has_scrolled_is_whole_on_any_width)
{
	for (unsigned int columns = STYLE_COLUMNS_MIN; columns <= COLUMNS_MAX; columns++)
		check_size(24, columns);
}

TEST(what_has_scrolled_is_whole_on_any_height)
{
	for (unsigned int rows = 3; rows <= 60; rows++)
		check_size(rows, 80);
}

TEST(what_waits_for_one_server_has_one_bar)
{
	begin(24, 80, true);
	happen();
	assert_int_equal(lines_with("TIME_WAIT 10", false), 1);
	assert_int_equal(lines_with("server 127.0.0.1:80 ", false), 1);
	assert_int_equal(lines_with(" 5 clients", false), 2);
	assert_int_equal(lines_with("closed 10  reset 1 ", false), 1);
	end();
}

/* A server's port comes first, then what is over soonest; of one end both addresses are told. */
TEST(what_keeps_a_port_has_the_first_bar)
{
	begin(24, 80, true);
	open_nth(0, 0);
	open_nth(1, 10);
	close_nth(0, false, 100);
	close_nth(1, true, 3000000);
	assert_string_equal(line(terminal.row - 2),
			    "TIME_WAIT  60 s \xe2\xe2\xe2\xe2\xe2\xe2\xe2\xe2\xe2\xe2  server "
			    "127.0.0.1:80 \xe2 127.0.0.1:40001");
	assert_string_equal(line(terminal.row - 1),
			    "TIME_WAIT  58 s \xe2\xe2\xe2\xe2\xe2\xe2\xe2\xe2\xe2\xe2  client "
			    "127.0.0.1:40000 \xe2 127.0.0.1:80");
	end();
}

/* Of whose end nothing is heard. */
TEST(a_bar_does_not_stay_for_ever)
{
	begin(24, 80, true);
	open_nth(0, 0);
	close_nth(0, false, 100);
	show(AT(64000000));
	assert_int_equal(lines_with("TIME_WAIT   0 s", false), 1);
	show(AT(66000000));
	assert_int_equal(lines_with("TIME_WAIT   0 s", false), 0);
	end();
}

/* Rows wait for their other end, and come when nothing else is new. */
TEST(status_lines_are_drawn_again_below_what_comes_late)
{
	begin(24, 80, true);
	open_nth(0, 0);
	assert_int_equal(lines_with("SYN,ACK", false), 0);
	show(AT(1000000));
	assert_int_equal(lines_with("SYN,ACK", false), 1);
	assert_int_equal(lines_with("ESTABLISHED 2", false), 1);
	end();
}

/* A resized terminal has broken the lines. */
TEST(status_lines_that_were_broken_are_found_again)
{
	char bytes[80];

	begin(24, 80, true);
	open_nth(0, 0);
	screen_resize(&screen, 24, 40);
	screen_rewind_status(&screen);
	screen_flush(&screen);
	assert_true(recv(fds[1], bytes, sizeof(bytes), MSG_DONTWAIT) > 0);
	assert_memory_equal(bytes, "\r\033[3A", 5); /* a rule of two rows, and the counts */
	end();
}

/* Also when what is to go over the status lines waits to be written. */
TEST(what_others_have_written_is_not_written_over)
{
	begin(24, 80, true);
	open_nth(0, 0);
	close_nth(0, false, 100);
	ladder->tick(ladder, AT(5000000));
	assert_true(screen.over);
	terminal_take("said meanwhile\n");
	screen_forget_status(&screen);
	show(AT(6000000));
	assert_int_equal(lines_with("said meanwhile", false), 1);
	assert_int_equal(lines_with("TIME_WAIT 1", false), 2);
	end();
}

#define CROWD 300

/* A second of many: of each connection all is drawn, or nothing, and what was not drawn is counted. */
TEST(of_a_crowd_some_are_drawn_and_all_are_counted)
{
	unsigned int drawn, told = 0;

	begin(24, 80, false);
	for (unsigned int i = 0; i < CROWD; i++)
		open_nth(i, 1000 * i);
	for (unsigned int i = 0; i < CROWD; i++)
		close_nth(i, false, 400000 + 1000 * i);
	end();
	drawn = lines_with("closed by client first", true);
	assert_in_range(drawn, 5, 60);
	assert_int_equal(lines_with(" FIN ", true), 3 * drawn); /* twice, and in the verdict */
	assert_int_equal(lines_with("SYN,ACK", true), drawn);
	for (unsigned int i = 0; i <= terminal.row; i++) {
		const char *found = strstr(line(i), "not drawn: ");
		const char *closed = found ? strstr(found, "closed ") : NULL;

		told += closed ? (unsigned int)strtoul(closed + 7, NULL, 10) : 0;
	}
	assert_int_equal(drawn + told, CROWD);
}

TEST(in_a_crowd_a_reset_is_drawn)
{
	begin(24, 80, false);
	for (unsigned int i = 0; i < CROWD; i++)
		open_nth(i, 1000 * i);
	for (unsigned int i = 0; i < CROWD; i++)
		if (i != CROWD / 2)
			close_nth(i, false, 400000 + 10000 * i);
	reset_nth(CROWD / 2, 3500000);
	end();
	assert_int_equal(lines_with("reset by client", true), 1);
	assert_int_equal(lines_with("client 127.0.0.1:40150 ", true), 1);
}

/* After a silence it is another matter, and there is room. */
TEST(who_was_counted_in_a_crowd_is_drawn_later)
{
	begin(24, 80, false);
	for (unsigned int i = 0; i < CROWD; i++)
		open_nth(i, 1000 * i);
	assert_int_equal(lines_with("client 127.0.0.1:40299", true), 0);
	close_nth(CROWD - 1, false, 20000000);
	end();
	assert_int_equal(lines_with("client 127.0.0.1:40299", true), 1);
	assert_int_equal(lines_with("closed by client first", true), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_scrolled_is_whole_on_any_width),
		cmocka_unit_test(what_has_scrolled_is_whole_on_any_height),
		cmocka_unit_test(what_waits_for_one_server_has_one_bar),
		cmocka_unit_test(what_keeps_a_port_has_the_first_bar),
		cmocka_unit_test(a_bar_does_not_stay_for_ever),
		cmocka_unit_test(status_lines_are_drawn_again_below_what_comes_late),
		cmocka_unit_test(status_lines_that_were_broken_are_found_again),
		cmocka_unit_test(what_others_have_written_is_not_written_over),
		cmocka_unit_test(of_a_crowd_some_are_drawn_and_all_are_counted),
		cmocka_unit_test(in_a_crowd_a_reset_is_drawn),
		cmocka_unit_test(who_was_counted_in_a_crowd_is_drawn_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
