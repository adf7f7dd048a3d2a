#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# usage.sh: wrong command lines: one sentence on stderr that says what is wrong, status 2, nothing on stdout.

# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"

# wrong TEXT ARGUMENT...: the tracer with these arguments says this text
wrong() {
	text=$1
	shift
	says 2 "$text" "$trace_program" "$@" || return
	[ "$(cut -c 1-16 says.err)" = "tcpstate-trace: " ] || show says.err ||
		fail "'$*': it does not begin with its name"
}

wrong_ports() {
	for option in -P -L -D --port --localport --remoteport; do
		for ports in 80abc 0 65536 '' 80,,81 90-80 '80,' ,80 -80 80- 80-81-82 ' 80' +80 1-65536 \
			99999999999999999999; do
			wrong "is no port: write numbers from 1 to 65535" "$option" "$ports" || return
		done
	done
	wrong "--port: '80abc' is no port" -P 80abc || return
	wrong "--port: '80abc' is no port" --port=80abc || return
	wrong "--port: 'x' is no port" -P 80,x,81 || return
	wrong "--localport: '0' is no port" -L 0 || return
	wrong "--remoteport: '90-80' is no port" -D 90-80
}

missing_values() {
	for option in -P --port -L --localport -D --remoteport --host -p --pid --cgroup -N --netns --state -o \
		--output --color -c --count -d --duration --max-connections --record --hooks --ready-fd \
		--close-wait-warn; do
		wrong " needs its " "$option" || return
		wrong " needs its " -H "$option" || return
	done
	wrong "--port needs its LIST: --port LIST" -P || return
	wrong "--port needs its LIST: --port LIST" -wP || return
	wrong "--port needs its LIST: --port LIST" -w --por || return
	wrong "--duration needs its SECONDS: --duration SECONDS" -P 80 -d
}

unknown_options() {
	wrong "unknown option '--frob': tcpstate-trace --help lists those there are" --frob || return
	wrong "unknown option '--frob=1'" --frob=1 || return
	wrong "unknown option '-x'" -x || return
	wrong "unknown option '-wxH'" -wxH || return
	wrong "unknown option '-Hx'" -P 80 -Hx || return
	wrong "unknown option '--frob'" -P 80 --frob -H || return
	wrong "unknown option '-\\x1b[2J'" "$(printf -- '-\033[2J')"
}

values_not_taken() {
	wrong "takes no value: write it alone" --wide=1 || return
	wrong "--no-header takes no value" --no-header=yes
}

wrong_states() {
	for states in frob '' 'time-wait,' ,listen time_wait,frob 06; do
		wrong "is no TCP state: write names as ESTABLISHED, fin-wait-1 or TIME_WAIT" \
			--state "$states" || return
	done
	wrong "--state: 'frob' is no TCP state" --state listen,frob
}

wrong_hosts() {
	for host in frob '' 10.0.0 10.0.0.256 10.0.0.0/33 ::1/129 10.0.0.0/ 10.0.0.0/-1 10.0.0.0/8x \
		::1::2 '[::1]' localhost; do
		wrong "--host: '$host' is no address or network" --host "$host" || return
	done
	set --
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 \
		34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65; do
		set -- "$@" --host 10.0.0.$i
	done
	wrong "name a network, as 10.0.0.0/8" "$@"
}

# Those that are not there are owner.sh's matter: it takes a mount.
wrong_cgroups() {
	for cgroups in '' ',' 'a,' ',a' 'a,,b'; do
		wrong "--cgroup: an empty path: write / for all cgroups" --cgroup "$cgroups" || return
	done
	wrong "--cgroup: a path of 256 bytes: at most 255 can be told apart" \
		--cgroup "$(printf %0256d 0)" || return
	wrong "--cgroup: more than 64 cgroups: name one above them" \
		--cgroup "$(yes a | head -n 65 | tr '\n' , | sed 's/,$//')"
}

wrong_words() {
	wrong "exclude each other" -4 -6 || return
	wrong "exclude each other" -46 || return
	for form in frob '' Ladder ladders; do
		wrong "'$form' is no form of output: write ladder, table, json or csv" -o "$form" || return
	done
	for when in frob '' yes Always; do
		wrong "--color: '$when': write auto, always or never" --color="$when" || return
	done
	for hooks in frob '' nothing Auto; do
		wrong "--hooks: '$hooks': write auto, fentry, tracepoint or none" --hooks="$hooks" || return
	done
}

