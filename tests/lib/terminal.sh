# shellcheck shell=sh
# shellcheck disable=SC2154 # live.sh sets what is used here
# SPDX-License-Identifier: GPL-2.0-only
#
# terminal.sh: a terminal for the live tests: tmux, with a shell script in it. A script reads it behind live.sh.

terminal() {
	env -u TMUX TMUX_TMPDIR="$live_dir" tmux -u -L live -f /dev/null "$@" 8>&- 9>&-
}

# begin_terminal COLUMNS LINES: that runs the script "in-terminal" of the test's directory; its pid is in $terminal_server
begin_terminal() {
	command -v tmux >/dev/null || skip "there is no tmux" || return
	terminal new-session -d -x "$1" -y "$2" "${LIVE_SHELL:-/bin/sh} '$PWD/in-terminal'" ||
		fail "tmux does not start" || return
	terminal_server=$(terminal display-message -p '#{pid}')
	keep_pid "$terminal_server"
}

end_terminal() {
	terminal kill-server
	wait_until is_over "$terminal_server" || fail "tmux does not end"
}

keys() {
	terminal send-keys "$@"
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

# pane WHAT: of what tmux tells of it
pane() {
	terminal display-message -p "#{$1}"
}
