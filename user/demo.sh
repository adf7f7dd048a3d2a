#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# demo.sh BUILD: the main job, live: the tracer on port 19999, the echo server, and an echo client that
# says something and quits. In a network namespace of its own, which ends with it.
set -eu

build=$(cd "$1" && pwd)
port=19999

if [ "$(id -u)" != 0 ]; then
	echo "demo: tracing needs root: run it as sudo make demo" >&2
	exit 1
fi
if [ "${TCPSTATE_DEMO:-}" != inside ]; then
	TCPSTATE_DEMO=inside exec unshare --net "$0" "$build"
fi

work=$(mktemp -d)
tracer='' server=''
tidy_up() {
	for pid in $server $tracer; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	rm -rf "$work"
}
trap tidy_up EXIT
trap 'exit 130' INT TERM

# wait_for WHAT COMMAND...: until COMMAND succeeds, for at most ten seconds
wait_for() {
	what=$1
	shift
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		if [ "$tries" -gt 1000 ]; then
			echo "demo: no $what after ten seconds" >&2
			exit 1
		fi
		sleep 0.01
	done
}

ip link set lo up
echo "\$ tcpstate-trace --port $port    \$ echo-server $port    \$ echo-client 127.0.0.1 $port"
echo

mkfifo "$work/ready"
"$build/tcpstate-trace" --port "$port" --netns /proc/self/ns/net --output ladder --count 1 \
	--ready-fd 3 3>"$work/ready" &
tracer=$!
read -r _ <"$work/ready" || exit 1

"$build/echo-server" "$port" >"$work/server" &
server=$!
wait_for "server" grep -q listening "$work/server"

"$build/echo-client" --send "Hello, is anybody there?" --send "Then good-bye." \
	127.0.0.1 "$port" >"$work/client" 2>&1
wait "$tracer"
tracer=''

echo
echo "The client sent these lines and had them back:"
grep -v '^connected' "$work/client" | sed 's/^/    /'
echo "It closed first, so the TIME_WAIT is on its side. ss says so too:"
ss -Htano state time-wait "( sport = :$port or dport = :$port )"