wrong_numbers() {
	for number in 0 -1 x '' 1.5 4294967296 99999999999999999999; do
		wrong "--count: '$number' is not a number from 1 to 4294967295" -c "$number" || return
	done
	for number in 0 -1 x '' 0.0 1.x 1.1234567891 . 1e3 99999999999999999999; do
		wrong "--duration: '$number': write seconds, as 10 or 0.5" -d "$number" || return
		wrong "--close-wait-warn: '$number': write seconds, as 10 or 0.5" --close-wait-warn "$number" || return
	done
	for number in 0 15 x '' 16777217; do
		wrong "--max-connections: '$number' is not a number from 16 to 16777216" \
			--max-connections "$number" || return
	done
	for size in 0 x '' 1.5 64k -1 99999999999999999999; do
		wrong "--ring: '$size' is no size: write bytes, or 64K, 10M, 2G" --ring "$size" || return
	done
	for size in 1 63K 65535 1025M 2G; do
		wrong "--ring: '$size' is out of range: write a size from 64K to 1G" --ring "$size" || return
	done
	wrong "--ring is for tracing: leave it out with replay" replay --ring 1M x.rec || return
	for number in 0 x '' -5 2147483648; do
		wrong "--pid: '$number' is not a number from 1 to 2147483647" -p "$number" || return
		wrong "--pid: '$number' is not a number from 1 to 2147483647" -p "1,$number" || return
		wrong "--pid: '$number' is not a number from 1 to 2147483647" -p "$number,1" || return
	done
	for number in x '' -1 65536; do
		wrong "--ready-fd: '$number' is not a number from 0 to 65535" --ready-fd "$number" || return
	done
	wrong "--ready-fd: descriptor 77 is not open" --ready-fd 77
}

wrong_verbs() {
	wrong "replay needs a recording" replay || return
	wrong "replay needs a recording" -H replay || return
	wrong "no command behind --" -- || return
	wrong "no command behind --" -P 80 -- || return
	wrong "unexpected argument 'frob': a command to trace goes behind --" frob || return
	wrong "unexpected argument 'frob'" -P 80 frob || return
	wrong "unexpected argument 'curl'" -P 80 curl example.org || return
	wrong "unexpected argument '\\x1b[2J'" "$(printf '\033[2J')" || return
	wrong "replay runs no command" replay x.rec -- true || return
	wrong "replay reads recordings: leave out --record" replay x.rec --record y.rec || return
	wrong "--wait-timewait goes with -- COMMAND" --wait-timewait || return
	wrong "--user goes with -- COMMAND" --user root || return
	! [ -e y.rec ] || fail "a recording was begun"
}

# What is very long or hostile is cut and escaped.
hostile_words() {
	long=$(printf '%1000s' '' | tr ' ' x)
	wrong "is no port" -P "$long" || return
	[ "$(wc -c <says.err)" -le 300 ] || fail "a word of 1000 bytes is repeated in full" || return
	wrong "is no port" -P "$(printf '80\n\033[31m')" || return
	wrong "is no address" --host "$(printf 'a\nb')" || return
	wrong "is no TCP state" --state "$(printf 'a\nb')" || return
	wrong "is no form" -o "$(printf 'a\nb')" || return
	! LC_ALL=C grep -q "$(printf '\033')" says.err || fail "an escape sequence came out raw"
}

not_root() {
	set -- setpriv --reuid 65534 --regid 65534 --clear-groups --
	"$@" true 2>/dev/null || skip "setpriv cannot change the user here" || return
	cp "$trace_program" ./tracer
	chmod 755 . .. ./tracer
	"$@" ./tracer --version >/dev/null 2>&1 || skip "nobody cannot run the tracer here" || return
	says 1 "tcpstate-trace: tracing needs root: run it with sudo" "$@" ./tracer -P "$port" || return
	says 1 "tcpstate-trace: tracing needs root: run it with sudo" \
		"$@" ./tracer -P "$port" -- sh -c ': >ran' || return
	! [ -e ran ] || fail "the command ran" || return
	# What is wrong with the command line is said first, and help needs no rights.
	says 2 "is no port" "$@" ./tracer -P 80abc || return
	"$@" ./tracer --help >help || fail "--help failed"
}

asks_for_help() {
	for option in -h --help; do
		"$trace_program" $option >help 2>help.err || fail "$option failed" || return
		! [ -s help.err ] || show help.err || fail "$option wrote to stderr" || return
		grep -qi '^examples' help || show help || fail "$option shows no examples" || return
		sed -n '/^EXAMPLES/,$p' help | sed 1d | grep -v '^$' >examples
		grep -c . examples >/dev/null || fail "there is no example" || return
		! grep -qv 'tcpstate-trace' examples || show help ||
			fail "$option does not end with the examples" || return
		for word in --port --state --record --ready-fd replay features; do
			has help "$word" || show help || fail "$option does not tell of $word" || return
		done
		longest=$(awk '{ if (length > most) most = length } END { print most }' help)
		[ "$longest" -le 80 ] || show help || fail "a line has $longest columns" || return
	done
	for option in -V --version; do
		"$trace_program" $option >version || fail "$option failed" || return
		grep -qE '^tcpstate-trace [0-9]+\.[0-9]+' version || show version ||
			fail "$option shows no version" || return
	done
}

live_test "ports" wrong_ports
live_test "options without their values" missing_values
live_test "unknown options" unknown_options
live_test "values where none are taken" values_not_taken
live_test "states" wrong_states
live_test "hosts and networks" wrong_hosts
live_test "cgroups" wrong_cgroups
live_test "words of choice" wrong_words
live_test "numbers" wrong_numbers
live_test "commands, recordings, stray arguments" wrong_verbs
live_test "long and hostile words" hostile_words
live_test "not as root" not_root
live_test "-h and -V" asks_for_help
live_end
