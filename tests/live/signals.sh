#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# signals.sh: what signals do to a trace, what a trace leaves behind, and what grows while it runs. How a plain trace ends is in
# trace.sh, with -- COMMAND in command.sh, on a terminal in screen.sh and tui.sh.
#
#	STARTS		how often a trace begins and ends (default: 10)
#	NAMESPACES	how many network namespaces come and go under a trace (default: 60)

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
# shellcheck source=tests/lib/terminal.sh
. "${0%/*}/../lib/terminal.sh"
live_begin "$@"
export COLUMNS=300

here=--netns=/proc/$$/ns/net # others may use the port in theirs

# ---- recordings ----------------------------------------------------------------------------------

# It has its end, and shows what the trace has shown.
recording_is_whole() {
	start_server || return
	for signal in INT TERM HUP; do
		rm -f seen.*
		start_trace seen --port "$port" "$here" -o table --record seen.rec || return
		talk 127.0.0.1 || return
		wait_until has seen.out "LAST_ACK    -> CLOSE" || fail "the last transition is missing" || return
		end_trace $signal || return
		"$trace_program" replay -o table seen.rec >again 2>again.err || show again.err ||
			fail "SIG$signal: the replay fails" || return
		! [ -s again.err ] || show again.err || fail "SIG$signal: it is not whole" || return
		matches again seen.out || return
	done
}

# ---- signals that do not end it ------------------------------------------------------------------

# It goes on, and sees a connection of its own after that.
goes_on() {
	seen_before=$(grep -cF "LAST_ACK    -> CLOSE" seen.out)
	talk 127.0.0.1 || return
	wait_until counts $((seen_before + 1)) seen.out "LAST_ACK    -> CLOSE" || show seen.err ||
		fail "$1: the trace does not go on"
}

ignored() {
	start_server || return
	start_trace seen --port "$port" "$here" -o table || return
	for signal in PIPE WINCH CONT CHLD; do
		kill -$signal "$tracer"
		goes_on SIG$signal || return
	done
	end_trace
}

# As nohup(1) starts it.
without_hangup() {
	start_server || return
	trap '' HUP
	start_trace seen --port "$port" "$here" -o table
	trap 'exit 130' HUP
	[ -z "$live_why" ] || return
	kill -HUP "$tracer"
	goes_on nohup || return
	end_trace TERM
}

# What happens while it is stopped is seen afterwards.
suspended() {
	start_server || return
	start_trace seen --port "$port" "$here" -o table || return
	for signal in TSTP STOP; do
		kill -$signal "$tracer"
		wait_until is_stopped "$tracer" || fail "SIG$signal does not stop it" || return
		before=$(grep -cF "LAST_ACK    -> CLOSE" seen.out)
		talk 127.0.0.1 || return
		is_stopped "$tracer" || fail "it did not stay stopped" || return
		kill -CONT "$tracer"
		wait_until counts $((before + 1)) seen.out "LAST_ACK    -> CLOSE" ||
			fail "SIG$signal: what happened meanwhile is not shown" || return
		goes_on SIG$signal || return
	done
	end_trace
}

command_suspended() {
	mkfifo gate
	exec 8<>gate
	"$trace_program" -P "$port" -o table -- sh -c 'echo begun; read -r _; exit 7' <gate >seen.out 2>seen.err 8>&- 9>&- &
	tracer=$!
	keep_pid $tracer
	wait_until has seen.out begun || show seen.err || fail "the command does not run" || return
	kill -TSTP $tracer
	wait_until is_stopped $tracer || fail "it does not stop" || return
	kill -CONT $tracer
	echo >&8
	collect $tracer || return
	[ "$status" = 7 ] || show seen.err || fail "it ended with $status, not 7"
}

command_hung_up() {
	# shellcheck disable=SC2016
	"$trace_program" -P "$port" -o table -- sh -c 'echo $$ >command.pid; exec sleep 60' </dev/null >seen.out 2>seen.err \
		8>&- 9>&- &
	tracer=$!
	keep_pid $tracer
	wait_until [ -s command.pid ] || fail "the command does not run" || return
	keep_pid "$(cat command.pid)"
	kill -HUP $tracer
	collect $tracer || return
	wait_until is_over "$(cat command.pid)" || fail "the command was left running"
}

# ---- a terminal ----------------------------------------------------------------------------------

