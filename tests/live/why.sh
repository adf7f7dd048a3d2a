#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# why.sh: "Address already in use" explained: by `tcpstate-trace why`, and live when a bind() fails. What why
# expects of a bind() it also tries (--try): the two must agree.

# shellcheck disable=SC2119 # functions whose arguments are optional
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"

# ---- asking --------------------------------------------------------------------------------------

# asks STATUS ARGUMENT...: why ends like that, in why.out, and the kernel is of the same mind
asks() {
	want=$1
	shift
	timeout 20 "$trace_program" why --try "$@" >why.out 2>why.err
	status=$?
	! [ -s why.err ] || show why.err || fail "why $*: it wrote to stderr" || return
	[ $status = "$want" ] || show why.out || fail "why $*: status $status, not $want" || return
	if [ $status = 0 ]; then
		has why.out " would succeed: " && has why.out "tried: bind() succeeded"
	else
		has why.out " would fail: EADDRINUSE" && has why.out "tried: bind() failed: EADDRINUSE"
	fi || show why.out || fail "why $*: what it says is not what the kernel says"
}

# answers TEXT...: each stands in the last answer
answers() {
	for text; do
		has why.out "$text" || show why.out || fail "it does not say: $text" || return
	done
}

# explains FILE TEXT...: each stands in a trace, in time
explains() {
	file=$1
	shift
	for text; do
		wait_until has "$file" "$text" || show "$file" || fail "it does not say: $text" || return
	done
}

# server_fails [OPTION...]: a second server cannot have the port of the first; its pid is in $second
server_fails() {
	"$server_program" "$@" "$port" >second.out 2>second.err 8>&- 9>&- &
	second=$!
	keep_pid $second
	collect $second
	has second.err "Address already in use" || show second.err || fail "the second server had the port"
}

# ---- the rule ------------------------------------------------------------------------------------

rule() {
	"$live_build/binds" >binds.out 2>&1 || show binds.out || fail "the kernel has another rule" || return
	has binds.out "10240 agree, 0 do not" || show binds.out || fail "not all was compared"
}

# ---- the restart of a killed server --------------------------------------------------------------

# restart [OPTION...]: a server with these options is killed while a client is connected
restart() {
	start_server --bind 127.0.0.1 "$@" && start_client 127.0.0.1 || return
	stop "$server" KILL
	wait_until tcp_has 05 || fail "no FIN_WAIT2"
}

client_quits() {
	type_line q
	collect "$client"
	wait_until tcp_has 06 || fail "no TIME_WAIT"
}

old_lacks_it() {
	restart || return
	asks 1 "127.0.0.1:$port" || return
	answers "in the way: FIN_WAIT2 at 127.0.0.1 with 127.0.0.1:" "without SO_REUSEADDR; ends in up to " \
		"SO_REUSEADDR on the new socket alone does not help: the old one lacks it" \
		"what would help: wait up to 1" "from the next start on: SO_REUSEADDR before bind()" || return
	asks 1 --reuse-addr "127.0.0.1:$port" || return
	answers "bind(127.0.0.1:$port) with SO_REUSEADDR would fail" || return
	client_quits || return
	asks 1 "$port" || return
	answers "in the way: TIME_WAIT at 127.0.0.1 with 127.0.0.1:" "; ends in " "what would help: wait " || return
	asks 1 --reuse-addr "$port" || return
	answers "SO_REUSEADDR on the new socket, which is set, does not help: the old one lacks it"
}

both_have_it() {
	restart --reuse-addr || return
	asks 1 "$port" || return
	answers "with SO_REUSEADDR; ends in up to " "what would help: SO_REUSEADDR on the new socket; or wait" ||
		return
	asks 0 --reuse-addr "$port" || return
	answers "with SO_REUSEADDR would succeed: nothing is in the way" "beside it: FIN_WAIT2 at 127.0.0.1" || return
	client_quits || return
	asks 1 "$port" || return
	asks 0 --reuse-addr "$port" || return
	answers "beside it: TIME_WAIT at 127.0.0.1"
}

