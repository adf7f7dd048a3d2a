#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# record.sh: recordings: a replay prints what the live run printed, in parts and through pipes as well, and of what is
# cut or damaged what is whole.

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"
zone='<+0545>-5:45' # nobody's default

# play: three connections: one closed, one open, one refused, and the listeners
play() {
	"$client_program" --send none 127.0.0.1 "$port" 2>/dev/null
	start_server || return
	start_client 127.0.0.1 || return
	talk ::1
}

# stop_play: what play left behind ends
stop_play() {
	stop "$client" KILL
	stop "$server" KILL
	port=$((port + 1))
}

all_was_seen() {
	grep -qE 'closed by client first|LAST_ACK    -> CLOSE' seen.out
}

# make_recording OPTION...: seen.rec and seen.out, of play
make_recording() {
	start_trace seen --port "$port" --record seen.rec "$@" || return
	play || return
	wait_until all_was_seen || show seen.out || fail "the last transition is missing" || return
	end_trace || return
	[ -s seen.out ] || fail "nothing was seen"
}

# replays OPTION...: is the replay what the live run printed, without a word on stderr?
replays() {
	"$trace_program" replay "$@" >again 2>again.err || show again.err || fail "replay $* failed" || return
	! [ -s again.err ] || show again.err || fail "replay $* wrote to stderr" || return
	matches again seen.out
}

# ---- the same ------------------------------------------------------------------------------------

# The width and the time zone of the live run are not those of the replay.
replays_the_same() {
	for form in "-o ladder" "-o ladder -w -T" "-o ladder -t --cmdline" "-o table" "-o table -w -T" "-o table -t"; do
		# shellcheck disable=SC2086 # a few options
		COLUMNS=70 TZ=$zone make_recording $form || return
		# shellcheck disable=SC2086
		TZ=UTC replays $form seen.rec || fail "$form: it is not the same" || return
		stop_play
	done
}

# What was given to the live run need not be given again.
replays_the_choice() {
	for choice in "--localport $port" "--state close-wait" "-6" "--host ::1" "-c 1" "--no-findings" \
		"--netns /proc/self/ns/net" "--close-wait-warn 0.05"; do
		case $choice in --localport*) choice="--localport $port" ;; esac
		# shellcheck disable=SC2086
		start_trace seen --port "$port" --record seen.rec -o ladder $choice || return
		play || return
		[ "$choice" != "-c 1" ] || trace_ends || return
		[ "$choice" = "-c 1" ] || end_trace || return
		replays -o ladder seen.rec || fail "$choice: it is not the same" || return
		stop_play
	done
}

replays_the_owner() {
	start_server || return
	start_trace seen --port "$port" --pid "$server" --record seen.rec -o table || return
	talk 127.0.0.1 || return
	end_trace || return
	has seen.out "$server " || fail "nothing was seen" || return
	replays seen.rec
}

replays_the_command() {
	start_server || return
	"$trace_program" --record seen.rec -o table -- sh -c "'$client_program' --send hi 127.0.0.1 $port >/dev/null" \
		>seen.out 2>seen.err || show seen.err || fail "the trace failed" || return
	has seen.out echo-cl || fail "nothing was seen" || return
	replays seen.rec
}

# What is given at the replay stands for what was recorded of its kind.
replay_chooses() {
	make_recording -o table || return
	"$trace_program" replay -P 1 seen.rec >again || fail "replay failed" || return
	! [ -s again ] || show again || fail "another port is shown" || return
	"$trace_program" replay --host ::1 seen.rec >again || fail "replay failed" || return
	! has again 127.0.0.1 && has again ::1 || show again || fail "another host is shown" || return
	COLUMNS=200 "$trace_program" replay -o ladder seen.rec >again || fail "replay failed" || return
	COLUMNS=60 "$trace_program" replay -o ladder seen.rec >narrow || fail "replay failed" || return
	! cmp -s again narrow || fail "COLUMNS makes no difference"
}

# ---- while it grows ------------------------------------------------------------------------------

stdout_alone() {
	says 2 "leave out --output" "$trace_program" --record - -o table || return
	says 2 "name a file" "$trace_program" --record - -- true
}

# record_to_pipe: as start_trace; nothing but the test itself wakes it
record_to_pipe() {
	# shellcheck disable=SC2086 # one option or none
	"$trace_program" $live_hooks --port "$port" --netns /proc/self/ns/net --record - --ready-fd 3 \
		3>seen.ready >pipe 2>seen.err &
	tracer=$! live_trace=seen
	keep_pid "$tracer"
	[ "$(timeout 10 head -n 1 seen.ready)" = ready ] || show seen.err || fail "the tracer did not begin"
}

