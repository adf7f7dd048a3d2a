#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# (root) Makes the recordings of this directory anew, on this kernel. To be run when the wire format
# changes, then check.sh --update. Needs python3, which the tests do not.
set -eu
cd "$(dirname "$0")/../.."
if [ -z "${TCPSTATE_RECORD:-}" ]; then # each in a network namespace of its own
	for name in client-quits server-killed three-at-once nasty-name closes; do
		TCPSTATE_RECORD=$name unshare --net "$0"
	done
	python3 tests/golden/lose.py tests/golden/client-quits.rec tests/golden/lost.rec
	python3 tests/golden/blind.py tests/golden/closes.rec tests/golden/blind.rec
	exit
fi
export COLUMNS=100 TZ=UTC0 # a recording has them
ip link set lo up
sysctl -q -w net.ipv4.ip_local_port_range="40000 40999"
sysctl -q -w net.ipv4.tcp_fin_timeout=60
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkfifo "$work/ready"

# record NAME COMMAND...: what COMMAND does on port 19999
record() {
	name=$1
	shift
	build/tcpstate-trace --port 19999 --netns /proc/self/ns/net -o table --record "tests/golden/$name.rec" \
		--ready-fd 3 3>"$work/ready" >/dev/null &
	tracer=$!
	read -r _ <"$work/ready"
	"$@"
	kill -INT "$tracer"
	wait "$tracer"
}

# serve COMMAND...: COMMAND with an echo server beside it, whose pid is in $server
serve() {
	# A shell without job control starts what it puts in the background with SIGINT ignored.
	env --default-signal=INT build/echo-server --reuse-addr 19999 >"$work/server" &
	server=$!
	until grep -qs listening "$work/server"; do :; done
	"$@"
	kill -INT "$server" 2>/dev/null || true
	wait "$server" || true
}

client_quits() {
	{ echo hello; sleep 1.5; echo q; } | build/echo-client 127.0.0.1 19999 >/dev/null 2>&1
}

server_killed() {
	mkfifo "$work/typed"
	build/echo-client 127.0.0.1 19999 <"$work/typed" >"$work/client" 2>&1 &
	client=$!
	exec 4>"$work/typed"
	echo hello >&4
	until grep -qs hello "$work/client"; do :; done
	kill -INT "$server"
	until grep -q closed "$work/client"; do :; done
	sleep 1.2
	echo q >&4
	wait "$client" || true
	exec 4>&-
	while grep -q ':4E1F .* 06 ' /proc/net/tcp; do sleep 1; done # the TIME_WAIT of port 19999 ends
}

three_at_once() {
	for i in 1 2 3; do
		{ echo "$i"; sleep 0.$i; echo q; } | build/echo-client 127.0.0.1 19999 >/dev/null 2>&1 &
	done
	wait "$!"
}

nasty_name() {
	cp build/echo-client "$work/$(printf 'a\033[31m\\\n\351\342\200\256')"
	for copy in "$work"/a*; do
		"$copy" --send hi 127.0.0.1 19999 >/dev/null 2>&1
	done
}

closes() {
	python3 tests/golden/closes.py
}

case $TCPSTATE_RECORD in
client-quits) record client-quits serve client_quits ;;
server-killed) record server-killed serve server_killed ;;
three-at-once) record three-at-once serve three_at_once ;;
nasty-name) record nasty-name serve nasty_name ;;
closes) record closes closes ;;
esac
