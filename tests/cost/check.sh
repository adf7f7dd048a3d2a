#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh [--keep]: what the core costs. Instructions are counted by valgrind: they repeat, as seconds do not.
# With --keep, what is counted now is what is compared with from now on.
#
#	BUILD	where the programs are (default: build)
set -u
cd "$(dirname "$0")/../.." || exit
build=${BUILD:-build}
kept=tests/cost/instructions

records=50000
many=1000000
few=1000
bytes_open=300
bytes_waiting=760 # with what is behind them: user/core/past.h

# instructions TRACKED: of one record of a storm, while TRACKED endpoints are open
instructions() {
	valgrind --tool=callgrind --instr-atstart=no --collect-atstart=no --callgrind-out-file=/dev/null \
		"$build/cost" storm "$records" "$1" 2>&1 | awk -v records="$records" '
		/ Collected : / { count = int($4 / records + 0.5) }
		END { print count ? count : "valgrind counted nothing" }'
}

compiler() {
	${CC:-cc} --version | head -1
}

keep() {
	{
		echo "# Instructions that the core takes for a record; \`make cost-keep\` writes this."
		echo "compiler $(compiler)"
		echo "storm $(instructions "$few")"
	} >"$kept.new" && mv "$kept.new" "$kept"
	cat "$kept"
}

# of NAME: what is kept of it
of() {
	sed -n "s/^$1 //p" "$kept"
}

# about COUNT KEPT: no more than 5 % apart
about() {
	[ "$1" -ge 0 ] 2>/dev/null && [ $((${1} * 100)) -le $((${2} * 105)) ] && [ $((${1} * 100)) -ge $((${2} * 95)) ]
}

advice() {
	[ "$(of compiler)" = "$(compiler)" ] || printf ' (that by "%s", this by "%s")' "$(of compiler)" "$(compiler)"
	echo "; where that is meant: make cost-keep"
}

storm() {
	if about "$now" "$(of storm)"; then
		echo "ok - a record takes $now instructions, $(of storm) are kept"
	else
		echo "not ok - a record takes what it took: $now instructions, not $(of storm)$(advice)"
	fi
}

# What is looked for among many is found as fast.
crowd() {
	large=$(instructions "$many")
	if [ "$large" -le $((now * 2)) ]; then
		echo "ok - a record takes $large instructions among $many endpoints, $now among $few"
	else
		echo "not ok - a record takes no more than twice as much among many endpoints: $large among $many, $now among $few"
	fi
}

# memory KIND BYTES WHAT
memory() {
	per=$("$build/cost" memory "$many" "$1" | awk '/^endpoints / { print int($4 / $2 + 0.5) }')
	if [ "${per:-0}" -gt 0 ] && [ "$per" -le "$2" ]; then
		echo "ok - $many endpoints $3 take $per bytes each"
	else
		echo "not ok - $many endpoints $3 take $2 bytes each at most: $per"
	fi
}

if [ "${1-}" = --keep ]; then
	keep
	exit
fi
now=$(instructions "$few")
storm
crowd
memory pairs "$bytes_open" "in ESTABLISHED, two by two,"
memory ends "$bytes_open" "in ESTABLISHED, their peers elsewhere,"
memory waits "$bytes_waiting" "in TIME_WAIT"
