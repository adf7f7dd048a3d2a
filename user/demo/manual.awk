# SPDX-License-Identifier: GPL-2.0-only
#
# manual.awk: one scenario as a subsection of a page in mdoc(7). `name` is its name.

# What roff(7) would take for its own.
function escape(text) {
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	gsub(/'/, "\\(aq", text)
	gsub(/`/, "\\(ga", text)
	gsub(/~/, "\\(ti", text)
	gsub(/\^/, "\\(ha", text)
	gsub(/\(\)/, "\\\\\\&()", text) # no function of which mandoc would want markup
	return text ~ /^\./ ? "\\&" text : text
}

# In lines of at most WIDTH columns; the second and those that follow begin with INDENT.
function print_folded(text, width, indent, at) {
	while (length(text) > width) {
		for (at = width + 1; at > length(indent) + 1 && substr(text, at, 1) != " "; at--)
			;
		if (at <= length(indent) + 1)
			break
		print escape(substr(text, 1, at - 1))
		text = indent substr(text, at + 1)
	}
	print escape(text)
}

# Each on lines of its own, as mdoc wants it.
function print_sentences(text, sentence) {
	while (match(text, /[.!?]["')]* +/)) {
		sentence = substr(text, 1, RSTART + RLENGTH - 1)
		sub(/ +$/, "", sentence)
		print_folded(sentence, TEXT_COLUMNS, "")
		text = substr(text, RSTART + RLENGTH)
	}
	print_folded(text, TEXT_COLUMNS, "")
}

# As it is, but for what 80 columns do not hold.
function print_literal(line) {
	match(line, /^ */)
	print_folded(line, DISPLAY_COLUMNS, substr(line, 1, RLENGTH) "    ")
}

function print_display(lines, count, i) {
	print ".Bd -literal -offset indent"
	for (i = 1; i <= count; i++)
		print_literal(lines[i])
	print ".Ed"
}

BEGIN {
	TEXT_COLUMNS = 72 # some characters are escaped
	DISPLAY_COLUMNS = 66 # of 78, behind the margin
}

{
	sub(/(^|[ \t])#.*/, "")
	sub(/[ \t]+$/, "")
	line = $0
	sub(/^[a-z]+ +/, "", line)
}

$1 == "" { next }
$1 == "title" { title = line; next }
$1 == "about" { about = about (about == "" ? "" : " ") line; next }

# A bound belongs to the line below: with the acts or with what is seen.
$1 == "[fast]" || $2 == "fast]" {
	bound = (seen_count ? "  " : "") ($2 == "" ? "[with --fast]" : "[without --fast]")
	next
}

$1 ~ /^\[/ {
	sub(/^ *\[/, "")
	sub(/\]$/, "")
	bound = (seen_count ? "  " : "") "[" $1 " Linux " $2 ": "
	$1 = $2 = $3 = ""
	sub(/^ +/, "")
	bound = bound $0 "]"
	next
}

$1 == "takes" {
	if (bound == "[with --fast]")
		takes_fast = line
	else
		takes = line
	bound = ""
	next
}

$1 == "expect" {
	seen[++seen_count] = line
	next
}

$1 ~ /^(verdict|finding|may-find)/ || $2 ~ /^[-~]>[?]?$/ {
	if (bound != "")
		seen[++seen_count] = bound
	bound = ""
	sub(/^ +/, "")
	seen[++seen_count] = ($2 ~ /^[-~]>[?]?$/ ? "  " : "") $0
	next
}

{
	if (bound != "")
		acts[++act_count] = bound
	bound = ""
	acts[++act_count] = $0
}

END {
	print ".Ss " escape(name)
	print_sentences(title (title ~ /[.?!]$/ ? "" : "."))
	if (takes != "")
		print "It takes " takes (takes_fast == "" ? "." : ", with \\-\\-fast " takes_fast ".")
	print ".Pp"
	print_sentences(about)
	print_display(acts, act_count)
	print ".Pp"
	print "What must be seen:"
	print_display(seen, seen_count)
}
