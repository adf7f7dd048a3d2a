#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# bystanders.sh: (root) what the hooks cost a machine that is busy with what is not theirs. Connections on other
# ports arm and stop timers, lose packets and are read from; the tracer watches port 1. Prints what the kernel counted:
#
#	PROGRAM  EVENTS  NS-PER-EVENT
#
# The kernel's own counting (kernel.bpf_stats_enabled) is in these figures, and is switched off again.
set -eu
cd "$(dirname "$0")/../.."
if [ "${BENCH:-}" != inside ]; then
	BENCH=inside exec unshare --net "$0"
fi
bpftool=$(command -v bpftool || echo /usr/sbin/bpftool)
stats=/proc/sys/kernel/bpf_stats_enabled
was=$(cat $stats)
tracer=
server=
tidy() {
	echo "$was" >$stats
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	[ -z "$tracer" ] || kill "$tracer" 2>/dev/null || true
	rm -f "$ready"
}
ready=$(mktemp -u)
trap tidy EXIT
mkfifo "$ready"
ip link set lo up

echo 1 >$stats
build/tcpstate-trace --hooks=tracepoint --port 1 -o table --ready-fd 3 3>"$ready" >/dev/null &
tracer=$!
read -r _ <"$ready"
build/storm 20000 5000 >/dev/null
build/echo-server 5001 >/dev/null &
server=$!
until build/echo-client --send x 127.0.0.1 5001 >/dev/null 2>&1; do sleep 0.1; done
for _ in $(seq 500); do build/echo-client --send x 127.0.0.1 5001 >/dev/null 2>&1; done
kill "$server"
cat /proc/"$tracer"/fdinfo/* 2>/dev/null | sed -n 's/^prog_id:[^0-9]*//p' | sort -un | while read -r id; do
	"$bpftool" prog show id "$id"
done | awk '
	/name (timer_|skb_ends|socket_is_read)/ {
		for (i = 1; i < NF; i++) v[$i] = $(i + 1)
		if (v["run_cnt"] > 0) printf "%-14s %9d  %d\n", v["name"], v["run_cnt"], v["run_time_ns"] / v["run_cnt"]
	}'
