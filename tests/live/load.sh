#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# load.sh: many connections: nothing is lost, or it is counted.
#
#	STORM	how many connections overflow the ring buffer of a tracer that stands still (default: 40000)

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"
export COLUMNS=300

storm_program=$live_build/storm

# storm N: so many connections of ten transitions each, and two transitions of their listener
storm() {
	[ -x "$storm_program" ] || fail "$storm_program is missing: build it first" || return
	"$storm_program" "$port" "$1" >storm.out 2>storm.err 8>&- 9>&- &
	storm=$!
	keep_pid "$storm"
}

storm_ends() {
	live_patience=6 collect "$storm" || return
	[ "$status" = 0 ] || show storm.err || fail "the storm ended with status $status"
}

# transitions FILE: how many a table has; not those that are only inferred
transitions() {
	grep -v LPORT "$1" | grep -cF -e ' -> '
}

# lost_in FILE: how many events a table says were lost, altogether
lost_in() {
	sed -n 's/^# lost \([0-9]*\) events$/\1/p' "$1" | awk '{ sum += $1 } END { print sum + 0 }'
}

every_transition() {
	start_trace seen --port "$port" -o table || return
	storm 3000 && storm_ends || return
	end_trace || return
	for edge in "CLOSE       -> SYN_SENT" "SYN_SENT    -> ESTABLISHED" "LISTEN      -> SYN_RECV" \
		"SYN_RECV    -> ESTABLISHED" "ESTABLISHED -> FIN_WAIT1" "ESTABLISHED -> CLOSE_WAIT" \
		"CLOSE_WAIT  -> LAST_ACK" "FIN_WAIT1   -> FIN_WAIT2" "FIN_WAIT2   -> CLOSE" \
		"LAST_ACK    -> CLOSE"; do
		counts 3000 seen.out " $edge" ||
			fail "$edge: $(grep -cF " $edge" seen.out) times, not 3000" || return
	done
	[ "$(transitions seen.out)" = 30002 ] || fail "$(transitions seen.out) transitions, not 30002" ||
		return
	[ "$(lost_in seen.out)" = 0 ] || fail "events were lost" || return
	# each connection has ten lines with its client's port, but for the first: that is not chosen yet
	awk -v port="$port" '!/LPORT|LISTEN +-> CLOSE|CLOSE +-> LISTEN/ && / -> / {
			client = $4 == port ? $6 : $4
			if (client) lines[client]++
		}
		END { for (client in lines) print lines[client] }' seen.out | sort | uniq -c >got
	printf '%7d 9\n' 3000 >want
	matches got want
}

every_verdict() {
	start_trace seen --port "$port" -o ladder || return
	storm 3000 && storm_ends || return
	end_trace || return
	in_glyphs >sentence <<-'EOF'
		closed by client first · FIN both ways ·
	EOF
	counts 3000 seen.out "$(cat sentence)" ||
		fail "$(grep -cF "$(cat sentence)" seen.out) verdicts, not 3000" || return
	counts 3000 seen.out "TIME_WAIT 60 s at client" || fail "not 3000 are in TIME_WAIT" || return
	for word in lost uncertain missed "address alone"; do
		! has seen.out "$word" || show seen.out || fail "the ladder says: $word" || return
	done
}

# edge N EDGE: the summary has it so often
edge() {
	grep -qE "^$2 +$1\$" seen.out || show seen.out || fail "$2 is not counted $1 times"
}

every_edge_is_counted() {
	start_trace seen --port "$port" --summary || return
	storm 3000 && storm_ends || return
	end_trace || return
	for edge in "CLOSE +-> SYN_SENT" "SYN_SENT +-> ESTABLISHED" "LISTEN +-> SYN_RECV" \
		"SYN_RECV +-> ESTABLISHED" "ESTABLISHED +-> FIN_WAIT1" "ESTABLISHED +-> CLOSE_WAIT" \
		"CLOSE_WAIT +-> LAST_ACK" "FIN_WAIT1 +-> FIN_WAIT2" "FIN_WAIT2 +-> CLOSE" \
		"LAST_ACK +-> CLOSE" "FIN_WAIT2 +~> TIME_WAIT"; do
		edge 3000 "$edge" || return
	done
	edge 1 "CLOSE +-> LISTEN" && edge 1 "LISTEN +-> CLOSE" || return
	[ "$(grep -c -e ' -> ' seen.out)" = 12 ] || show seen.out || fail "there are other edges" || return
	has seen.out "3000 of 3000 connections closed; 30002 transitions" || show seen.out ||
		fail "they are not all summed" || return
	has seen.out "no event was lost" || show seen.out || fail "events were lost" || return
	grep -qE '^ESTABLISHED +6000 ' seen.out || show seen.out ||
		fail "not each stay in ESTABLISHED was timed" || return
	grep -qE '^closed +3000 +3000 +- +- +-$' seen.out || show seen.out ||
		fail "not each close is the client's" || return
	grep -qE '^storm +1 +6000 +3000 +3000 +- +- +-$' seen.out || show seen.out ||
		fail "not each end is the storm's"
}

