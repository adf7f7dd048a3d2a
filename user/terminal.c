// SPDX-License-Identifier: GPL-2.0-only
#include "terminal.h"

#define NCURSES_WIDECHAR 1

#include <errno.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <term.h>
#include <unistd.h>

#include "base/utf8.h"
#include "render/tui.h"

#undef columns /* a macro of term.h's */

/* How long a sequence of a key may take to come behind its ESC. */
#define ESCAPE_MS 25

static SCREEN *screen; /* NULL: not open */
static struct grid shown; /* what is there now */
static int stderr_kept = -1, stderr_held = -1; /* -1: not held back */

/* --- whether it can be ------------------------------------------------------------------------- */

const char *terminal_refuses(void)
{
	int status;
	const char *move;
	bool can_move;

	if (setupterm(NULL, STDOUT_FILENO, &status) != OK)
		return "does not know this terminal: TERM names none that terminfo has";
	move = tigetstr("cup");
	can_move = move && (intptr_t)move != -1;
	del_curterm(cur_term);
	return can_move ? NULL : "needs a terminal that can place text: TERM names one that cannot";
}

/* --- stderr -------------------------------------------------------------------------------------- */

/* What is said meanwhile would stand somewhere in the picture. */
static void hold_stderr(void)
{
	if (!isatty(STDERR_FILENO))
		return;
	stderr_held = memfd_create("stderr", MFD_CLOEXEC);
	stderr_kept = dup(STDERR_FILENO);
	if (stderr_held >= 0 && stderr_kept >= 0)
		dup2(stderr_held, STDERR_FILENO);
}

static void give_stderr(void)
{
	char bytes[4096];
	ssize_t n;

	if (stderr_held >= 0 && stderr_kept >= 0) {
		dup2(stderr_kept, STDERR_FILENO);
		lseek(stderr_held, 0, SEEK_SET);
		while ((n = read(stderr_held, bytes, sizeof(bytes))) > 0)
			if (write(STDERR_FILENO, bytes, (size_t)n) != n)
				break;
	}
	if (stderr_held >= 0)
		close(stderr_held);
	if (stderr_kept >= 0)
		close(stderr_kept);
	stderr_held = stderr_kept = -1;
}

/* --- its life ------------------------------------------------------------------------------------ */

/* A last word of ncurses, then the signal does what it does without us. */
static void leave_at_signal(int number)
{
	endwin();
	raise(number);
}

static void catch_fatal_signals(void)
{
	static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};
	const struct sigaction once = {.sa_handler = leave_at_signal,
				       .sa_flags = (int)SA_RESETHAND | SA_NODEFER};

	for (unsigned int i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &once, NULL);
}

/* As pairs 1 and on, by meaning, on the terminal's own background. With 256 colours such as can be read on black and on
 * white; else those that the terminal has made readable. */
static void make_colours(void)
{
	bool many;

	start_color();
	use_default_colors();
	many = COLORS >= 256; /* start_color() tells */
	init_pair(MEANING_OPEN, many ? 28 : COLOR_GREEN, -1);
	init_pair(MEANING_WAIT, many ? 130 : COLOR_YELLOW, -1);
	init_pair(MEANING_BAD, many ? 160 : COLOR_RED, -1);
}

static bool coloured;

int terminal_open(bool colour, unsigned int rows, unsigned int columns)
{
	static bool registered;

	use_env(FALSE); /* nor does ncurses ask the terminal, whose size knows no bounds */
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return -ENOMEM; /* terminal_refuses() has found nothing else */
	if (!registered)
		registered = atexit(terminal_close) == 0;
	catch_fatal_signals();
	hold_stderr();
	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	coloured = colour && has_colors();
	if (coloured)
		make_colours();
	if (resizeterm((int)rows, (int)columns) == OK)
		return 0;
	terminal_close();
	return -ENOMEM;
}

void terminal_close(void)
{
	if (!screen)
		return;
	endwin();
	delscreen(screen);
	screen = NULL;
	grid_fini(&shown);
	give_stderr();
}

/* --- what is shown ------------------------------------------------------------------------------- */

static attr_t attributes_of(const struct grid_cell *cell)
{
	attr_t attributes = cell->reverse ? A_REVERSE : A_NORMAL;

	if (cell->meaning == MEANING_HEAD)
		attributes |= A_BOLD;
	if (cell->meaning == MEANING_FAINT && coloured)
		attributes |= A_DIM;
	return attributes;
}

static short pair_of(const struct grid_cell *cell)
{
	bool has_pair = cell->meaning == MEANING_OPEN || cell->meaning == MEANING_WAIT ||
			cell->meaning == MEANING_BAD;

	return coloured && has_pair ? (short)cell->meaning : 0;
}

static void show_cell(unsigned int row, unsigned int column, const struct grid_cell *cell)
{
	uint32_t code = '?';
	wchar_t character[2] = {0};
	cchar_t shape;

	utf8_decode(cell->bytes, strlen(cell->bytes), &code);
	character[0] = (wchar_t)code;
	setcchar(&shape, character, attributes_of(cell), pair_of(cell), NULL);
	mvadd_wch((int)row, (int)column, &shape);
}

static bool is_same(const struct grid_cell *a, const struct grid_cell *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

void terminal_resize(unsigned int rows, unsigned int columns)
{
	resizeterm((int)rows, (int)columns);
	grid_fini(&shown);
}

/* The first time, all of it. */
static bool begin_again(const struct grid *grid)
{
	if (shown.cells && shown.rows == grid->rows && shown.columns == grid->columns)
		return true;
	grid_fini(&shown);
	erase();
	clearok(stdscr, TRUE);
	return grid_init(&shown, grid->rows, grid->columns) == 0;
}

void terminal_show(const struct grid *grid)
{
	if (!screen || !begin_again(grid))
		return;
	for (unsigned int row = 0; row < grid->rows; row++)
		for (unsigned int column = 0; column < grid->columns; column++) {
			const struct grid_cell *cell = grid_at(grid, row, column);
			struct grid_cell *old = &shown.cells[row * shown.columns + column];

			if (is_same(cell, old))
				continue;
			*old = *cell;
			if (cell->bytes[0])
				show_cell(row, column, cell);
		}
	refresh();
}

/* --- keys ---------------------------------------------------------------------------------------- */

static uint32_t key_of(wint_t key)
{
	switch (key) {
	case KEY_UP:
		return TUI_KEY_UP;
	case KEY_DOWN:
		return TUI_KEY_DOWN;
	case KEY_LEFT:
		return TUI_KEY_LEFT;
	case KEY_RIGHT:
		return TUI_KEY_RIGHT;
	case KEY_PPAGE:
		return TUI_KEY_PAGE_UP;
	case KEY_NPAGE:
		return TUI_KEY_PAGE_DOWN;
	case KEY_HOME:
		return TUI_KEY_HOME;
	case KEY_END:
		return TUI_KEY_END;
	case KEY_ENTER:
		return TUI_KEY_ENTER;
	case KEY_BACKSPACE:
		return TUI_KEY_BACKSPACE;
	}
	return TUI_KEY_OTHER;
}

uint32_t terminal_key(void)
{
	wint_t key;

	switch (screen ? get_wch(&key) : ERR) {
	case OK:
		return key;
	case KEY_CODE_YES:
		return key_of(key);
	}
	return TUI_KEY_NONE;
}

bool terminal_is_gone(void)
{
	struct pollfd keyboard = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&keyboard, 1, 0) > 0 && (keyboard.revents & (POLLHUP | POLLERR | POLLNVAL));
}
