# SPDX-License-Identifier: GPL-2.0-only
#
# page.awk: what `tmux capture-pane -e` says of a terminal as a page of HTML, in the colours of a THEME, "dark" or "light":
# those that xterm has unless told otherwise, which are the hardest to read.

function escaped(s) {
	gsub(/&/, "\\&amp;", s)
	gsub(/</, "\\&lt;", s)
	gsub(/>/, "\\&gt;", s)
	return s
}

# keeps what a list of numbers between ESC [ and m says
function set(codes,	n, i, code) {
	n = split(codes, code, ";")
	if (n == 0)
		n = 1
	for (i = 1; i <= n; i++) {
		if (code[i] + 0 == 0)
			colour = strokes = ""
		else if (code[i] == 49)
			continue # of the ground, which nothing here colours
		else if (code[i] < 30)
			strokes = strokes " s" code[i]
		else
			colour = "s" code[i] # 39: none
	}
}

function span(s) {
	if (s != "")
		printf "<span class=\"%s\">%s</span>", colour strokes, escaped(s)
}

BEGIN {
	FS = "\033\\["
	split("000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5", basic, " ")
	split("7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff", bright, " ")
	ground = theme == "dark" ? "#000" : "#fff"
	ink = theme == "dark" ? "#e5e5e5" : "#000"
	printf "<!DOCTYPE html><meta charset=\"utf-8\"><style>"
	printf "body{margin:8px;background:%s;color:%s}", ground, ink
	printf "pre{margin:0;font:13.28px/17px 'DejaVu Sans Mono'}.s1{font-weight:bold}.s2{opacity:.5}.s7{color:%s;background:%s}", ground, ink
	for (i = 1; i <= 8; i++)
		printf ".s%d{color:#%s}.s%d{color:#%s}", 29 + i, basic[i], 89 + i, bright[i]
	printf "</style><pre>"
}

{
	span($1)
	for (i = 2; i <= NF; i++) {
		end = index($i, "m")
		set(substr($i, 1, end - 1))
		span(substr($i, end + 1))
	}
	print ""
}

END {
	print "</pre>"
}
