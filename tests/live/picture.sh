#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# picture.sh: --svg and --conn. What pictures look like is kept in tests/golden.

# shellcheck disable=SC2119,SC2086 # optional arguments of functions of live.sh; $live_hooks, an option or none
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
# shellcheck source=tests/lib/netns.sh
. "${0%/*}/../lib/netns.sh"
live_unshare='--net --mount'
live_begin "$@"

# is_whole FILE: from the first line to the last
is_whole() {
	sed -n 1p "$1" | grep -q '^<svg ' && [ "$(tail -n 1 "$1")" = "</svg>" ] || show "$1" ||
		fail "$1 is no whole picture"
}

# shows_ends FILE CLIENT SERVER: how many lanes have such a head
shows_ends() {
	counts "$2" "$1" '>client<' && counts "$3" "$1" '>server<' || show "$1" || fail "not $2 clients and $3 servers"
}

# record_talks N: N connections, in seen.rec
record_talks() {
	start_trace seen --port "$port" -o table --record seen.rec || return
	start_server || return
	for _ in $(seq "$1"); do
		talk 127.0.0.1 || return
	done
	end_trace
}

# live_picture OPTION...: one connection, traced with these options
live_picture() {
	start_trace seen --port "$port" "$@" || return
	start_server || return
	talk 127.0.0.1 || return
	end_trace
}

# Beside it the ladder is drawn as ever, and what was in the file is gone.
at_the_end() {
	seq 10000 >seen.svg
	live_picture -o ladder --svg seen.svg || return
	is_whole seen.svg && shows_ends seen.svg 1 1 || return
	has seen.svg "close() by echo-client[$client]" || show seen.svg || fail "the note is missing" || return
	has seen.out "closed by client first" || show seen.out || fail "the ladder is missing"
}

to_stdout() {
	live_picture --svg - || return
	is_whole seen.out && shows_ends seen.out 1 1
}

# The recording of what was drawn gives the same picture.
of_a_command() {
	start_server || return
	"$trace_program" $live_hooks -P "$port" -o ladder --record seen.rec --svg live.svg -- \
		"$client_program" --send hello 127.0.0.1 "$port" >seen.out 2>seen.err 8>&- 9>&- &
	keep_pid $!
	collect $! || return
	[ "$status" = 0 ] || show seen.err || fail "it ended with $status" || return
	is_whole live.svg && shows_ends live.svg 1 1 || return
	"$trace_program" replay -o ladder --svg replayed.svg seen.rec >replayed.out || fail "no replay" || return
	matches live.svg replayed.svg
}

nothing_to_draw() {
	start_trace seen --port "$port" --svg seen.svg || return
	end_trace || return
	is_whole seen.svg && has seen.svg ">no connection was seen<" || show seen.svg || fail "it does not say so"
}

# number_of FILE: of the connection that was shown last
number_of() {
	sed -n 's/.*>connection \([0-9]*\)<.*/\1/p' "$1" | tail -n 1
}

one_of_them() {
	record_talks 3 || return
	"$trace_program" replay --svg all.svg seen.rec >/dev/null || fail "no picture" || return
	shows_ends all.svg 3 3 || return
	number=$(number_of all.svg)
	"$trace_program" replay --svg one.svg --conn "$number" seen.rec >/dev/null || fail "no picture of $number" || return
	is_whole one.svg && shows_ends one.svg 1 1 || return
	[ "$(number_of one.svg)" = "$number" ] || show one.svg || fail "it is not number $number"
}

# A number that never came: no file is left, and none that was there is touched.
none_of_them() {
	record_talks 1 || return
	echo before >kept.svg
	says 1 "no connection with the number 77 was seen" \
		"$trace_program" replay --svg new.svg --conn 77 -o ladder --port 1 seen.rec || return
	[ ! -e new.svg ] || fail "a file is left" || return
	says 1 "no connection with the number 77 was seen" \
		"$trace_program" replay --svg kept.svg --conn 77 -o ladder --port 1 seen.rec || return
	[ "$(cat kept.svg)" = before ] || fail "what was there is gone" || return
	says 1 "no connection with the number 77 was seen" "$trace_program" replay --svg - --conn 77 seen.rec
}

