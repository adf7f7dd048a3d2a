// SPDX-License-Identifier: GPL-2.0-only
#include "width.h"

#include <string.h>

#include "../unit/harmless.h"
#include "random.h"
#include "render/page.h"

struct width {
	const struct style *style;
	struct page page;
	struct rows *rows;
};

static void check_line(void *ctx, const struct text *line)
{
	const struct width *width = ctx;

	if (line->columns > width->style->columns)
		print_error("%zu columns of %u: %s\n", line->columns, width->style->columns,
			    line->at);
	assert_true(line->columns <= width->style->columns);
	assert_int_equal(strlen(line->at), line->len);
	harmless_screen(line->at, line->len);
}

static void draw(void *ctx, const struct row *row, const struct heading *heading)
{
	struct width *width = ctx;

	page_row(&width->page, row, heading);
}

struct style width_style(void)
{
	return (struct style){
		.columns = STYLE_COLUMNS_MIN + (unsigned int)random_draw(200),
		.colour = random_one_in(2),
		.utf8 = random_one_in(2),
		.wide = random_one_in(2),
		.cmdline = random_one_in(2),
		.time_form = (enum time_form)random_draw(3),
	};
}

struct width *width_create(const struct style *style)
{
	struct width *width = test_calloc(1, sizeof(*width));

	width->style = style;
	width->rows = rows_create(style, draw, width);
	assert_non_null(width->rows);
	page_init(&width->page, style, (struct line_out){check_line, width});
	return width;
}

void width_destroy(struct width *width)
{
	rows_finish(width->rows);
	rows_destroy(width->rows);
	test_free(width);
}

void width_change(struct width *width, const struct change *change)
{
	if (change->kind == CHANGE_BIND || change->kind == CHANGE_NO_PORT)
		page_port(&width->page, change);
	else
		rows_change(width->rows, change);
}

void width_tick(struct width *width, uint64_t now_ns)
{
	rows_tick(width->rows, now_ns);
}
