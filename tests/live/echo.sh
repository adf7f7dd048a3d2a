#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Live test of echo-server and echo-client, in a network namespace of its own.
#
# BUILD is the directory of the programs (default: build), LIVE_SHELL the shell that runs this
# (default: sh). Needs root, or a kernel that lets a person have a user namespace.

if [ "${ECHO_IN_NETNS-}" != yes ]; then
	export ECHO_IN_NETNS=yes
	user=
	[ "$(id -u)" = 0 ] || user=-r
	# shellcheck disable=SC2086
	exec unshare $user -n -- "${LIVE_SHELL:-sh}" "$0" "$@"
fi

build=${BUILD:-build}
server=$build/echo-server
client=$build/echo-client
port=19999
passed=0
failed=0
pids=
why=
status=

# ---- helpers ----

# Says why the test fails; the first reason stands.
fail()
{
	[ -n "$why" ] || why=$1
	return 1
}

# wait_until COMMAND...: tries until it is true, 10 seconds at most.
wait_until()
{
	tries=200
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

# has FILE TEXT: does a line of the file hold this text?
has()
{
	grep -qF -e "$2" "$1" 2>/dev/null
}

# counts N FILE TEXT: do exactly N lines hold it?
counts()
{
	[ "$(grep -cF -e "$3" "$2" 2>/dev/null)" = "$1" ]
}

is_over()
{
	! [ -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}

is_running()
{
	! is_over "$1"
}

keep_pid()
{
	pids="$pids $1"
}

# collect PID: waits for its end and leaves how it ended in $status.
collect()
{
	status=
	wait_until is_over "$1" || fail "process $1 did not end: $(tr '\0' ' ' <"/proc/$1/cmdline")" ||
		return
	wait "$1" 2>/dev/null
	status=$?
	left=
	for pid in $pids; do
		[ "$pid" = "$1" ] || left="$left $pid"
	done
	pids=$left
}

# stop PID [SIGNAL]
stop()
{
	kill "-${2:-TERM}" "$1" 2>/dev/null
	collect "$1"
}

stop_all()
{
	for pid in $pids; do
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	pids=
}

# start_server [OPTION...]: on $port, its pid in $server_pid, its words in server.out and .err.
start_server()
{
	: >server.out
	"$server" "$@" "$port" >server.out 2>server.err 8>&- 9>&- &
	server_pid=$!
	keep_pid "$server_pid"
	wait_until server_settles && has server.out "listening on"
}

server_settles()
{
	has server.out "listening on" || is_over "$server_pid"
}

# start_typed HOST: a client whose keyboard is descriptor 8; its pid in $client_pid.
start_typed()
{
	rm -f keyboard
	mkfifo keyboard
	exec 8<>keyboard
	: >client.err # what an earlier client left must not be taken for this one's
	"$client" "$1" "$port" <keyboard >client.out 2>client.err 8>&- 9>&- &
	client_pid=$!
	keep_pid "$client_pid"
	wait_until has client.err "connected to" || fail "no connection: $(cat client.err)"
}

type_line()
{
	echo "$1" >&8
}

# start_holder: a client that only stays; it goes when descriptor 9 is closed.
start_holder()
{
	"$client" 127.0.0.1 "$port" <hold >/dev/null 2>>holder.err 8>&- 9>&- &
	holder_pid=$!
	keep_pid "$holder_pid"
}

make_hold()
{
	rm -f hold
	mkfifo hold
	exec 9<>hold
}

# tcp_has STATE [UNSENT [UNREAD]]: is there an IPv4 socket in this state (two hex digits) with $port
# as its peer's, and with these queues (patterns of hex digits)?
tcp_has()
{
	any='[0-9A-F]*'
	grep -q ": $any:$any $any:$(printf %04X "$port") $1 ${2:-$any}:${3:-$any} " /proc/net/tcp
}

tcp_has_not()
{
	! tcp_has "$1"
}

# Processor time of a process in ticks.
ticks_of()
{
	sed 's/.*) //' "/proc/$1/stat" | {
		# shellcheck disable=SC2034
		read -r s p g n t f1 f2 f3 f4 f5 f6 utime stime rest
		echo $((utime + stime))
	}
}

# uptime_reaches CENTISECONDS
uptime_reaches()
{
	[ "$(cut -d ' ' -f 1 /proc/uptime | tr -d .)" -ge "$1" ]
}

# is_quiet PID: took it next to no time of half a second? (A busy loop takes some 50 ticks.)
is_quiet()
{
	before=$(ticks_of "$1")
	now=$(cut -d ' ' -f 1 /proc/uptime | tr -d .)
	wait_until uptime_reaches $((now + 50))
	[ $(($(ticks_of "$1") - before)) -lt 10 ]
}

# half_close PORT: sends "first", ends its side, prints what still comes; 77 without a means to.
half_close()
{
	if command -v perl >/dev/null; then
		# shellcheck disable=SC2016
		timeout 20 perl -MIO::Socket::INET -e '
			my $s = IO::Socket::INET->new("127.0.0.1:$ARGV[0]") or die;
			print $s "first\n" x 20000; $s->flush; shutdown($s, 1); print while <$s>' "$1"
	elif command -v busybox >/dev/null; then
		yes first | head -n 20000 | timeout 20 busybox nc 127.0.0.1 "$1"
	else
		return 77
	fi
}

# test_run NAME FUNCTION
test_run()
{
	why=
	port=$((port + 1))
	"$2" || fail "no reason given"
	exec 8>&- 9>&-
	stop_all
	if [ -z "$why" ]; then
		passed=$((passed + 1))
		echo "ok - $1"
	else
		failed=$((failed + 1))
		echo "not ok - $1: $why"
	fi
}

# user_run NAME FUNCTION: test_run for what no kernel changes, as user_test of live.sh
user_run()
{
	[ -n "${LIVE_GUEST-}" ] || test_run "$@"
}

# says STATUS SENTENCE COMMAND...: ends like that, with exactly this one line on stderr?
says()
{
	want_status=$1
	want=$2
	shift 2
	"$@" >says.out 2>says.err </dev/null 8>&- 9>&- &
	keep_pid $!
	collect $! || return
	[ "$status" = "$want_status" ] || fail "$* ended with $status, not $want_status" || return
	[ "$(cat says.err)" = "$want" ] || fail "$* said: $(cat says.err)" || return
	! [ -s says.out ] || fail "$* wrote to stdout"
}

# ---- tests ----

echoes()
{
	start_server || fail "no server: $(cat server.err)" || return
	has server.out "echo-server: listening on 0.0.0.0 port $port and [::] port $port" ||
		fail "it says: $(cat server.out)" || return
	for host in 127.0.0.1 ::1 '[::1]'; do
		got=$(timeout 20 "$client" --send "hello $host" --send "" --send two "$host" "$port" 2>client.err)
		[ "$got" = "hello $host

two" ] || fail "over $host came: $got" || return
	done
	has client.err "connected to [::1] port $port from port " ||
		fail "client said: $(cat client.err)" || return
	wait_until counts 3 server.out "gone: closed by client" || fail "not three clients went" ||
		return
	counts 4 server.out "echo-server: client [::1] port " ||
		fail "not a line for each coming and going: $(cat server.out)" || return
	! has server.out ffff || fail "IPv4 shown as IPv6"
}

typed_text()
{
	start_server || fail "no server" || return
	printf 'one\nquit\n q\nlast' | timeout 20 "$client" 127.0.0.1 "$port" >client.out 2>/dev/null ||
		fail "failed at EOF" || return
	[ "$(cat client.out)" = "one
quit
 q
last" ] || fail "came back: $(cat client.out)" || return
	printf 'one\nq\nmore\n' | timeout 20 "$client" 127.0.0.1 "$port" >client.out 2>/dev/null ||
		fail "failed at q" || return
	[ "$(cat client.out)" = one ] || fail "q did not quit: $(cat client.out)" || return
	start_typed 127.0.0.1 || return
	printf 'one\nq' >&8
	wait_until has client.out one || fail "no echo" || return
	printf 'uick\nq' >&8
	wait_until has client.out quick || fail "q at a start is lost: $(cat client.out)" || return
	echo >&8
	collect "$client_pid" || return
	[ "$status" = 0 ] || fail "q ended with $status"
}

long_line()
{
	head -c 300000 /dev/zero | tr '\0' x >long
	echo >>long
	start_server || fail "no server" || return
	timeout 20 "$client" 127.0.0.1 "$port" <long >long.out 2>/dev/null || fail "client failed" || return
	cmp -s long long.out || fail "$(wc -c <long.out) bytes came back, or other ones" || return
	timeout 20 "$client" --send "$(head -c 100000 long)" --send end ::1 "$port" >long.out 2>/dev/null ||
		fail "client failed with --send" || return
	[ "$(wc -c <long.out)" = 100005 ] || fail "--send: $(wc -c <long.out) bytes came back"
}

fifty_clients()
{
	start_server || fail "no server" || return
	make_hold
	i=0
	while [ "$i" -lt 50 ]; do
		i=$((i + 1))
		{
			echo "line $i"
			exec cat <hold
		} 8>&- 9>&- | "$client" 127.0.0.1 "$port" >"fifty.$i" 2>/dev/null 8>&- 9>&- &
		keep_pid $!
	done
	i=0
	while [ "$i" -lt 50 ]; do
		i=$((i + 1))
		wait_until has "fifty.$i" "line $i" || fail "client $i got no echo" || return
	done
	counts 50 server.out " connected" && counts 0 server.out " gone" ||
		fail "not all 50 were there at once" || return
	exec 9>&-
	wait_until counts 50 server.out "gone: closed by client" || fail "not all 50 went"
}

half_closed()
{
	start_server || fail "no server" || return
	half_close "$port" >half.out
	[ $? != 77 ] || { echo "# half-close: neither perl nor busybox is here" && return; }
	counts 20000 half.out first || fail "$(grep -c first half.out) of 20000 lines came back" ||
		return
	wait_until has server.out "gone: closed by client" || fail "server did not close"
}

once()
{
	start_server --once || fail "no server" || return
	start_typed ::1 || return
	wait_until has server.out " connected" || fail "nobody came" || return
	says 1 "echo-client: cannot connect to 127.0.0.1 port $port: Connection refused" \
		"$client" 127.0.0.1 "$port" || return
	type_line hello
	wait_until has client.out hello || fail "no echo" || return
	is_running "$server_pid" || fail "server went before its client" || return
	type_line q
	collect "$server_pid" || return
	[ "$status" = 0 ] || fail "server ended with $status"
}

# A client that stays keeps the server's side in FIN_WAIT2, which holds the port like TIME_WAIT.
server_goes_first()
{
	start_server "$@" || fail "no server" || return
	start_typed "$host" || return
	wait_until has server.out " connected" || fail "nobody came" || return
	stop "$server_pid" KILL
}

reuse_off()
{
	host=127.0.0.1
	server_goes_first || return
	says 1 "echo-server: cannot bind 0.0.0.0 port $port: Address already in use" \
		"$server" "$port" || return
	port=$((port + 100))
	host=::1
	server_goes_first || return
	says 1 "echo-server: cannot bind [::] port $port: Address already in use" "$server" "$port"
}

reuse_on()
{
	host=127.0.0.1
	server_goes_first --reuse-addr || return
	start_server --reuse-addr || fail "restart failed: $(cat server.err)" || return
	[ "$(timeout 20 "$client" --send again 127.0.0.1 "$port" 2>/dev/null)" = again ] || fail "no echo" ||
		return
	says 1 "echo-server: cannot bind 0.0.0.0 port $port: Address already in use" \
		"$server" --reuse-addr "$port"
}

bound_to_one()
{
	start_server --bind 127.0.0.1 || fail "no server: $(cat server.err)" || return
	has server.out "listening on 127.0.0.1 port $port" || fail "$(cat server.out)" || return
	says 1 "echo-client: cannot connect to [::1] port $port: Connection refused" \
		"$client" ::1 "$port" || return
	says 1 "echo-server: cannot bind 127.0.0.1 port $port: Address already in use" \
		"$server" --bind 127.0.0.1 "$port" || return
	says 1 "echo-server: cannot bind 192.0.2.1 port $port: Cannot assign requested address" \
		"$server" --bind 192.0.2.1 "$port" || return
	stop "$server_pid"
	start_server --bind '[::1]' || fail "no server on [::1]: $(cat server.err)" || return
	has server.out "listening on [::1] port $port" || fail "$(cat server.out)"
}

server_killed()
{
	start_server || fail "no server" || return
	start_typed 127.0.0.1 || return
	type_line hello
	wait_until has client.out hello || fail "no echo" || return
	stop "$server_pid" KILL
	wait_until has client.err "echo-client: the server has closed the connection; the socket stays open until you type q" ||
		fail "client said: $(cat client.err)" || return
	wait_until tcp_has 08 || fail "no CLOSE_WAIT" || return
	is_quiet "$client_pid" || fail "client is busy in CLOSE_WAIT" || return
	tcp_has 08 || fail "CLOSE_WAIT did not stay" || return
	type_line q
	collect "$client_pid" || return
	[ "$status" = 0 ] || fail "q ended with $status" || return
	wait_until tcp_has_not 08 || fail "CLOSE_WAIT after q"
}

write_after_end()
{
	start_server || fail "no server" || return
	start_typed 127.0.0.1 || return
	wait_until has server.out " connected" || fail "nobody came" || return
	stop "$server_pid" KILL
	wait_until has client.err "the server has closed the connection" || fail "not told" || return
	type_line lost
	wait_until has client.err "echo-client: connection reset by the server" ||
		fail "the reset is not told: $(cat client.err)" || return
	type_line "lost again"
	wait_until has client.err "echo-client: cannot send: Broken pipe" ||
		fail "the failed write is not told: $(cat client.err)" || return
	is_quiet "$client_pid" || fail "client is busy after the reset" || return
	is_running "$client_pid" || fail "client did not wait for q" || return
	type_line q
	collect "$client_pid" || return
	[ "$status" = 0 ] || fail "q ended with $status"
}

send_without_server()
{
	start_server || fail "no server" || return
	kill -STOP "$server_pid"
	: >client.err # what an earlier test left must not be taken for this one's
	"$client" --send hello 127.0.0.1 "$port" >client.out 2>client.err &
	client_pid=$!
	keep_pid "$client_pid"
	wait_until has client.err "connected to" || fail "no connection" || return
	stop "$server_pid" KILL
	collect "$client_pid" || return
	[ "$status" = 1 ] || fail "client ended with $status" || return
	has client.err " before all of the text had come back" || fail "$(cat client.err)" || return
	counts 2 client.err "" || fail "more than a sentence: $(cat client.err)"
}

# The server stands still: q has to quit all the same, and to say what is missing.
quit_unanswered()
{
	start_server || fail "no server" || return
	kill -STOP "$server_pid"
	start_typed 127.0.0.1 || return
	type_line hello
	type_line q
	collect "$client_pid" || return
	[ "$status" = 1 ] || fail "client ended with $status" || return
	has client.err "echo-client: the server did not send back 6 of 6 bytes" ||
		fail "$(cat client.err)"
}

closed_stdout()
{
	mkfifo out
	"$server" "$port" >out 2>server.err &
	server_pid=$!
	keep_pid "$server_pid"
	line=$(timeout 10 head -n 1 out)
	[ -n "$line" ] || fail "no line" || return
	for i in 1 2 3; do
		[ "$(timeout 20 "$client" --send "text $i" ::1 "$port" 2>/dev/null)" = "text $i" ] ||
			fail "client $i got no echo" || return
	done
	is_running "$server_pid" || fail "server was killed"
}

# start_stalled: a client that stands still with more text under way than its echo has room for.
start_stalled()
{
	kill -STOP "$server_pid"
	: >client.err
	"$client" 127.0.0.1 "$port" <long >long.out 2>client.err 8>&- 9>&- &
	client_pid=$!
	keep_pid "$client_pid"
	wait_until has client.err "connected to" || fail "no connection" || return
	wait_until tcp_has 01 '0*[1-9A-F][0-9A-F]*' || fail "nothing was sent" || return
	wait_until is_quiet "$client_pid" || fail "client is busy" || return
	kill -STOP "$client_pid"
	kill -CONT "$server_pid"
	wait_until tcp_has 01 '[0-9A-F]*' '0*[1-9A-F][0-9A-F]*' || fail "no echo arrived" || return
	is_quiet "$server_pid" || fail "server is busy" || return
	[ "$(timeout 20 "$client" --send other ::1 "$port" 2>/dev/null)" = other ] ||
		fail "another client got no echo"
}

# The server's sockets inherit the listener's buffers; the clients', made later, are small.
slow_client()
{
	head -c 300000 /dev/urandom | od >long
	start_server || fail "no server" || return
	rmem=$(cat /proc/sys/net/ipv4/tcp_rmem)
	wmem=$(cat /proc/sys/net/ipv4/tcp_wmem)
	echo 4096 4096 4096 >/proc/sys/net/ipv4/tcp_rmem
	echo 4096 4096 4096 >/proc/sys/net/ipv4/tcp_wmem
	slow_client_rounds
	result=$?
	echo "$rmem" >/proc/sys/net/ipv4/tcp_rmem
	echo "$wmem" >/proc/sys/net/ipv4/tcp_wmem
	return "$result"
}

slow_client_rounds()
{
	start_stalled || return
	kill -CONT "$client_pid"
	collect "$client_pid" || return
	cmp -s long long.out || fail "other text came back to the slow client" || return
	start_stalled || return
	stop "$client_pid" KILL
	wait_until has server.out "gone: Connection reset by peer" ||
		fail "the reset is not told: $(cat server.out)" || return
	is_running "$server_pid" || fail "server was killed"
}

# comes_or_starves N: has the N-th client come, or is the server out of descriptors?
comes_or_starves()
{
	counts "$1" server.out " connected" || [ -s server.err ]
}

# Of 16 descriptors at most ten are left for clients, fewer when the caller handed some down.
few_descriptors()
{
	start_server_few || fail "no server" || return
	make_hold
	: >holder.err
	holders=0
	leaving=
	while ! [ -s server.err ]; do
		start_holder
		leaving=${leaving:-$holder_pid}
		holders=$((holders + 1))
		[ "$holders" -le 11 ] || fail "$holders came" || return
		wait_until comes_or_starves "$holders" || fail "holder $holders did not come" || return
	done
	has server.err "echo-server: cannot accept another client: Too many open files; going on with the $((holders - 1)) there are" ||
		fail "said: $(cat server.err)" || return
	"$client" --send late 127.0.0.1 "$port" >late.out 2>late.err 8>&- 9>&- &
	late_pid=$!
	keep_pid "$late_pid"
	wait_until has late.err "connected to" || fail "the late one did not come" || return
	is_quiet "$server_pid" || fail "server is busy" || return
	stop "$leaving" KILL
	wait_until counts "$holders" server.out " connected" ||
		fail "the one that waited was not accepted" || return
	counts 1 server.err "" || fail "said more than once: $(cat server.err)" || return
	stop "$holder_pid" KILL
	collect "$late_pid" || return
	has late.out late || fail "the late one got no echo"
}

start_server_few()
{
	: >server.out
	(
		# shellcheck disable=SC3045 # dash and busybox ash have it
		ulimit -n 16
		exec "$server" "$port" >server.out 2>server.err 8>&- 9>&-
	) &
	server_pid=$!
	keep_pid "$server_pid"
	wait_until server_settles && has server.out "listening on"
}

wrong_ports()
{
	for word in 80abc 0 65536 '' ' 80' +80 99999999999999999999; do
		says 2 "echo-server: PORT is '$word', which is no port: write a number from 1 to 65535" \
			"$server" "$word" || return
		says 2 "echo-client: PORT is '$word', which is no port: write a number from 1 to 65535" \
			"$client" 127.0.0.1 "$word" || return
	done
}

wrong_usage()
{
	says 2 "echo-server: PORT is missing: echo-server 19999" "$server" || return
	says 2 "echo-server: unknown option '--foo': echo-server --help lists those there are" \
		"$server" --foo "$port" || return
	says 2 "echo-server: unknown option '-xz': echo-server --help lists those there are" \
		"$server" --once "$port" -xz || return
	says 2 "echo-server: --bind needs its ADDR: --bind ADDR" "$server" --bind || return
	says 2 "echo-server: --once takes no value: write it alone, not as '--once=1'" \
		"$server" --once=1 "$port" || return
	says 2 "echo-server: unexpected argument '\\x1b[2J' after PORT: there is only one PORT" \
		"$server" "$port" "$(printf '\033[2J')" || return
	says 2 "echo-client: PORT is missing after HOST: echo-client 127.0.0.1 19999" \
		"$client" ::1 || return
	says 2 "echo-client: --send needs its TEXT: --send TEXT" "$client" ::1 80 --send || return
	[ "$("$server" --version) $("$client" -V)" = "echo-server 0.1 echo-client 0.1" ] ||
		fail "versions: $("$server" --version) $("$client" -V)" || return
	"$server" -h | tail -n 1 | grep -q '^  echo-server ' || fail "-h ends without examples"
}

refused()
{
	says 1 "echo-client: cannot connect to 127.0.0.1 port $port: Connection refused" \
		"$client" 127.0.0.1 "$port" || return
	says 1 "echo-client: cannot connect to [::1] port $port: Connection refused" \
		"$client" ::1 "$port"
}

# The shell starts them with SIGINT ignored, which they are not to change either.
no_int_handler()
{
	start_server || fail "no server" || return
	start_typed 127.0.0.1 || return
	for pid in "$server_pid" "$client_pid"; do
		! grep -q '^SigCgt:.*[2367abef]$' "/proc/$pid/status" || fail "SIGINT is caught" ||
			return
	done
}

# ---- run ----

case $build in
/*) ;;
*)
	server=$PWD/$server
	client=$PWD/$client
	;;
esac
for program in "$server" "$client"; do
	[ -x "$program" ] || { echo "echo.sh: $program is missing: build it first" >&2 && exit 1; }
done
dir=$(mktemp -d) || exit 1
trap 'stop_all; cd / && rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP
cd "$dir" || exit 1
ip link set lo up || exit 1

test_run "text is echoed over IPv4 and IPv6" echoes
test_run "typed lines, q and EOF" typed_text
test_run "a line of 300 kB" long_line
user_run "50 clients at once" fifty_clients
test_run "a half-closed client gets everything" half_closed
test_run "--once serves one client" once
test_run "without --reuse-addr a restart finds the port in use" reuse_off
test_run "with --reuse-addr a restart succeeds" reuse_on
test_run "--bind listens on one address" bound_to_one
test_run "a killed server leaves CLOSE_WAIT until q" server_killed
test_run "writes after the server's end are reported" write_after_end
test_run "--send fails when the server goes" send_without_server
test_run "q quits a server that does not answer" quit_unanswered
test_run "the server survives a closed stdout" closed_stdout
user_run "a slow client is waited for, slows nobody, may be reset" slow_client
user_run "running out of descriptors is survived" few_descriptors
user_run "wrong ports" wrong_ports
user_run "wrong usage" wrong_usage
test_run "a refused connection" refused
user_run "SIGINT is not caught" no_int_handler

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
