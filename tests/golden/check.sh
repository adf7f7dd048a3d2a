#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Each recording NAME.rec of this directory, replayed in each form, or in those that $FORMS names, against what stands in
# NAME.FORM. check.sh --update writes these files anew: then look at what `git diff` shows.
set -u
cd "$(dirname "$0")/../.." || exit
build=${BUILD:-build}
update=${1:-}
unset NO_COLOR
failed=0
passed=0

# screens RECORDING: of --tui, in several sizes, after some keys (screens.c)
screens() {
	set -f # "?" is a key
	while read -r size charset keys; do
		echo "=== $size $charset $keys"
		# shellcheck disable=SC2086 # keys are words
		"$build/screens" "$size" "$charset" "$1" $keys
	done <<-'END'
		80x24 utf8
		80x24 utf8 Enter
		80x24 utf8 Tab Home Down
		80x24 utf8 Tab Tab Down
		80x24 utf8 ssss S End
		80x24 ascii sss / CLIENT Backspace Enter p
		120x40 utf8
		40x10 utf8 Down
		40x10 ascii Down Enter Home
		80x24 utf8 w ? Down
		20x4 utf8
	END
	set +f
}

# render FORM RECORDING
render() {
	case $1 in
	ladder) LC_ALL=C.UTF-8 COLUMNS=100 "$build/tcpstate-trace" replay -o ladder "$2" ;;
	narrow) LC_ALL=C COLUMNS=60 "$build/tcpstate-trace" replay -o ladder -t "$2" ;;
	colour) LC_ALL=C.UTF-8 COLUMNS=100 "$build/tcpstate-trace" replay -o ladder --color=always -T "$2" ;;
	table) LC_ALL=C.UTF-8 "$build/tcpstate-trace" replay -o table --no-findings "$2" ;;
	wide) LC_ALL=C.UTF-8 "$build/tcpstate-trace" replay -o table -w -t --close-wait-warn 1 "$2" ;;
	summary) LC_ALL=C.UTF-8 COLUMNS=80 "$build/tcpstate-trace" replay --summary "$2" ;;
	json) LC_ALL=C "$build/tcpstate-trace" replay -o json --summary "$2" 2>/dev/null ;;
	svg) "$build/tcpstate-trace" replay --svg - "$2" 2>/dev/null ;;
	screens) screens "$2" ;;
	csv) LC_ALL=C "$build/tcpstate-trace" replay -o csv "$2" 2>/dev/null ;;
	esac 2>&1
}

export TZ=UTC
for recording in tests/golden/*.rec; do
	name=${recording%.rec}
	for form in ${FORMS:-ladder narrow colour table wide json csv summary svg screens}; do
		test="${name##*/} as $form"
		if [ "$update" = --update ]; then
			render "$form" "$recording" >"$name.$form"
		elif difference=$(render "$form" "$recording" | diff -u "$name.$form" -); then
			echo "ok - $test"
			passed=$((passed + 1))
		else
			printf '%s\n' "$difference"
			echo "not ok - $test: it differs as above"
			failed=$((failed + 1))
		fi
	done
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