# ---- others that have the port -------------------------------------------------------------------

nobody() {
	asks 0 "$port" && answers "would succeed: nobody has the port"
}

# Of a network for documents (RFC 5737)
another_hosts_address() {
	timeout 20 "$trace_program" why --try "192.0.2.1:$port" >why.out 2>why.err
	[ $? = 1 ] || show why.out || fail "the status is that of success" || return
	answers "would succeed if this host has the address: nobody has the port" \
		"tried: bind() failed: EADDRNOTAVAIL: this host does not have the address"
}

other_process() {
	start_server --reuse-addr --bind 127.0.0.1 || return
	asks 1 "$port" || return
	answers "in the way: LISTEN at 127.0.0.1, echo-server[$server]'s, with SO_REUSEADDR; lasts until it is closed" \
		"SO_REUSEADDR does not help beside a socket in LISTEN" \
		"what would help: stop echo-server[$server]" || return
	asks 1 --reuse-addr "$port" || return
	start_client 127.0.0.1 || return
	asks 1 "$port" && answers "in the way: ESTABLISHED at 127.0.0.1 with 127.0.0.1:"
}

# hold ADDRESS [COMMAND...]: a process that only binds the port there, run by the command; its pid is in $holder
hold() {
	address=$1
	shift
	rm -f release
	mkfifo release
	"$@" "$live_build/binds" hold "$port" "$address" <release >held 8>&- 9>&- &
	holder=$!
	keep_pid $holder
	exec 9>release
	wait_until has held bound || fail "nothing is bound to $address"
}

only_bound() {
	hold 127.0.0.1 || return
	! grep -q ":$(printf %04X "$port") " /proc/net/tcp || fail "a table of sockets has it" || return
	asks 1 "$port" || return
	answers "in the way: bound only, to 127.0.0.1, binds[$holder]'s, without SO_REUSEADDR" \
		"what would help: stop binds[$holder]" || return
	start_trace seen --explain-bind --port "$port" -o table || return
	server_fails --bind 127.0.0.1 || return
	explains seen.out "! echo-server[$second]: bind(127.0.0.1:$port) failed: EADDRINUSE" \
		"!   in the way: bound only, to 127.0.0.1, binds[$holder]'s" || return
	end_trace
}

addresses() {
	start_server --bind 127.0.0.1 || return
	asks 1 -4 "$port" || return
	asks 0 "127.0.0.2:$port" || return
	[ -e /proc/net/tcp6 ] || return 0
	asks 1 "$port" || return
	answers "bind([::]:$port) would fail" || return
	asks 0 -6 "$port" || return
	asks 1 "[::ffff:127.0.0.1]:$port" || return
	asks 0 "[::1]:$port" || return
	stop "$server"
	hold :: || return
	asks 1 -4 "$port" || return
	asks 1 "127.0.0.2:$port" || return
	asks 1 "[::1]:$port"
}

other_namespace() {
	hold 127.0.0.1 unshare --net || return
	asks 0 "127.0.0.1:$port" || return
	timeout 20 "$trace_program" why -N "/proc/$holder/ns/net" "$port" >why.out 2>&1
	[ $? = 1 ] || show why.out || fail "the other namespace's port is free" || return
	answers "in the way: bound only, to 127.0.0.1, binds[$holder]'s"
}

# ---- live ----------------------------------------------------------------------------------------

# explained OPTION...: the article's restart, told live and once more by a replay
explained() {
	start_trace seen --port "$port" -o table --record seen.rec "$@" || return
	restart || return
	server_fails --bind 127.0.0.1 || return
	explains seen.out "! echo-server[$second]: bind(127.0.0.1:$port) failed: EADDRINUSE" \
		"!   in the way: FIN_WAIT2 at 127.0.0.1 with 127.0.0.1:" \
		", was echo-server[$server]'s (killed by SIGKILL), without SO_REUSEADDR; ends in up to " \
		"alone does not help: the old one lacks it" || return
	client_quits || return
	server_fails --reuse-addr --bind 127.0.0.1 || return
	explains seen.out "bind(127.0.0.1:$port) with SO_REUSEADDR failed: EADDRINUSE" \
		"!   in the way: TIME_WAIT at 127.0.0.1 with 127.0.0.1:" || return
	end_trace || return
	"$trace_program" replay -o table seen.rec >again 2>again.err || show again.err || fail "no replay" || return
	cmp -s again seen.out || diff seen.out again >difference || show difference ||
		fail "the replay does not say the same"
}

