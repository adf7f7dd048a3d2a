/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * terminal: a grid on the terminal, by ncurses, and the keys pressed there. Stdin and stdout are the terminal; there is
 * one at a time. While it is open, what is said on stderr, if that is a terminal, waits for its end.
 *
 * However the program ends, the terminal is as it was before: by terminal_close(), by exit(), by a signal that is fatal.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "render/grid.h"

/* What keeps --tui from this terminal, in words that follow "--tui "; NULL: nothing. */
const char *terminal_refuses(void);

/* Of this size, whatever the terminal or the environment says. Returns 0 or -ENOMEM. */
int terminal_open(bool colour, unsigned int rows, unsigned int columns);
void terminal_close(void);

/* It has another size: all is drawn again. */
void terminal_resize(unsigned int rows, unsigned int columns);

/* Shows GRID: what has changed since the last one goes out. */
void terminal_show(const struct grid *grid);

/* The next key, a character's code or one of enum tui_key; TUI_KEY_NONE: there is none now. */
uint32_t terminal_key(void);

/* Nobody is there any more. */
bool terminal_is_gone(void);

#endif
