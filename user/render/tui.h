/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tui: the full-screen view, without a terminal: changes and keys go in, and it is drawn into a grid.
 *
 * On top how many ends are in each state; below it the connections at the left, the chosen one's ladder at the right,
 * and what was found. What a frame or a key costs does not grow with the connections, but for a new order or filter.
 */
#ifndef RENDER_TUI_H
#define RENDER_TUI_H

#include "render/grid.h"
#include "render/history.h"
#include "render/sink.h"

/* Keys that are no character; a character is itself. */
enum tui_key {
	TUI_KEY_UP = 0x110000,
	TUI_KEY_DOWN,
	TUI_KEY_LEFT,
	TUI_KEY_RIGHT,
	TUI_KEY_PAGE_UP,
	TUI_KEY_PAGE_DOWN,
	TUI_KEY_HOME,
	TUI_KEY_END,
	TUI_KEY_ENTER,
	TUI_KEY_ESCAPE,
	TUI_KEY_BACKSPACE,
	TUI_KEY_OTHER, /* that means nothing here */
	TUI_KEY_NONE,
};

/* What a key asks for that is not the view's to do. */
enum tui_wish {
	TUI_WISH_NONE,
	TUI_WISH_QUIT,
	TUI_WISH_SAVE, /* the picture of the chosen connection */
};

struct tui;

/* Room for CONNS connections. STYLE must outlive it. NULL without memory. */
struct tui *tui_create(const struct style *style, unsigned int conns);
void tui_destroy(struct tui *tui);

/* To be told of every change, and of time passing; its `destroy` is tui_destroy(). */
struct sink *tui_sink(struct tui *tui);

/* KEY, of enum tui_key or a character's code, was pressed. */
enum tui_wish tui_press(struct tui *tui, uint32_t key);

/* Draws all of it as of NOW_NS. */
void tui_draw(struct tui *tui, struct grid *grid, uint64_t now_ns);

/* When it is to be drawn again, if no key is pressed: at most 20 times a second while there is something new, once
 * while a bar runs; 0: at once; UINT64_MAX: never. */
uint64_t tui_due_ns(const struct tui *tui);

/* Shows WORDS, in which all from outside is escaped, at the bottom until a key is pressed. */
void tui_say(struct tui *tui, enum meaning meaning, const char *words);

/* The number of the chosen connection, 0: there is none. */
uint64_t tui_chosen(const struct tui *tui);

const struct history *tui_history(const struct tui *tui);

#endif
