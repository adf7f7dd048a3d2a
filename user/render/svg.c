// SPDX-License-Identifier: GPL-2.0-only
#include "render/svg.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/xml.h"

#define DOT " \u00B7 "

/* Colours by meaning, as on a terminal. What knows no media queries has a light picture. */
static const char styles[] =
	"<style>\n"
	"text{font:13px ui-monospace,\"DejaVu Sans Mono\",\"Liberation "
	"Mono\",Consolas,monospace;fill:#1f2328;white-space:pre}\n"
	".paper{fill:#ffffff}.plain,.note,.segment{fill:#1f2328}.head{font-weight:bold}\n"
	".note,.small,.time{font-size:12px}.time,.faint,.small{fill:#656d76}.state{font-weight:"
	"bold}\n"
	".open{fill:#1a7f37}.wait{fill:#9a6700}.bad{fill:#cf222e}.state.faint{fill:#656d76}\n"
	".lane{stroke:#8c959f;stroke-width:2}.far{stroke:#d0d7de;stroke-dasharray:3 4}\n"
	".arrow{stroke:#1f2328;stroke-width:1.5}.arrow.bad{stroke:#cf222e}.guess{stroke-dasharray:"
	"6 4}\n"
	".tip{fill:#1f2328}.tip.bad{fill:#cf222e}.dot{fill:#57606a}\n"
	".bracket{fill:none;stroke:#bf8700;stroke-width:1.5}.bar{fill:#d4a72c}.open-end{fill-"
	"opacity:.5}\n"
	".break{fill:none;stroke:#8c959f;stroke-dasharray:2 4}.rule{stroke:#d0d7de}\n"
	"@media (prefers-color-scheme:dark){\n"
	"text,.plain,.note,.segment{fill:#e6edf3}.paper{fill:#0d1117}.time,.faint,.small,.state."
	"faint{fill:#8d96a0}\n"
	".open{fill:#3fb950}.wait{fill:#d29922}.bad{fill:#f85149}.lane{stroke:#6e7681}.far{stroke:#"
	"30363d}\n"
	".arrow{stroke:#e6edf3}.arrow.bad{stroke:#f85149}.tip{fill:#e6edf3}.tip.bad{fill:#f85149}."
	"dot{fill:#8d96a0}\n"
	".bracket{stroke:#bb8009}.bar{fill:#9e6a03}.break{stroke:#6e7681}.rule{stroke:#30363d}}\n"
	"</style>";

int svg_init(struct svg *svg, int fd)
{
	int err = screen_init(&svg->out, fd);

	svg->out.broken = fd < 0;
	return err;
}

int svg_fini(struct svg *svg)
{
	int err;

	screen_flush(&svg->out);
	err = svg->out.broken ? -EPIPE : -svg->out.err;
	screen_fini(&svg->out);
	return err;
}

void svg_begin(struct svg *svg, const char *title, int width, int height)
{
	svg_put(svg,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 "
		"0 %d %d\" role=\"img\">",
		width, height, width, height);
	svg_put(svg, "<title>%s</title>", title);
	text_init(&svg->line, svg->words, sizeof(svg->words));
	text_add(&svg->line, styles);
	screen_line(&svg->out, &svg->line);
	svg_put(svg, "<rect width=\"%d\" height=\"%d\" class=\"paper\"/>", width, height);
}

void svg_end(struct svg *svg)
{
	svg_put(svg, "</svg>");
}

void svg_put(struct svg *svg, const char *format, ...)
{
	char words[512];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	text_init(&svg->line, svg->words, sizeof(svg->words));
	text_add(&svg->line, words);
	screen_line(&svg->out, &svg->line);
}

void svg_bytes(struct svg *svg, int x, int y, const char *class, const char *anchor,
	       const char *words, size_t len)
{
	text_init(&svg->line, svg->words, sizeof(svg->words));
	text_addf(&svg->line, "<text x=\"%d\" y=\"%d\" class=\"%s\" text-anchor=\"%s\">", x, y,
		  class, anchor);
	xml_text(&svg->line, words, len);
	text_add(&svg->line, "</text>");
	screen_line(&svg->out, &svg->line);
}

void svg_text(struct svg *svg, int x, int y, const char *class, const char *anchor,
	      const char *words)
{
	svg_bytes(svg, x, y, class, anchor, words, strlen(words));
}

int svg_lines(struct svg *svg, int x, int y, const char *class, const char *words, size_t columns,
	      unsigned int lines, int height)
{
	for (; *words && lines > 0; lines--, y += height) {
		size_t n = text_fit(words, columns);

		svg_bytes(svg, x, y, class, "start", words, n);
		words += n;
		words += strspn(words, " ");
	}
	return y;
}

/* How many bytes of WORDS a line takes: of a part that is longer, what text_fit() says. */
static size_t fit_parts(const char *words, size_t columns)
{
	size_t fits = text_fit(words, columns), end = fits;

	while (words[fits] && end > 0 && strncmp(words + end, DOT, strlen(DOT)) != 0)
		end--;
	return end > 0 ? end : fits;
}

int svg_parts(struct svg *svg, int x, int y, const char *words, size_t columns, int height)
{
	const char *dot = strstr(words, DOT), *class = "head";
	size_t n = dot ? (size_t)(dot - words) : fit_parts(words, columns);

	for (; *words; n = fit_parts(words, columns), class = "note", y += height) {
		svg_bytes(svg, x, y, class, "start", words, n);
		words += n;
		words += strncmp(words, DOT, strlen(DOT)) == 0 ? strlen(DOT) : strspn(words, " ");
	}
	return y;
}
