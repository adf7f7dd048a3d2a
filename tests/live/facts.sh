#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# facts.sh: what the kernel side tells of sockets beside their edges: which call made one, what it left unread, who
# came to use it, why a RST went out. build/facts does one deed at a time, build/records prints what was seen of it;
# what is made of that is the business of other tests.

# shellcheck disable=SC2086,SC2119 # functions whose arguments are optional, and words
# shellcheck source=tests/lib/live.sh
. "${0%/*}/../lib/live.sh"
live_begin "$@"
records=$live_build/records
facts=$live_build/facts

# ---- deeds, and what was told --------------------------------------------------------------------

# deed NAME: is done on a port of its own, $at; false if it cannot be done here
deed() {
	at=$((at + 1))
	deed=$1
	timeout 20 "$facts" $at "$1" 2>facts.err
	case $? in
	0) ;;
	77) return 1 ;;
	*) show facts.err || fail "$1: it failed" ;;
	esac
}

# no_luck REASON: the deed's records are shown
no_luck() {
	lines >deed
	show deed || fail "$deed: $1"
}

# read_all: the records of the trace so far, one a line, in the file all
read_all() {
	"$records" seen.rec >all
}

# lines WORD...: the records of the last deed's connection or socket that have all these words. +FLAG is one of flags=,
# -FLAG is none of them.
lines() {
	awk -v port="$at" -v words="$*" '
		BEGIN { n = split(words, word, " ") }
		{
			flags = sk = ""
			for (i = 1; i <= NF; i++) {
				if ($i ~ /^sk=|^mini=/) sk = $i
				if ($i ~ /^flags=/) flags = "," substr($i, 7) ","
			}
			if (/ local=/) mine[sk] = index($0, ":" port " ")
			if (!mine[sk]) next
			for (i = 1; i <= n; i++) {
				sign = substr(word[i], 1, 1)
				if (sign == "+" || sign == "-") {
					if (!index(flags, "," substr(word[i], 2) ",") != (sign == "-")) next
				} else if (!index(" " $0 " ", " " word[i] " ")) next
			}
			print
		}' all
}

# is_told WORD...: is there such a record?
is_told() {
	wait_until is_there "$@" || no_luck "there is no record with $*"
}

is_there() {
	read_all
	[ -n "$(lines "$@")" ]
}

is_not_told() {
	read_all
	[ -z "$(lines "$@")" ] || no_luck "there is a record with $*"
}

# begin [OPTION...]: the trace, of the ports from $port on
begin() {
	at=$port
	port=$((port + 20))
	start_trace seen --record seen.rec --port "$at-$port" "$@"
}

# ---- which call ----------------------------------------------------------------------------------

closes='from=ESTABLISHED to=FIN_WAIT1'

calls() {
	begin || return
	deed close
	is_told to=SYN_SENT call=CONNECT +ACTOR -RELEASED -KERNEL comm=facts || return
	is_told to=LISTEN call=LISTEN +REUSEADDR -REUSEPORT || return
	is_told $closes call=CLOSE +RELEASED -EXITING unread=0 || return
	deed shutdown
	is_told $closes call=SHUTDOWN shutdown=2 -RELEASED || return
	deed shutdown-both
	is_told $closes call=SHUTDOWN shutdown=3 -RELEASED || return
	deed dup
	is_told $closes call=DUP +RELEASED || return
	deed exec
	is_told $closes call=EXEC +RELEASED -EXITING || return
	deed exit
	is_told $closes call=NONE +EXITING +RELEASED || return
	deed close-twice
	is_told $closes call=SHUTDOWN -RELEASED || return
	deed disconnect
	is_told from=ESTABLISHED to=CLOSE call=CONNECT -RELEASED || return
	end_trace
}

closes_range() {
	begin || return
	deed close-range || skip "there is no close_range() here" || return
	is_told $closes call=CLOSE_RANGE +RELEASED || return
	end_trace
}

calls_of_32_bit() {
	begin || return
	deed close-i386 || skip "32-bit programs cannot run here" || return
	is_told $closes call=CLOSE +COMPAT +RELEASED || return
	deed shutdown-i386
	is_told $closes call=SHUTDOWN +COMPAT -RELEASED || return
	end_trace
}

calls_of_io_uring() {
	begin || return
	deed uring-close || skip "there is no io_uring here" || return
	is_told $closes +RELEASED || return
	deed uring-shutdown || {
		skip "io_uring has no shutdown here"
		return
	}
	is_told $closes shutdown=3 -RELEASED || return
	end_trace
}

# ---- what a socket has ---------------------------------------------------------------------------

options() {
	begin || return
	deed unread
	is_told from=ESTABLISHED to=CLOSE call=CLOSE unread=5 +RELEASED -LINGER_0 || return
	deed read-all
	is_told from=CLOSE_WAIT to=LAST_ACK call=CLOSE unread=0 +PEER_FIN || return
	deed linger
	is_told from=ESTABLISHED to=CLOSE call=CLOSE +LINGER_0 || return
	deed options
	is_told $closes +KEEPALIVE +USER_TIMEOUT +REUSEPORT -REUSEADDR || return
	is_told MINI what=BORN +REUSEPORT -REUSEADDR || return
	deed v6only
	is_told to=LISTEN family=10 +V6ONLY || return
	end_trace
}

# ---- in numbers ----------------------------------------------------------------------------------

