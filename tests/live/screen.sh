#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# screen.sh: the ladder on a terminal, with its status lines; colours; without UTF-8.

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"

# ---- a terminal ----------------------------------------------------------------------------------

terminal() {
	env -u TMUX TMUX_TMPDIR="$live_dir" tmux -u -L live -f /dev/null "$@" 8>&- 9>&-
}

# open_terminal COLUMNS LINES [VARIABLE=VALUE]...: the tracer, as a ladder, in a terminal of this size
open_terminal() {
	command -v tmux >/dev/null || skip "there is no tmux" || return
	columns=$1 lines=$2
	shift 2
	mkfifo ready
	cat >in-terminal <<-EOF
		cd '$PWD'
		export LC_ALL=C.UTF-8 $*
		trap : INT # ^C is for the tracer
		'$trace_program' --port $port --ready-fd 3 3>ready
		echo "ended with \$?"
		exec cat
	EOF
	terminal new-session -d -x "$columns" -y "$lines" "${LIVE_SHELL:-/bin/sh} '$PWD/in-terminal'" ||
		fail "tmux does not start" || return
	terminal_server=$(terminal display-message -p '#{pid}')
	keep_pid "$terminal_server"
	[ "$(timeout 10 head -n 1 ready)" = ready ] || fail "the tracer did not begin"
}

# look: what is on the terminal, in "screen"; lines that the terminal had to wrap stay so
look() {
	terminal capture-pane -p 2>/dev/null | sed 's/ *$//' >screen
}

# sees TEXT
sees() {
	look
	has screen "$1"
}

# grep_screen EXPRESSION
grep_screen() {
	look
	grep -qE "$1" screen
}

# fits: was no line wider than the terminal? There it would have been wrapped.
fits() {
	terminal capture-pane -p -S - | sed 's/ *$//' >as-shown
	terminal capture-pane -p -S - -J | sed 's/ *$//' >as-written
	matches as-shown as-written
}

close_terminal() {
	terminal kill-server
	wait_until is_over "$terminal_server" || fail "tmux does not end"
}

# ---- tests ---------------------------------------------------------------------------------------

# Has the bar of a TIME_WAIT begun to empty?
bar_moves() {
	grep_screen '^TIME_WAIT +[0-9]+ s █+░+  127\.0\.0\.1:[0-9]+ → 127\.0\.0\.1:[0-9]+$'
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
	has screen "TIME_WAIT 1  LISTEN 2" || show screen || fail "the counts are not right" || return
	wait_until bar_moves || show screen || fail "the bar does not move" || return
	fits || return
	terminal send-keys C-c
	wait_until sees "ended with 0" || show screen || fail "^C did not end it well" || return
	! has screen "█" && ! has screen "LISTEN 2" && ! has screen "────────────────────────" ||
		show screen || fail "status lines are left" || return
	has screen "closed by client first" || show screen || fail "the verdict is missing" || return
	fits || return
	close_terminal
}

small_terminal() {
	status_lines 80 24
}

large_terminal() {
	status_lines 120 40
}

# Many waits: bars have a third of the screen, the rest is counted.
many_waits() {
	open_terminal 80 24 || return
	start_server || return
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		talk 127.0.0.1 || return
	done
	wait_until sees "and 2 more that wait" || show screen ||
		fail "ten waits are not shown as eight and two" || return
	[ "$(grep -cE '^TIME_WAIT +[0-9]+ s █' screen)" = 8 ] || show screen ||
		fail "there are not eight bars" || return
	fits || return
	close_terminal
}

# A listener's end is the longest line there is.
listener_killed() {
	open_terminal 80 24 || return
	start_server || return
	wait_until sees "LISTEN 2" || show screen || fail "two listeners are not counted" || return
	stop "$server" "$interrupt"
	wait_until sees "CLOSE, killed by SIG$interrupt" || show screen || fail "its end is not shown" || return
	fits || return
	close_terminal
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
	close_terminal
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
	close_terminal
}

no_colours() {
	open_terminal 80 24 NO_COLOR=1 || return
	start_server || return
	talk 127.0.0.1 || return
	wait_until sees "closed by client first" || show screen || fail "the verdict is missing" || return
	[ "$(escapes)" = 0 ] || fail "there are colours in spite of NO_COLOR" || return
	close_terminal
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
live_test "colours on a terminal" colours
live_test "NO_COLOR on a terminal" no_colours
live_test "colours in a pipe" colours_in_pipe
live_test "without UTF-8" ascii
live_test "no line is wider than COLUMNS" widths_in_pipe
live_end
