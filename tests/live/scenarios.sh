#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# scenarios.sh: every scenario of user/demo/scenarios/, played before the tracer: one test each, of its name.
#
#	SCENARIO_SECONDS	leaves out those that take longer (default: 30)

# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"

"$trace_program" demo >"$live_dir/list" || exit 1

# takes NAME: the seconds that cannot be shortened, 0 for a moment
takes() {
	seconds=$(sed -n "s/^$1 .*(takes \([0-9]*\) s)\$/\1/p" "$live_dir/list")
	echo "${seconds:-0}"
}

play() {
	"$trace_program" demo --quiet "$1" >"$live_dir/$1.out" 2>&1
}

# Long ones go side by side: each has a namespace of its own.
start_long_ones() {
	for scenario in $names; do
		seconds=$(takes "$scenario")
		[ "$seconds" -gt 5 ] && [ "$seconds" -le "$limit" ] || continue
		case $scenario in
		*"$live_only"*) ;;
		*) continue ;;
		esac
		{
			play "$scenario"
			echo $? >"$live_dir/$scenario.status"
		} &
	done
}

as_expected() {
	[ "$(takes "$scenario")" -le "$limit" ] ||
		skip "it takes $(takes "$scenario") s: make check-vm plays it in virtual time" || return
	if [ "$(takes "$scenario")" -gt 5 ]; then
		live_patience=5 wait_until test -s "$live_dir/$scenario.status" ||
			fail "the play did not end" || return
		status=$(cat "$live_dir/$scenario.status")
	else
		play "$scenario"
		status=$?
	fi
	said=$(sed -n '1s/^[a-z ]* - [^:]*: //p' "$live_dir/$scenario.out")
	case $status in
	0) ;;
	77) skip "$said" ;;
	*) show "$live_dir/$scenario.out" || fail "$said" ;;
	esac
}

limit=${SCENARIO_SECONDS:-30}
names=$(sed 's/ .*//' "$live_dir/list")
start_long_ones
for scenario in $names; do
	live_test "$scenario" as_expected
done
live_end
