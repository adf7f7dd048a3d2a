#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# overload.sh: a tracer that is stopped, whose reader does not read, whose disk is full, or that has no CPU to itself:
# the kernel goes on, and what was made is delivered or counted as lost, to the last event.
#
#	STORM	how many connections come meanwhile (default: 20000)

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_unshare='--net --mount'
live_begin "$@"
export COLUMNS=300

number=${STORM:-20000}
made=0

# storm N: waits for the end of so many connections of ten transitions each, and two of their listener
storm() {
	"$live_build/storm" "$port" "$1" >storm.out 2>storm.err 8>&- 9>&- &
	storm=$!
	keep_pid "$storm"
	live_patience=9 collect "$storm" || return
	[ "$status" = 0 ] || show storm.err || fail "the storm ended with status $status" || return
	made=$((made + 10 * $1 + 2))
}

# count_all: begins to count the transitions of this machine and of this namespace
count_all() {
	rm -f asked
	mkfifo asked
	: >counted
	"$live_build/meter" <asked >counted 2>meter.err 8>&- 9>&- &
	keep_pid $!
	exec 8>asked
	echo read >&8
	wait_until has_lines 1 counted || show meter.err || fail "the counting program does not attach"
}

# counted LINE NAME
counted() {
	sed -n "$1s/.*\"$2\": \([0-9]*\),.*/\1/p" counted
}

# elsewhere: how many transitions other namespaces have made meanwhile. Their first ones may pass the port filter, as such
# a socket has no port yet; they have no lines, but may be among those that are lost.
elsewhere() {
	echo read >&8
	wait_until has_lines 2 counted || fail "the meter does not answer" || return
	others=$(($(counted 2 everywhere) - $(counted 2 here) - $(counted 1 everywhere) + $(counted 1 here)))
	exec 8>&-
}

# start_alone OPTION...: a tracer of transitions alone: it is known how many there are
start_alone() {
	made=0
	count_all &&
		start_trace seen --hooks=none -N /proc/self/ns/net --port "$port" -o table --max-connections 100000 "$@"
}

# transitions FILE: how many a table has; not those that are only inferred
transitions() {
	grep -v LPORT "$1" | grep -cF -e ' -> '
}

# lost_in FILE: how many events a table says were lost, altogether
lost_in() {
	sed -n 's/^# lost \([0-9]*\) events$/\1/p' "$1" | awk '{ sum += $1 } END { print sum + 0 }'
}

# listeners FILE: how many listeners a table has seen to end
listeners() {
	grep -cF 'LISTEN      -> CLOSE' "$1"
}

sees_again() {
	[ "$(listeners "$1")" -gt "$seen_before" ]
}

# recovers FILE: small storms come, until the end of one is in that table
recovers() {
	for _ in 1 2 3 4 5; do
		seen_before=$(listeners "$1")
		storm 100 || return
		! wait_until sees_again "$1" || return 0
	done
	fail "the tracer does not recover"
}

# ends_with STATUS
ends_with() {
	elsewhere || return
	kill -INT "$tracer"
	live_patience=6 collect "$tracer" || return
	[ "$status" = "$1" ] || show seen.err || fail "it ended with status $status, not $1"
}

# told: how many events were lost, as it says at its end
told() {
	sed -n 's/.*: \([0-9]*\) events were lost, .*/\1/p' seen.err
}

# adds_up FILE: each event that was made has a line there, or is counted as lost there
adds_up() {
	all=$(($(transitions "$1") + $(lost_in "$1")))
	if [ "$all" -lt "$made" ] || [ "$all" -gt $((made + others)) ]; then
		fail "$(transitions "$1") transitions and $(lost_in "$1") lost make $all, not $made ($others were made elsewhere)"
	fi
}

