#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# syscalls.sh [ROUNDS]: (root) what --explain-bind costs every system call of the machine where fentry does not
# attach. dd(1) reads and writes single bytes, without the tracer, with it, and with --explain-bind, in turns; of
# each the fastest round counts. Prints
#
#	WHAT  NS-PER-SYSTEM-CALL
set -eu
cd "$(dirname "$0")/../.."
if [ "${BENCH:-}" != inside ]; then
	BENCH=inside exec unshare --net "$0" "$@"
fi
rounds=${1:-5}
calls=2000000
work=$(mktemp -d)
tracer=
stop() {
	[ -z "$tracer" ] || kill "$tracer" 2>/dev/null || true
	[ -z "$tracer" ] || wait "$tracer" 2>/dev/null || true
	tracer=
}
trap 'stop; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# start OPTION...: the tracer, on a port of nobody's
start() {
	rm -f "$work/ready"
	mkfifo "$work/ready"
	build/tcpstate-trace --hooks=tracepoint --port 1 -o table --ready-fd 3 "$@" 3>"$work/ready" >/dev/null &
	tracer=$!
	read -r _ <"$work/ready"
}

# measure NAME: appends ns per system call
measure() {
	begin=$(date +%s%N)
	dd if=/dev/zero of=/dev/null bs=1 count=$((calls / 2)) 2>/dev/null
	echo $((($(date +%s%N) - begin) / calls)) >>"$work/$1"
}

for _ in $(seq "$rounds"); do
	measure none
	start
	measure traced
	stop
	start --explain-bind
	measure explain
	stop
done
for name in none traced explain; do
	echo "$name $(sort -n "$work/$name" | head -n 1)"
done | awk '
	{ ns[$1] = $2 }
	END {
		printf "untraced        %d\n", ns["none"]
		printf "traced          %d\n", ns["traced"]
		printf "--explain-bind  %d (%+d, %.2f times)\n", ns["explain"], ns["explain"] - ns["none"],
			ns["explain"] / ns["none"]
	}'
