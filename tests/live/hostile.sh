#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# hostile.sh: names that do harm where they are shown, in each word of a command line, in the environment and as processes;
# terminals of any size. What is nasty is listed in tests/unit/nasty.c, and what may come out is judged by harmless.c there;
# the forms, each by itself, are test_nasty's.

# shellcheck disable=SC2119,SC2016,SC1003 # optional arguments of functions of live.sh; scripts for sh -c; a backslash
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_unshare='--net --mount'
live_begin "$@"
hostile=$live_build/hostile
golden=${live_lib%/*}/golden

# bears FORM COMMAND...: COMMAND with each nasty string for {} prints a harmless FORM and harmless sentences
bears() {
	timeout 100 "$hostile" "$@" >bears.out 2>&1 || show bears.out || fail "hostile $*"
}

# a little of all that, where a run takes long
nasty=$(printf '\033[2J\302\233\342\200\256\377\n%%s"<x>&\\')

# ---- the command line ----------------------------------------------------------------------------

# Where there is a file, a namespace, a process of such a name, and where not.
words() {
	for option in --port --host --state --output --color --duration --hooks --netns --cgroup --metrics; do
		bears text timeout 20 "$trace_program" $option {} -P 80abc || return
	done
	bears text timeout 20 "$trace_program" --{} -P 80abc || return
	bears text timeout 20 "$trace_program" -P 80abc {} || return
	bears text "$trace_program" why {} || return
	bears text "$trace_program" demo {}
}

files() {
	bears text "$trace_program" replay {} || return
	bears text "$trace_program" demo ./{}/{} || return
	bears text "$trace_program" replay "$golden/closes.rec" --svg ./{}/{} || return
	bears text "$trace_program" --hooks=none --record "./$nasty/x" -P 80 -d 0.01 || return
	bears text sh -c 'cp "$0" "./$2.rec" && truncate -s -40 "./$2.rec" && exec "$1" replay "./$2.rec"' \
		"$golden/closes.rec" "$trace_program" {} || return
	bears text sh -c 'echo "title $0" >"./$1.scenario"; exec "$2" demo "./$1.scenario"' {} x "$trace_program"
}

# Where cgroups are mounted, too, may be called anything.
cgroups() {
	mkdir "./$nasty" && umount -a -t cgroup2 2>umount.err && mount -t cgroup2 none "./$nasty" 2>mount.err ||
		skip "cgroups cannot be mounted here: $(cat umount.err mount.err 2>/dev/null)" || return
	says 2 "--cgroup: there is no 'none' below '" "$trace_program" --cgroup /none &&
		bears text "$trace_program" --cgroup /none
	umount "./$nasty"
	[ -z "$live_why" ]
}

commands() {
	bears text timeout 20 "$trace_program" --hooks=none -P "$port" -- "./$nasty"
}

# What echo-server and echo-client are given.
peers() {
	bears text "$server_program" {} || return
	bears text "$client_program" {} 1 || return
	bears text "$client_program" 127.0.0.1 {}
}

# ---- the environment -----------------------------------------------------------------------------

environment() {
	set -- TZ={} TZDIR={} TMPDIR={} NO_COLOR={} HOME={} SUDO_UID={} SUDO_GID={}
	bears text env "$@" COLUMNS={} LINES={} TERM={} "$trace_program" replay "$golden/nasty-name.rec" -o ladder || return
	bears text env LANG={} LC_ALL={} "$trace_program" replay "$golden/nasty-name.rec" -o ladder || return
	bears screen "$live_build/pty" 80x24 q env TERM={} "$trace_program" replay "$golden/nasty-name.rec" --tui || return
	bears any "$live_build/pty" 80x24 q env TERM=vt100 TERMINFO={} COLUMNS={} LINES={} "$trace_program" replay \
		"$golden/nasty-name.rec" --tui || return
	bears text env TZ="$nasty" TZDIR="$nasty" SUDO_UID="$nasty" TMPDIR="$nasty" PATH="$nasty" "$trace_program" \
		--hooks=none -P "$port" -d 0.01 --record it.rec
}

# ---- processes -----------------------------------------------------------------------------------

processes() {
	start_server || return
	start_trace table -N /proc/self/ns/net -P "$port" -wo table --record it.rec --summary || return
	"$hostile" call "$port" 2>call.err || show call.err || fail "not all of them could call" || return
	end_trace || return
	has table.out '\x1b[2J' || show table.out || fail "the names are not there" || return
	bears text cat table.out || return
	bears text "$trace_program" replay -o ladder it.rec || return
	bears json "$trace_program" replay -o json it.rec || return
	bears csv "$trace_program" replay -o csv it.rec || return
	bears xml sh -c '"$0" replay --svg - it.rec 2>/dev/null' "$trace_program"
}

# ---- terminals -----------------------------------------------------------------------------------

# in_terminal SIZES KEYS COMMAND...: it ends well there, in less than 200 MB
in_terminal() {
	TERM=xterm timeout 100 "$live_build/pty" "$@" >pty.out 2>pty.err
	status=$?
	[ "$status" = 0 ] || show pty.err || fail "in a terminal of $1 it ended with status $status" || return
	kib=$(sed -n '$s/ KiB$//p' pty.err)
	[ "$kib" -lt 200000 ] || [ "${live_build##*/}" = san ] || fail "in a terminal of $1 it took $kib KiB"
}

sizes='0x0 1x1 2x1 1x10000 10000x1 80x0 0x24 10000x10000 65535x65535'
changes='80x24,0x0,80x24 80x24,1x1,10000x10000,1x1,0x0,3x2,80x24'

lines_in_terminals() {
	for size in $sizes; do
		for form in ladder table json; do
			in_terminal "$size" "" "$trace_program" replay "$golden/closes.rec" -o $form || return
		done
		in_terminal "$size" "" "$trace_program" snapshot || return
	done
}

screens_in_terminals() {
	typed=$(printf '?jj\ts/1\rq')
	for size in $sizes $changes; do
		in_terminal "$size" "$typed" "$trace_program" replay "$golden/closes.rec" --tui || return
	done
}

# in_live_terminal SIZES: the default screen, with lines at the bottom, and connections
in_live_terminal() {
	rm -f ready
	mkfifo ready
	in_terminal "$1" "" sh -c '"$0" --hooks=none --port "$1" -c 40 --ready-fd 3 3>ready' "$trace_program" "$port" &
	tracer=$!
	keep_pid "$tracer"
	[ "$(timeout 10 head -n 1 ready)" = ready ] || fail "the tracer did not begin" || return
	"$hostile" call "$port" 2>call.err || show call.err || fail "not all of them could call" || return
	collect "$tracer" || return
	[ "$status" = 0 ] || show pty.err || fail "the default screen of $1 ended with status $status"
}

live_in_terminals() {
	start_server || return
	for size in $sizes $changes; do
		in_live_terminal "$size" || return
	done
}

user_test "words of the command line" words
user_test "names of files" files
user_test "where cgroups are" cgroups
user_test "commands" commands
user_test "echo-server and echo-client" peers
user_test "the environment" environment
user_test "processes" processes
user_test "terminals of any size: lines" lines_in_terminals
user_test "terminals of any size: the full screen" screens_in_terminals
user_test "terminals of any size: the default screen" live_in_terminals
live_end