by_system_calls() {
	explained --explain-bind --hooks=tracepoint
}

by_fexit() {
	can_use fentry || skip "this kernel attaches no fentry" || return
	explained --hooks=fentry
}

# Both are bound, as SO_REUSEADDR lets them; the second one's listen() comes too late.
late_listen() {
	start_trace seen --explain-bind --port "$port" -o ladder || return
	"$live_build/binds" listen "$port" >late 2>&1 || show late || fail "listen() was not refused" || return
	explains seen.out ": listen(127.0.0.1:$port) with SO_REUSEADDR failed: EADDRINUSE" \
		"in the way: LISTEN at 127.0.0.1, binds[" || return
	end_trace
}

unasked() {
	start_trace seen --hooks=tracepoint --port "$port" -o table || return
	start_server && server_fails && stop "$server" && end_trace || return
	! has seen.out EADDRINUSE || show seen.out || fail "it watches system calls, which nobody asked for"
}

# ---- connect() -----------------------------------------------------------------------------------

# connects_out: a connection that the client closes first
connects_out() {
	talk 127.0.0.1
}

no_port() {
	echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse
	echo "40000 40001" >/proc/sys/net/ipv4/ip_local_port_range
	start_trace seen --port "$port" -o table && start_server || return
	connects_out && connects_out || return
	"$client_program" 127.0.0.1 "$port" >third.out 2>third.err </dev/null
	has third.err "Cannot assign requested address" || show third.err || fail "there was a port left" || return
	explains seen.out "connect(127.0.0.1:$port) failed: EADDRNOTAVAIL: no local port is left" \
		"of the 2 local ports 40000-40001, 2 are connected there: " "2 TIME_WAIT" \
		"net.ipv4.tcp_tw_reuse=1 lets connect() take one after a second (here it is 0)" || return
	end_trace
}

# ---- wrong ---------------------------------------------------------------------------------------

wrong_usage() {
	says 2 "why needs one port: tcpstate-trace why [ADDRESS:]PORT" "$trace_program" why || return
	says 2 "why needs one port" "$trace_program" why 80 81 || return
	for target in 0 65536 x 80abc '' 127.0.0.1 127.0.0.1:x x:80 ::1:80 '[::1' 127.0.0.0/8:80 :80; do
		says 2 " is no port: write 80, 127.0.0.1:80 or [::1]:80" "$trace_program" why "$target" || return
	done
	says 2 "why looks once at one port" "$trace_program" why --port 80 80 || return
	says 2 "leave out the one before the port" "$trace_program" why -4 127.0.0.1:80 || return
	says 2 "go with why" "$trace_program" --try || return
	says 2 "leave out --netns" "$trace_program" why --try -N 1 80 || return
	says 2 "leave out --explain-bind" "$trace_program" replay --explain-bind x.rec
}

live_test "the rule is the kernel's" rule
live_test "a free port" nobody
live_test "an address of another host" another_hosts_address
live_test "a killed server without SO_REUSEADDR: no restart in FIN_WAIT2 and TIME_WAIT" old_lacks_it
live_test "a killed server with SO_REUSEADDR: a restart with it" both_have_it
live_test "a listener of another process" other_process
live_test "a socket that is only bound" only_bound
live_test "addresses that are covered by others" addresses
live_test "a port of another namespace" other_namespace
live_test "a bind() that fails is explained, by system calls" by_system_calls
live_test "... by fexit" by_fexit
live_test "a listen() that fails" late_listen
live_test "without --explain-bind no system call is watched" unasked
live_test "a connect() without a local port" no_port
user_test "wrong command lines" wrong_usage
live_end