# 20 connections are open and 16 are watched: the oldest are given up, and said to be.
full_table() {
	start_trace seen --port "$port" -o ladder --max-connections 16 || return
	start_server || return
	mkfifo hold
	exec 9<>hold
	clients=
	for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		"$client_program" 127.0.0.1 "$port" <hold >/dev/null 2>"client.$number" 9>&- &
		keep_pid $!
		clients="$clients $!"
		wait_until has "client.$number" "connected to" || fail "client $number has no connection" ||
			return
	done
	given_up() {
		grep -c "no longer watched: the table is full" seen.out
	}
	wait_until has seen.out "no longer watched: the table is full" || show seen.out ||
		fail "nothing is given up" || return
	is_running "$tracer" || fail "the tracer has ended" || return
	exec 9>&-
	for client in $clients; do
		collect "$client" || return
	done
	live_trace=seen
	kill -INT "$tracer"
	collect "$tracer" || return
	[ "$status" = 0 ] || show seen.err || fail "it ended with status $status" || return
	has_lines 1 seen.err && grep -qE ' [0-9]+ connections were given up as the table was full: see --max-connections$' seen.err ||
		show seen.err || fail "it does not say how many it gave up" || return
	said=$(sed 's/.*: \([0-9]*\) connections were given up.*/\1/' seen.err)
	[ "$said" -ge "$(given_up)" ] || show seen.err ||
		fail "$(given_up) verdicts say so, but $said in all" || return
	[ "$(given_up)" -ge 4 ] || show seen.out || fail "only $(given_up) of 20 were given up"
}

# How many connections were opened in this namespace so far?
opened() {
	awk '/^Tcp: [0-9]/ { print $6 }' /proc/net/snmp
}

opened_reaches() {
	[ "$(opened)" -ge "$1" ]
}

# stand_still PORTS: starts a tracer of them and stops it. Of transitions alone it is known how many there are.
stand_still() {
	start_trace seen --hooks=none --ring 16M --port "$1" -o table --max-connections 100000 --record seen.rec || return
	kill -STOP "$tracer"
	wait_until is_stopped "$tracer" || fail "the tracer does not stop"
}

# go_on: has the tracer go on, and ends it when it has shown something that came afterwards: the end of a
# storm's listener. It takes $more storms more, of 1002 transitions each.
go_on() {
	kill -CONT "$tracer"
	storm_ends || return
	more=0
	until has seen.out "LISTEN      -> CLOSE"; do
		[ "$more" -lt 200 ] || fail "it does not go on" || return
		more=$((more + 1))
		storm 100 && storm_ends || return
	done
	kill -INT "$tracer"
	live_patience=6 collect "$tracer" || return
	[ "$status" = 0 ] || show seen.err || fail "it ended with status $status" || return
	has_lines 1 seen.err || show seen.err || fail "it did not say one sentence"
}

# adds_up EXPECTED: a lost event is one that has no line: both together are all. There may be more lost: a
# duplicate of the witness (bpf/witness.bpf.h), a few in a million; and the first transitions of sockets
# elsewhere on this machine, which pass the filter as they have no port yet.
adds_up() {
	lost=$(sed -n 's/.*: \([0-9]*\) events were lost, \([0-9]*\) of them as the ring buffer was full.*/\1/p' \
		seen.err)
	[ "${lost:-0}" -gt 0 ] || show seen.err || fail "it does not say how many events were lost" || return
	[ "$lost" = "$(lost_in seen.out)" ] || show seen.err ||
		fail "the table says that $(lost_in seen.out) were lost" || return
	all=$(($(transitions seen.out) + lost))
	if [ "$all" -lt "$1" ] || [ "$all" -gt $(($1 + $1 / 50)) ]; then
		fail "$(transitions seen.out) transitions and $lost lost make $all, not $1"
	fi
}

# The tracer stands still until the ring buffer (some 100 000 transitions) is full, and goes on while the storm does.
overflow() {
	number=${STORM:-40000}
	stand_still "$port" || return
	enough=$(($(opened) + 15000))
	storm "$number" || return
	live_patience=6 wait_until opened_reaches "$enough" || fail "the storm does not come about" || return
	go_on || return
	adds_up $((10 * number + 2 + more * 1002)) || return
	"$trace_program" replay -P "$port" --max-connections 100000 -o table seen.rec >again 2>again.err ||
		show again.err || fail "replay failed" || return
	cmp -s again seen.out || fail "the replay is not the same" || return
	matches again.err seen.err
}

# The last record that fits is the first one of a server's socket: its line may not be swallowed. With 8 bytes of
# the ring buffer's own each, the three of its connection take 392, 10 381 connections 1616 each, the storm's
# listener and another one 152 each, and three refused connections 272 each: 16 777 208 of 16 777 215.
overflow_in_handshake() {
	stand_still "$port,$((port + 1000))" || return
	for _ in 1 2 3; do
		says 1 "Connection refused" "$client_program" 127.0.0.1 "$port" || return
	done
	port=$((port + 1000))
	start_server --bind 127.0.0.1 || return
	port=$((port - 1000))
	storm 13000 && storm_ends || return
	storm 100 || return
	go_on || return
	adds_up $((10 * 13100 + 4 + 1 + 6 + more * 1002))
}

live_test "3000 connections: each transition once" every_transition
live_test "3000 connections: each verdict once" every_verdict
live_test "3000 connections: each edge is in the summary" every_edge_is_counted
live_test "more connections than --max-connections" full_table
live_test "a ring buffer that overflows: all that is lost is counted" overflow
live_test "a ring buffer that overflows within a handshake" overflow_in_handshake
live_end