# ^Z gives the terminal to the shell as it was, and `fg` takes it again.
tui_suspended() {
	cat >in-terminal <<-EOF
		cd '$PWD'
		export LC_ALL=C.UTF-8
		set -m
		stty -a >stty.before
		echo "what was there"
		'$trace_program' --port $port $here --tui 2>said
		stty -a >stty.meanwhile
		echo "back in the shell"
		read -r line
		fg
		echo "ended with \$?"
		exec cat
	EOF
	begin_terminal 80 24 || return
	wait_until sees "q quit" || show screen || fail "there is no screen of --tui" || return
	tracer=$(pgrep -P "$(pane pane_pid)")
	keys C-z
	wait_until sees "back in the shell" && is_stopped "$tracer" || show screen || fail "it does not stop" || return
	has screen "what was there" || show screen || fail "the terminal lost what was there" || return
	[ "$(pane alternate_on)$(pane cursor_flag)" = 01 ] || fail "the terminal is not given back" || return
	cmp -s stty.before stty.meanwhile || fail "the terminal's settings are not as before" || return
	keys Enter
	wait_until sees "q quit" || show screen || fail "it does not come back" || return
	[ "$(pane alternate_on)" = 1 ] || fail "the terminal is not taken again" || return
	start_server || return
	wait_until sees "LISTEN 2" || show screen || fail "it shows nothing new" || return
	keys q
	wait_until sees "ended with 0" || show screen || fail "it does not end" || return
	end_terminal
}

# ---- stdout --------------------------------------------------------------------------------------

# quiet COMMAND...: it ends with 0, and says nothing
quiet() {
	timeout 10 "$@" 2>quiet.err
	status=$?
	[ $status = 0 ] && ! [ -s quiet.err ] || show quiet.err || fail "'$*' ended with $status"
}

closed_stdout() {
	start_server || return
	start_trace seen --port "$port" "$here" -o table --record seen.rec || return
	"$live_build/storm" $((port + 1)) 1 >/dev/null
	talk 127.0.0.1 || return
	wait_until has seen.out "LAST_ACK    -> CLOSE" || fail "nothing was seen" || return
	end_trace || return
	for form in table ladder json csv; do
		quiet "$trace_program" replay -o $form seen.rec >&- || return
		quiet "$trace_program" -P "$port" "$here" -o $form -d 0.01 >&- || return
		mkfifo pipe
		: <pipe &
		quiet "$trace_program" replay -o $form seen.rec >pipe || return
		rm pipe
	done
}

# ---- what is left --------------------------------------------------------------------------------

# bpf_ids KIND: of what the tracer holds, from its descriptors, each as "KIND ID"
bpf_ids() {
	cat /proc/"$tracer"/fdinfo/* 2>/dev/null | sed -n "s/^$1_id:[^0-9]*/$1 /p" | sort -u
}

all_ids() {
	bpf_ids prog
	bpf_ids map
	bpf_ids link
}

# all_gone: nothing in the file "ids" is in the kernel
all_gone() {
	for kind in prog map link; do
		"$bpftool" $kind show 2>/dev/null | sed -n "s/^\([0-9]*\): .*/$kind \1/p"
	done | sort >there
	sort -u ids | comm -12 - there >left
	[ ! -s left ]
}

find_bpftool() {
	for path in /usr/sbin/bpftool /usr/local/sbin/bpftool /usr/bin/bpftool; do
		[ ! -x "$path" ] || bpftool=$path
	done
	[ -n "$bpftool" ] || skip "there is no bpftool"
}

bpftool=

holds_some() {
	[ -n "$(bpf_ids "$1")" ] || is_over "$tracer"
}

# Killed when it has loaded its first map, its first program, made its first link, and in the midst of a trace.
killed() {
	find_bpftool || return
	for kind in map prog link; do
		"$trace_program" --port "$port" "$here" -o table >seen.out 2>seen.err 8>&- 9>&- &
		tracer=$!
		keep_pid $tracer
		wait_until holds_some $kind || fail "the tracer does not begin" || return
		kill -STOP $tracer
		all_ids >ids
		[ -s ids ] || show seen.err || fail "it was over too soon" || return
		stop $tracer KILL
		wait_until all_gone || show left || fail "killed with a $kind: something is left" || return
	done
	start_trace seen --port "$port" "$here" -o table || return
	all_ids >ids
	stop "$tracer" KILL
	wait_until all_gone || show left || fail "killed in a trace: something is left"
}

starts_and_stops() {
	find_bpftool || return
	: >ids
	number=0
	while [ "$number" -lt "${STARTS:-10}" ]; do
		number=$((number + 1))
		start_trace seen --port "$port" "$here" -o table || return
		all_ids >>ids
		end_trace || return
	done
	[ -s ids ] || fail "the tracer holds nothing" || return
	wait_until all_gone || show left || fail "after $number starts and stops something is left"
}