# The replay shows what happens while the recorder runs, and ends with it.
through_a_pipe() {
	start_server || return
	mkfifo pipe seen.ready
	"$trace_program" replay -o ladder - <pipe >seen.out 2>replay.err &
	replay=$!
	keep_pid "$replay"
	record_to_pipe || return
	talk 127.0.0.1 || return
	wait_until has seen.out "closed by client first" || show seen.out ||
		fail "the replay does not show it as it happens" || return
	end_trace || return
	collect "$replay" || return
	[ "$status" = 0 ] && ! [ -s replay.err ] || show replay.err || fail "the replay ended with status $status"
}

# A reader that goes ends it quietly.
pipe_breaks() {
	start_server || return
	mkfifo pipe go seen.ready
	{
		head -c 1 >/dev/null
		head -n 1 go >/dev/null
	} <pipe &
	reader=$!
	keep_pid "$reader"
	record_to_pipe || return
	echo >go
	collect "$reader" || return
	"$client_program" --send hello 127.0.0.1 "$port" >/dev/null 2>&1
	trace_ends
}

begins() {
	"$live_build/records" seen.rec 2>/dev/null | grep -q '^HOOKS '
}

is_recorded() {
	"$trace_program" replay -o table seen.rec >again 2>again.err
	cmp -s again seen.out
}

# What was shown before the kill is in the recording; at rest all is.
killed() {
	start_trace seen --port "$port" --netns /proc/self/ns/net -o table --record seen.rec || return
	wait_until begins || fail "an idle tracer holds back what it has" || return
	play || return
	wait_until all_was_seen || fail "the last transition is missing" || return
	wait_until is_recorded || fail "the recording does not grow" || return
	stop "$tracer" KILL
	"$trace_program" replay -o table seen.rec >again 2>again.err
	[ $? = 1 ] && has_lines 1 again.err && has again.err "has no end" || show again.err ||
		fail "it does not say that it was killed" || return
	matches again seen.out
}

is_private() {
	start_trace seen --port "$port" --record seen.rec || return
	end_trace || return
	# shellcheck disable=SC2012 # the mode of one file
	[ "$(ls -l seen.rec | cut -c 1-10)" = "-rw-------" ] || fail "others may read it"
}

# ---- in parts ------------------------------------------------------------------------------------

# A storm beside one connection that stays open all the time.
make_parts() {
	start_server || return
	start_client 127.0.0.1 || return
	start_trace seen --port "$port,$((port + 1))" -o table --record seen.rec --record-size 64K "$@" || return
	"$live_build/storm" $((port + 1)) 1000 50 2000 >/dev/null || fail "no storm" || return
	end_trace || return
	[ -e seen.rec.1 ] || fail "there is but one file" || return
}

parts() {
	make_parts --record-files 99 || return
	replays -o table seen.rec* || fail "the parts in any order are not the whole" || return
	# shellcheck disable=SC2046,SC2012 # names without blanks
	cat $(ls seen.rec.* | sort -t . -k 3 -nr) seen.rec | "$trace_program" replay -o table - >again 2>again.err ||
		show again.err || fail "the parts one behind the other fail" || return
	matches again seen.out
}

# Whose the long connection is, is not forgotten, and what the other parts have is not lost.
part_alone() {
	make_parts || return
	! [ -e seen.rec.2 ] || fail "there are more than two files" || return
	"$trace_program" replay -o table seen.rec >again 2>again.err || show again.err || fail "replay failed" || return
	! [ -s again.err ] || show again.err || fail "replay wrote to stderr" || return
	grep -qE "^$client +echo-cl.* \? +-> ESTABLISHED" again || show again || fail "the client's owner is forgotten" ||
		return
	grep -qE "^$server +echo-se.* \? +-> ESTABLISHED" again || fail "the server's owner is forgotten"
}

part_missing() {
	make_parts --record-files 99 || return
	[ -e seen.rec.3 ] || fail "there are no four files" || return
	"$trace_program" replay -o table seen.rec seen.rec.1 seen.rec.3 >again 2>again.err || fail "replay failed" || return
	grep -qE '[0-9]+ events were lost' again.err || show again.err || fail "what is missing is not told" || return
	cat seen.rec.3 seen.rec.1 seen.rec | "$trace_program" replay -o table - >cat.out 2>cat.err || fail "cat failed" ||
		return
	matches cat.out again && matches cat.err again.err
}

