# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# live.sh: what the live tests of tests/live/ share. A script reads it, calls live_begin, defines its tests,
# each a function, and runs them:
#
#	. "${0%/*}/../lib/live.sh"
#	live_begin "$@"
#	fails_over() {
#		start_trace seen --port "$port" || return
#		...
#		[ -s seen.out ] || fail "nothing was seen"
#	}
#	live_test "what it shows" fails_over
#	live_end
#
# Each script runs in a network namespace of its own, each test in a directory and on a port of its own.
# The tracer sees all namespaces, so scripts that run at the same time use different ports. Nothing waits
# for a time, everything for a condition.
#
#	BUILD		directory of the programs, relative to the top of the tree (default: build)
#	LIVE_GUEST	leaves out user_test
#	LIVE_HOOKS	--hooks of tests that are about something else (default: none)
#	LIVE_LANE	0 to 2, of scripts that run at the same time: they have other ports
#	LIVE_SHELL	the shell to run in (default: /bin/sh): busybox's will do
#	SCRIPT WORD	runs only the tests with WORD in their names
#
# shellcheck disable=SC2034,SC2119,SC2120 # the scripts use what is set here, and give arguments

live_name=${0##*/}
live_unshare=--net

# ---- results -------------------------------------------------------------------------------------

# fail REASON: the test has failed; its first reason stands. Use it as: ... || fail "..." || return
fail() {
	[ -n "$live_why" ] || live_why=$1
	return 1
}

# skip REASON: the test cannot be made here. Use it as: ... || skip "..." || return
skip() {
	[ -n "$live_skipped" ] || live_skipped=$1
	return 1
}

# show FILE: to be read below the reason of a failure
show() {
	sed "s/^/#   /" "$1" >>"$live_dir/shown"
	return 1
}

# ---- waiting -------------------------------------------------------------------------------------

# wait_until COMMAND...: until it succeeds; false after ten seconds, or more on a busy machine.
# With live_patience=N before it, N times as long. What takes longer than a second is asked for less often,
# and so is all in a guest, where to wait costs nothing while all sleep, but to ask does ($live_pause).
wait_until() {
	live_tries=0
	until "$@"; do
		live_tries=$((live_tries + 1))
		[ "$live_tries" -lt $((50 + 45 * ${live_patience:-1})) ] || return 1
		if [ "$live_tries" -lt 50 ]; then
			sleep "$live_pause"
		else
			sleep 0.2
		fi
	done
}

not() {
	! "$@"
}

# has FILE TEXT: does a line of it hold this text?
has() {
	grep -qF -e "$2" "$1" 2>/dev/null
}

# counts N FILE TEXT: do N lines of it hold this text?
counts() {
	[ "$(grep -cF -e "$3" "$2" 2>/dev/null)" = "$1" ]
}

# has_lines N FILE: has it N lines?
has_lines() {
	[ "$(wc -l <"$2")" = "$1" ]
}

# tcp_has STATE: does the port of the test have an IPv4 socket in this state (two hexadecimal digits)?
tcp_has() {
	grep ":$(printf %04X "$port") " /proc/net/tcp | grep -q " $1 [0-9A-F]*:[0-9A-F]* "
}

# ---- processes -----------------------------------------------------------------------------------

keep_pid() {
	live_pids="$live_pids $1"
}

is_over() {
	! [ -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}

is_running() {
	! is_over "$1"
}

is_stopped() {
	grep -q '^State:.T' "/proc/$1/status" 2>/dev/null
}

# collect PID: waits for its end, and has how it ended in $status
collect() {
	status=
	wait_until is_over "$1" ||
		fail "process $1 did not end: $(tr '\0' ' ' <"/proc/$1/cmdline")" || return
	wait "$1" 2>/dev/null
	status=$?
	live_left=
	for live_pid in $live_pids; do
		[ "$live_pid" = "$1" ] || live_left="$live_left $live_pid"
	done
	live_pids=$live_left
}

# stop PID [SIGNAL]
stop() {
	kill "-${2:-TERM}" "$1" 2>/dev/null
	collect "$1"
}

stop_all() {
	for live_pid in $live_pids; do
		kill -KILL "$live_pid" 2>/dev/null
		wait "$live_pid" 2>/dev/null
	done
	live_pids=
}

# ---- the programs --------------------------------------------------------------------------------

# start_trace NAME OPTION...: the tracer, attached; what it says is in NAME.out and NAME.err, its pid
# in $tracer
start_trace() {
	live_trace=$1
	shift
	rm -f "$live_trace.ready"
	mkfifo "$live_trace.ready"
	# shellcheck disable=SC2086 # one option or none
	"$trace_program" $live_hooks --ready-fd 3 "$@" 3>"$live_trace.ready" >"$live_trace.out" \
		2>"$live_trace.err" 8>&- 9>&- &
	tracer=$!
	keep_pid "$tracer"
	live_line=$(timeout 10 head -n 1 "$live_trace.ready")
	[ "$live_line" = ready ] || show "$live_trace.err" || fail "the tracer did not begin"
}

# trace_ends: the trace that was started last ends by itself, with status 0 and no word on stderr
trace_ends() {
	collect "$tracer" || return
	[ "$status" = 0 ] || show "$live_trace.err" ||
		fail "the tracer ended with status $status" || return
	! [ -s "$live_trace.err" ] || show "$live_trace.err" || fail "the tracer wrote to stderr"
}

# end_trace [SIGNAL]
end_trace() {
	kill "-${1:-INT}" "$tracer"
	trace_ends
}

# A command that start_server, start_client and talk put before the program, as nsenter(1); it must end in
# exec, so that the pid is the program's.
live_runner=

# can_use HOOKS: does the kernel give this set? What the tracer said is in $live_dir/can.out.
can_use() {
	timeout 20 "$trace_program" --hooks="$1" --duration 0.01 >"$live_dir/can.out" 2>&1
}

# start_server [OPTION...]: on $port, its pid in $server, what it says in server.out and .err. What a
# shell starts in the background has SIGINT ignored; not every env(1) can undo that.
start_server() {
	: >server.out
	# shellcheck disable=SC2086
	$live_runner $live_interruptible "$server_program" "$@" "$port" >>server.out 2>server.err 8>&- 9>&- &
	server=$!
	keep_pid "$server"
	wait_until server_settles && has server.out "listening on" || show server.err ||
		fail "the server did not begin"
}

server_settles() {
	has server.out "listening on" || is_over "$server"
}

# What the kernel holds for a server that has not accepted it yet is reset when that is killed.
server_accepts() {
	[ -z "$server" ] || is_over "$server" || is_stopped "$server" ||
		[ "$(grep -c connected server.out)" -gt "$live_accepted" ]
}

# start_client HOST [PORT]: a client that is typed to with type_line; its pid in $client. A server that runs has accepted it.
start_client() {
	live_accepted=$(grep -c connected server.out 2>/dev/null)
	rm -f keyboard
	mkfifo keyboard
	exec 8<>keyboard
	: >client.err
	# shellcheck disable=SC2086
	$live_runner "$client_program" "$1" "${2:-$port}" <keyboard >client.out 2>client.err 8>&- 9>&- &
	client=$!
	keep_pid "$client"
	wait_until has client.err "connected to" || show client.err || fail "no connection" || return
	wait_until server_accepts || show server.out || fail "the server does not accept"
}

type_line() {
	echo "$1" >&8
}

# talk HOST [PORT]: a client that says something, has it back and quits; its pid in $client
talk() {
	: >talk.out
	# shellcheck disable=SC2086
	$live_runner "$client_program" --send hello "$1" "${2:-$port}" >talk.out 2>talk.err 8>&- 9>&- &
	client=$!
	keep_pid "$client"
	collect "$client" || return
	[ "$status" = 0 ] && has talk.out hello || show talk.err || fail "no echo from $1"
}

# half_open STATE: a client whose SYN,ACK is lost: it is in SYN_SENT, and the server has a request, which is_there finds as
# STATE. Its pid is in $client; `nft delete table ip live` lets the SYN,ACK through.
half_open() {
	command -v nft >/dev/null || skip "there is no nft" || return
	nft -f - 2>nft.err <<-EOF || skip "nft: $(head -n 1 nft.err)" || return
		table ip live {
			chain in {
				type filter hook input priority 0;
				tcp sport $port tcp flags & (syn | ack) == syn | ack drop
			}
		}
	EOF
	start_server || return
	"$client_program" 127.0.0.1 "$port" </dev/null >half.out 2>&1 8>&- 9>&- &
	client=$!
	keep_pid $client
	wait_until is_there "$1" || fail "there is no request socket"
}

# says STATUS TEXT COMMAND...: does the program end like that, with one line on stderr that holds this text,
# and nothing on stdout?
says() {
	live_status=$1
	live_text=$2
	shift 2
	timeout 10 "$@" >says.out 2>says.err </dev/null 8>&- 9>&-
	status=$?
	[ "$status" = "$live_status" ] || show says.err ||
		fail "'$*' ended with $status, not $live_status" || return
	has_lines 1 says.err || show says.err || fail "'$*' did not say one line" || return
	has says.err "$live_text" || show says.err || fail "'$*' did not say: $live_text" || return
	! [ -s says.out ] || show says.out || fail "'$*' wrote to stdout"
}

# ---- ladders -------------------------------------------------------------------------------------

# plain FILE: a ladder with what differs from run to run made the same: times, the ports, the pids of
# $client and $server. Silences are left out, as a slow machine has more of them; one that stood still for a moment when the kernel
# armed a timer has less than 60 s left.
plain() {
	sed -E -e '/^ *(⋮|:) [0-9.]+ (us|ms|s)$/d' \
		-e 's/^ *[0-9]+\.[0-9]{6} /    0.000000 /' \
		-e 's/ (·|-) (SYN_SENT|SYN_RECV|FIN_WAIT1|CLOSING|LAST_ACK) [0-9.]+ (us|ms|s) at (client|server)//g' \
		-e 's/(CLOSE_WAIT|FIN_WAIT2) [0-9.]+ (us|ms|s) at/\1 some time at/g' \
		-e 's/TIME_WAIT 59(\.[0-9])? s/TIME_WAIT 60 s/g' \
		-e 's/ (·|-) [0-9]+ B in [0-9]+ segments? from (client|server)(, [0-9]+ sent again)?//g' \
		-e 's/( (·|-) rtt [0-9.]+ (us|ms|s))? (·|-) lasted [0-9.]+ (us|ms|s)$//' \
		-e "s/:$port/:19999/g" -e 's/:[3-6][0-9]{4}/:51322/g' \
		-e "s/\[${client:-none}\]/[CLIENT]/g" -e "s/\[${server:-none}\]/[SERVER]/g" \
		-e 's/\[(CLIENT|SERVER)\]  +/[\1]  /' -e 's/^( *client\??) ([^ ]+)  +/\1 \2  /' "$1"
}

# drawn FILE: the same of its connections alone: listeners have lines without a ladder
drawn() {
	plain "$1" | grep -v -e '^ *listener ' -e '^$' | one_heading | one_syn
}

# one_syn: likewise, where its arrival stands in a row of its own
one_syn() {
	awk '
		syn && / SYN [^ ]* SYN_RECV$/ { print syn " SYN_RECV"; syn = ""; next }
		{ if (syn) print syn; syn = "" }
		/ SYN_SENT .* SYN [^ ]*$/ { syn = $0; next }
		{ print }
		END { if (syn) print syn }
	'
}

# one_heading: where a SYN takes longer than the ladder waits for a row's other end, the SYN stands below a
# heading of its own, which does not know the server, or not the client's port; as if it had been in time
one_heading() {
	awk '
		/^ *client[?]? / {
			if (waits) { late = syn; held = "" }
			heading = 1; early = waits = 0
		}
		heading && /:[*] |not seen here/ { early = 1 }
		heading && /^    0[.]000000/ {
			syn = $0 "\n"; held = held late syn; late = ""
			heading = 0; waits = early && /SYN_SENT/
			if (!waits) { printf "%s", held; held = "" }
			next
		}
		{ held = held $0 "\n" }
		waits && /^$/ { next }
		!heading { printf "%s", held; held = ""; waits = 0 }
		END { printf "%s", held }
	'
}

# without_waits: leaves out of verdicts what a fast machine does not do for a millisecond
without_waits() {
	sed -E 's/ (·|-) (CLOSE_WAIT|FIN_WAIT2) some time at (client|server)//g'
}

# in_glyphs: an expected ladder, in the characters that the locale here has
in_glyphs() {
	if [ "$live_utf8" = yes ]; then
		cat
	else
		sed -e 's/─/-/g' -e 's/╌/./g' -e 's/◀/</g' -e 's/▶/>/g' -e 's/⋮/:/g' -e 's/·/-/g'
	fi
}

# matches GOT WANT...: is it the same as one of them?
matches() {
	live_got=$1
	shift
	for live_want; do
		cmp -s "$live_got" "$live_want" && return
	done
	diff "$live_want" "$live_got" >difference
	show difference || fail "$live_got is not as expected (< expected, > came)"
}

# ---- one script ----------------------------------------------------------------------------------

live_locale() {
	export LC_ALL=C.UTF-8
	live_utf8=no
	for live_path in /usr/lib/locale/C.utf8 /usr/lib/locale/C.UTF-8; do
		[ ! -e "$live_path" ] || live_utf8=yes
	done
}

live_programs() {
	live_build=${BUILD:-build}
	live_lib=$(cd "${0%/*}/../lib" && pwd)
	case $live_build in
	/*) ;;
	*) live_build=${live_lib%/*/*}/$live_build ;;
	esac
	trace_program=$live_build/tcpstate-trace
	live_hooks=${LIVE_HOOKS:+--hooks=$LIVE_HOOKS}
	server_program=$live_build/echo-server
	client_program=$live_build/echo-client
	for live_path in "$trace_program" "$server_program" "$client_program"; do
		[ -x "$live_path" ] && continue
		echo "not ok - $live_name: $live_path is missing: build it first"
		exit 1
	done
}

live_tidy() {
	exec 8>&- 9>&-
	stop_all
	cd /
	unseen_close
	rm -rf "$live_dir"
}

# live_begin "$@": the script goes on in namespaces of its own ($live_unshare, options of unshare(1)).
live_begin() {
	if [ "$(id -u)" != 0 ]; then
		echo "skip - $live_name: tracing needs root"
		exit 0
	fi
	if [ "${LIVE_INSIDE-}" != "$live_name" ]; then
		export LIVE_INSIDE="$live_name"
		# In a chroot that is no mount point, no mount namespace can be made.
		# shellcheck disable=SC2086
		if ! why=$(unshare $live_unshare -- true 2>&1); then
			echo "skip - ${live_name%.sh}: $why"
			exit 0
		fi
		# shellcheck disable=SC2086
		exec unshare $live_unshare -- ${LIVE_SHELL:-/bin/sh} "$0" "$@"
	fi
	live_only=${1-}
	live_pids='' live_passed=0 live_failed=0 live_skips=0
	unset COLUMNS NO_COLOR SUDO_UID SUDO_GID SUDO_USER
	live_pause=0.02
	[ -z "${LIVE_GUEST-}" ] || live_pause=0.2
	live_locale
	live_programs
	live_interruptible='' interrupt=TERM
	if env --default-signal=INT true 2>/dev/null; then
		live_interruptible='env --default-signal=INT' interrupt=INT
	fi
	# those of three lanes differ, and those 1000 above them; below those that the kernel gives to clients
	port=$((21000 + ${LIVE_LANE:-0} * 3900 + $$ % 70 * 40))
	live_dir=$(mktemp -d) || exit 1
	trap live_tidy EXIT
	trap 'exit 130' INT TERM HUP
	ip link set lo up || exit 1
	# shellcheck source=tests/lib/unseen.sh
	. "$live_lib/unseen.sh"
	unseen_open "$live_dir"
}

# user_test NAME FUNCTION: live_test for what no kernel changes; a guest, where all is slow, leaves it out
user_test() {
	[ -n "${LIVE_GUEST-}" ] || live_test "$@"
}

# live_run FUNCTION: with a directory and a port of its own
live_run() {
	live_why='' live_skipped='' client='' server='' tracer=''
	port=$((port + 1))
	rm -rf "$live_dir/test" "$live_dir/shown"
	mkdir "$live_dir/test"
	cd "$live_dir/test" || exit 1
	unseen_before=
	unseen_begin "${live_port:-$port}"
	"$1" || [ -n "$live_skipped" ] || fail "no reason given"
	exec 8>&- 9>&-
	stop_all
	$live_after
	cd "$live_dir" || exit 1
	[ -z "$live_why" ]
}

# live_test NAME FUNCTION: $live_attempt is 1, or more where something was kept from the tracer before (unseen.sh);
# $live_after tidies up, $live_port is its port where that is not $port
live_attempt=1 live_after=: live_port=
live_test() {
	case $1 in
	*"$live_only"*) ;;
	*) return ;;
	esac
	live_attempt=1
	until live_run "$2" || [ "$live_attempt" = 5 ] || ! unseen_found; do
		echo "# $1, again: $live_why; $unseen"
		live_attempt=$((live_attempt + 1))
	done
	if [ -n "$live_why" ]; then
		live_failed=$((live_failed + 1))
		echo "not ok - $1: $live_why"
		[ ! -e shown ] || cat shown
	elif [ -n "$live_skipped" ]; then
		live_skips=$((live_skips + 1))
		echo "skip - $1: $live_skipped"
	else
		live_passed=$((live_passed + 1))
		echo "ok - $1"
	fi
}

live_end() {
	echo "$live_passed passed, $live_failed failed, $live_skips skipped"
	[ "$live_failed" = 0 ]
}
