#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh SECONDS: each fuzzer over its corpus, then for SECONDS beyond it; two at a time. What crashes one is left in
# build/fuzz, as is what it learned.
set -u
cd "$(dirname "$0")/../.." || exit

# fuzz NAME SECONDS
fuzz() {
	learned=build/fuzz/learned/$1
	mkdir -p "$learned"
	if nice "build/fuzz/fuzz-$1" -max_total_time="$2" -timeout=10 -max_len=8192 \
		-close_fd_mask=3 -artifact_prefix="build/fuzz/$1-" "$learned" "tests/fuzz/corpus/$1" >"$learned.log" 2>&1; then
		echo "ok - $1"
	else
		tail -20 "$learned.log"
		echo "not ok - $1: $(grep -a -o 'Test unit written to .*' "$learned.log" || echo "see $learned.log")"
	fi
}

if [ $# -eq 2 ]; then
	fuzz "$@"
	exit
fi
for corpus in tests/fuzz/corpus/*; do
	basename "$corpus"
done | xargs -P 2 -I NAME "$0" NAME "$1"