# ---- what is not whole ---------------------------------------------------------------------------

# What stands whole before the cut is shown, and one sentence. (test_recording cuts at each byte.)
cut_recording() {
	make_recording -o table || return
	size=$(wc -c <seen.rec)
	for bytes in 1 19 20 30 200 500; do
		head -c $((size - bytes)) seen.rec >cut.rec
		"$trace_program" replay cut.rec -o table >cut.out 2>cut.err
		status=$?
		[ "$status" = 1 ] || fail "$bytes bytes less: status $status" || return
		has_lines 1 cut.err && has cut.err "'cut.rec' " && has cut.err " at byte " || show cut.err ||
			fail "$bytes bytes less: it did not say so in one sentence" || return
		lines=$(wc -l <cut.out)
		[ "$lines" -gt 0 ] || fail "$bytes bytes less: nothing is shown" || return
		head -n "$lines" seen.out >want
		matches cut.out want || return
	done
}

# damage OFFSET BYTES(octal): in a copy of the recording
damage() {
	cp seen.rec damaged.rec
	# shellcheck disable=SC2059
	printf "$2" | dd of=damaged.rec bs=1 seek="$1" conv=notrunc 2>/dev/null
}

# refuses TEXT: replay shows nothing of the damaged recording and says this
refuses() {
	says 1 "$1" "$trace_program" replay damaged.rec
}

damaged_recording() {
	make_recording -o table || return
	echo "no recording" >damaged.rec
	refuses "'damaged.rec': it is no recording of tcpstate-trace" || return
	head -c 10 seen.rec >damaged.rec
	refuses "it is cut within its head" || return
	: >damaged.rec
	refuses "'damaged.rec': it is empty" || return
	rm damaged.rec
	refuses "cannot open 'damaged.rec'" || return
	refuses_directory || return
	damage 30 '\001' # one of the two heads
	"$trace_program" replay damaged.rec -o table >damaged.out 2>damaged.err
	[ $? = 1 ] && has_lines 1 damaged.err && has damaged.err "is damaged at byte 0" || show damaged.err ||
		fail "a wrong byte is not told" || return
	matches damaged.out seen.out
}

refuses_directory() {
	says 1 "cannot replay '.': Is a directory" "$trace_program" replay .
}

says_that_it_ends() {
	"$client_program" --send hello 127.0.0.1 "$port" >/dev/null 2>&1
	has seen.err "the recording ends here: File too large"
}

goes_on() {
	"$client_program" --send hello 127.0.0.1 "$port" >/dev/null 2>&1
	[ "$(wc -l <seen.out)" -gt "$before" ]
}

# One that cannot be begun is said at once; one that cannot go on is said, and the trace goes on.
recording_fails() {
	[ -e /dev/full ] || skip "there is no /dev/full" || return
	says 1 "cannot write '/dev/full': No space left on device" "$trace_program" --record /dev/full || return
	start_server || return
	(
		trap '' XFSZ
		ulimit -f 1
		# shellcheck disable=SC2086
		exec "$trace_program" $live_hooks --port "$port" -o table --record seen.rec -d 60 2>seen.err
	) | cat >seen.out &
	keep_pid $!
	wait_until [ -s seen.rec ] || show seen.err || fail "it did not begin" || return
	wait_until says_that_it_ends || show seen.err || fail "it did not say so" || return
	before=$(wc -l <seen.out)
	wait_until goes_on || fail "the trace did not go on" || return
	has_lines 1 seen.err || show seen.err || fail "it did not say so in one sentence"
}

user_test "a replay is the same, byte for byte, in each form" replays_the_same
user_test "what is shown is chosen by what was recorded" replays_the_choice
user_test "... by its owner" replays_the_owner
user_test "... by -- COMMAND" replays_the_command
user_test "what is given at the replay wins" replay_chooses
user_test "--record - has stdout for itself" stdout_alone
live_test "--record - | replay -" through_a_pipe
user_test "... whose reader goes" pipe_breaks
live_test "a tracer that is killed" killed
user_test "a recording is nobody else's to read" is_private
user_test "parts replay as one" parts
user_test "a part alone knows what is open" part_alone
user_test "a part that is missing is a loss" part_missing
user_test "a cut recording" cut_recording
user_test "damaged recordings" damaged_recording
user_test "a recording on a full disk" recording_fails
live_end
