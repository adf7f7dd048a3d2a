/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * page: ladders as lines of text, one below the other: a heading where another connection begins, its rows,
 * and what stands between connections. Where the lines go is the caller's business.
 */
#ifndef RENDER_PAGE_H
#define RENDER_PAGE_H

#include "render/lanes.h"
#include "render/told.h"

struct page {
	struct lanes lanes;
	struct told told; /* of the connection whose heading stands above */
	uint64_t conn_id; /* ... its number, 0: none does */
	bool present[2]; /* ... and which of its ends were there */
	bool something; /* was printed */
	bool after_verdict;
};

/* An empty page of lines as wide as STYLE says when they are drawn; it must outlive the page. */
void page_init(struct page *page, const struct style *style, struct line_out out);

/* Draws a row; HEADING is NULL for ROW_LOST and ROW_FINDING. */
void page_row(struct page *page, const struct row *row, const struct heading *heading);

/* Draws WORDS, which are of no one connection. */
void page_words(struct page *page, enum meaning meaning, const char *words);

/* Draws what CHANGE, CHANGE_BIND or CHANGE_NO_PORT, says of a port. */
void page_port(struct page *page, const struct change *change);

/* Draws what CHANGE, CHANGE_CLOCK, says. */
void page_clock(struct page *page, const struct change *change);

#endif
