#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# No line of a ladder is wider than it was asked to be.
set -u
cd "$(dirname "$0")/../.." || exit
: "${BUILD:=build}"
export LC_ALL=C.UTF-8 TZ=UTC
failed=0

# widest COLUMNS OPTION...: of the lines of all recordings
widest() {
	columns=$1
	shift
	for recording in tests/golden/*.rec; do
		COLUMNS=$columns "$BUILD/tcpstate-trace" replay -o ladder "$@" "$recording" 2>/dev/null
	done | wc -L
}

for columns in 40 41 47 51 52 53 60 79 80 100 120 200; do
	for option in --color=never -T -w; do
		wide=$(widest "$columns" "$option")
		if [ "$wide" -le "$columns" ]; then
			echo "ok - $columns columns, $option"
		else
			echo "not ok - $columns columns, $option: a line has $wide"
			failed=1
		fi
	done
done
exit "$failed"
