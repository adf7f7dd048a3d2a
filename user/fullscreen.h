/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fullscreen: --tui: the view (render/tui.h) on the terminal. A live trace shows it as time passes, and gives it the keys
 * from its loop; after a replay it is browsed.
 */
#ifndef FULLSCREEN_H
#define FULLSCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "render/sink.h"
#include "render/style.h"

struct fullscreen;

/* STYLE must outlive it. The terminal is opened with the first picture. NULL without memory. */
struct fullscreen *fullscreen_create(const struct style *style);

/* Gives the terminal back as well; to be called before its sink is destroyed. */
void fullscreen_destroy(struct fullscreen *full);

/* To be told of changes; to be destroyed by the caller. */
struct sink *fullscreen_sink(struct fullscreen *full);

/* Shows how things are at NOW_NS, if that is due. */
void fullscreen_show(struct fullscreen *full, uint64_t now_ns);

/* When it is due; UINT64_MAX: not before something happens. */
uint64_t fullscreen_due_ns(const struct fullscreen *full);

/* The terminal has another size, which STYLE has already. */
void fullscreen_resize(struct fullscreen *full);

/* Takes the keys that were pressed; stdin can be read. */
void fullscreen_take_keys(struct fullscreen *full);

/* It was told to quit, or the terminal is gone. */
bool fullscreen_is_over(const struct fullscreen *full);

/* It is over for want of memory, which was said. */
bool fullscreen_has_failed(const struct fullscreen *full);

/* Shows how things were at NOW_NS until it is over, or a signal ends it; then the terminal is given back. STYLE, which is the
 * one that it was created with, follows the terminal's size. */
void fullscreen_browse(struct fullscreen *full, struct style *style, uint64_t now_ns);

#endif
