#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# hosts.sh: recordings of two hosts, replayed as one.
#
# One kernel has but one clock. So each host is a network namespace, one recording is made of both, and build/shift
# makes two of it, one for each namespace; the clock of one of them is shifted by what is known here.

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
# shellcheck source=tests/lib/netns.sh
. "${0%/*}/../lib/netns.sh"
live_unshare='--net --mount'
live_begin "$@"
export COLUMNS=300

# record_both: three connections from "left" to "right", in both.rec; what the live run drew is in seen.out
record_both() {
	make_netns left && make_netns right || return
	join left 10.9.0.1/24 right 10.9.0.2/24 || return
	start_trace seen --port "$port" -o ladder --record both.rec || return
	run_in right
	start_server || return
	run_in left
	for _ in 1 2 3; do
		talk 10.9.0.2 || return
	done
	wait_until counts 3 seen.out "closed by client first" || show seen.out || fail "not three verdicts" ||
		return
	end_trace
}

# split AHEAD_US: left.rec, and right.rec by a clock that is so far ahead
split() {
	if ! "$live_build/shift" both.rec left.rec alpha "$(inode_of left)" 0 ||
		! "$live_build/shift" both.rec right.rec "be
ta" "$(inode_of right)" "$1"; then
		fail "the recording cannot be split"
	fi
}

# clock_line FILE: "AHEAD UNCERTAINTY", in microseconds, as the first line says it
clock_line() {
	sed -nE '1{
		s/^the clock of (be\\x0ata|alpha) is ([0-9]+)\.([0-9]{6}) s ahead of that of (alpha|be\\x0ata), to within ([0-9]+)\.([0-9]{6}) s, by 3 connections between them$/\2\3 \5\6/p
		s/^the clock of (be\\x0ata|alpha) is ([0-9]+)\.([0-9]{6}) s behind that of (alpha|be\\x0ata), to within ([0-9]+)\.([0-9]{6}) s, by 3 connections between them$/-\2\3 \5\6/p
	}' "$1"
}

# is_near KNOWN_US FILE: the estimate is as wrong as it says that it may be, and that is less than 10 ms
is_near() {
	clock_line "$2" | awk -v known="$1" '
		{
			wrong = $1 - known
			if (wrong < 0) wrong = -wrong
			near = $2 < 10000 && wrong <= $2 + 1
		}
		END { exit !near }' || show "$2" || fail "the clocks are apart by $1 us"
}

# replay_two FILE FILE: what is shown goes to joined.out
replay_two() {
	"$trace_program" replay -o ladder "$@" >joined.out 2>joined.err || show joined.err ||
		fail "the replay failed" || return
	[ ! -s joined.err ] || show joined.err || fail "it complained"
}

# who_closed FILE: the verdicts without what depends on times
who_closed() {
	grep -F "closed by client first" "$1" | sed -E 's/ (·|-) (rtt|lasted|CLOSE_WAIT|FIN_WAIT|LAST_ACK).*//'
}

# Each arrow is drawn from one lane to the other: both ends are in one ladder, in the order of what happened.
joined_is_whole() {
	counts 3 joined.out "SYN_SENT" || show joined.out || fail "not three handshakes" || return
	grep -c 'on alpha  *on be\\x0ata' joined.out >got
	echo 3 >want
	matches got want || show joined.out || return
	! has joined.out "not seen here" || show joined.out || fail "an end is alone" || return
	! has joined.out "by address alone" || show joined.out || fail "an end was paired by its address" || return
	! has joined.out netns || show joined.out || fail "a namespace is no news" || return
	who_closed seen.out >want
	who_closed joined.out >got
	matches got want
}

two_hosts() {
	record_both || return
	for ahead in 0 5000000 -7000000 86400000000; do
		split "$ahead" || return
		replay_two left.rec right.rec || return
		is_near "$ahead" joined.out && joined_is_whole || return
	done
	replay_two right.rec left.rec || return
	is_near -86400000000 joined.out
}

# Without a connection between them there is nothing to go by: one is shown after the other.
strangers() {
	start_trace seen --port "$port" -o ladder --record one.rec || return
	start_server || return
	talk 127.0.0.1 || return
	end_trace || return
	start_trace seen --port "$port" -o ladder --record two.rec || return
	talk 127.0.0.1 || return
	end_trace || return
	"$trace_program" replay -o ladder one.rec >want
	"$trace_program" replay -o ladder two.rec >>want
	"$trace_program" replay -o ladder one.rec two.rec >got || fail "the replay failed" || return
	matches got want
}

# What one of them lacks is said once, though it is read twice.
cut_recording() {
	record_both && split 1000000 || return
	head -c "$(($(wc -c <right.rec) - 3))" right.rec >cut.rec
	"$trace_program" replay -o ladder left.rec cut.rec >joined.out 2>joined.err
	status=$?
	[ "$status" = 1 ] || show joined.err || fail "it ended with status $status" || return
	has_lines 1 joined.err && has joined.err "is cut at byte" || show joined.err || fail "it does not say so" ||
		return
	has joined.out "the clock of" || show joined.out || fail "they are not joined"
}

netns_test "two hosts become one ladder, whatever their clocks" two_hosts
live_test "recordings without a connection between them" strangers
netns_test "two hosts, and one recording is cut" cut_recording
live_end