# lost_some: it has lost events, says so, and marks what it does not know
lost_some() {
	[ "$(lost_in seen.out)" -gt 0 ] || fail "nothing was lost: this was no overload" || return
	[ "$(told)" = "$(lost_in seen.out)" ] || show seen.err || fail "it does not say how many were lost"
}

stopped() {
	start_alone --ring 1M --record seen.rec || return
	storm 100 || return
	kill -STOP "$tracer"
	wait_until is_stopped "$tracer" || fail "the tracer does not stop" || return
	storm "$number" || return
	is_stopped "$tracer" || fail "the tracer was not stopped all the time" || return
	kill -CONT "$tracer"
	recovers seen.out && ends_with 0 && lost_some && adds_up seen.out || return
	"$trace_program" replay -o table --max-connections 100000 seen.rec >again 2>again.err
	matches again seen.out
}

# Nobody reads until the pipe is full, and the tracer can do nothing else than wait.
unread() {
	mkfifo seen.out
	exec 9<>seen.out
	start_alone --ring 1M || return
	storm "$number" || return
	cat seen.out >seen.read 8>&- 9>&- &
	reader=$!
	keep_pid $reader
	wait_until test -s seen.read || fail "nothing is in the pipe" || return
	exec 9>&-
	recovers seen.read && ends_with 0 || return
	collect $reader || return
	mv seen.read seen.out
	lost_some && adds_up seen.out
}

# A disk of one megabyte that something else fills, and leaves.
full_disk() {
	mkdir disk
	mount -t tmpfs -o size=1m tmpfs disk 2>/dev/null || skip "there is no tmpfs to be mounted" || return
	live_after=tidy_disk
	head -c 900000 /dev/zero >disk/filler
	start_alone --record disk/it.rec || return
	storm "$number" || return
	wait_until has seen.err "the recording has a gap from here on: No space left on device" || show seen.err ||
		fail "it does not say that the disk is full" || return
	rm disk/filler
	until has seen.err "the recording goes on"; do
		[ "$made" -lt $((20 * number)) ] || fail "the recording does not go on" || return
		storm 100 || return
	done
	storm 100 && ends_with 1 || return
	[ "$(lost_in seen.out)" = 0 ] || fail "events were lost on the way to the table" || return
	adds_up seen.out || return
	"$trace_program" replay -o table --max-connections 100000 disk/it.rec >again 2>again.err
	missing=$(sed -n 's/.*the recording goes on: \([0-9]*\) events are missing in it$/\1/p' seen.err)
	[ "$(lost_in again)" = "$missing" ] || show again.err ||
		fail "$missing events are missing, but the replay finds $(lost_in again)" || return
	adds_up again
}

tidy_disk() {
	umount disk
	live_after=:
}

# As many loops as CPUs, at the same priority, and little room.
crowded() {
	start_alone --ring 64K || return
	for _ in $(seq "$(getconf _NPROCESSORS_ONLN)"); do
		sh -c 'while :; do :; done' &
		keep_pid $!
	done
	storm "$number" || return
	recovers seen.out && ends_with 0 || return
	adds_up seen.out || return
	[ "$(lost_in seen.out)" = 0 ] || lost_some
}

# What a stopped tracer can keep follows from --ring.
sized() {
	for size in 64K 100K 1M; do
		start_alone --ring "$size" || return
		kill -STOP "$tracer"
		wait_until is_stopped "$tracer" || fail "the tracer does not stop" || return
		storm 2000 || return
		kill -CONT "$tracer"
		ends_with 0 && adds_up seen.out || return
		transitions seen.out >>kept
	done
	awk 'NR > 1 && $1 < 1.9 * before { exit 1 } { before = $1 }' kept || show kept ||
		fail "a larger buffer does not keep more"
}

live_test "a tracer that is stopped in a storm: delivered and lost make all" stopped
live_test "a reader that does not read" unread
live_test "a disk that is full, and has room again" full_disk
live_test "busy loops beside it" crowded
live_test "the size of the ring buffer" sized
live_end