# more_than_it_shows COUNT WORDS
more_than_it_shows() {
	record_talks "$((20 + $1))" || return
	"$trace_program" replay --svg seen.svg seen.rec >/dev/null 2>seen.err || show seen.err || fail "no picture" || return
	is_whole seen.svg && shows_ends seen.svg 20 20 || return
	has_lines 1 seen.err && has seen.err "shows the first 20 connections of $((20 + $1)): " || show seen.err ||
		fail "it does not say so" || return
	has seen.svg "and $2 more" || show seen.svg || fail "the picture does not say so"
}

one_more() {
	more_than_it_shows 1 "1 connection"
}

many_more() {
	more_than_it_shows 3 "3 connections"
}

# What is read, or written as well, is not written over.
its_own_file() {
	record_talks 1 || return
	cp seen.rec kept.rec
	ln seen.rec link.rec
	for name in seen.rec ./seen.rec link.rec; do
		says 2 "--svg would write over the recording 'seen.rec'" "$trace_program" replay --svg "$name" seen.rec || return
	done
	says 2 "--svg and --record write two files: 'seen.rec' is one" \
		"$trace_program" --port "$port" --record ./seen.rec --svg seen.rec || return
	says 2 "--svg and --record write two files: 'new' is one" \
		"$trace_program" --port "$port" --record new --svg new || return
	[ ! -e new ] || fail "it made the file" || return
	cmp -s seen.rec kept.rec || fail "the recording was written over" || return
	"$trace_program" replay --svg /dev/null -o ladder seen.rec >/dev/null || fail "a device takes all"
}

# A place that cannot be written to is told of before anything is traced.
cannot_write() {
	mkdir directory
	says 1 "cannot write 'directory': Is a directory" "$trace_program" --port "$port" --svg directory || return
	says 1 "cannot write 'none/seen.svg': No such file" "$trace_program" --port "$port" --svg none/seen.svg || return
	says 2 "--conn says which connection --svg FILE" "$trace_program" --conn 1 || return
	says 2 "leave out" "$trace_program" --svg - -o json
}

full_disk() {
	[ -c /dev/full ] || skip "there is no /dev/full" || return
	record_talks 1 || return
	says 1 "cannot write '/dev/full': No space left" "$trace_program" replay --svg /dev/full -o ladder --port 1 seen.rec
}

# Names do what names can: they are text in the picture, however they look.
nasty_names() {
	start_server || return
	name='<b>&amp;"x'
	cp "$client_program" "$name" || return
	client_program=./$name live_picture_of_a_client || return
	is_whole seen.svg || return
	has seen.svg '&lt;b&gt;&amp;amp;&quot;x[' || show seen.svg || fail "the name is not as it was" || return
	! has seen.svg '<b>' || show seen.svg || fail "a name is an element"
}

live_picture_of_a_client() {
	start_trace seen --port "$port" --svg seen.svg || return
	talk 127.0.0.1 || return
	end_trace
}

# Each host has a name of its own over its lane.
two_hosts() {
	make_netns left && make_netns right || return
	join left 10.9.0.1/24 right 10.9.0.2/24 || return
	start_trace seen --port "$port" -o table --record both.rec || return
	run_in right
	start_server || return
	run_in left
	talk 10.9.0.2 || return
	end_trace || return
	"$live_build/shift" both.rec left.rec alpha "$(inode_of left)" 0 &&
		"$live_build/shift" both.rec right.rec 'be<ta' "$(inode_of right)" 5000000 || fail "no two recordings" || return
	"$trace_program" replay --svg joined.svg left.rec right.rec >/dev/null 2>joined.err || show joined.err ||
		fail "no picture" || return
	is_whole joined.svg && shows_ends joined.svg 1 1 || return
	has joined.svg '>on alpha<' && has joined.svg '>on be&lt;ta<' || show joined.svg || fail "a host is missing"
}

live_test "--svg: a picture at the end, beside the ladder" at_the_end
live_test "--svg -: a picture and nothing else" to_stdout
live_test "--svg with -- COMMAND, and the same in a replay" of_a_command
live_test "--svg where there was nothing" nothing_to_draw
user_test "--conn N: one of them" one_of_them
user_test "--conn N that never came" none_of_them
user_test "--svg of more connections than it shows" many_more
user_test "--svg of one more than it shows" one_more
user_test "--svg does not write over what is read or recorded" its_own_file
user_test "--svg: what cannot be written, what does not go together" cannot_write
user_test "--svg and a full disk" full_disk
live_test "--svg of a name that is XML" nasty_names
netns_test "--svg of two hosts" two_hosts
live_end
