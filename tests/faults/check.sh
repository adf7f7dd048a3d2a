#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh [EVERY]: each allocation and each system call of the program fails in turn, see walk.c; of what traces, and is
# slow to begin, each EVERYth (default: 16). Two walks at a time; one alone: check.sh EVERY WHAT FAULT.
#
# Of -h and -V no allocation fails: glibc's argp would abort.
set -u
cd "$(dirname "$0")/../.." || exit
build=$PWD/${BUILD:-build}
recording=$PWD/tests/golden/server-killed.rec
export LC_ALL=C TZ=UTC
unset COLUMNS NO_COLOR
port=23999

# options FAULT: of walk.c
options() {
	case $1 in
	call) ;;
	interruption) echo -i ;;
	allocation) echo -a ;;
	memory) echo -a -f ;; # all of it, from there on
	esac
}

# walk FAULT OPTION... -- NAME PROGRAM...
walk() {
	fault=$1
	shift
	# shellcheck disable=SC2046 # options are words
	"$build/faults" $(options "$fault") "$@"
}

# replay WHAT FAULT BUILD WORD
replay() {
	case $1 in
	svg) walk "$2" -k it.svg -- "replay --svg, $2$4" "$3/tcpstate-trace" replay --svg it.svg "$recording" ;;
	summary) walk "$2" -- "replay --summary, $2$4" "$3/tcpstate-trace" replay --summary "$recording" ;;
	*) walk "$2" -- "replay -o $1, $2$4" "$3/tcpstate-trace" replay -o "$1" "$recording" ;;
	esac
}

# traced WHAT FAULT: in a network namespace of its own with a server that listens
traced() {
	here=--netns=/proc/self/ns/net
	name="$1, $2, each ${every}th"
	case $1 in
	snapshot) walk "$2" -e "$every" -- "$name" "$build/tcpstate-trace" snapshot $here ;;
	record)
		walk "$2" -e "$every" -d -m 2 -k it.rec -- "$name" \
			"$build/tcpstate-trace" $here --hooks=none --record it.rec -d 0.05
		;;
	metrics)
		walk "$2" -e "$every" -d -c -- "$name" "$build/tcpstate-trace" $here --hooks=none --metrics 9919 -- \
			sh -c "'$build/visitor' 9919 get GET /metrics >/dev/null 2>&1; :"
		;;
	command)
		walk "$2" -e "$every" -d -c -- "$name" "$build/tcpstate-trace" $here -o ladder -- \
			sh -c "'$build/echo-client' --send hello 127.0.0.1 $port 2>/dev/null"
		;;
	esac
}

begin_server() {
	ip link set lo up
	said=$(mktemp)
	"$build/echo-server" $port >"$said" 2>&1 </dev/null &
	server=$!
	until grep -q 'listening on' "$said" || ! kill -0 $server 2>/dev/null; do
		sleep 0.02
	done
	rm -f "$said"
}

every=${1:-16}
case $#,${2:-} in
4,*) # within its namespace
	begin_server
	traced "$2" "$3"
	kill "$server"
	exit
	;;
3,replay-*) replay "${2#replay-}" "$3" "$build" "" ;;
3,asan-*) # what goes on behind a fault touches nothing that is not there
	export ASAN_OPTIONS=verify_asan_link_order=0:allocator_may_return_null=1
	replay "${2#asan-}" "$3" "$build/san" ", with AddressSanitizer"
	;;
3,help) walk "$3" -- "--help, $3" "$build/tcpstate-trace" --help ;;
3,*)
	if [ "$(id -u)" != 0 ]; then
		echo "skip - $2, $3: tracing needs root"
	else
		unshare --net sh "$0" "$every" "$2" "$3" inside
	fi
	;;
*)
	cat <<-END | xargs -P 2 -L 1 "$0" "$every"
		command call
		command allocation
		record call
		record allocation
		record memory
		metrics call
		metrics allocation
		snapshot call
		snapshot allocation
		snapshot memory
		command memory
		command interruption
		replay-svg call
		replay-svg allocation
		replay-svg memory
		replay-svg interruption
		replay-table call
		replay-table allocation
		replay-table memory
		replay-table interruption
		replay-json call
		replay-json allocation
		replay-json memory
		replay-json interruption
		replay-summary call
		replay-summary allocation
		replay-summary memory
		asan-table allocation
		asan-svg allocation
		asan-svg memory
		help call
	END
	;;
esac
