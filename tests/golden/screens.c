// SPDX-License-Identifier: GPL-2.0-only
/*
 * screens COLUMNSxROWS utf8|ascii RECORDING [KEY...]: what --tui shows of a recording after these keys, as text, and below
 * it what each character means: o open, w wait, b bad, f faint, h head; the same in capitals where it is reversed, and R
 * where that is all. No terminal has a part in it.
 *
 * A KEY is Up, PageDown, Tab and so on; any other word is typed. Up*100 is pressed a hundred times. The screen is drawn
 * after each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/flow.h"
#include "render/tui.h"
#include "source/recording.h"

#define CONNS 20000

static const char *const key_names[] = {
	"Up",	"Down", "Left",	 "Right",  "PageUp",	"PageDown",
	"Home", "End",	"Enter", "Escape", "Backspace",
};

struct screens {
	struct style style;
	struct tui *tui;
	struct flow flow;
	struct grid grid;
};

static void deliver(void *ctx, const struct change *change)
{
	struct sink *sink = tui_sink(((struct screens *)ctx)->tui);

	sink->change(sink, change);
}

static void tick(void *ctx, uint64_t now_ns)
{
	struct sink *sink = tui_sink(((struct screens *)ctx)->tui);

	sink->tick(sink, now_ns);
}

static int read_records(struct screens *screens, const char *path)
{
	static const struct filter all;
	const struct flow_sink sink = {deliver, tick, screens};
	struct recording *recording;
	const void *record;
	size_t size;

	if (recording_open(path, &recording))
		return -1;
	screens->style.trace_start_ns = recording_about(recording)->start_ns;
	screens->style.realtime_ns = recording_about(recording)->realtime_ns;
	screens->style.hosts[0].netns = recording_about(recording)->netns;
	screens->tui = tui_create(&screens->style, CONNS);
	if (!screens->tui || flow_init(&screens->flow, 65536, &all, &sink))
		return -1;
	while (recording_next(recording, &record, &size) > 0)
		flow_record(&screens->flow, record, size);
	flow_finish(&screens->flow);
	tui_sink(screens->tui)->finish(tui_sink(screens->tui));
	recording_close(recording);
	return 0;
}

static void press(struct screens *screens, uint32_t key)
{
	if (tui_press(screens->tui, key) == TUI_WISH_SAVE)
		tui_say(screens->tui, MEANING_OPEN, "it would be saved");
	tui_draw(screens->tui, &screens->grid, screens->flow.newest_ns);
}

static void press_word(struct screens *screens, const char *word)
{
	size_t len = strcspn(word, "*");
	long times = len && word[len] ? strtol(word + len + 1, NULL, 10) : 1;

	for (size_t i = 0; i < sizeof(key_names) / sizeof(key_names[0]); i++)
		if (strncmp(word, key_names[i], len) == 0 && !key_names[i][len]) {
			while (times-- > 0)
				press(screens, TUI_KEY_UP + (uint32_t)i);
			return;
		}
	if (strcmp(word, "Tab") == 0)
		word = "\t";
	for (; *word; word++)
		press(screens, (unsigned char)*word);
}

static char letter_of(const struct grid_cell *cell)
{
	static const char letters[] = " owbfh", reversed[] = "ROWBFH";

	return (cell->reverse ? reversed : letters)[cell->meaning];
}

static void print_row(const struct grid *grid, unsigned int row, bool meanings)
{
	char line[4096];
	struct text text;

	text_init(&text, line, sizeof(line));
	for (unsigned int column = 0; column < grid->columns; column++) {
		const struct grid_cell *cell = grid_at(grid, row, column);

		text_add(&text, meanings ? (char[]){letter_of(cell), '\0'} : cell->bytes);
	}
	while (text.len && line[text.len - 1] == ' ')
		line[--text.len] = '\0';
	puts(line);
}

int main(int argc, char **argv)
{
	static struct screens screens;
	unsigned int columns, rows;

	log_init("screens", false);
	if (argc < 4 || sscanf(argv[1], "%ux%u", &columns, &rows) != 2)
		return EXIT_FAILURE;
	screens.style = (struct style){.columns = columns, .utf8 = strcmp(argv[2], "utf8") == 0};
	if (read_records(&screens, argv[3]) || grid_init(&screens.grid, rows, columns))
		return EXIT_FAILURE;
	tui_draw(screens.tui, &screens.grid, screens.flow.newest_ns);
	for (int i = 4; i < argc; i++)
		press_word(&screens, argv[i]);
	for (int meanings = 0; meanings < 2; meanings++)
		for (unsigned int row = 0; row < rows; row++)
			print_row(&screens.grid, row, meanings);
	tui_destroy(screens.tui);
	flow_fini(&screens.flow);
	grid_fini(&screens.grid);
	return EXIT_SUCCESS;
}
