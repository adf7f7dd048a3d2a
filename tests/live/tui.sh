#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# tui.sh: --tui in a terminal: on live traffic and on a replay, its keys, and how it leaves the terminal. What it draws is
# held by golden files (tests/golden/screens.c).

# shellcheck disable=SC2119 # functions of live.sh whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
# shellcheck source=tests/lib/terminal.sh
. "${0%/*}/../lib/terminal.sh"
live_begin "$@"

# ---- a terminal ----------------------------------------------------------------------------------

# open_terminal COLUMNS LINES OPTION...: the tracer with these, in a terminal of this size; what the terminal was like
# before and after is in the files stty.before and stty.after
open_terminal() {
	columns=$1 lines=$2
	shift 2
	printf 'leak:%s\n' libncursesw.so libtinfo.so >kept # by ncurses, to the program's end
	cat >in-terminal <<-EOF
		cd '$PWD'
		export LC_ALL=${locale:-C.UTF-8} LSAN_OPTIONS=suppressions=$PWD/kept:print_suppressions=0 $variables
		trap : INT # ^C is for the tracer
		stty -a >stty.before
		echo "what was there"
		'$trace_program' $* --tui 2>said
		echo "ended with \$?"
		stty -a >stty.after
		exec cat
	EOF
	begin_terminal "$columns" "$lines" || return
	wait_until sees "q quit" || show screen || fail "there is no screen of --tui"
}

locale='' variables=''
here=--netns=/proc/$$/ns/net # others may use the port in theirs

# shows WHAT TEXT: it comes in time
shows() {
	wait_until sees "$2" || show screen || fail "$1: there is no '$2'"
}

# hides WHAT TEXT: it goes in time
hides() {
	wait_until not sees "$2" || show screen || fail "$1: '$2' is still there"
}

# close_terminal [STATUS]: the tracer has ended, and the terminal is as it was
close_terminal() {
	shows "the end" "ended with ${1:-0}" || return
	[ "$variables" = TERM=vt100 ] || has screen "what was there" || show screen || fail "the terminal lost what was there" || return
	[ "$(pane alternate_on)$(pane cursor_flag)" = 01 ] ||
		fail "the alternate screen is left on, or the cursor off" || return
	wait_until [ -s stty.after ] && cmp -s stty.before stty.after ||
		fail "the terminal's settings are not as before" || return
	[ "${1:-0}" != 0 ] || ! [ -s said ] || show said || fail "it wrote to stderr" || return
	end_terminal
}

# ---- tests ---------------------------------------------------------------------------------------

# The ladder grows, the wait runs, the counts are right.
live_traffic() {
	open_terminal 80 24 --port "$port" "$here" || return
	sees "no open connection" || show screen || fail "no line of counts at the start" || return
	start_server || return
	shows "the counts" "LISTEN 2" || return
	start_client 127.0.0.1 || return
	shows "the counts" "ESTABLISHED 2  LISTEN 2" || return
	shows "the ladder" "─── ACK ────▶ ESTABLISHED" || return
	type_line q
	collect "$client" || return
	shows "the counts" "TIME_WAIT 1  LISTEN 2" || return
	wait_until grep_screen 'client TIME_WAIT +[0-5]?[0-9]s █+░+$' || show screen || fail "no bar moves" || return
	stop "$server" "$interrupt"
	hides "the counts" "LISTEN" || return
	keys q
	close_terminal
}

# What changes while it is paused is shown afterwards.
pause() {
	open_terminal 100 30 --port "$port" "$here" || return
	start_server || return
	shows "the counts" "LISTEN 2" || return
	keys p
	shows "the pause" PAUSED || return
	look
	cp screen before
	talk 127.0.0.1 || return
	keys '?'
	shows "the help" "write a picture" || return
	keys '?'
	hides "the help" "write a picture" || return
	look
	grep -v -e LISTEN before >want
	grep -v -e LISTEN screen >got
	matches got want || return
	keys Space
	hides "the pause" PAUSED || return
	shows "what came meanwhile" "TIME_WAIT 1" || return
	keys q
	close_terminal
}

# record_some: three connections, in seen.rec; the first is from 127.0.0.1
record_some() {
	start_trace seen --port "$port" "$here" -o table --record seen.rec || return
	start_server || return
	talk 127.0.0.1 || return
	talk 127.0.0.1 || return
	talk ::1 || return
	wait_until counts 3 seen.out "LAST_ACK    -> CLOSE" || fail "not all was seen" || return
	stop "$server" "$interrupt"
	end_trace
}

replay_keys() {
	record_some || return
	open_terminal 120 40 replay seen.rec || return
	shows "the count" "1 of 5, by state" || return
	keys Down
	shows "down" "2 of 5" || return
	keys G
	shows "the last" "5 of 5" || return
	keys PageUp
	shows "the first" "1 of 5" || return
	keys s
	shows "the order" "by number" || return
	keys S
	shows "the order" "turned" || return
	keys / "[::1]:"
	shows "the filter" "/[::1]:" || return
	shows "the filter" "1 of 1" || return
	keys Enter
	shows "the filter" "filter: [::1]:" || return
	keys Enter
	hides "the whole ladder" "# STATE" || return
	keys Escape
	shows "the list" "# STATE" || return
	keys Escape
	shows "no filter" "of 5" || return
	hides "no filter" "filter:" || return
	keys q
	close_terminal
}

