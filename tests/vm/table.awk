# SPDX-License-Identifier: GPL-2.0-only
#
# table.awk: from all rows of all kernels, and lines
#
#	kernel NAME VERSION	seconds NAME N SCRIPT	feature NAME FEATURE VALUE
#
# makes a table, whose columns are the kernels. want=scripts: passed/failed/skipped and seconds of each
# script, each scenario of scenarios.sh, and the reasons of what did not pass, once, with their kernels.
# want=features: the features, as Markdown; nothing if there are none.

# place(LIST, KEY): appends KEY to LIST, which is in the order in which its keys came first
function place(list, key) {
	if (!((list, key) in placed)) {
		placed[list, key] = 1
		order[list, ++size[list]] = key
	}
}

function line_of(first, width, i, text) {
	text = sprintf("# %-34s", first)
	for (i = 1; i <= size["kernels"]; i++)
		text = text sprintf(" %-17s", cells[order["kernels", i]])
	sub(/ *$/, "", text)
	print text
}

function script_line(script, i, key) {
	for (i = 1; i <= size["kernels"]; i++) {
		key = order["kernels", i] SUBSEP script
		cells[order["kernels", i]] = key in seconds ? \
			(ok[key] + 0) "/" (bad[key] + 0) "/" (skipped[key] + 0) ", " seconds[key] " s" : "-"
	}
	line_of(script)
}

function scenario_line(scenario, i, name) {
	for (i = 1; i <= size["kernels"]; i++) {
		name = order["kernels", i]
		cells[name] = (name, scenario) in ended ? ended[name, scenario] : "-"
	}
	line_of("  " scenario)
}

function scripts_table(i, j, script) {
	print "# passed/failed/skipped, seconds"
	for (i = 1; i <= size["kernels"]; i++)
		cells[order["kernels", i]] = order["kernels", i]
	line_of("")
	for (i = 1; i <= size["kernels"]; i++)
		cells[order["kernels", i]] = version[order["kernels", i]]
	line_of("version")
	for (i = 1; i <= size["scripts"]; i++) {
		script = order["scripts", i]
		script_line(script)
		for (j = 1; script == "scenarios.sh" && j <= size["scenarios"]; j++)
			scenario_line(order["scenarios", j])
	}
	script_line("all")
	for (i = 1; i <= size["reasons"]; i++)
		print "# " order["reasons", i] " (" where[order["reasons", i]] ")"
}

function features_table(i, j, text) {
	if (!size["features"])
		return
	text = "| |"
	for (i = 1; i <= size["kernels"]; i++)
		text = text " " order["kernels", i] " |"
	print text
	gsub(/[^|]+/, "---", text)
	print text
	for (j = 1; j <= size["features"]; j++) {
		text = "| " order["features", j] " |"
		for (i = 1; i <= size["kernels"]; i++)
			text = text " " value[order["kernels", i], order["features", j]] " |"
		print text
	}
}

$1 == "kernel" {
	name = $2
	place("kernels", name)
	version[name] = $3
	next
}
$1 == "seconds" {
	script = $0
	sub(/^seconds [^ ]+ [0-9]+ /, "", script)
	seconds[$2, script] = $3
	if (script != "all")
		place("scripts", script)
	next
}
$1 == "feature" && ($4 == "yes" || $4 == "no") { # all else is how this machine is set
	place("features", $3)
	value[$2, $3] = $4
	next
}
match($0, /^(ok|not ok|skip) - [^ ]+: /) {
	word = substr($0, 1, index($0, " - ") - 1)
	said = substr($0, RLENGTH + 1) # SCRIPT: NAME, and a reason but for ok
	script = substr(said, 1, index(said, ": ") - 1)
	scenario = substr(said, length(script) + 3)
	if (word != "ok") {
		sub(/: .*/, "", scenario)
		place("reasons", word " - " said)
		where[word " - " said] = (where[word " - " said] == "" ? "" : where[word " - " said] ", ") name
	}
	if (script == "scenarios.sh") {
		place("scenarios", scenario)
		ended[name, scenario] = word == "not ok" ? "FAIL" : word
	}
	if (word == "ok") {
		ok[name, script]++
		ok[name, "all"]++
	} else if (word == "not ok") {
		bad[name, script]++
		bad[name, "all"]++
	} else {
		skipped[name, script]++
		skipped[name, "all"]++
	}
}
END {
	if (want == "features")
		features_table()
	else
		scripts_table()
}
