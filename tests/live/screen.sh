#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# screen.sh: the ladder on a terminal, with its status lines; colours; without UTF-8.

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
# shellcheck source=tests/lib/terminal.sh
. "${0%/*}/../lib/terminal.sh"
live_begin "$@"

# ---- a terminal ----------------------------------------------------------------------------------

# open_terminal COLUMNS LINES [VARIABLE=VALUE]...: the tracer, as a ladder, in a terminal of this size
open_terminal() {
	columns=$1 lines=$2
	shift 2
	rm -f ready
	mkfifo ready
	cat >in-terminal <<-EOF
		cd '$PWD'
		export LC_ALL=C.UTF-8 $*
		trap : INT # ^C is for the tracer
		$job_control
		'$trace_program' --port $port --ready-fd 3 $options 3>ready
		$after
		echo "ended with \$?"
		exec cat
	EOF
	begin_terminal "$columns" "$lines" || return
	[ "$(timeout 10 head -n 1 ready)" = ready ] || fail "the tracer did not begin"
}

options='' job_control='' after=''

# fits: was no line wider than the terminal? There it would have been wrapped. Both looks are of one moment.
fits() {
	terminal capture-pane -b shown -S - \; capture-pane -b written -S - -J
	terminal save-buffer -b shown - | sed 's/ *$//' >as-shown
	terminal save-buffer -b written - | sed 's/ *$//' >as-written
	matches as-shown as-written
}

# ---- tests ---------------------------------------------------------------------------------------

# Has the bar of a TIME_WAIT begun to empty?
bar_moves() {
	grep_screen '^TIME_WAIT +[0-9]+ s █+░+  client 127\.0\.0\.1:[0-9]+ → 127\.0\.0\.1:[0-9]+$'
}

# status_lines COLUMNS LINES
status_lines() {
	open_terminal "$1" "$2" || return
	wait_until sees "no open connection" || show screen || fail "no status line at the start" || return
	start_server || return
	wait_until sees "LISTEN 2" || show screen || fail "two listeners are not counted" || return
	start_client 127.0.0.1 || return
	wait_until sees "ESTABLISHED 2" || show screen || fail "two ends are not counted" || return
	type_line q
	collect "$client" || return
	wait_until grep_screen '^TIME_WAIT +[0-9]+ s █' || show screen || fail "no bar for TIME_WAIT" || return
	has screen "127.0.0.1:$port" && has screen "SYN_SENT     ──────── SYN ────────▶ SYN_RECV" || show screen ||
		fail "the ladder is missing" || return
	wait_until sees "TIME_WAIT 1  LISTEN 2" || show screen || fail "the counts are not right" || return
	wait_until bar_moves || show screen || fail "the bar does not move" || return
	fits || return
	terminal send-keys C-c
	wait_until sees "ended with 0" || show screen || fail "^C did not end it well" || return
	! has screen "█" && ! has screen "LISTEN 2" && ! has screen "────────────────────────" ||
		show screen || fail "status lines are left" || return
	has screen "closed by client first" || show screen || fail "the verdict is missing" || return
	fits || return
	end_terminal
}

small_terminal() {
	status_lines 80 24
}

large_terminal() {
	status_lines 120 40
}

eight_bars() {
	look
	[ "$(grep -cE '^TIME_WAIT +[0-9]+ s █' screen)" = 8 ]
}

# Those that wait for the same server have one bar. Bars have a third of the screen, the rest is counted.
many_waits() {
	open_terminal 80 24 || return
	start_server || return
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		talk 127.0.0.1 || return
	done
	wait_until sees "█  10 clients → 127.0.0.1:$port" || show screen || fail "ten waits are not shown as one" || return
	for host in 2 3 4 5 6 7 8 9 10 11; do
		talk 127.0.0.$host || return
	done
	wait_until sees "and 3 more that wait" || show screen ||
		fail "waits for eleven servers are not shown as eight and three" || return
	wait_until eight_bars || show screen || fail "there are not eight bars" || return
	wait_until sees "TIME_WAIT 20" && wait_until sees "closed 20 ──" || show screen ||
		fail "they are not counted" || return
	fits || return
	end_terminal
}

# A listener's end is the longest line there is.
listener_killed() {
	open_terminal 80 24 || return
	start_server || return
	wait_until sees "LISTEN 2" || show screen || fail "two listeners are not counted" || return
	stop "$server" "$interrupt"
	wait_until sees "CLOSE, killed by SIG$interrupt" || show screen || fail "its end is not shown" || return
	fits || return
	end_terminal
}

