// SPDX-License-Identifier: GPL-2.0-only
#include "fullscreen.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "account.h"
#include "base/log.h"
#include "render/picture.h"
#include "render/tui.h"
#include "terminal.h"

/* Of which rows are kept; what is over gives way first. */
#define CONNS_KEPT 20000

#define ROWS_DEFAULT	24
#define COLUMNS_DEFAULT 80

struct fullscreen {
	const struct style *style;
	struct tui *tui; /* its sink gives it back */
	struct grid grid;
	bool open, over, failed;
};

/* --- its life ------------------------------------------------------------------------------------ */

struct fullscreen *fullscreen_create(const struct style *style)
{
	struct fullscreen *full = calloc(1, sizeof(*full));

	if (!full)
		return NULL;
	full->style = style;
	full->tui = tui_create(style, CONNS_KEPT);
	if (full->tui)
		return full;
	free(full);
	return NULL;
}

void fullscreen_destroy(struct fullscreen *full)
{
	if (!full)
		return;
	if (full->open)
		terminal_close();
	grid_fini(&full->grid);
	free(full);
}

struct sink *fullscreen_sink(struct fullscreen *full)
{
	return tui_sink(full->tui);
}

bool fullscreen_is_over(const struct fullscreen *full)
{
	return full->over;
}

bool fullscreen_has_failed(const struct fullscreen *full)
{
	return full->failed;
}

/* --- what is shown ------------------------------------------------------------------------------- */

/* A terminal that does not know its size, as a serial line, is taken for the usual one. */
static int make_grid(struct fullscreen *full)
{
	unsigned int rows = full->style->screen_rows, columns = full->style->screen_columns;

	grid_fini(&full->grid);
	return grid_init(&full->grid, rows ? rows : ROWS_DEFAULT,
			 columns ? columns : COLUMNS_DEFAULT);
}

/* Without memory there is nothing to go on with. The terminal is given back first, for the sentence to stay. */
static void give_up(struct fullscreen *full, int err)
{
	if (full->open)
		terminal_close();
	full->open = false;
	log_error("--tui: cannot show anything: %s", strerror(-err));
	full->over = full->failed = true;
}

static void open_terminal(struct fullscreen *full)
{
	int err = make_grid(full);

	if (!err)
		err = terminal_open(full->style->colour, full->grid.rows, full->grid.columns);
	full->open = !err;
	if (err)
		give_up(full, err);
}

uint64_t fullscreen_due_ns(const struct fullscreen *full)
{
	return full->over ? UINT64_MAX : tui_due_ns(full->tui);
}

void fullscreen_show(struct fullscreen *full, uint64_t now_ns)
{
	if (fullscreen_due_ns(full) > now_ns)
		return;
	if (!full->open)
		open_terminal(full);
	if (full->over)
		return;
	tui_draw(full->tui, &full->grid, now_ns);
	terminal_show(&full->grid);
}

void fullscreen_resize(struct fullscreen *full)
{
	int err;

	if (!full->open)
		return;
	err = make_grid(full);
	if (err) {
		give_up(full, err);
		return;
	}
	terminal_resize(full->grid.rows, full->grid.columns);
	tui_press(full->tui, TUI_KEY_OTHER);
}

/* --- keys ---------------------------------------------------------------------------------------- */

/* It belongs to who called sudo. One that is not whole is none. */
static int write_picture(const struct fullscreen *full, uint64_t conn, const char *name)
{
	int fd, err;

	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	account_give(fd);
	err = picture_write(tui_history(full->tui), conn, full->style, fd);
	if (close(fd) && !err)
		err = -errno;
	if (err)
		unlink(name);
	return err;
}

static void save(struct fullscreen *full)
{
	uint64_t conn = tui_chosen(full->tui);
	char name[64], words[256];
	struct text text, said;
	int err;

	if (!conn) {
		tui_say(full->tui, MEANING_BAD, "there is no connection to write a picture of");
		return;
	}
	text_init(&text, name, sizeof(name));
	text_init(&said, words, sizeof(words));
	text_addf(&text, "tcpstate-trace-conn-%" PRIu64 ".svg", conn);
	err = write_picture(full, conn, name);
	if (err == -EEXIST)
		text_addf(&said, "%s is there already, and was left as it is", name);
	else if (err)
		text_addf(&said, "cannot write %s: %s", name, strerror(-err));
	else
		text_addf(&said, "written: %s", name);
	tui_say(full->tui, err ? MEANING_BAD : MEANING_OPEN, words);
}

void fullscreen_take_keys(struct fullscreen *full)
{
	uint32_t key;

	full->over |= terminal_is_gone();
	while (!full->over && (key = terminal_key()) != TUI_KEY_NONE) {
		switch (tui_press(full->tui, key)) {
		case TUI_WISH_QUIT:
			full->over = true;
			break;
		case TUI_WISH_SAVE:
			save(full);
			break;
		case TUI_WISH_NONE:
			break;
		}
	}
}

/* --- after a replay ------------------------------------------------------------------------------ */

static void take_signal(struct fullscreen *full, struct style *style, int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo != SIGWINCH) {
		full->over = true;
		return;
	}
	style_measure(style, STDOUT_FILENO);
	fullscreen_resize(full);
}

void fullscreen_browse(struct fullscreen *full, struct style *style, uint64_t now_ns)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};
	struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.events = POLLIN}};
	sigset_t signals, before;

	sigemptyset(&signals);
	for (unsigned int i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&signals, numbers[i]);
	sigprocmask(SIG_BLOCK, &signals, &before);
	fds[1].fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	full->over |= fds[1].fd < 0;
	while (!full->over) {
		fullscreen_show(full, now_ns);
		if (full->over || (poll(fds, 2, -1) < 0 && errno != EINTR))
			break;
		if (fds[1].revents)
			take_signal(full, style, fds[1].fd);
		if (fds[0].revents)
			fullscreen_take_keys(full);
	}
	terminal_close();
	close(fds[1].fd);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
