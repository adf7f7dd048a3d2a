#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# bench.sh: the benchmark (tests/bench) works, and leaves nothing behind. What it measures is no matter here.

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"

bench=${live_lib%/*}/bench/bench.py

# start_bench: its pid in $bench_pid
start_bench() {
	command -v python3 >/dev/null || skip "there is no python3" || return
	"$@" "$bench" --build "$live_build" --json bench.json --quick >bench.out 2>bench.err 8>&- 9>&- &
	bench_pid=$!
	keep_pid "$bench_pid"
}

# delivered RUN: is there a row of ours in such a run, and has each of them all that was due, but for what the kernel ran no
# BPF program for (tests/lib/unseen.sh)?
delivered() {
	python3 - "$1" <<-'EOF' || show bench.out || fail "$1: not all was delivered"
		import json, sys
		rows = [row for row in json.load(open("bench.json"))["rows"]
		        if row["run"].startswith(sys.argv[1]) and row["tool"].startswith("ours")]
		sys.exit(not rows or any(row["due"] - row["delivered"] not in range(row["unseen"] + 1) or row["lost"]
		                         for row in rows))
	EOF
}

whole_run() {
	stats=$(cat /proc/sys/kernel/bpf_stats_enabled)
	start_bench || return
	live_patience=9 collect "$bench_pid" || return
	[ "$status" = 0 ] || show bench.err || fail "it ended with status $status" || return
	grep '^skip - ' bench.out | sed 's/^skip/#/'
	delivered alone && delivered together && delivered beside || return
	grep -qE '^alone +ours .* [0-9]+ +[0-9]+$' bench.out || show bench.out || fail "there is no latency" || return
	[ "$(cat /proc/sys/kernel/bpf_stats_enabled)" = "$stats" ] || fail "bpf_stats_enabled is not what it was"
}

without_peers() {
	command -v python3 >/dev/null || skip "there is no python3" || return
	mkdir bin
	ln -s "$(python3 -c 'import sys; print(sys.executable)')" bin/python3
	for name in unshare ip mount sh stdbuf env; do
		ln -s "$(command -v $name)" bin
	done
	start_bench env PATH="$PWD/bin" || return
	live_patience=6 collect "$bench_pid" || return
	[ "$status" = 0 ] || show bench.err || fail "it ended with status $status" || return
	has bench.out "skip - tcpstates: tcpstates is not installed" || show bench.out ||
		fail "it does not say that a peer is missing" || return
	delivered alone
}

children() {
	cat "/proc/$bench_pid/task/$bench_pid/children" 2>/dev/null
}

# The meter, a tool, and what reads its lines
has_three() {
	# shellcheck disable=SC2046 # a list
	[ $(children | wc -w) -ge 3 ]
}

killed() {
	start_bench || return
	wait_until has_three || fail "it starts nothing" || return
	left=$(children)
	stop "$bench_pid" KILL || return
	for pid in $left; do
		wait_until is_over "$pid" || fail "process $pid lives on" || return
	done
}

live_test "the benchmark, in small" whole_run
live_test "the benchmark without its peers" without_peers
live_test "a benchmark that is killed leaves nothing behind" killed
live_end
