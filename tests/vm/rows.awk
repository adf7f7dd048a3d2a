# SPDX-License-Identifier: GPL-2.0-only
#
# rows.awk instructions CONSOLE: the rows of a guest, out of what it printed between its "== begin SCRIPT"
# and "== end SCRIPT STATUS", with `kernel` and the script in their names. Of the counts of the verifier,
# rows are made here: see the comment in `instructions`. `steady`, `record`: 1 or 0.

function row(word, text) {
	print word " - " kernel ": " script ": " text
	rows++
	if (word == "not ok")
		bad = 1
}

function count(program, now, before) {
	advice = "look at the difference that VM_RECORD=1 makes"
	if (record)
		row("ok", program " (" now ", before: " (before == "" ? "-" : before) ")")
	else if (before == "")
		row("not ok", program ": " now " instructions, but tests/vm/instructions does not know it: " advice)
	else if ((before == "refused") != (now == "refused"))
		row("not ok", program ": " now ", but " before " in tests/vm/instructions: " advice)
	else if (steady && (now - before > before / 10 || before - now > before / 10))
		row("not ok", program ": " now " instructions, but " before " in tests/vm/instructions: " advice)
	else
		row("ok", program " (" now ", recorded: " before ")")
}

function count_missing(program) {
	for (program in recorded)
		if (!(program in counted))
			row("not ok", program ": is in tests/vm/instructions, but not counted: " advice)
}

FILENAME ~ /instructions$/ {
	if ($1 "" == kernel)
		recorded[$2] = $3
	next
}

/^== begin / {
	script = substr($0, 10)
	rows = bad = 0
	next
}
/^== end / {
	if (script == "verifier" && $NF == 0 && !record)
		count_missing()
	if ($NF != 0 && !bad)
		row("not ok", "ended with status " $NF)
	else if (!rows)
		row("not ok", "ran no test")
	script = ""
	next
}
script == "" { next }
/^# verifier / {
	counted[$3] = 1
	count($3, $4, recorded[$3])
	next
}
match($0, /^(not ok|ok|skip) ([0-9]+ )?- /) {
	word = $0
	sub(/ ([0-9]+ )?- .*/, "", word)
	if ($0 ~ /^ok .* # SKIP/)
		word = "skip"
	row(word, substr($0, RLENGTH + 1))
}
/^#  / { print }