numbers() {
	begin || return
	deed count
	is_told COUNTED $closes sent=50000 received=3000 unsent=0 unacked=0 retrans=0 || return
	is_told COUNTED from=ESTABLISHED to=CLOSE_WAIT sent=3000 received=50000 || return
	is_told COUNTED from=CLOSE_WAIT to=LAST_ACK sent=3000 received=50000 retries=8 || return
	is_told COUNTED from=FIN_WAIT1 to=FIN_WAIT2 sent=50000 received=3000 unsent=0 unacked=0 || return
	is_told COUNTED from=LAST_ACK to=CLOSE sent=3000 received=50000 unsent=0 unacked=0 || return
	is_told STATE to=SYN_SENT || return
	is_not_told COUNTED to=ESTABLISHED || return
	deed fill
	is_told COUNTED $closes received=0 retries=8 || return
	is_not_told COUNTED $closes unsent=0 || return
	deed shutdown
	is_told COUNTED $closes retries=15 || return
	end_trace
}

# ---- trouble -------------------------------------------------------------------------------------

resends() {
	begin || return
	deed resend-syn
	is_told RESENT state=SYN_SENT segment=S times=1 || return
	deed resend-fin
	is_told RESENT state=FIN_WAIT1 segment=FA times=1 retries=15 || return
	is_told RESENT state=FIN_WAIT1 segment=FA times=2 || return
	deed count
	is_told to=LAST_ACK || return
	is_not_told RESENT || return
	end_trace
}

# says_why: do RSTs have reasons here?
says_why() {
	[ "$why" = yes ]
}

resets() {
	begin || return
	deed unread
	is_told RESET answers=0 || return
	why=no
	lines RESET reason=NONE >none
	[ -s none ] || why=yes
	! says_why || is_told RESET reason=UNREAD answers=0 || return
	deed linger
	is_told RESET state=CLOSE answers=0 || return
	! says_why || is_told RESET reason=STATE answers=0 || return
	deed disconnect
	is_told RESET answers=0 || return
	deed keepalive
	is_told RESET answers=0 || return
	! says_why || is_told RESET reason=KEEPALIVE || return
	deed nobody
	if says_why; then
		is_told RESET sk=0 reason=NO_SOCKET local=127.0.0.1:$at answers=1 || return
		deed send-late
		is_told RESET reason=DATA remote=127.0.0.1:$at answers=1 || return
	fi
	deed close
	is_told to=LAST_ACK || return
	is_not_told RESET || return
	end_trace
}

overflows() {
	begin --hooks=$hooks || return
	deed overflow-later
	is_told OVERFLOW waiting=1 room=0 || return
	if [ $hooks = fentry ]; then
		deed overflow
		is_told OVERFLOW waiting=1 room=0 times=1 || return
		[ "$(lines OVERFLOW | wc -l)" = 1 ] || no_luck "more than one a second" || return
	fi
	deed close
	is_told to=LAST_ACK || return
	is_not_told OVERFLOW || return
	end_trace
}

limits() {
	ports=/proc/sys/net/ipv4/ip_local_port_range
	default=$(cat $ports)
	begin || return
	deed close
	is_told to=LAST_ACK || return
	deed close
	is_told to=LAST_ACK || return
	counts 1 all LIMITS || show all || fail "the limits are not told once" || return
	has all "ports=${default%	*}-${default#*	}" || show all || fail "the ports are not told" || return
	echo "40000 41000" >$ports
	deed close
	wait_until are_told "ports=40000-41000"
	told=$?
	echo "$default" >$ports
	[ $told = 0 ] || show all || fail "a change is not told" || return
	counts 2 all LIMITS || show all || fail "the limits are not told once more" || return
	end_trace
}

are_told() {
	read_all
	grep -q "^LIMITS .* $1 fin_ms=60000 .* syn_retries=6 retries2=15 orphan_retries=8$" all
}

# ---- who uses it ---------------------------------------------------------------------------------

# has_owners N [WORD...]: have so many been told of?
has_owners() {
	wanted=$1
	shift
	read_all
	[ "$(lines OWNER "$@" | wc -l)" = "$wanted" ] || no_luck "not $wanted owners with $*"
}

owners() {
	begin --hooks=$hooks || return
	accepts=0
	[ $hooks = tracepoint ] || accepts=1
	deed read
	is_told from=LISTEN to=CLOSE || return
	has_owners 1 || return
	has_owners $accepts how=ACCEPT comm=facts || return
	deed fork
	is_told from=LISTEN to=CLOSE || return
	has_owners $((1 + accepts)) || return
	deed pass
	is_told from=LISTEN to=CLOSE || return
	has_owners $((1 + 2 * accepts)) || return
	deed fork-often
	is_told from=LISTEN to=CLOSE || return
	has_owners $((8 + accepts)) || return
	end_trace
}

live_test "which call makes an edge, and whether the descriptor is gone" calls
live_test "close_range()" closes_range
live_test "calls of a 32-bit program" calls_of_32_bit
live_test "calls by io_uring" calls_of_io_uring
live_test "what a socket has when it is closed" options
live_test "what is counted is the application's bytes" numbers
live_test "a SYN and a FIN that are sent again" resends
live_test "RSTs, and why" resets
live_test "the limits of a namespace, once and when they change" limits
for hooks in tracepoint fentry; do
	if ! can_use $hooks; then
		echo "skip - $hooks: $(head -n 1 "$live_dir/can.out")"
		continue
	fi
	live_test "$hooks: a listener without room" overflows
	live_test "$hooks: each new reader is told of once, up to eight" owners
done
live_end