picture() {
	record_some || return
	open_terminal 80 24 replay seen.rec || return
	look
	number=$(sed -n 's/.*CONNECTION \([0-9]*\).*/\1/p' screen)
	keys w
	shows "saving" "written: tcpstate-trace-conn-$number.svg" || return
	"$trace_program" replay --svg want.svg --conn "$number" seen.rec >/dev/null || fail "no picture to compare" || return
	matches "tcpstate-trace-conn-$number.svg" want.svg || return
	keys w
	shows "saving again" "is there already" || return
	keys q
	close_terminal
}

# It follows the terminal, down to where nothing can be read, and back.
resized() {
	record_some || return
	open_terminal 120 40 replay seen.rec || return
	shows "the ladder" "──────── SYN ────────▶ SYN_RECV" || return
	terminal resize-window -x 80 -y 24
	shows "80 columns" "─── SYN ────▶ SYN_RECV" || return
	terminal resize-window -x 40 -y 10
	hides "40 columns" "SYN_RECV" || return
	shows "40 columns" "q quit" || return
	keys Enter
	shows "the ladder alone" "CONNECTION" || return
	terminal resize-window -x 20 -y 4
	shows "20 columns" "too small" || return
	terminal resize-window -x 120 -y 40
	shows "120 columns" "──────── SYN ────────▶ SYN_RECV" || return
	keys q
	close_terminal
}

# ended_by SIGNAL OPTION...
ended_by() {
	signal=$1
	shift
	open_terminal 80 24 "$@" || return
	tracer=$(pgrep -P "$(pane pane_pid)") || fail "there is no tracer" || return
	kill "-$signal" "$tracer"
	close_terminal || return
	rm -f stty.*
}

signals() {
	record_some || return
	for signal in INT TERM HUP; do
		ended_by "$signal" --port "$port" "$here" && ended_by "$signal" replay seen.rec || return
	done
	open_terminal 80 24 --port "$port" "$here" || return
	keys C-c
	close_terminal
}

# A crash leaves no broken terminal.
crash() {
	record_some || return
	variables='ASAN_OPTIONS=handle_abort=0'
	open_terminal 80 24 replay seen.rec || return
	variables=
	kill -ABRT "$(pgrep -P "$(pane pane_pid)")"
	close_terminal 134
}

# colours: how many escape sequences for colour are on the terminal?
colours() {
	terminal capture-pane -p -e | LC_ALL=C grep -c "$(printf '\033')\\[[0-9;]*3[0-8][;m]"
}

colourless() {
	record_some || return
	open_terminal 80 24 replay seen.rec || return
	[ "$(colours)" -gt 0 ] || fail "there are no colours" || return
	keys q
	close_terminal || return
	for variables in NO_COLOR=1 TERM=vt100; do
		rm -f stty.*
		open_terminal 80 24 replay seen.rec || return
		[ "$(colours)" = 0 ] || fail "there are colours in spite of $variables" || return
		keys q
		close_terminal || return
	done
	variables=
}

ascii() {
	record_some || return
	locale=C
	open_terminal 80 24 replay seen.rec || return
	locale=
	look
	! LC_ALL=C grep -q "$(printf '[\200-\377]')" screen || show screen || fail "there is something else than ASCII" ||
		return
	has screen "--- SYN ---->" || show screen || fail "there is no arrow of ASCII" || return
	keys q
	close_terminal
}

no_terminal() {
	says 2 "--tui needs a terminal" "$trace_program" --tui || return
	says 2 "--tui needs a terminal" "$trace_program" replay --tui none.rec
}

strange_terminal() {
	command -v tmux >/dev/null || skip "there is no tmux" || return
	terminal new-session -d -x 80 -y 24 \
		"TERM=dumb '$trace_program' --tui 2>'$PWD/said'; echo \$? >'$PWD/status'; exec cat" ||
		fail "tmux does not start" || return
	keep_pid "$(terminal display-message -p '#{pid}')"
	wait_until [ -s status ] || fail "it does not end" || return
	[ "$(cat status)" = 2 ] && has_lines 1 said && has said "--tui needs a terminal that can place text" ||
		show said || fail "TERM=dumb is not refused in one sentence" || return
	terminal kill-server
}

live_test "live traffic on a whole screen" live_traffic
live_test "the screen is paused" pause
live_test "keys, on a replay" replay_keys
live_test "a picture is saved" picture
live_test "the terminal changes its size" resized
live_test "signals give the terminal back" signals
live_test "a crash gives the terminal back" crash
live_test "colours, and none" colourless
live_test "a whole screen without UTF-8" ascii
live_test "no whole screen without a terminal" no_terminal
live_test "no whole screen on a terminal that cannot" strange_terminal
live_end