# The width follows the terminal.
resized() {
	open_terminal 120 40 || return
	start_server || return
	wait_until sees "LISTEN 2" || show screen || fail "two listeners are not counted" || return
	terminal resize-window -x 80 -y 24
	wait_until [ "$(terminal display-message -p '#{pane_width}')" = 80 ]
	talk 127.0.0.1 || return
	wait_until sees "closed by client first" || show screen || fail "the verdict is missing" || return
	sed -n '/client 127/,$p' screen >ladder
	longest=$(wc -L <ladder)
	[ "$longest" -le 80 ] || show ladder || fail "a line has $longest columns" || return
	end_terminal
}

# rule_is_for COLUMNS: is the last verdict there, and does the rule below it fit?
rule_is_for() {
	want=$(($1 < 80 ? $1 - 1 : 79))
	grep_screen "rtt" && [ "$(grep '^closed [0-9]* ─' screen | wc -L)" = $want ]
}

# On each width, and while it changes. The terminal only grows: what is longer than a smaller one has been broken by it.
widths() {
	open_terminal 40 24 || return
	start_server || return
	for columns in 40 41 44 48 53 54 60 66 72 79 80 81 100 120 160 200; do
		terminal resize-window -x $columns -y 24
		wait_until [ "$(pane pane_width)" = $columns ]
		talk 127.0.0.1 || return
		wait_until rule_is_for $columns && fits || show screen || fail "$columns columns" || return
		terminal send-keys -R # nothing is there to be broken by the next size
		terminal clear-history
	done
	end_terminal
}

# ^Z gives the terminal to the shell without status lines, and `fg` brings them back.
suspended() {
	job_control='set -m'
	after='echo "back in the shell"; read -r line; fg'
	open_terminal 80 24 || return
	job_control='' after=''
	start_server || return
	wait_until sees "LISTEN 2" || show screen || fail "two listeners are not counted" || return
	tracer=$(pgrep -P "$(pane pane_pid)")
	keys C-z
	wait_until sees "back in the shell" && is_stopped "$tracer" || show screen || fail "it does not stop" || return
	! has screen "LISTEN 2" && ! has screen "────" && has screen "listener 0.0.0.0:$port" || show screen ||
		fail "status lines are left" || return
	keys Enter
	wait_until sees "LISTEN 2" || show screen || fail "no status lines afterwards" || return
	end_terminal
}

# Those that could not be wiped stay, and what others have written below them does too.
stopped() {
	open_terminal 80 24 || return
	start_server || return
	wait_until sees "LISTEN 2" || show screen || fail "two listeners are not counted" || return
	tracer=$(pgrep -P "$(pane pane_pid)")
	kill -STOP "$tracer"
	wait_until is_stopped "$tracer" || fail "it does not stop" || return
	echo "said meanwhile" >"$(pane pane_tty)"
	kill -CONT "$tracer"
	wait_until two_status_lines || show screen || fail "the status lines are not drawn anew" || return
	has screen "said meanwhile" || show screen || fail "what was said meanwhile is gone" || return
	end_terminal
}

# However soon after a frame its size changes, the next frame has them again.
resized_quickly() {
	open_terminal 80 24 || return
	start_server || return
	wait_until sees "LISTEN 2" || show screen || fail "two listeners are not counted" || return
	tracer=$(pgrep -P "$(pane pane_pid)")
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		kill -WINCH "$tracer"
		pane pane_width >width # so that it is not one signal with the next
	done
	wait_until sees "LISTEN 2" || show screen || fail "the status lines are not drawn anew" || return
	end_terminal
}

two_status_lines() {
	look
	counts 2 screen "LISTEN 2"
}

# Of a crowd not all are drawn, unless the ladder is asked for.
crowd() {
	options=
	open_terminal 80 24 || return
	"$live_build/storm" "$port" 300 >storm.out 2>&1 8>&- 9>&- || fail "no storm" || return
	live_patience=3 wait_until sees "not drawn: " || show screen || fail "all are drawn" || return
	wait_until sees "closed 300 ──" || show screen || fail "not all are counted" || return
	fits || return
	end_terminal || return
	options='-o ladder'
	open_terminal 80 24 || return
	options=
	terminal set-option history-limit 20000
	"$live_build/storm" "$port" 300 >storm.out 2>&1 8>&- 9>&- || fail "no storm" || return
	live_patience=3 wait_until sees "closed 300 ──" || show screen || fail "not all are counted" || return
	! sees "not drawn: " || show screen || fail "not all are drawn" || return
	end_terminal
}

# escapes: how many escape sequences for colour are on the terminal?
escapes() {
	terminal capture-pane -p -e | LC_ALL=C grep -c "$(printf '\033')\\[[0-9;]*m"
}

