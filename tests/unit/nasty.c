// SPDX-License-Identifier: GPL-2.0-only
#include "nasty.h"

/* Strings end where hexadecimal digits would go on. */
/* clang-format off */
#define NASTY(what_, bytes_) {(what_), (bytes_), sizeof(bytes_) - 1}

/* NOLINTBEGIN(misc-misleading-bidirectional): they are meant to mislead */
const struct nasty nasties[] = {
	/* What terminals obey. */
	NASTY("a CSI sequence", "\033[2J\033[31mred"),
	NASTY("an OSC sequence", "\033]0;title\a\033]8;;http://x\033\\"),
	NASTY("the alternate screen", "\033[?1049h\033c"),
	NASTY("C1 controls as bytes", "\x9b" "31m\x9d" "0;t\x9c\x90\x85"),
	NASTY("C1 controls as UTF-8", "\xc2\x80\xc2\x85\xc2\x9b" "31m\xc2\x9f"),
	NASTY("newlines", "a\nb\r\nc\rd\n"),
	NASTY("blanks that move", "a\tb\vc\fd\be"),
	NASTY("bells and shifts", "\a\x0e\x0f\x18\x1a"),
	NASTY("DEL", "a\x7f" "b"),
	NASTY("marks of style", "\x01\x02\x03\x04\x05\x06"),
	NASTY("a NUL", "a\0\033[2Jb"),
	NASTY("nothing", ""),
	/* What is no UTF-8. */
	NASTY("lone continuation bytes", "a\x80\xbf" "b"),
	NASTY("two bytes, cut", "a\xc3"),
	NASTY("three bytes, cut", "a\xe2\x94"),
	NASTY("four bytes, cut", "a\xf0\x9f\x98"),
	NASTY("a lead byte and ASCII", "\xc3(\xe2\x94(\xf0\x9f\x98("),
	NASTY("overlong NUL and slash", "\xc0\x80\xc0\xaf\xc1\xbf"),
	NASTY("overlong in three and four", "\xe0\x80\xaf\xe0\x9f\xbf\xf0\x80\x80\xaf\xf0\x8f\xbf\xbf"),
	NASTY("overlong ESC", "\xc0\x9b[2J\xe0\x80\x9b[2J"),
	NASTY("surrogates", "\xed\xa0\x80\xed\xb0\x80\xed\xbf\xbf"),
	NASTY("above U+10FFFF", "\xf4\x90\x80\x80\xf7\xbf\xbf\xbf"),
	NASTY("five and six bytes", "\xf8\x88\x80\x80\x80\xfc\x84\x80\x80\x80\x80"),
	NASTY("bytes that never are", "\xfe\xff\xff\xfe"),
	NASTY("Latin 1", "caf\xe9"),
	/* What is not seen, or changes how the rest is. */
	NASTY("marks of direction", "a\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c" "b"),
	NASTY("embedded directions", "a\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae" "b"),
	NASTY("isolated directions", "a\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9" "b"),
	NASTY("zero width", "a\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d\xe2\x81\xa0\xef\xbb\xbf" "b"),
	NASTY("ends of lines", "a\xe2\x80\xa8" "b\xe2\x80\xa9" "c"),
	NASTY("soft hyphen, fillers", "a\xc2\xad\xcd\x8f\xe1\x85\x9f\xe3\x85\xa4\xef\xbe\xa0" "b"),
	NASTY("variations", "a\xef\xb8\x80\xef\xb8\x8f\xe1\xa0\x8e\xe1\xa0\x8b" "b"),
	NASTY("annotations", "a\xef\xbf\xb9\xef\xbf\xba\xef\xbf\xbb" "b"),
	NASTY("tags", "a\xf3\xa0\x80\x81\xf3\xa0\x81\x81\xf3\xa0\x87\xaf" "b"),
	NASTY("combining marks", "\xcc\x81" "a\xcc\x81\xcc\xb6\xe2\x83\x9d"),
	NASTY("wide characters", "\xe5\xad\x97\xef\xbc\xa1\xf0\x9f\x98\x80\xea\xb0\x80"),
	NASTY("no characters", "\xef\xbf\xbe\xef\xbf\xbf\xef\xb7\x90\xf0\x9f\xbf\xbe"),
	NASTY("letters and lines", "\xc3\xa9\xce\xa9\xe2\x94\x80\xe2\x96\xb6"),
	/* What forms, shells and printf read. */
	NASTY("quotes", "\"a\"b'c'`d`"),
	NASTY("backslashes", "\\n\\x1b\\u001b\\\\\\"),
	NASTY("markup", "<script>&amp;</text><!--]]>"),
	NASTY("an attribute", "\" onload=\"x"),
	NASTY("entities", "&#27;&lt;&x;"),
	NASTY("commas", "a,b;,c|d"),
	NASTY("formulas", "=cmd|' /C x'!A0"),
	NASTY("more formulas", "+1-1@SUM(A1)"),
	NASTY("commands", "$(x)`x`;x&|x"),
	NASTY("formats", "%s%n%d%%%1$s"),
	NASTY("braces", "{}[]{\"a\":1}"),
	NASTY("a label", "a\"} 1\nb{c=\""),
	NASTY("blanks", "  a  b  "),
	NASTY("very long",
	      "0123456789abcdef\033[31m0123456789abcdef\xe2\x80\xae" "0123456789abcdef\n"
	      "0123456789abcdef\"0123456789abcdef,0123456789abcdef&0123456789abcdef\xff"
	      "0123456789abcdef\xf0\x9f\x98\x80" "0123456789abcdef0123456789abcdef"),
};
/* NOLINTEND(misc-misleading-bidirectional) */
/* clang-format on */

const unsigned int nasty_count = sizeof(nasties) / sizeof(nasties[0]);