# ---- what grows ----------------------------------------------------------------------------------

descriptors() {
	# shellcheck disable=SC2012 # numbers
	ls "/proc/$tracer/fd" | wc -l
}

# In kB. Of a build with AddressSanitizer, which keeps for a while what is given back, none.
memory() {
	if grep -q libasan "/proc/$tracer/maps"; then
		echo 0
	else
		sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$tracer/status"
	fi
}

# namespace NUMBER: comes, makes fifty connections of ten transitions each and two of their listener, and goes
namespace() {
	unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$live_build/storm" "$port" 50 >>storm.out 2>storm.err 8>&- 9>&-
}

# namespaces N: four at a time
namespaces() {
	left=$1
	while [ "$left" -gt 0 ]; do
		storms=
		for _ in 1 2 3 4; do
			namespace &
			storms="$storms $!"
		done
		for storm in $storms; do
			wait "$storm" || show storm.err || fail "no storm" || return
		done
		left=$((left - 4))
	done
}

# transitions FILE: how many a table has; not those that are only inferred
transitions() {
	grep -v LPORT "$1" | grep -v -e ' ?  *->' | grep -cF -e ' -> '
}

lost_in() {
	sed -n 's/^# lost \([0-9]*\) events$/\1/p' "$1" | awk '{ sum += $1 } END { print sum + 0 }'
}

all_are_there() {
	[ $(($(transitions seen.out) + $(lost_in seen.out))) -ge "$made" ]
}

namespaces_come_and_go() {
	total=${NAMESPACES:-60}
	start_trace seen --port "$port" -o table --max-connections 600 || return # fewer than the first ones make
	namespaces 20 || return
	made=$((20 * 502))
	wait_until all_are_there || fail "$(transitions seen.out) of $made transitions are there" || return
	memory_before=$(memory) descriptors_before=$(descriptors)
	namespaces "$total" || return
	made=$(((20 + total) * 502))
	wait_until all_are_there || fail "$(transitions seen.out) of $made transitions are there" || return
	memory_now=$(memory) descriptors_now=$(descriptors)
	kill -INT "$tracer"
	collect "$tracer" || return
	[ "$status" = 0 ] || show seen.err || fail "the tracer ended with $status" || return
	[ $(($(transitions seen.out) + $(lost_in seen.out))) = $made ] ||
		fail "$(transitions seen.out) transitions and $(lost_in seen.out) lost are not $made" || return
	[ "$descriptors_now" = "$descriptors_before" ] || fail "descriptors: $descriptors_before, then $descriptors_now" || return
	[ "$memory_now" -le $((memory_before + 1024)) ] || fail "memory: $memory_before kB, then $memory_now kB"
}

# rows NAME: of a table, without the times; those that are only inferred depend on the moment
rows() {
	grep -F ' -> ' "$1.out" | grep -v -e ' ?  *->' | sed -E 's/ +[^ ]+$//' | sort >"$1.rows"
}

two_under_load() {
	start_trace one --port "$port" "$here" -o table -H || return
	first=$tracer
	start_trace two --port "$port" "$here" -o table -H || return
	"$live_build/storm" "$port" 500 >/dev/null 2>storm.err || show storm.err || fail "no storm" || return
	end_trace || return
	tracer=$first live_trace=one
	end_trace || return
	rows one
	rows two
	has_lines 5002 one.rows || fail "$(wc -l <one.rows) rows are seen, not 5002" || return
	matches one.rows two.rows
}

user_test "a recording that a signal ends is whole" recording_is_whole
user_test "SIGPIPE, SIGWINCH, SIGCONT and SIGCHLD are nothing to it" ignored
user_test "nohup" without_hangup
live_test "SIGTSTP and SIGSTOP; what happens meanwhile is seen" suspended
user_test "SIGTSTP with -- COMMAND" command_suspended
user_test "SIGHUP ends the command as well" command_hung_up
user_test "SIGTSTP gives the terminal of --tui back, and SIGCONT takes it" tui_suspended
user_test "a stdout that is closed, or that nobody reads" closed_stdout
live_test "killed at any time it leaves nothing in the kernel" killed
user_test "many starts and stops leave nothing in the kernel" starts_and_stops
user_test "namespaces come and go under load: all is seen, and nothing grows" namespaces_come_and_go
user_test "two tracers at once see the same under load" two_under_load
live_end