colours() {
	open_terminal 80 24 || return
	start_server || return
	talk 127.0.0.1 || return
	wait_until sees "closed by client first" || show screen || fail "the verdict is missing" || return
	[ "$(escapes)" -gt 0 ] || fail "there are no colours on a terminal" || return
	end_terminal
}

no_colours() {
	open_terminal 80 24 NO_COLOR=1 || return
	start_server || return
	talk 127.0.0.1 || return
	wait_until sees "closed by client first" || show screen || fail "the verdict is missing" || return
	[ "$(escapes)" = 0 ] || fail "there are colours in spite of NO_COLOR" || return
	end_terminal
}

# escape_count FILE
escape_count() {
	LC_ALL=C grep -c "$(printf '\033')\\[" "$1"
}

# In a pipe there are no colours, but for --color=always; and nothing else is different then.
colours_in_pipe() {
	start_trace plain --port "$port" -o ladder --record seen.rec -c 1 || return
	start_server || return
	talk 127.0.0.1 || return
	trace_ends || return
	[ "$(escape_count plain.out)" = 0 ] || show plain.out || fail "there are colours in a pipe" || return
	for form in ladder table; do
		"$trace_program" replay seen.rec -P "$port" -o $form --color=always >coloured.$form || fail "replay failed" ||
			return
		"$trace_program" replay seen.rec -P "$port" -o $form --color=never >never.$form || fail "replay failed" ||
			return
		NO_COLOR=1 "$trace_program" replay seen.rec -P "$port" -o $form --color=always >both.$form ||
			fail "replay failed" || return
		sed "s/$(printf '\033')\\[[0-9;]*m//g" coloured.$form >got
		matches got never.$form || return
		matches both.$form coloured.$form || return
	done
	[ "$(escape_count coloured.ladder)" -gt 0 ] || fail "--color=always shows none" || return
	[ "$(escape_count never.ladder)" = 0 ] || fail "--color=never shows some" || return
	"$trace_program" replay seen.rec -P "$port" -o ladder >again || fail "replay failed" || return
	matches again never.ladder
}

# Without UTF-8 the ladder is ASCII, in the same places.
ascii() {
	start_trace drawn --port "$port" -o ladder --record seen.rec -c 1 || return
	start_server || return
	talk 127.0.0.1 || return
	trace_ends || return
	for locale in C POSIX; do
		LC_ALL=$locale "$trace_program" replay seen.rec -P "$port" -o ladder >ascii.out || fail "replay failed" ||
			return
		! LC_ALL=C grep -q "$(printf '[\200-\377]')" ascii.out || show ascii.out ||
			fail "LC_ALL=$locale: there is something else than ASCII" || return
		has ascii.out "SYN_SENT     -------- SYN -------->" || show ascii.out ||
			fail "LC_ALL=$locale: no arrow of ASCII" || return
		(live_utf8=no && in_glyphs) <drawn.out >want
		matches ascii.out want || return
	done
}

# width COLUMNS: a ladder in a pipe is as wide as COLUMNS says, and no wider
width() {
	COLUMNS=$1 "$trace_program" replay seen.rec -P "$port" -o ladder >"width.$1" || fail "replay failed" || return
	longest=$(wc -L <"width.$1")
	[ "$longest" -le "$1" ] || show "width.$1" || fail "COLUMNS=$1: a line has $longest columns"
}

widths_in_pipe() {
	start_trace seen --port "$port" -o table --record seen.rec || return
	start_server || return
	talk ::1 || return
	start_client 127.0.0.1 || return
	stop "$server" "$interrupt"
	type_line q
	collect "$client" || return
	wait_until counts 2 seen.out "LAST_ACK    -> CLOSE" || fail "not all was seen" || return
	end_trace || return
	for columns in 60 80 100 120 200; do
		width "$columns" || return
	done
}

live_test "status lines on 80 columns" small_terminal
live_test "status lines on 120 columns" large_terminal
live_test "more waits than there is room for" many_waits
live_test "the end of a listener on 80 columns" listener_killed
live_test "the terminal is made smaller" resized
live_test "on each width" widths
live_test "its size changes more often than it is drawn" resized_quickly
live_test "suspended by ^Z" suspended
live_test "stopped by SIGSTOP" stopped
live_test "more than anyone can read" crowd
live_test "colours on a terminal" colours
live_test "NO_COLOR on a terminal" no_colours
live_test "colours in a pipe" colours_in_pipe
live_test "without UTF-8" ascii
live_test "no line is wider than COLUMNS" widths_in_pipe
live_end
